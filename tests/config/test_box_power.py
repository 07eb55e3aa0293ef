"""The power goes between any two system calls while the box's configuration changes: the next start finds the set that somebody
was told of, or the one that was just coming, whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kiosk.config.sets import Damaged, read_set, read_state
from kiosk.config.signed import Refused, seen
from tests.config.halls import hall
from tests.survival.disk import CALLS, Call, Disk, File, lay_out, read_trace

ROOT = Path(__file__).resolve().parents[2]
ORDER = {"": 0, **{hall(n): n for n in range(4, 9)}}


@dataclass(slots=True)
class Moved(File):
    """What stands for the new name of a folder: all that was safe under `old` is under it, at once."""

    old: str = ""


class FolderDisk(Disk):
    """A disk that knows the rename of a folder. It is there from the sync of the folder above; what was not safe in it before
    is lost."""

    def take(self, call: Call) -> bool:
        if call.name != "rename" or call.path in self.now or not call.path.startswith(self.root):
            return super().take(call)
        for name in [name for name in self.now if name.startswith(call.path + "/")]:
            self.now[call.other + name.removeprefix(call.path)] = self.now.pop(name)
        self._loose.append((call.other, Moved(old=call.path)))
        return True

    @staticmethod
    def _link(names: dict[str, File], name: str, file: File | None) -> None:
        if not isinstance(file, Moved):
            Disk._link(names, name, file)
            return
        for old in [old for old in names if old.startswith(file.old + "/")]:
            names[name + old.removeprefix(file.old)] = names.pop(old)


def traced(folder: Path, *how: str) -> list[Call]:
    folder.mkdir()
    trace = folder.with_suffix(".trace")
    options = ["-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(trace)]
    argv = [sys.executable, "-m", "tests.config.box_writer", str(folder), *how]
    done = subprocess.run(["strace", *options, *argv], cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    with trace.open() as lines:
        return list(read_trace(lines))


def replay(calls: list[Call], folder: Path) -> tuple[int, list[str]]:
    """-> (images looked at, what was wrong)."""
    disk, box, version, images = FolderDisk(str(folder)), 0, 0, 0
    wrong: list[str] = []
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as scratch:
        place = Path(scratch) / "image"
        for call in calls:
            if call.name == "write" and call.path.startswith("pipe:"):
                what, _, number = call.data.decode().strip().partition(" ")
                box, version = (int(number), version) if what == "box" else (box, int(number))
                continue
            if not disk.take(call):
                continue
            for share in (0.0, 0.3, 0.8, 1.0):
                images += 1
                lay_out(disk.after_cut(share, images), str(folder), place)
                place.mkdir(exist_ok=True)
                if fault := look(place / "data", box, version):
                    wrong.append(f"image {images}, share {share}: {fault}")
                shutil.rmtree(place)
    return images, wrong


def look(data: Path, told: int, version: int) -> str:
    try:
        good = ORDER[read_set(data, read_state(data).good).get("hall.toml", "")]
        highest = seen(data)
    except (Damaged, Refused) as error:
        return str(error)
    if good < told or good == 7:
        return f"told of {told}, found {good}"
    return "" if (highest.version if highest else 0) >= version else "an old version could come back"


def test_no_cut_leaves_half_a_configuration_or_loses_one_that_was_told(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    images, wrong = replay(traced(folder), folder)
    print(f"{images} images")
    assert images > 300
    assert not wrong, (len(wrong), wrong[:5])


def test_the_replay_would_find_a_box_that_does_not_sync(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    assert replay(traced(folder, "careless"), folder)[1]
