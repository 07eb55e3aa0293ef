"""The ticket and the list of papers, as one sheet each, in the customer's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from devices.ports import Columns, Feed, Paper, PaperItem, QRCode, Rule, Text
from kiosk.domain.facts import Lines, PrintAsked, Promise
from kiosk.domain.hall import Hall
from kiosk.domain.plan import Node
from kiosk.domain.ticket import Ticket

WORDS: dict[str, Lines] = {
    "number": Lines(zh="您的号码", en="Your number"),
    "copy": Lines(zh="补打", en="COPY"),
    "service": Lines(zh="业务", en="Service"),
    "class": Lines(zh="类别", en="Class"),
    "time": Lines(zh="取号时间", en="Issued"),
    "ahead": Lines(zh="前面等候", en="Ahead of you"),
    "people": Lines(zh="{n} 人", en="{n}"),
    "wait": Lines(zh="预计等候", en="Expected wait"),
    "soon": Lines(zh="马上", en="very soon"),
    "range": Lines(zh="约 {a}–{b} 分钟", en="about {a}–{b} min"),
    "about": Lines(zh="约 {a} 分钟", en="about {a} min"),
    "bring": Lines(zh="请备好", en="Please have ready"),
    "papers": Lines(zh="办理材料清单", en="What to bring"),
    "scan": Lines(zh="扫码查看排队进度", en="Scan to follow the queue"),
    "keep": Lines(zh="请留意叫号，过号请联系工作人员", en="Watch the board. Missed it? Ask our staff."),
}


def say(word: str, lang: str, **values: object) -> str:
    return WORDS[word].get(lang).format(**values)


def wait_words(promise: Promise | None, lang: str) -> str:
    """ "" when nothing can be promised."""
    if promise is None:
        return ""
    low, high = round(promise.p50_s / 60), -(-promise.p90_s // 60)
    if high <= 1:
        return say("soon", lang)
    return say("about", lang, a=high) if low >= high else say("range", lang, a=max(1, low), b=high)


def local_time(hall: Hall, at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, UTC) + timedelta(minutes=hall.plan.utc_offset_min)
    return f"{moment:%Y-%m-%d %H:%M}"


def sheet(hall: Hall, job: PrintAsked, base_url: str, at: int) -> Paper | None:
    """The paper of a print job; None when what it names is not of this day any more."""
    if job.what == "papers":
        node = hall.plan.node(job.subject)
        return None if node is None else papers_sheet(hall, job.job, node, job.lang, at)
    ticket = hall.tickets.get(job.subject)
    return None if ticket is None else ticket_sheet(hall, job.job, ticket, base_url, copy=job.copy)


def ticket_sheet(hall: Hall, job: str, ticket: Ticket, base_url: str, *, copy: bool = False) -> Paper:
    lang = ticket.lang
    service = hall.plan.service(ticket.service)
    klass = hall.plan.klass(ticket.klass)
    items: list[PaperItem] = [Text(hall.plan.name.get(lang), "center", 2, bold=True), Feed()]
    mark = f" * {say('copy', lang)} *" if copy else ""
    items.append(Text(f"{say('number', lang)}{mark}", "center", bold=copy))
    items.append(Text(ticket.number, "center", 6, bold=True))
    items.append(Text(service.name.get(lang) if service else ticket.service, "center", 2, bold=True))
    if klass is not None and ticket.klass != "ordinary":
        items.append(Text(klass.name.get(lang), "center"))
    items.append(Rule())
    ahead = hall.line.ahead(hall.reach(ticket.service), ticket.place) if ticket.state == "waiting" else 0
    items.append(Columns(say("ahead", lang), say("people", lang, n=ahead), bold=True))
    if wait := wait_words(ticket.promise, lang):
        items.append(Columns(say("wait", lang), wait, bold=True))
    items.append(Columns(say("time", lang), local_time(hall, ticket.issued_at)))
    if papers := papers_of(hall, ticket):
        items += [Rule(), Text(say("bring", lang), bold=True), *(Text(f"· {line.get(lang)}") for line in papers)]
    items += [Rule(), QRCode(qr_url(base_url, ticket)), Text(say("scan", lang), "center"), Feed()]
    items.append(Text(say("keep", lang), "center"))
    return Paper(job, tuple(items))


def qr_url(base_url: str, ticket: Ticket) -> str:
    """The fragment tells number and service even when the page cannot be reached."""
    return f"{base_url}/t/{ticket.id}#{ticket.number}-{ticket.service}"


def papers_of(hall: Hall, ticket: Ticket) -> tuple[Lines, ...]:
    """What to bring, by the answers given: the papers of the node they lead to."""
    node = end_of(hall, ticket.service, ticket.answers)
    return node.papers if node else ()


def end_of(hall: Hall, service: str, answers: dict[str, str]) -> Node | None:
    planned = hall.plan.service(service)
    node = hall.plan.node(planned.triage) if planned and planned.triage else None
    for _ in hall.plan.nodes:  # a triage has no loops, so it ends within as many steps as there are nodes
        if node is None or node.kind != "question":
            return node
        chosen = answers.get(node.id)
        node = next((hall.plan.node(c.goto) for c in node.choices if c.id == chosen), None)
    return node


def papers_sheet(hall: Hall, job: str, node: Node, lang: str, at: int) -> Paper:
    items: list[PaperItem] = [
        Text(hall.plan.name.get(lang), "center", 2, bold=True),
        Feed(),
        Text(say("papers", lang), "center", 2, bold=True),
        Text(node.title.get(lang), "center"),
        Rule(),
        *(Text(f"□ {line.get(lang)}", scale=1, bold=True) for line in node.papers),
        Rule(),
    ]
    if node.body is not None:
        items.append(Text(node.body.get(lang)))
    items += [Feed(), Text(local_time(hall, at), "center")]
    return Paper(job, tuple(items))
