"""An ESC/POS printer: asks before, writes in bounded pieces, and calls a sheet printed only when the printer says so.

    before the first byte   trouble, silence, bad sheet          → NOT_DONE
    while writing           nothing was taken yet                → NOT_DONE
                            the line went or stopped taking      → UNKNOWN
    after the last byte     both GS r 1 answered (in buffer order: one before the cut, one after it)  → DONE
                            paper out, cover, cutter: the first not answered, and the printer says
                                                      that it dropped what it held                    → NOT_DONE
                                                      the first answered, or it does not say that     → UNKNOWN
                            nothing until the deadline, or the line went                              → UNKNOWN

Why GS r 1 and not DLE EOT alone: DLE EOT is answered at once, over the head of a job that still lies in the buffer. Why two:
when the roll ends with the cut, the second may never be answered though the sheet is there. Why the buffer is cleared on
trouble: a printer keeps what it holds and prints it when the roll was changed, then two people stand there with one number.
Half a sheet left over is cut off before the next job.

On silence the line is closed: a late answer must not be taken for the answer to the next question.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from devices.ports import DONE, Health, NotReady, Outcome, Paper, not_done, unknown
from devices.printer.commands import CLEAR_BUFFER
from devices.printer.escpos import CUT, BadPaper, QRMode, compose
from devices.printer.status import CONFIRM, QUERIES, TEXTS, Answers, BadStatus, Status, decode
from devices.printer.text import Charset
from devices.transport import Line, LineClosed, LineError, LineTimeout, open_line

Confirm = Literal["in_order", "real_time"]

ANSWER_S = 1.0  # for one DLE EOT while the printer is idle
ASK_EVERY_S = 0.4  # while waiting for the end of a job
CLEAR_S = 0.5
CONFIRMS = 2
SCRAP = b"\x1b@\n" + CUT  # ends and cuts off what an interrupted job left hanging


class EscposPrinter:
    """`where` as in devices.transport; `columns` at scale 1 (48 for 80 mm, 32 for 58 mm). `qr="raster"` for models without
    GS ( k, `confirm="real_time"` for those without GS r: then DONE only means "took all and is well"."""

    def __init__(
        self,
        where: str,
        columns: int = 48,
        charset: Charset = "gb18030",
        qr: QRMode = "native",
        confirm: Confirm = "in_order",
        opener: Callable[[str], Line] = open_line,
    ) -> None:
        self.where = where
        self.columns = columns
        self.charset: Charset = charset
        self._qr: QRMode = qr
        self._confirm = confirm
        self._opener = opener
        self._line: Line | None = None
        self._answers = Answers()
        self._scrap = False
        self._lost: LineError | None = None  # why the line was closed in the middle of a job: the next probe tells it

    def open(self) -> None:
        """Open the line and hear the printer answer. Raises LineError, or NotReady when something else answers."""
        self.close()
        self._lost = None
        self._line = self._opener(self.where)
        try:
            if self._scrap:
                # A block cut short would swallow the next job as its content; the printer forgets it with its buffer.
                self._clear()
            self._status()
        except LineError:
            self.close()
            raise
        except BadStatus as error:
            self.close()
            raise NotReady(f"{self.where}: {error}") from error

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def probe(self) -> Health:
        return self._status().health()

    def hex_log(self) -> list[str]:
        """The last bytes on the wire, for the technician's page; empty while closed."""
        return self._line.hex_log() if self._line else []

    def print(self, paper: Paper, deadline_s: float) -> Outcome:
        """Print one sheet within `deadline_s` seconds, and at most 2 s more of asking; the law is at the top of this file."""
        deadline = time.monotonic() + deadline_s
        try:
            job = compose(paper, self.columns, self.charset, self._qr)
            before = self._status()
        except BadPaper as error:
            return not_done(str(error))
        except (LineError, BadStatus) as error:
            self._give_up(error)
            return not_done(f"nothing was sent 未发送; {error}")
        if before.stopped:
            return not_done(before.health().detail)
        try:
            self._send(job, deadline)
        except LineError as error:
            self._give_up(error)
            if not error.written:
                return not_done(f"nothing was sent 未发送; {error}")
            self._scrap = True
            return unknown(f"after {error.written} of {len(job)} bytes 中途中断; {error}")
        return self._end_of_job(deadline)

    # --- one job -----------------------------------------------------------------------------------------------------

    def _send(self, job: bytes, deadline: float) -> None:
        """The job and the question for its end. Raises LineError; `.written` counts bytes of the job."""
        line = self._open_line()
        scrap = SCRAP if self._scrap else b""
        if self._confirm == "in_order":
            job = job.removesuffix(CUT) + CONFIRM + CUT + CONFIRM
        try:
            line.write(scrap + job, deadline)
        except LineError as error:
            error.written = max(0, error.written - len(scrap))
            raise
        self._scrap = False

    def _end_of_job(self, deadline: float) -> Outcome:
        self._answers = Answers()
        try:
            trouble = self._await_end(deadline)
            if trouble is None:
                return DONE
            dropped = self._clear()
            if self._answers.confirms >= CONFIRMS:
                return DONE  # the end came through after all: nothing was left to drop
            self._scrap = True
            text = "; ".join(TEXTS[r] for r in trouble.reasons)
            if dropped and self._confirm == "in_order" and not self._answers.confirms:
                return not_done(f"interrupted, the rest was dropped 打印中断，余下内容已清除; {text}")
            return unknown(f"interrupted 打印中断; {text}")
        except (LineError, BadStatus) as error:
            self._scrap = True
            self._give_up(error)
            return unknown(f"sent, but the end was not confirmed 已发送，未得到打印确认; {error}")

    def _await_end(self, deadline: float) -> Status | None:
        """None when the sheet is printed, or the trouble that stopped it. Raises LineTimeout at the deadline.

        A job may still crawl down a slow line, so an answer to DLE EOT is given until the deadline, and never two are asked
        at once: an answer does not say to which question."""
        found_before: Status | None = None
        while True:
            if self._confirm == "in_order" and self._hear(
                min(deadline, time.monotonic() + ASK_EVERY_S), confirms=CONFIRMS
            ):
                return None
            status = self._ask_all(deadline)
            if status is None:
                return None
            if self._confirm == "real_time":
                return status if status.stopped else None
            # Trouble twice: the end may have been confirmed between the two, when the roll ended with the cut.
            if status.stopped and found_before is not None:
                return status
            found_before = status if status.stopped else None
            if time.monotonic() >= deadline:
                raise self._silent("the end of the job 任务结束")

    def _ask_all(self, deadline: float) -> Status | None:
        """The four answers, or None when the end of the job was confirmed meanwhile."""
        answers = bytearray()
        for query in QUERIES:
            self._answers.statuses.clear()
            self._open_line().write(query, deadline)
            if not self._hear(deadline, statuses=1):
                raise self._silent("DLE EOT")
            if self._answers.confirms >= CONFIRMS:
                return None
            answers.append(self._answers.statuses[0])
        return decode(bytes(answers))

    def _clear(self) -> bool:
        """Have the printer forget what it holds; whether it said that it did."""
        self._answers.cleared = 0
        self._open_line().write(CLEAR_BUFFER, time.monotonic() + ANSWER_S)
        return self._hear(time.monotonic() + CLEAR_S, cleared=1)

    # --- asking ------------------------------------------------------------------------------------------------------

    def _status(self) -> Status:
        """Ask all four while idle. Raises LineTimeout when one is not answered: the line is then not to be trusted."""
        line = self._open_line()
        line.drain_input()
        answers = bytearray()
        for query in QUERIES:
            self._answers = Answers()
            line.write(query, time.monotonic() + ANSWER_S)
            if not self._hear(time.monotonic() + ANSWER_S, statuses=1):
                raise self._silent("DLE EOT")
            answers.append(self._answers.statuses[0])
        return decode(bytes(answers))

    def _hear(self, deadline: float, *, statuses: int = 0, confirms: int = 0, cleared: int = 0) -> bool:
        """Read until that many answers of the kind have come; False at the deadline."""
        got = self._answers
        line = self._open_line()
        while len(got.statuses) < statuses or got.confirms < confirms or got.cleared < cleared:
            data = line.read_some(deadline)
            if not data:
                return False
            got.feed(data)
        return True

    def _give_up(self, error: LineError | BadStatus) -> None:
        self.close()
        self._lost = error if isinstance(error, LineError) else None

    def _open_line(self) -> Line:
        if self._line is None and self._lost is not None:
            raise self._lost
        if self._line is None:
            raise LineClosed(self.where, "the printer is not connected 打印机未连接", "check the cable 请检查线缆")
        return self._line

    def _silent(self, what: str) -> LineTimeout:
        return LineTimeout(
            self.where,
            f"no answer to {what} 无应答",
            "switch the printer on, check baud rate and model 请开机并核对波特率和型号",
        )
