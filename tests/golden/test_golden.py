"""The journal of each release folds for ever, to the very hall it folded to then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

import kiosk
from kiosk.domain import facts as f
from kiosk.domain.fold import apply
from kiosk.domain.hall import Hall
from kiosk.journal.store import Journal
from tests.golden.make import HERE, STORE, plain, plan_of

RELEASES = sorted(path.parent.name for path in HERE.glob("*/journal.db"))


def opened(release: str, folder: Path) -> Journal:
    (folder / "data").mkdir()
    shutil.copyfile(HERE / release / "journal.db", folder / "data" / "journal.db")
    shutil.copyfile(HERE / release / "journal.key", folder / "journal.key")
    journal = Journal(folder / "data", folder / "journal.key")
    journal.open()
    return journal


def holds(new: object, old: object) -> bool:
    """Whether all that `old` says is still said; objects may have got more fields."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and holds(new[key], value) for key, value in old.items())
    return new == old


def test_this_release_has_its_golden_journal() -> None:
    assert kiosk.__version__ in RELEASES, "run `python -m tests.golden.make` once for each release"


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("start", ["first fact", "last day"])
def test_a_golden_journal_folds_to_the_same_hall(release: str, start: str, tmp_path: Path) -> None:
    journal = opened(release, tmp_path)
    hall = Hall(plan_of(HERE / release))
    for recorded in journal.facts() if start == "first fact" else journal.open_day():
        apply(hall, recorded)
    expected = json.loads((HERE / release / "fold.json").read_bytes())
    assert json.loads(msgspec.json.encode(plain(hall))) == expected
    journal.close()


@pytest.mark.parametrize("release", RELEASES)
def test_its_bytes_are_read_and_written_alike(release: str, tmp_path: Path) -> None:
    """A later release may add fields with defaults; what was said in the old ones stays said."""
    journal = opened(release, tmp_path)
    assert journal.store == STORE
    row = journal.command("golden")
    assert row is not None
    assert row.answer == b'{"number":"A001"}'
    kinds = set()
    for recorded, (kind, body) in zip(
        journal.facts(), journal.conn.execute("SELECT kind, body FROM facts ORDER BY seq").fetchall(), strict=True
    ):
        assert not isinstance(recorded.fact, f.Unknown), f"{kind} is not known any more"
        assert holds(json.loads(f.encode(recorded.fact)[1]), json.loads(body)), f"fact {recorded.seq} ({kind})"
        kinds.add(kind)
    assert len(kinds) >= 29
    journal.close()
