"""A demo configuration in a folder of its own, and changes to it."""

from __future__ import annotations

import shutil
from pathlib import Path

from kiosk.config.boot import Boot
from kiosk.config.durable import Files

DEMO = Path(__file__).parents[2] / "config"
NOW = 1_800_000_000_000  # a wall clock, ms


def copy(folder: Path) -> Path:
    return Path(shutil.copytree(DEMO, folder))


def hall(limit: int) -> str:
    return (DEMO / "hall.toml").read_text("utf-8").replace("recall_limit = 3", f"recall_limit = {limit}")


def station(**keys: str) -> str:
    """station.toml with further keys of [central], as TOML."""
    text = (DEMO / "station.toml").read_text("utf-8")
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return text.replace("[central]\n", f"[central]\n{lines}", 1)


def small(folder: Path) -> Path:
    """A hall with one service and one counter, for tests that read it a thousand times."""
    folder.mkdir()
    name = '{ zh = "甲", en = "a" }'
    (folder / "hall.toml").write_text(small_hall(3), "utf-8")
    service = f'[[service]]\nid = "pay"\nname = {name}\nhint = {name}\nseries = "A"\nicon = "pay"\nminutes = 4\n'
    (folder / "services.toml").write_text(service, "utf-8")
    (folder / "counters.toml").write_text(f"[[counter]]\nid = 1\nname = {name}\n", "utf-8")
    for file in ("triage.toml", "devices.toml"):
        (folder / file).write_text("", "utf-8")
    (folder / "station.toml").write_text((DEMO / "station.toml").read_text("utf-8"), "utf-8")
    return folder


def small_hall(limit: int) -> str:
    name = '{ zh = "甲", en = "a" }'
    return f'[hall]\nname = {name}\nrecall_limit = {limit}\n[[class]]\nid = "ordinary"\nname = {name}\n'


class Machine:
    """A boot clock of our own."""

    def __init__(self) -> None:
        self.boot = Boot("boot-1", 5_000)

    def after(self, seconds: float) -> Boot:
        self.boot = Boot(self.boot.id, self.boot.ms + int(seconds * 1000))
        return self.boot

    def reboot(self, ms: int = 900) -> Boot:
        self.boot = Boot(self.boot.id + "+", ms)
        return self.boot


class PowerGone(BaseException):
    """The process ends here; nothing may catch it."""


class Failing(Files):
    """A disk that ends the world at its n-th step (from 0), before or after it, or fails it with an error."""

    def __init__(self, at: int, how: str) -> None:
        self.at, self.how, self.steps = at, how, 0

    def _step(self, after: bool) -> None:
        if not after:
            if self.steps == self.at and self.how == "before":
                raise PowerGone
            if self.steps == self.at and self.how == "error":
                raise OSError(28, "No space left on device")
            return
        self.steps += 1
        if self.steps - 1 == self.at and self.how == "after":
            raise PowerGone

    def write(self, path: Path, data: bytes, mode: int) -> None:
        self._step(False)
        if self.steps == self.at and self.how == "torn":
            path.write_bytes(data[: len(data) // 2])
            raise PowerGone
        super().write(path, data, mode)
        self._step(True)

    def rename(self, old: Path, new: Path) -> None:
        self._step(False)
        super().rename(old, new)
        self._step(True)

    def remove(self, path: Path) -> None:
        self._step(False)
        super().remove(path)
        self._step(True)

    def sync(self, folder: Path) -> None:
        self._step(False)
        super().sync(folder)
        self._step(True)
