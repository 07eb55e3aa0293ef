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

from devices.bench.bench import LOOPBACK, Bench, Wiring, wirings_of
from devices.bench.routes import ROUTES
from devices.bench.screen import Camera
from devices.ports import DeviceError

PORT = 8650
FRAME = Path("signs") / "sum8.toml"
BODY_MAX = 10_000


def make_app(bench: Bench) -> Litestar:
    """The simulators live as long as the application does."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        bench.open()
        try:
            yield
        finally:
            bench.close()

    return Litestar(
        route_handlers=ROUTES,
        dependencies={"bench": Provide(lambda: bench, sync_to_thread=False)},
        lifespan=[running],
        request_max_body_size=BODY_MAX,
        openapi_config=None,
    )


def serve(bench: Bench, port: int = PORT) -> int:
    """Until a signal ends it; 0 = in good order."""
    config = uvicorn.Config(
        make_app(bench), host=LOOPBACK, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def wirings(args: argparse.Namespace) -> list[Wiring]:
    """From options when one names a port, else from the configuration. Raises DeviceError."""
    ports = {"printer": args.printer_port, "signs": args.signs_port, "speaker": args.speaker_port}
    if not any(ports.values()):
        found = wirings_of(Path(args.config))
        if args.frame:
            found = [Wiring(w.id, w.kind, w.port, Path(args.frame), w.columns, w.addresses) for w in found]
        return found
    frame = Path(args.frame) if args.frame else Path(args.config) / FRAME
    return [Wiring(kind if kind != "speaker" else "voice", kind, port, frame) for kind, port in ports.items() if port]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", default="config", metavar="DIR", help="reads devices.toml and counters.toml")
    parser.add_argument("--data", default="data", metavar="DIR", help="not used: the bench keeps nothing")
    parser.add_argument("--port", type=int, default=PORT, help=f"of the page ({PORT})")
    parser.add_argument("--printer-port", type=int, default=0, help="only the devices whose port is given are started")
    parser.add_argument("--signs-port", type=int, default=0)
    parser.add_argument("--speaker-port", type=int, default=0)
    parser.add_argument("--frame", default="", metavar="FILE", help="the signs' frame, such as config/signs/sum8.toml")
    parser.add_argument("--display", default="", help="a virtual display to look at (the environment's DISPLAY)")


def main(args: argparse.Namespace) -> int:
    """`args` may lack options that `kiosk bench` does not offer."""
    parser = argparse.ArgumentParser()
    options(parser)
    known = argparse.Namespace(
        **{**vars(parser.parse_args([])), **{k: v for k, v in vars(args).items() if v is not None}}
    )
    try:
        bench = Bench(wirings(known), Camera(known.display or os.environ.get("DISPLAY", "")))
    except DeviceError as error:
        print(error, file=sys.stderr)
        return 2
    return serve(bench, known.port)


def run() -> int:
    parser = argparse.ArgumentParser(prog="python -m devices.bench", description="Simulated devices and their page.")
    options(parser)
    return main(parser.parse_args())
