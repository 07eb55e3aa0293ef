"""Guided detection: what speaks on this line? Each kind's harmless question at each usual speed, and every byte shown.

Keypads and rating pads whose frames are described (`devices.tools.described`) are asked after that, at their usual speed, each
for its share of the time that is left: 32 addresses of a slow one would take a minute. What only listens cannot be found by
asking: `Detected.advice` says so, and what finds it.

Bounded by its deadline, and it says when that cut it short. When one speed was understood the others are not tried: a line has
one. Questions that need a person ("scan a code now") are asked last, and only when somebody is there to do it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from devices.catalog import Kind, Question
from devices.ports import DeviceError
from devices.tools.described import Candidate, ask_pads, pad_options
from devices.tools.questions import questions_of
from devices.transport import Line, deadline_in, open_line

BAUDS = (9600, 115200, 19200, 38400, 57600)  # the likelier first
LOG_LINES = 400
PADS_BAUD = 9600  # of another speed they are found when the line names it: ?baud=19200
ANSWER_LIMIT = 512
TIME_UP = (
    "时间到，没有全部问完；给出速率（如 ?baud=9600）会更快。",
    "Time was up before all were asked: give the speed, as ?baud=9600.",
)
SETTLE_S = 0.05  # after the first byte of an answer, for its rest


@dataclass(frozen=True, slots=True)
class Found:
    """What devices.toml would say, and why it is believed (zh, en)."""

    klass: str
    driver: str
    where: str
    options: dict[str, Any]
    zh: str
    en: str

    def view(self) -> dict[str, Any]:
        """JSON-able."""
        why = {"zh": self.zh, "en": self.en}
        return {
            "class": self.klass,
            "driver": self.driver,
            "where": self.where,
            "options": self.options,
            "why": why,
        }


@dataclass
class Detected:
    """`heard`: some byte came back at all, understood or not. `log`: "9600 > 10 04 01", "9600 < 12"."""

    found: list[Found] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    heard: bool = False
    finished: bool = True

    def view(self, where: str) -> dict[str, Any]:
        """JSON-able; `advice` is the next step where nothing was found."""
        zh, en = self.advice(where)
        return {
            "found": [one.view() for one in self.found],
            "log": self.log,
            "complete": self.finished,
            "advice": {"zh": zh, "en": en},
        }

    def advice(self, where: str) -> tuple[str, str]:
        """(zh, en): what nobody can know from here, and the next step. Empty when something was found."""
        if self.found:
            return "", ""
        zh, en = self._next_step(where)
        return (zh, en) if self.finished else (f"{TIME_UP[0]}{zh}", f"{TIME_UP[1]} {en}")

    def _next_step(self, where: str) -> tuple[str, str]:
        if self.heard:
            return (
                f"有字节来，但没有驱动认得。用厂家软件对着它发，同时运行 kiosk devices learn --listen {where}，可学出它的帧。",
                "Something speaks that no driver knows. Let the vendor's tool talk to it while "
                f"`kiosk devices learn --listen {where}` hears it: that writes its frame.",
            )
        return (
            "没有应答。叫号屏和会自己发码的按键器只听不答，问不出来：请显示测试号码，看屏上是几（按键器请同时按几下键）。"
            f"屏上也没有：看电源、A/B 线、地址；新牌子的屏用 kiosk devices learn --listen {where} 学它的帧。",
            "Silence. Signs, and keypads that speak by themselves, answer no question: show test numbers and read the sign "
            "(press the keypad's keys meanwhile). If it shows none: power, A/B wires, address; "
            f"the frame of another make is learned with `kiosk devices learn --listen {where}`.",
        )


def detect(
    where: str,
    kinds: Iterable[Kind],
    opener: Callable[[str], Line] = open_line,
    deadline_s: float = 20.0,
    ask_person: Callable[[str, str], None] | None = None,
    described: Sequence[Candidate] = (),
) -> Detected:
    """`where` as in devices.toml; of a serial line the speed may be left out. Raises DeviceError when it cannot be opened."""
    end = deadline_in(deadline_s)
    asked = [
        (kind, question)
        for kind in kinds
        if where.startswith(kind.schemes)
        for question in questions_of(kind)
        if where.startswith(question.only)
    ]
    result, opened = Detected(), 0
    error: DeviceError | None = None
    silent = [(k, q) for k, q in asked if q.prompt is None]
    personal = [(k, q) for k, q in asked if q.prompt is not None and ask_person is not None]
    for address, baud in _speeds(where, _bauds(silent)):
        try:
            _round(address, baud, silent, opener, end, result)
            opened += 1
        except DeviceError as lost:
            error = lost
            result.log.append(f"{baud or ''} ! {lost}")
        if result.found or time.monotonic() >= end:
            break
    if not opened and error is not None:
        raise error
    left = end - time.monotonic()
    if not result.found and left > 0.0:
        try:
            _pads(where, described, opener, end - left / 3 if personal else end, result)  # that third is the person's
        except DeviceError as lost:
            result.log.append(f"! {lost}")
    if time.monotonic() >= end:
        result.finished = False
    if not result.found and ask_person is not None:
        _personal(where, personal, ask_person, opener, end, result)
    return result


def _personal(
    where: str,
    asked: list[tuple[Kind, Question]],
    ask_person: Callable[[str, str], None],
    opener: Callable[[str], Line],
    end: float,
    result: Detected,
) -> None:
    """One question of each speed that somebody has to do something for. Raises DeviceError."""
    for address, baud in _speeds(where, _bauds(asked)):
        wanted = [(k, q) for k, q in asked if baud in q.bauds or not baud]
        if not wanted or wanted[0][1].prompt is None:
            continue
        if time.monotonic() >= end:
            result.finished = False
            return
        ask_person(*wanted[0][1].prompt)
        _round(address, baud, wanted[:1], opener, end, result)


def _bauds(asked: Iterable[tuple[Kind, Question]]) -> set[int]:
    return {baud for _, question in asked for baud in question.bauds}


def _speeds(where: str, wanted: set[int]) -> Iterator[tuple[str, int]]:
    """(address, baud); 0 for a line that has none, or whose speed is given."""
    if not where.startswith("serial://") or "baud=" in where:
        yield where, 0
        return
    for baud in (*(b for b in BAUDS if b in wanted), *sorted(wanted - set(BAUDS))):
        yield f"{where}{'&' if '?' in where else '?'}baud={baud}", baud


def _round(
    address: str,
    baud: int,
    asked: list[tuple[Kind, Question]],
    opener: Callable[[str], Line],
    end: float,
    result: Detected,
) -> None:
    """Every question that fits this speed on one opened line; the same bytes are sent once. Raises DeviceError."""
    answers: dict[tuple[bytes, str], bytes] = {}
    for parity in dict.fromkeys(question.parity for _, question in asked):
        line = opener(address if parity == "N" else f"{address}{'&' if '?' in address else '?'}parity={parity}")
        try:
            for kind, question in asked:
                if question.parity != parity or (baud and baud not in question.bauds) or time.monotonic() >= end:
                    continue
                key = (question.send, parity)
                if key not in answers:
                    answers[key] = _ask(line, question, min(end, deadline_in(question.within_s)))
                    _note(result, baud, question.send, answers[key])
                if question.matches(answers[key]) and not any(f.driver == kind.driver for f in result.found):
                    result.found.append(_found(kind, question, line.where, answers[key]))
        finally:
            line.close()


def _pads(
    where: str, described: Sequence[Candidate], opener: Callable[[str], Line], end: float, result: Detected
) -> None:
    """Every described pad that can be asked; what one does not use of its share is the next one's. Raises DeviceError."""
    pads = [(c, c.pads) for c in described if c.pads is not None and c.pads.poll is not None]
    if not pads:
        return
    ((address, baud),) = _speeds(where, {PADS_BAUD})
    line = opener(address)
    try:
        for n, (one, description) in enumerate(pads):
            now = time.monotonic()
            until = now + (end - now) / (len(pads) - n)
            there = ask_pads(line, description, until, lambda sent, heard: _note(result, baud, sent, heard))
            if time.monotonic() >= until:
                result.finished = False
            if there:
                named = ", ".join(map(str, there))
                result.found.append(
                    Found(
                        one.klass,
                        "frame",
                        line.where,
                        pad_options(one, there),
                        f"{one.frame}：地址 {named} 有应答",
                        f"{one.frame}: the addresses {named} answer",
                    )
                )
    finally:
        line.close()


def _ask(line: Line, question: Question, until: float) -> bytes:
    line.drain_input()
    if question.send:
        line.write(question.send, until)
    heard = line.read_some(until)
    while heard and len(heard) < ANSWER_LIMIT:
        more = line.read_some(deadline_in(SETTLE_S))
        if not more:
            break
        heard += more
    return heard


def _note(result: Detected, baud: int, sent: bytes, heard: bytes) -> None:
    result.heard = result.heard or bool(heard)
    if len(result.log) >= LOG_LINES:
        return
    speed = f"{baud} " if baud else ""
    if sent:
        result.log.append(f"{speed}> {sent.hex(' ').upper()}")
    result.log.append(f"{speed}< {heard.hex(' ').upper() or '(silence 无应答)'}")


def _found(kind: Kind, question: Question, where: str, answer: bytes) -> Found:
    shown = answer[:12].hex(" ").upper()
    sent = question.send[:12].hex(" ").upper() or "(…)"
    return Found(
        kind.klass,
        kind.driver,
        where,
        dict(question.options),
        f"{kind.zh}：问 {sent}，答 {shown}",
        f"{kind.en}: asked {sent}, answered {shown}",
    )
