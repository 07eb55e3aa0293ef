"""Volumes and brightness that a technician set: DATA/tuning.json, device -> what -> 0 to 100. A plain file and not a layer of
the configuration: a level takes effect at once and needs neither a check nor a restart. It stands until the station's own hours
(`[[device.hours]]`) change the level next; a device that has such hours takes theirs after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from kiosk.config.durable import put

Levels = dict[str, Annotated[int, msgspec.Meta(ge=0, le=100)]]
_decode = msgspec.json.Decoder(dict[str, Levels]).decode


class Tuning:
    def __init__(self, data: Path) -> None:
        self._path = data / "tuning.json"

    def read(self) -> dict[str, dict[str, int]]:
        """What cannot be read is as if never set: the levels of the configuration hold."""
        try:
            return _decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return {}

    def write(self, id: str, what: str, level: int) -> None:
        """Durable when it returns; raises OSError."""
        tuned = self.read()
        tuned.setdefault(id, {})[what] = level
        put(self._path, msgspec.json.format(msgspec.json.encode(tuned)))
