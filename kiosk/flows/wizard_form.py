"""What each step of the wizard asks, as fields that any screen can draw, and what fits into them. Pure."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kiosk.domain.facts import Lines
from kiosk.flows.wizard import (
    BACK,
    BACK_TO,
    LEFT_OUT,
    PINS,
    Answer,
    BadAnswer,
    Proposal,
    State,
    Verdict,
    path,
)
from kiosk.flows.wizard_notes import NOTHING_NOW, Note, Now, judged, notes_of
from kiosk.flows.wizard_words import WORDS, Words, say

Kind = Literal["choice", "text", "number", "confirm", "points"]
DEMO_PINS = ("1111", "2222", "3333", "4444")
NOTES_MAX = 12
WHERE_MAX = 40  # characters of a line that are shown
CENTRAL_PORT = ":8700"
DEVICE_PORTS = (":9100", ":5005", ":502")  # printers, Onbon, Modbus


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    zh: str
    en: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`min` and `max` count characters; `default` is sent when nobody touched the field; `offers` are pieces of a text that
    one touch adds, one with "://" begins it anew."""

    id: str
    kind: Kind
    title: Lines
    help: Lines
    default: Any
    required: bool = True
    choices: tuple[Choice, ...] = ()
    secret: bool = False
    min: int = 0
    max: int = 0
    offers: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    state: Literal["done", "now", "todo"]
    title: Lines
    help: Lines
    notes: tuple[Note, ...] = ()
    fields: tuple[Field, ...] = ()
    button: Lines
    back: bool = False


def steps(state: State, now: Now = NOTHING_NOW) -> tuple[Step, ...]:
    return tuple(_step(state, id, now) for id in path(state))


def _step(state: State, id: str, now: Now) -> Step:
    base, _, device = id.partition(":")
    words = WORDS[base]
    about = next((p for p in state.found if p.id == device), None)
    title, help = words.title, words.help
    if about is not None:  # two devices of one kind are told apart by their ids, and by where they stand
        zh, en = f"{about.name.zh} {about.id}", f"{about.name.en} {about.id}"
        title = Lines(zh=f"{words.title.zh}：{zh}", en=f"{words.title.en}: {en}")
        place = say("try.place", short(about.where))
        help = Lines(zh=f"{place.zh}{help.zh}", en=f"{place.en} {help.en}")
    if id != state.step:
        return Step(id=id, state="done" if id in state.done else "todo", title=title, help=help, button=words.button)
    fields = () if state.owes else _fields(state)
    return Step(
        id=id,
        state="done" if id == "done" else "now",
        title=title,
        help=help,
        notes=notes_of(state, now)[:NOTES_MAX],
        fields=fields,
        button=words.button,
        back=base in BACK_TO and not state.owes,
    )


def short(where: str) -> str:
    """A line as people can read it: without its options, a long path by its end."""
    line = where.partition("?")[0]
    return line if len(line) <= WHERE_MAX else f"…{line[-WHERE_MAX:]}"


# --- fields ----------------------------------------------------------------------------------------------------------


def _fields(state: State) -> tuple[Field, ...]:
    base, _, device = state.step.partition(":")
    given = state.answers.get(state.step, {})
    if base == "hall":
        return (
            _text("name_zh", WORDS["hall"], given.get("name_zh", state.known.hall.zh), 30),
            _text("name_en", WORDS["hall"], given.get("name_en", state.known.hall.en), 60),
            _choice("lang", WORDS["hall"], given.get("lang", "zh"), ("zh", "en")),
        )
    if base == "station":
        return (
            _text("id", WORDS["station"], state.station, 16),
            _text("name", WORDS["station"], state.name, 40, least=0),
        )
    if base == "network":
        offers = ("https://", "http://", *state.known.nearby, CENTRAL_PORT)
        return (_text("url", WORDS["network"], state.central, 200, least=0, offers=offers),)
    if base == "pairing":
        paired = state.known.paired and state.central == state.known.central
        hint = say("pairing.kept" if paired else "pairing.none")
        return (_number("code", WORDS["pairing"], 8, 8, required=False, help=hint),)
    if base == "pins":
        return tuple(_number(role, WORDS["pins"], 4, 8, secret=True) for role in PINS)
    if base == "devices":
        places = tuple(_place(p) for p in state.found)
        # With nothing there, looking again is the likely answer.
        return (*places, _choice("do", WORDS["devices"], "go" if places else "look", ("go", "look")), _where("", state))
    if base == "kind":
        proposal = next(p for p in state.found if p.id == device)
        return (_other(proposal), _where(proposal.where, state))
    if base == "touch":
        return (Field(id="points", kind="points", title=say("touch.points"), help=say("nothing"), default=None),)
    if base in ("try", "ticket", "sheet"):
        return (_result(base, judged(state)),)
    return ()


def _result(base: str, tested: Verdict | None) -> Field:
    """What did not happen cannot be said to have worked. Nothing is chosen beforehand: a person has to look."""
    worked = tested is not None and tested.outcome != "not_done"
    ids = ("yes",) * worked + ("no",) * (base == "try") + ("again", "skip")
    return _choice("result", WORDS[base], "", ids)


def _place(proposal: Proposal) -> Field:
    kinds = (proposal.kind, *proposal.others)[:7]
    choices = [_kind(kind) for kind in kinds]
    if not proposal.silent:
        choices[0] = Choice(id=proposal.kind, zh=proposal.name.zh, en=proposal.name.en)
    return Field(
        id=f"as:{proposal.id}",
        kind="choice",
        title=Lines(zh=f"{proposal.where}", en=f"{proposal.where}"),
        help=proposal.why,
        default=LEFT_OUT if proposal.silent else proposal.kind,
        choices=(*choices, _said(LEFT_OUT)),
    )


def _other(proposal: Proposal) -> Field:
    kinds = tuple(_kind(kind) for kind in (proposal.kind, *proposal.others)[:6])
    return Field(
        id="as",
        kind="choice",
        title=say("kind.as"),
        help=proposal.why,
        default="keep",
        choices=(_said("keep"), *kinds, _said(LEFT_OUT)),
    )


def _where(default: str, state: State) -> Field:
    offers = ("tcp://", *(net for net in state.known.nearby if net[:1].isdigit()), *DEVICE_PORTS)
    return _text("where", WORDS["devices"], default, 200, least=0, offers=offers)


def _kind(kind: str) -> Choice:
    """A described frame by its file, which is what tells two of them apart."""
    klass, _, file = kind.partition("/frame@")
    if not file:
        return Choice(id=kind, zh=kind, en=kind)
    words = say(f"class.{klass}")
    return Choice(id=kind, zh=f"{words.zh} {file}", en=f"{words.en} {file}")


def _said(id: str) -> Choice:
    words = say(f"choice.{id}")
    return Choice(id=id, zh=words.zh, en=words.en)


def _text(id: str, words: Words, default: str, most: int, least: int = 1, offers: tuple[str, ...] = ()) -> Field:
    title, help = words.fields[id]
    return Field(
        id=id,
        kind="text",
        title=title,
        help=help,
        default=default,
        required=least > 0,
        min=least,
        max=most,
        offers=offers,
    )


def _number(
    id: str,
    words: Words,
    least: int,
    most: int,
    *,
    required: bool = True,
    secret: bool = False,
    help: Lines | None = None,
) -> Field:
    title, usual = words.fields[id]
    return Field(
        id=id,
        kind="number",
        title=title,
        help=help or usual,
        default="",
        required=required,
        secret=secret,
        min=least,
        max=most,
    )


def _choice(id: str, words: Words, default: str, ids: tuple[str, ...]) -> Field:
    title, help = words.fields[id]
    return Field(id=id, kind="choice", title=title, help=help, default=default, choices=tuple(_said(i) for i in ids))


# --- what fits -------------------------------------------------------------------------------------------------------


def check(state: State, given: dict[str, Any]) -> Answer:
    """`given` with the defaults put in; raises BadAnswer naming the field."""
    if given == BACK:
        return BACK
    fields = {field.id: field for field in _fields(state)}
    if strange := sorted(set(given) - set(fields)):
        known = ", ".join(fields)
        raise _bad(strange[0], say("bad.field", strange[0][:40]), say("bad.field.how", known))
    checked = {id: _fitting(field, given.get(id, field.default)) for id, field in fields.items()}
    if state.step == "pins":
        _check_pins(checked)
    return checked


def _bad(field: str, what: Lines, remedy: Lines) -> BadAnswer:
    return BadAnswer(field, what, remedy)


def _fitting(field: Field, value: Any) -> Any:
    if field.kind == "points":
        return _points(field, value)
    if field.kind == "confirm":
        if not isinstance(value, bool):
            raise _bad(field.id, say("bad.confirm"), say("bad.confirm.how"))
        return value
    if not isinstance(value, str):
        raise _bad(field.id, say("bad.text"), say("bad.text.how"))
    if field.kind == "choice":
        if value not in (ids := [choice.id for choice in field.choices]):
            raise _bad(field.id, say("bad.choice", value[:40]), say("bad.choice.how", ", ".join(ids)))
        return value
    value = value.strip()
    if not value and not field.required:
        return value
    if field.kind == "number" and not (value.isascii() and value.isdigit()):
        raise _bad(field.id, say("bad.number"), say("bad.length.how", field.min, field.max))
    if not field.min <= len(value) <= field.max or not value.isprintable():
        raise _bad(field.id, say("bad.length", len(value)), say("bad.length.how", field.min, field.max))
    return value


def _points(field: Field, value: Any) -> Any:
    """null, or {"matrix": six numbers}."""
    if value is None:
        return None
    matrix = value.get("matrix") if isinstance(value, dict) and len(value) == 1 else None
    if (
        not isinstance(matrix, list)
        or len(matrix) != 6
        or not all(isinstance(n, int | float) and not isinstance(n, bool) and abs(n) < 1e6 for n in matrix)
    ):
        raise _bad(field.id, say("bad.points"), say("bad.points.how"))
    return {"matrix": [float(n) for n in matrix]}


def _check_pins(given: Answer) -> None:
    for role in PINS:
        pin = str(given[role])
        if pin in DEMO_PINS or len(set(pin)) == 1:
            raise _bad(role, say("bad.pin"), say("bad.pin.how"))
    for role in PINS[1:]:
        if given[role] == given[PINS[0]] or (role == "tech" and given[role] == given["guide"]):
            raise _bad(role, say("bad.pin.same"), say("bad.pin.same.how"))
