"""A bench on free ports, over real HTTP, with one device of every kind at the other end of real lines."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import uvicorn

from devices.bench.app import make_app
from devices.bench.bench import Bench
from devices.bench.screen import Camera
from devices.bench.wiring import wired
from devices.catalog import Catalog
from devices.ports import Feed, Paper, Text
from devices.printer.driver import EscposPrinter

CONFIG = Path(__file__).resolve().parents[3] / "config"
DEADLINE_S = 5.0
ANY = "tcp://127.0.0.1:0"


def table(id: str, kind: str, rest: str = "", where: str = ANY) -> str:
    """One table of devices.toml; `kind` is class/driver."""
    klass, _, driver = kind.partition("/")
    return f'[[device]]\nid = "{id}"\nclass = "{klass}"\ndriver = "{driver}"\nwhere = "{where}"\n{rest}\n'


KEYPADS = 'frame = "keypads/polled.toml"\npad = [{ counter = 1, address = 11 }, { counter = 2, address = 12 }]'
RATINGS = 'frame = "keypads/rating_polled.toml"\npad = [{ counter = 1, address = 21 }]'
INPUTS = 'input = [{ name = "case", line = 3 }, { name = "help", line = 4, means = "button" }]'
TABLES = "\n".join(
    (
        table("printer", "printer/escpos", "columns = 48"),
        table("printer2", "printer/escpos"),
        table("signs", "sign/frame", 'frame = "signs/sum8.toml"'),
        table("hallsign", "sign/frame", 'frame = "signs/hall.toml"\nrows = 4'),
        table("voice", "voice/espeak"),
        table("keypads", "keypad/frame", KEYPADS),
        table("ratings", "rating/frame", RATINGS, "bus:rs485"),
        table("scanner", "scanner/serial"),
        table("idcard", "idcard/serial"),
        table("camera", "camera/mjpeg"),
        table("contacts", "contact/gpio", INPUTS),
        table("rs485", "bus/rs485"),
        table("numbers", "sign/modbus", where="bus:rs485"),
    )
)


def folder_with(tables: str, folder: Path) -> Path:
    """A configuration of these devices, and the demo's frames."""
    for name in ("signs", "keypads"):
        shutil.copytree(CONFIG / name, folder / name)
    (folder / "devices.toml").write_text(tables, encoding="utf-8")
    return folder


def wait(look: Callable[[], object], within_s: float = DEADLINE_S) -> None:
    end, pause = time.monotonic() + within_s, threading.Event()
    while not look():
        assert time.monotonic() < end, f"not within {within_s:g} s"
        pause.wait(0.02)


class Running:
    """`at` is its address."""

    def __init__(self, folder: Path, kinds: Catalog | None = None) -> None:
        self.bench = Bench(wired(folder, folder, kinds), Camera(":none"))
        self.server = uvicorn.Server(uvicorn.Config(make_app(self.bench), port=0, log_level="warning"))
        self.up = threading.Event()
        startup = self.server.startup

        async def tell(*args: Any, **kwargs: Any) -> None:
            await startup(*args, **kwargs)
            self.up.set()

        self.server.startup = tell  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> Running:
        self.bench.open()
        self.thread.start()
        assert self.up.wait(DEADLINE_S)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.at = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *exc: object) -> None:
        self.server.should_exit = True
        self.thread.join(DEADLINE_S)

    # --- what a page asks ---

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/state").json()
        return found

    def get(self, path: str) -> requests.Response:
        return requests.get(self.at + path, timeout=DEADLINE_S)

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return requests.post(self.at + path, json=body, timeout=DEADLINE_S)

    def do(self, device: str, what: str, **args: Any) -> Any:
        answer = self.post(f"/devices/{device}/do", {"what": what, "args": args})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def device(self, id: str, state: dict[str, Any] | None = None) -> dict[str, Any]:
        found: dict[str, Any] = next(d for d in (state or self.state())["devices"] if d["id"] == id)
        return found

    def where(self, id: str) -> str:
        return self.bench.device(id).where

    def print(self, text: str, printer: str = "printer") -> str:
        driver = EscposPrinter(self.where(printer))
        driver.open()
        try:
            return driver.print(Paper("job", (Text(text), Feed(2))), DEADLINE_S).kind
        finally:
            driver.close()
