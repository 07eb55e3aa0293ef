"""What is on the screen, for a tour or a field tech: DIR/state.json, written after every picture, in one rename.

    {"step", "lang", "seq", "width", "height", "items": [{"id", "kind", "rect": [x, y, w, h], "text"}]}

`step` is the place: the step of the visit, or "offline", "still_there", "staff", "broken"; the tech's are "tech-…". Pixels
with the origin at the top left, as xdotool and a screenshot count them. `id` names what can be pressed now; words and codes
have "". What lies under a cover is not listed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
from kivy.uix.widget import Widget

from kiosk.flows.pages import ViewModel
from kiosk.flows.tech.pages import TechView
from kiosk.screen.widgets import Press, QrCode, Words


def items(root: Widget, height: int) -> list[dict[str, Any]]:
    """Every thing to press, text and code under `root`, from the lowest layer to the topmost."""
    found = []
    for widget in root.walk():
        rect = [round(widget.x), round(height - widget.top), round(widget.width), round(widget.height)]
        if isinstance(widget, Press):
            words = " ".join(w.said for w in widget.walk(restrict=True) if isinstance(w, Words))
            found.append({"id": widget.test_id, "kind": "press", "rect": rect, "text": words})
        elif isinstance(widget, Words):
            found.append({"id": "", "kind": "words", "rect": rect, "text": widget.said})
        elif isinstance(widget, QrCode):
            found.append({"id": "", "kind": "code", "rect": rect, "text": "", "data": widget.data})
    return found


class Dump:
    """Writes to `folder`; made only if YITAI_SCREEN_DUMP names one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seq = 0

    def write(self, root: Widget, view: ViewModel | TechView, width: int, height: int) -> None:
        self.seq += 1
        top = root.children[0] if view.cover is not None else root
        state = {
            "step": view.place, "lang": view.lang, "seq": self.seq, "width": width, "height": height,
            "items": items(top, height),
        }  # fmt: skip
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / "state.json.part"
        part.write_bytes(msgspec.json.encode(state))
        part.replace(self.folder / "state.json")


def from_environment() -> Dump | None:
    folder = os.environ.get("YITAI_SCREEN_DUMP", "")
    return Dump(Path(folder)) if folder else None
