"""kill -9 of real processes in the middle of real traffic."""

from __future__ import annotations

import json
import secrets
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain import facts as f
from kiosk.journal.store import Journal
from tests.central.server import TOKEN, Server
from tests.survival.clerk import press
from tests.survival.station import ROOT, Station, wait

CLERKS = 8
CALLS_EACH, KILLS = 40, 8
KILLS_OF_BOTH = 14
# The long run: 80 and 80 here, 40 of the screen in tests/glass/test_killed.py: 200.
LONG_CALLS_EACH, LONG_KILLS = 130, 80
LONG_KILLS_OF_BOTH = 80


def facts_of(station: Station) -> list[f.Recorded]:
    journal = Journal(station.data, station.data.with_name("data.key"))
    journal.open()
    try:
        return list(journal.facts())
    finally:
        journal.close()


class Screen(threading.Thread):
    """The touchscreen: takes a number whenever fewer wait than the clerks can call; keeps what it was told."""

    def __init__(self, station: Station, total: int) -> None:
        super().__init__(daemon=True)
        self.station, self.total = station, total
        self.told: list[tuple[str, str]] = []
        self.failed: BaseException | None = None

    def run(self) -> None:
        line = self.station.screen()
        try:
            while len(self.told) < self.total:
                body = {"service": ("payment", "enquiry", "sundry")[len(self.told) % 3]}
                said = press(line, "/tickets", body, secrets.token_hex(8))
                assert said.status == 201, said
                self.told.append((said.body["ticket"]["id"], said.body["ticket"]["number"]))
        except BaseException as error:
            self.failed = error
            raise


def clerks(station: Station, calls: int) -> list[subprocess.Popen[str]]:
    tokens = [station.login("counter", n) for n in range(1, CLERKS + 1)]
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tests.survival.clerk", str(station.port), token, str(n), str(calls)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n, token in enumerate(tokens, 1)
    ]


class Heard(threading.Thread):
    """What one clerk was told of; `news` is set at each call."""

    def __init__(self, process: subprocess.Popen[str], news: threading.Semaphore) -> None:
        super().__init__(daemon=True)
        self.process, self.news = process, news
        self.calls: list[dict[str, Any]] = []

    def run(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.calls.append(json.loads(line))
            self.news.release()


@pytest.mark.timeout(150)
def test_eight_processes_at_eight_counters_and_a_station_that_is_killed_in_between(tmp_path: Path) -> None:
    _work_and_kill(tmp_path, CALLS_EACH, KILLS)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_same_with_eighty_kills(tmp_path: Path) -> None:
    _work_and_kill(tmp_path, LONG_CALLS_EACH, LONG_KILLS)


def _work_and_kill(folder: Path, calls_each: int, kills: int) -> None:
    station = Station(folder)
    station.start()
    screen = Screen(station, CLERKS * calls_each + 20)
    news = threading.Semaphore(0)
    hands = clerks(station, calls_each)
    heard = [Heard(process, news) for process in hands]
    for thread in (screen, *heard):
        thread.start()
    try:
        for _ in range(kills):
            for _ in range(CLERKS * calls_each // (kills + 2)):
                assert news.acquire(timeout=60), [p.poll() for p in hands]
            station.kill()
            station.start()
        for process, thread in zip(hands, heard, strict=True):
            assert process.wait(60) == 0, process.stderr and process.stderr.read()
            thread.join(10)
        screen.join(60)
    finally:
        for process in hands:
            process.kill()
        station.stop()
    _nothing_twice(facts_of(station), screen, [call for one in heard for call in one.calls], kills)


def _nothing_twice(facts: list[f.Recorded], screen: Screen, calls: list[dict[str, Any]], kills: int) -> None:
    issued = {r.fact.ticket: r.fact.number for r in facts if isinstance(r.fact, f.TicketIssued)}
    called = [(r.fact.ticket, r.fact.counter) for r in facts if isinstance(r.fact, f.TicketCalled)]
    assert screen.failed is None, screen.failed
    assert len(calls) >= 300
    assert len(set(issued.values())) == len(issued), "a number was given twice"
    assert all(issued.get(id) == number for id, number in screen.told), "a number that was told of is gone"
    assert len(screen.told) == len(issued), "one touch, one ticket: the repeats with the same key made no second one"
    assert max(Counter(ticket for ticket, _ in called).values()) == 1, "a ticket was called to two counters"
    assert sorted((c["ticket"], c["counter"]) for c in calls) == sorted(called), "each call was told to one clerk"
    print(f"{len(issued)} tickets, {len(calls)} calls, {kills} kills of the station, 0 doubles, 0 lost")


# --- station and central -----------------------------------------------------------------------------------------


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "central")
    made.start()
    yield made
    made.stop()


@pytest.mark.timeout(150)
def test_station_and_central_are_killed_again_and_again_and_central_has_each_fact_once(
    tmp_path: Path, central: Server
) -> None:
    _kill_both(tmp_path, central, KILLS_OF_BOTH, 40)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_both_are_killed_eighty_times(tmp_path: Path, central: Server) -> None:
    _kill_both(tmp_path, central, LONG_KILLS_OF_BOTH, 16)


def _kill_both(folder: Path, central: Server, kills: int, between: int) -> None:
    """`between`: numbers that are taken before the next kill."""
    station = Station(folder / "station", central=central.url, token=TOKEN)
    station.start()
    screen = Screen(station, 1_000_000)
    screen.start()
    try:
        for kill in range(kills):
            _until_told(screen, len(screen.told) + between)
            (central if kill % 2 else station).kill()
            _until_told(screen, len(screen.told) + (between // 2 if kill % 2 else 0))
            (central if kill % 2 else station).start()
        screen.total = 0
        screen.join(60)
        station.kill()  # and comes back: a fresh pusher does not wait out its pause
        station.start()
        behind = _until_pushed(station)
    finally:
        screen.total = 0
        station.stop()
    assert screen.failed is None, screen.failed
    assert behind == 0
    _same_at_both_ends(station, central)
    print(f"{kills + 1} kills of station and central")


def _until_told(screen: Screen, count: int) -> None:
    pause = threading.Event()
    for _ in range(2_000):
        if len(screen.told) >= count or screen.failed:
            return
        pause.wait(0.01)
    raise AssertionError("the screen got no answer")


def _until_pushed(station: Station) -> int:
    assert station.process is not None
    line = station.line()
    behind = -1
    for _ in range(400):
        health = line.call("GET", "/health").body
        behind = health["sync"]["push"]["behind"]
        if behind == 0:
            break
        wait(station.process, 0.05)
    line.close()
    return behind


def _same_at_both_ends(station: Station, central: Server) -> None:
    with closing(sqlite3.connect(f"file:{station.data / 'journal.db'}?mode=ro", uri=True)) as conn:
        here = conn.execute("SELECT seq, at, kind, body FROM facts ORDER BY seq").fetchall()
        store = conn.execute("SELECT value FROM meta WHERE key = 'store'").fetchone()[0]
    there = central.rows("SELECT store, seq, at, kind, body FROM facts ORDER BY store, seq")
    mine = [(seq, at, kind, json.loads(body)) for s, seq, at, kind, body in there if s == store]
    assert [row[0] for row in mine] == list(range(1, len(mine) + 1)), "no gap, nothing twice"
    sent = [(seq, at, kind, json.loads(body)) for seq, at, kind, body in here][: len(mine)]
    assert mine == sent
    assert len(here) - len(mine) <= 2, "only what the station wrote while it was stopping may be under way"
    assert central.rows("SELECT count(*) FROM quarantine")[0][0] == 0
    print(f"{len(mine)} facts at both ends, sum of seq {sum(row[0] for row in mine)}")
