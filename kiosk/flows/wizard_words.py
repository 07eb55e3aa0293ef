"""Every word of the wizard, in both languages; `{}` takes what `say` is given, in order."""

from __future__ import annotations

from typing import Final

import msgspec

from kiosk.domain.facts import Lines


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Of one step. `fields`: id -> title, help."""

    title: Lines
    help: Lines
    button: Lines
    fields: dict[str, tuple[Lines, Lines]] = {}


def _l(zh: str, en: str) -> Lines:
    return Lines(zh=zh, en=en)


_NOTHING = _l("", "")
_NEXT = _l("下一步", "Next")
_JUDGE = _l("好了吗？", "Did it work?")

WORDS: Final[dict[str, Words]] = {
    "hall": Words(
        title=_l("营业厅", "The hall"),
        help=_l("这些名字会印在号票上、显示在屏幕上。", "These names stand on tickets and screens."),
        button=_NEXT,
        fields={
            "name_zh": (_l("营业厅名称（中文）", "Name of the hall in Chinese"), _NOTHING),
            "name_en": (_l("营业厅名称（英文）", "Name of the hall in English"), _NOTHING),
            "lang": (_l("验收单的语言", "Language of the acceptance sheet"), _NOTHING),
        },
    ),
    "station": Words(
        title=_l("本机", "This box"),
        help=_l(
            "厅内每台一个站号。要与中心配对的可直接下一步：以中心登记的为准。",
            "Each box has its own number. If it will be paired go on: what central has on record will count.",
        ),
        button=_NEXT,
        fields={
            "id": (_l("站号", "Number"), _l("字母和数字，如 S1", "Letters and digits, like S1")),
            "name": (_l("名称（可不填）", "Name (may be empty)"), _l("如：东门 1 号机", "Such as: kiosk 1, east door")),
        },
    ),
    "network": Words(
        title=_l("网络与中心", "Network and central"),
        help=_l(
            "检查能否连上中心服务器；没有中心请留空。", "Looks whether central can be reached; empty if there is none."
        ),
        button=_l("检查", "Check"),
        fields={"url": (_l("中心地址", "Address of central"), _l("以 https:// 开头", "Begins with https://"))},
    ),
    "pairing": Words(
        title=_l("与中心配对", "Pairing with central"),
        help=_l("请中心的操作员生成配对码，念给您。", "The operator of central makes a code and reads it out."),
        button=_l("配对", "Pair"),
        fields={"code": (_l("8 位配对码", "Pairing code, 8 digits"), _NOTHING)},
    ),
    "pins": Words(
        title=_l("口令", "PINs"),
        help=_l("三个岗位各用一个新口令，不能用演示口令。", "A new PIN for each role; those of the demo are refused."),
        button=_l("设定并查找设备", "Set, and look for devices"),
        fields={
            "counter": (_l("窗口口令", "Counters"), _l("4 到 8 位数字", "4 to 8 digits")),
            "guide": (_l("引导员口令", "Guides"), _l("4 到 8 位数字", "4 to 8 digits")),
            "tech": (_l("技术人员口令", "Technicians"), _l("4 到 8 位数字", "4 to 8 digits")),
        },
    ),
    "devices": Words(
        title=_l("设备", "Devices"),
        help=_l("核对找到的设备；启用后本机重启一次。", "Look over what was found; the box starts anew once with it."),
        button=_l("确定", "OK"),
        fields={
            "do": (_l("接下来", "Then"), _NOTHING),
            "where": (
                _l("另一台设备的线路（可不填）", "Line of one more device (may be empty)"),
                _l("如 tcp://192.168.1.20:9100", "Like tcp://192.168.1.20:9100"),
            ),
        },
    ),
    "try": Words(
        title=_l("测试", "Test"),
        help=_l("请看设备，再回答。", "Look at the device, then answer."),
        button=_l("确定", "OK"),
        fields={"result": (_JUDGE, _NOTHING)},
    ),
    "kind": Words(
        title=_l("换一种接法", "Another kind"),
        help=_l("换驱动或线路，再测一次；也可以不要它。", "Another driver or line, then once more; or leave it out."),
        button=_l("启用并重启", "Use it and start anew"),
    ),
    "touch": Words(
        title=_l("触摸校准", "Touchscreen"),
        help=_l("点中每个十字；触摸本来就准可以不动。", "Touch each cross; leave it as it is if touches are right."),
        button=_l("出测试票", "Issue a test ticket"),
    ),
    "ticket": Words(
        title=_l("测试票", "Test ticket"),
        help=_l("取一个号、叫到窗口、打印出来。", "A number is taken, called to a counter and printed."),
        button=_l("打印验收单", "Print the acceptance sheet"),
        fields={"result": (_l("票和叫号都对吗？", "Are ticket and call right?"), _NOTHING)},
    ),
    "sheet": Words(
        title=_l("验收单", "Acceptance sheet"),
        help=_l("请签字存档。", "Sign it and keep it."),
        button=_l("完成", "Finish"),
        fields={"result": (_l("验收单打印好了吗？", "Is the sheet printed?"), _NOTHING)},
    ),
    "done": Words(
        title=_l("已投入使用", "In service"), help=_l("本机可以开始服务。", "The box is ready to serve."), button=_NEXT
    ),
}

_SAID: Final[dict[str, Lines]] = {
    "nothing": _NOTHING,
    "choice.zh": _l("中文", "Chinese"),
    "choice.en": _l("英文", "English"),
    "choice.yes": _l("好的", "Yes"),
    "choice.no": _l("不对", "No"),
    "choice.again": _l("再测一次", "Once more"),
    "choice.skip": _l("跳过", "Skip"),
    "choice.go": _l("启用这些设备", "Use these devices"),
    "choice.look": _l("再找一次", "Look again"),
    "class.sign": _l("叫号屏", "sign"),
    "class.keypad": _l("按键器", "keypad"),
    "class.rating": _l("评价器", "rating pad"),
    "choice.keep": _l("不换，就这样", "Leave it as it is"),
    "choice.none": _l("不要它", "Leave it out"),
    "kind.as": _l("它是", "It is"),
    "touch.points": _l("触摸校准", "Touch calibration"),
    "network.addresses": _l("本机地址：{}", "Addresses of this box: {}"),
    "network.reached": _l("{} 已连上。", "{} answers."),
    "pairing.none": _l("没有配对码可留空，先不连中心。", "Empty: serve without central for now."),
    "pairing.kept": _l("已经配对过；留空则不变。", "Paired already; empty keeps it."),
    "pairing.where": _l(
        "配对码在中心的网页上：打开 {}，操作员登录，填“新站点配对”，按“生成配对码”。用一次，15 分钟内有效。",
        "The code is on central's page: {}, log in as operator, “Pair a new station”, “Make a code”. Good once, for 15 minutes.",
    ),
    "pairing.demo": _l(
        "演示厅：在本机浏览器打开 {}，口令 4444 登录，填“新站点配对”，按“生成配对码”。演示已配对，也可留空。",
        "Demo: open {} in this machine's browser, log in with 4444, “Pair a new station”, “Make a code”. Or leave it empty.",
    ),
    "pairing.done": _l("已配对：{}", "Paired: {}"),
    "devices.nothing": _l(
        "没有找到设备。请检查电源和接线，或填写线路。", "Nothing was found. Look at power and cables, or enter a line."
    ),
    "try.place": _l("线路 {}。", "It stands at {}."),
    "try.not_yet": _l("还没有测。", "Not tested yet."),
    "try.got": _l("收到了。", "It came."),
    "try.nothing": _l("{} 秒内没有收到，请看电源和接线。", "Nothing came within {} s: look at power and cable."),
    "wait.keypad": _l(
        "等待中：请现在按一下按键器的任一个键（{} 秒内）", "Waiting: press a key of it now (within {} s)"
    ),
    "wait.rating": _l(
        "等待中：请现在按一下评价器的任一个键（{} 秒内）", "Waiting: touch one of its keys now (within {} s)"
    ),
    "wait.scanner": _l("等待中：请现在扫一个码（{} 秒内）", "Waiting: scan a code now (within {} s)"),
    "wait.idcard": _l("等待中：请现在放一张身份证（{} 秒内）", "Waiting: lay a card on it now (within {} s)"),
    "wait.contact": _l(
        "等待中：请现在按一下按钮或开一下门（{} 秒内）", "Waiting: press the button or move the door now (within {} s)"
    ),
    "what.print": _l("打印", "print"),
    "what.show": _l("显示", "show"),
    "what.speak": _l("播放", "speak"),
    "what.photo": _l("拍照", "photo"),
    "what.open": _l("打开", "open"),
    "what.ticket": _l("测试票", "test ticket"),
    "what.sheet": _l("验收单", "acceptance sheet"),
    "try.done": _l("设备说已完成（{}）。", "The device says it is done ({})."),
    "try.unknown": _l("设备没有确认（{}），请您看一看。", "The device did not confirm ({}): please look."),
    "try.not_done": _l("没有成功（{}）。", "It did not work ({})."),
    "ticket.done": _l("{} 已打印、已叫号。", "{} was printed and called."),
    "ticket.unknown": _l("{} 已叫号，打印没有确认，请您看一看。", "{} was called; the print was not confirmed: look."),
    "ticket.not_done": _l("{} 已叫号，但没有打印出来。", "{} was called but not printed."),
    "sheet.done": _l("验收单已打印。", "The acceptance sheet is printed."),
    "sheet.unknown": _l("打印没有确认，请您看一看。", "The print was not confirmed: please look."),
    "sheet.not_done": _l("验收单没有打印出来。", "The acceptance sheet was not printed."),
    "done.tested": _l("测试：{} 台通过，共 {} 台。", "Tested: {} of {} devices passed."),
    "done.refused": _l("测试没有通过：{}。", "Did not pass: {}."),
    "done.skipped": _l("跳过没有测：{}。以后可在“设备”页测试。", "Skipped: {}. The page of devices tests them later."),
    "done.well": _l("此刻：{} 台设备全部正常。", "Now: all {} devices are well."),
    "done.ill": _l("此刻 {} {}。办法：{}", "Now {}: {}. Remedy: {}"),
    "done.more": _l("此刻还有 {} 台不正常，请看“设备”页。", "Now {} more are not well: see the page of devices."),
    "done.where": _l(
        "验收单也存在本机的数据目录（acceptance.json）。", "The acceptance is also kept on this box (acceptance.json)."
    ),
    "owes.reach": _l("正在连中心……", "Asking central …"),
    "owes.pair": _l("正在配对……", "Pairing …"),
    "owes.look": _l("正在查找设备……", "Looking for devices …"),
    "owes.apply": _l("正在启用，本机重启一次……", "Putting it in force; the box starts anew …"),
    "owes.test": _l("正在测试……", "Testing …"),
    "owes.ticket": _l("正在出测试票……", "Issuing the test ticket …"),
    "owes.sheet": _l("正在打印验收单……", "Printing the acceptance sheet …"),
    "bad.field": _l("没有“{}”这一项。", "There is no field “{}”."),
    "bad.field.how": _l("可填的有：{}。", "Fields here: {}."),
    "bad.confirm": _l("要打勾或不打勾。", "It is ticked or not."),
    "bad.confirm.how": _l("请用 true 或 false。", "Send true or false."),
    "bad.text": _l("要填文字。", "A text is needed."),
    "bad.text.how": _l("请用引号里的文字。", "Send a string."),
    "bad.choice": _l("没有“{}”这个选项。", "There is no choice “{}”."),
    "bad.choice.how": _l("可选：{}。", "Choose one of: {}."),
    "bad.number": _l("只能是数字。", "Digits only."),
    "bad.length": _l(
        "长度 {} 不合适，或有看不见的字符。", "Its length {} does not fit, or a character cannot be shown."
    ),
    "bad.length.how": _l("请用 {} 到 {} 个字符。", "Use {} to {} characters."),
    "bad.points": _l("校准数据不对。", "The calibration does not fit."),
    "bad.points.how": _l("请给六个数，或 null 表示不变。", "Send six numbers, or null to leave it as it is."),
    "bad.pin": _l("这个口令太好猜，或是演示口令。", "This PIN is that of the demo or easily guessed."),
    "bad.pin.how": _l("请另选 4 到 8 位数字。", "Choose other digits, 4 to 8."),
    "bad.pin.same": _l("两个岗位用了同一个口令。", "Two roles have the same PIN."),
    "bad.pin.same.how": _l("每个岗位请用不同的口令。", "Give each role its own."),
}


def say(key: str, *given: object) -> Lines:
    words = _SAID[key]
    return Lines(zh=words.zh.format(*given), en=words.en.format(*given)) if given else words


def what_was_done(test: str) -> Lines:
    """The name of a test; one that this table does not have is told as the station names it."""
    return _SAID.get(f"what.{test}", Lines(zh=test, en=test))
