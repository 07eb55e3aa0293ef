"""When a visit moves by itself, and when its picture changes by itself. Seconds of the visit's clock.

The screen wakes only at `due`: on a quiet start page that is never, so an idle kiosk draws nothing.
"""

from __future__ import annotations

from kiosk.flows.seen import Timing
from kiosk.flows.state import GIVE_UP_S, MESSAGE_S, PAPER_TROUBLE_FACTOR, SPINNER_S, STAFF_FAILS_S, STAFF_SHOWN_S, Visit

BAR_STEP_S = 0.25  # how finely a countdown bar moves
BIG_FACTOR = 2.0
PAPER_TROUBLE = ("not_done", "unknown", "none")


def span_s(visit: Visit, timing: Timing) -> float | None:
    """How long the place lasts from its last touch, twice as long in large text; None: until somebody acts."""
    span = _plain_span_s(visit, timing)
    waits = visit.step == "wait" and not visit.overlay  # that one is the station's time, not the customer's
    return span * BIG_FACTOR if span is not None and visit.big and not waits else span


def _plain_span_s(visit: Visit, timing: Timing) -> float | None:
    if visit.overlay == "still_there":
        return timing.warn_s
    if visit.overlay == "staff":
        return STAFF_SHOWN_S
    match visit.step:
        case "attract":
            return None
        case "wait":
            return GIVE_UP_S
        case "number":
            trouble = visit.ticket is not None and visit.ticket.print in PAPER_TROUBLE
            return timing.result_s * (PAPER_TROUBLE_FACTOR if trouble else 1)
        case "guide" | "sorry":
            return timing.result_s * 2
        case _:
            return timing.idle_s


def _since(visit: Visit) -> float:
    if visit.overlay:
        return visit.overlay_at
    return visit.entered_at if visit.step == "wait" else visit.touched_at


def deadline(visit: Visit, timing: Timing) -> float | None:
    """When `timeout` happens here."""
    span = span_s(visit, timing)
    return None if span is None else _since(visit) + span


def left(visit: Visit, timing: Timing) -> tuple[float, float] | None:
    """(seconds left, fraction left 0…1) of a place that counts visibly; None elsewhere."""
    if visit.overlay != "still_there" and (visit.overlay or visit.step not in ("number", "guide", "sorry")):
        return None
    span = span_s(visit, timing)
    if not span:
        return None
    seconds = min(span, max(0.0, _since(visit) + span - visit.at))
    return seconds, seconds / span


def due(visit: Visit, timing: Timing) -> float | None:
    """The next moment at which a Tick changes something; None: never."""
    moments = [m for m in (deadline(visit, timing),) if m is not None]
    if left(visit, timing) is not None:
        moments.append(visit.at + BAR_STEP_S)
    waits: list[float] = []
    if visit.step == "wait":
        waits += [visit.entered_at + SPINNER_S, visit.entered_at + MESSAGE_S]
    if visit.overlay == "staff" and visit.pending("guide_call"):
        waits.append(visit.overlay_at + STAFF_FAILS_S)
    moments += [w for w in waits if w > visit.at]
    return min(moments, default=None)
