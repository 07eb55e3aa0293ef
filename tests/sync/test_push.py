"""Facts up through a line that loses, delays and lies, into a central that is killed: complete, once, equal."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from kiosk.sync import wire
from kiosk.sync.loop import Pace
from kiosk.sync.push import Pusher
from tests.central.server import TOKEN, Server, Wire, device, fact
from tests.sync.proxy import Proxy

QUICK = Pace(first_s=0.02, most_s=0.1, rest_s=0.05, deadline_s=0.6)
FAULTS = ["drop_request", "drop_answer", "error_500", "garbage", "cut", "redirect"]


class Row(NamedTuple):
    seq: int
    at: int
    kind: str
    body: bytes


class Journal:
    """Facts in memory, read like kiosk.journal.reader; `grow` appends."""

    def __init__(self, count: int = 0) -> None:
        self.rows: list[Row] = []
        self.grow(count)

    def grow(self, count: int) -> None:
        for seq in range(len(self.rows) + 1, len(self.rows) + count + 1):
            body = b'{"device":"printer","state":"ready","reasons":[],"detail":"%064d"}' % seq
            self.rows.append(Row(seq, 1_700_000_000_000 + seq, "DeviceChanged", body))

    def read(self, after: int, limit: int) -> list[Row]:
        return self.rows[after : after + limit]

    def head(self) -> int:
        return len(self.rows)

    def digest(self) -> str:
        return _sum(wire.digest(row.at, row.kind, row.body) for row in self.rows)


class Memory:
    """A cursor; `reached` is set when it comes to `goal`. Records every value, to show that it never goes astray."""

    def __init__(self, goal: int) -> None:
        self.goal, self.values, self.reached = goal, [0], threading.Event()

    def get(self) -> int:
        return self.values[-1]

    def set(self, seq: int) -> None:
        self.values.append(seq)
        if seq >= self.goal:
            self.reached.set()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One central for all of this file; whoever kills it starts it again."""
    made = Server(tmp_path_factory.mktemp("central"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """A store id of this test's own."""
    return hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:32]


def pusher(url: str, store: str, journal: Journal, cursor: Memory, token: str = TOKEN, pace: Pace = QUICK) -> Pusher:
    return Pusher(
        url=url,
        token=token,
        store=store,
        station="S1",
        read=journal.read,
        head=journal.head,
        cursor=cursor,
        pace=pace,
        rng=random.Random(7),
    )


def until(met: Callable[[], bool], seconds: float = 10.0) -> None:
    """Waits on the pusher's own progress; fails when the condition is not met in time."""
    tick = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if met():
            return
        tick.wait(0.02)
    raise AssertionError("the condition was not met in time")


def complete(server: Server, store: str, journal: Journal) -> None:
    rows = server.rows("SELECT seq, hash, state FROM facts WHERE store = ? ORDER BY seq", store)
    assert [row[0] for row in rows] == list(range(1, len(journal.rows) + 1))
    assert _sum(row[1] for row in rows) == journal.digest()
    assert {row[2] for row in rows} <= {"applied"}
    assert server.rows("SELECT count(*) FROM quarantine WHERE store = ?", store) == [(0,)]


def _sum(marks: Iterator[str] | object) -> str:
    return hashlib.sha256("".join(marks).encode()).hexdigest()  # type: ignore[arg-type]


def test_thirty_thousand_facts_through_a_bad_line_and_two_kills(server: Server, store: str) -> None:
    journal, cursor = Journal(30_000), Memory(30_000)
    rng = random.Random(11)
    slow = {9: "black_hole", 23: "trickle", 47: "black_hole", 61: "trickle"}
    kills = {18, 55}
    guard = threading.Lock()

    def script(number: int) -> str:
        if number in slow:
            return slow[number]
        return rng.choice(FAULTS) if rng.random() < 0.35 else "pass"

    def after(number: int) -> None:
        with guard:
            if number in kills:
                server.kill()
                server.start()

    with Proxy(server.port, script) as proxy:
        proxy.after = after
        push = pusher(proxy.url, store, journal, cursor)
        push.start()
        try:
            assert cursor.reached.wait(60), push.status()
            until(lambda: push.status().behind == 0)
        finally:
            assert push.stop()
        assert set(proxy.seen) >= {*FAULTS, "black_hole", "trickle", "pass"}
        assert len(proxy.seen) > max(kills)
    complete(server, store, journal)
    assert all(0 <= value <= 30_000 for value in cursor.values)
    assert cursor.values[1:] == sorted(cursor.values[1:])  # the receiver never forgot what it had answered
    assert push.status().error is None and push.status().quarantined == 0


def test_new_facts_wake_it_and_offline_it_waits(server: Server, store: str) -> None:
    journal, cursor = Journal(3), Memory(10)
    push = pusher(server.url, store, journal, cursor, pace=Pace(first_s=0.02, most_s=0.1, rest_s=30, deadline_s=2))
    push.start()
    try:
        until(lambda: push.status().through == 3)
        server.kill()
        journal.grow(4)
        push.wake()
        until(lambda: push.status().error is not None)
        assert push.status().behind == 4 and cursor.get() == 3
        assert push.status().error is not None and "无法连接" in push.status().error.zh  # type: ignore[union-attr]
        journal.grow(3)
        server.start()
        assert cursor.reached.wait(10)
        until(lambda: push.status().error is None and push.status().behind == 0)
    finally:
        assert push.stop()
    complete(server, store, journal)


def test_a_lost_cursor_costs_nothing(server: Server, store: str) -> None:
    journal = Journal(700)
    for _ in range(2):
        cursor = Memory(700)
        push = pusher(server.url, store, journal, cursor)
        push.start()
        assert cursor.reached.wait(10)
        assert push.stop()
    assert cursor.values == [0, 700]  # the second time it only asked
    complete(server, store, journal)


def test_a_restored_journal_is_noticed_and_nothing_is_sent(server: Server, store: str) -> None:
    cursor = Memory(20)
    push = pusher(server.url, store, Journal(20), cursor)
    push.start()
    assert cursor.reached.wait(10) and push.stop()
    shorter, other = Journal(12), Journal(30)
    other.rows[19] = other.rows[19]._replace(body=b'{"device":"x","state":"y"}')
    for journal in (shorter, other):
        push = pusher(server.url, store, journal, Memory(99))
        push.start()
        until(lambda push=push: push.status().error is not None)  # type: ignore[misc]
        assert push.stop()
        assert "kiosk doctor" in push.status().error.en  # type: ignore[union-attr]
    assert server.rows("SELECT count(*) FROM facts WHERE store = ?", store) == [(20,)]
    assert server.rows("SELECT count(*) FROM quarantine WHERE store = ?", store) == [(0,)]


def test_a_wrong_token_says_what_to_do_and_sends_nothing(server: Server, store: str) -> None:
    push = pusher(server.url, store, Journal(5), Memory(5), token="wrong")
    push.start()
    until(lambda: push.status().error is not None)
    assert push.stop()
    assert "[central].token" in push.status().error.en  # type: ignore[union-attr]
    assert server.rows("SELECT count(*) FROM facts WHERE store = ?", store) == [(0,)]


def test_a_damaged_row_travels_wrapped_and_blocks_nothing(server: Server, store: str) -> None:
    journal, cursor = Journal(5), Memory(5)
    journal.rows[2] = journal.rows[2]._replace(body=b'{"device": \xff')
    journal.rows[3] = journal.rows[3]._replace(kind="InventedLater", body=b' {"x":1}\n')
    push = pusher(server.url, store, journal, cursor)
    push.start()
    assert cursor.reached.wait(10)
    until(lambda: push.status().deferred == 2)
    assert push.stop()
    assert [note.seq for note in push.status().notes] == [3, 4]
    again = pusher(server.url, store, journal, Memory(5))  # what was wrapped is no fork
    again.start()
    until(lambda: again.status().behind == 0)
    assert again.stop() and again.status().error is None


def test_a_quarantined_fact_is_told_and_blocks_nothing(server: Server, store: str) -> None:
    with Wire(server.url) as wire_:
        wire_.post([fact(4, "DeviceChanged", device="forged", state="x"), device(5)], store=store)
    journal, cursor = Journal(6), Memory(6)
    push = pusher(server.url, store, journal, cursor)
    push.start()
    assert cursor.reached.wait(10)
    until(lambda: push.status().quarantined == 2)  # 4 and 5 were known with another content
    assert push.stop()


def test_big_facts_make_small_batches(server: Server, store: str) -> None:
    journal, cursor = Journal(), Memory(12)
    for seq in range(1, 13):
        size = 400_000 if seq == 7 else 60_000
        journal.rows.append(Row(seq, seq, "DeviceChanged", b'{"device":"d","state":"%b"}' % (b"x" * size)))
    with Proxy(server.port, lambda n: "pass") as proxy:
        push = pusher(proxy.url, store, journal, cursor, pace=Pace(first_s=0.02, most_s=0.1, rest_s=1, deadline_s=5))
        push.start()
        assert cursor.reached.wait(10)
        assert push.stop()
        assert len(proxy.seen) == 6  # the question, then 4 + 2 + the big one alone + 4 + 1
    complete(server, store, journal)


def test_the_wait_after_failures_doubles_up_to_its_most_with_jitter() -> None:
    pace, rng = Pace(), random.Random(1)
    for failures, full in ((1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (500, 30)):
        waits = [pace.wait_s(failures, rng) for _ in range(50)]
        assert full / 2 <= min(waits) and max(waits) <= full and len(set(waits)) > 40
