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
    "log": ("通信记录", "Wire log"),
    "log.title": ("{} 的通信记录", "Wire log of {}"),
    "log.empty": ("线路上还没有数据。", "Nothing was on the wire yet."),
    "log.how": (
        "时刻 · 方向（> 发给设备，< 来自设备）· 字节",
        "time · way (> to the device, < from it) · bytes",
    ),
    "log.folded": (
        "重复的问答只写一次；# ×37 → 时刻：共 37 次，最后一次的时刻。",
        "What repeats is written once; # ×37 → time: 37 times, the last one then.",
    ),
    "log.all": ("逐条显示", "Show every piece"),
    "log.fold": ("合并重复", "Fold what repeats"),
    "restart": ("重启设备", "Restart"),
    "volume": ("音量", "Volume"),
    "brightness": ("亮度", "Brightness"),
    "set": ("设定", "Set"),
    "done": ("成功", "done"),
    "not_done": ("没有成功", "not done"),
    "unknown": ("设备没有说明结果，请看实物", "not confirmed: look at the device"),
    "none": ("本机没有配置设备。", "No device is configured on this box."),
    # lines
    "lines.how": (
        "选一条空闲线路，或写一个网络地址，看看上面是什么设备。只问，不改。",
        "Choose a free line, or write an address: what speaks there? Only asks, changes nothing.",
    ),
    "lines.where": ("线路", "Line"),
    "lines.look": ("识别", "Look"),
    "lines.taken": ("由 {} 使用", "used by {}"),
    "lines.none": ("没有识别出设备。下面是线路上的字节。", "No device was recognised. These bytes were on the line."),
    "lines.numbers": ("显示测试号码", "Show test numbers"),
    "lines.numbers.how": (
        "每种已知的帧显示自己的号码，最多 20 秒；按键器请同时按几下键。",
        "Each known frame shows a number of its own, 20 s at most; press a keypad's keys meanwhile.",
    ),
    "lines.read": ("屏上现在是几？", "Which number stands on the sign?"),
    "lines.read.how": (
        "前两位是下面的哪一项，后两位是屏的地址。一个也没有：看电源、A/B 线，或用 kiosk devices learn 学它的帧。",
        "Its first two figures are the line below, the last two the sign's address. None: power, A/B wires, or learn its frame.",
    ),
    "lines.cut": (
        "时间到，后面的速率没有显示：请在线路里写速率，如 ?baud=19200。",
        "Time was up: give the speed, as ?baud=19200.",
    ),
    "lines.no_frames": (
        "config/signs 里没有屏的帧描述：请用 kiosk devices learn 学出来。",
        "config/signs describes no sign: learn one with `kiosk devices learn`.",
    ),
    "lines.found": ("找到了", "Found"),
    "lines.bytes": ("线路上的字节", "Bytes on the line"),
    # network
    "net.host": ("主机名", "Host"),
    "net.addresses": ("地址", "Addresses"),
    "net.lan": ("别的机器打开", "From elsewhere"),
    "net.lan.none": (
        "打不开：本机只监听 {}。先换口令，再把 station.toml 的 listen 改为 0.0.0.0:端口。",
        "not possible: this box listens at {} only. Change the PINs first, then set listen = 0.0.0.0:PORT in station.toml.",
    ),
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
        "先检查，全部正确才重启试用；60 秒内不确认就自动撤回。",
        "Checked first; tried after a restart only if all is right; without a confirmation within 60 s it goes back.",
    ),
    "cfg.mistakes": ("{} 处错误，没有改动：", "{} mistakes, nothing was changed:"),
    "cfg.line": ("{} 第 {} 行", "{} line {}"),
    "cfg.trial": (
        "正在试用新配置：{} 秒内不确认就自动撤回。",
        "A new configuration is on trial: it is rolled back in {} s unless confirmed.",
    ),
    "cfg.ended.expired": (
        "上次试用（{}）到 {} 无人确认，已自动撤回，原来的配置生效。",
        "The last trial ({}): until {} nobody confirmed it, so the configuration before is back.",
    ),
    "cfg.ended.crashed": (
        "上次试用（{}）：{} 发现站点程序没有正常运行，已自动撤回，原来的配置生效。",
        "The last trial ({}): at {} the station had not survived it, so the configuration before is back.",
    ),
    "cfg.ended.refused": (
        "上次试用（{}）：{} 启动时已不能用，已自动撤回，原来的配置生效。",
        "The last trial ({}): at {} it did not load any more, so the configuration before stays.",
    ),
    "cfg.ended.rolled_back": (
        "上次试用（{}）：{} 已撤回，原来的配置生效。",
        "The last trial ({}): at {} it was taken back, so the configuration before counts.",
    ),
    "cfg.confirm": ("确认保留", "Keep it"),
    "cfg.rollback": ("立即撤回", "Go back now"),
    "cfg.restarting": ("本机正在重启试用……", "The box starts anew with it …"),
    "cfg.confirmed": ("已确认保留。", "It is kept."),
    "cfg.back": ("已撤回，原来的配置生效。", "The configuration before is back."),
    "origin.base": ("随程序", "base"),
    "origin.box": ("本机", "this box"),
    "origin.central": ("中心", "central"),
    "origin.signed": ("签名", "signed"),
    # checks
    "bundle": ("下载诊断包", "Download the diagnostic bundle"),
    "bundle.how": ("不含客户信息。", "Holds nothing about customers."),
    "restart.station": ("重启站点程序", "Restart the station"),
    "restart.screen": ("重启屏幕", "Restart the screen"),
    "restart.done": ("正在重启……", "Starting anew …"),
    "check.ok": ("正常", "ok"),
    "check.warn": ("提醒", "look"),
    "check.fail": ("故障", "mend"),
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
