"""The technician's hand on the devices: what is there and how it is, a test of each, its wire, its volume.

A test is a job like any other: it waits for its turn, and only the device's own thread touches the driver. While a test waits
for a press, a scan or a card, the next event of that device goes to the test and not to the hall.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from devices.account import Account
from devices.catalog import catalog
from devices.ports import DONE, Event, Outcome, Paper, not_done
from devices.supervisor import Errand, Supervisor
from devices.tools.listing import Place
from devices.trying import TESTS, WAIT_S, WAITS
from kiosk.config import Config, Device
from kiosk.domain.plan import HallPlan
from kiosk.domain.refusals import no_such, refuse
from kiosk.station.levels import WAITS_S, WHAT, WITHIN_S, level_work
from kiosk.station.tech import detect, ports, trials
from kiosk.station.tech.detect import Candidate, Detected, Shown
from kiosk.station.tech.tuning import Tuning

AGE_S = 8.0  # how long a test waits for a device that is away
SHOWN_S = 4.0  # a test text stays so long, then the sign shows again what it must


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """One device as it is now. `volume` and `brightness`: the level in force, None = nobody set one or it has none."""

    device: Device
    state: str
    reasons: tuple[str, ...]
    detail: str
    account: Account
    tests: tuple[str, ...]
    volume: int | None
    brightness: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    outcome: Outcome
    seen: dict[str, Any] | None = None


class Owner(Protocol):
    """What the desk needs of `kiosk.station.fleet.Fleet`."""

    @property
    def supervisors(self) -> Mapping[str, Supervisor[Any, Any]]: ...

    @property
    def taps(self) -> dict[str, Callable[[Event], None]]:
        """Device -> who takes its next event instead of the hall; called on the event loop."""

    @property
    def levels(self) -> dict[str, int]:
        """Device -> its volume or brightness as it was set last, by the hour or by hand."""

    def wire_log(self, id: str, after: int = 0, *, all: bool = False) -> tuple[int, list[str]]: ...

    def taken_by(self, where: str) -> str | None: ...


class DeviceDesk(Protocol):
    """Everything is bounded; raises Refused for a device that is not there or a test it does not have."""

    def devices(self) -> list[Seen]: ...

    async def test(self, id: str, what: str, lang: str = "zh") -> Tried: ...

    async def print(self, paper: Paper) -> Outcome: ...

    def log(self, id: str, after: int = 0, *, all: bool = False) -> tuple[int, list[str]]:
        """-> (what to give as `after` the next time, the lines of the hex log since); `all`: every piece, else folded."""

    async def restart(self, id: str) -> str: ...

    async def set_volume(self, id: str, level: int) -> Outcome: ...

    async def set_brightness(self, id: str, level: int) -> Outcome: ...

    async def detect(self, where: str) -> Detected: ...

    async def numbers(self, where: str) -> Shown: ...

    def ports(self) -> list[Place]: ...


class OutputsDesk:
    """The desk over the station's own supervisors. `open` puts in force what was tuned before."""

    def __init__(self, owner: Owner, config: Config, data: Path, plan: HallPlan) -> None:
        self._owner, self._config, self._plan, self._data = owner, config, plan, data
        self._tuning = Tuning(data)
        self._writing = asyncio.Lock()
        self._detecting: dict[str, asyncio.Future[Any]] = {}  # by port, while it is asked

    def open(self) -> None:
        by_hour = {d.id for d in self._config.devices if getattr(d.options, "hours", None)}
        for id, tuned in self._tuning.read().items():
            if id in by_hour:
                continue  # the hour may have changed since it was set by hand: the fleet gives the level of now
            supervisor = self._owner.supervisors.get(id)
            for what, level in tuned.items():
                if supervisor is not None:
                    self._owner.levels[id] = level
                    supervisor.errand(Errand(level_work(what, level), lambda outcome: None), WAITS_S)

    def devices(self) -> list[Seen]:
        return [self._seen(device) for device in self._config.devices]

    def _seen(self, device: Device) -> Seen:
        supervisor = self._owner.supervisors.get(device.id)
        health = supervisor.health if supervisor is not None else None
        configured = getattr(device.options, WHAT.get(device.klass, ""), None)
        level = self._owner.levels.get(device.id, configured if isinstance(configured, int) else None)
        return Seen(
            device,
            health.state if health else "absent",
            health.reasons if health else (),
            health.detail if health else "",
            supervisor.account() if supervisor is not None else Account(),
            TESTS.get(device.klass, ()),
            level if device.klass == "voice" else None,
            level if device.klass == "sign" else None,
        )

    def _device(self, id: str) -> tuple[Device, Supervisor[Any, Any]]:
        device = next((d for d in self._config.devices if d.id == id), None)
        supervisor = self._owner.supervisors.get(id)
        if device is None or supervisor is None:
            raise no_such("device", id[:64], tuple(self._owner.supervisors))
        return device, supervisor

    def log(self, id: str, after: int = 0, *, all: bool = False) -> tuple[int, list[str]]:
        self._device(id)
        return self._owner.wire_log(id, after, all=all)

    # --- tests ---

    async def test(self, id: str, what: str, lang: str = "zh") -> Tried:
        device, supervisor = self._device(id)
        if what not in (known := TESTS.get(device.klass, ())):
            raise no_such("what", what[:64], known)
        if what in WAITS:
            return await self._event(id)
        signs = [c.sign.partition(":")[2] for c in self._plan.counters if c.sign.partition(":")[0] == id]
        trial = trials.trial(what, device, tuple(int(s) for s in signs if s.isdigit()), self._plan, lang)
        outcome = await self._run(supervisor, trial.work, trial.within_s)
        if outcome.kind == "not_done" and supervisor.health.state in ("fault", "backoff") and supervisor.health.detail:
            outcome = not_done(supervisor.health.detail)  # not "too late", but why
        if what == "show":
            asyncio.get_running_loop().call_later(SHOWN_S, supervisor.repaint)
        return Tried(outcome, trial.seen())

    async def _run(self, supervisor: Supervisor[Any, Any], work: Callable[[Any], Outcome], within_s: float) -> Outcome:
        """In the device's own thread, and back."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Outcome] = loop.create_future()

        def end(outcome: Outcome) -> None:
            if not done.done():
                done.set_result(outcome)

        def answer(outcome: Outcome) -> None:
            loop.call_soon_threadsafe(end, outcome)

        if not supervisor.errand(Errand(work, answer), AGE_S):
            return not_done("the device's queue is full or it is stopped 队列已满或设备已停用")
        try:
            return await asyncio.wait_for(done, AGE_S + within_s)
        except TimeoutError:
            return Outcome("unknown", f"no outcome within {AGE_S + within_s:.0f} s 未在限时内得到结果")

    async def _event(self, id: str) -> Tried:
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Event] = loop.create_future()

        def take(event: Event) -> None:
            if not found.done():
                found.set_result(event)

        self._owner.taps[id] = take
        try:
            return Tried(DONE, trials.masked(await asyncio.wait_for(found, WAIT_S)))
        except TimeoutError:
            return Tried(not_done(f"nothing came within {WAIT_S:.0f} s 限时内没有收到"))
        finally:
            if self._owner.taps.get(id) is take:
                del self._owner.taps[id]

    async def print(self, paper: Paper) -> Outcome:
        """On the first printer of the box."""
        device = self._config.device("printer")
        if device is None:
            return not_done("this box has no printer 本机没有打印机")
        _, supervisor = self._device(device.id)
        return await self._run(supervisor, lambda printer: printer.print(paper, trials.PRINT_S), trials.PRINT_S + 2)

    # --- handling ---

    async def restart(self, id: str) -> str:
        """Close the device and open it anew, after the job that runs."""
        _, supervisor = self._device(id)
        supervisor.refresh()
        return str(supervisor.health.state)

    async def set_volume(self, id: str, level: int) -> Outcome:
        return await self._tune(id, "voice", "volume", level)

    async def set_brightness(self, id: str, level: int) -> Outcome:
        return await self._tune(id, "sign", "brightness", level)

    async def _tune(self, id: str, klass: str, what: str, level: int) -> Outcome:
        """Kept first, so that it holds after a restart; the device takes it now, or when it is back."""
        device, supervisor = self._device(id)
        if device.klass != klass:
            fitting = tuple(d.id for d in self._config.devices if d.klass == klass)
            raise no_such("device", id, fitting)
        async with self._writing:  # it reads the file and writes it anew: two at once would lose one
            await asyncio.to_thread(self._tuning.write, id, what, level)
        self._owner.levels[id] = level
        return await self._run(supervisor, level_work(what, level), WITHIN_S)

    # --- ports ---

    def ports(self) -> list[Place]:
        return ports.scan(self._config.devices)

    async def detect(self, where: str) -> Detected:
        kinds = tuple(catalog().kinds.values())
        return await self._alone(where, lambda: detect.look(where, kinds, described=self._described()))

    async def numbers(self, where: str) -> Shown:
        return await self._alone(where, lambda: detect.numbers(where, self._described()))

    def _described(self) -> list[Candidate]:
        return detect.candidates(self._config.folder)[0]

    async def _alone(self, where: str, work: Callable[[], T]) -> T:
        """One at a time on a port: two that ask there hear each other. Never on a port in use."""
        taken = self._taken_by(where)
        if taken is not None:
            raise refuse(
                "port_in_use",
                f"这条线路由 {taken} 使用。",
                f"{taken} uses this line.",
                "请选别的线路，或先在 devices.toml 里去掉它。",
                "Choose another line, or take it out of devices.toml first.",
                "where",
                409,
            )
        port = ports.line_of(where)
        while (running := self._detecting.get(port)) is not None:
            await asyncio.wait({running})
        self._detecting[port] = asking = asyncio.get_running_loop().run_in_executor(None, work)
        # Who asked may go away; the thread asks on, and the next one waits until it has ended.
        asking.add_done_callback(lambda done: self._detecting.pop(port, None))
        return await asyncio.shield(asking)

    def _taken_by(self, where: str) -> str | None:
        """As it is written in devices.toml, or under another name of the same port."""
        line = ports.line_of(where)
        written = next((d.id for d in self._config.devices if ports.line_of(d.where) == line), None)
        try:
            return written or self._owner.taken_by(where)
        except ValueError:
            return None  # no address: `detect.look` says so
