"""The power goes between any two system calls of a traced run, and un-synced sectors are lost, torn or reordered.

Every durable file of a station is in it: journal, its log, its key, a secret file, blobs. After each cut the real
Journal opens what is left: every fact, answer and blob that somebody was told of must be there, and nothing damaged. A
secret file is whole or absent: then the next start makes a new one, and people log in again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.journal.blobs import Blobs
from kiosk.journal.store import CutOff, Journal, JournalError
from tests.survival.disk import CALLS, Call, Disk, lay_out, read_trace
from tests.survival.writer import SECRET

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Told:
    """What people and programs had been told of when the power went."""

    seq: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    blobs: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        said = json.loads(line)
        self.seq = max(self.seq, said.get("seq", 0))
        if "blob" in said:
            self.blobs.append(said["blob"])
        if "key" in said:
            self.answers[said["key"]] = said["answer"]


@dataclass
class Tally:
    points: int = 0
    images: int = 0
    damaged: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def traced_run(folder: Path, synchronous: str, bursts: int) -> list[Call]:
    folder.mkdir()
    trace = folder.with_suffix(".trace")
    options = ["-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(trace)]
    argv = [sys.executable, "-m", "tests.survival.writer", str(folder), synchronous, str(bursts)]
    done = subprocess.run(["strace", *options, *argv], cwd=ROOT, capture_output=True, check=False, timeout=100)
    assert done.returncode == 0, f"strace must work here, nothing is skipped: {done.stderr.decode()[-2000:]}"
    with trace.open() as lines:
        return list(read_trace(lines))


def cuts(calls: list[Call], folder: Path) -> Iterator[tuple[Disk, Told]]:
    """After each call that changed something: the disk and what had been told."""
    disk, told = Disk(str(folder)), Told()
    for call in calls:
        if call.name == "write" and call.path.startswith("pipe:"):
            for line in call.data.decode().splitlines():
                told.hear(line)
        elif disk.take(call):
            yield disk, told


def replay(calls: list[Call], folder: Path, shares: tuple[float, ...]) -> Tally:
    tally = Tally()
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as scratch:
        for disk, told in cuts(calls, folder):
            tally.points += 1
            for share in shares:
                place = Path(scratch) / "image"
                lay_out(disk.after_cut(share, tally.images), str(folder), place)
                place.mkdir(exist_ok=True)
                look(place, told, tally)
                shutil.rmtree(place)
    return tally


def look(place: Path, told: Told, tally: Tally) -> None:
    tally.images += 1
    here = f"cut {tally.points}"
    journal = Journal(place / "data", place / "data.key")
    try:
        journal.open()
        facts = sum(1 for _ in journal.facts())
        answers = {key: journal.command(key) for key in [*told.answers][-12:]}
    except CutOff as error:
        tally.lost.append(f"{here}: {error}")
        return
    except JournalError as error:
        tally.damaged.append(f"{here}: {error}")
        return
    finally:
        journal.close()
    if facts < told.seq:
        tally.lost.append(f"{here}: {told.seq} facts were told of, {facts} are there")
    for key, row in answers.items():
        if row is None or row.answer.decode() != told.answers[key]:
            tally.lost.append(f"{here}: the answer to {key}")
    for blob in told.blobs[-2:]:
        try:
            Blobs(place / "data" / "blobs").get(blob)
        except FileNotFoundError:
            tally.lost.append(f"{here}: blob {blob}")
    token = place / "data" / "screen.token"
    if token.exists() and token.read_text() != SECRET:
        tally.damaged.append(f"{here}: the screen's token")  # absent is well: the next start makes another


@pytest.mark.timeout(150)
def test_no_cut_loses_what_was_told(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    calls = traced_run(folder, "FULL", 70)
    tally = replay(calls, folder, (0.0, 0.3, 0.8))
    print(f"{len(calls)} calls, {tally.points} cuts, {tally.images} images")
    assert tally.points > 600
    assert not tally.damaged, tally.damaged[:3]
    assert not tally.lost, (len(tally.lost), tally.lost[:5])
    assert any(c.name == "pwrite64" and c.path.endswith("journal.db") for c in calls), "checkpoints were in it"


def test_the_replay_would_find_a_journal_that_does_not_sync_each_commit(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    tally = replay(traced_run(folder, "NORMAL", 12), folder, (0.0,))
    assert tally.lost
