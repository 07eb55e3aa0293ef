"""What `test_box_power` traces: a box whose configuration changes in every way there is. What is in force by the end of each
change is written to the pipe at that moment.

    python -m tests.config.box_writer FOLDER [careless]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kiosk.config import box, signed
from kiosk.config.durable import FILES, Files
from tests.config.halls import DEMO, NOW, hall


class Careless(Files):
    """Writes without syncing: the replay must find it out."""

    def write(self, path: Path, data: bytes, mode: int) -> None:
        with path.open("wb") as file:
            file.write(data)


def tell(text: str) -> None:
    os.write(1, text.encode() + b"\n")


def work(data: Path, disk: Files) -> None:
    for n in (4, 5):
        box.put(DEMO, data, {"hall.toml": hall(n)}, disk=disk)
        tell(f"box {n}")
    box.put(DEMO, data, {"hall.toml": hall(5)}, disk=disk)  # as the wizard does after the restart
    tell("box 5")
    for n, end in ((6, "confirm"), (7, "rollback"), (8, "confirm")):
        box.try_files(DEMO, data, {"hall.toml": hall(n)}, NOW, disk=disk)
        box.settle(DEMO, data, disk=disk)
        if end == "confirm":
            box.confirm(data, disk=disk)
            tell(f"box {n}")
        else:
            box.rollback(data, disk=disk)
    head = signed.Head(version=1, stations=("*",), not_before=0, expires=0, sha256={})
    for version in (1, 2, 3):
        envelope = signed.Envelope(
            version=version, stations=head.stations, not_before=0, expires=0, sha256={}, files={}, key="", signature=""
        )
        signed.note(data, envelope, disk)
        tell(f"seen {version}")


if __name__ == "__main__":
    work(Path(sys.argv[1]) / "data", Careless() if sys.argv[2:] else FILES)
