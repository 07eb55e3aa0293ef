"""`kiosk doctor`: every check of a box with its remedy, on one page; the exit status is the number of things to mend."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kiosk.config import ConfigError, load
from kiosk.config.adopt import overlay
from kiosk.domain.hall import Hall, apply
from kiosk.domain.ticket import IllegalFact
from kiosk.journal.store import Damaged, Journal, JournalError

LOW_DISK = 500 * 1024 * 1024


class Finding(NamedTuple):
    good: bool
    what: str


def main(args: argparse.Namespace) -> int:
    findings = list(look(args.config, Path(args.data).resolve()))
    for finding in findings:
        print("good " if finding.good else "MEND ", finding.what)
    return min(99, sum(not f.good for f in findings))


def look(config: Path, data: Path) -> Iterator[Finding]:
    plan = None
    try:
        plan = load(config, overlay(data)).plan
        yield Finding(True, f"configuration {config}")
    except ConfigError as error:
        yield from (Finding(False, str(mistake)) for mistake in error.mistakes)
    if not (data / "journal.db").exists():
        yield Finding(True, f"no journal in {data} yet: the first start makes one")
        return
    free = shutil.disk_usage(data).free
    yield Finding(
        free > LOW_DISK,
        f"{free // 1024**2} MiB free on the disk of {data}" + ("" if free > LOW_DISK else ": make room"),
    )
    journal = Journal(data, data.with_name(data.name + ".key"))
    try:
        journal.open_to_read()
    except JournalError as error:
        yield Finding(False, str(error))
        return
    try:
        count = sum(1 for _ in journal.facts())
        yield Finding(True, f"journal of store {journal.store}: {count} facts, each as it was written")
        if plan is not None:
            hall = Hall(plan)
            for recorded in journal.open_day():
                apply(hall, recorded)
            yield Finding(True, f"day {hall.ordinal} ({hall.label}): {len(hall.tickets)} tickets fold")
    except (Damaged, IllegalFact) as error:
        yield Finding(False, str(error))
    finally:
        journal.close()
