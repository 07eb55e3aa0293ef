"""The tech's visit: `step(tech, event) -> (tech, intents)`. Pure.

THE LAW
1. Without the right PIN there is one page, and it shows nothing of the box. PIN_S without a touch end it.
2. A touch moves the visit only as TABLE says for (place, word of the button); any other pair raises Misstep.
3. One thing is asked at a time; its answer is known by its key. A late answer changes nothing.
4. IDLE_S without a touch, while nothing is asked, end the visit; the end wipes everything but the calibration in force.
5. A new calibration is in force only on trial until a target has been hit; TRY_S later, or by leaving, it is taken back.
6. The page decides what is looked at (`looks`); a refused token (401, 403) leads back to the PIN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from kiosk.flows.seen import Problem
from kiosk.flows.state import DEBOUNCE_S, Misstep, Tap, Touched
from kiosk.flows.tech import moves, wizard
from kiosk.flows.tech.seen import Detected, OnTrial, Paired, Stick, Trial, Tried, Wizard
from kiosk.flows.tech.state import (
    CROSS_S,
    IDLE_S,
    PIN_S,
    TRY_S,
    Apply,
    Event,
    Look,
    Moved,
    Place,
    Quit,
    Raw,
    Refused,
    Spot,
    Tech,
    Tick,
    Told,
)

TRIAL = "/tech/config/trial"
# Not where a page of its own counts down already, nor where nothing may come between (crosses, the wizard's forms).
TELL_OF_TRIALS: tuple[Place, ...] = (
    "menu", "devices", "device", "log", "ports", "found", "levels", "level", "network", "pair", "doctor", "check", "bundle",
    "restart",
)  # fmt: skip

Move = Callable[[Tech, Tap], Moved]
KEY_S = 0.05  # on a pad: a person types faster than pages follow each other, and two keys are never one touch
KEYS = ("key", "erase", "level")


def step(tech: Tech, event: Event) -> Moved:
    """The visit after `event`, and what to ask. Raises Misstep for a touch that the place does not have."""
    tech = replace(tech, at=max(tech.at, event.at))
    before = looks(tech)
    match event:
        case Tap():
            tech, intents = _tap(tech, event)
        case Raw():
            tech, intents = _raw(tech, event)
        case Touched(at=at):
            tech, intents = replace(tech, touched_at=at), ()
        case Tick():
            tech, intents = _tick(tech)
        case Told():
            tech, intents = _told(tech, event)
        case Refused():
            tech, intents = _refused(tech, event)
    after = looks(tech)
    return tech, intents if after == before else (*intents, Look(after))


def looks(tech: Tech) -> tuple[tuple[str, float], ...]:
    """What this page shows of the station: (path, seconds between two looks)."""
    arg = quote(tech.here.arg, safe="")
    told: dict[Place, tuple[tuple[str, float], ...]] = {
        "devices": (("/tech/devices", 1.5),),
        "device": (("/tech/devices", 1.5), *(((f"/tech/devices/{arg}/log", 1.5),) if tech.panel.portrait else ())),
        "log": ((f"/tech/devices/{arg}/log", 1.0),),
        "levels": (("/tech/devices", 3.0),),
        "level": (("/tech/devices", 3.0),),
        "ports": (("/tech/ports", 3.0),),
        "network": (("/tech/network", 3.0),),
        "pair": (("/tech/network", 5.0),),
        "config": (("/tech/config", 2.0),),
        "file": (("/tech/config", 2.0),),
        "doctor": (("/tech/doctor", 10.0),),
        "check": (("/tech/doctor", 10.0),),
        "bundle": (("stick", 1.0), ("/tech/network", 5.0)),
        "wizard": ((wizard.PATH, 1.0),),
    }
    return (*told.get(tech.here.place, ()), *(((TRIAL, 2.0),) if tech.here.place in TELL_OF_TRIALS else ()))


def trial_of(tech: Tech) -> Trial | None:
    """A configuration on trial, on the pages that tell of it beside their own matter."""
    told = tech.get(TRIAL, OnTrial) if tech.here.place in TELL_OF_TRIALS else None
    return told.trial if told else None


def over(tech: Tech) -> bool:
    return tech.here.place == "over"


def px_per_mm(tech: Tech) -> float:
    panel = tech.panel
    return float((panel.width**2 + panel.height**2) ** 0.5 / (panel.diagonal_inch * 25.4))


# --- touches and time ------------------------------------------------------------------------------------------------


def _tap(tech: Tech, tap: Tap) -> Moved:
    word = tap.id.partition(":")[0]
    move = TABLE.get((tech.here.place, word))
    if move is None:
        raise Misstep(f"{tap.id!r} at {tech.here.place!r}: no such move")
    touched = replace(tech, touched_at=tap.at)
    if tap.at - tech.tapped_at < _apart(tech, tap.id, word):
        return touched, ()
    return move(replace(touched, tapped_at=tap.at, tapped_id=tap.id), tap)


def _apart(tech: Tech, id: str, word: str) -> float:
    """Seconds by which a touch must follow the last one; less is the same touch. Another button of the page that was touched
    last is another touch, and so is another key."""
    same = id == tech.tapped_id
    if word in KEYS:
        return KEY_S if same else 0.0
    return DEBOUNCE_S if same or tech.entered_at >= tech.tapped_at else 0.0


def _raw(tech: Tech, event: Raw) -> Moved:
    if tech.here.place != "touch" or event.at - tech.tapped_at < DEBOUNCE_S:
        return tech, ()
    return moves.cross(replace(tech, tapped_at=event.at), event.point, px_per_mm(tech)), ()


def deadline(tech: Tech) -> float | None:
    """When the place ends by itself; never while the station works for it."""
    place = tech.here.place
    if place == "over" or tech.busy is not None:
        return None
    if place == "touch_try":
        return tech.entered_at + TRY_S
    return tech.touched_at + {"pin": PIN_S, "touch": CROSS_S}.get(place, IDLE_S)


def _tick(tech: Tech) -> Moved:
    limit = deadline(tech)
    if limit is None or tech.at < limit:
        return tech, ()
    idle = Tap("timeout", tech.at, "")
    if tech.here.place == "touch_try":
        return moves.touch_timeout(tech)
    return moves.back(tech, idle) if tech.here.place == "touch" else moves.leave(tech, idle)


def due(tech: Tech) -> float | None:
    """The next moment at which a Tick changes something: an end, or a second that counts down."""
    limit = deadline(tech)
    if tech.here.place in ("touch_try", "config", "pin") or tech.busy is not None or trial_of(tech) is not None:
        return min(tech.at + 1.0, limit) if limit is not None else tech.at + 1.0
    return limit


# --- answers ---------------------------------------------------------------------------------------------------------


def _told(tech: Tech, event: Told) -> Moved:
    tech = replace(tech, up=True)
    if event.key:
        if tech.busy is None or tech.busy.key != event.key:
            return tech, ()
        return _done(tech, event)
    if event.path not in {path for path, _ in looks(tech)} or tech.busy is not None:
        return tech, ()  # a look that this page does not want any more
    return _seen(tech, event), ()


def _seen(tech: Tech, event: Told) -> Tech:
    before = tech.get(wizard.PATH, Wizard)
    tech = replace(tech, seen={**tech.seen, event.path: event.value}, seen_at={**tech.seen_at, event.path: tech.at})
    if isinstance(event.value, Wizard):
        tech = wizard.arrived(tech, before, event.value)
    return tech


def _done(tech: Tech, event: Told) -> Moved:
    kind, value = (tech.busy.kind if tech.busy else ""), event.value
    tech = replace(tech, touched_at=tech.at)
    if kind == "restart" and tech.busy is not None and tech.busy.body.get("what") == "screen":
        return replace(tech, busy=None), (Quit(),)
    tech = replace(tech, busy=None)
    match kind:
        case "login":
            return moves.arrive(replace(tech, spots=(Spot("menu"),), seen={})), ()
        case "test":
            return replace(tech, tried=value if isinstance(value, Tried) else Tried()), ()
        case "level" if isinstance(value, Tried) and value.outcome != "done":
            return replace(tech, tried=value), ()
        case "detect" if isinstance(value, Detected):
            return replace(tech, seen={**tech.seen, "/tech/detect": value}), ()
        case "pair" if isinstance(value, Paired):
            return replace(moves.arrive(replace(tech, spots=tech.spots[:-1])), said="paired"), ()
        case "wizard":
            tech = replace(tech, saved=tech.matrix)
            return _seen(tech, replace(event, path=wizard.PATH)), ()
        case "bundle" if isinstance(value, Stick):
            return replace(tech, said="saved", seen={**tech.seen, "stick": value}), ()
    if kind == "calibrate":
        tech = replace(tech, saved=tech.matrix)
    return replace(tech, said=f"{kind}_done"), ()


def _refused(tech: Tech, event: Refused) -> Moved:
    lost = event.problem.status == 0
    if event.key == "" or tech.busy is None or tech.busy.key != event.key:
        tech = replace(tech, up=not lost) if event.key == "" else tech
        return (_ask_pin(tech, event.problem) if event.key == "" else tech), ()
    kind = tech.busy.kind
    tech = replace(tech, busy=None, problem=event.problem, touched_at=tech.at)
    if kind == "calibrate":  # it could not be saved: better the old one than one that the next start forgets
        return replace(tech, matrix=tech.saved, said="touch_unsaved"), (Apply(tech.saved),)
    return (tech if kind == "login" else _ask_pin(tech, event.problem)), ()


def _ask_pin(tech: Tech, problem: Problem) -> Tech:
    """The token is worth nothing any more (a new day, another PIN): the PIN again."""
    if problem.status not in (401, 403) or tech.here.place == "pin":
        return tech
    return replace(moves.arrive(replace(tech, spots=(Spot("pin"),), seen={}, draft={}, busy=None)), said="pin_again")


# --- the table -------------------------------------------------------------------------------------------------------

TABLE: dict[tuple[Place, str], Move] = {
    ("pin", "key"): moves.pin_digit,
    ("pin", "erase"): moves.erase,
    ("pin", "ok"): moves.login,
    ("menu", "tile"): moves.open_tile,
    ("devices", "row"): moves.open_row,
    ("device", "test"): moves.test,
    ("device", "revive"): moves.revive,
    ("device", "log"): moves.open_log,
    ("ports", "row"): moves.detect,
    ("found", "again"): moves.detect_again,
    ("found", "numbers"): moves.show_numbers,
    ("levels", "row"): moves.open_level,
    ("level", "level"): moves.change_level,
    ("level", "test"): moves.test,
    ("network", "pair"): moves.open_pair,
    ("pair", "key"): moves.code_digit,
    ("pair", "erase"): moves.erase,
    ("pair", "ok"): moves.pair,
    ("config", "row"): moves.open_row,
    ("config", "confirm"): moves.confirm,
    ("config", "rollback"): moves.roll_back,
    ("doctor", "row"): moves.open_row,
    ("bundle", "save"): moves.save_bundle,
    ("restart", "restart"): moves.restart,
    ("touch_result", "again"): moves.touch_again,
    ("touch_result", "try"): moves.try_touch,
    ("touch_try", "target"): wizard.prove_touch,
    ("wizard", "field"): wizard.open_field,
    ("wizard", "choice"): wizard.choose,
    ("wizard", "next"): wizard.go_on,
    ("wizard", "step_back"): wizard.step_back,
    ("wizard", "start_over"): wizard.start_over,
    ("choice", "choice"): wizard.choose,
    ("entry", "key"): wizard.key,
    ("entry", "offer"): wizard.offer,
    ("entry", "erase"): moves.erase,
    ("entry", "shift"): wizard.shift,
    ("entry", "layer"): wizard.layer,
    ("entry", "ok"): wizard.enter_field,
}

PLACES: tuple[Place, ...] = (
    "pin", "menu", "devices", "device", "log", "ports", "found", "levels", "level", "network", "pair", "config", "file",
    "doctor", "check", "bundle", "restart", "touch_result", "touch_try", "wizard", "choice", "entry",
)  # fmt: skip
for _place in PLACES:
    TABLE[_place, "lang"] = moves.other_language
    TABLE[_place, "leave"] = moves.leave
    TABLE[_place, "more"] = moves.turn_leaf
    TABLE[_place, "back"] = moves.back
    if _place != "pin":
        TABLE[_place, "home"] = moves.menu
