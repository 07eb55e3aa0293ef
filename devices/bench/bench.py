"""The bench itself: owns the simulators and the camera, opens and closes them together."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from devices.bench.parts import Part, PrinterPart, SignsPart, SpeakerPart
from devices.bench.screen import Camera
from devices.led import description
from devices.led.simulator import SignSimulator
from devices.ports import DeviceError
from devices.printer.simulator import PrinterSimulator
from devices.voice.simulator import SpeakerSimulator

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Wiring:
    """One simulated device: what it is called, where it listens, and what its description says."""

    id: str
    kind: str  # printer, signs, speaker
    port: int
    frame: Path | None = None
    columns: int = 48
    addresses: tuple[int, ...] = (1, 2, 3, 4)


class Bench:
    """`wirings` may leave a device out; then its part of the page is not there."""

    def __init__(self, wirings: list[Wiring], camera: Camera) -> None:
        self.parts: list[Part] = [_part(wiring) for wiring in wirings]
        self.camera = camera

    def open(self) -> None:
        """Every simulator listens when this returns; raises DeviceError for a port that is taken, and then none does."""
        begun: list[Part] = []
        try:
            for part in self.parts:
                part.start()
                begun.append(part)
        except OSError as error:
            for other in begun:
                other.stop()
            raise DeviceError(
                f"{part.id} at {part.where}: {error.strerror}; stop what uses the port, or choose another"
            ) from error

    def close(self) -> None:
        for part in self.parts:
            part.stop()

    def part(self, name: str) -> Part | None:
        """By its id in the configuration or by its kind."""
        return next((p for p in self.parts if name in (p.id, p.kind)), None)

    @property
    def printer(self) -> PrinterPart | None:
        return next((p for p in self.parts if isinstance(p, PrinterPart)), None)

    @property
    def signs(self) -> SignsPart | None:
        return next((p for p in self.parts if isinstance(p, SignsPart)), None)

    @property
    def speaker(self) -> SpeakerPart | None:
        return next((p for p in self.parts if isinstance(p, SpeakerPart)), None)

    def state(self) -> dict[str, Any]:
        return {
            "devices": [
                {"id": p.id, "kind": p.kind, "where": p.where, "faults": list(p.faults), "active": list(p.active())}
                for p in self.parts
            ],
            "screen": {"there": self.camera.there(), "display": self.camera.display},
            **{part.kind: part.shown() for part in self.parts},
        }


def _part(wiring: Wiring) -> Part:
    if wiring.kind == "printer":
        return PrinterPart(PrinterSimulator(LOOPBACK, wiring.port, columns=wiring.columns), wiring.id)
    if wiring.kind == "speaker":
        return SpeakerPart(SpeakerSimulator(LOOPBACK, wiring.port), wiring.id)
    if wiring.frame is None:
        raise DeviceError(f"{wiring.id}: no frame is given; name the sign's description, such as signs/sum8.toml")
    frame = description.load(wiring.frame)
    return SignsPart(SignSimulator(LOOPBACK, wiring.port, frame, wiring.addresses), wiring.id)


# --- from the configuration ----------------------------------------------------------------------------------------

_KINDS = {"printer": "printer", "sign": "signs", "voice": "speaker"}


def wirings_of(folder: Path) -> list[Wiring]:
    """The devices of `folder/devices.toml` that are expected on this machine's own ports. `kiosk config check` says what is
    wrong in these files; here only what is needed is read. Raises DeviceError."""
    found: list[Wiring] = []
    for device in _tables(folder / "devices.toml", "device"):
        address = urlsplit(str(device.get("where", "")))
        kind = _KINDS.get(str(device.get("class", "")))
        own = address.scheme == "tcp" and address.hostname in (LOOPBACK, "localhost")
        if kind is None or not own or address.port is None or any(w.kind == kind for w in found):
            continue
        found.append(
            Wiring(
                id=str(device.get("id", kind)),
                kind=kind,
                port=address.port,
                frame=folder / str(device["frame"]) if device.get("frame") else None,
                columns=int(device.get("columns", 48)),
                addresses=_addresses(folder, str(device.get("id", ""))),
            )
        )
    return found


def _addresses(folder: Path, sign: str) -> tuple[int, ...]:
    """The addresses of this bus that counters have their sign at: sign = "signs:3" in counters.toml."""
    signs = [str(c.get("sign", "")).partition(":") for c in _tables(folder / "counters.toml", "counter")]
    mine = sorted(
        {int(address) for name, _, address in signs if name == sign and address.isascii() and address.isdigit()}
    )
    return tuple(mine) or (1, 2, 3, 4)


def _tables(path: Path, name: str) -> list[dict[str, Any]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get(name, [])
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeviceError(f"{path}: {error}; run `kiosk config check`") from error
    return [table for table in tables if isinstance(table, dict)] if isinstance(tables, list) else []
