"""The supervisor's story of a device: found, lost, found again, and every job answered once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from devices.ports import DONE, DeviceError, Health, NotReady, Outcome, not_done, unknown
from devices.supervisor import Limits, Supervisor
from devices.transport import LineClosed

READY = Health("ready")


class Clock:
    """Time stands still until the test passes a pause that the supervisor asked for."""

    def __init__(self) -> None:
        self.time = 0.0
        self._lock = threading.Condition()
        self._sleeping: tuple[threading.Condition, float] | None = None

    def now(self) -> float:
        return self.time

    def wait(self, condition: threading.Condition, timeout_s: float) -> None:
        with self._lock:
            self._sleeping = (condition, timeout_s)
            self._lock.notify_all()
        condition.wait(20.0)
        with self._lock:
            self._sleeping = None

    def pass_pause(self) -> float:
        """Wait for the supervisor to fall asleep, let that time pass until it sleeps again, and tell how long it was."""
        with self._lock:
            assert self._lock.wait_for(lambda: self._sleeping is not None, 5.0), "the supervisor does not sleep"
            assert self._sleeping is not None
            condition, pause = self._sleeping
            self._sleeping = None
        with condition:
            self.time += pause
            condition.notify_all()
        with self._lock:
            assert self._lock.wait_for(lambda: self._sleeping is not None, 5.0), "the supervisor does not sleep again"
        return pause


class Radio:
    """A device of ten lines: what it does next is what the test wrote on it."""

    def __init__(self) -> None:
        self.open_error: Exception | None = None
        self.health: Health | Exception = READY
        self.outcome: Outcome | Exception = DONE
        self.opened = 0
        self.closed = 0
        self.ran: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def open(self) -> None:
        self.opened += 1
        if self.open_error:
            raise self.open_error

    def probe(self) -> Health:
        if isinstance(self.health, Exception):
            raise self.health
        return self.health

    def close(self) -> None:
        self.closed += 1
        self.gate.set()

    def run(self, job: str) -> Outcome:
        self.gate.wait(10.0)
        self.ran.append(job)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Hall:
    """The owner: keeps what it is told, and can wait for it."""

    def __init__(self, limits: Limits) -> None:
        self.radio = Radio()
        self.clock = Clock()
        self.healths: list[Health] = []
        self.done: list[tuple[str, Outcome]] = []
        self._news = threading.Condition()
        self.supervisor: Supervisor[Radio, str] = Supervisor(
            "radio",
            self.radio,
            lambda radio, job: radio.run(job),
            self._on_health,
            self._on_done,
            limits=limits,
            clock=self.clock,
            jitter=lambda step: step,
        )

    def _on_health(self, health: Health) -> None:
        with self._news:
            self.healths.append(health)
            self._news.notify_all()

    def _on_done(self, job: str, outcome: Outcome) -> None:
        with self._news:
            self.done.append((job, outcome))
            self._news.notify_all()

    def states(self) -> list[str]:
        return [health.state for health in self.healths]

    def wait(self, what: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(what, 5.0), (self.healths, self.done)


def unplugged() -> LineClosed:
    return LineClosed("tcp://radio:1", "gone", "plug it in")


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall(Limits(queue=3, keys=2, max_age_s=30.0, probe_s=3.0))
    yield hall
    hall.supervisor.stop()
    assert not [t for t in threading.enumerate() if t.name == "device-radio"]


def test_a_device_is_found_and_a_job_is_done(hall: Hall) -> None:
    hall.supervisor.start()
    assert hall.supervisor.submit("A001")
    hall.wait(lambda: hall.done == [("A001", DONE)])
    hall.supervisor.stop()
    assert hall.states() == ["starting", "ready", "busy", "ready", "absent"]
    assert hall.radio.closed == 1


def test_a_device_that_is_away_is_tried_at_growing_pauses_and_told_once(hall: Hall) -> None:
    hall.radio.open_error = unplugged()
    hall.supervisor.start()
    assert [hall.clock.pass_pause() for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert hall.states() == ["starting", "backoff"]
    assert hall.healths[-1].reasons == ("unplugged",)
    hall.radio.open_error = None
    hall.clock.pass_pause()
    hall.wait(lambda: hall.states() == ["starting", "backoff", "ready"])


def test_a_device_back_only_for_a_moment_keeps_its_long_pause_a_steady_one_does_not(hall: Hall) -> None:
    hall.radio.open_error = unplugged()
    hall.supervisor.start()
    for _ in range(3):
        hall.clock.pass_pause()
    hall.radio.open_error = None
    assert hall.clock.pass_pause() == 8
    assert hall.clock.pass_pause() == 3  # one idle probe later it is lost again
    hall.radio.health = unplugged()
    hall.clock.pass_pause()
    hall.wait(lambda: hall.states()[-1] == "backoff")
    hall.radio.health = READY
    assert hall.clock.pass_pause() == 16
    for _ in range(4):
        assert hall.clock.pass_pause() == 3
    hall.radio.health = unplugged()
    hall.clock.pass_pause()
    hall.wait(lambda: hall.states()[-1] == "backoff")
    assert hall.clock.pass_pause() == 1


def test_a_job_waits_for_the_device_until_it_is_too_late(hall: Hall) -> None:
    hall.radio.open_error = NotReady("warming up")
    hall.supervisor.start()
    assert hall.supervisor.submit("A001", max_age_s=2.5)
    assert hall.supervisor.submit("A002")
    assert [hall.clock.pass_pause() for _ in range(2)] == [1, 1.5]  # woken for the job, not only for the next try
    hall.wait(lambda: [job for job, _ in hall.done] == ["A001"])
    assert hall.done[0][1] == not_done("too late 等待超时，已放弃 (not_ready)")
    hall.radio.open_error = None
    hall.clock.pass_pause()
    hall.wait(lambda: hall.done[1:] == [("A002", DONE)])
    assert hall.radio.ran == ["A002"]


def test_jobs_wait_while_the_device_answers_but_cannot_work(hall: Hall) -> None:
    hall.radio.health = Health("fault", ("paper_end",), "out of paper")
    hall.supervisor.start()
    hall.supervisor.submit("A001")
    assert hall.clock.pass_pause() == 3
    assert hall.radio.ran == []
    assert hall.radio.opened == 1  # the line is good: it stays open
    hall.radio.health = Health("degraded", ("paper_low",), "nearly out of paper")
    hall.clock.pass_pause()
    hall.wait(lambda: hall.done == [("A001", DONE)])
    hall.wait(lambda: hall.states() == ["starting", "fault", "degraded", "busy", "degraded"])


def test_a_full_queue_refuses(hall: Hall) -> None:
    assert [hall.supervisor.submit(str(n)) for n in range(4)] == [True, True, True, False]


def test_a_line_lost_within_a_job_is_unknown_and_never_run_again(hall: Hall) -> None:
    hall.radio.outcome = unplugged()
    hall.supervisor.start()
    hall.supervisor.submit("A001")
    hall.wait(lambda: hall.done == [("A001", unknown("tcp://radio:1: gone; plug it in"))])
    hall.radio.outcome = DONE
    assert hall.clock.pass_pause() == 1
    hall.wait(lambda: hall.states()[-2:] == ["backoff", "ready"])
    assert hall.radio.ran == ["A001"]


def test_after_a_job_that_was_not_done_the_device_is_asked_at_once(hall: Hall) -> None:
    hall.supervisor.start()
    hall.wait(lambda: hall.states() == ["starting", "ready"])
    hall.radio.health = Health("fault", ("paper_end",))
    hall.radio.outcome = not_done("out of paper")
    hall.supervisor.submit("A001")
    hall.wait(lambda: hall.states()[-1] == "fault")
    assert hall.clock.time == 0


@pytest.mark.parametrize("place", ["open", "probe", "run"])
def test_a_bug_in_the_driver_is_a_fault_and_the_thread_lives(hall: Hall, place: str) -> None:
    bug = KeyError("oops")
    if place == "open":
        hall.radio.open_error = bug
    elif place == "probe":
        hall.radio.health = bug
    else:
        hall.radio.outcome = bug
    hall.supervisor.start()
    hall.supervisor.submit("A001")
    hall.wait(lambda: Health("fault", ("bug",), "KeyError: 'oops'") in hall.healths)
    if place == "run":
        hall.wait(lambda: hall.done == [("A001", unknown("KeyError: 'oops'"))])
    hall.radio.open_error, hall.radio.health, hall.radio.outcome = None, READY, DONE
    hall.clock.pass_pause()
    hall.supervisor.submit("A002")
    hall.wait(lambda: ("A002", DONE) in hall.done)


def test_a_bug_in_a_callback_is_kept_and_the_thread_lives() -> None:
    done = threading.Event()

    def on_done(job: str, outcome: Outcome) -> None:
        if job == "A001":
            raise ValueError("bad listener")
        done.set()

    supervisor = Supervisor("radio", Radio(), lambda radio, job: radio.run(job), lambda health: None, on_done)
    supervisor.start()
    supervisor.submit("A001")
    supervisor.submit("A002")
    assert done.wait(5.0)
    assert supervisor.last_bug == "ValueError: bad listener"
    supervisor.stop()


def test_of_what_is_kept_the_latest_wins_and_all_is_shown_again_after_a_reconnection(hall: Hall) -> None:
    assert hall.supervisor.keep(1, "A001 -> 1")
    assert hall.supervisor.keep(1, "A002 -> 1")
    assert hall.supervisor.keep(2, "A003 -> 2")
    assert not hall.supervisor.keep(3, "too many signs")
    hall.supervisor.start()
    hall.wait(lambda: len(hall.done) == 2)
    assert hall.radio.ran == ["A002 -> 1", "A003 -> 2"]
    assert hall.supervisor.keep(2, "A003 -> 2")  # the same again changes nothing
    hall.radio.health = unplugged()
    hall.clock.pass_pause()
    hall.wait(lambda: hall.states()[-1] == "backoff")
    hall.radio.health = READY
    hall.supervisor.keep(2, "A004 -> 2")
    hall.clock.pass_pause()
    hall.wait(lambda: len(hall.done) == 3)
    assert hall.radio.ran == ["A002 -> 1", "A003 -> 2", "A002 -> 1", "A004 -> 2"]
    assert hall.done[-1] == ("A004 -> 2", DONE)  # the repaint of sign 1 is no news


def test_what_is_kept_and_was_not_shown_is_tried_again_after_a_pause(hall: Hall) -> None:
    hall.radio.outcome = not_done("sign busy")
    hall.supervisor.keep(1, "A001 -> 1")
    hall.supervisor.start()
    hall.wait(lambda: len(hall.done) == 1)
    hall.radio.outcome = DONE
    assert hall.clock.pass_pause() == 3
    hall.wait(lambda: hall.done[1:] == [("A001 -> 1", DONE)])


def test_stopping_answers_who_still_waits_and_takes_no_more(hall: Hall) -> None:
    hall.radio.gate.clear()
    hall.supervisor.start()
    hall.supervisor.submit("A001")
    hall.wait(lambda: hall.states()[-1] == "busy")
    hall.supervisor.submit("A002")
    hall.supervisor.stop(timeout_s=0.05)  # the driver hangs: its line is closed under it
    assert hall.done == [("A001", DONE), ("A002", not_done("stopped before its turn 停机，未执行"))]
    assert not hall.supervisor.submit("A003")
    assert not hall.supervisor.keep(1, "A003")
    assert hall.supervisor.health == Health("absent")


def test_a_driver_that_never_returns_is_told(hall: Hall) -> None:
    release = threading.Event()

    def run(job: str) -> Outcome:
        release.wait(10.0)
        return DONE

    hall.radio.run = run  # type: ignore[method-assign]
    hall.supervisor.start()
    hall.supervisor.submit("A001")
    hall.wait(lambda: hall.states()[-1] == "busy")
    with pytest.raises(DeviceError, match="did not return"):
        hall.supervisor.stop(timeout_s=0.05)
    release.set()


def test_it_can_be_started_again_after_a_stop_but_not_twice(hall: Hall) -> None:
    hall.supervisor.start()
    with pytest.raises(RuntimeError):
        hall.supervisor.start()
    hall.wait(lambda: hall.states()[-1] == "ready")
    hall.supervisor.stop()
    hall.supervisor.start()
    hall.wait(lambda: hall.states() == ["starting", "ready", "absent", "starting", "ready"])
