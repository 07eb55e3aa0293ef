"""A `ports.IdCardReader`: asks the reader for a card again and again, and tells each card once.

    find ──found──> select ──ok──> read ──ok──> told, unless it is the card that was told and never left
      ^               │              │
      └──── wait <────┴──────────────┴── anything else: nothing is told, the next turn begins anew

Law: what is told was read whole and with right checksums, its number's check digit too. A card that is taken away in the
middle, a garbled answer, a foreign card: nothing is told, nobody is stopped. A reader that says nothing at all `SILENT`
times in a row is an error. A card counts as left when it was not seen for `again_s`; until then the same card is the same
visit (some readers find a card that lies there only once, others each time).

Personal: nothing of a card is in any repr, text of an error, or log; the line's log says how many bytes, never which.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from devices.idcard.card import BadCard, decode
from devices.idcard.frames import (
    FIND,
    FOUND,
    OK,
    READ_TEXT_AND_PHOTO,
    REMEDIES,
    SELECT,
    STATUS,
    Answer,
    Decoder,
    Garbled,
    request,
)
from devices.ports import DeviceError, Event, Health, IdCard, NotReady
from devices.scanner.codec import Once
from devices.transport import Line, LineClosed, LineTimeout, deadline_in, open_line

ANSWER_S = 0.5
READ_S = 3.0  # 1,295 bytes at 9600 baud take 1.4 s
SILENT = 3  # questions in a row without an answer
GARBLED = 3  # answers in a row that are none, before the health says so


class SerialIdCardReader:
    def __init__(
        self,
        where: str,
        *,
        poll_ms: int = 300,
        again_ms: int = 2000,
        opener: Callable[[str], Line] = open_line,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._where, self._poll_s, self._opener, self._now = where, poll_ms / 1000, opener, now
        self._once = Once(again_ms / 1000, now)
        self._line: Line | None = None
        self._next_poll = 0.0
        self._woken = False
        self._silent = self._garbled = 0

    def open(self) -> None:
        """Raises LineError, or NotReady when the reader cannot work."""
        line = self._opener(self._where)
        line.private = True
        self._line = line
        self._silent = self._garbled = 0
        try:
            self._check(self._ask(line, STATUS, ANSWER_S), must_answer=True)
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def probe(self) -> Health:
        """Raises LineError when the reader is gone or silent, NotReady when it cannot work."""
        if self._line is None:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        self._check(self._ask(self._line, STATUS, ANSWER_S), must_answer=False)
        if self._garbled >= GARBLED:
            detail = "its answers are garbled 应答有误; check the wires and the baud rate 请检查接线和波特率"
            return Health("degraded", ("garbled",), f"{self._where}: {detail}")
        return Health("ready")

    def listen(self, deadline: float) -> Event | None:
        """The next card laid down. Raises LineError when the reader is gone or silent. An answer that has begun is heard to its
        end, so this may return up to READ_S late."""
        line = self._line
        if line is None:
            raise LineClosed(self._where, "not open 未打开", "open it first 请先打开")
        while not self._woken:
            if self._now() >= self._next_poll:
                self._next_poll = self._now() + self._poll_s
                card = self._card(line)
                if card is not None:
                    return card
            until = min(deadline, self._next_poll)
            while not self._woken and self._now() < until:
                line.read_some(until)  # what comes unasked is noise
            if self._now() >= deadline:
                break
        self._woken = False
        return None

    def wake(self) -> None:
        self._woken = True  # the line forgets a call that comes before a question
        line = self._line
        if line is not None:
            line.wake()

    # --- below: one exchange each ----------------------------------------------------------------------------------

    def _card(self, line: Line) -> IdCard | None:
        found = self._ask(line, FIND, ANSWER_S)
        if found is None or found.status not in (FOUND, OK):
            return None
        selected = self._ask(line, SELECT, ANSWER_S)
        if selected is None or selected.status != OK:
            return None
        read = self._ask(line, READ_TEXT_AND_PHOTO, READ_S)
        if read is None or read.status != OK:
            return None
        try:
            card = decode(read.data)
        except BadCard:
            self._garbled += 1
            return None
        return card if self._once.fresh(card.number) else None

    def _ask(self, line: Line, command: tuple[int, int], within_s: float) -> Answer | None:
        """None when the answer was garbled or did not come; the latter raises LineTimeout the SILENT-th time in a row."""
        end = deadline_in(within_s)
        line.drain_input()
        line.write(request(command), end)
        answers, heard = Decoder(), 0
        while True:
            data = line.read_some(end, 2048)
            heard += len(data)
            for item in answers.feed(data):
                self._silent = 0
                self._garbled = self._garbled + 1 if isinstance(item, Garbled) else 0
                return item if isinstance(item, Answer) else None
            if time.monotonic() >= end:
                break
        self._unanswered(noise=heard > len(request(command)))  # fewer may be the echo of what we sent
        return None

    def _unanswered(self, noise: bool) -> None:
        if noise:
            self._silent, self._garbled = 0, self._garbled + 1
            return
        self._silent += 1
        if self._silent >= SILENT:
            raise LineTimeout(
                self._where,
                "the reader does not answer 身份证阅读器无应答",
                "look whether it is switched on, and whether its baud rate is that of the line 请检查电源和波特率",
            )

    def _check(self, answer: Answer | None, *, must_answer: bool) -> None:
        if answer is not None and answer.status in REMEDIES:
            raise NotReady(f"{self._where}: {REMEDIES[answer.status]}")
        if answer is None and must_answer:
            raise LineTimeout(
                self._where,
                "no identity card reader answers here 此处没有身份证阅读器应答",
                "check power, wires and baud rate (most are set to 115200) 请检查电源、接线和波特率（多为 115200）",
            )
