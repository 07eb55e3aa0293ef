"""`kiosk bench`: the simulated devices and their page, a process of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from litestar import Litestar
from litestar.di import Provide

from devices.bench.bench import Bench, NoDevice
from devices.bench.routes import ROUTES, not_here
from devices.bench.screen import Camera
from devices.bench.wiring import LOOPBACK, wired
from devices.ports import DeviceError

PORT = 8650
BODY_MAX = 10_000


def make_app(bench: Bench) -> Litestar:
    """Whoever makes it has opened the bench before; it is closed with the application, whatever signal ends that."""

    @asynccontextmanager
    async def closing(app: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            bench.close()

    return Litestar(
        route_handlers=ROUTES,
        dependencies={"bench": Provide(lambda: bench, sync_to_thread=False)},
        lifespan=[closing],
        exception_handlers={NoDevice: not_here},
        request_max_body_size=BODY_MAX,
        openapi_config=None,
    )


def serve(bench: Bench, port: int = PORT) -> int:
    """Until a signal ends it; 0 = in good order. Raises DeviceError when a device's port is taken."""
    config = uvicorn.Config(
        make_app(bench), host=LOOPBACK, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    bench.open()
    server.run()
    return 0 if server.started else 1


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", default="config", metavar="DIR", help="reads devices.toml and the files it names")
    parser.add_argument("--data", default="data", metavar="DIR", help="not used: the bench keeps nothing")
    parser.add_argument("--port", type=int, default=PORT, help=f"of the page ({PORT})")
    parser.add_argument("--display", default="", help="a virtual display to look at (the environment's DISPLAY)")


def main(args: argparse.Namespace) -> int:
    """`args` may lack options that `kiosk bench` does not offer."""
    parser = argparse.ArgumentParser()
    options(parser)
    known = argparse.Namespace(
        **{**vars(parser.parse_args([])), **{k: v for k, v in vars(args).items() if v is not None}}
    )
    try:
        simulated = wired(Path(known.config), Path(known.data))
        return serve(Bench(simulated, Camera(known.display or os.environ.get("DISPLAY", ""))), known.port)
    except DeviceError as error:
        print(error, file=sys.stderr)
        return 2


def run() -> int:
    parser = argparse.ArgumentParser(prog="python -m devices.bench", description="Simulated devices and their page.")
    options(parser)
    return main(parser.parse_args())
