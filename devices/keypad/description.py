"""The frames of a keypad or rating pad, described in TOML. Pure but for `load`. Written like a sign's (devices.led.description).

Tables: from us [show] (keypad) or [ask] (rating pad), [poll], [accept]; from the pad [show.ack] or [ask.ack], [poll.answer],
[poll.nothing], [event]. `config/keypads/polled.toml` is the commented example.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from devices.led.description import INHERITED, FrameDescription, frame, inherit, law, read_file, refuse, toml
from devices.led.tables import Mistake, Table

KEYS = ("next", "recall", "start", "finish", "no_show", "open", "pause", "close")
SCORES = ("1", "2", "3", "4", "5")


@dataclass(frozen=True, slots=True)
class PadDescription:
    """`tell` is [show] or [ask], `told` its ack (None = it is believed once written). `codes`: code on the wire → key or score;
    `none`: the code that says "no key". `within_s` an answer comes, or it does not; `tries` for what we tell."""

    name: str
    tell: FrameDescription
    told: FrameDescription | None
    poll: FrameDescription | None
    answer: FrameDescription | None
    nothing: FrameDescription | None
    event: FrameDescription | None
    accept: FrameDescription | None
    codes: dict[int, str] = field(default_factory=dict)
    none: int | None = None
    within_s: float = 0.1
    tries: int = 2

    @property
    def from_pad(self) -> tuple[FrameDescription, ...]:
        return tuple(f for f in (self.answer, self.nothing, self.event, self.told) if f is not None)

    @property
    def to_pad(self) -> tuple[FrameDescription, ...]:
        return tuple(f for f in (self.tell, self.poll, self.accept) if f is not None)

    @property
    def sequenced(self) -> bool:
        """Whether every key comes with a number that tells a retransmission from a second press."""
        return all("sequence" in f.numbers for f in (self.answer, self.event) if f is not None)


def load(path: Path, *, rating: bool = False) -> PadDescription:
    """Raises BadDescription with every mistake, also when the file is missing."""
    return parse(read_file(path), path.name, rating=rating)


def parse(text: str, file: str, *, rating: bool = False) -> PadDescription:
    top = Table(file, "", toml(text, file))
    reading = _Reading(file, top)
    word = "ask" if rating else "show"
    tell = reading.frame(word, needed=True)
    poll = reading.frame("poll")
    answer = reading.frame("poll.answer", needed=poll is not None, needs=("key",))
    event = reading.frame("event", needs=("key",))
    codes, none = _codes(top, "scores" if rating else "keys", SCORES if rating else KEYS)
    top.leave(*INHERITED)
    description = PadDescription(
        name=top.text("name", default=""),
        tell=tell or reading.empty,
        told=reading.frame(f"{word}.ack"),
        poll=poll,
        answer=answer,
        nothing=reading.frame("poll.nothing"),
        event=event,
        accept=reading.frame("accept"),
        codes=codes,
        none=none,
        within_s=top.number("within_ms", 10, 2000, default=100) / 1000,
        tries=top.number("tries", 1, 5, default=2),
    )
    mistakes = top.finish() + reading.mistakes
    if poll is None and event is None:
        mistakes.append(
            Mistake(file, "poll", "and event are both missing", "describe how keys come: [poll] or [event]")
        )
    refuse(mistakes)
    return description


class _Reading:
    """The frames of one file, and what is wrong with them."""

    empty = FrameDescription("", ("head",), b"\x00", b"", {}, {}, None, None, None, None, {}, None)

    def __init__(self, file: str, top: Table) -> None:
        self._file, self._top = file, top
        self._tables: dict[str, Table] = {}
        self.mistakes: list[Mistake] = []

    def frame(self, path: str, *, needed: bool = False, needs: tuple[str, ...] = ()) -> FrameDescription | None:
        above, _, name = path.rpartition(".")
        parent = self._tables.get(above) if above else self._top
        table = parent.table(name, needed=needed) if parent else None
        if table is None:
            return None
        self._tables[path] = table
        found = frame(inherit(self._top, table))
        self.mistakes += law(self._file, f"{path}.", found, needs)
        return found


def _codes(top: Table, name: str, known: tuple[str, ...]) -> tuple[dict[int, str], int | None]:
    table = top.table(name, needed=True)
    found: dict[int, str] = {}
    none: int | None = None
    for key in table.keys() if table else ():
        assert table is not None
        code = int.from_bytes(table.hex(key), "big")
        if key == "none":
            none = code
        elif key not in known:
            table.wrong(key, "is no key", f"use {', '.join(known)}, or none")
        elif code in found:
            table.wrong(key, f"has the code of {found[code]}", "give each its own")
        else:
            found[code] = key
    if table and not found:
        table.wrong(known[0], "is missing", f'give the codes, as {known[0]} = "01"')
    return found, none
