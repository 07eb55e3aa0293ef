"""What the rest means: guides, paper, notices, and the business day."""

from __future__ import annotations

import re

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.calendar import day_due
from kiosk.domain.fold import carry_over
from kiosk.domain.hall import Hall
from kiosk.domain.refusals import check_answers, known_ticket, no_such, refuse
from kiosk.domain.ticket import OPEN

GUIDE_CALLS_MAX = 50
NOTICES_MAX = 20

Facts = tuple[f.Fact, ...]


def call_guide(hall: Hall, command: c.CallGuide, at: int) -> Facts:
    """A second press on the same kiosk while a call is open is the same call."""
    for call in hall.guide_calls.values():
        if call.fact.station == command.station and call.fact.where == command.where:
            return ()
    if len(hall.guide_calls) >= GUIDE_CALLS_MAX:
        raise refuse(
            "too_many",
            "呼叫太多，工作人员都在忙。",
            "Too many calls: all guides are busy.",
            "请到咨询台。",
            "Please come to the desk.",
        )
    return (f.GuideCalled(call=command.call, station=command.station, where=command.where, lang=command.lang),)


def answer_guide(hall: Hall, command: c.AnswerGuide, at: int) -> Facts:
    if command.call not in hall.guide_calls:
        return ()
    return (f.GuideAnswered(call=command.call),)


def end_triage(hall: Hall, command: c.EndTriage, at: int) -> Facts:
    node = hall.plan.node(command.node)
    if node is None or node.kind != command.outcome:
        raise no_such("node", command.node, tuple(n.id for n in hall.plan.nodes if n.kind == command.outcome))
    check_answers(hall, command.answers)
    ended = f.TriageEnded(
        outcome=command.outcome,
        node=node.id,
        service=node.service,
        answers=command.answers,
        station=command.station,
    )
    if command.outcome != "guide":
        return (ended,)
    call = c.CallGuide(call=command.call, station=command.station, where=node.id, lang=command.lang)
    return ended, *call_guide(hall, call, at)


def print_papers(hall: Hall, command: c.PrintPapers, at: int) -> Facts:
    node = hall.plan.node(command.node)
    if node is None or not node.papers:
        raise no_such("node", command.node, tuple(n.id for n in hall.plan.nodes if n.papers))
    _must_have_printer(command.printer)
    return (f.PrintAsked(job=command.job, device=command.printer, what="papers", subject=node.id, lang=command.lang),)


def _must_have_printer(printer: str) -> None:
    if not printer:
        raise refuse(
            "no_printer",
            "本机没有打印机。",
            "This kiosk has no printer.",
            "请拍照或找工作人员打印。",
            "Take a photo, or ask staff for a print.",
        )


def print_copy(hall: Hall, command: c.PrintCopy, at: int) -> Facts:
    ticket = known_ticket(hall, command.ticket)
    _must_have_printer(command.printer)
    return (
        f.PrintAsked(
            job=command.job, device=command.printer, what="ticket", subject=ticket.id, lang=ticket.lang, copy=True
        ),
    )


def publish(hall: Hall, command: c.Publish, at: int) -> Facts:
    if command.notice not in hall.notices and len(hall.notices) >= NOTICES_MAX:
        raise refuse(
            "too_many",
            f"最多 {NOTICES_MAX} 条通知。",
            f"There are {NOTICES_MAX} notices already.",
            "请先撤下一条。",
            "Withdraw one first.",
        )
    return (f.NoticePublished(notice=command.notice, text=command.text, until=command.until),)


def withdraw(hall: Hall, command: c.Withdraw, at: int) -> Facts:
    return (f.NoticeWithdrawn(notice=command.notice),) if command.notice in hall.notices else ()


def new_day(hall: Hall, label: str, by: str) -> Facts:
    """What was left over is closed by facts of its own, then the day opens: safe twice, safe across a power cut."""
    left = [t for t in hall.tickets.values() if t.state in OPEN]
    ended: list[f.Fact] = [f.TicketExpired(ticket=t.id) for t in left]
    ended += [f.CounterClosed(counter=d.id) for d in hall.desks.values() if d.state != "closed"]
    return *ended, f.DayOpened(ordinal=hall.ordinal + 1, label=label, by=by, carry=carry_over(hall))


def open_day(hall: Hall, command: c.OpenDay, at: int) -> Facts:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", command.label):
        raise refuse(
            "bad_date",
            f"“{command.label}”不是日期。",
            f"“{command.label}” is not a date.",
            "请写成 2026-11-22 的样子。",
            "Write it like 2026-11-22.",
            "label",
            422,
        )
    if command.label == hall.label:
        return ()
    return new_day(hall, command.label, command.by)


def tick(hall: Hall, command: c.Tick, at: int) -> Facts:
    due = day_due(hall, at)
    if due is None:
        return ()
    if due.relabel:
        return (f.DayRelabelled(label=due.label),)
    return new_day(hall, due.label, "clock")
