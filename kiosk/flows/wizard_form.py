"""What each step of the wizard asks, as fields that any screen can draw, and what fits into them. Pure."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kiosk.domain.facts import Lines
from kiosk.flows.wizard import BACK, BACK_TO, LEFT_OUT, PINS, Answer, BadAnswer, Proposal, State, Verdict, path
from kiosk.flows.wizard_words import WORDS, Words, say

Kind = Literal["choice", "text", "number", "confirm", "points"]
DEMO_PINS = ("1111", "2222", "3333", "4444")
NOTES_MAX = 12


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    zh: str
    en: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`min` and `max` count characters; `default` is sent when nobody touched the field."""

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


class Note(msgspec.Struct, frozen=True, kw_only=True):
    state: Literal["ok", "warn", "fail", "info"]
    zh: str
    en: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    state: Literal["done", "now", "todo"]
    title: Lines
    help: Lines
    notes: tuple[Note, ...] = ()
    fields: tuple[Field, ...] = ()
    button: Lines
    back: bool = False


def steps(state: State) -> tuple[Step, ...]:
    return tuple(_step(state, id) for id in path(state))


def _step(state: State, id: str) -> Step:
    base, _, device = id.partition(":")
    words = WORDS[base]
    named = next((p.name for p in state.found if p.id == device), None)
    title = (
        words.title if named is None else Lines(zh=f"{words.title.zh}：{named.zh}", en=f"{words.title.en}: {named.en}")
    )
    if id != state.step:
        return Step(
            id=id, state="done" if id in state.done else "todo", title=title, help=words.help, button=words.button
        )
    fields = () if state.owes else _fields(state)
    return Step(
        id=id,
        state="done" if id == "done" else "now",
        title=title,
        help=words.help,
        notes=_notes(state)[:NOTES_MAX],
        fields=fields,
        button=words.button,
        back=base in BACK_TO and not state.owes,
    )


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
        return (_text("url", WORDS["network"], state.central, 200, least=0),)
    if base == "pairing":
        paired = state.known.paired and state.central == state.known.central
        hint = say("pairing.kept" if paired else "pairing.none")
        return (_number("code", WORDS["pairing"], 8, 8, required=False, help=hint),)
    if base == "pins":
        return tuple(_number(role, WORDS["pins"], 4, 8, secret=True) for role in PINS)
    if base == "devices":
        places = tuple(_place(p) for p in state.found)
        # With nothing there, looking again is the likely answer.
        return (*places, _choice("do", WORDS["devices"], "go" if places else "look", ("go", "look")), _where(""))
    if base == "kind":
        proposal = next(p for p in state.found if p.id == device)
        return (_other(proposal), _where(proposal.where))
    if base == "touch":
        return (Field(id="points", kind="points", title=say("touch.points"), help=say("nothing"), default=None),)
    if base in ("try", "ticket", "sheet"):
        return (_result(base, _judged(state)),)
    return ()


def _judged(state: State) -> Verdict | None:
    if state.step == "ticket":
        return state.ticket_test
    if state.step == "sheet":
        return state.sheet_test
    return state.tested.get(state.step.partition(":")[2])


def _result(base: str, tested: Verdict | None) -> Field:
    """What did not happen cannot be said to have worked."""
    worked = tested is not None and tested.outcome != "not_done"
    ids = ("yes",) * worked + ("no",) * (base == "try") + ("again", "skip")
    return _choice("result", WORDS[base], "yes" if worked else "again", ids)


def _place(proposal: Proposal) -> Field:
    kinds = (proposal.kind, *proposal.others)[:7]
    choices = [Choice(id=kind, zh=kind, en=kind) for kind in kinds]
    choices[0] = Choice(id=proposal.kind, zh=proposal.name.zh, en=proposal.name.en)
    return Field(
        id=f"as:{proposal.id}",
        kind="choice",
        title=Lines(zh=f"{proposal.where}", en=f"{proposal.where}"),
        help=proposal.why,
        default=proposal.kind,
        choices=(*choices, _said(LEFT_OUT)),
    )


def _other(proposal: Proposal) -> Field:
    kinds = tuple(Choice(id=kind, zh=kind, en=kind) for kind in (proposal.kind, *proposal.others)[:6])
    return Field(
        id="as",
        kind="choice",
        title=say("kind.as"),
        help=proposal.why,
        default="keep",
        choices=(_said("keep"), *kinds, _said(LEFT_OUT)),
    )


def _where(default: str) -> Field:
    return _text("where", WORDS["devices"], default, 200, least=0)


def _said(id: str) -> Choice:
    words = say(f"choice.{id}")
    return Choice(id=id, zh=words.zh, en=words.en)


def _text(id: str, words: Words, default: str, most: int, least: int = 1) -> Field:
    title, help = words.fields[id]
    return Field(id=id, kind="text", title=title, help=help, default=default, required=least > 0, min=least, max=most)


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


# --- notes -----------------------------------------------------------------------------------------------------------


def _note(state: Literal["ok", "warn", "fail", "info"], text: Lines) -> Note:
    return Note(state=state, zh=text.zh, en=text.en)


def _notes(state: State) -> tuple[Note, ...]:
    base = state.step.partition(":")[0]
    notes = [_note("fail", state.trouble)] if state.trouble is not None else []
    if state.owes:
        return (*notes, _note("info", say(f"owes.{state.owes}")))
    if base in ("network", "pairing") and state.addresses:
        notes.append(_note("info", say("network.addresses", ", ".join(state.addresses))))
    if base == "pairing":
        notes.append(_note("ok", say("network.reached", state.central)))
    if base == "pins" and state.token:
        notes.append(_note("ok", say("pairing.done", f"{state.station} {state.name}".strip())))
    if base == "devices" and not state.found:
        notes.append(_note("warn", say("devices.nothing")))
    if base in ("try", "ticket", "sheet"):
        notes += _told(base, _judged(state), state.ticket)
    if base == "done":
        notes += [_tally(state), _note("info", say("done.where"))]
    return tuple(notes)


def _told(base: str, tested: Verdict | None, ticket: str) -> list[Note]:
    if tested is None:
        return [_note("warn", say("try.not_yet"))]
    about = ticket if base == "ticket" else tested.what
    sure: dict[str, Literal["ok", "warn", "fail"]] = {"done": "ok", "unknown": "warn", "not_done": "fail"}
    notes = [_note(sure[tested.outcome], say(f"{base}.{tested.outcome}", about))]
    if tested.detail:
        notes.append(Note(state="info", zh=tested.detail, en=tested.detail))
    return notes


def _tally(state: State) -> Note:
    judged = [t.said for t in state.tested.values()]
    good = judged.count("yes")
    return _note("ok" if good == len(state.found) else "warn", say("done.devices", good, len(state.found)))


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
