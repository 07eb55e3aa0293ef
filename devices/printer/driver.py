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
Half a sheet left over is cut off before the next job. A head too hot goes on by itself: that is waited for.

While idle, `listen` waits for what the printer tells by itself (automatic status, when `asb` is on) or for the line to end,
so that an open cover is known at once and not at the next probe. A job switches automatic status off in its first bytes,
since the rest of a block looks like a confirmation, and on again with its last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from devices.ports import DONE, DeviceError, Health, NotReady, Outcome, Paper, not_done, unknown
from devices.printer.answers import CONFIRM
from devices.printer.asb import ON as AUTOMATIC
from devices.printer.dialogue import CONFIRMS, Dialogue
from devices.printer.escpos import PLAIN, BadPaper, Layout, compose
from devices.printer.pictures import BadPicture
from devices.printer.profiles import Confirm
from devices.printer.status import TEXTS, WELL, BadStatus, Status
from devices.transport import Line, LineClosed, LineError, open_line

ASK_EVERY_S = 0.4  # while waiting for the end of a job
LAST_S = 0.5  # for the answers asked for at the deadline, which tell trouble from silence


class EscposPrinter:
    """`where` as in devices.transport, or usb:// (devices.printer.usb). `confirm="real_time"` for models without GS r: then DONE
    only means "took all and is well". `asb`: the printer tells changes by itself (GS a)."""

    def __init__(
        self,
        where: str,
        layout: Layout = PLAIN,
        confirm: Confirm = "in_order",
        asb: bool = False,
        opener: Callable[[str], Line] = open_line,
    ) -> None:
        self.where = where
        self.layout = layout
        self._confirm = confirm
        self._asb = asb
        self._opener = opener
        self._line: Line | None = None
        self._talk: Dialogue | None = None
        self._scrap = False
        self._lost: DeviceError | None = None  # why the line was closed in the middle of a job: the next probe tells it
        self._known: Status = WELL  # what the last asking said
        self._armed = False
        self._woken = threading.Event()

    def open(self) -> None:
        """Open the line and hear the printer answer. Raises LineError, or NotReady when something else answers."""
        self.close()
        self._lost = None
        self._line = self._opener(self.where)
        self._talk = talk = Dialogue(self._line)
        try:
            if self._scrap:
                # A block cut short would swallow the next job as its content; the printer forgets it with its buffer.
                talk.clear()
            self._arm(talk)  # before asking: what changes after the answer is then told
            self._known = talk.status()
        except LineError:
            self.close()
            raise
        except BadStatus as error:
            self.close()
            raise NotReady(f"{self.where}: {error}") from error

    def close(self) -> None:
        line, self._line, self._talk, self._armed = self._line, None, None, False
        if line is not None:
            line.close()

    def probe(self) -> Health:
        try:
            self._known = self._dialogue().status()
        except BadStatus as error:
            raise NotReady(f"{self.where}: {error}") from error
        return self._known.health()

    def hex_log(self) -> list[str]:
        """The last bytes on the wire, for the technician's page; empty while closed."""
        return self._line.hex_log() if self._line else []

    # --- while idle --------------------------------------------------------------------------------------------------

    def listen(self, deadline: float) -> None:
        """Wait until the printer tells of a new trouble, or of its end, or `wake` was called, or `deadline` (a moment on
        time.monotonic()) passes. Returns None in every case: whoever calls probes when it is back early. Raises LineError
        when the line ends. Without `asb` only the end of the line, a wake or the deadline end it."""
        talk = self._dialogue()
        self._arm(talk)
        while not self._woken.is_set() and time.monotonic() < deadline:
            if talk.changed(deadline, self._known):
                break
        self._woken.clear()

    def _arm(self, talk: Dialogue) -> None:
        if self._asb and not self._armed:
            talk.arm()
            self._armed = True

    def wake(self) -> None:
        """End `listen`, from any thread; one that comes between two calls ends the next one."""
        self._woken.set()
        line = self._line
        if line is not None:
            line.wake()

    # --- one job -----------------------------------------------------------------------------------------------------

    def print(self, paper: Paper, deadline_s: float) -> Outcome:
        """Print one sheet within `deadline_s` seconds, and at most 2 s more of asking; the law is at the top of this file."""
        deadline = time.monotonic() + deadline_s
        try:
            job = compose(paper, self.layout)
            self._known = before = self._dialogue().status()
        except (BadPaper, BadPicture) as error:
            return not_done(str(error))
        except DeviceError as error:  # LineError, BadStatus, or why it was lost before
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

    def _send(self, job: bytes, deadline: float) -> None:
        """The job and the question for its end. Raises LineError; `.written` counts bytes of the job."""
        talk = self._dialogue()
        cut = self.layout.cut
        # ESC @ and a line end what an interrupted job left hanging.
        scrap = b"\x1b@\n" + cut if self._scrap else b""
        if self._confirm == "in_order":
            job = job.removesuffix(cut) + CONFIRM + cut + CONFIRM
        if self._asb:
            job += AUTOMATIC
        talk.begin_job()
        try:
            talk.line.write(scrap + job, deadline)
        except LineError as error:
            error.written = max(0, error.written - len(scrap))
            raise
        self._scrap = False

    def _end_of_job(self, deadline: float) -> Outcome:
        talk = self._dialogue()
        try:
            trouble = self._await_end(talk, deadline)
            if trouble is None:
                return DONE
            dropped = talk.clear()
            self._armed = False
            if talk.confirms >= CONFIRMS:
                return DONE  # the end came through after all: nothing was left to drop
            self._scrap = True
            text = "; ".join(TEXTS[r] for r in trouble.reasons)
            if dropped and self._confirm == "in_order" and not talk.confirms:
                return not_done(f"interrupted, the rest was dropped 打印中断，余下内容已清除; {text}")
            return unknown(f"interrupted 打印中断; {text}")
        except (LineError, BadStatus) as error:
            self._scrap = True
            self._give_up(error)
            return unknown(f"sent, but the end was not confirmed 已发送，未得到打印确认; {error}")

    def _await_end(self, talk: Dialogue, deadline: float) -> Status | None:
        """None when the sheet is printed, or the trouble that stopped it. Raises LineTimeout at the deadline.

        A job may still crawl down a slow line, so an answer to DLE EOT is given until the deadline."""
        found_before: Status | None = None
        while True:
            if self._confirm == "in_order" and talk.confirmed(min(deadline, time.monotonic() + ASK_EVERY_S)):
                return None
            status = talk.status_or_end(max(deadline, time.monotonic() + LAST_S))
            if status is None:
                return None
            stopped = status.stopped and not status.passing
            if self._confirm == "real_time" and not status.passing:
                return status if stopped else None
            # Trouble twice: the end may have been confirmed between the two, when the roll ended with the cut.
            if stopped and found_before is not None:
                return status
            found_before = status if stopped else None
            if time.monotonic() >= deadline:
                if status.stopped:
                    return status
                raise talk.silent("the end of the job 任务结束")

    # --- the line ----------------------------------------------------------------------------------------------------

    def _give_up(self, error: DeviceError) -> None:
        self.close()
        self._lost = NotReady(str(error)) if isinstance(error, BadStatus) else error

    def _dialogue(self) -> Dialogue:
        if self._talk is None and self._lost is not None:
            raise self._lost
        if self._talk is None:
            raise LineClosed(self.where, "the printer is not connected 打印机未连接", "check the cable 请检查线缆")
        return self._talk
