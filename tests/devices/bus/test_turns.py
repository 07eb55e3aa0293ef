"""Who has the wire: one at a time, in order, what a person waits for before polling, and nobody for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from devices.bus.turns import HOLD_S, LISTENING, PATIENCE_S, POLLING, URGENT, Turns
from devices.line import deadline_in


class Someone:
    def __init__(self, name: str) -> None:
        self.name = name
        self.called = threading.Event()

    def call_away(self) -> None:
        self.called.set()


class Queue:
    """Threads that want the wire; `order` is who got it."""

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self.turns = Turns(self.lock)
        self.order: list[str] = []
        self._threads: list[threading.Thread] = []

    def want(self, name: str, rank: int, hold: threading.Event | None = None) -> Someone:
        who = Someone(name)

        def work() -> None:
            taken = self.turns.take(who, deadline_in(5), rank, lambda: False)
            with self.lock:
                self.order.append(name if taken == "new" else f"{name} {taken}")
                self.lock.notify_all()
            if hold is not None:
                hold.wait(5)
            self.turns.give(who)

        before = len(self.turns._places)
        thread = threading.Thread(target=work)
        thread.start()
        self._threads.append(thread)
        with self.lock:
            assert self.lock.wait_for(lambda: name in self.order or len(self.turns._places) > before, 5)
        return who

    def join(self) -> list[str]:
        for thread in self._threads:
            thread.join(5)
        return self.order


@pytest.fixture
def queue() -> Iterator[Queue]:
    queue = Queue()
    yield queue
    queue.join()
    assert queue.turns.free


def test_the_wire_goes_to_who_came_first_and_polling_comes_last(queue: Queue) -> None:
    hold = threading.Event()
    queue.want("first", URGENT, hold)
    queue.want("keypads", POLLING)
    queue.want("sign", URGENT)
    queue.want("other sign", URGENT)
    hold.set()
    assert queue.join() == ["first", "sign", "other sign", "keypads"]


def test_polling_does_not_wait_for_ever_behind_paints(queue: Queue) -> None:
    keypads = Someone("keypads")
    got: list[float] = []
    signs = [Someone("a"), Someone("b")]
    assert queue.turns.take(signs[0], deadline_in(1), URGENT, lambda: False) == "new"
    begin = time.monotonic()

    def poll() -> None:
        assert queue.turns.take(keypads, deadline_in(5), POLLING, lambda: False) == "new"
        got.append(time.monotonic() - begin)
        queue.turns.give(keypads)

    def paint(n: int) -> None:
        while not got:
            assert queue.turns.take(signs[n], deadline_in(5), URGENT, lambda: False) != "no"
            with queue.lock:
                queue.lock.wait(0.002)
            queue.turns.give(signs[n])

    threads = [threading.Thread(target=poll), *(threading.Thread(target=paint, args=(n,)) for n in (0, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert PATIENCE_S * 0.5 < got[0] < PATIENCE_S + 0.5


def test_a_turn_that_was_left_alone_passes_on_after_a_moment(queue: Queue) -> None:
    sign, other = Someone("sign"), Someone("other")
    queue.turns.take(sign, deadline_in(1), URGENT, lambda: False)
    queue.turns.leave(sign)
    assert queue.turns.take(sign, deadline_in(1), URGENT, lambda: False) == "kept"
    queue.turns.leave(sign)
    begin = time.monotonic()
    assert queue.turns.take(other, deadline_in(1), URGENT, lambda: False) == "new"
    assert HOLD_S * 0.9 < time.monotonic() - begin < HOLD_S + 0.3
    queue.turns.give(sign)  # it is not its own any more
    assert queue.turns.holds(other)
    queue.turns.give(other)


def test_who_only_listens_is_called_away(queue: Queue) -> None:
    hold = threading.Event()
    ear = queue.want("ear", LISTENING, hold)
    queue.want("sign", URGENT)
    assert ear.called.wait(5)
    hold.set()
    assert queue.join() == ["ear", "sign"]


def test_a_turn_that_does_not_come_in_time_is_given_up(queue: Queue) -> None:
    hold = threading.Event()
    queue.want("first", URGENT, hold)
    late = Someone("late")
    assert queue.turns.take(late, deadline_in(0.05), URGENT, lambda: False) == "no"
    assert queue.turns.take(late, deadline_in(5), URGENT, lambda: True) == "no"
    hold.set()
