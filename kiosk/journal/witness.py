"""The highest seq that was ever committed, in a small file beside the key and outside the data folder: so that a journal whose
end was cut off cleanly, as an older copy of the data folder does it, is noticed also where no central can tell.

The law: it is written after each commit, never before, so it is never ahead of what is on the disk. It is overwritten in place
and not synced: a commit keeps its one fsync, and what a power cut leaves is an older line, which is no lie.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Witness:
    """One line, `STORE SEQ`: another store's says nothing of this one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    def seen(self, store: str) -> int:
        """The highest seq it saw of this store; 0 when it saw none, or its line is not whole. Raises OSError."""
        try:
            words = self.path.read_bytes()[:200].decode("ascii", "replace").split()
        except FileNotFoundError:
            return 0
        return int(words[1]) if len(words) == 2 and words[0] == store and words[1].isdigit() else 0

    def open(self, store: str, seq: int) -> None:
        """From now on it follows the journal. Raises OSError."""
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.pwrite(self._fd, _line(store, seq), 0)

    def saw(self, store: str, seq: int) -> None:
        """After a commit, which stands whatever becomes of this line: a disk that cannot take it tells the next commit so."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.pwrite(self._fd, _line(store, seq), 0)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _line(store: str, seq: int) -> bytes:
    """Always as long, so that the new one covers the old one whole."""
    return f"{store} {seq:020d}\n".encode()
