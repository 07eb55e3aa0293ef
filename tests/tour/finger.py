"""The customer: a finger on the real window (xdotool), eyes on the real display (a screenshot of it).

Where to touch comes from what the screen says it shows (`YITAI_SCREEN_DUMP`); that it really happened is read from the
same place afterwards, and the picture is judged by its pixels in `pictures`.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

from tests.tour.report import Failed, wait_for

BETWEEN_S = 0.6  # between two touches: a person is no faster, and the screen takes faster ones for one
MOVING = 0.01  # of the picture: a bar that runs down may move, a page may not


@dataclass(frozen=True)
class Item:
    """Something on the screen: `rect` is (x, y, width, height) in pixels from the window's top left."""

    id: str
    kind: str  # press, words, icon, code
    text: str
    rect: tuple[int, int, int, int]


@dataclass(frozen=True)
class Seen:
    """One rendering of the screen."""

    place: str
    lang: str
    seq: int
    items: tuple[Item, ...]

    def texts(self) -> list[str]:
        return [item.text for item in self.items if item.kind == "words"]

    def item(self, id: str) -> Item | None:
        return next((item for item in self.items if item.id == id), None)


class Finger:
    def __init__(self, display: str, dump: Path, folder: Path) -> None:
        self.env = {**os.environ, "DISPLAY": display}
        self.dump = dump
        self.folder = folder
        self.touched_at = 0.0

    def seen(self) -> Seen | None:
        """What the screen shows now; None before its first rendering, or while it is being written."""
        try:
            raw = json.loads((self.dump / "state.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        items = []
        for item in raw["items"]:
            x, y, width, height = (round(value) for value in item["rect"])
            items.append(Item(item["id"], item["kind"], item["text"], (x, y, width, height)))
        return Seen(raw["step"], raw["lang"], raw["seq"], tuple(items))

    def wait(self, place: str, lang: str = "", deadline_s: float = 10.0) -> Seen:
        last: list[Seen] = []

        def look() -> Seen | None:
            seen = self.seen()
            last[:] = [seen] if seen else []
            return seen if seen and seen.place == place and lang in ("", seen.lang) else None

        try:
            return wait_for(look, f"the screen to show {place!r}", deadline_s)
        except Failed as error:
            shown = f"{last[0].place!r} with {last[0].texts()}" if last else "nothing at all"
            raise Failed(f"{error}; it showed {shown}") from None

    def touch(self, id: str) -> None:
        """Presses the middle of the item, as a mouse does; raises Failed when it is not on the screen."""
        seen = self.seen()
        item = seen.item(id) if seen else None
        if seen is None or item is None:
            there = [item.id for item in seen.items] if seen else []
            raise Failed(f"there is no {id!r} to touch; there are {there}")
        x, y, width, height = item.rect
        threading.Event().wait(max(0.0, self.touched_at + BETWEEN_S - time.monotonic()))
        self.touched_at = time.monotonic()
        where = [str(x + width // 2), str(y + height // 2)]
        subprocess.run(["xdotool", "mousemove", *where, "click", "1"], env=self.env, check=True, timeout=10)

    def look(self, name: str) -> tuple[Path, Seen]:
        """A picture of the display as it is, kept as screen-<name>.png, with what should be on it."""
        path = self.folder / f"screen-{name}.png"

        def steady() -> Seen | None:
            # What the screen says it shows reaches the glass one frame later: the second picture is that one.
            before = self.seen()
            first, second = self._shoot(path), self._shoot(path)
            after = self.seen()
            if before is None or after is None or before.items != after.items:
                return None
            return after if changed(first, second) <= MOVING else None

        seen = wait_for(steady, "a screen that stands still for a picture", 20.0)
        return path, seen

    def _shoot(self, path: Path) -> Image.Image:
        subprocess.run(["import", "-window", "root", str(path)], env=self.env, check=True, timeout=20)
        with Image.open(path) as opened:
            return opened.convert("L")


def changed(first: Image.Image, second: Image.Image) -> float:
    """The part of a picture that differs, 0 to 1."""
    same = ImageChops.difference(first, second).histogram()[0]
    return 1 - same / (first.width * first.height)
