"""The screen's own words: both languages complete, alike in their gaps, all used, all drawable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from kiosk.flows.words import WORDS, say

ROOT = Path(__file__).resolve().parents[2]
GAPS = re.compile(r"\{(\w+)\}")
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for folder in ("flows", "screen")
    for path in (ROOT / "kiosk" / folder).rglob("*.py")
    if path.name != "words.py"
)


@pytest.mark.parametrize("key", sorted(WORDS))
def test_each_text_is_there_in_both_languages_with_the_same_gaps_and_is_used(key: str) -> None:
    text = WORDS[key]
    assert text.zh.strip()
    assert text.en.strip()
    assert set(GAPS.findall(text.zh)) == set(GAPS.findall(text.en))
    assert f'"{key}"' in SOURCES, f"{key} is never said"


def test_chinese_has_no_half_width_marks_beside_characters() -> None:
    for key, text in WORDS.items():
        assert not re.search(r"[\u3400-\u9fff][,:;?!]", text.zh), key


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_every_character_has_a_glyph(weight: str) -> None:
    with TTFont(ROOT / "assets" / "fonts" / f"NotoSansSC-{weight}.ttf", lazy=True) as font:
        known = set(font.getBestCmap())
    said = {c for text in WORDS.values() for c in text.zh + text.en if c not in "{}"}
    assert {c for c in said if ord(c) not in known} == set()


def test_gaps_are_filled() -> None:
    assert say("strip_waiting", "zh", n=27) == "等候 27 人"
    assert say("strip_waiting", "en", n=27) == "27 waiting"
