"""Chinese and English text, byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.text import Charset, clean, encode, pair, width, wrap

GB: Charset = "gb18030"


@pytest.mark.parametrize(
    ("text", "code", "columns"),
    [
        ("A001", "41303031", 4),
        ("三号", "c8fdbac5", 4),
        ("￥10.00", "a3a431302e3030", 7),
        ("¥10", "a3a43130", 4),  # U+00A5 is not in GBK; the wide yen sign is
        ("，。、〇", "a3aca1a3a1a2a996", 8),
        ("é", "a8a6", 2),
        ("ü", "a8b9", 2),
        ("u\u0308", "a8b9", 2),  # composed first
        ("ñ", "6e", 1),  # four bytes in GB18030, for which few printers have a font
        ("Müller", "4da8b96c6c6572", 7),
        ("straße", "73747261737365", 7),
        ("🙂", "a1f5", 2),
        ("\ue000", "a1f5", 2),
        ("a\x1b@\x10\x04\x01b", "61" + "40" + "62", 3),  # no command can be smuggled in a name
        ("a\u200bb\ufe0f", "6162", 2),
        ("a\u00a0b", "612062", 3),
    ],
)
def test_each_character_has_its_bytes_and_its_columns(text: str, code: str, columns: int) -> None:
    assert encode(text, GB).hex() == code
    assert width(text, GB) == columns


def test_rare_characters_are_sent_to_a_gb18030_printer_and_shown_as_a_box_on_a_gbk_one() -> None:
    assert encode("㐀𠮷", "gb18030").hex() == "8139ee399534b235"
    assert width("㐀𠮷", "gb18030") == 4
    assert encode("㐀𠮷€½", "gbk").decode("gbk") == "□□EUR1/2"


def test_typographic_quotes_are_straight_in_english_and_wide_in_chinese() -> None:
    assert clean("what’s “up” now…") == 'what\'s "up" now...'
    assert clean("请按“取号”键") == "请按“取号”键"
    assert clean("12–18 分钟") == "12-18 分钟"


@given(st.text(max_size=60))
def test_whatever_the_text_no_control_byte_leaves_and_no_question_mark_comes_in(text: str) -> None:
    for charset in ("gbk", "gb18030"):
        code = encode(text, charset)
        assert all(byte >= 0x20 for byte in code)
        assert code.decode("gb18030").count("?") <= text.count("?") + sum(clean(text).count(c) for c in "⁇⁈⁉？︖﹖")


@given(st.text(alphabet="取号 ，。（）《》abcdefgü.,'\n", max_size=120), st.integers(4, 48))
def test_no_line_is_wider_than_the_paper_and_nothing_but_spaces_is_lost(text: str, columns: int) -> None:
    lines = wrap(text, columns, GB)
    assert all(width(line, GB) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == clean(text.replace("\n", "")).replace(" ", "")


def test_chinese_breaks_anywhere_but_before_a_comma_and_after_a_bracket() -> None:
    assert wrap("请带好身份证，谢谢", 12, GB) == ["请带好身份", "证，谢谢"]
    assert wrap("请带好身份（原件）", 12, GB) == ["请带好身份", "（原件）"]


def test_english_breaks_at_spaces_and_a_long_word_is_cut() -> None:
    assert wrap("Please bring your card", 12, GB) == ["Please bring", "your card"]
    assert wrap("Donaudampfschiff", 8, GB) == ["Donaudam", "pfschiff"]
    assert wrap("请带 ID card 原件", 8, GB) == ["请带 ID", "card 原", "件"]


def test_a_newline_begins_a_line_and_an_empty_text_is_one_line() -> None:
    assert wrap("a\n\nb", 8, GB) == ["a", "", "b"]
    assert wrap("", 8, GB) == [""]


def test_two_columns_meet_the_edges_or_stand_below_one_another() -> None:
    assert pair("等候", "3 位", 16, GB) == ["等候        3 位"]
    assert pair("预计等候时间", "12 分钟", 16, GB) == ["预计等候时间", "         12 分钟"]
    assert pair("", "右", 8, GB) == ["      右"]


def test_a_paper_too_narrow_for_one_chinese_character_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 or more"):
        wrap("号", 1, GB)
