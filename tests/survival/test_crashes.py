"""10,000 in-process crashes of a hall: at every journal write and at every effect of a device (see `simulated`).

What is real: Keeper, Clock, Journal, decide, apply. 8,000 crashes run the Journal's code on SQLite in memory, where a
cut rolls the open transaction back; 2,000 on journal files in WAL mode, which are copied as they lie at the cut and
opened anew. Writes torn below SQLite are `test_power_cut`'s.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from kiosk.domain import facts as f
from kiosk.domain.decide import decide
from kiosk.station.keeper import Keeper
from tests.survival.plug import FileDisk, MemoryDisk
from tests.survival.simulated import story

IN_MEMORY = [(seed, 1_000, "memory") for seed in range(1, 9)]
IN_FILES = [(seed, 500, "files") for seed in range(101, 105)]
POINTS = {
    "between two touches",
    "before the transaction",
    "some rows written",
    "rows written, not committed",
    "committed, nobody told",
    "before the paper",
    "paper out, outcome not recorded",
    "before the call is spoken",
    "spoken, outcome not recorded",
}


def _live(job: tuple[int, int, str]) -> tuple[int, int, int, Counter[str], str]:
    """In a process of its own -> seed, crashes, tickets, where the power went, digest of the whole journal."""
    seed, crashes, disk = job
    if disk == "memory":
        sim = story(seed, crashes, MemoryDisk())
    else:
        with tempfile.TemporaryDirectory(dir=_fast()) as folder:
            sim = story(seed, crashes, FileDisk(Path(folder)))
    return seed, sim.crashes, sim.numbers, sim.points.hits, sim.log.hexdigest()


def _fast() -> str | None:
    """Memory-backed where there is some: what counts here is the process that dies, not the disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@pytest.mark.timeout(180)
def test_ten_thousand_crashes_lose_nothing_and_do_nothing_twice() -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        lives = list(pool.map(_live, [*IN_FILES, *IN_MEMORY]))
    hits = sum((life[3] for life in lives), Counter())
    print(f"seeds {[life[0] for life in lives]}: {sum(life[2] for life in lives)} tickets, {dict(hits)}")
    assert sum(life[1] for life in lives) == 10_000
    assert set(hits) == POINTS
    assert min(hits.values()) >= 40, hits


def test_a_seed_replays_the_same_story_to_the_bit() -> None:
    first, again, other = (_live((seed, 60, "memory")) for seed in (7, 7, 8))
    assert first == again
    assert first[4] != other[4]


class NumbersFromMemory(Keeper):
    """A mistake: answers are released before their commit."""

    async def submit(self, command, key="", render=None):  # type: ignore[no-untyped-def]
        self._room()
        at = self.now()
        answer, _ = self._take(decide(self.hall, command, at), at, key, b"", render)
        return answer


class ForgetsKeys(Keeper):
    """A mistake: a repeated touch is a new one."""

    async def _answered(self, key, digest):  # type: ignore[no-untyped-def]
        return None

    def _take(self, facts, at, key, digest, render):  # type: ignore[no-untyped-def]
        return super()._take(facts, at, "", digest, render)


class PrintsAgain(Keeper):
    """A mistake: after a restart, paper whose outcome is not known is printed by itself."""

    def subscribe(self, listener):  # type: ignore[no-untyped-def]
        super().subscribe(listener)
        listener([r for r in self.journal.open_day() if isinstance(r.fact, f.PrintAsked)])


@pytest.mark.parametrize("mistake", [NumbersFromMemory, ForgetsKeys, PrintsAgain])
def test_the_simulation_finds_mistakes(mistake: type[Keeper], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.survival.simulated.Keeper", mistake)
    with pytest.raises(AssertionError, match=r"seed 1, after \d+ crashes"):
        story(1, 300, MemoryDisk())
