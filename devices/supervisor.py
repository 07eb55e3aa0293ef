"""One thread per device: opens it, asks after it, gives it jobs, and opens it again when it was lost.

    absent ──start()──> starting ──opened, probe well──> ready ⇄ busy
                           │                              ⇅ degraded   works, but wants attention (paper_low)
                           │                              ⇅ fault      answers, but cannot work (paper_end, cover_open)
                           └──not opened──> backoff <──line lost, silent─┘
                                            fault   <──an exception nobody meant (reason "bug")
    absent <──stop()── every state

Law: only this thread touches the driver. Every job gets exactly one answer; UNKNOWN is never run again. While the device is
away or in fault, jobs wait, each until its own age, then they are answered "too late". While trying again, nothing is
published anew unless the reason changes: a device away for a night is lost once and back once. A mistake in a driver
(any exception that is no DeviceError) ends as fault and an unknown outcome, never as a dead thread.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from devices.ports import DeviceError, Driver, Health, Outcome, State, not_done, unknown
from devices.transport import LineError

BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
WANTED_S = 2.0  # while somebody waits for the device it is tried this often, however long it was away
STEADY_S = 10.0  # a device that stayed that long begins its next backoff at the first step again
WORKING = ("ready", "degraded")

J = TypeVar("J")
D = TypeVar("D", bound=Driver)
_log = logging.getLogger(__name__)


class Clock(Protocol):
    """Seconds that never go back, and sleeping on a condition; a test brings its own."""

    def now(self) -> float: ...

    def wait(self, condition: threading.Condition, timeout_s: float) -> None: ...


class MonotonicClock:
    def now(self) -> float:
        return time.monotonic()

    def wait(self, condition: threading.Condition, timeout_s: float) -> None:
        condition.wait(timeout_s)


def half_to_whole(step_s: float) -> float:
    """Backoff with jitter, so that ten kiosks do not knock at one device in step."""
    return step_s * random.uniform(0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """queue: jobs waiting at most; keys: addresses kept at most; max_age_s: how long a job may wait; probe_s: idle asking."""

    queue: int = 50
    keys: int = 256
    max_age_s: float = 30.0
    probe_s: float = 3.0


@dataclass(slots=True)
class _Kept(Generic[J]):
    job: J
    due_at: float | None  # None: it is shown
    told: Outcome | None = None


class Supervisor(Generic[D, J]):
    """`run(driver, job)` must be bounded by a deadline of its own. `on_health` and `on_done` are called from this thread:
    they post to the owner's loop and return."""

    def __init__(
        self,
        name: str,
        driver: D,
        run: Callable[[D, J], Outcome],
        on_health: Callable[[Health], None],
        on_done: Callable[[J, Outcome], None],
        *,
        limits: Limits = Limits(),
        clock: Clock | None = None,
        jitter: Callable[[float], float] = half_to_whole,
    ) -> None:
        self.name = name
        self._driver = driver
        self._run = run
        self._on_health = on_health
        self._on_done = on_done
        self._limits = limits
        self._clock: Clock = clock or MonotonicClock()
        self._jitter = jitter
        self._wake = threading.Condition()
        self._queue: deque[tuple[J, float]] = deque()  # job, the moment it is too late
        self._kept: OrderedDict[Hashable, _Kept[J]] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._health = Health("absent")
        self._open = False
        self._opened_at = 0.0
        self._failures = 0
        self._next_try = self._last_try = 0.0
        self._next_probe = 0.0
        self._last_bug = ""

    # --- for the owner, from any thread ----------------------------------------------------------------------------

    @property
    def health(self) -> Health:
        return self._health

    @property
    def last_bug(self) -> str:
        """The last exception that a callback of the owner raised; empty when all is well."""
        return self._last_bug

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError(f"{self.name} is already started")
        self._stopping = False
        self._failures = 0
        self._thread = threading.Thread(target=self._main, name=f"device-{self.name}", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread and close the device; jobs still waiting are answered not_done. Raises DeviceError when the
        driver does not return in time, even after its line was closed under it."""
        thread = self._thread
        if thread is None:
            return
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        thread.join(timeout_s)
        if thread.is_alive():
            self._driver.close()
            thread.join(1.0)
        if thread.is_alive():
            raise DeviceError(f"{self.name}: the driver did not return within {timeout_s:.0f} s; restart the station")
        self._thread = None

    def submit(self, job: J, max_age_s: float | None = None) -> bool:
        """Queue a job behind the others; False when the queue is full or the supervisor stopped: then nothing was taken."""
        age = self._limits.max_age_s if max_age_s is None else max_age_s
        with self._wake:
            if self._stopping or len(self._queue) >= self._limits.queue:
                return False
            self._queue.append((job, self._clock.now() + age))
            self._wanted()
        return True

    def keep(self, key: Hashable, job: J) -> bool:
        """From now on `key` shows `job`: the latest wins, it is run again after each reconnection and until it is done, and
        it never grows too old. Answered when its outcome changes. False when there are too many keys."""
        with self._wake:
            if self._stopping or (key not in self._kept and len(self._kept) >= self._limits.keys):
                return False
            old = self._kept.get(key)
            if old is None or old.job != job:
                self._kept[key] = _Kept(job, self._clock.now())
                self._wanted()
        return True

    def _wanted(self) -> None:
        """Who asks for a device that was mended a moment ago does not wait for the end of a long backoff."""
        self._next_try = min(self._next_try, self._last_try + WANTED_S)
        self._wake.notify_all()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        self._publish(Health("starting"))
        self._next_try = self._clock.now()
        while not self._stopping:
            try:
                self._step()
            except DeviceError as error:
                self._lost(error)
            except Exception as error:  # noqa: BLE001 (the law: a bug is a fault, not a dead thread)
                self._bug(error)
        self._close_driver()
        while self._queue:
            self._answer(self._queue.popleft()[0], not_done("stopped before its turn 停机，未执行"))
        self._publish(Health("absent"))

    def _step(self) -> None:
        """One turn: answer what is too old, then the most urgent thing, else sleep until something is due."""
        self._expire()
        now = self._clock.now()
        if not self._open:
            if now >= self._next_try:
                self._open_driver()
                return
            self._sleep(self._next_try)
            return
        if now >= self._next_probe:
            self._probe()
            return
        if self._health.state in WORKING and (self._run_queued() or self._run_kept()):
            return
        self._sleep(self._next_probe)

    def _open_driver(self) -> None:
        self._driver.open()
        self._open = True
        self._opened_at = self._clock.now()
        with self._wake:
            for kept in self._kept.values():
                kept.due_at = self._opened_at
        self._probe()

    def _probe(self) -> None:
        health = self._driver.probe()
        now = self._clock.now()
        self._next_probe = now + self._limits.probe_s
        if now - self._opened_at >= STEADY_S:
            self._failures = 0
        self._publish(health)

    def _run_queued(self) -> bool:
        with self._wake:
            if not self._queue:
                return False
            job = self._queue.popleft()[0]
        self._answer(job, self._run_one(job))
        return True

    def _run_kept(self) -> bool:
        now = self._clock.now()
        with self._wake:
            kept = next((k for k in self._kept.values() if k.due_at is not None and k.due_at <= now), None)
            if kept is None:
                return False
            kept.due_at = None
        outcome = self._run_one(kept.job)
        if outcome.kind != "done":
            # Showing twice changes nothing, so what is not surely shown is shown again, but not in a tight circle.
            kept.due_at = self._clock.now() + self._limits.probe_s
        if outcome != kept.told:
            kept.told = outcome
            self._answer(kept.job, outcome)
        return True

    def _run_one(self, job: J) -> Outcome:
        """Run and always come back with an outcome; what went wrong is handled after the job has its answer."""
        before = self._health
        self._publish(Health("busy", before.reasons, before.detail))
        try:
            outcome = self._run(self._driver, job)
        except DeviceError as error:
            self._lost(error)
            return unknown(str(error))
        except Exception as error:  # noqa: BLE001 (the law: a bug is a fault, not a dead thread)
            self._bug(error)
            return unknown(f"{type(error).__name__}: {error}")
        self._publish(before)
        if outcome.kind != "done":
            self._next_probe = self._clock.now()  # find out at once what is the matter
        return outcome

    def _expire(self) -> None:
        """Whatever the device does, a job is not run and not kept beyond its age. Only the front is run, but ages differ."""
        now = self._clock.now()
        with self._wake:
            late = [job for job, until in self._queue if now >= until]
            if late:
                self._queue = deque((job, until) for job, until in self._queue if now < until)
        why = ", ".join(self._health.reasons) or self._health.state
        for job in late:
            self._answer(job, not_done(f"too late 等待超时，已放弃 ({why})"))

    def _sleep(self, until: float) -> None:
        """Until `until`, or a job grows too old, or something kept is due, or somebody calls."""
        with self._wake:
            if self._stopping:
                return
            due = [until, *(too_late for _, too_late in self._queue)]
            if self._open and self._health.state in WORKING:
                if self._queue:
                    return
                due += [kept.due_at for kept in self._kept.values() if kept.due_at is not None]
            if not self._open:
                due.append(self._next_try)
            pause = min(due) - self._clock.now()
            if pause > 0:
                self._clock.wait(self._wake, pause)

    def _lost(self, error: DeviceError) -> None:
        reason = error.reason if isinstance(error, LineError) else "not_ready"
        self._retreat("backoff", reason, str(error))

    def _bug(self, error: Exception) -> None:
        _log.error("device %s: exception in the driver", self.name, exc_info=error)
        self._retreat("fault", "bug", f"{type(error).__name__}: {error}")

    def _retreat(self, state: State, reason: str, detail: str) -> None:
        detail += self._close_driver()
        step = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        self._failures += 1
        with self._wake:
            self._last_try = self._clock.now()
            self._next_try = self._last_try + self._jitter(min(step, WANTED_S) if self._queue else step)
        self._publish(Health(state, (reason,), detail))

    def _close_driver(self) -> str:
        """Close whatever is open; a text to append to the detail when even that went wrong."""
        self._open = False
        try:
            self._driver.close()
        except Exception as error:  # noqa: BLE001 (told in the health; the device is opened again all the same)
            return f"; closing: {type(error).__name__}: {error}"
        return ""

    def _publish(self, health: Health) -> None:
        if health != self._health:
            self._health = health
            self._tell(lambda: self._on_health(health))

    def _answer(self, job: J, outcome: Outcome) -> None:
        self._tell(lambda: self._on_done(job, outcome))

    def _tell(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception as error:  # noqa: BLE001 (the owner's mistake must not stop the device; shown by last_bug)
            self._last_bug = f"{type(error).__name__}: {error}"
            _log.error("device %s: exception in a callback", self.name, exc_info=error)
