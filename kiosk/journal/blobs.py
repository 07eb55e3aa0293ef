"""Photos and signatures: files named by their SHA-256, on disk for good before any fact names them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from kiosk.journal.store import fsync_folder

QUOTA = 2 * 1024**3
LARGEST = 8 * 1024**2


class BlobRefused(Exception):
    """Too large, or the quota is used up; the text says how to mend it."""


class Blobs:
    def __init__(self, folder: Path, quota: int = QUOTA) -> None:
        self.folder = folder
        self.quota = quota

    def put(self, data: bytes) -> str:
        """-> SHA-256 hex; the same bytes twice are one file."""
        if len(data) > LARGEST:
            raise BlobRefused(f"the file has {len(data)} bytes, at most {LARGEST} are taken: make the picture smaller.")
        name = hashlib.sha256(data).hexdigest()
        path = self.folder / name
        if path.exists():
            return name
        self.folder.mkdir(parents=True, exist_ok=True)
        if sum(f.stat().st_size for f in self.folder.iterdir()) + len(data) > self.quota:
            raise BlobRefused(
                f"{self.folder} has reached its {self.quota} bytes: let sync catch up, or raise the quota."
            )
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        fsync_folder(self.folder)
        return name

    def get(self, name: str) -> bytes:
        """Raises FileNotFoundError; a file whose bytes are not its name's raises BlobRefused."""
        data = (self.folder / name).read_bytes()
        if hashlib.sha256(data).hexdigest() != name:
            raise BlobRefused(f"{self.folder / name} is damaged: fetch it from central again.")
        return data
