"""What the bench's page says, in both languages."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("设备试验台", "Device bench"),
    "lead": ("线路另一端的模拟设备，收发真实字节", "Simulated devices at the other end of the wire; real bytes"),
    "lang": ("English", "中文"),
    "printer": ("小票打印机", "Printer"),
    "signs": ("叫号屏", "Signs"),
    "speaker": ("语音播报", "Voice"),
    "keypads": ("按键器", "Keypads"),
    "ratings": ("窗口评价器", "Ratings"),
    "scanner": ("扫码器", "Scanner"),
    "idcard": ("身份证阅读器", "ID cards"),
    "camera": ("摄像头", "Camera"),
    "contact": ("门和按钮", "Doors"),
    "bus": ("RS-485 总线", "RS-485 bus"),
    "screen": ("自助机屏幕", "Kiosk screen"),
    "more": ("更多", "More"),
    "send": ("发送", "Send"),
    "command": ("指令，如 press 1 next", "A command, like press 1 next"),
    # printers
    "no_paper_yet": ("还没有打印过", "Nothing has been printed yet"),
    "take": ("取走小票", "Take"),
    "taken": ("已取走", "Taken"),
    "bytes": ("字节", "bytes"),
    # signs and speakers
    "no_sign_yet": ("还没有写入过任何屏", "No sign has been written to yet"),
    "no_sound_yet": ("还没有播报过", "Nothing has been said yet"),
    "autoplay": ("自动放出声音", "Play aloud"),
    # pads
    "no_pad_yet": ("还没有联系过任何按键器", "No pad has been spoken to yet"),
    "counter": ("号窗口", "Counter"),
    "waiting": ("等候", "waiting"),
    "off": ("无电", "off"),
    "key.next": ("下一位", "Next"),
    "key.recall": ("重呼", "Recall"),
    "key.start": ("开始", "Start"),
    "key.finish": ("完成", "Finish"),
    "key.no_show": ("过号", "No-show"),
    "key.open": ("开窗", "Open"),
    "key.pause": ("暂停", "Pause"),
    "key.close": ("关窗", "Close"),
    "idle": ("待机", "idle"),
    "invited": ("请评价", "rate it"),
    # the others
    "code": ("条码或二维码的内容", "What the code says"),
    "scan": ("扫码", "Scan"),
    "no_scan_yet": ("还没有扫过码", "Nothing has been scanned yet"),
    "lay": ("放上", "Lay down"),
    "take_card": ("拿走", "Take away"),
    "no_card": ("没有放证件", "No card lies here"),
    "card_here": ("证件在读卡区", "A card lies here"),
    "fictional": ("虚构证件", "Fictional card"),
    "reads": ("已读", "read"),
    "no_photo_yet": ("还没有拍过照", "No picture has been taken yet"),
    "pictures": ("张", "pictures"),
    "means.door": ("门", "Door"),
    "means.drawer": ("抽屉", "Drawer"),
    "means.button": ("按钮", "Button"),
    "open": ("开", "open"),
    "closed": ("关", "closed"),
    "pressed": ("按下", "pressed"),
    "released": ("松开", "released"),
    "host": ("主机", "Host"),
    "to_devices": ("发往设备", "to the devices"),
    "to_host": ("发往主机", "to the host"),
    "connected": ("已接上", "connected"),
    "away": ("未接上", "not there"),
    "ok": ("正常", "All well"),
    "lost": ("试验台没有应答", "The bench does not answer"),
    "fault.": ("恢复", "Mend"),
    # the wire's faults
    "fault.silent": ("不应答", "Silent"),
    "fault.slow": ("很慢", "Slow"),
    "fault.one_byte": ("逐字节应答", "Byte by byte"),
    "fault.wrong_checksum": ("校验错误", "Bad checksum"),
    "fault.echo": ("回波", "Echo"),
    "fault.half_close": ("半关闭", "Half closed"),
    "fault.unplug": ("拔线", "Unplug"),
    "fault.unplugged": ("拔线", "Unplug"),
    "fault.deaf": ("不收数据", "Takes nothing"),
    "fault.accepts_never_answers": ("只收不答", "Never answers"),
    # the devices' own
    "fault.paper_end": ("没有纸", "No paper"),
    "fault.paper_low": ("纸将尽", "Paper low"),
    "fault.paper_end_mid_job": ("打印中没纸", "Out in mid-job"),
    "fault.cover_open": ("打开盖子", "Cover open"),
    "fault.cutter": ("切刀卡住", "Cutter jams"),
    "fault.jam": ("卡纸", "Paper jam"),
    "fault.hot": ("过热", "Too hot"),
    "fault.cut": ("播放中断线", "Cut off"),
    "fault.dead": ("一块断电", "One dead"),
    "fault.bad_ack": ("应答出错", "Bad answers"),
    "fault.refuse": ("拒绝", "Refuse"),
    "fault.lost_ack": ("确认丢失", "Lost ack"),
    "fault.bounce": ("按键抖动", "Bounce"),
    "fault.half_code": ("只读一半", "Half a code"),
    "fault.twice": ("重复两次", "Twice"),
    "fault.noise": ("乱码", "Noise"),
    "fault.repeat": ("按键粘住", "Stuck key"),
    "fault.overrun": ("事件丢失", "Lost events"),
    "fault.taken": ("读时拿走", "Taken too soon"),
    "fault.half_answer": ("只答一半", "Half an answer"),
    "fault.self_test": ("自检失败", "Self-test fails"),
    "fault.no_frames": ("没有画面", "No picture"),
    "fault.truncated": ("画面残缺", "Half a picture"),
    "fault.refused": ("拒绝登录", "Login refused"),
    "fault.wrong_type": ("不是图片", "Not a picture"),
    "fault.without_length": ("不报长度", "No length"),
    "fault.snapshot": ("只给单张", "Single pictures"),
    "fault.lost_edge": ("漏报一次", "Lose a change"),
}
# What the page's script says by itself.
SCRIPT: Final = (
    *("waiting", "counter", "off", "idle", "invited", "taken", "bytes", "open", "closed", "pressed", "released"),
    *("no_paper_yet", "no_sign_yet", "no_sound_yet", "no_pad_yet", "no_scan_yet", "no_photo_yet"),
    *("no_card", "card_here", "reads", "pictures", "host", "to_devices", "to_host", "connected", "away"),
    *(key for key in WORDS if key.startswith("key.")),
)


def say(lang: str, key: str) -> str:
    return WORDS[key][lang == "en"]


def of_page(lang: str) -> dict[str, str]:
    return {key: say(lang, key) for key in SCRIPT}


def fault_name(lang: str, fault: str) -> str:
    """A fault in words; one this table does not know is shown by its own name."""
    key = f"fault.{fault}"
    return say(lang, key) if key in WORDS else fault
