"""What a customer's commands mean: take a number, give it back, come back."""

from __future__ import annotations

from kiosk.domain import commands as c
from kiosk.domain import estimate
from kiosk.domain import facts as f
from kiosk.domain.hall import Hall
from kiosk.domain.line import Place
from kiosk.domain.refusals import check_answers, known_ticket, no_such, refuse
from kiosk.domain.ticket import OPEN, number

TICKETS_A_DAY_MAX = 500_000

Facts = tuple[f.Fact, ...]


def issue(hall: Hall, command: c.Issue, at: int) -> Facts:
    service = hall.plan.service(command.service)
    if service is None:
        raise no_such("service", command.service, hall.plan.service_ids)
    if hall.plan.klass(command.klass) is None:
        raise no_such("class", command.klass, tuple(k.id for k in hall.plan.classes))
    if not hall.ordinal:
        raise refuse(
            "no_day",
            "营业日还没有开始。",
            "No business day is open.",
            "请工作人员开始营业日。",
            "Ask staff to open the day.",
        )
    check_answers(hall, command.answers)
    ordinal = hall.series.get(service.series, 0) + 1
    if ordinal > service.day_cap or len(hall.tickets) >= TICKETS_A_DAY_MAX:
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
        trial=command.trial,
    )
    if not command.printer:
        return (issued,)
    return issued, f.PrintAsked(
        job=command.job, device=command.printer, what="ticket", subject=command.ticket, lang=command.lang
    )


def cancel(hall: Hall, command: c.Cancel, at: int) -> Facts:
    ticket = known_ticket(hall, command.ticket)
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


def come_back(hall: Hall, command: c.Return, at: int) -> Facts:
    ticket = known_ticket(hall, command.ticket)
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
