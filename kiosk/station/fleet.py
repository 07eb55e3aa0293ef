"""Every configured device with its driver and its supervisor: their lines and buses, hot-plug, levels by the hour, and what the
journal is told of their state.

Everything here runs on the station's event loop; supervisors call back from their threads through it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from devices.hotplug import HotPlug
from devices.hours import level_at
from devices.linebook import LineBook
from devices.lostback import LostBack
from devices.openers import ALL_OPENERS
from devices.ports import Event, Health, NotReady, Outcome, not_done
from devices.supervisor import Errand, Limits, Supervisor
from kiosk.config import Config, Device
from kiosk.domain import facts as f
from kiosk.station.drivers import make_driver
from kiosk.station.levels import WAITS_S, WHAT, level_work

PAPER_DEADLINE_S = 20.0
SHOW_DEADLINE_S = 2.0
VOICE_DEADLINE_S = 30.0
CALL_MAX_AGE_S = 20.0  # a call that could not be spoken by then is not spoken late
LATE_S = 1.0  # how often it is looked whether a change held back may be told
LEVELS_S = 20.0  # how often it is looked whether another level holds by now

RUNS: dict[str, Callable[[Any, Any], Outcome]] = {
    "printer": lambda driver, paper: driver.print(paper, PAPER_DEADLINE_S),
    "sign": lambda driver, text: driver.show(text, SHOW_DEADLINE_S),
    "voice": lambda driver, call: driver.say(call.utterance, VOICE_DEADLINE_S),
    "keypad": lambda driver, text: driver.show(text, SHOW_DEADLINE_S),
    "rating": lambda driver, address: driver.ask(address, SHOW_DEADLINE_S),
}
LIMITS = {"voice": Limits(queue=20, max_age_s=CALL_MAX_AGE_S), "rating": Limits(max_age_s=10.0)}

_log = logging.getLogger(__name__)


class Unmade:
    """Stands where a driver should: it is never ready, and says why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def open(self) -> None:
        raise NotReady(f"{self._why}; mend the driver or its options 请检查驱动及其参数")

    def probe(self) -> Health:
        return Health("fault", ("driver",), self._why)

    def close(self) -> None:
        """Nothing is open."""


class Fleet:
    """`open` starts every device, `close` stops them all. `on_done(device, job, outcome)` and `on_event(device, event)` are
    called on the loop; an event goes to the tap of its device, if a technician waits for one."""

    def __init__(self, config: Config, data: Path, record: Callable[[f.Fact], None], now: Callable[[], int]) -> None:
        self._config, self._data, self._record, self._now = config, data, record, now
        self.book = LineBook(ALL_OPENERS)
        self.drivers: dict[str, Any] = {}
        self.supervisors: dict[str, Supervisor[Any, Any]] = {}
        self.taps: dict[str, Callable[[Event], None]] = {}
        self.levels: dict[str, int] = {}  # device -> volume or brightness as it was set last, by the hour or by hand
        self.on_done: Callable[[str, Any, Outcome], None] = lambda device, job, outcome: None
        self.on_event: Callable[[str, Event], None] = lambda device, event: None
        self.on_health: Callable[[str, Health], None] = lambda device, health: None
        self.on_seen: Callable[[f.DeviceChanged], None] = lambda seen: None
        self._hotplug = HotPlug()
        self._told = LostBack()
        self._details: dict[str, str] = {}
        self._by_hour: dict[str, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    # --- life ---

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        # A bus first: who stands on it opens through it.
        for device in sorted(self._config.devices, key=lambda d: d.klass != "bus"):
            self._add(device)
        self._set_levels()
        self._hotplug.start()
        for supervisor in self.supervisors.values():
            supervisor.start()
        every = ((LATE_S, self._tell_late), (LEVELS_S, self._set_levels))
        self._tasks = [asyncio.create_task(self._every(seconds, work)) for seconds, work in every]

    async def close(self) -> None:
        self._closing = True
        for task in self._tasks:
            task.cancel()
        # Who stands on a bus is stopped before the bus: a stopping driver may still want its line.
        buses = {d.id for d in self._config.devices if d.klass == "bus"}
        for on_bus in (False, True):
            stopping = [s for id, s in self.supervisors.items() if (id in buses) is on_bus]
            ended = await asyncio.gather(*(asyncio.to_thread(s.stop) for s in stopping), return_exceptions=True)
            for error in ended:
                if error is not None:
                    _log.error("a device did not stop: %s", error)
        await asyncio.to_thread(self._hotplug.stop)

    def _add(self, device: Device) -> None:
        driver = self._driver(device)
        supervisor: Supervisor[Any, Any] = Supervisor(
            device.id,
            driver,
            RUNS.get(device.klass, lambda driver, job: not_done(f"a {device.klass} takes no jobs")),
            self._from_thread(lambda health: self._on_health(device, health)),
            self._from_thread(lambda job, outcome: self.on_done(device.id, job, outcome)),
            on_event=self._from_thread(lambda event: self._on_event(device.id, event)),
            limits=LIMITS.get(device.klass, Limits()),
        )
        self.drivers[device.id], self.supervisors[device.id] = driver, supervisor
        if device.klass == "bus" and not isinstance(driver, Unmade):
            self.book.add_bus(device.id, driver)
        self._hotplug.watch(device.id, device.where, lambda: supervisor.refresh(if_away=True))

    def _driver(self, device: Device) -> Any:
        try:
            return make_driver(device, self._config.folder, self._data, self.book.opener(device.id))
        except Exception as error:  # noqa: BLE001 (one driver's mistake must not keep the hall closed; shown as its fault)
            _log.exception("device %s could not be made", device.id)
            return Unmade(f"{device.klass}/{device.driver} could not be made ({type(error).__name__}: {error})")

    def _from_thread(self, method: Callable[..., None]) -> Callable[..., None]:
        def post(*args: Any) -> None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(method, *args)

        return post

    async def _every(self, seconds: float, work: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            work()

    # --- what is there ---

    def of(self, klass: str) -> list[Device]:
        return [device for device in self._config.devices if device.klass == klass]

    def wire_log(self, id: str, after: int = 0, *, all: bool = False) -> tuple[int, list[str]]:
        """See `devices.wirelog.WireLog.read`; in the hall's time."""
        return self.book.log(id, after, all=all, utc_offset_min=self._config.plan.utc_offset_min)

    def taken_by(self, where: str) -> str | None:
        """The device that has this port, also under another name of it; any thread."""
        return self.book.taken_by(where)

    def works(self, id: str) -> bool:
        """Whether a job given to it now would be begun soon."""
        supervisor = self.supervisors.get(id)
        return supervisor is not None and supervisor.health.state in ("ready", "busy", "degraded")

    # --- what they tell ---

    def _on_event(self, id: str, event: Event) -> None:
        tap = self.taps.get(id)
        if tap is not None:
            tap(event)
        else:
            self.on_event(id, event)

    def _on_health(self, device: Device, health: Health) -> None:
        """Working and broken are facts; busy, starting, the steps of a backoff and our own closing are not."""
        if self._closing or health.state in ("busy", "starting"):
            return
        if device.klass == "bus" and health.state in ("ready", "degraded"):
            for id in self.book.standing_on(device.id):
                self.supervisors[id].refresh(if_away=True)
        state = "fault" if health.state in ("backoff", "absent") else health.state
        self.on_seen(f.DeviceChanged(device=device.id, state=state, reasons=health.reasons, detail=health.detail))
        self._details[device.id] = health.detail
        tell, more = self._told.offer(device.id, state, health.reasons, self._now())
        if tell:
            self._tell(device.id, state, health.reasons, more)
        self.on_health(device.id, health)

    def _tell_late(self) -> None:
        for late in self._told.due(self._now()):
            self._tell(late.device, str(late.state), late.reasons, late.suppressed)

    def _tell(self, id: str, state: str, reasons: tuple[str, ...], more: int) -> None:
        detail = self._details.get(id, "")
        self._record(f.DeviceChanged(device=id, state=state, reasons=reasons, detail=detail, more=more))

    # --- levels by the hour ---

    def _set_levels(self) -> None:
        """Where `hours` say so: the brightness of signs, the volume of voices. Given once for each change, so that what a
        technician set by hand holds until the next one."""
        local = datetime.fromtimestamp(self._now() / 1000, UTC) + timedelta(minutes=self._config.plan.utc_offset_min)
        for device in self._config.devices:
            hours = getattr(device.options, "hours", None)
            what = WHAT.get(device.klass)
            if not hours or what is None:
                continue
            level = level_at(hours, local.hour * 60 + local.minute, 100)
            if self._by_hour.get(device.id) != level:
                self._by_hour[device.id] = self.levels[device.id] = level
                self.supervisors[device.id].errand(Errand(level_work(what, level), lambda outcome: None), WAITS_S)
