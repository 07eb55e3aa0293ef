"""The text of cards: residents, and the three others that the same readers read. All people here are invented."""

from __future__ import annotations

import traceback
from dataclasses import replace

import pytest

from devices.idcard.card import BadCard, check_digit, decode, encode, valid_number
from devices.idcard.kinds import NOBODY


def text_of(*fields: tuple[str, int]) -> bytes:
    """Fields in order, each padded with spaces to its bytes, as an answer's data without a photo."""
    raw = b"".join(value.ljust(size // 2).encode("utf-16-le") for value, size in fields)
    assert len(raw) == 256
    return len(raw).to_bytes(2, "big") + bytes(2) + raw


def test_a_residents_card_comes_back() -> None:
    assert decode(encode(NOBODY)) == NOBODY
    until = replace(NOBODY, valid_until="2039-12-31", sex="male", address="")
    assert decode(encode(until, photo=b"")) == until


def test_the_fields_stand_where_the_standard_has_them() -> None:
    card = decode(
        text_of(
            ("样本", 30), ("2", 2), ("01", 4), ("19491001", 16), ("北京市东城区示例路1号", 70),
            ("11010119491001001X", 36), ("北京市公安局", 30), ("20200101", 16), ("长期", 16), ("", 36),
        )
    )  # fmt: skip
    assert card == NOBODY


def test_a_residence_permit_of_hong_kong_macao_and_taiwan() -> None:
    number = "81000019900101001"
    card = decode(
        text_of(
            ("样本", 30), ("1", 2), ("", 4), ("19900101", 16), ("某地", 70), (number + check_digit(number), 36),
            ("某公安局", 30), ("20200101", 16), ("20250101", 16), ("H00000000", 18), ("01", 4), ("", 6), ("J", 2), ("", 6),
        )
    )  # fmt: skip
    assert (card.name, card.sex, card.address, card.valid_until) == ("样本", "male", "某地", "2025-01-01")


@pytest.mark.parametrize(("chinese", "name"), [("样本", "样本"), ("", "SPECIMEN, SAM")])
def test_foreigners_cards_of_2017_and_2023(chinese: str, name: str) -> None:
    old = decode(
        text_of(
            ("SPECIMEN, SAM", 120), ("2", 2), ("ABC110000000000", 30), ("ABC", 6), (chinese, 30), ("20180101", 16),
            ("20280101", 16), ("19800229", 16), ("01", 4), ("1500", 8), ("I", 2), ("", 6),
        )
    )  # fmt: skip
    assert (old.name, old.number, old.born, old.address) == (name, "ABC110000000000", "1980-02-29", "")
    number = "91100019800229001"
    new = decode(
        text_of(
            (chinese, 30), ("2", 2), ("00", 4), ("19800229", 16), ("SPECIMEN, SAM", 70), (number + check_digit(number), 36),
            ("", 30), ("20240101", 16), ("20340101", 16), ("", 28), ("Y", 2), ("", 6),
        )
    )  # fmt: skip
    assert (new.name, new.number[:17], new.valid_until) == (name, number, "2034-01-01")


def test_check_digits() -> None:
    """GB 11643-1999's own examples: 11010519491231002X and 440524188001010014."""
    assert valid_number("11010519491231002X") and valid_number("440524188001010014")
    assert not valid_number("110105194912310021") and not valid_number("11010519491231002x")
    assert not valid_number("１１０１０５１９４９１２３１００２X") and not valid_number("11010519491231002")


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        (4 + 122, "9", "check digit"),
        (4 + 36, "19490231", "born is no day"),
        (4 + 36 + 8, "13", "born is no day"),
        (4 + 36, "1949    ", "born is no date"),
        (4 + 204, "明天", "until is no date"),
        (4 + 30, "7", "no code of GB/T 2261.1"),
        (4 + 248, "Q", "kind of card that is not known"),
        (4, " " * 15, "there is no name"),
        (4, "\ud800", "name is no UTF-16"),
    ],
)
def test_what_cannot_be_on_a_card_is_refused_and_the_error_holds_none_of_it(at: int, value: str, why: str) -> None:
    wounded = bytearray(encode(NOBODY))
    raw = value.encode("utf-16-le", "surrogatepass")
    wounded[at : at + len(raw)] = raw
    with pytest.raises(BadCard, match=why) as caught:
        decode(bytes(wounded))
    shown = "".join(traceback.format_exception(caught.value))
    assert NOBODY.number not in shown and NOBODY.name not in shown and "1949" not in shown


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x00\x04", b"\x01\x00\x04\x00", b"\x00\x10" + bytes(300)])
def test_texts_of_another_length_are_refused(data: bytes) -> None:
    with pytest.raises(BadCard):
        decode(data)


def test_a_name_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="15 fit"):
        encode(replace(NOBODY, name="长" * 16))


def test_nothing_of_a_card_is_in_its_repr() -> None:
    assert repr(NOBODY) == "IdCard()"
