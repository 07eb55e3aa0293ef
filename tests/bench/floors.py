"""The floors that are servers: the station's own stack (Litestar, its guard, its structs, its uvicorn settings) around a
handler that only does what cannot be avoided.

    python -m tests.bench.floors echo PORT FILE     POST /echo: append the bytes to FILE, one fsync, answer
    python -m tests.bench.floors take PORT          POST /facts: read the body, answer {"through": …}
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import Provide

from kiosk.station.api import IssueBody, Key, NextBody
from kiosk.station.problems import HANDLERS
from kiosk.station.roles import Identity, guard, identity_of
from kiosk.sync import wire

TOKEN = "floor"
ANSWER = b'{"ticket":' + b'"' + b"x" * 520 + b'"}'  # as long as a ticket's answer
ROW = b"r" * 900  # the bytes of a fact, its seal and its command row


class _Gate:
    def identify(self, token: str) -> Identity:
        return Identity("screen") if token == TOKEN else Identity()


class _File:
    """Appends from a thread of its own, one fsync each, as a commit does; what waits meanwhile is the next batch."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._thread = ThreadPoolExecutor(1)
        self._waiting: list[asyncio.Future[None]] = []
        self._task: asyncio.Task[None] | None = None

    async def append(self) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        if self._task is None:
            self._task = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await loop.run_in_executor(self._thread, self._sync, ROW * len(batch))
            for done in batch:
                done.set_result(None)
        self._task = None

    def _sync(self, data: bytes) -> None:
        os.write(self._fd, data)
        os.fdatasync(self._fd)


def _answer(data: bytes) -> Response[bytes]:
    return Response(data, media_type="application/json", headers={"Cache-Control": "no-store"})


@post("/echo", opt={"roles": ("screen",)}, status_code=200)
async def echo(data: IssueBody, file: _File, key: Key = "") -> Response[bytes]:
    await file.append()
    return _answer(ANSWER)


@post("/echo-next", opt={"roles": ("screen",)}, status_code=200)
async def echo_next(data: NextBody, file: _File, key: Key = "") -> Response[bytes]:
    await file.append()
    return _answer(ANSWER)


@post("/facts", opt={"roles": ("anyone",)}, status_code=200)
async def take(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Knows how many came by counting bodies: the sender only needs an answer that goes on."""
    await request.body()
    counted = request.app.state
    counted.through += wire.MAX_FACTS
    return _answer(b'{"through":%d,"items":[]}' % counted.through)


@get("/facts/through", opt={"roles": ("anyone",)})
async def through(request: Request[Any, Any, Any], store: str) -> Response[bytes]:
    request.app.state.through = 0
    return _answer(b'{"store":"%b","through":0,"highest":0}' % store.encode())


def app(file: str) -> Litestar:
    appended = _File(file) if file else None
    return Litestar(
        route_handlers=[echo, echo_next] if file else [take, through],
        guards=[guard],
        dependencies={
            "file": Provide(lambda: appended, sync_to_thread=False),
            "who": Provide(identity_of, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        state=State({"gate": _Gate(), "through": 0}),
        request_max_body_size=2 * 1024 * 1024,
        openapi_config=None,
    )


if __name__ == "__main__":
    uvicorn.run(
        app(sys.argv[3] if sys.argv[1] == "echo" else ""),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
        limit_concurrency=400,
        server_header=False,
    )
