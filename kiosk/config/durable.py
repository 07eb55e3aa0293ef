"""Writing so that a power cut leaves the old or the new, never half: file, its bytes synced, its name put in place, the
folder synced. Each step goes through `Files`, so that a test can end the world after any of them."""

from __future__ import annotations

import os
from pathlib import Path


class Files:
    """The steps a disk knows. A step that returned is done; only what was synced survives a cut."""

    def folder(self, path: Path) -> None:
        """`path` is there, and its name with it."""
        for missing in [p for p in (path, *path.parents) if not p.exists()][::-1]:
            missing.mkdir(exist_ok=True)
            self.sync(missing.parent)

    def write(self, path: Path, data: bytes, mode: int) -> None:
        """Bytes on the disk; the name is not safe before `sync` of the folder."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def sync(self, folder: Path) -> None:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


FILES = Files()


def put(path: Path, data: bytes, files: Files = FILES, mode: int = 0o600) -> None:
    """`path` holds `data` from now on, or, cut short, what it held before. Raises OSError."""
    files.folder(path.parent)
    part = path.with_name(path.name + ".part")
    files.write(part, data, mode)
    files.rename(part, path)
    files.sync(path.parent)
