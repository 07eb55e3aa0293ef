"""What a touch does to a tech's visit: one small move each. Which move belongs where stands in `flow.TABLE`."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from kiosk.flows.state import Misstep, Tap
from kiosk.flows.tech import affine
from kiosk.flows.tech.seen import Devices, Network
from kiosk.flows.tech.state import (
    CODE_DIGITS,
    LEVEL_FIRST,
    LEVEL_STEP,
    PIN_MAX,
    PIN_MIN,
    Apply,
    Ask,
    AskKind,
    Intent,
    Moved,
    Place,
    Send,
    Spot,
    Tech,
)

# A tile of the menu -> its page.
MENU: tuple[tuple[str, Place], ...] = (
    ("devices", "devices"), ("detect", "ports"), ("touch", "touch"), ("levels", "levels"), ("network", "network"),
    ("config", "config"), ("doctor", "doctor"), ("wizard", "wizard"), ("bundle", "bundle"), ("restart", "restart"),
)  # fmt: skip


def enter(tech: Tech, spot: Spot) -> Tech:
    """One page further."""
    return arrive(replace(tech, spots=(*tech.spots, spot)))


def arrive(tech: Tech) -> Tech:
    """A page is shown from its beginning; what was said on the one before is gone."""
    return replace(
        tech, leaf=0, typed="", problem=None, tried=None, said="", entered_at=tech.at, touched_at=tech.at
    )  # fmt: skip


def argument(tap: Tap) -> str:
    return tap.id.partition(":")[2]


def ask(tech: Tech, key: str, kind: AskKind, path: str, method: str = "POST", **body: object) -> Moved:
    """One thing at a time: while it is under way no second one is begun."""
    if tech.busy is not None:
        return tech, ()
    asked = Ask(key, kind, method, path, body, tech.at)
    return replace(tech, busy=asked, problem=None, tried=None, said=""), (Send(asked),)


# --- everywhere ------------------------------------------------------------------------------------------------------


def leave(tech: Tech, tap: Tap) -> Moved:
    """Over: nothing is kept. An unproven calibration is taken back."""
    undo: tuple[Intent, ...] = (Apply(tech.matrix),) if tech.here.place == "touch_try" else ()
    over = Tech(
        spots=(Spot("over"),), panel=tech.panel, port=tech.port, matrix=tech.matrix, saved=tech.saved, at=tech.at
    )
    return over, undo


def back(tech: Tech, tap: Tap) -> Moved:
    undo: tuple[Intent, ...] = (Apply(tech.matrix),) if tech.here.place == "touch_try" else ()
    if len(tech.spots) == 1:
        return leave(tech, tap)
    spots = tech.spots[:-1]
    while spots[-1].place in ("touch", "touch_result"):  # nobody goes back to half of a calibration
        spots = spots[:-1]
    return arrive(replace(tech, spots=spots, touched=(), fitted=None)), undo


def menu(tech: Tech, tap: Tap) -> Moved:
    undo: tuple[Intent, ...] = (Apply(tech.matrix),) if tech.here.place == "touch_try" else ()
    return arrive(replace(tech, spots=(Spot("menu"),), touched=(), fitted=None)), undo


def other_language(tech: Tech, tap: Tap) -> Moved:
    return replace(tech, lang="en" if tech.lang == "zh" else "zh"), ()


def turn_leaf(tech: Tech, tap: Tap) -> Moved:
    return replace(tech, leaf=tech.leaf + 1), ()


def open_tile(tech: Tech, tap: Tap) -> Moved:
    place = dict(MENU).get(argument(tap))
    if place is None:
        raise Misstep(f"{tap.id!r}: the menu has no such tile")
    return begin_touch(tech, tap) if place == "touch" else (enter(tech, Spot(place)), ())


def open_row(tech: Tech, tap: Tap) -> Moved:
    """A row of a list leads to the page of the thing."""
    to: dict[Place, Place] = {"devices": "device", "config": "file", "doctor": "check"}
    return enter(tech, Spot(to[tech.here.place], argument(tap))), ()


# --- PIN and pairing -------------------------------------------------------------------------------------------------


def pin_digit(tech: Tech, tap: Tap) -> Moved:
    return _digit(tech, tap, PIN_MAX)


def code_digit(tech: Tech, tap: Tap) -> Moved:
    return _digit(tech, tap, CODE_DIGITS)


def _digit(tech: Tech, tap: Tap, most: int) -> Moved:
    digit = argument(tap)
    if len(digit) != 1 or not digit.isdecimal():
        raise Misstep(f"{tap.id!r}: no digit")
    return replace(tech, typed=(tech.typed + digit)[:most], problem=None, said=""), ()


def erase(tech: Tech, tap: Tap) -> Moved:
    return replace(tech, typed=tech.typed[:-1]), ()


def login(tech: Tech, tap: Tap) -> Moved:
    """The PIN leaves the screen with the ask."""
    if len(tech.typed) < PIN_MIN:
        return tech, ()
    asked, sent = ask(tech, tap.key, "login", "/login", role="tech", pin=tech.typed)
    return replace(asked, typed=""), sent


def pair(tech: Tech, tap: Tap) -> Moved:
    network = tech.get("/tech/network", Network)
    if len(tech.typed) != CODE_DIGITS or network is None:
        return tech, ()
    asked, sent = ask(tech, tap.key, "pair", "/tech/pair", url=network.central.url, code=tech.typed)
    return replace(asked, typed=""), sent


def open_pair(tech: Tech, tap: Tap) -> Moved:
    return enter(tech, Spot("pair")), ()


# --- devices ---------------------------------------------------------------------------------------------------------


def test(tech: Tech, tap: Tap) -> Moved:
    return ask(tech, tap.key, "test", f"/tech/devices/{quote(tech.here.arg, safe='')}/test", what=argument(tap))


def revive(tech: Tech, tap: Tap) -> Moved:
    return ask(tech, tap.key, "revive", f"/tech/devices/{quote(tech.here.arg, safe='')}/restart")


def open_log(tech: Tech, tap: Tap) -> Moved:
    return enter(tech, Spot("log", tech.here.arg)), ()


def detect(tech: Tech, tap: Tap) -> Moved:
    """The line is listened to while its page is shown."""
    where = argument(tap)
    return ask(enter(tech, Spot("found", where)), tap.key, "detect", "/tech/detect", where=where)


def detect_again(tech: Tech, tap: Tap) -> Moved:
    seen = {k: v for k, v in tech.seen.items() if k != "/tech/detect"}
    return ask(replace(tech, seen=seen), tap.key, "detect", "/tech/detect", where=tech.here.arg)


def show_numbers(tech: Tech, tap: Tap) -> Moved:
    """For signs, which only listen: the person reads which number the sign understood."""
    seen = {k: v for k, v in tech.seen.items() if k != "/tech/detect"}
    return ask(replace(tech, seen=seen), tap.key, "detect", "/tech/detect/numbers", where=tech.here.arg)


def open_level(tech: Tech, tap: Tap) -> Moved:
    devices = tech.get("/tech/devices", Devices)
    device = devices.get(argument(tap)) if devices else None
    known = None if device is None else device.volume if device.klass == "voice" else device.brightness
    return replace(enter(tech, Spot("level", argument(tap))), level=LEVEL_FIRST if known is None else known), ()


def change_level(tech: Tech, tap: Tap) -> Moved:
    """Each touch is heard or seen at once: the level goes to the device with it."""
    devices = tech.get("/tech/devices", Devices)
    device = devices.get(tech.here.arg) if devices else None
    if device is None or tech.busy is not None:
        return tech, ()
    step = LEVEL_STEP if argument(tap) == "up" else -LEVEL_STEP
    level = max(0, min(100, tech.level + step))
    what = "volume" if device.klass == "voice" else "brightness"
    return ask(
        replace(tech, level=level), tap.key, "level", f"/tech/devices/{quote(device.id, safe='')}/{what}", level=level
    )  # fmt: skip


# --- the box ---------------------------------------------------------------------------------------------------------


def confirm(tech: Tech, tap: Tap) -> Moved:
    return ask(tech, tap.key, "confirm", "/tech/config/confirm")


def roll_back(tech: Tech, tap: Tap) -> Moved:
    return ask(tech, tap.key, "rollback", "/tech/config/rollback")


def restart(tech: Tech, tap: Tap) -> Moved:
    return ask(tech, tap.key, "restart", "/tech/restart", what=argument(tap))


def save_bundle(tech: Tech, tap: Tap) -> Moved:
    return ask(tech, tap.key, "bundle", "/tech/bundle", method="GET")


# --- touch calibration -----------------------------------------------------------------------------------------------


def begin_touch(tech: Tech, tap: Tap) -> Moved:
    return replace(enter(tech, Spot("touch")), touched=(), fitted=None, residual_mm=0.0), ()


def touch_again(tech: Tech, tap: Tap) -> Moved:
    start = replace(tech, spots=tech.spots[:-1])
    return begin_touch(start, tap)


def cross(tech: Tech, point: affine.Point, px_per_mm: float) -> Tech:
    """One more cross was touched; after the fifth comes the judgement."""
    wanted = affine.crosses(tech.panel.width, tech.panel.height)
    touched = (*tech.touched, point)
    tech = replace(tech, touched=touched, touched_at=tech.at)
    if len(touched) < len(wanted):
        return tech
    spots = (*tech.spots[:-1], Spot("touch_result"))
    try:
        matrix = affine.fit(touched, wanted)
    except affine.Unfit:
        return replace(arrive(replace(tech, spots=spots)), fitted=None, residual_mm=0.0)
    worst = affine.residual(matrix, touched, wanted) / px_per_mm
    fitted = matrix if worst < affine.ACCEPT_MM else None
    return replace(arrive(replace(tech, spots=spots)), fitted=fitted, residual_mm=worst)


def try_touch(tech: Tech, tap: Tap) -> Moved:
    """In force at once, but only for as long as it takes to prove it."""
    if tech.fitted is None:
        return tech, ()
    spots = (*tech.spots[:-1], Spot("touch_try"))
    return arrive(replace(tech, spots=spots)), (Apply(tech.fitted),)


def touch_timeout(tech: Tech) -> Moved:
    """Not proven in time: touches are as they were."""
    spots = tech.spots[:-1]
    undone = replace(arrive(replace(tech, spots=spots, touched=(), fitted=None)), said="touch_reverted")
    return undone, (Apply(tech.matrix),)
