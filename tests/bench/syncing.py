"""Facts up: how fast a journal reaches central, and what a catch-up costs the customer who takes a number meanwhile."""

from __future__ import annotations

import gzip
import itertools
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec

from kiosk import http
from kiosk.journal import reader
from kiosk.sync.loop import Pace
from kiosk.sync.push import PACKED, Pusher, _fit
from kiosk.sync.wire import Batch
from tests.bench import days, halls
from tests.bench.figure import REPORTED, Figure, in_turns, share
from tests.bench.requests import ISSUE, _key
from tests.bench.wire import Wire, timed

BATCH = 500
UP_S = 120.0
LOOK_S = 1.0


class _Cursor:
    def __init__(self) -> None:
        self.seq = 0

    def get(self) -> int:
        return self.seq

    def set(self, seq: int) -> None:
        self.seq = seq


def _push(path: Path, url: str, total: int) -> float:
    """Facts a second, from the first question to the last acknowledgement."""
    cursor, follower = _Cursor(), reader.Follower(path)
    pusher = Pusher(
        url=url,
        token=halls.TOKEN,
        store=reader.store_id(path),
        station="S1",
        read=lambda after, limit: follower.read(after, min(limit, total - after)),
        head=lambda: min(total, follower.last_seq()),
        cursor=cursor,
        pace=Pace(),
    )
    begin = time.perf_counter()
    pusher.start()
    try:
        _until(lambda: cursor.seq >= total)
        return total / (time.perf_counter() - begin)
    finally:
        pusher.stop()
        follower.close()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + UP_S
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {UP_S:.0f} s")
        halls.pause(0.002)


def _bodies(path: Path, total: int) -> list[bytes]:
    """The very batches that the pusher sends, packed."""
    store, made = reader.store_id(path), []
    for after in range(0, total, BATCH):
        items = _fit(reader.read(path, after, BATCH))
        batch = Batch(store=store, station="S1", first_seq=items[0].seq, facts=items, head=total)
        made.append(gzip.compress(msgspec.json.encode(batch), compresslevel=PACKED, mtime=0))
    return made


def _post_all(bodies: list[bytes], url: str, total: int) -> float:
    session = http.session(token=halls.TOKEN)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    begin = time.perf_counter()
    for body in bodies:
        http.call(session, "POST", f"{url}/facts", data=body, headers=headers)
    seconds = time.perf_counter() - begin
    session.close()
    return total / seconds


def batches(quick: bool) -> list[Figure]:
    total = 3_000 if quick else 20_000
    with halls.scratch() as folder:
        config = halls.config(folder / "config")
        (folder / "data").mkdir()
        path = days.write(folder / "data", total, total // 2, 1_795_311_000_000).path
        total = reader.last_seq(path) // BATCH * BATCH  # the empty handler counts batches
        bodies = _bodies(path, total)
        rounds = itertools.count()

        def ours() -> float:
            port = halls.free_port()
            with halls.central(config, folder / f"central{next(rounds)}", port):
                return _push(path, f"http://127.0.0.1:{port}", total)

        with halls.floor("take", folder) as floor:
            bare = f"http://127.0.0.1:{floor.port}"
            pairs = in_turns(ours, lambda: _post_all(bodies, bare, total), 3 if quick else 5)
            sending = in_turns(lambda: _push(path, bare, total), lambda: _post_all(bodies, bare, total), 5)
    return [
        Figure(
            "sync, batches of 500", sending.value, "facts/s", sending.ratio, "≥ 0.5×",
            "bare loop that posts the same bytes to the same receiver with an empty handler",
        ),
        Figure(
            "sync, batches of 500, central storing each fact", pairs.value, "facts/s", pairs.ratio, REPORTED,
            "bare loop that posts the same bytes to an empty handler",
        ),
        Figure("the bare loop of it", median(pairs.floor), "facts/s"),
    ]  # fmt: skip


def catching_up(quick: bool) -> list[Figure]:
    """Issue every 10 ms while the journal goes up and somebody has the day's chart and the board open, and again when all
    is up and nobody looks."""
    total, times = (5_000, 2) if quick else (30_000, 5)
    busy: list[float] = []
    quiet: list[float] = []
    seconds: list[float] = []
    with halls.scratch() as folder:
        whole = folder / "whole"
        whole.mkdir()
        days.write(whole, total, 2_000, time.time_ns() // 1_000_000 - 60_000)
        for turn in range(times + 1):
            port = halls.free_port()
            config = halls.config(folder / f"config{turn}", central=f"http://127.0.0.1:{port}")
            data = folder / f"data{turn}"
            shutil.copytree(whole, data)
            shutil.copy(folder / "whole.key", folder / f"data{turn}.key")
            with halls.central(config, folder / f"central{turn}", port), halls.station(config, data) as station:
                clerk = halls.login(station.port, 1)[0]
                up, rest, took = _issue_while(station.port, (data / "screen.token").read_text().strip(), clerk)
            if turn:
                busy.append(share(up, 0.99))
                quiet.append(share(rest, 0.99))
                seconds.append(took)
    ratio = median(a / b for a, b in zip(busy, quiet, strict=True))
    against = "the same hall once all is up and no page is open"
    return [
        Figure(
            f"issue p99 while {total:,} facts catch up and a page with a chart is open",
            median(busy),
            "ms",
            ratio,
            "≤ 2×",
            against,
        ),
        Figure(f"{total:,} facts caught up beside customers", median(seconds), "s"),
    ]


class _Looker(threading.Thread):
    """A clerk with the day's chart open, which fetches itself anew, and the hall's board beside it."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__(daemon=True)
        self._wire = Wire(port, token)
        self._over = threading.Event()
        self.looks = 0
        self.start()

    def run(self) -> None:
        self._wire.get("/today")
        self.looks += 1
        while not self._over.wait(LOOK_S):
            self._wire.get("/today/now")
            self._wire.get("/board")
            self.looks += 1

    def close(self) -> None:
        self._over.set()
        self.join()
        self._wire.close()


def _issue_while(port: int, token: str, clerk: str) -> tuple[list[float], list[float], float]:
    """-> (ms of each issue during the catch-up, after it, seconds the catch-up took)."""
    screen, asker = Wire(port, token), Wire(port)
    looker = _Looker(port, clerk)
    begin = asked = time.perf_counter()
    up: list[float] = []
    try:
        while True:
            up.append(timed(lambda: screen.post("/tickets", ISSUE, _key())))
            if time.perf_counter() - asked > 1:
                asked = time.perf_counter()
                push = asker.json("/health")["sync"]["push"]
                if push["behind"] is not None and push["behind"] < 50:
                    break
            halls.pause(0.01)
        took = time.perf_counter() - begin
        looker.close()
        if not looker.looks:
            raise halls.NotUp("nobody has looked at the chart: the catch-up was over too soon, or /today was refused")
        rest: list[float] = []
        while len(rest) < max(100, len(up)):
            rest.append(timed(lambda: screen.post("/tickets", ISSUE, _key())))
            halls.pause(0.01)
        return up, rest, took
    finally:
        looker.close()
        screen.close()
        asker.close()
