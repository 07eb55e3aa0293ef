"""The test ticket: issued, called to a counter and printed; closed once a person has looked, so that nothing of it stays."""

from __future__ import annotations

import asyncio

import msgspec

from devices.ports import Outcome, not_done
from kiosk.domain import commands as c
from kiosk.domain.commands import Refused
from kiosk.station.keeper import Keeper, new_id

PRINT_S = 25.0
LOOK_EVERY_S = 0.1
OUTCOMES = {"done": Outcome("done"), "not_done": Outcome("not_done"), "unknown": Outcome("unknown")}


class _Issued(msgspec.Struct, frozen=True):
    ticket: str
    number: str


async def issue_and_call(keeper: Keeper, *, station: str, printer: str, lang: str, key: str) -> tuple[str, Outcome]:
    """-> number, and what became of its paper. `key` makes a repeat the same ticket. Where customers wait already, nobody is
    called: the call would be theirs. Raises Refused when no number can be given."""
    plan = keeper.plan
    id = new_id()
    issue = c.Issue(
        ticket=id,
        service=plan.services[0].id,
        lang=lang,
        station=station,
        printer=printer,
        job=new_id(),
    )
    answer = await keeper.submit(
        issue, f"{key}-issue", lambda hall, at: {"ticket": id, "number": hall.tickets[id].number}
    )
    issued = msgspec.json.decode(answer, type=_Issued)
    called = await _call(keeper, issued.ticket, key)
    outcome = await _paper(keeper, issued.ticket, printer)
    if called:
        return issued.number, outcome
    await keeper.submit(c.Cancel(ticket=issued.ticket, by="by_staff"), f"{key}-cancel")
    return issued.number, Outcome(outcome.kind, "customers are waiting: it was not called 有客户在等候，没有叫号")


async def _call(keeper: Keeper, ticket: str, key: str) -> int:
    """-> the counter it was called to; 0 when others wait or no counter is free."""
    hall = keeper.hall
    known = hall.tickets.get(ticket)
    if known is None:
        return 0
    if known.counter is not None and known.state in ("called", "serving"):
        return known.counter
    others = [t for t in hall.tickets.values() if t.state == "waiting" and t.id != ticket]
    serving = [n.id for n in keeper.plan.counters if not n.serves or known.service in n.serves]
    free = next((n for n in serving if hall.desk(n).ticket is None and hall.desk(n).state == "closed"), 0)
    if others or not free or known.state != "waiting":
        return 0
    try:
        await keeper.submit(c.OpenCounter(counter=free), f"{key}-open")
        await keeper.submit(c.Next(counter=free, holding=None), f"{key}-next")
    except Refused:
        return 0  # somebody was quicker at that counter
    return free if hall.desk(free).ticket == ticket else 0


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


async def close_ticket(keeper: Keeper, number: str) -> None:
    """The person has looked: the ticket ends and its counter closes. Harmless for one that is closed already, or for ""."""
    known = keeper.hall.tickets.get(keeper.hall.numbers.get(number, ""))
    if known is None or known.counter is None or known.state not in ("called", "serving"):
        return
    counter = known.counter
    for command in (c.Start(counter=counter), c.Finish(counter=counter), c.CloseCounter(counter=counter)):
        try:
            await keeper.submit(command)
        except Refused:
            continue  # done before a crash
