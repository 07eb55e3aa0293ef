"""The bench's devices: each simulator behind the same few words, so that the page and the tour need not know which is
which. Numbers of papers and sounds count from 1 since the bench was started and never change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from devices.led.simulator import SignSimulator
from devices.printer.simulator import PrinterSimulator, Sheet
from devices.voice.simulator import SpeakerSimulator, Spoken

PAPERS_SHOWN = 12
SOUNDS_SHOWN = 30
TRIES = 5


class UnknownFault(ValueError):
    """A device has no such fault; the text lists those it has."""


class Part(Protocol):
    """`kind` is printer, signs or speaker; `id` what the configuration calls it."""

    id: str
    kind: str
    faults: tuple[str, ...]

    @property
    def where(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def active(self) -> tuple[str, ...]: ...

    def set_fault(self, fault: str, on: bool = True, address: int = 0) -> None:
        """ "" mends everything; raises UnknownFault."""

    def shown(self) -> Any: ...


def _check(part: Part, fault: str) -> None:
    if fault and fault not in part.faults:
        raise UnknownFault(f'{part.id} has no fault {fault!r}: one of {", ".join(part.faults)}, or "" to mend it')


@dataclass
class PrinterPart:
    simulator: PrinterSimulator
    id: str = "printer"
    kind: str = "printer"
    faults: tuple[str, ...] = ("paper_end", "paper_low", "cover_open", "cutter", "silent", "unplugged")
    taken: int = 0  # the number of the last sheet a hand took

    @property
    def where(self) -> str:
        return self.simulator.where

    def start(self) -> None:
        self.simulator.start()

    def stop(self) -> None:
        self.simulator.stop()

    def active(self) -> tuple[str, ...]:
        return self.simulator.state.faults

    def set_fault(self, fault: str, on: bool = True, address: int = 0) -> None:
        _check(self, fault)
        if not fault:
            self.simulator.clear_fault()
        elif on:
            self.simulator.set_fault(fault)
        else:
            self.simulator.clear_fault(fault)

    def sheets(self) -> dict[int, Sheet]:
        """number -> sheet, oldest first, as many as the simulator keeps."""
        for _ in range(TRIES):  # a sheet may be cut between the two looks
            last = self.simulator.state.sheets
            kept = self.simulator.sheets
            if self.simulator.state.sheets == last:
                break
        return {last - len(kept) + 1 + i: sheet for i, sheet in enumerate(kept)}

    def take(self) -> None:
        self.taken = self.simulator.state.sheets

    def shown(self) -> dict[str, Any]:
        sheets = self.sheets()
        latest = sorted(sheets, reverse=True)[:PAPERS_SHOWN]
        return {
            "presented": bool(latest) and latest[0] > self.taken,
            "papers": [
                {"n": n, "at": round(sheets[n].at * 1000), "bytes": len(sheets[n].raw), "taken": n <= self.taken}
                for n in latest
            ],
        }


@dataclass
class SignsPart:
    simulator: SignSimulator
    id: str = "signs"
    kind: str = "signs"
    faults: tuple[str, ...] = ("silent", "dead", "bad_ack", "refuse", "unplug")
    fault: str = ""
    address: int = 0

    @property
    def where(self) -> str:
        return self.simulator.where

    def start(self) -> None:
        self.simulator.start()

    def stop(self) -> None:
        self.simulator.stop()

    def active(self) -> tuple[str, ...]:
        return (self.fault,) if self.fault else ()

    def set_fault(self, fault: str, on: bool = True, address: int = 0) -> None:
        _check(self, fault)
        wanted = fault if on else ""
        if wanted == "dead" and not address:
            address = self.simulator.addresses[0]
        self.fault, self.address = wanted, address
        self.simulator.set_fault(wanted, address)

    def shown(self) -> list[dict[str, Any]]:
        blinking = self.simulator.blinking
        off = self.fault in ("silent", "dead")
        return [
            {
                "address": address,
                "text": text,
                "blink": address in blinking,
                "off": off and self.address in (0, address),
                # One that blinks or runs looks different at every moment.
                "moving": address in blinking or len(text.encode("gbk", "replace")) * 8 > self.simulator.columns,
            }
            for address, text in self.simulator.showing.items()
        ]


@dataclass
class SpeakerPart:
    simulator: SpeakerSimulator
    id: str = "voice"
    kind: str = "speaker"
    faults: tuple[str, ...] = ("silent", "refuse", "cut", "unplug")
    fault: str = ""
    heard: int = 0  # sounds that have begun so far
    last: Spoken | None = None

    @property
    def where(self) -> str:
        return self.simulator.where

    def start(self) -> None:
        self.simulator.start()

    def stop(self) -> None:
        self.simulator.stop()

    def active(self) -> tuple[str, ...]:
        return (self.fault,) if self.fault else ()

    def set_fault(self, fault: str, on: bool = True, address: int = 0) -> None:
        _check(self, fault)
        self.fault = fault if on else ""
        self.simulator.set_fault(self.fault)

    def sounds(self) -> dict[int, Spoken]:
        """number -> sound, oldest first, as many as the simulator keeps."""
        kept = self.simulator.spoken
        known = next((i for i, sound in enumerate(kept) if sound is self.last), -1)
        self.heard += len(kept) - 1 - known
        self.last = kept[-1] if kept else None
        return {self.heard - len(kept) + 1 + i: sound for i, sound in enumerate(kept)}

    def shown(self) -> list[dict[str, Any]]:
        sounds = self.sounds()
        return [
            {"n": n, "text": sounds[n].text, "seconds": round(sounds[n].seconds, 1), "at": round(sounds[n].at * 1000)}
            for n in sorted(sounds, reverse=True)[:SOUNDS_SHOWN]
        ]
