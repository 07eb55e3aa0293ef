"""What lifting a finger will most likely lead to, so that its picture can be made while the finger is still down. Pure.

Nothing depends on a guess being right: it is never shown, and what is shown is made of the event itself.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.flows import moves
from kiosk.flows.seen import HallSeen, Ticket
from kiosk.flows.state import Setup, Tap, Visit
from kiosk.flows.visit import step

ANY_NUMBER = "A000"
ANY_URL = "http://"  # some address: a place for the code is kept free


def foreseen(visit: Visit, tap: Tap, setup: Setup, hall: HallSeen) -> Visit:
    """The visit after `tap`; if the tap asks for a number, after the station's answer. Raises Misstep as `step` does."""
    after, _ = step(visit, tap, setup)
    ask = after.pending("ticket")
    if after.step != "wait" or ask is None:
        return after
    service = str(ask.body["service"])
    seen = hall.service(service)
    ticket = Ticket(
        id="", number=ANY_NUMBER, service=service, klass=str(ask.body["class"]), url=ANY_URL,
        ahead=seen.waiting if seen else 0, estimate=seen.estimate if seen else None,
    )  # fmt: skip
    return replace(moves.enter(after, "number"), ticket=ticket, asks=())
