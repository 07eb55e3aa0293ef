"""A USB stick on this box: where it is mounted, and writing one file to it so that it may be pulled out afterwards."""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/mounts")
PLACES = ("/media/", "/run/media/")
FILE_SYSTEMS = frozenset({"vfat", "exfat", "ntfs", "ntfs3", "fuseblk", "ext2", "ext3", "ext4"})


def find(mounts: Path = MOUNTS, places: tuple[str, ...] = PLACES) -> str:
    """The mount point of the first stick that can be written to; "" if there is none."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        parts = line.split(" ")
        if len(parts) < 4:
            continue
        folder = parts[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        if not folder.startswith(places) or parts[2] not in FILE_SYSTEMS or "rw" not in parts[3].split(","):
            continue
        if os.access(folder, os.W_OK):
            return folder
    return ""


def write(folder: str, name: str, data: bytes) -> None:
    """The whole file or none; on the stick when this returns. Raises OSError."""
    target = Path(folder) / name
    part = target.with_name(f"{name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
