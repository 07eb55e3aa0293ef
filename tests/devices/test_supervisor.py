"""The supervisor's story of a device: found, lost, found again, and every job answered once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devices.ports import DONE, DeviceError, Event, Health, NotReady, Outcome, Scanned, not_done, unknown
from devices.supervisor import Errand, Limits, Supervisor
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

    def sleeps_for(self, pause: float) -> None:
        """Wait until the supervisor sleeps, and means to for so long."""
        with self._lock:
            assert self._lock.wait_for(lambda: self._sleeping is not None and self._sleeping[1] == pause, 5.0)

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


@pytest.mark.parametrize("place", ["probe", "run"])
def test_a_driver_that_answers_nothing_at_all_is_a_bug_and_the_job_is_answered(hall: Hall, place: str) -> None:
    if place == "probe":
        hall.radio.health = None  # type: ignore[assignment]
    else:
        hall.radio.outcome = None  # type: ignore[assignment]
    hall.supervisor.start()
    hall.supervisor.submit("A001")
    hall.wait(lambda: any(health.reasons == ("bug",) for health in hall.healths))
    if place == "run":
        hall.wait(lambda: [(job, outcome.kind) for job, outcome in hall.done] == [("A001", "unknown")])
    hall.radio.health, hall.radio.outcome = READY, DONE
    hall.clock.pass_pause()
    hall.supervisor.submit("A002")
    hall.wait(lambda: ("A002", DONE) in hall.done)


def test_what_is_no_outcome_and_no_health_is_refused_where_it_is_made() -> None:
    with pytest.raises(TypeError, match="must be text"):
        not_done(OSError("not text"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be one of"):
        Outcome("fine")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="tuple of words"):
        Health("ready", ["paper_low"])  # type: ignore[arg-type]
    assert not_done("bad \udcff byte" + "x" * 900).detail.startswith("bad ? byte")


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


# --- devices that tell something by themselves ---------------------------------------------------------------------------

CODE = Scanned("A001")


class Scale(Radio):
    """Also says something: what the test put into its ear, in order; like a line, it keeps what came while nobody listened."""

    def __init__(self) -> None:
        super().__init__()
        self._said = threading.Condition()
        self.events: list[Event | Exception] = []
        self._woken = False
        self.listened = 0

    def say(self, event: Event | Exception) -> None:
        with self._said:
            self.events.append(event)
            self._said.notify_all()

    def listen(self, deadline: float) -> Event | None:
        with self._said:
            self.listened += 1
            self._said.notify_all()
            self._said.wait_for(lambda: self.events or self._woken, deadline - time.monotonic())
            self._woken = False
            event = self.events.pop(0) if self.events else None
        if isinstance(event, Exception):
            raise event
        return event

    def wake(self) -> None:
        with self._said:
            self._woken = True
            self._said.notify_all()

    def heard(self, times: int) -> None:
        with self._said:
            assert self._said.wait_for(lambda: self.listened >= times, 5.0), "nobody listens"


class Ears:
    """A supervisor in real time over a Scale, and what it said."""

    def __init__(self, scale: Scale, probe_s: float = 60.0) -> None:
        self.scale = scale
        self.news = threading.Condition()
        self.events: list[Event] = []
        self.states: list[str] = []
        self.done: list[str] = []
        self.supervisor: Supervisor[Scale, str] = Supervisor(
            "scale",
            scale,
            lambda scale, job: scale.run(job),
            lambda health: self._note(self.states, health.state),
            lambda job, outcome: self._note(self.done, f"{job} {outcome.kind}"),
            on_event=lambda event: self._note(self.events, event),
            limits=Limits(probe_s=probe_s),
            jitter=lambda step: step,
        )

    def _note(self, place: list[Any], what: object) -> None:
        with self.news:
            place.append(what)
            self.news.notify_all()

    def wait(self, what: Callable[[], bool]) -> None:
        with self.news:
            assert self.news.wait_for(what, 5.0), (self.events, self.states, self.done)


@pytest.fixture
def ears() -> Iterator[Ears]:
    ears = Ears(Scale())
    ears.supervisor.start()
    yield ears
    ears.supervisor.stop()


def test_what_a_device_says_by_itself_is_passed_on_in_order(ears: Ears) -> None:
    ears.scale.say(CODE)
    ears.scale.say(Scanned("A002"))
    ears.wait(lambda: ears.events == [CODE, Scanned("A002")])


@pytest.mark.parametrize("call", ["submit", "keep", "refresh", "stop", "repaint"])
def test_a_listening_device_is_called_away_at_once(ears: Ears, call: str) -> None:
    if call == "repaint":
        ears.supervisor.keep(1, "A001")
        ears.wait(lambda: ears.done == ["A001 done"])
    ears.scale.heard(2 if call == "repaint" else 1)
    began = time.monotonic()
    if call == "submit":
        ears.supervisor.submit("A001")
        ears.wait(lambda: ears.done == ["A001 done"])
    elif call == "keep":
        ears.supervisor.keep(1, "A001")
        ears.wait(lambda: ears.done == ["A001 done"])
    elif call == "repaint":
        ears.supervisor.repaint()
        ears.scale.heard(3)
        assert ears.scale.ran == ["A001", "A001"]
    elif call == "refresh":
        ears.supervisor.refresh()
        ears.scale.heard(2)
        assert ears.scale.opened == 2
    else:
        ears.supervisor.stop()
    assert time.monotonic() - began < 2.0


def test_what_was_said_while_a_job_ran_is_not_lost(ears: Ears) -> None:
    ears.scale.gate.clear()
    ears.supervisor.submit("A001")
    ears.wait(lambda: ears.states[-1] == "busy")
    ears.scale.say(CODE)
    ears.scale.gate.set()
    ears.wait(lambda: ears.events == [CODE])


def test_a_listener_is_heard_also_while_job_follows_job() -> None:
    ears = Ears(Scale())
    begun = time.monotonic()

    def again(scale: Scale, job: str) -> Outcome:
        ears.supervisor.submit(job)  # there is always another job
        return DONE

    ears.supervisor._run = again
    ears.supervisor.start()
    ears.supervisor.submit("A001")
    ears.scale.say(CODE)
    ears.wait(lambda: ears.events == [CODE])
    ears.supervisor.stop()
    assert time.monotonic() - begun < 3.0


def test_a_line_lost_while_listening_is_opened_again_and_heard_on() -> None:
    ears = Ears(Scale())
    ears.supervisor.start()
    ears.scale.say(unplugged())
    ears.wait(lambda: "backoff" in ears.states)
    ears.scale.say(CODE)
    ears.wait(lambda: ears.events == [CODE])
    ears.supervisor.stop()
    assert ears.states == ["starting", "ready", "backoff", "ready", "absent"]


def test_a_bug_in_wake_is_shown_and_does_not_hit_who_brings_a_job(ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    ears.scale.heard(1)

    def broken() -> None:
        raise KeyError("oops")

    monkeypatch.setattr(ears.scale, "wake", broken)
    assert ears.supervisor.submit("A001")
    assert ears.supervisor.last_bug == "KeyError: 'oops'"
    monkeypatch.undo()
    ears.scale.wake()
    ears.wait(lambda: ears.done == ["A001 done"])


def test_a_listener_that_is_back_early_is_asked_at_once_how_it_is(ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    ears.scale.heard(1)
    ears.scale.health = Health("degraded", ("paper_low",))
    ears.scale.wake()  # by the device itself: nobody called the supervisor
    ears.wait(lambda: ears.states[-1] == "degraded")


def test_a_listener_that_is_back_early_again_and_again_does_not_make_the_thread_spin(
    ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears.scale.heard(1)
    calls: list[float] = []
    monkeypatch.setattr(ears.scale, "listen", lambda deadline: calls.append(deadline))
    ears.scale.wake()
    used = time.monotonic()
    while len(calls) < 5:
        assert time.monotonic() - used < 5
    assert time.monotonic() - used > 0.15


def test_without_somebody_to_tell_it_is_listened_to_all_the_same() -> None:
    scale = Scale()
    supervisor: Supervisor[Scale, str] = Supervisor(
        "scale", scale, lambda s, job: s.run(job), lambda h: None, lambda j, o: None
    )
    supervisor.start()
    scale.say(CODE)
    scale.heard(2)
    supervisor.stop()
    assert scale.events == []


# --- tried at once, lent, accounted -----------------------------------------------------------------------------------


def test_a_refresh_tries_a_lost_device_at_once_and_forgets_its_long_pauses(hall: Hall) -> None:
    hall.radio.open_error = unplugged()
    hall.supervisor.start()
    for _ in range(4):
        hall.clock.pass_pause()
    tried = hall.radio.opened
    hall.supervisor.refresh(if_away=True)
    hall.clock.sleeps_for(1)
    assert hall.radio.opened == tried + 1
    hall.radio.open_error = None
    hall.supervisor.refresh(if_away=True)
    hall.wait(lambda: hall.states()[-1] == "ready")
    opened = hall.radio.opened
    hall.supervisor.refresh(if_away=True)  # it is there: nothing to do
    hall.supervisor.submit("A001")
    hall.wait(lambda: hall.done == [("A001", DONE)])
    assert hall.radio.opened == opened


def test_no_job_that_comes_meanwhile_puts_the_try_of_a_refresh_back(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.radio.open_error = unplugged()
    hall.supervisor.start()
    hall.clock.pass_pause()
    retry, lock = hall.supervisor._retry, hall.supervisor._wake
    afresh, let_in = retry.afresh, list[bool]()

    def another() -> None:
        let_in.append(lock.acquire(blocking=False))
        if let_in[-1]:
            lock.release()

    def watched(now: float) -> None:
        other = threading.Thread(target=another)
        other.start()
        other.join(5)
        afresh(now)

    monkeypatch.setattr(retry, "afresh", watched)
    opened = hall.radio.opened
    hall.supervisor.refresh()
    hall.clock.sleeps_for(1.0)
    assert (let_in, hall.radio.opened) == ([False], opened + 1)


def test_a_refresh_closes_and_opens_a_device_that_works(hall: Hall) -> None:
    hall.supervisor.start()
    hall.wait(lambda: hall.states()[-1] == "ready")
    hall.supervisor.refresh()
    hall.supervisor.submit("A001")
    hall.wait(lambda: hall.done == [("A001", DONE)])
    assert (hall.radio.opened, hall.radio.closed) == (2, 1)
    assert "backoff" not in hall.states()
    assert hall.supervisor.account().lost == 0


def test_a_lent_line_is_free_jobs_wait_and_then_it_is_opened_again(hall: Hall) -> None:
    hall.supervisor.start()
    hall.wait(lambda: hall.states()[-1] == "ready")
    with hall.supervisor.lend(5.0):
        assert hall.radio.closed == 1
        assert hall.healths[-1] == Health("starting", ("lent",), "its line is lent for a moment 线路暂时借出")
        hall.supervisor.submit("A001")
        with pytest.raises(DeviceError, match="lent already"), hall.supervisor.lend(0.1):
            raise AssertionError("lent twice")
        assert hall.radio.ran == []
        assert hall.radio.opened == 1
    hall.wait(lambda: hall.done == [("A001", DONE)])
    assert hall.radio.opened == 2
    with hall.supervisor.lend(5.0):
        assert hall.radio.closed == 2


def test_a_device_at_work_is_not_lent(hall: Hall) -> None:
    hall.radio.gate.clear()
    hall.supervisor.start()
    hall.supervisor.submit("A001")
    hall.wait(lambda: hall.states()[-1] == "busy")
    with pytest.raises(DeviceError, match="still at work"), hall.supervisor.lend(0.05):
        raise AssertionError("lent while at work")
    hall.radio.gate.set()
    hall.wait(lambda: hall.done == [("A001", DONE)])
    assert hall.radio.closed == 0


def test_a_line_kept_too_long_is_taken_back(hall: Hall) -> None:
    hall.supervisor.start()
    hall.wait(lambda: hall.states()[-1] == "ready")
    with hall.supervisor.lend(5.0, hold_s=7.0):
        assert hall.clock.pass_pause() == 7
        hall.wait(lambda: hall.states()[-1] == "ready")
        assert hall.radio.opened == 2


def test_a_device_that_is_not_started_is_lent_without_asking(hall: Hall) -> None:
    with hall.supervisor.lend(0.1):
        assert hall.radio.opened == 0


def test_a_stop_does_not_wait_for_the_borrower(hall: Hall) -> None:
    hall.supervisor.start()
    hall.wait(lambda: hall.states()[-1] == "ready")
    with hall.supervisor.lend(5.0):
        hall.supervisor.stop()
        assert hall.states()[-1] == "absent"


def test_the_account_knows_fault_minutes_losses_and_since_when(hall: Hall) -> None:
    wall = [1_000_000]
    hall.supervisor._wall_ms = lambda: wall[0] + int(hall.clock.time * 1000)
    hall.supervisor.start()
    for _ in range(4):
        hall.clock.pass_pause()
    hall.radio.health = unplugged()
    hall.clock.pass_pause()
    hall.wait(lambda: hall.states()[-1] == "backoff")
    hall.radio.open_error = unplugged()
    hall.clock.pass_pause()
    hall.clock.pass_pause()
    account = hall.supervisor.account()
    assert (account.ready_s, account.fault_s, account.lost) == (15.0, 3.0, 1)
    assert account.since_ms == wall[0] + 15_000


def test_a_device_that_never_was_there_was_not_lost(hall: Hall) -> None:
    hall.radio.health = unplugged()  # the port opens, nobody answers
    hall.supervisor.start()
    for _ in range(3):
        hall.clock.pass_pause()
    assert hall.supervisor.account().lost == 0


def test_a_technicians_errand_runs_in_turn_and_is_answered_to_who_brought_it(hall: Hall) -> None:
    answers: list[Outcome] = []
    hall.supervisor.submit("A001")
    assert hall.supervisor.errand(Errand(lambda radio: not_done(",".join(radio.ran)), answers.append))
    hall.supervisor.start()
    hall.supervisor.submit("A002")
    hall.wait(lambda: [job for job, _ in hall.done] == ["A001", "A002"])
    assert answers == [not_done("A001")]
