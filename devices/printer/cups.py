"""A printer behind a raw queue of CUPS: "cups:tickets", or "cups:tickets@host:port" for another server. Through the programs lp,
lpstat and cancel, each a process of its own with a deadline.

CUPS knows what it delivered, not what was printed. So of a sheet it is said
    refused, queue stopped, printer never reached                            → NOT_DONE
    all bytes delivered to the printer (the job has ended, and not by cancel) → DONE
    the deadline passed while it was being delivered; it is cancelled then    → UNKNOWN
A sheet that is not delivered in time is always cancelled: nothing comes out later. Where the cable allows it, let this
product talk to the printer itself (usb://, tcp://): then DONE means printed, and no paper and an open cover are known
before.

Source: the manual pages lp(1), lpstat(1), cancel(1) of CUPS 2.4, and what its 2.4.2 really writes (LC_ALL=C): a job that
ended well has "Alerts: processing-to-stop-point" or "job-completed-successfully" and a line "Status:"; one cancelled before
its turn has no "Status:"; one cancelled while delivered has "job-canceled-by-user"; a printer that cannot be reached
"Status: The printer may not exist …".
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass

from devices.line import BadAddress, LineClosed, LineError, LineTimeout
from devices.ports import DONE, Health, Outcome, Paper, not_done, unknown
from devices.printer.escpos import PLAIN, BadPaper, Layout, compose
from devices.printer.pictures import BadPicture
from devices.printer.status import GOES_ON, TEXTS

ASK_S = 3.0  # for one lpstat or cancel
POLL_S = 0.25
OUTPUT_LIMIT = 1 << 20
PROGRAMS = ("lp", "lpstat", "cancel")
UNREACHED = "may not exist or is unavailable"
ENDED_WELL = ("processing-to-stop-point", "job-completed-successfully")
# printer-state-reasons (RFC 8011, 5.4.12) by what they begin with → our reasons
ALERTS = {
    "media-empty": "paper_end",
    "media-needed": "paper_end",
    "media-low": "paper_low",
    "media-jam": "jam",
    "cover-open": "cover_open",
    "door-open": "cover_open",
    "offline": "offline",
    "paused": "offline",
    "shutdown": "offline",
    "connecting-to-device": "offline",
    "timed-out": "offline",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A job as lpstat -l shows it. `status` None: it has no such line, so it never began."""

    status: str | None
    alerts: str


def parse_where(where: str) -> tuple[str, str]:
    """(queue, server or ""). Raises BadAddress."""
    found = re.fullmatch(
        r"cups:([^\s@/#?]{1,127})(?:@([A-Za-z0-9.\-]+(?::[0-9]{1,5})?|\[[0-9a-fA-F:]+\]:[0-9]{1,5}))?", where
    )
    if found is None or found[1].startswith("-"):
        raise BadAddress(
            where,
            "cups needs the name of a queue 需要打印队列名称",
            "write cups:name, as lpstat -e shows it 请按此格式填写",
        )
    return found[1], found[2] or ""


class CupsPrinter:
    """Raises BadAddress for a `where` nobody can mean."""

    def __init__(self, where: str, layout: Layout = PLAIN) -> None:
        self.where = where
        self.layout = layout
        self._queue, self._server = parse_where(where)
        self._running: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = True
        self._scrap = False

    def open(self) -> None:
        """Raises BadAddress for a queue that is not there, LineClosed when the programs or the server are not."""
        missing = [program for program in PROGRAMS if shutil.which(program) is None]
        if missing:
            raise LineClosed(
                self.where,
                f"{', '.join(missing)} not installed 未安装",
                "install it 请安装: apt install cups cups-client",
            )
        self._closed = False
        self.probe()

    def close(self) -> None:
        """Ends a program that still runs, from any thread."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._running.kill()

    def probe(self) -> Health:
        try:
            return _health(self._ask("lpstat", "-l", "-p", self._queue))
        except BadAddress:
            # Of a server that is not there lpstat says the same.
            if "not running" in self._ask("lpstat", "-r", may_fail=True):
                raise LineClosed(
                    self.where, "CUPS does not run CUPS 服务未运行", "look whether CUPS runs 请检查 CUPS 服务"
                ) from None
            raise

    def print(self, paper: Paper, deadline_s: float) -> Outcome:
        """Deliver one sheet within `deadline_s` seconds, and at most 2 × ASK_S more of asking what became of it."""
        deadline = time.monotonic() + deadline_s
        try:
            job = compose(paper, self.layout)
            before = self.probe()
            if before.state == "fault":
                return not_done(before.detail)
            scrap = b"\x1b@\n" + self.layout.cut if self._scrap else b""
            said = self._run(("lp", "-d", self._queue, "-o", "raw", "-t", paper.job), scrap + job, deadline)
        except (BadPaper, BadPicture) as error:
            return not_done(str(error))
        except LineTimeout as error:
            return unknown(f"handed to CUPS, but it did not answer 已交给 CUPS，未得到答复; {error}")
        except LineError as error:
            return not_done(f"nothing was sent 未发送; {error}")
        number = re.search(r"request id is (\S+-[0-9]+)", said)
        if number is None:
            return unknown(f"CUPS answered {said.strip()[:100]!r} 无法识别 CUPS 的答复")
        try:
            return self._outcome(number[1], deadline)
        except LineError as error:
            self._scrap = True
            return unknown(f"handed to CUPS, but its end is not known 已交给 CUPS，结果未知; {error}")

    def _outcome(self, number: str, deadline: float) -> Outcome:
        entry = self._ended(number)
        while entry is None and time.monotonic() < deadline and not self._closed:
            time.sleep(min(POLL_S, max(0.0, deadline - time.monotonic())))
            entry = self._ended(number)
        if entry is None:
            self._ask("cancel", number, may_fail=True)  # it may have ended at this moment
            entry = self._ended(number)
        self._scrap = False
        if entry is None:
            self._scrap = True
            return unknown("not delivered in time, and CUPS does not say what became of it 未能按时送达，结果未知")
        if entry.status is None:
            return not_done("cancelled before its turn 未轮到即已取消")
        if UNREACHED in entry.status:
            return not_done(f"the printer cannot be reached 无法连接打印机; CUPS: {entry.status}")
        if entry.alerts in ENDED_WELL:
            return DONE
        self._scrap = True
        return unknown(f"cancelled while it was delivered 传送中被取消; CUPS: {entry.alerts}")

    def _ended(self, number: str) -> Entry | None:
        return parse_jobs(self._ask("lpstat", "-W", "completed", "-l", "-o", self._queue)).get(number)

    # --- the programs ------------------------------------------------------------------------------------------------

    def _ask(self, program: str, *words: str, may_fail: bool = False) -> str:
        return self._run((program, *words), b"", time.monotonic() + ASK_S, may_fail=may_fail)

    def _run(self, command: tuple[str, ...], given: bytes, deadline: float, *, may_fail: bool = False) -> str:
        """What the program wrote. Raises LineTimeout (it is killed then), BadAddress for an unknown queue, else LineClosed."""
        program = command[0]
        process = self._start(command)
        try:
            said, wrong = process.communicate(given, timeout=max(0.05, deadline - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise LineTimeout(
                self.where, f"{program} took too long 超时", "look whether CUPS runs 请检查 CUPS 服务"
            ) from error
        finally:
            with self._lock:
                self._running = None
        if process.returncode != 0 and not may_fail:
            raise self._refusal(program, wrong.decode("utf-8", "replace").strip()[-200:])
        return said[:OUTPUT_LIMIT].decode("utf-8", "replace")

    def _start(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        program, *words = command
        server = ("-h", self._server) if self._server else ()
        with self._lock:
            if self._closed:
                raise LineClosed(self.where, "the queue is not open 队列未打开", "open it again 请重新打开")
            try:
                self._running = subprocess.Popen(
                    (program, *server, *words),
                    env={**os.environ, "LC_ALL": "C"},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            except OSError as error:
                raise LineClosed(
                    self.where,
                    f"{program} cannot be run 无法运行 ({error})",
                    "install it 请安装: apt install cups-client",
                ) from error
            return self._running

    def _refusal(self, program: str, why: str) -> LineError:
        if "Invalid destination" in why or "does not exist" in why:
            return BadAddress(
                self.where,
                f"there is no queue {self._queue!r} 没有该打印队列",
                "make one: lpadmin -p name -E -v 'socket://host:9100/?waiteof=false' -m raw 请新建队列",
            )
        return LineClosed(self.where, f"{program}: {why or 'failed'}", "look whether CUPS runs 请检查 CUPS 服务")


# --- what lpstat writes (pure) -------------------------------------------------------------------------------------


def parse_jobs(text: str) -> dict[str, Entry]:
    """number -> job, of the output of lpstat -l -o."""
    jobs: dict[str, Entry] = {}
    number = ""
    for line in text.splitlines():
        if line and not line[0].isspace():
            number = line.split()[0]
            jobs[number] = Entry(None, "")
        elif number and line.strip().startswith("Status:"):
            jobs[number] = Entry(line.split(":", 1)[1].strip(), jobs[number].alerts)
        elif number and line.strip().startswith("Alerts:"):
            jobs[number] = Entry(jobs[number].status, line.split(":", 1)[1].strip())
    return jobs


def _health(text: str) -> Health:
    """Of the output of lpstat -l -p."""
    lines = [line.strip() for line in text.splitlines()]
    alerts = next((line.split(":", 1)[1].split() for line in lines if line.startswith("Alerts:")), [])
    found = {ours for alert in alerts for begin, ours in ALERTS.items() if alert.startswith(begin)}
    said = lines[1] if len(lines) > 1 and ":" not in lines[1] else ""
    if (lines and " disabled since " in lines[0]) or UNREACHED in said:
        found.add("offline")
    reasons = tuple(reason for reason in TEXTS if reason in found)
    stopped = set(reasons) - GOES_ON
    detail = "; ".join([*(TEXTS[reason] for reason in reasons), *([f"CUPS: {said}"] if said and stopped else [])])
    return Health("fault" if stopped else "degraded" if reasons else "ready", reasons, detail)
