"""The pages at which a visit ends or pauses: a number, advice, a guide, a wait, trouble. Pure; used by `view` only."""

from __future__ import annotations

from kiosk.domain.plan import HallPlan, Node
from kiosk.flows.pages import Advice, Button, Fact, Figure, Message, Number
from kiosk.flows.phrases import about_range, counter_name
from kiosk.flows.seen import HallSeen, Lang, Ticket
from kiosk.flows.state import MESSAGE_S, SPINNER_S, Visit
from kiosk.flows.words import say


def number(visit: Visit, plan: HallPlan, hall: HallSeen) -> Number | Message:
    ticket, lang = visit.ticket, visit.lang
    if ticket is None:  # cannot be: the step is entered with its ticket
        return Message("warn", "plain", say("broken", lang), say("broken_body", lang))
    service, klass, node = plan.service(ticket.service), plan.klass(ticket.klass), plan.node(visit.node)
    called = ticket.state in ("called", "serving") and ticket.counter is not None
    now = say("now_wait", lang)
    if called and ticket.counter is not None:
        now = say("now_go", lang, counter=counter_name(hall, ticket.counter, lang))
    papers = node.papers if node is not None and node.kind == "number" else ()
    joined = ("、" if lang == "zh" else ", ").join(p.get(lang) for p in papers)
    return Number(
        label=say("your_number", lang),
        number=ticket.number,
        service=service.name.get(lang) if service else "",
        klass=klass.name.get(lang) if klass and ticket.klass != "ordinary" else "",
        figures=() if called else _figures(ticket, lang),
        now=now,
        now_loud=called,
        prepare=say("prepare", lang, papers=joined) if joined else "",
        paper=_paper(ticket, hall, lang),
        url=ticket.url,
        scan=say("scan_big" if visit.big else "scan", lang),
        done=Button("done", say("done", lang), "check", look="main"),
    )


def _figures(ticket: Ticket, lang: Lang) -> tuple[Figure, ...]:
    ahead = say("people", lang, n=ticket.ahead) if ticket.ahead else say("nobody", lang)
    wait = about_range(ticket.estimate, lang)
    first = Figure("people", say("ahead", lang), ahead, say("ahead_short", lang))
    return (first, Figure("clock", say("expected", lang), wait, say("expected_short", lang))) if wait else (first,)


JAMMED = ("paper_end", "cover_open", "cutter", "jam")  # only a printer has these reasons


def _paper(ticket: Ticket, hall: HallSeen, lang: Lang) -> Fact:
    trouble = any(d.state == "fault" and set(d.reasons) & set(JAMMED) for d in hall.devices)
    match ticket.print:
        case "asked" if not trouble:
            return Fact("printer", say("paper_asked", lang))
        case "done":
            return Fact("paper", say("paper_done", lang), "good")
        case "asked" | "not_done":
            out = any("paper_end" in d.reasons for d in hall.devices)
            return Fact("phone", say("paper_out" if out else "paper_failed", lang), "warn")
        case "unknown":
            return Fact("phone", say("paper_unknown", lang), "warn")
        case _:
            return Fact("phone", say("paper_none", lang), "warn")


def advice(visit: Visit, node: Node, hall: HallSeen) -> Advice:
    lang = visit.lang
    seen = hall.service(node.service or visit.service)
    hint = say("take_number_hint", lang, n=seen.waiting) if seen is not None else ""
    if node.kind == "self_service":
        take = Button("take", say("take_number", lang), "ticket", hint)
        done = Button("understood", say("understood", lang), "check", say("understood_hint", lang), "main")
        return Advice("phone", say("self_service", lang), *_texts(node, lang), "", (), None, (done, take))
    take = Button("take", say("anyway", lang), "ticket", hint)
    done = Button("understood", say("later", lang), "check", say("later_hint", lang), "main")
    listed = Button("print_list", say("print_list", lang), "printer", say("print_list_hint", lang))
    status = {
        "": None,
        "asked": Fact("printer", say("list_asked", lang)),
        "done": Fact("paper", say("list_done", lang), "good"),
        "failed": Fact("phone", say("list_failed", lang), "warn"),
    }[visit.papers]
    actions = (done, take) if visit.papers else (done, listed, take)
    items = tuple(p.get(lang) for p in node.papers)
    return Advice("paper", say("bring_first", lang), *_texts(node, lang), say("bring", lang), items, status, actions)


def _texts(node: Node, lang: Lang) -> tuple[str, str]:
    return node.title.get(lang), node.body.get(lang) if node.body else ""


def guide(visit: Visit) -> Message:
    lang = visit.lang
    take = Button("take", say("guide_take", lang), "ticket")
    done = Button("done", say("done", lang), "check", look="main")
    return Message("staff", "good", say("guide_coming", lang), say("guide_body", lang), actions=(done, take))


def sorry(visit: Visit, node: Node | None) -> Message:
    """What happened, what to do now, whom to ask."""
    what = "sorry_guide" if node is not None and node.kind == "guide" else "sorry"
    lang, problem = visit.lang, visit.problem
    why = (problem.detail or problem.title) if problem else say("sorry_slow", lang)
    steps = (Fact("counter", (problem.remedy if problem else "") or say("sorry_body", lang)),)
    again = Button("again", say("again", lang), "again", look="main")
    return Message("warn", "warn", say(what, lang), why, "", steps, actions=(again,))


def waiting(visit: Visit) -> Message:
    """Nothing for 0.3 s, then a spinner, after 2 s words: short waits must not flicker."""
    lang, waited = visit.lang, visit.at - visit.entered_at
    title = say("staff_calling" if visit.pending("guide_end") else "issuing", lang)
    body = say("still_working" if waited >= MESSAGE_S else "one_moment", lang)
    return Message("ticket", "plain", title, body, busy=waited >= SPINNER_S)


def offline(visit: Visit) -> Message:
    lang = visit.lang
    kept = visit.pending("ticket", "guide_end", "papers")
    steps = (
        Fact("counter", say("offline_do_1", lang)),
        Fact("staff", say("offline_do_2", lang)),
        Fact("paper", say("offline_done", lang)),
    )
    body = say("offline_kept" if kept else "offline_body", lang)
    return Message("clock", "plain", say("offline", lang), body, say("offline_do", lang), steps)
