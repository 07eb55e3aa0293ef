"""What a person does to a device at the bench: presses its keys, lays a card on it, opens its door. One table.

A kind of another package has none of its own here; it is told what `kiosk simulate` tells it, by a line of words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from devices.catalog import Simulator
from devices.idcard.card import check_digit
from devices.ports import IdCard
from devices.tools.acting import act

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
_Address = Annotated[int, msgspec.Meta(ge=0, le=65535)]
_STRICT = {"frozen": True, "kw_only": True, "forbid_unknown_fields": True}


class NoSuchThing(ValueError):
    """Nobody can do that to this device; the text says what can be done."""


class Nothing(msgspec.Struct, **_STRICT):
    pass


class Press(msgspec.Struct, **_STRICT):
    """`key`: next, recall …, or a score "1" to "5". `times`: how often the pad tells it."""

    address: _Address
    key: _Name
    times: Annotated[int, msgspec.Meta(ge=1, le=8)] = 1


class Scan(msgspec.Struct, **_STRICT):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Lay(msgspec.Struct, **_STRICT):
    card: Literal["1", "2"]


class Move(msgspec.Struct, **_STRICT):
    """A door, drawer or button: open or pressed from now on, or no more."""

    name: _Name
    active: bool


class Command(msgspec.Struct, **_STRICT):
    """A line such as `kiosk simulate` takes: "scan 6901"."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


def _card(name: str, number: str, sex: str, address: str) -> IdCard:
    """Nobody's, and to be seen as such: there is no region 000000; only the check digit is right, or no reader would take it."""
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return IdCard(name, number + check_digit(number), sex, born, address, "long")


CARDS: dict[str, IdCard] = {
    "1": _card("样本甲", "00000019000101001", "male", "示例省样板市虚构路 1 号"),
    "2": _card("样本乙", "00000019001231002", "female", "示例省样板市虚构路 2 号"),
}

Do = Callable[[Any, Any], object]
HANDS: Mapping[str, Mapping[str, tuple[type[msgspec.Struct], Do]]] = {
    "printer": {"take": (Nothing, lambda printer, _: printer.take())},
    "signs": {},
    "speaker": {},
    "keypads": {"press": (Press, lambda pads, a: pads.press(a.address, a.key, a.times))},
    "ratings": {"press": (Press, lambda pads, a: pads.press(a.address, a.key, a.times))},
    "scanner": {"scan": (Scan, lambda scanner, a: _scan(scanner, a.text))},
    "idcard": {
        "lay": (Lay, lambda reader, a: reader.lay_card(CARDS[a.card])),
        "take": (Nothing, lambda reader, _: reader.take_card()),
    },
    "camera": {},
    "contact": {"move": (Move, lambda contacts, a: contacts.set_input(a.name, a.active))},
    "bus": {},
}
ELSEWHERE: Mapping[str, tuple[type[msgspec.Struct], Do]] = {
    "command": (Command, lambda simulator, a: act(simulator, *a.text.split()))
}


def _scan(scanner: Any, text: str) -> None:
    if not text.isprintable():
        raise ValueError("a code has no line ends in it; scan one after the other")
    scanner.scan(text)


class Hands:
    """Does it, and remembers what a simulator does not tell: which card lies there, and which pad was answered."""

    def __init__(self) -> None:
        self._laid: dict[str, str] = {}
        self._answered: dict[tuple[str, int], int] = {}  # how often a rating pad had asked when it was touched last

    def do(self, simulator: Simulator, what: str, args: Mapping[str, Any]) -> None:
        """Raises NoSuchThing, or ValueError for arguments that do not fit."""
        can = HANDS.get(simulator.kind, ELSEWHERE)
        if what not in can:
            raise NoSuchThing(f"nobody can {what!r} {simulator.id}; one can: {', '.join(can) or 'only look at it'}")
        shape, do = can[what]
        try:
            given = msgspec.convert(args, shape)
            do(simulator, given)
        except (msgspec.ValidationError, TypeError) as error:
            raise ValueError(f"{what} {simulator.id}: {error}") from error
        if isinstance(given, Lay):
            self._laid[simulator.id] = given.card
        if isinstance(given, Press) and simulator.kind == "ratings":
            self._answered[simulator.id, given.address] = _asked(simulator, given.address)

    def shown(self, simulator: Simulator) -> Any:
        """What it shows, for the page."""
        shown = simulator.shown()
        if simulator.kind == "ratings":
            return [
                {**pad, "invited": pad["asked"] > self._answered.get((simulator.id, pad["address"]), 0)}
                for pad in shown
            ]
        if simulator.kind == "idcard":
            return {**shown, "laid": self._laid.get(simulator.id, "") if shown["card"] else ""}
        return shown


def _asked(pads: Simulator, address: int) -> int:
    return next((int(pad["asked"]) for pad in pads.shown() if pad["address"] == address), 0)
