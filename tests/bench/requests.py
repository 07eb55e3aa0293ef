"""Issue and call over HTTP, with 1 and with 8 clients, against the same stack that echoes and fsyncs once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from tests.bench import floors, halls
from tests.bench.figure import REPORTED, Figure, Pairs, share
from tests.bench.wire import Wire, timed, together

CLIENTS = 8
WAITING = 200
ISSUE = b'{"service":"enquiry","lang":"zh"}'
AGAINST = "echo on the same stack + one fsync, same client"

_keys = itertools.count(1)


def _key() -> str:
    return f"bench-{next(_keys):08d}-0123456789abcdef"


class Desk:
    """A counter whose clerk calls the next one."""

    def __init__(self, port: int, token: str, n: int) -> None:
        self.wire, self.n = Wire(port, token), n
        self.holding: str | None = None

    def next(self) -> None:
        body = json.dumps({"holding": self.holding}).encode()
        ticket = json.loads(self.wire.post(f"/counters/{self.n}/next", body, _key()))["ticket"]
        if ticket is None:
            raise AssertionError(f"nobody waits for counter {self.n}")
        self.holding = ticket["number"]


class Bench:
    """A station with so many counters and a floor beside it, and clients on both."""

    def __init__(self, station: halls.Process, floor: halls.Process, token: str, clients: int) -> None:
        self.screens = [Wire(station.port, token) for _ in range(clients)]
        self.floors = [Wire(floor.port, floors.TOKEN) for _ in range(clients)]
        self.desks = [
            Desk(station.port, t, n) for n, t in enumerate(halls.login(station.port, clients), start=1)
        ]  # fmt: skip

    def issue(self, wire: Wire) -> None:
        wire.post("/tickets", ISSUE, _key())

    def echo(self, wire: Wire) -> None:
        wire.post("/echo", ISSUE, _key())

    def echo_next(self, wire: Wire) -> None:
        wire.post("/echo-next", b'{"holding":"B001"}', _key())

    def close(self) -> None:
        for wire in (*self.screens, *self.floors, *(d.wire for d in self.desks)):
            wire.close()


@contextmanager
def _bench(clients: int, env: dict[str, str] | None = None) -> Iterator[Bench]:
    with halls.scratch() as folder:
        config = halls.config(folder / "config", counters=clients)
        data = folder / "data"
        with halls.station(config, data, env) as station, halls.floor("echo", folder, env) as floor:
            made = Bench(station, floor, (data / "screen.token").read_text().strip(), clients)
            try:
                yield made
            finally:
                made.close()


Runs = list[Callable[[], object]]
Block = Callable[[Runs], float]


def _fill(bench: Bench) -> None:
    for _ in range(WAITING):
        bench.issue(bench.screens[0])


def _pairs(bench: Bench, block: Block, times: int) -> tuple[Pairs, Pairs]:
    """Issue and call in turns, so that the line stays as long as it was; -> (issue, call), each against its echo."""
    issue, call = Pairs(), Pairs()
    echo: Runs = [lambda w=w: bench.echo(w) for w in bench.floors]  # type: ignore[misc]
    echo_next: Runs = [lambda w=w: bench.echo_next(w) for w in bench.floors]  # type: ignore[misc]
    issues: Runs = [lambda w=w: bench.issue(w) for w in bench.screens]  # type: ignore[misc]
    calls: Runs = [desk.next for desk in bench.desks]
    block(echo), block(issues), block(calls)
    for turn in range(times):
        for pairs, ours, floor in ((issue, issues, echo), (call, calls, echo_next)):
            if turn % 2:
                pairs.floor.append(block(floor))
            pairs.ours.append(block(ours))
            if not turn % 2:
                pairs.floor.append(block(floor))
    return issue, call


def one_client(quick: bool, env: dict[str, str] | None = None, note: str = "") -> list[Figure]:
    """Medians of single requests; `env` and `note` are those of a slower disk."""
    per, times = (20, 5) if quick else (50, 21)
    limit = REPORTED if note else "≤ 1.5×"
    with _bench(1, env) as bench:
        _fill(bench)
        issue, call = _pairs(bench, lambda works: median(timed(works[0]) for _ in range(per)), times)
    return [
        Figure(f"issue, 1 client{note}", issue.value, "ms", issue.ratio, limit, AGAINST),
        Figure(f"call, 1 client{note}", call.value, "ms", call.ratio, limit, AGAINST),
    ]


def eight_clients(quick: bool) -> list[Figure]:
    """Time of the whole, divided by the requests; the slowest of each client's requests are reported beside it."""
    per, times = (10, 5) if quick else (20, 21)
    late: list[float] = []

    def block(works: Runs) -> float:
        all_ms, seconds = together([lambda w=w: [timed(w) for _ in range(per)] for w in works])  # type: ignore[misc]
        late.append(share(all_ms, 0.95))
        return seconds * 1000 / len(all_ms)

    with _bench(CLIENTS) as bench:
        _fill(bench)
        issue, call = _pairs(bench, block, times)
    late = late[3:]
    # Each turn: issue and its echo, call and its echo, the order of a pair swapped every time.
    issued = [late[4 * t + t % 2] for t in range(times)]
    called = [late[4 * t + 2 + t % 2] for t in range(times)]
    against = f"{AGAINST}, with 8"
    return [
        Figure("issue, 8 clients", issue.value, "ms each", issue.ratio, "≤ 1.5×", against),
        Figure("issue p95, 8 clients", median(issued), "ms"),
        Figure("call, 8 clients", call.value, "ms each", call.ratio, "≤ 1.5×", against),
        Figure("call p95, 8 clients", median(called), "ms"),
    ]
