"""A disk that can lose its power: what a traced run wrote, and what of it is there after a cut.

The law of the cut: what was synced is there. Of what was not, each 512-byte sector is there or not, in any combination
and order; a truncation likewise. Names (created, renamed, removed) are there from the sync of their folder on; of later
ones a prefix is there, since file systems keep their order.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,rename,unlink"


@dataclass(frozen=True, slots=True)
class Call:
    """One finished system call: descriptors come with their paths (strace -y)."""

    name: str
    path: str
    data: bytes = b""
    number: int = 0  # offset or length
    flags: str = ""
    other: str = ""  # where a rename leads


_STRING = r'"((?:\\x[0-9a-f]{2})*)"'
_FD = r"\d+<((?:\\x[0-9a-f]{2}|[^>])*)>"
_SHAPES = {
    "openat": re.compile(rf"openat\([^,]+, {_STRING}, ([A-Z_|]+)"),
    "pwrite64": re.compile(rf"pwrite64\({_FD}, {_STRING}, \d+, (\d+)"),
    "write": re.compile(rf"write\({_FD}, {_STRING}, \d+"),
    "fsync": re.compile(rf"fsync\({_FD}"),
    "fdatasync": re.compile(rf"fdatasync\({_FD}"),
    "ftruncate": re.compile(rf"ftruncate\({_FD}, (\d+)"),
    "rename": re.compile(rf"rename\({_STRING}, {_STRING}"),
    "unlink": re.compile(rf"unlink\({_STRING}"),
}


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", "")) if text.startswith("\\x") else text.encode()


def read_trace(lines: Iterable[str]) -> Iterator[Call]:
    """`strace -f -y -xx` -> the calls that worked, each when it returned."""
    begun: dict[str, str] = {}
    for line in lines:
        pid, _, said = line.strip().partition(" ")
        said = said.lstrip()
        if said.endswith("<unfinished ...>"):
            begun[pid] = said.removesuffix("<unfinished ...>").rstrip()
            continue
        if said.startswith("<..."):
            said = begun.pop(pid, "") + said.partition("resumed>")[2]
        name = said.partition("(")[0]
        shape = _SHAPES.get(name)
        if shape is None or re.search(r"= -\d", said):
            continue
        match = shape.match(said)
        if match is None:
            raise AssertionError(f"strace said something new: {said[:200]}")
        yield _call(name, match)


def _call(name: str, match: re.Match[str]) -> Call:
    path = _plain(match[1]).decode(errors="replace")
    if name == "openat":
        return Call(name, path, flags=match[2])
    if name in ("pwrite64", "write"):
        return Call(name, path, _plain(match[2]), int(match[3]) if name == "pwrite64" else 0)
    if name == "ftruncate":
        return Call(name, path, number=int(match[2]))
    if name == "rename":
        return Call(name, path, other=_plain(match[2]).decode())
    return Call(name, path)


@dataclass(slots=True)
class File:
    safe: bytearray = field(default_factory=bytearray)
    loose: list[tuple[int, bytes | None]] = field(default_factory=list)  # (offset, data) or (length, None)
    end: int = 0  # where the next plain write goes

    def sync(self) -> None:
        for at, data in self.loose:
            _put(self.safe, at, data)
        self.loose.clear()

    def after_cut(self, keep: Keep) -> bytes:
        image = bytearray(self.safe)
        for at, data in self.loose:
            if data is None:
                if keep():
                    _put(image, at, None)
                continue
            for start, end in _sectors(at, len(data)):
                if keep():
                    _put(image, start, data[start - at : end - at])
        return bytes(image)


def _sectors(at: int, length: int) -> Iterator[tuple[int, int]]:
    """The part of a write that falls into each sector, as (first byte, end)."""
    start = at
    while start < at + length:
        end = min(at + length, (start // SECTOR + 1) * SECTOR)
        yield start, end
        start = end


def _put(image: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        del image[at:]
        image.extend(bytes(at - len(image)))
        return
    if len(image) < at:
        image.extend(bytes(at - len(image)))
    image[at : at + len(data)] = data


class Keep:
    """Which of the loose sectors are there: share 0 none, 1 all, between: thrown."""

    def __init__(self, share: float, seed: int = 0) -> None:
        self._share, self._rng = share, random.Random(seed)

    def __call__(self) -> bool:
        return self._rng.random() < self._share


class Disk:
    """Only what lies below `root`."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.now: dict[str, File] = {}
        self._safe: dict[str, File] = {}
        self._loose: list[tuple[str, File | None]] = []  # path -> file, or gone

    def take(self, call: Call) -> bool:
        """-> whether it changed anything a cut could show."""
        if not call.path.startswith(self.root) or call.path.endswith("-shm"):
            return False
        if call.name == "openat":
            return self._open(call)
        if call.name in ("fsync", "fdatasync"):
            return self._sync(call.path)
        if call.name == "rename":
            file = self.now.pop(call.path)
            self.now[call.other] = file
            self._loose += [(call.other, file), (call.path, None)]
        elif call.name == "unlink":
            self.now.pop(call.path, None)
            self._loose.append((call.path, None))
        elif call.name == "ftruncate":
            self.now[call.path].loose.append((call.number, None))
        else:
            file = self.now[call.path]
            at = call.number if call.name == "pwrite64" else file.end
            file.loose.append((at, call.data))
            file.end = at + len(call.data)
        return True

    def _open(self, call: Call) -> bool:
        if "O_CREAT" in call.flags and call.path not in self.now:
            self.now[call.path] = File()
            self._loose.append((call.path, self.now[call.path]))
            return True
        if "O_TRUNC" in call.flags and call.path in self.now:
            self.now[call.path].loose.append((0, None))
            self.now[call.path].end = 0
            return True
        return False

    def _sync(self, path: str) -> bool:
        if path in self.now:
            self.now[path].sync()
            return True
        rest = []
        for name, file in self._loose:
            if name.rpartition("/")[0] == path.rstrip("/"):
                self._link(self._safe, name, file)
            else:
                rest.append((name, file))
        self._loose = rest
        return True

    @staticmethod
    def _link(names: dict[str, File], name: str, file: File | None) -> None:
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file

    def after_cut(self, share: float, seed: int = 0) -> dict[str, bytes]:
        """Path -> bytes, as the next start finds them."""
        keep = Keep(share, seed)
        names = dict(self._safe)
        kept = len(self._loose) if share == 1 else random.Random(seed).randint(0, len(self._loose)) if share else 0
        for name, file in self._loose[:kept]:
            self._link(names, name, file)
        return {name: file.after_cut(keep) for name, file in names.items()}


def lay_out(image: dict[str, bytes], root: str, place: Path) -> None:
    """The image as files below `place` instead of `root`."""
    for name, data in image.items():
        path = place / name.removeprefix(root).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
