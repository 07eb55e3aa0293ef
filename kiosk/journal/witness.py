"""The highest seq that was ever committed, in a small file beside the key and outside the data folder: so that a journal whose
end was cut off cleanly, as an older copy of the data folder does it, is noticed also where no central can tell.

The law: it is written after each commit, never before, so it is never ahead of what is on the disk. It is overwritten in place
and not synced: a commit keeps its one fsync, and what a power cut leaves is an older line, which is no lie. It is a second pair
of eyes and no more: where it cannot be read or written the hall opens all the same, and `kiosk doctor` says so.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Witness:
    """One line, `STORE SEQ`. Another store's line says nothing of this one and is kept under its name: `PATH.STORE`. Made by
    root, the file belongs to whom `like` (the key) belongs to: the station usually is somebody else."""

    def __init__(self, path: Path, like: Path) -> None:
        self.path = path
        self._like = like
        self._fd = -1

    def seen(self, store: str) -> int:
        """The highest seq it saw of this store; 0 when it saw none, or its line is not whole or cannot be read."""
        return max((_read(path).get(store, 0) for path in self.files(store)), default=0)

    def files(self, store: str) -> list[Path]:
        """Where a line of this store is."""
        return [path for path in (self.path, self._of(store)) if store in _read(path)]

    def others(self) -> dict[str, int]:
        """Other stores that wrote on this machine -> their highest seq; for looking only, before or after `open`."""
        found: dict[str, int] = {}
        with contextlib.suppress(OSError):
            for path in self.path.parent.glob(f"{self.path.name}.*"):
                found |= _read(path)
        return found

    def open(self, store: str, seq: int) -> None:
        """From now on it follows the journal, if the disk lets it."""
        with contextlib.suppress(OSError):
            for other, last in _read(self.path).items():
                if other != store and last > 0:
                    self.path.rename(self._of(other))
            fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._fd = fd
            if os.geteuid() == 0:
                owner = self._like.stat()
                os.fchown(fd, owner.st_uid, owner.st_gid)
            line = _line(store, seq)
            os.pwrite(fd, line, 0)
            os.ftruncate(fd, len(line))
            self._of(store).unlink(missing_ok=True)

    def saw(self, store: str, seq: int) -> None:
        """After a commit, which stands whatever becomes of this line."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.pwrite(self._fd, _line(store, seq), 0)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _of(self, store: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{store}")


def _read(path: Path) -> dict[str, int]:
    """store -> seq, of the one line that is there and whole."""
    try:
        words = path.read_bytes()[:200].decode("ascii", "replace").split()
    except OSError:
        return {}
    return {words[0]: int(words[1])} if len(words) == 2 and words[1].isdigit() and words[0].isalnum() else {}


def _line(store: str, seq: int) -> bytes:
    """Always as long, so that the new one covers the old one whole."""
    return f"{store} {seq:020d}\n".encode()
