"""The child processes of `kiosk run`: started in order, watched, restarted with a growing pause, and never left behind.

One thread, and no signal handlers: the signals wanted are blocked and taken by `sigtimedwait`, which is also the only
place where this process waits. A child gets a session of its own, so Ctrl-C at the terminal reaches the launcher alone
and everybody is stopped in order; and the kernel tells each child to stop should the launcher be killed outright.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
WAITED = STOP_SIGNALS | {signal.SIGCHLD}

STOP_S = 4.0  # from asking to killing; with the killing itself it stays under the 5 s a person waits
POLL_S = 0.1
IDLE_S = 2.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0  # who lived this long starts again without a growing pause
LOG_LIMIT_BYTES = 8 * 1024 * 1024
LOG_TAIL_LINES = 12

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_libc = ctypes.CDLL(None, use_errno=True)


class NotUp(Exception):
    """A child did not become ready; the text carries the end of its log."""


class Stopped(Exception):
    """A person asked to stop while children were still starting."""


@dataclass
class Child:
    """One process. `ready` is cheap and bounded; `log` takes what it prints."""

    name: str
    argv: list[str]
    env: dict[str, str]
    log: Path
    ready: Callable[[], bool]
    deadline_s: float = 30.0
    stays: bool = False  # is needed by others until they have ended, as a display is
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    due_at: float | None = None  # when to start it again
    announced: bool = False  # its readiness has been said

    def start(self) -> None:
        parent = os.getpid()

        def in_the_child() -> None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WAITED)
            if os.getppid() != parent:  # the launcher died before the line above
                os._exit(1)

        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Safe here: this process has one thread.
                preexec_fn=in_the_child,
            )
        self.started_at = time.monotonic()
        self.due_at = None
        self.announced = False

    def status(self) -> int | None:
        """None while it runs, or before it was started."""
        return None if self.process is None else self.process.poll()

    def signal(self, number: signal.Signals) -> None:
        """To the child and everything it started that stayed in its group."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def tail(self) -> str:
        if not self.log.exists():
            return ""
        lines = self.log.read_bytes()[-16_384:].decode("utf-8", "replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LOG_TAIL_LINES:])

    def trim_log(self) -> None:
        """Appending goes on at the new end, because the log is opened for appending."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            os.truncate(self.log, 0)


@dataclass
class Children:
    """All children, in the order in which they were started. The owner enters it first and calls `stop` at the end."""

    say: Callable[[str], None]
    all: list[Child] = field(default_factory=list)

    def __enter__(self) -> Children:
        signal.pthread_sigmask(signal.SIG_BLOCK, WAITED)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WAITED)

    def start(self, child: Child) -> None:
        """Returns when it is ready; raises NotUp or Stopped."""
        self.all.append(child)
        child.start()
        while not child.ready():
            status = child.status()
            if status is not None:
                raise NotUp(
                    f"{child.name}: {_ended(status)} before it was ready. Its last words ({child.log}):\n{child.tail()}"
                )
            if time.monotonic() > child.started_at + child.deadline_s:
                raise NotUp(
                    f"{child.name}: not ready after {child.deadline_s:.0f} s. Its last words ({child.log}):\n{child.tail()}"
                )
            if _wait(POLL_S) in STOP_SIGNALS:
                raise Stopped
        child.announced = True

    def watch(self, now_and_then: Callable[[], None] = lambda: None) -> None:
        """Until a person asks to stop. Whoever dies is started again."""
        while True:
            now_and_then()
            busy = any(child.due_at is not None or not child.announced for child in self.all)
            if _wait(POLL_S if busy else IDLE_S) in STOP_SIGNALS:
                return
            now = time.monotonic()
            for child in self.all:
                self._look_after(child, now)

    def _look_after(self, child: Child, now: float) -> None:
        child.trim_log()
        if child.due_at is not None:
            if now >= child.due_at:
                child.start()
            return
        status = child.status()
        if status is not None:
            if now - child.started_at >= STEADY_S:
                child.pause_s = FIRST_PAUSE_S
            child.signal(signal.SIGKILL)  # what it may have left in its group
            child.process = None
            child.due_at = now + child.pause_s
            self.say(
                f"{child.name}: {_ended(status)}; 将在 {child.pause_s:.0f} 秒后重启 · starts again in {child.pause_s:.0f} s"
                f" (log: {child.log})"
            )
            child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)
        elif not child.announced and child.ready():
            child.announced = True
            self.say(f"{child.name}: 已恢复 · up again")

    def stop(self) -> None:
        """Asks everybody, waits at most STOP_S, then kills. Nobody is left when it returns."""
        deadline = time.monotonic() + STOP_S
        for wave in ([c for c in self.all if not c.stays], [c for c in self.all if c.stays]):
            for child in reversed(wave):
                child.signal(signal.SIGTERM)
            while (left := deadline - time.monotonic()) > 0 and _running(wave):
                _wait(min(POLL_S, left))
        for child in _running(self.all):
            self.say(f"{child.name}: 未按时退出,已强制结束 · did not stop in time and was killed")
        for child in self.all:
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def _running(children: Iterable[Child]) -> list[Child]:
    return [child for child in children if child.process is not None and child.status() is None]


def _wait(seconds: float) -> signal.Signals | None:
    """The one place where the launcher waits; -> the signal that ended the waiting."""
    info = signal.sigtimedwait(WAITED, seconds)
    return None if info is None else signal.Signals(info.si_signo)


def _ended(status: int) -> str:
    if status < 0:
        return f"被信号 {signal.Signals(-status).name} 结束 · ended by {signal.Signals(-status).name}"
    return f"已退出({status}) · ended with status {status}"
