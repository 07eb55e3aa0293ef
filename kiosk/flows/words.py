"""Every word the touchscreen says by itself, in both languages. What the hall is called and offers comes from `config/`.

Placeholders are `{name}`; a test proves that both languages have the same ones, that every key is used, and that every
character has a glyph in the shipped fonts.
"""

from __future__ import annotations

from kiosk.domain.facts import Lines


def _w(zh: str, en: str) -> Lines:
    return Lines(zh=zh, en=en)


WORDS: dict[str, Lines] = {
    # the start page
    "start": _w("请触摸屏幕取号", "Touch to take a number"),
    "start_hint": _w("点按屏幕任意位置开始", "Touch anywhere to begin"),
    "calling_now": _w("正在叫号", "Now calling"),
    "no_calls": _w("现在没有叫号", "No calls right now"),
    "hall_name": _w("服务大厅", "Service hall"),
    # home
    "choose_big": _w("请选择业务", "Choose a service"),
    "choose_service": _w("请选择要办理的业务", "What would you like to do?"),
    "strip_waiting": _w("等候 {n} 人", "{n} waiting"),
    "strip_counters": _w("办理窗口 {n} 个", "{n} counters open"),
    "strip_counter": _w("办理窗口 1 个", "1 counter open"),
    "strip_no_counters": _w("窗口暂未开放", "No counter is open yet"),
    "strip_called": _w("最近叫号 {number}，{counter}", "Called {number}, {counter}"),
    "tile_waiting": _w("等候 {n} 人", "{n} waiting"),
    "tile_free": _w("无需等候", "No waiting"),
    "tile_closed": _w("窗口尚未开放", "No counter open yet"),
    "about": _w("约 {n} 分钟", "{n} min"),
    "about_range": _w("约 {lo}–{hi} 分钟", "{lo}–{hi} min"),
    "very_soon": _w("马上", "very soon"),
    "about_long": _w("超过 2 小时", "2 hours +"),
    "paper_out_strip": _w("打印机缺纸：取号后请记住号码或拍照", "No paper: note or photograph your number"),
    "printer_down_strip": _w("打印机暂不可用：取号后请记住号码或拍照", "No printer: note or photograph your number"),
    # question and priority
    "step_of": _w("第 {n} 步，共 {m} 步", "Step {n} of {m}"),
    "step_of_most": _w("第 {n} 步，最多 {m} 步", "Step {n} of at most {m}"),
    "priority": _w("优先办理", "Priority"),
    "priority_hint": _w("老人、残障人士、孕妇或带婴幼儿", "Aged 60+, disabled, pregnant, infant"),
    "priority_title": _w("哪一项符合您的情况？", "Which applies to you?"),
    "priority_body": _w(
        "选择后，您的号码会提前叫到。窗口可能请您出示证件。",
        "Your number will be called earlier. The counter may ask to see a card.",
    ),
    "priority_none": _w("都不是，普通取号", "None of these"),
    "priority_none_hint": _w("按先后顺序叫号", "Called in order"),
    "class_chosen": _w("已选优先：{name}", "Priority: {name}"),
    "class_clear": _w("取消优先", "Remove"),
    # the bar at the bottom
    "back": _w("返回", "Back"),
    "exit": _w("退出", "Exit"),
    "home": _w("首页", "Home"),
    "other_language": _w("English", "中文"),
    "staff": _w("呼叫工作人员", "Call staff"),
    "staff_short": _w("人工帮助", "Staff"),
    "big": _w("大字版", "Large text"),
    "big_short": _w("大字", "Large"),
    "big_off": _w("标准版", "Normal"),
    "low": _w("低位", "Lower"),
    "low_off": _w("高位", "Higher"),
    "more_services": _w("更多业务", "More services"),
    "more_choices": _w("更多选项", "More choices"),
    "more_short": _w("更多", "More"),
    "leaf": _w("第 {n} 页，共 {m} 页", "Page {n} of {m}"),
    # outcomes
    "take_number": _w("取号到窗口办理", "Take a number"),
    "take_number_hint": _w("现在等候 {n} 人", "{n} waiting now"),
    "understood": _w("知道了，我自己办", "Thanks, I will do it"),
    "understood_hint": _w("不用取号", "No number needed"),
    "self_service": _w("不用排队，现在就能办", "No queue: do it right now"),
    "bring": _w("请带这些材料", "What to bring"),
    "bring_first": _w("先备齐，再来办", "Bring these first"),
    "print_list": _w("打印这张清单", "Print this list"),
    "print_list_hint": _w("带回家对照准备", "To take home"),
    "list_asked": _w("正在打印清单", "Printing the list"),
    "list_done": _w("请取走清单", "Please take the list"),
    "list_failed": _w("清单没有打印出来，请拍照", "Not printed: please take a photo"),
    "later": _w("知道了，下次再来", "I will come back"),
    "later_hint": _w("不用取号", "No number needed"),
    "anyway": _w("材料带齐了，取号", "I have them all"),
    "guide_coming": _w("服务员马上就来", "A guide is coming"),
    "guide_body": _w("请在这台机器旁稍等，服务员会来帮您。", "Please wait by this machine. A guide will help you."),
    "guide_take": _w("先取一个号", "Take a number too"),
    "done": _w("完成", "Done"),
    # number
    "your_number": _w("您的号码", "Your number"),
    "ahead": _w("前面还有", "Ahead of you"),
    "ahead_short": _w("前面", "Ahead"),
    "expected_short": _w("约等", "Wait"),
    "people": _w("{n} 人", "{n}"),
    "nobody": _w("没有人", "nobody"),
    "expected": _w("预计等候", "Expected wait"),
    "now_wait": _w(
        "请在等候区就座，叫到号码后到对应的窗口。",
        "Please take a seat. We will call you.",
    ),
    "now_go": _w("请现在就到 {counter}", "Please go to {counter} now"),
    "paper_asked": _w("正在打印小票", "Printing your ticket"),
    "paper_done": _w("请取走小票", "Please take your ticket"),
    "paper_out": _w("打印机缺纸，请记住您的号码或拍照", "No paper: please note or photograph your number"),
    "paper_failed": _w("小票没有打印出来，请记住您的号码或拍照", "Not printed: please note or photograph your number"),
    "paper_unknown": _w("如果没有小票，请记住您的号码或拍照", "No ticket? Please note or photograph your number"),
    "paper_none": _w("请记住您的号码或拍照", "Please note or photograph your number"),
    "scan_big": _w("扫码查看", "Scan"),
    "scan": _w("扫码看排队", "Follow by phone"),
    "to_start": _w("{s} 秒后返回首页", "Back to start in {s} s"),
    "prepare": _w("请准备：{papers}", "Have ready: {papers}"),
    # waiting and trouble
    "issuing": _w("正在取号", "Getting your number"),
    "one_moment": _w("请稍候", "One moment"),
    "still_working": _w("还在处理，请不要离开", "Still working, please stay"),
    "sorry": _w("没有取到号", "No number was given"),
    "sorry_guide": _w("没有呼叫成功", "The call did not go through"),
    "sorry_body": _w("请到任一窗口，工作人员会为您办理。", "Please go to any counter; the staff will help you."),
    "sorry_slow": _w("系统暂时没有回应。", "The system did not answer."),
    "again": _w("再试一次", "Try again"),
    "offline": _w("请稍候", "One moment, please"),
    "offline_body": _w(
        "取号系统正在恢复，恢复后会自动回到刚才的页面。",
        "The system is coming back; you will then go on where you were.",
    ),
    "offline_kept": _w("您刚才的操作已记下，恢复后自动完成。", "Your last touch is kept and will be completed."),
    "offline_do": _w("着急办理？", "In a hurry?"),
    "offline_do_1": _w("请直接到窗口取号", "Get your number at a counter"),
    "offline_do_2": _w("或请大厅服务员帮忙", "Or ask any member of staff"),
    "offline_done": _w("已有小票的，号码仍然有效。", "A printed number stays valid."),
    # overlays
    "still_there": _w("还在吗？", "Still there?"),
    "still_there_body": _w("{s} 秒后将清除并回到开始页面", "In {s} s this will be cleared"),
    "continue": _w("继续办理", "Continue"),
    "staff_calling": _w("正在呼叫工作人员", "Calling staff"),
    "staff_called": _w("工作人员马上就来", "Staff are on the way"),
    "staff_called_body": _w("请在这台机器旁稍等。", "Please wait by this machine."),
    "staff_failed": _w("暂时呼叫不到", "The call did not go through"),
    "staff_failed_body": _w(
        "请直接到窗口，或向大厅服务员招手。", "Please go to a counter, or wave to a member of staff."
    ),
    "ok": _w("知道了", "OK"),
    # out of order
    "broken": _w("本机正在恢复", "This screen is restarting"),
    "broken_body": _w("请稍候，或到窗口取号。", "One moment, or take a number at a counter."),
    # calendar
    "date": _w("{month}月{day}日 星期{weekday}", "{weekday} {day} {month}"),
    "weekdays": _w("一 二 三 四 五 六 日", "Mon Tue Wed Thu Fri Sat Sun"),
    "months": _w("1 2 3 4 5 6 7 8 9 10 11 12", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
}


def say(key: str, lang: str, **values: object) -> str:
    """The words of `key` in `lang`, placeholders filled. An unknown key or a missing value is a bug and raises KeyError."""
    text = WORDS[key].get(lang)
    return text.format_map({k: str(v) for k, v in values.items()}) if values else text
