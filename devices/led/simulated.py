"""A line of simulated signs as the catalog and the bench want it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from devices.catalog import Fronted, Site
from devices.led.codec import SignCodec
from devices.led.simulator import SignSimulator

ROW_DOTS = 16


def place(where: str) -> tuple[str, int]:
    """host and port of tcp://host:port; ("", 0) for "pty:"."""
    url = urlsplit(where)
    return (url.hostname or "127.0.0.1", url.port or 0) if url.scheme == "tcp" else ("", 0)


class SimulatedSigns(Fronted[SignSimulator]):
    """It is every sign that is spoken to."""

    kind = "signs"

    def __init__(self, site: Site, codec: SignCodec, columns: int = 128) -> None:
        host, port = place(site.where)
        super().__init__(site.id, SignSimulator(host, port, codec, addresses=(), columns=columns, rows=ROW_DOTS))

    def shown(self) -> list[dict[str, Any]]:
        """Each sign: address, text (a hall sign's rows as lines), blink, off, moving, level (None = never told)."""
        signs, blinking, levels = self.simulator, self.simulator.blinking, self.simulator.levels
        return [
            {
                "address": address,
                "text": text,
                "blink": address in blinking,
                "off": signs.off(address),
                # One that blinks or runs looks different at every moment.
                "moving": address in blinking
                or any(len(row.encode("gbk", "replace")) * ROW_DOTS // 2 > signs.columns for row in text.split("\n")),
                "level": levels.get(address),
            }
            for address, text in signs.showing.items()
        ]
