"""The wizard that brings a bare box into service, as the station tells its steps: fields are changed here, answers go there.

A step of one choice is answered by the touch on the choice. A step with one thing to type is typed on its own page. Else
every field has its row, with what will be sent: the default, until somebody changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kiosk.flows.state import Misstep, Tap
from kiosk.flows.tech.moves import argument, arrive, ask, begin_touch, enter
from kiosk.flows.tech.seen import Field, Wizard, WizardStep
from kiosk.flows.tech.state import ENTRY_MAX, Moved, Spot, Tech

PATH = "/tech/wizard"
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/-_@ ")


def current(tech: Tech) -> WizardStep | None:
    wizard = tech.get(PATH, Wizard)
    return wizard.current() if wizard else None


def field_of(tech: Tech, id: str) -> Field | None:
    step = current(tech)
    return next((f for f in step.fields if f.id == id), None) if step else None


def value_of(tech: Tech, field: Field) -> Any:
    """What will be sent for the field as things are."""
    if field.id in tech.draft:
        return tech.draft[field.id]
    if field.default is not None or field.kind == "points":
        return field.default
    return {"confirm": False, "choice": ""}.get(field.kind, "")


def missing(tech: Tech, field: Field) -> bool:
    """A value that the station would refuse: nothing where something is needed, or too short."""
    value = value_of(tech, field)
    if field.kind == "points" or field.kind == "confirm":
        return False
    if value in ("", None):
        return field.required
    return isinstance(value, str) and field.kind != "choice" and not fits(field, value)


def fits(field: Field, typed: str) -> bool:
    return len(typed) >= field.min and (not field.max or len(typed) <= field.max)


def inline(step: WizardStep) -> Field | None:
    """The field of a step that has one only, of the kind that is answered without a list: a choice."""
    return step.fields[0] if len(step.fields) == 1 and step.fields[0].kind == "choice" else None


def longest(field: Field) -> int:
    return min(field.max or ENTRY_MAX, ENTRY_MAX)


# --- moves -----------------------------------------------------------------------------------------------------------


def answer(tech: Tech, tap: Tap, values: Mapping[str, Any]) -> Moved:
    step = current(tech)
    if step is None:
        return tech, ()
    return ask(tech, tap.key, "wizard", PATH, step=step.id, answer=dict(values))


def go_on(tech: Tech, tap: Tap) -> Moved:
    """Send the step; where something is missing, its page opens instead."""
    step = current(tech)
    if step is None:
        return tech, ()
    for field in step.fields:
        if missing(tech, field):
            return open_field(tech, replace(tap, id=f"field:{field.id}"))
    return answer(tech, tap, {f.id: value_of(tech, f) for f in step.fields})


def step_back(tech: Tech, tap: Tap) -> Moved:
    return answer(tech, tap, {"back": True})


def start_over(tech: Tech, tap: Tap) -> Moved:
    return ask(tech, tap.key, "wizard", f"{PATH}/restart")


def open_field(tech: Tech, tap: Tap) -> Moved:
    field = field_of(tech, argument(tap))
    if field is None:
        raise Misstep(f"{tap.id!r}: the step has no such field")
    match field.kind:
        case "confirm":
            return replace(tech, draft={**tech.draft, field.id: not value_of(tech, field)}), ()
        case "points":
            return begin_touch(tech, tap)
        case "choice":
            return enter(tech, Spot("choice", field.id)), ()
    typed = "" if field.secret else str(value_of(tech, field) or "")
    return replace(enter(tech, Spot("entry", field.id)), typed=typed), ()


def choose(tech: Tech, tap: Tap) -> Moved:
    """On the page of a step with one choice it is the answer; on a field's own page it is the field's value."""
    chosen = argument(tap)
    step = current(tech)
    if tech.here.place == "wizard":
        field = inline(step) if step else None
        return answer(tech, tap, {field.id: chosen}) if field else (tech, ())
    return close_field(replace(tech, draft={**tech.draft, tech.here.arg: chosen})), ()


def close_field(tech: Tech) -> Tech:
    return arrive(replace(tech, spots=tech.spots[:-1]))


def key(tech: Tech, tap: Tap) -> Moved:
    field, letter = field_of(tech, tech.here.arg), tap.id.partition(":")[2]
    if field is None:
        return close_field(tech), ()
    if letter not in LETTERS or len(letter) != 1:
        raise Misstep(f"{tap.id!r}: no such key")
    return replace(tech, typed=(tech.typed + letter)[: longest(field)], problem=None, said=""), ()


def offer(tech: Tech, tap: Tap) -> Moved:
    """A piece of an address, whole. What an address begins with begins it anew."""
    field, nth = field_of(tech, tech.here.arg), argument(tap)
    if field is None:
        return close_field(tech), ()
    if not nth.isdecimal() or int(nth) >= len(field.offers):
        raise Misstep(f"{tap.id!r}: no such offer")
    piece = field.offers[int(nth)]
    typed = piece if "://" in piece else tech.typed + piece
    return replace(tech, typed=typed[: longest(field)], problem=None, said=""), ()


def shift(tech: Tech, tap: Tap) -> Moved:
    return replace(tech, capitals=not tech.capitals), ()


def layer(tech: Tech, tap: Tap) -> Moved:
    return replace(tech, marks=not tech.marks), ()


def enter_field(tech: Tech, tap: Tap) -> Moved:
    """What was typed is taken; the next field that still needs something opens by itself, and a step complete by it is sent."""
    field, step = field_of(tech, tech.here.arg), current(tech)
    if field is None or step is None:
        return close_field(tech), ()
    if (tech.typed or field.required) and not (tech.typed and fits(field, tech.typed)):
        return tech, ()
    done = close_field(replace(tech, draft={**tech.draft, field.id: tech.typed}))
    for other in step.fields:
        if missing(done, other):
            return open_field(done, replace(tap, id=f"field:{other.id}"))
    if len(step.fields) == 1:
        return answer(done, tap, {field.id: value_of(done, field)})
    return done, ()


def prove_touch(tech: Tech, tap: Tap) -> Moved:
    """The target was hit: the map stays. Inside the wizard the answer carries it; else it is saved by itself."""
    if tech.fitted is None:
        return tech, ()
    kept = arrive(replace(tech, matrix=tech.fitted, fitted=None, touched=(), spots=tech.spots[:-1]))
    if kept.here.place == "wizard":
        return answer_points(kept, tap)
    return ask(kept, tap.key, "calibrate", "/tech/calibration", method="PUT", matrix=kept.matrix)


def answer_points(tech: Tech, tap: Tap) -> Moved:
    """A proven calibration is the value of the step's points, and sends the step if it has nothing else."""
    step = current(tech)
    field = next((f for f in step.fields if f.kind == "points"), None) if step else None
    if step is None or field is None:
        return tech, ()
    tech = replace(tech, draft={**tech.draft, field.id: {"matrix": tech.matrix}})
    return go_on(tech, tap) if len(step.fields) == 1 else (tech, ())


def arrived(tech: Tech, before: Wizard | None, now: Wizard) -> Tech:
    """The station told a step: another one begins with a clean draft, wherever the tech was within the old one."""
    if before is not None and before.step == now.step:
        return tech
    spots = tech.spots
    while len(spots) > 1 and spots[-1].place in ("entry", "choice"):
        spots = spots[:-1]
    return arrive(replace(tech, spots=spots, draft={}))
