"""The words of the pages: complete, in both languages, and all of them used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from kiosk.station.pages_text import TEXTS, WEEKDAYS, say

ROOT = Path(__file__).parents[2]
STATION = ROOT / "kiosk" / "station"
SOURCES = [*STATION.glob("templates/*.html"), *STATION.glob("pages*.py")]
WRITTEN = "\n".join(path.read_text() for path in SOURCES if path.name != "pages_text.py")
# Looked up by a state or reason that comes from the hall or a device.
BY_VALUE = (
    "counter.state.",
    "counter.nobody.",
    "counter.pause.",
    "device.",
    "reason.",
    "remedy.",
    "class.",
    "guide.lang.",
)


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_take_the_same_values(key: str) -> None:
    zh, en = TEXTS[key]
    assert zh.count("{}") == en.count("{}")
    assert zh
    assert en or key == "ticket.people"


def test_every_text_that_is_asked_for_is_there() -> None:
    asked = set(re.findall(r"""\b(?:t|zh|en)\('([a-z_.-]+)'[,)]""", WRITTEN))
    asked |= set(re.findall(r"""say\(lang, "([a-z_.-]+)"[,)]""", WRITTEN))
    assert len(asked) > 60
    assert asked <= set(TEXTS)


def test_no_text_is_left_over() -> None:
    states = ("ticket.", "counter.")  # t('ticket.' ~ state), t('counter.' ~ verb)
    unused = [
        key
        for key in TEXTS
        if not key.startswith(BY_VALUE)
        and f"'{key}'" not in WRITTEN
        and f'"{key}"' not in WRITTEN
        and not (key.startswith(states) and key.count(".") == 1)
    ]
    assert unused == []


def test_every_character_can_be_drawn() -> None:
    known = set(TTFont(ROOT / "assets" / "fonts" / "NotoSansSC-Regular.ttf", lazy=True).getBestCmap())
    words = "".join("".join(pair) for pair in TEXTS.values()) + "".join(WEEKDAYS["zh"])
    assert {c for c in words if ord(c) not in known} == set()


def test_a_text_that_does_not_exist_is_a_bug() -> None:
    with pytest.raises(KeyError):
        say("zh", "no.such.text")


def test_each_thing_has_the_one_word_of_the_technicians_table() -> None:
    """docs/field-tech.md, "Words": what its last column names is said nowhere."""
    table = re.findall(r"^\|([^|\n]+)\|[^|\n]+\|[^|\n]*\|([^|\n]+)\|$", _section("## Words"), re.M)[2:]
    wrong = [word for _, row in table for word in row.strip().split("、") if word]
    assert len(table) > 10 and len(wrong) > 8
    pages = [*(ROOT / "docs").glob("*.md"), *ROOT.glob("README*.md")]
    sources = [path for part in ("kiosk", "devices") for path in (ROOT / part).rglob("*.py")]
    said = "\n".join(path.read_text("utf-8") for path in [*sources, *pages]).replace(_section("## Words"), "")
    assert [word for word in wrong if word in said] == []


def _section(title: str) -> str:
    text = (ROOT / "docs" / "field-tech.md").read_text("utf-8")
    return title + text.split(title, 1)[1].split("\n## ", 1)[0]
