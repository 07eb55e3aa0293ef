"""The law of the commit, on a real journal."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.commands import Refused
from kiosk.domain.facts import Recorded
from kiosk.domain.hall import Hall
from kiosk.journal.store import Journal, JournalError
from kiosk.station.clock import Clock
from kiosk.station.keeper import Keeper
from tests.domain.hall_of import MORNING, PLAN


class FakeTime:
    def __init__(self) -> None:
        self.wall = MORNING
        self.mono = 0

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.mono)

    def pass_ms(self, ms: int) -> None:
        self.wall += ms
        self.mono += ms


def keeper_in(folder: Path, time: FakeTime | None = None) -> Keeper:
    return Keeper(Journal(folder / "data", folder / "data.key"), PLAN, (time or FakeTime()).clock())


def issue(id: str, service: str = "pay") -> c.Issue:
    return c.Issue(ticket=id, service=service)


def number(id: str) -> Callable[[Hall, int], object]:
    return lambda hall, at: hall.tickets[id].number if id in hall.tickets else "?"


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 30))  # type: ignore[arg-type]


def test_an_answer_is_released_only_when_its_facts_are_on_disk(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        answer = await keeper.submit(issue("t1"), "k1", number("t1"))
        with sqlite3.connect(tmp_path / "data" / "journal.db") as other:
            kinds = [row[0] for row in other.execute("SELECT kind FROM facts ORDER BY seq")]
        assert answer == b'"A001"'
        assert kinds == ["DayOpened", "TicketIssued"]
        await keeper.close()

    run(story)


def test_the_same_key_gets_the_same_answer_also_after_a_restart_and_while_it_is_written(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        both = await asyncio.gather(
            keeper.submit(issue("a"), "k", number("a")), keeper.submit(issue("b"), "k", number("b"))
        )
        assert both == [b'"A001"', b'"A001"']
        await keeper.close()
        keeper = keeper_in(tmp_path)
        await keeper.open()
        assert await keeper.submit(issue("c"), "k", number("c")) == b'"A001"'
        assert len(keeper.hall.tickets) == 1
        with pytest.raises(Refused, match="key_reused"):
            await keeper.submit(issue("d", "ask"), "k")
        await keeper.close()

    run(story)


def test_nobody_waits_is_an_answer_that_is_kept_too(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        await keeper.submit(c.OpenCounter(counter=1))
        held = lambda hall, at: hall.desk(1).ticket  # noqa: E731
        assert await keeper.submit(c.Next(counter=1, holding=None), "n1", held) == b"null"
        await keeper.submit(issue("t1"))
        assert await keeper.submit(c.Next(counter=1, holding=None), "n1", held) == b"null", "the replay calls nobody"
        assert await keeper.submit(c.Next(counter=1, holding=None), "n2", held) == b'"t1"'
        await keeper.close()

    run(story)


def test_what_queues_up_during_a_commit_is_one_batch(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        commits: list[int] = []
        real = keeper.journal.commit

        def counted(batch) -> None:  # type: ignore[no-untyped-def]
            commits.append(len(batch))
            real(batch)

        keeper.journal.commit = counted  # type: ignore[method-assign]
        answers = await asyncio.gather(*(keeper.submit(issue(f"t{i}"), f"k{i}", number(f"t{i}")) for i in range(50)))
        assert len(set(answers)) == 50
        assert sum(commits) == 50
        assert len(commits) <= 3
        await keeper.close()

    run(story)


def test_a_batch_waits_for_those_who_are_coming_in_already(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        commits: list[int] = []
        real = keeper.journal.commit

        def counted(batch) -> None:  # type: ignore[no-untyped-def]
            commits.append(len(batch))
            real(batch)

        async def after(turns: int) -> bytes:
            for _ in range(turns):
                await asyncio.sleep(0)
            return await keeper.submit(issue(f"t{turns}"))

        keeper.journal.commit = counted  # type: ignore[method-assign]
        await asyncio.gather(keeper.submit(issue("a")), keeper.submit(issue("b")))
        await asyncio.gather(*(after(turns) for turns in range(6)))
        assert commits == [2, 6], "one fsync for all, though they came one after another"
        await keeper.submit(issue("c"))
        await asyncio.gather(*(after(turns) for turns in (20, 40)))
        assert commits == [2, 6, 1, 1, 1]
        await keeper.close()

    run(story)


def test_a_commit_that_fails_undoes_all_that_was_decided_and_the_hall_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        heard: list[Recorded] = []
        await keeper.open()
        keeper.subscribe(heard.extend)
        await keeper.submit(issue("t1"))
        real = keeper.journal.commit

        def full(batch) -> None:  # type: ignore[no-untyped-def]
            raise JournalError("disk full")

        keeper.journal.commit = full  # type: ignore[method-assign]
        results = await asyncio.gather(
            *(keeper.submit(issue(f"x{i}"), f"x{i}", number(f"x{i}")) for i in range(5)), return_exceptions=True
        )
        assert all(isinstance(r, JournalError) for r in results)
        assert list(keeper.hall.tickets) == ["t1"]
        assert [type(r.fact) for r in heard] == [f.TicketIssued]
        keeper.journal.commit = real  # type: ignore[method-assign]
        assert await keeper.submit(issue("x0"), "x0", number("x0")) == b'"A002"', "the same touch again"
        await keeper.close()

    run(story)


def test_a_fact_that_cannot_be_written_fails_alone_and_the_hall_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        with pytest.raises(JournalError, match="could not be written"):
            await keeper.record(f.DeviceChanged(device="printer", state="fault", detail=OSError("no text")))  # type: ignore[arg-type]
        assert await keeper.submit(issue("t1"), "k", number("t1")) == b'"A001"'
        await asyncio.wait_for(keeper.close(), 5)

    run(story)


def test_a_slow_disk_is_waited_for_in_the_thread_also_while_it_fails(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        keeper._disk_s = 0.0
        threads: list[str] = []

        def failing(batch) -> None:  # type: ignore[no-untyped-def]
            threads.append(threading.current_thread().name)
            threading.Event().wait(0.02)
            raise JournalError("I/O error")

        keeper.journal.commit = failing  # type: ignore[method-assign]
        for n in range(2):
            with pytest.raises(JournalError):
                await keeper.submit(issue(f"x{n}"))
        assert threads[0] == threading.current_thread().name
        assert threads[1].startswith("commit")
        await keeper.close()

    run(story)


def test_a_reader_is_not_told_what_is_not_on_disk(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        issuing = asyncio.create_task(keeper.submit(issue("t1")))
        await asyncio.sleep(0)
        assert "t1" in keeper.hall.tickets, "applied at once"
        await keeper.read(lambda hall, at: None)
        with sqlite3.connect(tmp_path / "data" / "journal.db") as other:
            assert other.execute("SELECT count(*) FROM facts WHERE kind = 'TicketIssued'").fetchone()[0] == 1
        await issuing
        await keeper.close()

    run(story)


def test_what_a_reader_was_shown_is_on_disk_also_when_others_go_on_meanwhile(tmp_path: Path) -> None:
    """Between the release of a batch and the reader's turn another command may be applied: it must not be shown."""

    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()

        async def look() -> None:
            shown = await keeper.read(lambda hall, at: list(hall.tickets))
            with sqlite3.connect(tmp_path / "data" / "journal.db") as other:
                on_disk = {r[0] for r in other.execute("SELECT json_extract(body, '$.ticket') FROM facts")}
            assert set(shown) <= on_disk

        await asyncio.gather(*(job for i in range(60) for job in (keeper.submit(issue(f"t{i}")), look())))
        await keeper.close()

    run(story)


def test_a_mistake_of_ours_does_not_stay_in_the_hall(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        await keeper.submit(issue("t1"))

        def broken(hall: Hall, at: int) -> object:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await keeper.submit(issue("t2"), "k", broken)
        assert await keeper.read(lambda hall, at: list(hall.tickets)) == ["t1"]
        assert await keeper.submit(issue("t3"), render=number("t3")) == b'"A002"'
        await keeper.close()

    run(story)


def test_a_jump_of_the_clock_is_a_fact_before_anything_else(tmp_path: Path) -> None:
    async def story() -> None:
        time = FakeTime()
        keeper = keeper_in(tmp_path, time)
        await keeper.open()
        time.pass_ms(60_000)
        await keeper.submit(issue("t1"))
        time.wall -= 3_600_000
        await keeper.submit(issue("t2"))
        kinds = [type(r.fact).__name__ for r in keeper.journal.facts()]
        assert kinds == ["DayOpened", "TicketIssued", "ClockStepped", "TicketIssued"]
        await keeper.close()
        time.wall = 1_000_000  # a boot in 1970
        keeper = keeper_in(tmp_path, time)
        await keeper.open()
        assert await keeper.submit(issue("t3"), render=number("t3")) == b'"A003"'
        assert abs(keeper.hall.time_ms(time.wall) - (MORNING + 60_000)) < 1000, "no time passed on the hall's axis"
        await keeper.close()

    run(story)


def test_paper_that_was_under_way_when_the_power_went_is_unknown(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        await keeper.submit(c.Issue(ticket="t1", service="pay", printer="printer", job="j1"))
        await keeper.close()
        keeper = keeper_in(tmp_path)
        await keeper.open()
        assert keeper.hall.tickets["t1"].print == "unknown"
        await keeper.close()

    run(story)


def test_answers_are_json(tmp_path: Path) -> None:
    async def story() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.open()
        assert msgspec.json.decode(await keeper.submit(c.OpenCounter(counter=1))) == {}
        await keeper.close()

    run(story)
