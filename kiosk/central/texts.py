"""The words of central's pages, in both languages."""

from __future__ import annotations

from kiosk.domain.facts import Lines

TEXTS: dict[str, Lines] = {
    "title": Lines(zh="一台 · 中心", en="Yitai · central"),
    "stations": Lines(zh="站点", en="Stations"),
    "station": Lines(zh="站点", en="Station"),
    "contact": Lines(zh="上次联系", en="Last contact"),
    "never": Lines(zh="从未", en="never"),
    "synced": Lines(zh="已同步", en="Complete up to"),
    "known": Lines(zh="站点最新", en="Station is at"),
    "behind": Lines(zh="落后", en="Behind"),
    "level": Lines(zh="无落后", en="up to date"),
    "day": Lines(zh="营业日", en="Business day"),
    "commands_done": Lines(zh="命令送达至", en="Commands up to"),
    "tickets": Lines(zh="本营业日票号", en="Tickets of this business day"),
    "total": Lines(zh="合计", en="Total"),
    "facts": Lines(zh="最新记录", en="Latest facts"),
    "time": Lines(zh="时间", en="Time"),
    "what": Lines(zh="发生了什么", en="What happened"),
    "which": Lines(zh="对象", en="Which"),
    "no_facts": Lines(
        zh="还没有收到任何记录。站点连上后会自动出现。", en="No facts yet. They appear once a station connects."
    ),
    "quarantine": Lines(zh="隔离区", en="Quarantine"),
    "quarantine_none": Lines(zh="没有矛盾的记录。", en="No contradicting facts."),
    "quarantine_why": Lines(
        zh="同一编号到达了不同内容：先到者有效，后到者留在此处待人核对。",
        en="Another content came for a known number: the first one counts, this one is kept for people to look at.",
    ),
    "unread": Lines(zh="本版本无法读取、已原样保存的记录：", en="Facts this release cannot read, kept as they came:"),
    "state_unread": Lines(zh="无法读取", en="unread"),
    "state_waiting": Lines(zh="等待前文", en="after a gap"),
    "times": Lines(zh="次数", en="Times"),
    "notice": Lines(zh="发布公告", en="Publish a notice"),
    "notice_zh": Lines(zh="中文", en="Chinese"),
    "notice_en": Lines(zh="英文", en="English"),
    "until": Lines(zh="显示至（含当日，可不填）", en="Show until (that day included; may be empty)"),
    "publish": Lines(zh="发布到各大厅", en="Publish to the halls"),
    "withdraw": Lines(zh="撤下", en="Withdraw"),
    "withdrawn": Lines(zh="已撤下", en="withdrawn"),
    "notices": Lines(zh="公告", en="Notices"),
    "delivered": Lines(zh="送达", en="delivered"),
    "pairing": Lines(zh="新站点配对", en="Pair a new station"),
    "pairing_station": Lines(zh="站号（如 S2）", en="Station's number, like S2"),
    "pairing_name": Lines(zh="名称", en="Name"),
    "pairing_make": Lines(zh="生成配对码", en="Make a code"),
    "pairing_code": Lines(zh="配对码", en="Pairing code"),
    "pairing_how": Lines(
        zh="请在 15 分钟内在新机器上输入；只能用一次，离开本页后不再显示。",
        en="Enter it at the new box within 15 minutes; it works once and is not shown again.",
    ),
    "pin": Lines(zh="操作员 PIN", en="Operator's PIN"),
    "login": Lines(zh="登录", en="Log in"),
    "logout": Lines(zh="退出", en="Log out"),
    "login_why": Lines(zh="登录后可发布公告、生成配对码。", en="Log in to publish notices and make pairing codes."),
    "done_publish": Lines(zh="公告已发布。", en="The notice is published."),
    "done_withdraw": Lines(zh="公告已撤下。", en="The notice is withdrawn."),
    "old_store": Lines(zh="旧日志", en="former journal"),
    "clock": Lines(zh="每 3 秒自动更新 · 服务器时间", en="updates every 3 s · server time"),
    # the phone page
    "ticket": Lines(zh="您的号码", en="Your number"),
    "service": Lines(zh="业务", en="Service"),
    "issued": Lines(zh="取号时间", en="Taken at"),
    "ahead": Lines(zh="前面还有约", en="About"),
    "next": Lines(zh="马上就到您了，请留意叫号", en="You are among the next, please listen for the call"),
    "people": Lines(zh="人", en="ahead of you"),
    "please_go": Lines(zh="请到", en="Please go to"),
    "counter": Lines(zh="号窗口", en="counter"),
    "as_of": Lines(zh="大厅上次联系", en="Last heard from the hall"),
    "stale": Lines(
        zh="大厅暂时离线，叫号请以大厅屏幕为准。",
        en="The hall is offline for the moment. Please follow the screens in the hall.",
    ),
    "not_yet": Lines(zh="还没有查到这张票", en="This ticket is not known here yet"),
    "not_yet_why": Lines(
        zh="大厅的数据可能还在路上，本页会自动刷新。请保留纸质票。",
        en="The hall's data may still be on the way; this page looks again by itself. Please keep the paper ticket.",
    ),
    "keep": Lines(
        zh="请保留纸质票，以大厅叫号为准。", en="Keep the paper ticket; the calls in the hall are what counts."
    ),
}

STATES: dict[str, Lines] = {
    "waiting": Lines(zh="等候", en="waiting"),
    "called": Lines(zh="已叫号", en="called"),
    "serving": Lines(zh="办理中", en="being served"),
    "done": Lines(zh="已办完", en="done"),
    "no_show": Lines(zh="过号", en="no-show"),
    "cancelled": Lines(zh="已取消", en="cancelled"),
    "expired": Lines(zh="已过期", en="expired"),
}

KINDS: dict[str, Lines] = {
    "DayOpened": Lines(zh="营业日开始", en="Business day opened"),
    "DayRelabelled": Lines(zh="营业日更正日期", en="Business day relabelled"),
    "ClockStepped": Lines(zh="时钟跳变", en="Clock stepped"),
    "TicketIssued": Lines(zh="取号", en="Ticket issued"),
    "TicketCalled": Lines(zh="叫号", en="Called"),
    "TicketRecalled": Lines(zh="重呼", en="Called again"),
    "TicketStarted": Lines(zh="开始办理", en="Service started"),
    "TicketFinished": Lines(zh="办理完成", en="Service finished"),
    "TicketMissed": Lines(zh="过号", en="No-show"),
    "TicketReturned": Lines(zh="过号返回", en="Came back"),
    "TicketTransferred": Lines(zh="转移", en="Transferred"),
    "TicketCancelled": Lines(zh="取消", en="Cancelled"),
    "TicketExpired": Lines(zh="过期", en="Expired"),
    "CounterOpened": Lines(zh="窗口开放", en="Counter opened"),
    "CounterPaused": Lines(zh="窗口暂停", en="Counter paused"),
    "CounterClosed": Lines(zh="窗口关闭", en="Counter closed"),
    "GuideCalled": Lines(zh="呼叫引导员", en="Guide called"),
    "GuideAnswered": Lines(zh="引导员应答", en="Guide answered"),
    "TriageEnded": Lines(zh="分流办结", en="Triage ended without a number"),
    "PinTried": Lines(zh="PIN 登录", en="PIN tried"),
    "DeviceChanged": Lines(zh="设备状态", en="Device changed"),
    "TechActed": Lines(zh="技术操作", en="Technician acted"),
    "PrintAsked": Lines(zh="开始打印", en="Print asked"),
    "PrintEnded": Lines(zh="打印结束", en="Print ended"),
    "Announced": Lines(zh="语音播报", en="Announced"),
    "TookFrom": Lines(zh="汇入分站记录", en="Took in another station's facts"),
    "ConfigAdopted": Lines(zh="启用配置", en="Configuration adopted"),
    "NoticePublished": Lines(zh="公告发布", en="Notice published"),
    "NoticeWithdrawn": Lines(zh="公告撤下", en="Notice withdrawn"),
}


def ago(ms: int, lang: str) -> str:
    """A span of time in the coarsest unit that says something."""
    seconds = max(0, ms // 1000)
    for size, zh, en in ((86_400, "天前", "d ago"), (3_600, "小时前", "h ago"), (60, "分钟前", "min ago")):
        if seconds >= size:
            return f"{seconds // size} {en if lang == 'en' else zh}"
    return f"{seconds} {'s ago' if lang == 'en' else '秒前'}"
