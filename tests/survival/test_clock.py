"""Clocks that are wrong, on the real keeper and journal: no number repeats, nothing expires wrongly, days open as the
law of `kiosk.domain.calendar` says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.station.keeper import Keeper
from tests.station.test_keeper import FakeTime, issue, keeper_in, number

CHINA = timezone(timedelta(hours=8))
HOUR = 3_600_000
DAY = 24 * HOUR


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=CHINA).timestamp() * 1000)


class Box:
    """A kiosk box that is switched off and on; the clocks are told."""

    def __init__(self, folder: Path, wall: int) -> None:
        self.folder, self.time, self.n = folder, FakeTime(), 0
        self.time.wall = wall
        self.keeper: Keeper = keeper_in(folder, self.time)

    async def on(self) -> Box:
        self.time.mono = 0
        self.keeper = keeper_in(self.folder, self.time)
        await self.keeper.open()
        return self

    async def off(self, ms: int = 0) -> Box:
        await self.keeper.close()
        self.time.wall += ms
        return self

    async def passes(self, ms: int) -> None:
        self.time.pass_ms(ms)
        await self.keeper.tick()

    async def clock_says(self, wall: int) -> None:
        self.time.wall = wall
        await self.keeper.tick()

    async def take(self) -> str:
        self.n += 1
        return str(msgspec.json.decode(await self.keeper.submit(issue(f"t{self.n}"), render=number(f"t{self.n}"))))

    def facts(self, *kinds: type[f.Fact]) -> list[f.Recorded]:
        return [r for r in self.keeper.journal.facts() if isinstance(r.fact, kinds)]

    def all_numbers_differ(self) -> None:
        day, seen = 0, set()
        for recorded in self.facts(f.DayOpened, f.TicketIssued):
            if isinstance(recorded.fact, f.DayOpened):
                day = recorded.fact.ordinal
            elif isinstance(recorded.fact, f.TicketIssued):
                assert (day, recorded.fact.number) not in seen
                seen.add((day, recorded.fact.number))


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 60))


def test_an_hour_back_changes_no_order_no_wait_and_no_number(tmp_path: Path) -> None:
    async def story() -> None:
        box = await Box(tmp_path, at(2026, 11, 22, 10)).on()
        assert await box.take() == "A001"
        await box.passes(10 * 60_000)
        await box.clock_says(box.time.wall - HOUR)
        assert await box.take() == "A002"
        await box.passes(5 * 60_000)
        await box.keeper.submit(c.OpenCounter(counter=1))
        await box.keeper.submit(c.Next(counter=1, holding=None))
        await box.keeper.submit(c.Next(counter=1, holding="A001"))
        calls = [r.fact for r in box.facts(f.TicketCalled)]
        assert [x.reason.wait_s for x in calls if isinstance(x, f.TicketCalled)] == [900, 300]
        assert not box.facts(f.TicketExpired)
        assert len(box.facts(f.DayOpened)) == 1
        await box.off()

    run(story)


def test_a_new_box_in_1970_gets_its_date_at_ten_past_nine_and_keeps_its_numbers(tmp_path: Path) -> None:
    async def story() -> None:
        box = await Box(tmp_path, 60_000).on()
        assert [await box.take() for _ in range(3)] == ["A001", "A002", "A003"]
        await box.passes(70 * 60_000)
        await box.clock_says(at(2026, 11, 23, 9, 10))
        assert box.keeper.hall.label == "2026-11-23"
        assert await box.take() == "A004"
        assert not box.facts(f.TicketExpired)
        await box.passes(20 * HOUR)
        assert box.keeper.hall.label == "2026-11-24"
        assert await box.take() == "A001"
        box.all_numbers_differ()
        await box.off()

    run(story)


def test_a_known_box_that_wakes_in_1970_goes_on_with_its_day_until_the_clock_is_right(tmp_path: Path) -> None:
    async def story() -> None:
        box = await Box(tmp_path, at(2026, 11, 22, 15)).on()
        assert await box.take() == "A001"
        await box.off()
        box.time.wall = 5_000
        await box.on()
        assert await box.take() == "A002", "no network yet: the open day goes on"
        await box.passes(10 * 60_000)
        await box.clock_says(at(2026, 11, 23, 9, 10))
        assert await box.take() == "A003", "people hold numbers of this morning: the day is relabelled, not begun anew"
        assert box.keeper.hall.label == "2026-11-23"
        assert not box.facts(f.TicketExpired)
        box.all_numbers_differ()
        await box.off()

    run(story)


@pytest.mark.parametrize("restart", [False, True])
def test_2035_and_back_opens_no_day_and_expires_nobody(tmp_path: Path, restart: bool) -> None:
    async def story() -> None:
        box = await Box(tmp_path, at(2026, 11, 22, 10)).on()
        assert await box.take() == "A001"
        right = box.time.wall
        for wall, expected in ((at(2035, 3, 1, 12), "A002"), (right + 60_000, "A003")):
            if restart:
                await box.off()
                box.time.wall = wall
                await box.on()
            else:
                await box.clock_says(wall)
            assert await box.take() == expected
        assert (box.keeper.hall.label, box.keeper.hall.ordinal) == ("2026-11-22", 1)
        assert not box.facts(f.TicketExpired)
        await box.off()

    run(story)


def test_at_the_end_of_the_year_the_night_belongs_to_the_old_day(tmp_path: Path) -> None:
    async def story() -> None:
        box = await Box(tmp_path, at(2026, 12, 31, 23, 50)).on()
        assert await box.take() == "A001"
        await box.passes(20 * 60_000)
        assert await box.take() == "A002", "after midnight, before the reset hour"
        assert box.keeper.hall.label == "2026-12-31"
        await box.passes(4 * HOUR)
        assert box.keeper.hall.label == "2027-01-01"
        assert await box.take() == "A001"
        assert len(box.facts(f.TicketExpired)) == 2
        await box.off(28 * DAY)
        await box.on()
        assert box.keeper.hall.label == "2027-01-29"
        box.all_numbers_differ()
        await box.off()

    run(story)


@pytest.mark.parametrize("month", [3, 10])
def test_summer_time_moves_no_day_because_the_hall_counts_in_its_own_offset(tmp_path: Path, month: int) -> None:
    """An operating system that shows summer time still counts UTC; people who set the clock by hand make a step."""

    async def story() -> None:
        box = await Box(tmp_path, at(2027, month, 28, 9)).on()
        assert await box.take() == "A001"
        for step in (HOUR, -HOUR, -HOUR, HOUR):
            await box.clock_says(box.time.wall + step)
            await box.passes(60_000)
        assert await box.take() == "A002"
        assert not box.facts(f.TicketExpired)
        await box.passes(19 * HOUR)
        assert await box.take() == "A001"
        assert len(box.facts(f.DayOpened)) == 2
        await box.off()

    run(story)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_clock_does_no_number_repeats(tmp_path: Path, seed: int) -> None:
    async def story() -> None:
        rng = random.Random(seed)
        box = await Box(tmp_path, at(2026, 11, 22, 9)).on()
        for _ in range(60):
            what = rng.random()
            if what < 0.5:
                await box.take()
            elif what < 0.75:
                await box.passes(rng.choice((60_000, HOUR, 7 * HOUR)))
            elif what < 0.9:
                jump = rng.choice((HOUR, -HOUR, DAY, -DAY, 40 * DAY, -40 * DAY))
                await box.clock_says(
                    rng.choice((max(0, box.time.wall + jump), 10_000, at(2035, 1, 1, 0), at(2026, 11, 23, 9)))
                )
            else:
                await box.off(rng.choice((0, -HOUR, HOUR, DAY)))
                box.time.wall = max(0, box.time.wall)
                await box.on()
        box.all_numbers_differ()
        folded = box.keeper.hall
        assert len(set(folded.numbers)) == len(folded.tickets)
        await box.off()

    run(story)
