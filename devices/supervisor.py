"""One thread per device: opens it, asks after it, gives it jobs, and opens it again when it was lost.

    absent ──start()──> starting ──opened, probe well──> ready ⇄ busy
                           │                              ⇅ degraded   works, but wants attention (paper_low)
                           │                              ⇅ fault      answers, but cannot work (paper_end, cover_open)
                           └──not opened──> backoff <──line lost, silent─┘
                                            fault   <──an exception nobody meant (reason "bug")
    absent <──stop()── every state

Law: only this thread touches the driver, but for wake(), which any may call. Every job gets exactly one answer; UNKNOWN is
never run again. While the device is away or in fault, jobs wait, each until its own age, then they are answered "too late".
While trying again, nothing is published anew unless the reason changes: a device away for a night is lost once and back once.
A mistake in a driver (any exception that is no DeviceError) ends as fault and an unknown outcome, never as a dead thread.

A device that tells something by itself (a Listener) is listened to whenever nothing else is due, and between jobs at least every
TURN_S. Its line can be lent to somebody else for a moment; meanwhile it is "starting", reason "lent".
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar, cast

from devices.account import Account, Ledger
from devices.ear import OVERHEAR_S, TURN_S, Ear
from devices.jobs import Jobs
from devices.loan import LEND_S, LoanDesk
from devices.owner import Owner
from devices.ports import DeviceError, Driver, Event, Health, Listener, Outcome, not_done, unknown
from devices.retry import Retry, half_to_whole
from devices.supervising import (
    NORMAL,
    WORKING,
    Clock,
    Errand,
    Limits,
    MonotonicClock,
    asked,
    done,
    verdict,
    wall_clock_ms,
    words,
)

__all__ = ["Clock", "Errand", "Limits", "MonotonicClock", "Supervisor"]

J = TypeVar("J")
D = TypeVar("D", bound=Driver)
_log = logging.getLogger(__name__)


class Supervisor(Generic[D, J]):
    """`run(driver, job)` must be bounded by a deadline of its own. `on_health`, `on_done` and `on_event` are called from this
    thread: they post to the owner's loop and return. A driver that can `listen` is listened to; back early, it is probed."""

    def __init__(
        self,
        name: str,
        driver: D,
        run: Callable[[D, J], Outcome],
        on_health: Callable[[Health], None],
        on_done: Callable[[J, Outcome], None],
        *,
        on_event: Callable[[Event], None] | None = None,
        limits: Limits = NORMAL,
        clock: Clock | None = None,
        wall_ms: Callable[[], int] = wall_clock_ms,
        jitter: Callable[[float], float] = half_to_whole,
    ) -> None:
        self.name = name
        self._driver = driver
        self._run = run
        self._owner = Owner(name, on_health, on_done, on_event)
        self._limits = limits
        self._clock: Clock = clock or MonotonicClock()
        self._retry = Retry(jitter)
        self._wall_ms = wall_ms
        self._wake = threading.Condition()
        self._ear = Ear(cast(Listener, driver), self._wake, self._clock) if hasattr(driver, "listen") else None
        self._jobs: Jobs[J] = Jobs(limits.queue, limits.keys)
        self._ledger = Ledger()
        self._loans = LoanDesk(name, self._wake, self._clock)
        self._refresh: str = ""  # "", "away": if it is away, "all": in any case
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._health = Health("absent")
        self._open = False
        self._next_probe = 0.0

    # --- for the owner, from any thread ----------------------------------------------------------------------------

    @property
    def health(self) -> Health:
        return self._health

    @property
    def last_bug(self) -> str:
        """The last exception that a callback of the owner, or the driver's wake(), raised; empty when all is well."""
        return self._owner.last_bug

    def account(self) -> Account:
        """How the time since start() was spent."""
        return self._ledger.read(self._clock.now())

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError(f"{self.name} is already started")
        self._stopping = False
        self._ledger.start(self._clock.now(), self._wall_ms())
        with self._wake:
            self._retry.afresh(self._clock.now())
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
            self._ring()
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
            if self._stopping or not self._jobs.add(job, self._clock.now() + age):
                return False
            self._wanted()
        return True

    def keep(self, key: Hashable, job: J) -> bool:
        """From now on `key` shows `job`: the latest wins, it is run again after each reconnection and until it is done, and
        it never grows too old. Answered when its outcome changes. False when there are too many keys."""
        with self._wake:
            taken = False if self._stopping else self._jobs.keep(key, job, self._clock.now())
            if taken:
                self._wanted()
        return taken is not False

    def refresh(self, *, if_away: bool = False) -> None:
        """Close the device and open it again at once, after the job that runs: something was plugged in, or a person pressed
        "restart". With `if_away` a device that is open is left alone."""
        with self._wake:
            self._refresh = "away" if if_away and self._refresh != "all" else "all"
            self._ring()

    @contextmanager
    def lend(self, timeout_s: float, hold_s: float = LEND_S) -> Iterator[None]:
        """Close the driver, have its line to oneself for at most `hold_s`, then it is opened again at once. Jobs wait.

        Raises DeviceError when the driver was not done with its job within `timeout_s`, or its line is lent already."""
        with self._loans.borrow(
            timeout_s, hold_s, gone=lambda: self._thread is None or self._stopping, ring=self._try_now
        ):
            yield

    def withdraw(self) -> list[J]:
        """Take back the jobs that wait, unanswered: somebody else does them. A technician's errands stay."""
        with self._wake:
            return self._jobs.withdraw(lambda job: not isinstance(job, Errand))

    def errand(self, errand: Errand, max_age_s: float | None = None) -> bool:
        """Queue a technician's job; False like `submit`."""
        return self.submit(errand, max_age_s)  # type: ignore[arg-type]

    def repaint(self) -> None:
        """Show everything kept once more, as after a reconnection: a test has shown something else."""
        with self._wake:
            self._jobs.again(self._clock.now())
            self._ring()

    def _wanted(self) -> None:
        self._retry.wanted()
        self._ring()

    def _try_now(self) -> None:
        self._retry.at = self._clock.now()
        self._ring()

    def _ring(self) -> None:
        """End the thread's sleep or listening. The lock is held, so a wake() never comes after the listening it is meant for."""
        self._wake.notify_all()
        if self._ear is not None:
            self._owner.guarded("wake()", self._ear.ring)  # the driver's mistake is not the caller's

    # --- the thread ------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        self._publish(Health("starting"))
        while not self._stopping:
            try:
                self._step()
            except Exception as error:  # noqa: BLE001 (the law: a bug is a fault, not a dead thread)
                self._retreat(error)
        self._close_driver()
        for job in self._jobs.take_all():  # nothing is added any more
            self._owner.answer(job, not_done("stopped before its turn 停机，未执行"))
        self._publish(Health("absent"))
        self._ledger.stop(self._clock.now(), self._wall_ms())

    def _step(self) -> None:
        """One turn: answer what is too old, then the most urgent thing, else sleep until something is due."""
        self._expire()
        if self._loans.serve(self._let_go, self._jobs.ages):
            return
        self._begin_again()
        now = self._clock.now()
        if not self._open:
            if now >= self._retry.at:
                self._open_driver()
            else:
                self._sleep()
            return
        if now >= self._next_probe:
            self._probe()
            return
        if self._health.state in WORKING and (self._run_queued() or self._run_kept()):
            if self._ear is not None and self._open and now - self._ear.heard_at >= TURN_S:
                self._ear.attend()
                self._listen(self._ear, OVERHEAR_S)
            return
        self._sleep()

    def _expire(self) -> None:
        """Whatever the device does, a job is not run and not kept beyond its age."""
        with self._wake:
            late = self._jobs.take_late(self._clock.now())
        why = ", ".join(self._health.reasons) or self._health.state
        for job in late:
            self._owner.answer(job, not_done(f"too late 等待超时，已放弃 ({why})"))

    def _let_go(self) -> None:
        self._close_well()
        self._publish(Health("starting", ("lent",), "its line is lent for a moment 线路暂时借出"))

    def _begin_again(self) -> None:
        with self._wake:
            what, self._refresh = self._refresh, ""
        if what == "all" or (what == "away" and not self._open):
            self._close_well()
            with self._wake:  # or a job that comes now would put the next try back
                self._retry.afresh(self._clock.now())

    def _open_driver(self) -> None:
        self._driver.open()
        self._open = True
        now = self._clock.now()
        self._retry.opened(now)
        with self._wake:
            self._jobs.again(now)
        self._probe()

    def _probe(self) -> None:
        health = asked(self._driver)
        now = self._clock.now()
        self._next_probe = now + self._limits.probe_s
        self._retry.answers(now)
        self._publish(health)

    def _run_queued(self) -> bool:
        with self._wake:
            first = self._jobs.take_first()
        if first is None:
            return False
        self._owner.answer(first[0], self._run_one(first[0]))
        return True

    def _run_kept(self) -> bool:
        with self._wake:
            kept = self._jobs.take_kept(self._clock.now())
        if kept is None:
            return False
        outcome = self._run_one(kept.job)
        if outcome.kind != "done":
            # Showing twice changes nothing, so what is not surely shown is shown again, but not in a tight circle.
            kept.due_at = self._clock.now() + self._limits.probe_s
        if outcome != kept.told:
            kept.told = outcome
            self._owner.answer(kept.job, outcome)
        return True

    def _run_one(self, job: J) -> Outcome:
        """Run, and come back with an outcome whatever happens."""
        before = self._health
        self._publish(Health("busy", before.reasons, before.detail))
        try:
            outcome = done(lambda: job.work(self._driver) if isinstance(job, Errand) else self._run(self._driver, job))
        except Exception as error:  # noqa: BLE001 (the law: a bug is a fault, not a dead thread)
            self._retreat(error)
            return unknown(words(error))
        self._publish(before)
        if outcome.kind != "done":
            self._next_probe = self._clock.now()  # find out at once what is the matter
        return outcome

    def _sleep(self) -> None:
        """Until the next try or probe, a job grows too old, something kept is due, or somebody calls; listening, if it can."""
        ear = self._ear if self._open else None
        with self._wake:
            if self._stopping or self._refresh or self._loans.wanted:
                return
            due = [self._next_probe if self._open else self._retry.at, *self._jobs.ages()]
            if self._open and self._health.state in WORKING:
                if self._jobs.waiting:
                    return
                due += self._jobs.dues()
            pause = min(due) - self._clock.now()
            if pause <= 0:
                return
            if ear is None:
                self._clock.wait(self._wake, pause)
                return
            ear.attend()
        self._listen(ear, pause)

    def _listen(self, ear: Ear, pause_s: float) -> None:
        event, early = ear.listen(pause_s)
        if event is not None:
            self._owner.event(event)
        if early:
            self._next_probe = self._clock.now()

    def _retreat(self, error: Exception) -> None:
        """Close it, and try again later."""
        if not isinstance(error, DeviceError):
            _log.error("device %s: exception in the driver", self.name, exc_info=error)
        if self._health.state in (*WORKING, "busy") or (self._open and self._health.state == "fault"):
            self._ledger.lose()
        health = verdict(error, self._close_driver())
        with self._wake:
            self._retry.failed(self._clock.now(), wanted=self._jobs.waiting)
        self._publish(health)

    def _close_well(self) -> None:
        """Not because anything failed: what goes wrong then has no other place to be shown."""
        self._owner.last_bug = self._close_driver() or self._owner.last_bug

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
            self._ledger.enter(health.state, self._clock.now(), self._wall_ms())
            self._owner.health(health)
