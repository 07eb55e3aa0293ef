"""Disks that are full or have become read-only under a running station, and whole again."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from tests.survival.station import Station

SIZE = 3 * 1024 * 1024


class SmallDisk:
    """A tmpfs of 3 MiB. Where mounting is refused, a limit on the size of the station's files stands in for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "yitai-test", str(folder)]
        self.mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        self._filler = folder / "filler"

    def fill(self, station: Station) -> None:
        if not self.mounted:
            self._limit(station, (station.data / "journal.db-wal").stat().st_size)
            return
        with self._filler.open("wb", buffering=0) as file:
            for piece in (64 * 1024, 4096, 1):
                while _written(file.fileno(), piece):
                    pass

    def free(self, station: Station) -> None:
        if self.mounted:
            self._filler.unlink()
        else:
            self._limit(station, resource.RLIM_INFINITY)

    @staticmethod
    def _limit(station: Station, size: int) -> None:
        assert station.process is not None
        resource.prlimit(station.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", str(self.folder)], check=True)


def _written(fd: int, size: int) -> bool:
    try:
        return os.write(fd, bytes(size)) > 0
    except OSError:
        return False


@contextmanager
def failing_calls(station: Station, calls: str, error: str) -> Iterator[None]:
    """Every one of these system calls of the station fails with this error, as on a disk that has remounted itself
    read-only or is dying (a mount with open files cannot be made read-only from outside)."""
    assert station.process is not None
    pid = str(station.process.pid)
    argv = ["strace", "-f", "-p", pid, "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"]
    tracer = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    first = tracer.stderr.readline()
    assert "attached" in first, f"strace must work here, nothing is skipped: {first}"
    drain = Thread(target=tracer.stderr.read, daemon=True)
    drain.start()
    try:
        yield
    finally:
        tracer.terminate()
        tracer.wait(10)
        drain.join(10)
        print(f"{calls} failed with {error} for a while", file=sys.stderr)
