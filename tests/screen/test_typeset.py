"""Setting text: marks, line breaks, balance."""

from __future__ import annotations

import pytest

from kiosk.screen.typeset import CLOSING, OPENING, pieces, tidy, wrap


def wide(text: str) -> float:
    """A 字 is 10 wide, a letter 5."""
    return sum(10 if ord(c) > 0x2E00 else 5 for c in text)


@pytest.mark.parametrize(
    ("given", "set_"),
    [
        ("现在就能办,不用排队", "现在就能办，不用排队"),
        ("还在吗?", "还在吗？"),
        ("8:00–12:00 停电", "8:00–12:00 停电"),
        ("choose “Utilities”", 'choose "Utilities"'),
        ("进入“生活缴费”,选择电费", "进入“生活缴费”，选择电费"),
    ],
)
def test_marks_suit_the_script(given: str, set_: str) -> None:
    assert tidy(given) == set_


@pytest.mark.parametrize("width", range(40, 200, 10))
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(width: int) -> None:
    text = tidy("打开微信或支付宝,进入“生活缴费”,选择电费,输入户号即可。户号在电费单左上角(12 位)。")
    lines = wrap(text, width, wide)
    assert all(line[0] not in CLOSING for line in lines)
    assert all(line[-1] not in OPENING for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_words_in_letters_stay_whole_and_lines_are_about_equal() -> None:
    lines = wrap("Please wait by this machine. A guide will help you.", 240, wide)
    assert lines == ["Please wait by this machine.", "A guide will help you."]
    assert pieces("A015 号窗口") == ["A015 ", "号", "窗", "口"]


def test_what_fits_stays_on_one_line() -> None:
    assert wrap("最近叫号 A015", 1000, wide) == ["最近叫号 A015"]
