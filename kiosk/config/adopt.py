"""Configuration that comes down from central unsigned: it lies over the box's own files, one file for another.

Only what the company decides for the hall can come this way; the box's own (devices.toml, station.toml) never does. What
does not load together with the rest is refused whole, and the one in force stays. A box that has `config_keys` takes none
of it (`kiosk.config.signed`).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from kiosk.config import Config, ConfigError, Source
from kiosk.config.durable import FILES as DISK
from kiosk.config.layers import FROM_CENTRAL, layers, load_layers, overlay

__all__ = ["FROM_CENTRAL", "adopt", "overlay"]


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
    DISK.folder(part)
    for name, text in files.items():
        DISK.write(part / name, text.encode(), 0o644)
    DISK.sync(part)
    try:
        config = load_layers(layers(base, over.parent, central={name: Source(part / name) for name in files}))
    except ConfigError:
        shutil.rmtree(part)
        raise
    # A crash between the two renames leaves the box's own files in force; central offers the command again.
    old = over.with_name(over.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if over.exists():
        over.rename(old)
    part.rename(over)
    DISK.sync(over.parent)
    shutil.rmtree(old, ignore_errors=True)
    return config
