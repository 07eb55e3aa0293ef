"""Questions and answers on one open line to a printer: status while idle, the end of a job, clearing, automatic status.

Never two questions at once: an answer does not say to which question. On silence LineTimeout is raised, and the owner closes the
line: a late answer must not be taken for the answer to the next question.
"""

from __future__ import annotations

import time

from devices.printer import asb
from devices.printer.answers import Answers
from devices.printer.commands import CLEAR_BUFFER
from devices.printer.status import QUERIES, BadStatus, Status, decode
from devices.transport import Line, LineTimeout

ANSWER_S = 1.0  # for one DLE EOT while the printer is idle
CLEAR_S = 0.5
SETTLE_S = 0.1  # for the rest of a block of which the beginning was heard
CONFIRMS = 2


class Dialogue:
    """`line` is open and stays its owner's to close."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._heard = Answers()

    @property
    def confirms(self) -> int:
        """Answers to GS r since `begin_job`."""
        return self._heard.confirms

    # --- idle --------------------------------------------------------------------------------------------------------

    def status(self) -> Status:
        """Ask all four while idle. Raises LineTimeout when one is not answered, BadStatus when what comes is no printer's."""
        self._settle(self.line.drain_input())
        answers = bytearray()
        for query in QUERIES:
            self._heard.forget()
            self.line.write(query, time.monotonic() + ANSWER_S)
            if not self._hear(time.monotonic() + ANSWER_S, statuses=1):
                raise self.silent("DLE EOT")
            if query in self._heard.recent:
                raise self._echo()
            answers.append(self._heard.statuses[0])
        self._settle()
        return decode(bytes(answers))

    def arm(self) -> None:
        """Have the printer tell every change of its state by itself; it tells the present one first."""
        self.line.write(asb.ON, time.monotonic() + ANSWER_S)

    def changed(self, deadline: float, known: Status) -> bool:
        """Whether the printer told of another trouble than `known` has; False when the deadline passes, or the line is woken."""
        while True:
            data = self.line.read_some(deadline)
            if not data:
                return False
            self._heard.feed(data)
            told, self._heard.block = self._heard.block, None
            self._heard.forget()
            if told is not None and told.reasons != known.reasons:
                return True
            if time.monotonic() >= deadline:
                return False

    def _settle(self, data: bytes = b"") -> None:
        """Hear out an automatic status that has begun: its rest looks like the confirmations of the next job."""
        self._heard.feed(data)
        until = time.monotonic() + SETTLE_S
        while self._heard.within_block and time.monotonic() < until:
            self._heard.feed(self.line.read_some(until))
        self._heard.drop_block()
        self._heard.forget()

    # --- a job -------------------------------------------------------------------------------------------------------

    def begin_job(self) -> None:
        self._heard.forget()

    def confirmed(self, deadline: float) -> bool:
        return self._hear(deadline, confirms=CONFIRMS)

    def status_or_end(self, deadline: float) -> Status | None:
        """The four answers, or None when the end of the job was confirmed meanwhile."""
        answers = bytearray()
        for query in QUERIES:
            self._heard.statuses.clear()
            self.line.write(query, deadline)
            if not self._hear(deadline, statuses=1):
                raise self.silent("DLE EOT")
            if self.confirms >= CONFIRMS:
                return None
            answers.append(self._heard.statuses[0])
        return decode(bytes(answers))

    def clear(self) -> bool:
        """Have the printer forget what it holds; whether it said that it did."""
        self._heard.cleared = 0
        self.line.write(CLEAR_BUFFER, time.monotonic() + ANSWER_S)
        return self._hear(time.monotonic() + CLEAR_S, cleared=1)

    # --- hearing -----------------------------------------------------------------------------------------------------

    def _hear(self, deadline: float, *, statuses: int = 0, confirms: int = 0, cleared: int = 0) -> bool:
        """Read until that many answers of the kind have come; False at the deadline."""
        got = self._heard
        while len(got.statuses) < statuses or got.confirms < confirms or got.cleared < cleared:
            data = self.line.read_some(deadline)
            if not data:
                return False
            got.feed(data)
            if got.echoed:
                raise self._echo()
            if time.monotonic() >= deadline + SETTLE_S:
                return False  # it talks without end, but says nothing of what was asked
        return True

    def silent(self, what: str) -> LineTimeout:
        return LineTimeout(
            self.line.where,
            f"no answer to {what} 无应答",
            "switch the printer on, check baud rate and model 请开机并核对波特率和型号",
        )

    def _echo(self) -> BadStatus:
        return BadStatus(f"{self.line.where}: our own bytes come back 线路回显; are TX and RX joined? 收发线是否短接")
