"""What the bench's page says, in both languages."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("设备试验台", "Device bench"),
    "lead": ("线路另一端的模拟设备，收发真实字节", "Simulated devices at the other end of the wire; real bytes"),
    "lang": ("English", "中文"),
    "printer": ("小票打印机", "Ticket printer"),
    "signs": ("叫号屏", "Counter signs"),
    "speaker": ("语音播报", "Announcements"),
    "screen": ("自助机屏幕", "Kiosk screen"),
    "screen.none": (
        "自助机用的是真实显示器。用 kiosk run --headless 启动，屏幕会显示在这里。",
        "The kiosk is on a real display. Start with kiosk run --headless to see its screen here.",
    ),
    "no_paper_yet": ("还没有打印过", "Nothing has been printed yet"),
    "no_sound_yet": ("还没有播报过", "Nothing has been said yet"),
    "take": ("取走小票", "Take the paper"),
    "taken": ("已取走", "Taken"),
    "bytes": ("字节", "bytes"),
    "autoplay": ("自动放出声音", "Play aloud"),
    "ok": ("正常", "All well"),
    "lost": ("试验台没有应答", "The bench does not answer"),
    "fault.": ("恢复正常", "All well again"),
    "fault.paper_end": ("没有纸", "No paper"),
    "fault.paper_low": ("纸将尽", "Paper low"),
    "fault.cover_open": ("打开盖子", "Open the cover"),
    "fault.cutter": ("切刀卡住", "Jam the cutter"),
    "fault.silent": ("不应答", "Silent"),
    "fault.unplug": ("拔线", "Unplug"),
    "fault.unplugged": ("拔线", "Unplug"),
    "fault.cut": ("播放中断线", "Cut while playing"),
    "fault.dead": ("一块屏断电", "One sign dead"),
    "fault.bad_ack": ("应答出错", "Bad answers"),
    "fault.refuse": ("拒绝", "Refuse"),
}


def say(lang: str, key: str) -> str:
    return WORDS[key][lang == "en"]


def fault_name(lang: str, fault: str) -> str:
    """A fault in words; one this table does not know is shown by its own name."""
    key = f"fault.{fault}"
    return say(lang, key) if key in WORDS else fault
