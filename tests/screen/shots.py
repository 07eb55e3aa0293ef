"""`python -m tests.screen.shots DIR [WxH DIAGONAL [NAME [big|low]…]]`: a picture of every scene in both languages."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("KIVY_HOME", tempfile.mkdtemp(prefix="yitai-kivy-"))
os.environ["SDL_VIDEODRIVER"] = "offscreen"


def main(folder: Path, width: int, height: int, diagonal: float, only: str = "", ways: tuple[str, ...] = ()) -> None:
    from kiosk.screen import window as setup

    folder.mkdir(parents=True, exist_ok=True)
    setup.prepare(width, height)
    opened = setup.open_window()
    from kivy.base import EventLoop

    from kiosk.flows.seen import Lang, Timing
    from kiosk.screen.theme import Sheet
    from tests.screen.scenes import scenes
    from tests.screen.stage import Stage

    EventLoop.ensure_window()
    EventLoop.start()
    stage = Stage(opened, Sheet(width, height, diagonal))
    panel = Timing(width=width, height=height, diagonal_inch=diagonal)
    langs: tuple[Lang, ...] = ("zh", "en")
    for lang in langs:
        for scene in scenes(lang, panel, big="big" in ways, low="low" in ways):
            if only in scene.name:
                stage.show(scene.view)
                stage.pixels().save(folder / f"{scene.name}.png", compress_level=1)
    EventLoop.close()


if __name__ == "__main__":
    size = sys.argv[2].split("x") if len(sys.argv) > 2 else ["1080", "1920"]
    main(
        Path(sys.argv[1]),
        int(size[0]),
        int(size[1]),
        float(sys.argv[3]) if len(sys.argv) > 3 else 21.5,
        sys.argv[4] if len(sys.argv) > 4 else "",
        tuple(sys.argv[5:]),
    )
