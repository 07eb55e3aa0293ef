"""The customer's visit: `step(visit, event, setup) -> (visit, intents)`. Pure.

THE LAW
1. A place is the overlay if one is open, else the step. A touch moves the visit only as TABLE says for (place, word of the
   button); any other pair raises Misstep. `timeout` is a word like any other: it comes when `timers.deadline` has passed.
2. One intent has one key, made once with the tap. While a number is being asked for there is no second way to ask:
   the step is `wait`, and `wait` has no such button. A late or doubled answer finds no ask with its key and changes nothing.
3. A touch within 0.4 s of the last is the same touch. The touch that wakes the screen does nothing else.
4. The end of a visit wipes everything: language, large text, class, answers, ticket, asks.
   What is wiped is dropped at the client too.
5. A lost station changes no place: the view covers it with a calm page, and what was asked is asked again by the client.
6. Before a visit that somebody has begun is wiped, the screen asks whether anybody is there; never over a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.flows import moves, timers
from kiosk.flows.moves import Moved
from kiosk.flows.state import (
    DEBOUNCE_S,
    Answered,
    Ask,
    Event,
    Link,
    Misstep,
    Refused,
    Setup,
    Step,
    Tap,
    Tick,
    TicketSeen,
    Touched,
    Visit,
    Watch,
)

Move = Callable[[Visit, Tap, Setup], Moved]


def step(visit: Visit, event: Event, setup: Setup) -> Moved:
    """The visit after `event`, and what to ask of the station. Raises Misstep for a touch the place does not have."""
    visit = replace(visit, at=max(visit.at, event.at))
    match event:
        case Tap():
            return _tap(visit, event, setup)
        case Touched(at=at):
            return replace(visit, touched_at=at), ()
        case Tick():
            return _tick(visit, event, setup)
        case Link(up=up):
            return replace(visit, up=up), ()
        case Answered():
            return _answered(visit, event)
        case Refused():
            return _refused(visit, event)
        case TicketSeen():
            return _news(visit, event), ()


def place(visit: Visit) -> str:
    return visit.overlay or visit.step


def _tap(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    move = TABLE.get((place(visit), tap.id.partition(":")[0]))
    if move is None:
        raise Misstep(f"{tap.id!r} at {place(visit)!r}: no such move")
    touched = replace(visit, touched_at=tap.at)
    if tap.at - visit.tapped_at < DEBOUNCE_S:
        return touched, ()
    return move(replace(touched, tapped_at=tap.at, fresh=False), tap, setup)


def _tick(visit: Visit, tick: Tick, setup: Setup) -> Moved:
    limit = timers.deadline(visit, setup.timing)
    if limit is None or tick.at < limit:
        return visit, ()
    return TABLE[place(visit), "timeout"](visit, Tap("timeout", tick.at, tick.key), setup)


# --- the station's answers ------------------------------------------------------------------------------------------


def _take_ask(visit: Visit, key: str) -> tuple[Visit, Ask | None]:
    ask = next((a for a in visit.asks if a.key == key), None)
    return replace(visit, asks=tuple(a for a in visit.asks if a.key != key)), ask


def _answered(visit: Visit, event: Answered) -> Moved:
    visit, ask = _take_ask(visit, event.key)
    if ask is None:
        return visit, ()
    if ask.kind == "ticket" and event.ticket is not None:
        return replace(moves.enter(visit, "number"), ticket=event.ticket), (Watch(event.ticket.id),)
    if ask.kind == "guide_call":
        return replace(visit, staff_called_at=event.at, overlay_at=event.at), ()
    if ask.kind == "guide_end":
        return moves.enter(visit, "guide"), ()
    if ask.kind == "papers":
        return replace(visit, papers="done"), ()
    return visit, ()


def _news(visit: Visit, event: TicketSeen) -> Visit:
    """What became of the paper gives the customer the full time again to read it."""
    was, now = visit.ticket, event.ticket
    if was is None or was.id != now.id:
        return visit
    return replace(visit, ticket=now, touched_at=visit.touched_at if was.print == now.print else event.at)


def _refused(visit: Visit, event: Refused) -> Moved:
    visit, ask = _take_ask(visit, event.key)
    if ask is None:
        return visit, ()
    if ask.kind in ("ticket", "guide_end"):
        return replace(moves.enter(visit, "sorry"), problem=event.problem), ()
    if ask.kind == "guide_call":
        return replace(visit, staff_failed=True, overlay_at=event.at), ()
    if ask.kind == "papers":
        return replace(visit, papers="failed"), ()
    return visit, ()  # a triage end that was not taken is the station's own figure


# --- the table ------------------------------------------------------------------------------------------------------

TABLE: dict[tuple[str, str], Move] = {
    ("attract", "start"): moves.begin,
    ("home", "service"): moves.choose_service,
    ("home", "priority"): moves.open_priority,
    ("home", "class_clear"): moves.clear_class,
    ("home", "more"): moves.turn_leaf,
    ("home", "back"): moves.end,
    ("home", "timeout"): moves.home_timeout,
    ("priority", "class"): moves.choose_class,
    ("priority", "more"): moves.turn_leaf,
    ("priority", "back"): moves.leave_priority,
    ("priority", "home"): moves.go_home,
    ("priority", "timeout"): moves.ask_still_there,
    ("question", "choice"): moves.choose,
    ("question", "priority"): moves.open_priority,
    ("question", "class_clear"): moves.clear_class,
    ("question", "more"): moves.turn_leaf,
    ("question", "back"): moves.back,
    ("question", "home"): moves.go_home,
    ("question", "timeout"): moves.ask_still_there,
    ("self_service", "take"): moves.take_number,
    ("self_service", "understood"): moves.end_without_number,
    ("self_service", "back"): moves.back,
    ("self_service", "home"): moves.go_home,
    ("self_service", "timeout"): moves.ask_still_there,
    ("papers", "take"): moves.take_number,
    ("papers", "understood"): moves.end_without_number,
    ("papers", "print_list"): moves.print_list,
    ("papers", "back"): moves.back,
    ("papers", "home"): moves.go_home,
    ("papers", "timeout"): moves.ask_still_there,
    ("wait", "timeout"): moves.give_up,
    ("number", "done"): moves.finish,
    ("number", "home"): moves.finish,
    ("number", "timeout"): moves.finish,
    ("guide", "take"): moves.take_number,
    ("guide", "done"): moves.finish,
    ("guide", "home"): moves.finish,
    ("guide", "timeout"): moves.finish,
    ("sorry", "again"): moves.try_again,
    ("sorry", "home"): moves.finish,
    ("sorry", "timeout"): moves.finish,
    ("still_there", "continue"): moves.close_overlay,
    ("still_there", "timeout"): moves.nobody_there,
    ("staff", "close"): moves.close_overlay,
    ("staff", "timeout"): moves.close_overlay,
}

STEPS: tuple[Step, ...] = (
    "attract", "home", "priority", "question", "self_service", "papers", "wait", "number", "guide", "sorry",
)  # fmt: skip
for _step in STEPS:  # on every screen, by the mission
    TABLE[_step, "lang"] = moves.other_language
    TABLE[_step, "staff"] = moves.call_staff
    TABLE[_step, "big"] = moves.large_text
    TABLE[_step, "low"] = moves.lower
