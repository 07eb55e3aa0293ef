"""The disk is full, read-only or dying while the hall works, and is mended without a restart."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from kiosk.domain import facts as f
from kiosk.journal.store import Journal, JournalError
from tests.station.test_keeper import issue, keeper_in
from tests.survival.station import Line, Said, Station
from tests.survival.test_killed import facts_of
from tests.survival.trouble import SmallDisk, failing_calls

ENOUGH = 400


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.close()


@pytest.fixture
def station(tmp_path: Path, disk: SmallDisk) -> Iterator[Station]:
    made = Station(tmp_path, data=disk.folder / "data", counters=2)
    made.start()
    yield made
    made.stop()


def take(line: Line, key: str) -> Said:
    return line.call("POST", "/tickets", {"service": "payment"}, key, Accept_Language="en")


def refused_in_words(said: Said) -> None:
    assert said.status == 503, said
    assert said.headers["content-type"] == "application/problem+json"
    assert said.body["status"] == 503
    assert "disk" in said.body["remedy"]
    assert "nothing was done" in said.body["title"]


def live_through(station: Station, trouble: AbstractContextManager[None]) -> None:
    """Work, trouble, work again; nothing is half done, and nothing is lost or doubled."""
    screen, clerk = station.screen(), station.line(station.login("counter", 1))
    numbers = [take(screen, f"before{i}").body["ticket"]["number"] for i in range(5)]
    assert clerk.call("POST", "/counters/1/open", {}).status == 200
    assert clerk.call("POST", "/counters/1/next", {"holding": None}, "n1").body["ticket"]["number"] == "A001"
    with trouble:
        for i in range(ENOUGH):
            said = take(screen, f"during{i}")
            if said.status != 201:
                break
            numbers.append(said.body["ticket"]["number"])
        for _ in range(5):
            refused_in_words(take(screen, f"during{i}"))
            refused_in_words(clerk.call("POST", "/counters/1/next", {"holding": "A001"}, "n2", Accept_Language="en"))
            hall = screen.call("GET", "/hall")
            assert hall.status == 200, "reading goes on"
            assert hall.body["counters"][0]["ticket"] == "A001", "nothing was half done"
            assert sum(s["waiting"] for s in hall.body["services"]) == len(numbers) - 1
            assert take(screen, "before3").body["ticket"]["number"] == "A004", "old answers can be had"
            assert clerk.call("GET", "/counters/1").body["ticket"]["number"] == "A001"
    again = take(screen, f"during{i}")
    assert again.status == 201, again
    numbers.append(again.body["ticket"]["number"])
    assert clerk.call("POST", "/counters/1/next", {"holding": "A001"}, "n2").body["ticket"]["number"] == "A002"
    assert numbers == [f"A{n:03d}" for n in range(1, len(numbers) + 1)], "no number is missing and none came twice"
    station.kill()
    kept = [r.fact.number for r in facts_of(station) if isinstance(r.fact, f.TicketIssued)]
    assert kept == numbers


@contextmanager
def full(disk: SmallDisk, station: Station) -> Iterator[None]:
    disk.fill(station)
    try:
        yield
    finally:
        disk.free(station)


def test_a_full_disk_refuses_touches_in_words_and_goes_on_when_there_is_room(disk: SmallDisk, station: Station) -> None:
    live_through(station, full(disk, station))


@pytest.mark.parametrize(("calls", "error"), [("pwrite64", "EROFS"), ("fdatasync", "EIO"), ("pwrite64", "ENOSPC")])
def test_a_disk_that_fails_under_us_is_the_same(station: Station, calls: str, error: str) -> None:
    live_through(station, failing_calls(station, calls, error))


def test_a_disk_that_is_read_only_at_the_start_is_refused_with_its_remedy(tmp_path: Path, disk: SmallDisk) -> None:
    if not disk.mounted:
        pytest.fail("mounting is refused here, so a read-only disk cannot be made: run this test as root")
    journal = Journal(disk.folder / "data", disk.folder / "data.key")
    journal.open()
    journal.close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk.folder)], check=True)
    with pytest.raises(JournalError, match=r"(?i)read-only.*kiosk doctor"):
        journal.open()
    subprocess.run(["mount", "-o", "remount,rw", str(disk.folder)], check=True)
    journal.open()
    journal.close()


def test_who_only_reads_gets_an_answer_while_the_write_before_it_fails(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        await keeper.submit(issue("t1"))
        keeper.journal.conn.execute("PRAGMA query_only=ON")
        touch = asyncio.create_task(keeper.submit(issue("t2"), "k"))
        await asyncio.sleep(0)
        assert "t2" in keeper.hall.tickets
        await keeper.read(lambda hall, at: None)
        assert list(keeper.hall.tickets) == ["t1"], "what was read is what is on disk"
        with pytest.raises(JournalError):
            await touch
        keeper.journal.conn.execute("PRAGMA query_only=OFF")
        await keeper.submit(issue("t2"), "k")
        await keeper.close()

    asyncio.run(asyncio.wait_for(story(), 20))
