"""The documents are tested: queries run, links lead somewhere, names of functions exist."""

from __future__ import annotations

import argparse
import importlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.__main__ import VERBS
from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.journal.store import Entry, Journal
from tests.domain.hall_of import Story

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "DECISIONS.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def queries() -> list[str]:
    text = (ROOT / "docs/field-tech.md").read_text("utf-8")
    block = re.search(r"```sql\n(.*?)```", text, re.S)
    assert block
    return [q.strip() for q in block[1].split(";") if q.strip()]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    story = Story().open(3)
    story.tell(c.Issue(ticket="t", service="pay", printer="p", job="j"))
    story.after(minutes=5).next(3)
    story.record(f.PrintEnded(job="j", outcome="not_done", detail="paper_end"))
    journal = Journal(tmp_path / "data", tmp_path / "data.key")
    journal.open()
    journal.commit([Entry(tuple(story.facts))])
    journal.close()
    return journal.path


def test_the_five_queries_of_the_technicians_page_find_something(journal: Path) -> None:
    assert len(queries()) == 5
    with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as conn:
        for query in queries():
            assert conn.execute(query).fetchall(), query


def test_the_five_queries_of_the_readme_find_something(journal: Path) -> None:
    asked = re.findall(r'^ask "(.+)"$', (ROOT / "README.md").read_text("utf-8"), re.M)
    assert len(asked) == 5
    with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as conn:
        for query in asked:
            assert conn.execute(query).fetchall(), query


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_path_of_a_ticket_names_what_exists() -> None:
    """Every `kiosk.x.y.name` and `devices.x.name` of the page can be imported."""
    text = (ROOT / "docs/path-of-a-ticket.md").read_text("utf-8")
    names = set(re.findall(r"`((?:kiosk|devices)\.[a-z_.]+(?:\.[A-Za-z_]+)*)(?:\(|`)", text))
    assert len(names) > 8
    for name in names:
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            try:
                thing = importlib.import_module(".".join(parts[:cut]))
            except ModuleNotFoundError:
                continue
            break
        for part in parts[cut:]:
            assert hasattr(thing, part), name
            thing = getattr(thing, part)


def test_every_verb_has_a_manual_page_that_names_all_its_options() -> None:
    for name, verb in VERBS.items():
        page = (ROOT / f"docs/man/kiosk-{name}.1").read_text("utf-8").replace("\\-", "-")
        parser = argparse.ArgumentParser(add_help=False)
        verb.options(parser)
        for action in parser._actions:
            for option in action.option_strings or action.choices or [action.dest.upper()]:
                assert f".B {option}" in page, f"kiosk-{name}.1 does not explain {option}"
        assert verb.example.split()[1] in page
    assert len(list((ROOT / "docs/man").iterdir())) == len(VERBS)
