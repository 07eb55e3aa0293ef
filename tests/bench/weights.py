"""What is only reported: a slow disk, memory, disk a day, the time until the demo hall stands."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from kiosk.config import load
from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.hall import Hall
from kiosk.journal.store import Journal
from kiosk.station import views
from kiosk.station.keeper import Keeper, new_id
from tests.bench import halls, requests
from tests.bench.figure import Figure
from tests.bench.requests import ISSUE, _key
from tests.bench.wire import Wire

TICKETS = 2_000
UP_S = 90.0
COLD_S = 1200.0
BASE = 18_900


def slow_disk(quick: bool) -> list[Figure]:
    """Issue and call when every fsync takes 10 ms more, the floor's too."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise halls.NotUp("the slow disk needs a C compiler: apt-get install gcc")
    with halls.scratch() as folder:
        shim = folder / "slow_fsync.so"
        source = Path(__file__).with_name("slow_fsync.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", str(shim), str(source), "-ldl"], check=True)
        return requests.one_client(True, {"LD_PRELOAD": str(shim)}, ", fsync + 10 ms")


def memory(quick: bool) -> list[Figure]:
    """The station after a day's tickets, served."""
    tickets = 200 if quick else TICKETS
    with halls.scratch() as folder:
        config, data = halls.config(folder / "config"), folder / "data"
        with halls.station(config, data) as station:
            fresh = halls.memory_mib(station.pid)
            screen = Wire(station.port, (data / "screen.token").read_text().strip())
            desk = requests.Desk(station.port, halls.login(station.port, 1)[0], 1)
            for _ in range(tickets):
                screen.post("/tickets", ISSUE, _key())
                desk.next()
            full = halls.memory_mib(station.pid)
            screen.close()
            desk.wire.close()
    return [
        Figure("RSS of the station, fresh", fresh, "MiB"),
        Figure(f"RSS of the station, {tickets:,} tickets later", full, "MiB"),
    ]


async def _day(folder: Path, tickets: int) -> int:
    """A whole day through the keeper, as the interface does it; -> facts."""
    config = load(halls.DEMO)
    keeper = Keeper(Journal(folder, folder.with_name("day.key")), config.plan)
    await keeper.open()

    def seen(id: str) -> object:
        return lambda hall, at: {"ticket": views.ticket_view(hall, id, at, "http://127.0.0.1:8600")}

    def desk(hall: Hall, at: int) -> object:
        return views.counter_view(hall, 1, at, "http://127.0.0.1:8600")

    await keeper.submit(c.OpenCounter(counter=1), _key())
    holding = None
    for nth in range(tickets):
        id, job = new_id(), new_id()
        issue = c.Issue(ticket=id, service="enquiry", station="S1", printer="printer", job=job)
        await keeper.submit(issue, _key(), seen(id))  # type: ignore[arg-type]
        await keeper.record(f.PrintEnded(job=job, outcome="done"))
        await keeper.submit(c.Next(counter=1, holding=holding), _key(), desk)
        await keeper.record(f.Announced(ticket=id, counter=1, nth=1, outcome="done"))
        await keeper.submit(c.Start(counter=1), _key(), desk)
        holding = keeper.hall.tickets[id].number
        if nth % 100 == 0:
            await keeper.tick()
    facts = keeper.hall.seq
    await keeper.close()
    return facts


def disk(quick: bool) -> list[Figure]:
    tickets = 200 if quick else TICKETS
    with halls.scratch() as folder:
        data = folder / "day"
        facts = asyncio.run(_day(data, tickets))
        size = sum(file.stat().st_size for file in data.iterdir())
    return [
        Figure(f"disk of a day, {tickets:,} tickets", size / 1024**2, "MiB"),
        Figure(f"facts of a day, {tickets:,} tickets", facts, "facts"),
    ]


def run(quick: bool) -> list[Figure]:
    """`kiosk run` with a screen, on files the system has read before, until it says that all is ready."""
    with halls.scratch() as folder:
        argv = ["-m", "kiosk", "run", "--headless", "--ports", str(BASE), "--data", str(folder / "data")]
        said = folder / "said"
        begin = time.perf_counter()
        with said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, *argv], cwd=halls.ROOT, stdout=out, stderr=out,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        try:
            while "is ready" not in said.read_text(encoding="utf-8"):
                if process.poll() is not None or time.perf_counter() - begin > UP_S:
                    raise halls.NotUp(f"kiosk run:\n{said.read_text(encoding='utf-8')[-1500:]}")
                halls.pause(0.02)
            taken = time.perf_counter() - begin
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
    return [Figure("kiosk run, until all is ready", taken, "s")]


def cold(quick: bool) -> list[Figure]:
    """What comes before the first `make run` on a new box: the clone as committed, its own .venv, every package."""
    with halls.scratch("cold") as folder:
        clone = folder / "clone"
        subprocess.run(["git", "clone", "--quiet", str(halls.ROOT), str(clone)], check=True)
        begin = time.perf_counter()
        done = subprocess.run(
            [".ci/setup", "run"], cwd=clone, capture_output=True, text=True, timeout=COLD_S, check=False
        )
        taken = time.perf_counter() - begin
        if done.returncode != 0:
            raise halls.NotUp(f".ci/setup run in a fresh clone:\n{done.stderr[-1500:]}")
    return [Figure("fresh clone: .ci/setup run", taken, "s")]
