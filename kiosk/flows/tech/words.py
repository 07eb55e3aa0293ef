"""Every word of the tech's pages, in both languages, as `kiosk.flows.words`; the words of devices with their remedies."""

from __future__ import annotations

from kiosk.domain.facts import Lines


def _w(zh: str, en: str) -> Lines:
    return Lines(zh=zh, en=en)


WORDS: dict[str, Lines] = {
    "tech": _w("技术维护", "Service mode"),
    "leave": _w("退出维护", "Leave"),
    "leave_short": _w("退出", "Leave"),
    "back": _w("返回", "Back"),
    "menu": _w("维护首页", "Menu"),
    "menu_short": _w("首页", "Menu"),
    "other_language": _w("English", "中文"),
    "more": _w("下一页", "Next page"),
    "leaf": _w("第 {n} 页，共 {m} 页", "Page {n} of {m}"),
    "no_answer": _w("站点程序没有应答", "The station does not answer"),
    "no_answer_remedy": _w("请稍候；一直如此请重启本机。", "Wait a moment; if it stays, restart this box."),
    "loading": _w("正在读取", "Reading"),
    "working": _w("正在处理，已 {s} 秒", "Working for {s} s"),
    # PIN
    "pin": _w("请输入技术口令", "Technician's PIN"),
    "pin_again": _w("请重新输入口令", "Please enter the PIN again"),
    "pin_hint": _w("4 到 8 位数字；30 秒无操作自动返回", "4 to 8 digits; back to the start after 30 s"),
    "ok": _w("确定", "OK"),
    "erase": _w("删除", "Delete"),
    # the menu
    "menu_devices": _w("设备", "Devices"),
    "menu_devices_hint": _w("状态、测试、通信记录", "State, tests, bytes"),
    "menu_detect": _w("识别设备", "Detect"),
    "menu_detect_hint": _w("看看端口上接了什么", "What is on a port"),
    "menu_touch": _w("触摸校准", "Touch"),
    "menu_touch_hint": _w("点五个十字", "Five crosses"),
    "menu_levels": _w("音量与亮度", "Sound and light"),
    "menu_levels_hint": _w("语音、叫号屏", "Voices and signs"),
    "menu_network": _w("网络与中心", "Network"),
    "menu_network_hint": _w("地址、连接、配对", "Addresses, pairing"),
    "menu_config": _w("配置", "Settings"),
    "menu_config_hint": _w("文件来源、试用", "Files, their origin"),
    "menu_doctor": _w("自检", "Doctor"),
    "menu_doctor_hint": _w("每项检查和办法", "Checks, remedies"),
    "menu_wizard": _w("开通本机", "Set up"),
    "menu_wizard_hint": _w("一步一步投入使用", "Into service, step by step"),
    "menu_bundle": _w("诊断包", "Bundle"),
    "menu_bundle_hint": _w("不含个人信息", "No personal data"),
    "menu_restart": _w("重启", "Restart"),
    "menu_restart_hint": _w("屏幕或站点程序", "Screen or station"),
    # devices
    "no_devices": _w("没有配置任何设备。", "No devices are configured."),
    "since_now": _w("刚刚", "just now"),
    "since_min": _w("已 {n} 分钟", "for {n} min"),
    "since_h": _w("已 {n} 小时", "for {n} h"),
    "since_d": _w("已 {n} 天", "for {n} days"),
    "device_since": _w("{state}，{since}", "{state} {since}"),
    "device_line": _w("{klass} · {driver} · {where}", "{klass} · {driver} · {where}"),
    "device_lost": _w("启动后中断 {n} 次", "Lost {n} times since the start"),
    "device_fault_min": _w("故障累计 {n} 分钟", "{n} min in fault"),
    "device_gone": _w("没有这个设备了。", "This device is gone."),
    "test_print": _w("打印一张", "Print"),
    "test_show": _w("显示一次", "Show"),
    "test_speak": _w("播报一次", "Speak"),
    "test_scan": _w("扫一个码", "Scan a code"),
    "test_press": _w("按一个键", "Press a key"),
    "test_rate": _w("评价一次", "Rate once"),
    "test_photo": _w("拍一张", "Take a photo"),
    "test_read": _w("读一张卡", "Read a card"),
    "test_other": _w("测试：{what}", "Test: {what}"),
    "test_wait": _w("请在 15 秒内操作设备", "Use the device within 15 s"),
    "done": _w("成功", "It worked"),
    "not_done": _w("没有成功", "It did not work"),
    "unknown": _w("设备没有说明结果，请看实物", "The device did not say; look at it"),
    "revive": _w("重新启动设备", "Restart the device"),
    "revive_done": _w("设备已重新启动", "The device was restarted"),
    "log": _w("通信记录", "Bytes on the line"),
    "log_hint": _w("> 发出  < 收到，十六进制", "> sent  < received, hexadecimal"),
    "log_empty": _w("还没有通信。", "Nothing on the line yet."),
    # detection
    "ports": _w("选择端口", "Choose a port"),
    "no_ports": _w("没有找到任何端口。请插上设备。", "No ports were found. Plug a device in."),
    "port_taken": _w("已被 {id} 使用", "used by {id}"),
    "port_free": _w("空闲", "free"),
    "detecting": _w("正在识别，最多 20 秒", "Listening and asking, 20 s at most"),
    "found_nothing": _w("没有识别出设备", "Nothing was recognised"),
    "found_nothing_do": _w(
        "请检查电源、连线和 A/B 线序，然后再试。", "Look at power, cable and the A/B wires, then try again."
    ),
    "numbers": _w("显示测试号码", "Show test numbers"),
    "numbers_hint": _w("叫号屏问不出来，看它显示几", "Signs cannot be asked: read what it shows"),
    "numbers_read": _w("屏上现在是几？", "Which number stands on the sign?"),
    "numbers_read_how": _w(
        "前两位是哪一种帧，后两位是屏的地址。一个也没有：看电源和 A/B 线，或用 kiosk devices learn 学。",
        "The first two figures say which frame, the last two its address. None: power, A/B wires, or learn its frame.",
    ),
    "again": _w("再试一次", "Try again"),
    # sound and light
    "no_levels": _w("没有语音或叫号屏。", "There is no voice and no sign."),
    "volume": _w("音量", "Volume"),
    "brightness": _w("亮度", "Brightness"),
    "level_done": _w("已设置", "Set"),
    # network
    "host": _w("本机名称", "This box"),
    "address": _w("网络地址 {interface}", "Address {interface}"),
    "no_address": _w("没有网络地址，请插网线", "No address: plug in the network"),
    "central": _w("中心", "Central"),
    "central_none": _w("没有设置中心", "No central is set"),
    "central_ok": _w("已连通，{ms} 毫秒", "Reachable, {ms} ms"),
    "central_no": _w("连不上", "Cannot be reached"),
    "pair": _w("与中心配对", "Pair with central"),
    "pair_code": _w("请输入中心给的 8 位配对码", "The 8 digit code from central"),
    "pair_hint": _w("配对码 15 分钟内有效，只能用一次", "A code is good for 15 min, and once"),
    "paired": _w("配对成功", "Paired"),
    # configuration
    "config_trial": _w("新配置正在试用，{s} 秒后自动撤回", "New settings on trial: back to the old in {s} s"),
    "config_trial_where": _w(
        "新配置正在试用，{s} 秒后自动撤回；到“配置”页保留",
        "New settings on trial: back in {s} s unless kept under Settings",
    ),
    "config_confirm": _w("保留新配置", "Keep the new ones"),
    "config_rollback": _w("撤回", "Back to the old"),
    "confirm_done": _w("新配置已保留", "The new settings are kept"),
    "rollback_done": _w("已撤回，原来的配置生效", "The old settings are back"),
    "origin_base": _w("随程序安装", "as installed"),
    "origin_box": _w("本机修改", "changed on this box"),
    "origin_central": _w("来自中心", "from central"),
    "origin_signed": _w("中心签名", "signed by central"),
    # doctor
    "doctor_good": _w("全部正常", "All is well"),
    "doctor_some": _w("{fail} 项故障，{warn} 项提醒", "{fail} faults, {warn} warnings"),
    "doctor_do": _w("办法：{text}", "Remedy: {text}"),
    "doctor_fine": _w("这项正常，不用处理。", "This is fine: nothing to do."),
    # bundle
    "bundle_what": _w(
        "通信记录、状态、配置和程序日志，不含个人信息。", "Bytes, states, settings and logs, no personal data."
    ),
    "bundle_stick": _w("找到 U 盘 {folder}", "USB stick at {folder}"),
    "bundle_save": _w("写到 U 盘", "Write to the stick"),
    "bundle_no_stick": _w("插入 U 盘，或用同一网络的电脑打开：", "Plug in a USB stick, or open on this network:"),
    "bundle_lan": _w("{url}", "{url}"),
    "bundle_loopback": _w(
        "插入 U 盘即可保存。本机只监听自己，别的电脑打不开它的网页。",
        "Plug in a USB stick. This box listens to itself only: no other computer can open its pages.",
    ),
    "bundle_no_lan": _w("插入 U 盘即可保存。本机没有网络地址。", "Plug in a USB stick. This box has no address."),
    "saved": _w("已写入，可以拔出 U 盘", "Written: the stick may be taken out"),
    "saved_as": _w("文件 {name}", "File {name}"),
    # restart
    "restart_what": _w(
        "号码和记录都在，不会丢失。屏幕约 3 秒，站点程序约 10 秒。",
        "Nothing is lost. The screen takes about 3 s, the station about 10 s.",
    ),
    "restart_screen": _w("重启屏幕", "Restart the screen"),
    "restart_station": _w("重启站点程序", "Restart the station"),
    "restart_done": _w("正在重启", "Restarting"),
    # touch
    "touch_cross": _w("请准确点按十字中心（{n}/{m}）", "Touch the middle of the cross ({n} of {m})"),
    "touch_cross_hint": _w("一分钟不点自动返回", "Goes back by itself after a minute"),
    "touch_good": _w("误差 {mm} 毫米，可以使用", "Off by {mm} mm: good"),
    "touch_good_body": _w(
        "下一步请在 20 秒内点中圆点，否则恢复原样。", "Next, hit the dot within 20 s; else all is as before."
    ),
    "touch_bad": _w("误差 {mm} 毫米，太大", "Off by {mm} mm: too much"),
    "touch_bad_body": _w("要求小于 3 毫米。请对准十字再做一次。", "It must be below 3 mm. Aim well and do it again."),
    "touch_unfit": _w("这五次点按对不上", "These touches do not fit"),
    "touch_try": _w("试用新校准", "Try it"),
    "touch_hit": _w("请点中圆点，{s} 秒后恢复原样", "Hit the dot; back to the old in {s} s"),
    "touch_reverted": _w("没有点中，已恢复原来的校准", "Not hit: the old calibration is back"),
    "touch_unsaved": _w("没有保存成功，已恢复原来的校准", "Could not be saved: the old calibration is back"),
    "calibrate_done": _w("新校准已保存", "The new calibration is saved"),
    # wizard
    "wizard_step": _w("第 {n} 步，共 {m} 步", "Step {n} of {m}"),
    "wizard_restarting": _w("站点程序正在重启，请稍候", "The station is restarting, one moment"),
    "wizard_works": _w("本机正在处理，请稍候", "The box is at work, one moment"),
    "wizard_hand": _w("收到后自动继续", "Goes on by itself once it comes"),
    "wizard_next": _w("下一步", "Next"),
    "wizard_back": _w("上一步", "Step back"),
    "wizard_over": _w("重新开始", "Start over"),
    "wizard_yes": _w("是", "Yes"),
    "wizard_no": _w("否", "No"),
    "wizard_empty": _w("未填", "empty"),
    "wizard_points_done": _w("已校准", "Calibrated"),
    "wizard_points_keep": _w("保持原样", "As it is"),
    "wizard_page": _w("汉字请在网页 /tech 上输入", "Chinese can be typed on the page /tech"),
    "wizard_chars": _w("{min}–{max} 个字符", "{min} to {max} characters"),
    "space": _w("空格", "Space"),
    "shift": _w("大小写", "Shift"),
}

STATES: dict[str, Lines] = {
    "absent": _w("没有连接", "not connected"),
    "starting": _w("正在启动", "starting"),
    "ready": _w("正常", "works"),
    "busy": _w("正在工作", "busy"),
    "degraded": _w("能用，有问题", "works, with a problem"),
    "fault": _w("故障", "fault"),
    "backoff": _w("没有应答，正在重试", "no answer, retrying"),
}

CLASSES: dict[str, tuple[str, Lines]] = {  # icon, name
    "printer": ("printer", _w("打印机", "Printer")),
    "sign": ("sign", _w("叫号屏", "Sign")),
    "voice": ("speaker", _w("语音", "Voice")),
    "keypad": ("keypad", _w("按键器", "Keypad")),
    "rating": ("check", _w("评价器", "Rating pad")),
    "scanner": ("scan", _w("扫码器", "Scanner")),
    "idcard": ("card", _w("身份证阅读器", "Card reader")),
    "camera": ("camera", _w("摄像头", "Camera")),
    "contact": ("plug", _w("开关输入", "Contact")),
    "bus": ("network", _w("总线", "Bus")),
    "notes": ("pay", _w("纸币器", "Note acceptor")),
    "coins": ("pay", _w("硬币器", "Coin acceptor")),
    "card": ("card", _w("刷卡机", "Card terminal")),
}

REASONS: dict[str, tuple[Lines, Lines]] = {  # what, remedy
    "paper_low": (_w("纸快用完了", "paper is low"), _w("请准备换纸", "have a new roll ready")),
    "paper_end": (_w("没有纸了", "out of paper"), _w("请换纸", "put in a new roll")),
    "cover_open": (_w("盖子开着", "cover is open"), _w("请合上盖子", "close the cover")),
    "cutter": (_w("切刀卡住了", "cutter is jammed"), _w("请开关一次盖子", "open and close the cover")),
    "jam": (_w("卡纸了", "paper is jammed"), _w("请打开盖子取出纸", "open the cover and take it out")),
    "silent": (_w("没有应答", "does not answer"), _w("请看电源、连线、速率", "look at power, cable, speed")),
    "unplugged": (_w("没有连接", "unplugged"), _w("请看电源和连线", "look at its power and cable")),
    "no_sound": (_w("没有声音", "no sound"), _w("请看音箱电源和音量", "look at the speaker and its volume")),
    "no_permission": (_w("没有权限", "no permission"), _w("请运行 kiosk doctor", "run kiosk doctor")),
    "in_use": (_w("端口被别的程序占用", "port in use"), _w("请关掉那个程序", "end the other program")),
    "dead_addresses": (
        _w("有地址没有应答", "some addresses are silent"),
        _w("请看那几块屏的电源", "power those signs"),
    ),
}


def say(key: str, lang: str, **values: object) -> str:
    """The words of `key` in `lang`, placeholders filled. An unknown key or a missing value is a bug and raises KeyError."""
    text = WORDS[key].get(lang)
    return text.format_map({k: str(v) for k, v in values.items()}) if values else text


def say_or(key: str, lang: str, otherwise: str) -> str:
    """The words of `key`, or `otherwise` for words that come from the station and may be newer than this table."""
    return WORDS[key].get(lang) if key in WORDS else otherwise
