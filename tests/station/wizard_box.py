"""A bare box with the demo's devices at the end of real wires, a central beside it, and a technician who answers the wizard."""

from __future__ import annotations

import http.client
import re
import subprocess
from pathlib import Path
from typing import Any

from kiosk import http as ours
from tests.central.server import PIN as OPERATOR_PIN
from tests.central.server import Server, Wire, said
from tests.glass.hall import DevicesHall, until
from tests.survival.station import Line

NEW_PINS = {"counter": "8642", "guide": "9753", "tech": "7531"}


class WizardBox(DevicesHall):
    """The station as `DevicesHall`, paired with nobody, with the PINs of the demo (here 1111 for all)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.central = Server(folder / "central")

    def __enter__(self) -> WizardBox:
        self.central.start()
        super().__enter__()
        return self

    def start(self) -> None:
        """The image of the box names the company's central; its token is of no use there."""
        station = self.config / "station.toml"
        station.write_text(station.read_text("utf-8").replace('url = ""', f'url = "{self.central.url}"'), "utf-8")
        super().start()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self.central.stop()

    def code(self, station: str = "S7") -> str:
        with Wire(self.central.url, token="") as wire:
            token = said(wire.ask("POST", "/login", json={"pin": OPERATOR_PIN}))["token"]
        with Wire(self.central.url, token=token) as wire:
            made = wire.ask("POST", "/pairing", json={"station": station, "name": "东门 7 号机"})
        return str(said(made)["code"])

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """As the shell verbs on the box, with DATA/tech.token."""
        line = Line(self.port, (self.data / "tech.token").read_text().strip(), timeout=60)
        try:
            return line.call(method, path, body, Accept_Language="en")
        finally:
            line.close()

    def again(self) -> None:
        """Whoever started the station starts it again once it has ended."""
        assert self.process is not None
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired as error:
            raise AssertionError("the station was to start anew and did not end") from error
        self.start()

    def wizard(self) -> Any:
        """The wizard once it asks something; the station is started again when it wants that."""

        def look() -> Any:
            assert self.process is not None
            if self.process.poll() is not None:
                self.start()
            try:
                shown = self.ask("GET", "/tech/wizard").body
            except (OSError, http.client.HTTPException, ours.HttpError):
                return None
            now = current(shown)
            return shown if now["fields"] or shown["step"] == "done" else None

        return until(look, "the wizard asks something", 40.0, 0.05)


def current(shown: Any) -> Any:
    return next(step for step in shown["steps"] if step["id"] == shown["step"])


def defaults(shown: Any, **changed: Any) -> dict[str, Any]:
    return {f["id"]: f["default"] for f in current(shown)["fields"]} | changed


def touches(shown: Any, given: dict[str, Any]) -> int:
    """What a finger does at the screen for this answer: a touch for each digit and for each choice that is not the default (and
    one to come to a further number), five crosses for a calibration, a touch for each letter typed, and one to send. A step of
    one choice is sent by the touch on the choice."""
    fields = current(shown)["fields"]
    count = 0
    for nth, field in enumerate(fields):
        value = given[field["id"]]
        if field["kind"] == "number" and value:
            count += len(value) + (nth > 0)
        elif value != field["default"]:
            count += {"points": 5, "text": len(str(value))}.get(field["kind"], 1)
    alone = len(fields) == 1 and fields[0]["kind"] == "choice"
    return max(count, 1) if alone else count + 1


def sheets(box: DevicesHall) -> list[str]:
    return [sheet.raw.decode("gb18030", "replace") for sheet in box.printer.sheets]


def numbers_called(box: DevicesHall) -> list[str]:
    return re.findall(r"[A-Z]\d{3}", str([call["number"] for call in box.hall()["calls"]]))
