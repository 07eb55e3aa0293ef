"""Sounds on disk by what they say and who says it. Bounded: the least recently used go first."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from pathlib import Path

from devices.voice import sound


class SoundCache:
    """One file a sentence in `folder`; at most `limit_bytes`."""

    def __init__(self, folder: Path, limit_bytes: int = 64 * 1024 * 1024) -> None:
        self._folder, self._limit = folder, limit_bytes

    def path(self, backend: str, voice: str, rate: int, text: str) -> Path:
        key = "\x00".join((backend, voice, str(rate), text)).encode()
        return self._folder / f"{hashlib.sha256(key).hexdigest()[:32]}.wav"

    def get(self, path: Path) -> sound.Samples[int] | None:
        """None if it is not there, or is no longer a sound: then it is removed."""
        try:
            samples = sound.from_wav(path.read_bytes())
        except OSError:
            return None
        except sound.BadSound:
            with contextlib.suppress(OSError):  # a disk that cannot be written: it is looked at, and refused, each time
                path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):  # then it only looks older than it is
            os.utime(path)
        return samples

    def put(self, path: Path, samples: sound.Samples[int], says: str) -> None:
        """Whole or not at all: a power cut leaves no half sound. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{threading.get_ident()}.part")
        try:
            half.write_bytes(sound.to_wav(samples, says))
            half.replace(path)
        except OSError:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                half.unlink(missing_ok=True)
            raise
        self._shrink()

    def _shrink(self) -> None:
        files = sorted(((f.stat().st_mtime_ns, f.stat().st_size, f) for f in self._folder.glob("*.wav")), reverse=True)
        total = 0
        for _, size, file in files:
            total += size
            if total > self._limit:
                file.unlink(missing_ok=True)
