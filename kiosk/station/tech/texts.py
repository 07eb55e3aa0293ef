"""Every word of the technician's page, in both languages; `{}` takes what `say` is given, in order."""

from __future__ import annotations

from typing import Final

from kiosk.station import pages_text
from kiosk.station.pages_text import Lang

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title": ("技术维护", "Technician"),
    "login": ("技术人员登录", "Technician log-in"),
    "nav.devices": ("设备", "Devices"),
    "nav.lines": ("线路", "Lines"),
    "nav.network": ("网络", "Network"),
    "nav.config": ("配置", "Config"),
    "nav.checks": ("自检", "Checks"),
    "nav.wizard": ("向导", "Wizard"),
    # devices
    "since": ("自 {} 起", "since {}"),
    "busy": ("工作", "At work"),
    "fault": ("故障", "Fault"),
    "lost": ("断开", "Lost"),
    "lost.n": ("{} 次", "{}×"),
    "minutes": ("{} 分", "{} min"),
    "test.print": ("打印测试", "Print a test"),
    "test.show": ("显示测试", "Show a test"),
    "test.speak": ("播放测试", "Speak a test"),
    "test.press": ("等按键（15 秒）", "Wait for a press (15 s)"),
    "test.rate": ("等评价（15 秒）", "Wait for a rating (15 s)"),
    "test.scan": ("等扫码（15 秒）", "Wait for a scan (15 s)"),
    "test.read": ("等刷卡（15 秒）", "Wait for a card (15 s)"),
    "test.photo": ("拍照", "Take a photo"),
    "log": ("线路记录", "Wire log"),
    "log.title": ("{} 的线路记录", "Wire log of {}"),
    "log.empty": ("线路上还没有数据。", "Nothing was on the wire yet."),
    "log.how": (
        "秒 · 方向（> 发给设备，< 来自设备）· 字节",
        "seconds · way (> to the device, < from it) · bytes",
    ),
    "restart": ("重启设备", "Restart"),
    "volume": ("音量", "Volume"),
    "brightness": ("亮度", "Brightness"),
    "set": ("设定", "Set"),
    "done": ("完成", "done"),
    "not_done": ("没有成功", "not done"),
    "unknown": ("没有确认", "not confirmed"),
    "none": ("这台机器没有配置设备。", "No device is configured on this box."),
    "state.ready": ("正常", "ready"),
    "state.busy": ("工作中", "busy"),
    "state.degraded": ("需留意", "degraded"),
    "state.fault": ("故障", "fault"),
    "state.backoff": ("连不上", "not reached"),
    "state.absent": ("未启动", "absent"),
    "state.starting": ("启动中", "starting"),
    "class.printer": ("打印机", "printer"),
    "class.sign": ("叫号屏", "signs"),
    "class.voice": ("语音", "voice"),
    "class.keypad": ("叫号键盘", "keypads"),
    "class.rating": ("评价器", "rating pads"),
    "class.scanner": ("扫码器", "scanner"),
    "class.idcard": ("读卡器", "card reader"),
    "class.camera": ("摄像头", "camera"),
    "class.contact": ("开关量", "contacts"),
    "class.bus": ("总线", "bus"),
    # lines
    "lines.how": (
        "选一条空闲线路，或写一个网络地址，看看上面是什么设备。只问，不改。",
        "Choose a free line, or write an address: what speaks there? Only asks, changes nothing.",
    ),
    "lines.where": ("线路", "Line"),
    "lines.look": ("查找", "Look"),
    "lines.taken": ("由 {} 使用", "used by {}"),
    "lines.none": ("没有认出设备。下面是线路上的字节。", "No device was recognised. These bytes were on the line."),
    "lines.found": ("找到了", "Found"),
    "lines.bytes": ("线路上的字节", "Bytes on the line"),
    # network
    "net.host": ("主机名", "Host"),
    "net.addresses": ("地址", "Addresses"),
    "net.central": ("中心", "Central"),
    "net.ok": ("{} 毫秒应答", "answers in {} ms"),
    "net.none": ("没有设中心", "none is set"),
    "pair.title": ("与中心配对", "Pair with central"),
    "pair.url": ("中心地址", "Address of central"),
    "pair.code": ("8 位配对码", "Pairing code, 8 digits"),
    "pair.go": ("配对并重启", "Pair and restart"),
    "pair.done": ("已配对：{}。本机正在重启。", "Paired: {}. The box starts anew."),
    # config
    "cfg.try": ("试用（60 秒）", "Try it (60 s)"),
    "cfg.how": (
        "先检查，全部正确才重启试用；60 秒内不确认就自动恢复。",
        "Checked first; tried after a restart only if all is right; without a confirmation within 60 s it goes back.",
    ),
    "cfg.mistakes": ("{} 处错误，没有改动：", "{} mistakes, nothing was changed:"),
    "cfg.line": ("{} 第 {} 行", "{} line {}"),
    "cfg.trial": ("正在试用新配置，还剩 {} 秒。", "A new configuration is on trial, {} s are left."),
    "cfg.confirm": ("确认保留", "Keep it"),
    "cfg.rollback": ("立即恢复", "Go back now"),
    "cfg.restarting": ("本机正在重启试用……", "The box starts anew with it …"),
    "cfg.confirmed": ("已确认保留。", "It is kept."),
    "cfg.back": ("已恢复原来的配置。", "The configuration before is back."),
    "origin.base": ("出厂", "base"),
    "origin.box": ("本机", "this box"),
    "origin.central": ("中心", "central"),
    "origin.signed": ("签名", "signed"),
    # checks
    "bundle": ("下载诊断包", "Download the diagnostic bundle"),
    "bundle.how": ("不含客户信息。", "Holds nothing about customers."),
    "restart.station": ("重启工作站", "Restart the station"),
    "restart.screen": ("重启屏幕", "Restart the screen"),
    "restart.done": ("正在重启……", "Starting anew …"),
    "check.ok": ("正常", "ok"),
    "check.warn": ("留意", "look"),
    "check.fail": ("处理", "mend"),
    # wizard
    "wiz.back": ("上一步", "Back"),
    "wiz.anew": ("重新开始", "Start over"),
    "wiz.wait": ("请稍候……", "Please wait …"),
    "wiz.points": (
        "校准要在本机触摸屏上做；这里保持不变。",
        "Calibrate at the touchscreen; from here it stays as it is.",
    ),
    "wiz.step": ("第 {} 步，共 {} 步", "Step {} of {}"),
}


def say(lang: Lang, key: str, *given: object) -> str:
    """A word of this page, else of the station's other pages."""
    if key not in TEXTS:
        return pages_text.say(lang, key, *given)
    return TEXTS[key][1 if lang == "en" else 0].format(*given)
