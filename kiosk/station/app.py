"""The station's composition root: builds every part, opens them in order, closes them in reverse."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router

import kiosk
from kiosk.config import Config, ConfigError
from kiosk.config import box as boxes
from kiosk.config.layers import layers, load_box
from kiosk.domain import facts as f
from kiosk.journal.store import Journal, JournalError
from kiosk.station import api
from kiosk.station.clock import Clock
from kiosk.station.events import Events
from kiosk.station.keeper import Keeper
from kiosk.station.outputs import Outputs
from kiosk.station.pages import page_routes
from kiosk.station.problems import HANDLERS
from kiosk.station.roles import Gate, guard, identity_of
from kiosk.station.settings import Box
from kiosk.station.syncing import Syncing
from kiosk.station.tech.api import TechRoutes
from kiosk.station.tech.desk import OutputsDesk
from kiosk.station.tech.pages import tech_pages
from kiosk.station.tech.service import Tech
from kiosk.station.tech.wizard import Wizard

ASSETS = Path(__file__).resolve().parents[2] / "assets"
BODY_MAX = 64 * 1024
TICK_S = 20.0
TRIAL_S = 0.5

_log = logging.getLogger(__name__)


class Station:
    """Everything of one box. `app` is its ASGI application; opening and closing follow its lifespan."""

    def __init__(self, config: Config, data: Path, *, clock: Clock | None = None, taken_back: str = "") -> None:
        """`taken_back`: why a configuration on trial was ended just now; "" = none was."""
        self.config = config
        self._data, self._taken_back = data, taken_back
        self._trial_error = ""  # said last: a full disk stays full for a while
        self.journal = Journal(data, data.with_name(data.name + ".key"))
        self.keeper = Keeper(self.journal, config.plan, clock)
        self.gate = Gate(self.keeper, config.pins, data)
        self.events = Events(self._number_of)
        self.restart: Callable[[], None] = lambda: None  # set by the server that runs the app
        self.syncing = Syncing(self.keeper, config, data, lambda: self.restart())
        base_url = config.central.url or f"http://{config.station.listen}"
        self.outputs = Outputs(self.keeper, config, data, base_url)
        self.outputs.on_seen = lambda: self.events.poke(self.keeper.hall.seq)
        printer = config.device("printer")
        self.box = Box(
            keeper=self.keeper,
            station=config.station.id,
            config_version=config.version,
            screen=config.screen,
            base_url=base_url,
            printer=printer.id if printer else "",
            events=self.events,
            sync_status=self.syncing.status,
            screen_restarts=lambda: self.tech.screen_restarts,
        )
        self.desk = OutputsDesk(self.outputs.fleet, config, data, config.plan)
        self.tech = Tech(self.keeper, config, data, self.desk, self.syncing.status, lambda: self.restart())
        self.wizard = Wizard(self.tech)
        self.app = self._app()

    def _number_of(self, ticket: str) -> str:
        known = self.keeper.hall.tickets.get(ticket)
        return known.number if known else ""

    def _app(self) -> Litestar:
        return Litestar(
            route_handlers=[
                *api.HANDLERS,
                TechRoutes,
                *page_routes,
                tech_pages,
                create_static_files_router("/static/fonts", [ASSETS / "fonts"], opt={"roles": ("anyone",)}),
                create_static_files_router("/static", [ASSETS / "web"], opt={"roles": ("anyone",)}),
            ],
            guards=[guard],
            dependencies={
                "keeper": Provide(lambda: self.keeper, sync_to_thread=False),
                "box": Provide(lambda: self.box, sync_to_thread=False),
                "gate": Provide(lambda: self.gate, sync_to_thread=False),
                "tech": Provide(lambda: self.tech, sync_to_thread=False),
                "wizard": Provide(lambda: self.wizard, sync_to_thread=False),
                "who": Provide(identity_of, sync_to_thread=False),
            },
            exception_handlers=HANDLERS,
            state=State({"gate": self.gate, "tech": self.tech}),
            lifespan=[self._lifespan],
            request_max_body_size=BODY_MAX,
            openapi_config=OpenAPIConfig(
                title="Yitai station",
                version=kiosk.__version__,
                render_plugins=[JsonRenderPlugin()],
                openapi_router=Router(path="/schema", route_handlers=[], opt={"roles": ("anyone",)}),
            ),
            debug=False,
        )

    @asynccontextmanager
    async def _lifespan(self, app: Litestar) -> AsyncIterator[None]:
        await self.keeper.open()
        if self.keeper.hall.config != self.config.version:
            await self.keeper.record(f.ConfigAdopted(version=self.config.version, digest=self.config.version))
        if self._taken_back:
            await self.keeper.record(f.TechActed(what="config_rolled_back", detail=self._taken_back))
        self.gate.open()
        self.keeper.subscribe(self.events.committed)
        self.keeper.subscribe(self.outputs.committed)
        self.keeper.subscribe(self.syncing.committed)
        self.outputs.open()
        self.desk.open()
        self.wizard.open()
        self.syncing.open()
        ticking = asyncio.create_task(self._tick(), name="tick")
        trying = asyncio.create_task(self._trial(), name="trial")
        try:
            yield
        finally:
            ticking.cancel()
            trying.cancel()
            self.events.end()
            await self.wizard.close()
            await self.syncing.close()
            await self.outputs.close()
            await self.keeper.close()

    async def _trial(self) -> None:
        """A configuration on trial that nobody confirms in time: start again, with the one before."""
        runs_with_it = layers(self.config.folder, self._data).trial is not None
        while boxes.trial(self._data) is not None:
            await asyncio.sleep(TRIAL_S)
            if await asyncio.to_thread(self._trial_ended, runs_with_it):
                _log.warning("nobody confirmed the configuration on trial")
                self.restart()

    def _trial_ended(self, runs_with_it: bool) -> bool:
        try:
            return boxes.expire(self._data)
        except (OSError, boxes.BoxError) as error:
            # Only a trial whose time is over is written to. The next start sees that by the clock and takes the good set,
            # whatever the disk says; one that runs with the good set already would start again without end.
            if self._trial_error != (said := str(error)):
                self._trial_error = said
                _log.error("the end of the trial could not be written: %s", said)
            return runs_with_it

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.keeper.tick()
            except JournalError as error:
                _log.error("the day could not be looked at: %s", error)


class Server(uvicorn.Server):
    """Ends the event streams first: uvicorn waits for open answers, and these never end by themselves."""

    def __init__(self, config: uvicorn.Config, events: Events) -> None:
        super().__init__(config)
        self._events = events

    async def shutdown(self, sockets: Any = None) -> None:
        self._events.end()
        await super().shutdown(sockets)


def serve(station: Station, host: str, port: int) -> int:
    server = Server(
        uvicorn.Config(
            station.app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=3,
            timeout_keep_alive=30,
            limit_concurrency=400,
            server_header=False,
        ),
        station.events,
    )

    def restart() -> None:
        _log.warning("starting again, as a technician or a new configuration asks")
        server.should_exit = True

    station.restart = restart
    server.run()
    return 0 if server.started else 1


def _settled(base: Path, data: Path) -> boxes.Settled:
    """A disk that takes no word of it does not keep the hall closed: what loads counts, by the clock."""
    try:
        return boxes.settle(base, data)
    except OSError as error:
        _log.error("the trial of a configuration could not be settled: %s", error)
        return boxes.Settled(on_trial=False)


def main(args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    data = Path(args.data).resolve()
    try:
        settled = _settled(args.config, data)
        config = load_box(args.config, data)
    except (ConfigError, boxes.BoxError) as error:
        print(error)
        return 2
    host, _, port = config.station.listen.rpartition(":")
    data.mkdir(parents=True, exist_ok=True)
    # So that `kiosk devices --data …` and the doctor look at the configuration this station runs with.
    with contextlib.suppress(OSError):  # a full disk is told by the journal, in better words
        (data / "config.folder").write_text(str(Path(args.config).resolve()), encoding="utf-8")
    journal = Journal(data, data.with_name(data.name + ".key"))
    try:
        journal.open()  # said in one clear line here, before a server is built around it
        journal.close()
    except JournalError as error:
        print(error)
        return 3
    return serve(Station(config, data, taken_back=settled.why), host, args.port or int(port))
