"""What a clerk's commands mean: open, next, recall, start, finish, no-show, transfer, pause, close."""

from __future__ import annotations

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.hall import Desk, Hall
from kiosk.domain.refusals import known_desk, no_such, refuse
from kiosk.domain.ticket import Ticket

Facts = tuple[f.Fact, ...]

RATE_WITHIN_MS = 5 * 60_000  # so long a customer who has been served may still touch the rating pad


def open_counter(hall: Hall, command: c.OpenCounter, at: int) -> Facts:
    if known_desk(hall, command.counter).state == "open":
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


def pause(hall: Hall, command: c.PauseCounter, at: int) -> Facts:
    desk = known_desk(hall, command.counter)
    if desk.state == "paused" and desk.reason == command.reason:
        return ()
    _must_be_open(desk)
    _hands_free(hall, desk.id)
    return (f.CounterPaused(counter=desk.id, reason=command.reason),)


def close(hall: Hall, command: c.CloseCounter, at: int) -> Facts:
    desk = known_desk(hall, command.counter)
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


def call_next(hall: Hall, command: c.Next, at: int) -> Facts:
    desk = known_desk(hall, command.counter)
    _must_be_open(desk)
    if desk.state == "paused":
        raise refuse(
            "paused",
            f"{desk.id} 号窗口已暂停。",
            f"Counter {desk.id} is paused.",
            "请先按“开始服务”。",
            "Press “Open” to go on.",
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
    known_desk(hall, counter)
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


def recall(hall: Hall, command: c.Recall, at: int) -> Facts:
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


def start(hall: Hall, command: c.Start, at: int) -> Facts:
    ticket = _held(hall, command.counter)
    if ticket.state == "serving":
        return ()
    return (f.TicketStarted(ticket=ticket.id, counter=command.counter),)


def finish(hall: Hall, command: c.Finish, at: int) -> Facts:
    return (f.TicketFinished(ticket=_held(hall, command.counter).id, counter=command.counter),)


def no_show(hall: Hall, command: c.NoShow, at: int) -> Facts:
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


def transfer(hall: Hall, command: c.Transfer, at: int) -> Facts:
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
        raise no_such("service", service, hall.plan.service_ids)
    if command.to_counter is not None:
        target = known_desk(hall, command.to_counter)
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


def rate(hall: Hall, command: c.Rate, at: int) -> Facts:
    """Nobody's touch, and the same touch again, are no judgement."""
    desk = known_desk(hall, command.counter)
    if not 1 <= command.score <= 5:
        raise no_such("score", str(command.score), ("1", "2", "3", "4", "5"))
    current = hall.ticket_at(desk.id)
    id = current.id if current is not None and current.state == "serving" else None
    if id is None and desk.last is not None and hall.time_ms(at) - desk.last_ms <= RATE_WITHIN_MS:
        id = desk.last
    if id is None or hall.tickets[id].score == command.score:
        return ()
    return (f.Rated(counter=desk.id, ticket=id, score=command.score),)
