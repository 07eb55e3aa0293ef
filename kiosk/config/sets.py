"""What the box itself wrote: whole sets of files, and which of them counts.

DATA/box-config/<digest>/station.toml …   a set; its folder is named by the SHA-256 of what is in it, so that a set that was
                                          changed by hand or rotted is noticed
DATA/box-config/state.json                which set is good, which one was good before, which one is on trial

The law: a set is on the disk for good before the state names it, and the state changes by one rename. So whatever moment
the power goes, the state names a whole set.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.config.durable import FILES, Files, put

STATE = "state.json"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A set that is tried. `until_ms` is wall time, for people; what counts are the boot's id and its own clock, which no
    wrong date and no time server moves. `started`: a station has begun with it; a second start means the first one died."""

    set: str
    until_ms: int
    boot: str
    from_boot_ms: int
    until_boot_ms: int
    started: bool = False
    files: tuple[str, ...] = ()


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How the last trial ended that was not confirmed, so that nobody wonders where his change went. `files`: what it would have
    changed, "-name" for one that was dropped; `at_ms`: wall clock."""

    why: Literal["expired", "crashed", "refused", "rolled_back"]
    at_ms: int
    set: str
    files: tuple[str, ...] = ()


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Names of sets; "" is the base alone."""

    good: str = ""
    before: str = ""
    trial: Trial | None = None
    ended: Ended | None = None


class Damaged(Exception):
    """What lies in the folder is not what was written there; `path` is the file or folder, the text says what to do."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path, self.text = path, text


def folder_of(data: Path) -> Path:
    return data / "box-config"


def read_state(data: Path) -> State:
    """Raises Damaged."""
    path = folder_of(data) / STATE
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return State()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Damaged(
            path,
            f"cannot be read or is damaged ({error}). Remove it: the base alone counts then; the sets stay beside it.",
        ) from error


def write_state(data: Path, state: State, files: Files = FILES) -> None:
    put(folder_of(data) / STATE, msgspec.json.format(msgspec.json.encode(state)), files, 0o644)


def name_of(texts: Mapping[str, str]) -> str:
    """The name of the set with these files; "" for none."""
    if not texts:
        return ""
    told = "".join(f"{name}\0{len(text.encode())}\0{text}" for name, text in sorted(texts.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def write_set(data: Path, texts: Mapping[str, str], files: Files = FILES) -> str:
    """-> the set's name, once all of it is on the disk. PINs are among it, so only its owner reads it."""
    name = name_of(texts)
    if not name:
        return name
    folder = folder_of(data) / name
    # One that is whole may be the one in force: to write it anew would leave nothing to start with if that is cut short.
    if not _whole(data, name):
        _write_beside(folder, texts, files)
    files.sync(folder.parent)
    return name


def _whole(data: Path, name: str) -> bool:
    try:
        read_set(data, name)
    except Damaged:
        return False
    return True


def _write_beside(folder: Path, texts: Mapping[str, str], files: Files) -> None:
    """So that a folder with the name of a set holds all of it, or what damaged it before."""
    part = folder.with_name(folder.name + ".part")
    _empty(part, files)
    files.folder(part)
    for file, text in sorted(texts.items()):
        files.write(part / file, text.encode(), 0o600)
    files.sync(part)
    _empty(folder, files)  # a folder takes the place of an empty one only
    files.rename(part, folder)


def _empty(folder: Path, files: Files) -> None:
    for path in folder.iterdir() if folder.exists() else ():
        files.remove(path)


def read_set(data: Path, name: str) -> dict[str, str]:
    """File -> text; raises Damaged."""
    if not name:
        return {}
    folder = folder_of(data) / name
    try:
        texts = {path.name: path.read_bytes().decode() for path in sorted(folder.iterdir())}
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged(folder, f"cannot be read ({error}). {_BACK}") from error
    if name_of(texts) != name:
        raise Damaged(folder, f"is not what was put in force: changed by hand, or damaged. {_BACK}")
    return texts


_BACK = "Put changes in force with `kiosk config try`; `kiosk config rollback --last` goes back to the set before."


def clear(data: Path, keep: State, files: Files = FILES) -> None:
    """Sets that nothing names any more go. A reader that still looks at the state before finds the last two."""
    named = {keep.good, keep.before, keep.trial.set if keep.trial else ""}
    for folder in folder_of(data).iterdir():
        if folder.is_dir() and folder.name not in named:
            for path in folder.iterdir():
                files.remove(path)
            folder.rmdir()


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Station and shell take turns."""
    FILES.folder(folder_of(data))
    fd = os.open(folder_of(data), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
