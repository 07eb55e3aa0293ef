"""The composition root of `kiosk central`: settings, store, routes; and serving them."""

from __future__ import annotations

import argparse
import logging
import signal
import sqlite3
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import uvicorn
from litestar import Litestar, Response
from litestar.datastructures import CacheControlHeader, State
from litestar.exceptions import HTTPException
from litestar.static_files import create_static_files_router

from kiosk.central import api, pages, pairing, signing
from kiosk.central.access import Access
from kiosk.central.problems import Problem, on_bug, on_http, on_problem
from kiosk.central.settings import BadSettings, Settings, load
from kiosk.central.store import AlreadyOpen, Store
from kiosk.config import ConfigError
from kiosk.config import load as load_hall
from kiosk.domain.facts import Lines
from kiosk.sync.wire import MAX_PACKED_BYTES

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"
HERE = Path(__file__).resolve().parent
LIMIT_CONNECTIONS = 1_000
GRACE_S = 2  # how long a long poll may hold up the end

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


async def _harden(response: Response[object]) -> Response[object]:
    response.headers.setdefault("Content-Security-Policy", _CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # A ticket's address is a secret; "no-referrer" would make a browser's own forms come from Origin: null, which is refused.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages show besides facts, if this server knows it: the hall, its services, its clock."""

    hall: Lines | None = None
    services: Mapping[str, Lines] = msgspec.field(default_factory=dict)
    offset_s: int = 0  # seconds east of UTC


def build(settings: Settings, store: Store, names: Names) -> Litestar:
    """-> the application over an open store."""
    static = [
        create_static_files_router(
            path,
            directories=[folder],
            name=path.strip("/").replace("/", "_"),
            cache_control=CacheControlHeader(max_age=86_400, public=True),
        )
        for path, folder in (
            ("/static/web", ASSETS / "web"),
            ("/static/fonts", ASSETS / "fonts"),
            ("/static/central", HERE / "web"),
        )
        if folder.is_dir()
    ]
    access = Access(settings, store)
    if store.is_open:
        access.admit(store.writing(pairing.paired))
    return Litestar(
        route_handlers=[*api.ROUTES, *pairing.ROUTES, *signing.ROUTES, *pages.ROUTES, *static],
        state=State(
            {
                "store": store,
                "access": access,
                "news": api.News(),
                "hall": names.hall,
                "services": names.services,
                "offset_s": names.offset_s,
            }
        ),
        exception_handlers={Problem: on_problem, HTTPException: on_http, Exception: on_bug},
        after_request=_harden,
        request_max_body_size=MAX_PACKED_BYTES * 2,
        openapi_config=None,
        logging_config=None,
    )


def _names(folder: Path) -> Names:
    """Names of the hall and its services, when the configuration of a hall lies beside central's."""
    try:
        plan = load_hall(folder).plan
    except ConfigError:
        return Names(offset_s=time.localtime().tm_gmtoff)  # central serves many halls and needs none of their files
    services = {service.id: service.name for service in plan.services}
    return Names(hall=plan.name, services=services, offset_s=plan.utc_offset_min * 60)


def main(args: argparse.Namespace) -> int:
    """Serves until a signal ends it; -> exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    store = Store(Path(args.data) / "central.db")
    try:
        settings = load(Path(args.config))
        store.open(settings.station)
    except (BadSettings, AlreadyOpen, OSError, sqlite3.Error) as error:
        print(f"kiosk central: {error}", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn ends on these by itself and then raises them again: by then they must not cut off what follows.
        signal.signal(number, lambda *_: None)
    try:
        uvicorn.run(
            build(settings, store, _names(Path(args.config))),
            host=settings.host,
            port=settings.port if args.port is None else args.port,
            access_log=False,
            log_config=None,
            limit_concurrency=LIMIT_CONNECTIONS,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=GRACE_S,
            server_header=False,
        )
    finally:
        store.close()
    return 0
