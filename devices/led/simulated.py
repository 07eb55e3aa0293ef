"""A line of simulated signs as the catalog and the bench want it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from devices.catalog import Site
from devices.led.codec import SignCodec
from devices.led.simulator import SignSimulator

ROW_DOTS = 16


def place(where: str) -> tuple[str, int]:
    """host and port of tcp://host:port; ("", 0) for "pty:"."""
    url = urlsplit(where)
    return (url.hostname or "127.0.0.1", url.port or 0) if url.scheme == "tcp" else ("", 0)


class SimulatedSigns:
    """A `catalog.Simulator`. It is every sign that is spoken to."""

    kind = "signs"

    def __init__(self, site: Site, codec: SignCodec, columns: int = 128) -> None:
        host, port = place(site.where)
        self.id = site.id
        self.simulator = SignSimulator(host, port, codec, addresses=(), columns=columns, rows=ROW_DOTS)
        self.faults = self.simulator.faults
        self._fault, self._address = "", 0

    @property
    def where(self) -> str:
        return self.simulator.where

    def start(self) -> None:
        self.simulator.start()

    def stop(self) -> None:
        self.simulator.stop()

    def active(self) -> tuple[str, ...]:
        return (self._fault,) if self._fault else ()

    def set_fault(self, fault: str, on: bool = True, address: int = 0) -> None:
        wanted = fault if on else ""
        self.simulator.set_fault(wanted, address)
        self._fault, self._address = wanted, address

    def shown(self) -> list[dict[str, Any]]:
        """Each sign: address, text (a hall sign's rows as lines), blink, off, moving, level (None = never told)."""
        signs, blinking, levels = self.simulator, self.simulator.blinking, self.simulator.levels
        off = self._fault in ("silent", "dead")
        return [
            {
                "address": address,
                "text": text,
                "blink": address in blinking,
                "off": off and self._address in (0, address),
                # One that blinks or runs looks different at every moment.
                "moving": address in blinking
                or any(len(row.encode("gbk", "replace")) * ROW_DOTS // 2 > signs.columns for row in text.split("\n")),
                "level": levels.get(address),
            }
            for address, text in signs.showing.items()
        ]
