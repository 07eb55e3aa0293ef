"""A real station in a process of its own with the demo hall's devices: their simulators at the other end of real TCP."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from argon2 import PasswordHasher

from devices.led.description import load as load_description
from devices.led.simulator import SignSimulator
from devices.printer.simulator import PrinterSimulator
from devices.voice.simulator import SpeakerSimulator
from tests.survival.station import PIN, ROOT, Line, Station, free_port

T = TypeVar("T")


def until(look: Callable[[], T | None], what: str, within_s: float = 10.0, every_s: float = 0.03) -> T:
    """-> the first thing `look` finds; AssertionError with `what` when it never does."""
    end, pause = time.monotonic() + within_s, threading.Event()
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        pause.wait(every_s)


def demo_config(folder: Path, port: int, lines: dict[str, str]) -> Path:
    """The demo hall's configuration with `lines` (device -> where; one left out is not there), no central, one cheap PIN."""
    shutil.copytree(ROOT / "config", folder)
    (folder / "central.toml").unlink(missing_ok=True)
    pin = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
    station = (folder / "station.toml").read_text(encoding="utf-8")
    station = re.sub(r'(?m)^listen = "[^"]*"', f'listen = "127.0.0.1:{port}"', station)
    station = re.sub(r'(?m)^url = "[^"]*"', 'url = ""', station)
    station = re.sub(r'(?m)^(counter|guide|tech) = "[^"]*"', rf'\1 = "{pin}"', station)
    (folder / "station.toml").write_text(station, encoding="utf-8")
    head, *tables = (folder / "devices.toml").read_text(encoding="utf-8").split("[[device]]")
    kept = []
    for table in tables:
        name = re.search(r'(?m)^id = "([^"]*)"', table)
        if name is not None and (where := lines.get(name[1])):
            alone = re.sub(r'(?m)^standin = "([^"]*)".*\n', lambda m: m[0] if m[1] in lines else "", table)
            kept.append(re.sub(r'(?m)^where = "[^"]*"', f'where = "{where}"', alone))
    (folder / "devices.toml").write_text("[[device]]".join([head, *kept]), encoding="utf-8")
    return folder


class DevicesHall(Station):
    """Entered: simulators and station are up. `kill` and `start` are the station's own; its devices stay."""

    def __init__(self, folder: Path) -> None:
        self.printer = PrinterSimulator(port=0)
        signs = load_description(ROOT / "config" / "signs" / "sum8.toml")
        self.signs = SignSimulator("127.0.0.1", 0, signs)
        self.speaker = SpeakerSimulator("127.0.0.1", 0, speed=0)
        self.port = free_port()
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "station.log"
        self.process = None
        self._tokens: dict[str, str] = {}

    def __enter__(self) -> DevicesHall:
        for device in (self.printer, self.signs, self.speaker):
            device.start()
        lines = {"printer": self.printer.where, "signs": self.signs.where, "voice": self.speaker.where}
        self.config = demo_config(self.folder / "config", self.port, lines)
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self.stop()
        finally:
            for device in (self.printer, self.signs, self.speaker):
                device.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._tokens.clear()
        super().start()

    # --- what people do and see ---

    def call(self, method: str, path: str, body: object = None, by: str = "") -> Any:
        """The body of the answer; AssertionError for a refusal. `by`: "screen", "guide", "counter 1" or nobody."""
        line = Line(self.port, self._token(by) if by else "")
        try:
            said = line.call(method, path, body)
        finally:
            line.close()
        assert said.status < 300, said
        return said.body

    def _token(self, by: str) -> str:
        if by == "screen":
            return (self.data / "screen.token").read_text().strip()
        if by not in self._tokens:
            role, _, counter = by.partition(" ")
            self._tokens[by] = self.login(role, int(counter) if counter else None)
        return self._tokens[by]

    def hall(self) -> Any:
        return self.call("GET", "/hall")

    def issue(self, service: str = "enquiry") -> Any:
        return self.call("POST", "/tickets", {"service": service}, by="screen")["ticket"]

    def ticket(self, id: str) -> Any:
        return self.call("GET", f"/tickets/{id}")["ticket"]

    def at_counter(self, n: int, verb: str, body: object = None) -> Any:
        return self.call("POST", f"/counters/{n}/{verb}", body or {}, by=f"counter {n}")

    def device(self, id: str) -> tuple[str, tuple[str, ...]]:
        """-> (state, reasons) as GET /hall tells them; ("", ()) before the first news."""
        found = next((d for d in self.hall()["devices"] if d["id"] == id), None)
        return (found["state"], tuple(found["reasons"])) if found else ("", ())

    def wait_device(self, id: str, state: str, reason: str = "", within_s: float = 8.0) -> None:
        def look() -> bool:
            now, reasons = self.device(id)
            return now == state and (not reason or reason in reasons)

        until(look, f"{id} {state} {reason}; it is {self.device(id)}", within_s)

    def wait_print(self, id: str, *outcomes: str, within_s: float = 10.0) -> str:
        """The outcome of the ticket's paper, once it is one of these."""

        def look() -> str | None:
            now = str(self.ticket(id)["print"])
            return now if now in outcomes else None

        return until(look, f"ticket printed {outcomes}; it is {self.ticket(id)['print']}", within_s)
