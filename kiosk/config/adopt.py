"""Configuration that comes down from central: it lays over the box's own files, one file for another.

Only what the company decides for the hall can come this way; the box's own (devices.toml, station.toml) never does. What
does not load together with the rest is refused whole, and the one in force stays.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kiosk.config import Config, ConfigError, load

FROM_CENTRAL = ("hall.toml", "services.toml", "counters.toml", "triage.toml")


def overlay(data: Path) -> Path:
    """Where a station keeps what central sent."""
    return data / "central-config"


def adopt(base: Path, over: Path, files: dict[str, str]) -> Config | None:
    """Puts `files` in force from the next start; None when they are in force already. Raises ConfigError with every
    mistake, ValueError for a file that may not come this way; then nothing has changed."""
    for name in files:
        if name not in FROM_CENTRAL:
            raise ValueError(f"{name} belongs to the box: only {', '.join(FROM_CENTRAL)} come from central")
    if over.is_dir() and {p.name: p.read_text("utf-8") for p in over.iterdir()} == files:
        return None
    part = over.with_name(over.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name, text in files.items():
        with (part / name).open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    try:
        config = load(base, part)
    except ConfigError:
        shutil.rmtree(part)
        raise
    # A crash between the two renames leaves the box's own files in force; central offers the command again.
    old = over.with_name(over.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if over.exists():
        over.rename(old)
    part.rename(over)
    fd = os.open(over.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    shutil.rmtree(old, ignore_errors=True)
    return config
