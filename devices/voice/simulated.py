"""A simulated network speaker as the catalog and the bench want it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from devices.catalog import Fronted, Site
from devices.ports import DeviceError
from devices.voice.simulator import SpeakerSimulator

SHOWN = 30


class SimulatedSpeaker(Fronted[SpeakerSimulator]):
    """At tcp://127.0.0.1:port (0 = any). DeviceError for another line: a card has no other end."""

    kind = "speaker"

    def __init__(self, site: Site, speed: float = 1.0) -> None:
        url = urlsplit(site.where)
        if url.scheme != "tcp":
            raise DeviceError(
                f"{site.where}: a speaker is simulated at tcp:// only 只能模拟网络音箱; say tcp://127.0.0.1:0"
            )
        super().__init__(site.id, SpeakerSimulator(url.hostname or "127.0.0.1", url.port or 0, speed))

    def shown(self) -> list[dict[str, Any]]:
        """Each sound, the latest first: n (from 1), text, seconds, at (Unix ms)."""
        spoken, last = self.simulator.spoken, self.simulator.heard
        return [
            {"n": last - back, "text": one.text, "seconds": round(one.seconds, 1), "at": round(one.at * 1000)}
            for back, one in enumerate(reversed(spoken[-SHOWN:]))
        ]
