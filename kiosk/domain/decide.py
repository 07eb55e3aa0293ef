"""`decide(hall, command, at)` -> the facts that follow, or Refused. Changes nothing itself.

`at` is what the wall clock says, in milliseconds; every comparison of times is made on the hall's own axis.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kiosk.domain import commands as c
from kiosk.domain import estimate
from kiosk.domain import facts as f
from kiosk.domain.calendar import day_due
from kiosk.domain.commands import Refused
from kiosk.domain.hall import Desk, Hall, carry_over
from kiosk.domain.line import Place
from kiosk.domain.ticket import OPEN, Ticket, number

OPEN_TICKETS_MAX = 5000
GUIDE_CALLS_MAX = 50
NOTICES_MAX = 20

Facts = tuple[f.Fact, ...]


def decide(hall: Hall, command: c.Command, at: int) -> Facts:
    return _DECIDE[type(command)](hall, command, at)


def refuse(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str, field: str = "", status: int = 409) -> Refused:
    return Refused(code, f.Lines(zh=zh, en=en), f.Lines(zh=remedy_zh, en=remedy_en), field, status)


# --- tickets -------------------------------------------------------------------------------------------------------


def _issue(hall: Hall, command: c.Issue, at: int) -> Facts:
    service = hall.plan.service(command.service)
    if service is None:
        raise _no_such("service", command.service, hall.plan.service_ids)
    if hall.plan.klass(command.klass) is None:
        raise _no_such("class", command.klass, tuple(k.id for k in hall.plan.classes))
    if not hall.ordinal:
        raise refuse(
            "no_day",
            "营业日还没有开始。",
            "No business day is open.",
            "请工作人员开始营业日。",
            "Ask staff to open the day.",
        )
    _check_answers(hall, command.answers)
    ordinal = hall.series.get(service.series, 0) + 1
    if hall.line.waiting(service.id) >= service.day_cap or len(hall.tickets) >= 100 * OPEN_TICKETS_MAX:
        raise refuse(
            "full",
            "今天该业务的号已取完。",
            "No more numbers for this service today.",
            "请到咨询台登记，或明天再来。",
            "Please register at the desk, or come back tomorrow.",
            "service",
        )
    # Where the new ticket will stand: issue order after everyone, less its head start.
    place = Place(hall.time_ms(at) - hall.head_start_ms(command.klass), len(hall.tickets), command.ticket)
    waits = estimate.wait_minutes(hall, at, place)
    issued = f.TicketIssued(
        ticket=command.ticket,
        number=number(service.series, ordinal),
        series=service.series,
        ordinal=ordinal,
        service=service.id,
        klass=command.klass,
        lang=command.lang,
        answers=command.answers,
        station=command.station,
        ahead=hall.line.ahead(hall.reach(service.id), place),
        promise=estimate.promise(hall, waits.get(service.id)),
    )
    if not command.printer:
        return (issued,)
    return issued, f.PrintAsked(
        job=command.job, device=command.printer, what="ticket", subject=command.ticket, lang=command.lang
    )


def _check_answers(hall: Hall, answers: dict[str, str]) -> None:
    for node_id, choice in answers.items():
        node = hall.plan.node(node_id)
        if node is None or node.kind != "question":
            raise _no_such("answers", node_id, tuple(n.id for n in hall.plan.nodes if n.kind == "question"))
        if choice not in (known := tuple(x.id for x in node.choices)):
            raise _no_such(f"answers.{node_id}", choice, known)


def _no_such(field: str, value: object, known: tuple[object, ...]) -> Refused:
    choices = ", ".join(map(str, known))
    return refuse(
        "unknown_value",
        f"“{field}”没有“{value}”这一项。",
        f"There is no {field} “{value}”.",
        f"可用的有：{choices}。",
        f"Use one of: {choices}.",
        field,
        422,
    )


def _ticket(hall: Hall, id: str) -> Ticket:
    ticket = hall.tickets.get(id)
    if ticket is None:
        raise refuse(
            "no_ticket",
            "今天没有这张号票。",
            "There is no such ticket today.",
            "请重新取号。",
            "Please take a new number.",
            "ticket",
            404,
        )
    return ticket


def _cancel(hall: Hall, command: c.Cancel, at: int) -> Facts:
    ticket = _ticket(hall, command.ticket)
    if ticket.state == "cancelled":
        return ()
    if ticket.state not in ("waiting", "called"):
        raise refuse(
            "not_open",
            f"{ticket.number} 已在办理或已结束，不能取消。",
            f"{ticket.number} is being served or has ended and cannot be cancelled.",
            "如需帮助请找工作人员。",
            "Ask staff if you need help.",
        )
    return (f.TicketCancelled(ticket=ticket.id, by=command.by),)


def _return(hall: Hall, command: c.Return, at: int) -> Facts:
    ticket = _ticket(hall, command.ticket)
    if ticket.state in OPEN:
        return ()
    late = hall.time_ms(at) - ticket.missed_ms > hall.plan.return_window_min * 60_000
    if ticket.state != "no_show" or ticket.misses > 1 or late:
        raise refuse(
            "cannot_return",
            f"{ticket.number} 不能再排队。",
            f"{ticket.number} cannot wait again.",
            "请重新取号。",
            "Please take a new number.",
        )
    return (f.TicketReturned(ticket=ticket.id),)


# --- counters ------------------------------------------------------------------------------------------------------


def _desk(hall: Hall, counter: int) -> Desk:
    if hall.plan.counter(counter) is None:
        raise _no_such("counter", counter, tuple(x.id for x in hall.plan.counters))
    return hall.desk(counter)


def _open(hall: Hall, command: c.OpenCounter, at: int) -> Facts:
    if _desk(hall, command.counter).state == "open":
        return ()
    return (f.CounterOpened(counter=command.counter, clerk=command.clerk),)


def _hands_free(hall: Hall, counter: int) -> None:
    ticket = hall.ticket_at(counter)
    if ticket is not None:
        raise refuse(
            "holding",
            f"窗口还在办理 {ticket.number}。",
            f"The counter still has {ticket.number}.",
            "请先结束、转移或标记过号。",
            "Finish it, transfer it or set it to no-show first.",
        )


def _pause(hall: Hall, command: c.PauseCounter, at: int) -> Facts:
    desk = _desk(hall, command.counter)
    if desk.state == "paused" and desk.reason == command.reason:
        return ()
    _must_be_open(desk)
    _hands_free(hall, desk.id)
    return (f.CounterPaused(counter=desk.id, reason=command.reason),)


def _close(hall: Hall, command: c.CloseCounter, at: int) -> Facts:
    desk = _desk(hall, command.counter)
    if desk.state == "closed":
        return ()
    _hands_free(hall, desk.id)
    return (*_free_reserved(hall, desk.id), f.CounterClosed(counter=desk.id))


def _free_reserved(hall: Hall, counter: int) -> Facts:
    """Nobody may wait for a counter that has closed: what was reserved for it is everyone's again."""
    places = hall.line.reserved.get(counter, [])
    return tuple(
        f.TicketReleased(ticket=place.ticket, counter=counter, service=hall.tickets[place.ticket].service)
        for place in places
    )


def _must_be_open(desk: Desk) -> None:
    if desk.state == "closed":
        raise refuse(
            "closed",
            f"{desk.id} 号窗口没有开放。",
            f"Counter {desk.id} is closed.",
            "请先按“开始服务”。",
            "Press “Open” first.",
        )


def _next(hall: Hall, command: c.Next, at: int) -> Facts:
    desk = _desk(hall, command.counter)
    if desk.state != "open":
        raise refuse(
            "not_open",
            f"{desk.id} 号窗口没有开放。",
            f"Counter {desk.id} is not open.",
            "请先按“开始服务”。",
            "Press “Open” first.",
        )
    current = hall.ticket_at(desk.id)
    if (current.number if current else None) != (command.holding or None):
        return ()
    ended: Facts = ()
    if current is not None:
        ended = (f.TicketFinished(ticket=current.id, counter=desk.id),)
    return ended + _call(hall, desk, at)


def _call(hall: Hall, desk: Desk, at: int) -> Facts:
    services = hall.serves(desk.id)
    reserved = hall.line.reserved.get(desk.id)
    place = reserved[0] if reserved else hall.line.head(services)
    if place is None:
        return ()
    ticket = hall.tickets[place.ticket]
    reason = f.CallReason(
        rule="reserved" if reserved else "longest_wait",
        wait_s=max(0, hall.time_ms(at) - ticket.issued_ms) // 1000,
        head_start_s=ticket.head_start_ms // 1000,
        waiting=sum(map(hall.line.waiting, services)) + len(reserved or ()),
    )
    called = f.TicketCalled(ticket=ticket.id, counter=desk.id, reason=reason)
    return called, *_unheard(hall, ticket, desk.id, 1)


def _held(hall: Hall, counter: int) -> Ticket:
    _desk(hall, counter)
    ticket = hall.ticket_at(counter)
    if ticket is None:
        raise refuse(
            "no_ticket_here",
            f"{counter} 号窗口现在没有号。",
            f"Counter {counter} has no ticket.",
            "请按“下一位”。",
            "Press “Next”.",
        )
    return ticket


def _recall(hall: Hall, command: c.Recall, at: int) -> Facts:
    ticket = _held(hall, command.counter)
    if ticket.state != "called":
        raise refuse(
            "serving",
            f"{ticket.number} 已经在办理。",
            f"{ticket.number} is being served already.",
            "不用再叫。",
            "There is no need to call again.",
        )
    if ticket.calls - ticket.unheard > hall.plan.recall_limit:
        raise refuse(
            "recalled_enough",
            f"{ticket.number} 已叫过 {ticket.calls} 次。",
            f"{ticket.number} has been called {ticket.calls} times.",
            "请按“过号”。",
            "Press “No-show”.",
        )
    nth = ticket.calls + 1
    recalled = f.TicketRecalled(ticket=ticket.id, counter=command.counter, nth=nth)
    return recalled, *_unheard(hall, ticket, command.counter, nth)


def _unheard(hall: Hall, ticket: Ticket, counter: int, nth: int) -> Facts:
    """In a hall without a voice that nobody heard the call is known with the call, so it is in the same commit."""
    if hall.plan.voice:
        return ()
    detail = "no voice in this hall"
    return (f.Announced(ticket=ticket.id, counter=counter, nth=nth, outcome="not_done", detail=detail),)


def _start(hall: Hall, command: c.Start, at: int) -> Facts:
    ticket = _held(hall, command.counter)
    if ticket.state == "serving":
        return ()
    return (f.TicketStarted(ticket=ticket.id, counter=command.counter),)


def _finish(hall: Hall, command: c.Finish, at: int) -> Facts:
    return (f.TicketFinished(ticket=_held(hall, command.counter).id, counter=command.counter),)


def _no_show(hall: Hall, command: c.NoShow, at: int) -> Facts:
    ticket = _held(hall, command.counter)
    if ticket.state != "called":
        raise refuse(
            "serving",
            f"{ticket.number} 已经在办理。",
            f"{ticket.number} is being served already.",
            "办完请按“结束”。",
            "Press “Finish” when it is done.",
        )
    return (f.TicketMissed(ticket=ticket.id, counter=command.counter, final=ticket.misses > 0),)


def _transfer(hall: Hall, command: c.Transfer, at: int) -> Facts:
    if bool(command.service) == (command.to_counter is not None):
        raise refuse(
            "one_target",
            "请选择一个业务或一个窗口。",
            "Choose one service or one counter.",
            "填写 service 或 counter 其中之一。",
            "Give either service or counter.",
            "service",
            422,
        )
    ticket = _held(hall, command.counter)
    service = command.service or ticket.service
    if hall.plan.service(service) is None:
        raise _no_such("service", service, hall.plan.service_ids)
    if command.to_counter is not None:
        target = _desk(hall, command.to_counter)
        if target.state == "closed":
            raise refuse(
                "closed",
                f"{target.id} 号窗口没有开放。",
                f"Counter {target.id} is closed.",
                "请选择开放的窗口，或转到业务队列。",
                "Choose an open counter, or transfer to a service.",
                "counter",
            )
        if target.id == command.counter:
            raise refuse(
                "same_counter",
                "不能转到同一个窗口。",
                "It cannot be transferred to the same counter.",
                "请选择另一个窗口。",
                "Choose another counter.",
                "counter",
                422,
            )
    return (
        f.TicketTransferred(ticket=ticket.id, counter=command.counter, service=service, to_counter=command.to_counter),
    )


# --- people, paper, notices ----------------------------------------------------------------------------------------


def _call_guide(hall: Hall, command: c.CallGuide, at: int) -> Facts:
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


def _answer_guide(hall: Hall, command: c.AnswerGuide, at: int) -> Facts:
    if command.call not in hall.guide_calls:
        return ()
    return (f.GuideAnswered(call=command.call),)


def _end_triage(hall: Hall, command: c.EndTriage, at: int) -> Facts:
    node = hall.plan.node(command.node)
    if node is None or node.kind != command.outcome:
        raise _no_such("node", command.node, tuple(n.id for n in hall.plan.nodes if n.kind == command.outcome))
    _check_answers(hall, command.answers)
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
    return ended, *_call_guide(hall, call, at)


def _print_papers(hall: Hall, command: c.PrintPapers, at: int) -> Facts:
    node = hall.plan.node(command.node)
    if node is None or not node.papers:
        raise _no_such("node", command.node, tuple(n.id for n in hall.plan.nodes if n.papers))
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


def _print_copy(hall: Hall, command: c.PrintCopy, at: int) -> Facts:
    ticket = _ticket(hall, command.ticket)
    _must_have_printer(command.printer)
    return (
        f.PrintAsked(
            job=command.job, device=command.printer, what="ticket", subject=ticket.id, lang=ticket.lang, copy=True
        ),
    )


def _publish(hall: Hall, command: c.Publish, at: int) -> Facts:
    if command.notice not in hall.notices and len(hall.notices) >= NOTICES_MAX:
        raise refuse(
            "too_many",
            f"最多 {NOTICES_MAX} 条通知。",
            f"There are {NOTICES_MAX} notices already.",
            "请先撤下一条。",
            "Withdraw one first.",
        )
    return (f.NoticePublished(notice=command.notice, text=command.text, until=command.until),)


def _withdraw(hall: Hall, command: c.Withdraw, at: int) -> Facts:
    return (f.NoticeWithdrawn(notice=command.notice),) if command.notice in hall.notices else ()


# --- day -----------------------------------------------------------------------------------------------------------


def new_day(hall: Hall, label: str, by: str) -> Facts:
    """What was left over is closed by facts of its own, then the day opens: safe twice, safe across a power cut."""
    left = [t for t in hall.tickets.values() if t.state in OPEN]
    ended: list[f.Fact] = [f.TicketExpired(ticket=t.id) for t in left]
    ended += [f.CounterClosed(counter=d.id) for d in hall.desks.values() if d.state != "closed"]
    return *ended, f.DayOpened(ordinal=hall.ordinal + 1, label=label, by=by, carry=carry_over(hall))


def _open_day(hall: Hall, command: c.OpenDay, at: int) -> Facts:
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


def _tick(hall: Hall, command: c.Tick, at: int) -> Facts:
    due = day_due(hall, at)
    if due is None:
        return ()
    if due.relabel:
        return (f.DayRelabelled(label=due.label),)
    return new_day(hall, due.label, "clock")


_DECIDE: dict[type[c.Command], Callable[[Hall, Any, int], Facts]] = {
    c.Issue: _issue,
    c.Cancel: _cancel,
    c.Return: _return,
    c.OpenCounter: _open,
    c.PauseCounter: _pause,
    c.CloseCounter: _close,
    c.Next: _next,
    c.Recall: _recall,
    c.Start: _start,
    c.Finish: _finish,
    c.NoShow: _no_show,
    c.Transfer: _transfer,
    c.CallGuide: _call_guide,
    c.AnswerGuide: _answer_guide,
    c.EndTriage: _end_triage,
    c.PrintPapers: _print_papers,
    c.PrintCopy: _print_copy,
    c.Publish: _publish,
    c.Withdraw: _withdraw,
    c.OpenDay: _open_day,
    c.Tick: _tick,
}
