"""The bench itself: owns the simulators and the camera, opens and closes them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from devices.bench.hands import Hands
from devices.bench.screen import Camera
from devices.bench.wiring import Wired
from devices.bus.simulator import BusSimulator
from devices.catalog import Simulator
from devices.ports import DeviceError

S = TypeVar("S")


class NoDevice(LookupError):
    """There is no such device on this bench; the text says which there are."""


class Bench:
    """Simulators that hang on a bus are attached to it when it opens, wherever they then listen."""

    def __init__(self, wired: Sequence[Wired], camera: Camera) -> None:
        self.wired = tuple(wired)
        self.camera = camera
        self._hands = Hands()

    @property
    def simulators(self) -> tuple[Simulator, ...]:
        return tuple(each.simulator for each in self.wired)

    def open(self) -> None:
        """Every simulator listens when this returns; raises DeviceError for a port that is taken, and then none does."""
        begun: list[Simulator] = []
        try:
            for simulator in self.simulators:
                simulator.start()
                begun.append(simulator)
        except OSError as error:
            for other in begun:
                other.stop()
            raise DeviceError(
                f"{simulator.id} at {simulator.where}: {error.strerror}; stop what uses the port, or choose another"
            ) from error
        for each in self.wired:
            if each.bus:
                self.find(each.bus, BusSimulator).attach(each.simulator.where)

    def close(self) -> None:
        for simulator in self.simulators:
            simulator.stop()

    def device(self, name: str) -> Simulator:
        """By its id in the configuration, or the first of its kind. Raises NoDevice."""
        for key in ("id", "kind"):
            for simulator in self.simulators:
                if getattr(simulator, key) == name:
                    return simulator
        known = ", ".join(simulator.id for simulator in self.simulators)
        raise NoDevice(f"no device {name!r} on this bench: one of {known}")

    def find(self, name: str, what: type[S]) -> S:
        """The device `name`, or the first of this sort for "". Raises NoDevice."""
        if name and isinstance(found := self.device(name), what):
            return found
        if not name and (first := next((s for s in self.simulators if isinstance(s, what)), None)) is not None:
            return first
        raise NoDevice(f"{name or 'the device'} is not on this bench, or of another kind")

    # --- what a person does, and sees ------------------------------------------------------------------------------

    def set_fault(self, name: str, fault: str, on: bool = True, address: int = 0) -> None:
        """Raises NoDevice, ValueError. A fault of one of many (dead) strikes the first when none is named."""
        device = self.device(name)
        if fault and fault not in device.faults:
            raise ValueError(f'{device.id} has no fault {fault!r}: one of {", ".join(device.faults)}, or "" to mend it')
        if fault == "dead" and on and not address:
            address = next((int(one["address"]) for one in device.shown()), 0)
        device.set_fault(fault, on=on, address=address)

    def do(self, name: str, what: str, args: Mapping[str, Any]) -> None:
        """Raises NoDevice, ValueError (see hands.HANDS)."""
        self._hands.do(self.device(name), what, args)

    def state(self) -> dict[str, Any]:
        """`devices`, each with what it shows; under its kind's name again, what the first of each kind shows."""
        devices = [
            {
                "id": s.id,
                "kind": s.kind,
                "where": s.where,
                "faults": list(s.faults),
                "active": list(s.active()),
                "shown": self._hands.shown(s),
            }
            for s in self.simulators
        ]
        first = {device["kind"]: device["shown"] for device in reversed(devices)}
        return {
            **first,
            "devices": devices,
            "screen": {"there": self.camera.there(), "display": self.camera.display},
        }
