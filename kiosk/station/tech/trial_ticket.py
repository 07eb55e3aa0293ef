"""The test ticket: issued, called to a counter and printed; taken back once a person has looked, so that nothing of it stays.

It is marked as a trial in its facts, so it is in no figure of the day. The counter it is called to was closed and is opened in
the wizard's name (CLERK): whoever ends the test, also after a crash, closes every counter that still has that name.
"""

from __future__ import annotations

import asyncio

import msgspec

from devices.ports import Outcome, not_done
from kiosk.domain import commands as c
from kiosk.domain.commands import Refused
from kiosk.domain.hall import Desk
from kiosk.domain.ticket import OPEN, Ticket
from kiosk.station.keeper import Keeper, new_id

PRINT_S = 25.0
LOOK_EVERY_S = 0.1
CLERK = "向导 wizard"
OTHERS_WAIT = "not called, as customers are waiting 没有叫号：有客户在等候"
NONE_FREE = "not called, as no counter is free 没有叫号：没有空闲窗口"
QUICKER = "not called, as somebody was quicker at that counter 没有叫号：该窗口已被他人使用"
GONE = "not called, as it was taken back meanwhile 没有叫号：号码已被取消"
OUTCOMES = {"done": Outcome("done"), "not_done": Outcome("not_done"), "unknown": Outcome("unknown")}


class _Issued(msgspec.Struct, frozen=True):
    ticket: str
    number: str


async def issue_and_call(keeper: Keeper, *, station: str, printer: str, lang: str, key: str) -> tuple[str, Outcome]:
    """-> number, and what became of its paper. `key` makes a repeat the same ticket. Where customers wait already, nobody is
    called: the call would be theirs. The outcome's detail says why it was not called. Raises Refused when no number can be
    given."""
    plan = keeper.plan
    id = new_id()
    issue = c.Issue(
        ticket=id,
        service=plan.services[0].id,
        lang=lang,
        station=station,
        printer=printer,
        job=new_id(),
        trial=True,
    )
    answer = await keeper.submit(
        issue, f"{key}-issue", lambda hall, at: {"ticket": id, "number": hall.tickets[id].number}
    )
    issued = msgspec.json.decode(answer, type=_Issued)
    uncalled = await _call(keeper, issued.ticket, key)
    outcome = await _paper(keeper, issued.ticket, printer)
    if not uncalled:
        return issued.number, outcome
    await close_tickets(keeper)
    return issued.number, Outcome(outcome.kind, uncalled)


async def _call(keeper: Keeper, ticket: str, key: str) -> str:
    """-> why it was not called; "" when it was."""
    hall = keeper.hall
    known = hall.tickets.get(ticket)
    if known is None:
        return GONE
    if known.counter is not None and known.state in ("called", "serving"):
        return ""
    if known.state != "waiting":
        return GONE
    if _others_wait(keeper, ticket):
        return OTHERS_WAIT
    serving = [n.id for n in keeper.plan.counters if not n.serves or known.service in n.serves]
    free = next((n for n in serving if hall.desk(n).ticket is None and _ours_or_closed(hall.desk(n))), 0)
    if not free:
        return NONE_FREE
    try:
        await keeper.submit(c.OpenCounter(counter=free, clerk=CLERK), f"{key}-open")
        if _others_wait(keeper, ticket):  # who came meanwhile, and may have a head start
            return OTHERS_WAIT
        # No await between that look and the deciding of this call (`Keeper.submit`): it can be nobody else's.
        await keeper.submit(c.Next(counter=free, holding=None), f"{key}-next")
    except Refused:
        return QUICKER
    return "" if keeper.hall.desk(free).ticket == ticket else QUICKER


def _others_wait(keeper: Keeper, ticket: str) -> bool:
    return any(t.state == "waiting" and t.id != ticket for t in keeper.hall.tickets.values())


def _ours_or_closed(desk: Desk) -> bool:
    return desk.state == "closed" or desk.clerk == CLERK


async def _paper(keeper: Keeper, ticket: str, printer: str) -> Outcome:
    if not printer:
        return not_done("this box has no printer 本机没有打印机")
    loop = asyncio.get_running_loop()
    until = loop.time() + PRINT_S
    while loop.time() < until:
        known = keeper.hall.tickets.get(ticket)
        if known is None:
            return not_done("the day has changed 营业日已变")
        if known.print in OUTCOMES:
            return OUTCOMES[known.print]
        await asyncio.sleep(LOOK_EVERY_S)
    return Outcome("unknown", f"the printer said nothing within {PRINT_S:.0f} s 限时内没有打印结果")


async def close_tickets(keeper: Keeper) -> None:
    """Every test ticket ends, and every counter that the wizard opened closes. Harmless when there is none."""
    hall = keeper.hall
    for ticket in [t for t in hall.tickets.values() if t.trial]:
        await _end(keeper, ticket)
    for desk in [d for d in hall.desks.values() if d.clerk == CLERK and d.ticket is None]:
        await _done(keeper, c.CloseCounter(counter=desk.id))


async def close_ticket(keeper: Keeper, number: str) -> None:
    """That test ticket and its counter only; "" is none. Another one, which a crash interrupted, goes on."""
    ticket = keeper.hall.tickets.get(keeper.hall.numbers.get(number, ""))
    if ticket is None or not ticket.trial or ticket.state not in OPEN:
        return
    counter = ticket.counter
    await _end(keeper, ticket)
    if counter is not None and keeper.hall.desk(counter).clerk == CLERK:
        await _done(keeper, c.CloseCounter(counter=counter))


async def _end(keeper: Keeper, ticket: Ticket) -> None:
    if ticket.state in ("waiting", "called"):
        await _done(keeper, c.Cancel(ticket=ticket.id, by="by_staff"))
    elif ticket.state == "serving" and ticket.counter is not None:  # a clerk pressed “start”: it can only be finished
        await _done(keeper, c.Finish(counter=ticket.counter))


async def _done(keeper: Keeper, command: c.Command) -> None:
    try:
        await keeper.submit(command)
    except Refused:
        return  # somebody at the counter was quicker
