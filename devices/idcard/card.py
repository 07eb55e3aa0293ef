"""The text of an identity card, 256 bytes of UTF-16LE in fixed fields, ↔ ports.IdCard. Pure.

Residents (GA 450-2013): name 30, sex 2, nation 4, born 16, address 70, number 36, authority 30, valid from 16, until 16,
the rest spare. Byte 248 names the other cards that the same readers read:

    J   residents from Hong Kong, Macao and Taiwan (2018): as residents, then pass number and issues
    I   foreigners with permanent residence, 2017: English name 120, sex 2, number 30, nationality 6, Chinese name 30,
        valid from 16, until 16, born 16
    Y   the same, 2023: Chinese name 30, sex 2, renewals 4, born 16, English name 70, number 36, spare 30, from 16, until 16

A number whose check digit (GB 11643-1999, MOD 11-2) is wrong was not read right, and neither was a date that is none.
No error here says what a field held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from devices.ports import IdCard

TEXT = 256
TYPE_AT = 248
HEAD = 4  # length of text and of photo, 2 bytes each, before them
LONG = "长期"

_RESIDENT = {
    "name": (0, 30),
    "sex": (30, 2),
    "born": (36, 16),
    "address": (52, 70),
    "number": (122, 36),
    "until": (204, 16),
}
_FOREIGN_2017 = {
    "english": (0, 120),
    "sex": (120, 2),
    "number": (122, 30),
    "name": (158, 30),
    "until": (204, 16),
    "born": (220, 16),
}
_FOREIGN_2023 = {"english": (52, 70), **{key: at for key, at in _RESIDENT.items() if key != "address"}}
_LAYOUTS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "": _RESIDENT,
    "J": _RESIDENT,
    "I": _FOREIGN_2017,
    "Y": _FOREIGN_2023,
}
_SEXES = {"0": "", "1": "male", "2": "female", "9": ""}  # GB/T 2261.1
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_NUMBER = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_NUMBER_2017 = re.compile(r"[A-Z]{3}[0-9]{12}", re.ASCII)


class BadCard(ValueError):
    """What was read is no card's text; says which field, never what was in it."""


def decode(data: bytes) -> IdCard:
    """The data of the reader's answer to READ_TEXT_AND_PHOTO → the card; its photo is left out (its format is licensed).

    `sex` becomes male, female or "". Raises BadCard."""
    if len(data) < HEAD:
        raise BadCard(f"{len(data)} bytes where lengths of text and photo belong")
    text = data[HEAD : HEAD + int.from_bytes(data[:2], "big")]
    if len(text) != TEXT:
        raise BadCard(f"a text of {len(text)} bytes where {TEXT} belong")
    layout = _LAYOUTS.get(kind := _field(text, "type", (TYPE_AT, 2)))
    if layout is None:
        raise BadCard("a kind of card that is not known")
    fields = {key: _field(text, key, at) for key, at in layout.items()}
    number = fields["number"]
    if not (_NUMBER_2017.fullmatch(number) if kind == "I" else valid_number(number)):
        raise BadCard("the number's check digit is wrong")
    if fields["sex"] not in _SEXES:
        raise BadCard("the sex is no code of GB/T 2261.1")
    name = fields["name"] or fields.get("english", "")
    if not name:
        raise BadCard("there is no name")
    return IdCard(
        name=name,
        number=number,
        sex=_SEXES[fields["sex"]],
        born=_date(fields["born"], "born"),
        address=fields.get("address", ""),
        valid_until="long" if fields["until"] == LONG else _date(fields["until"], "until"),
    )


def encode(card: IdCard, photo: bytes = bytes(1024)) -> bytes:
    """What a reader answers for a resident's card (for simulators and tests). Raises ValueError for a field that is too long."""
    until = LONG if card.valid_until == "long" else card.valid_until.replace("-", "")
    sex = {"male": "1", "female": "2"}.get(card.sex, "0")
    values = {
        "name": card.name,
        "sex": sex,
        "born": card.born.replace("-", ""),
        "address": card.address,
        "number": card.number,
        "until": until,
    }
    text = bytearray(" ".encode("utf-16-le") * (TEXT // 2))
    for key, (at, size) in _RESIDENT.items():
        raw = values[key].encode("utf-16-le")
        if len(raw) > size:
            raise ValueError(f"{key} is {len(raw) // 2} characters long; {size // 2} fit on a card")
        text[at : at + len(raw)] = raw
    return len(text).to_bytes(2, "big") + len(photo).to_bytes(2, "big") + bytes(text) + photo


def valid_number(number: str) -> bool:
    """18 characters whose last is the check digit of the others."""
    return bool(_NUMBER.fullmatch(number)) and number[17] == check_digit(number)


def check_digit(number: str) -> str:
    return "10X98765432"[sum(int(c) * w for c, w in zip(number[:17], _WEIGHTS, strict=True)) % 11]


def _field(text: bytes, key: str, at: tuple[int, int]) -> str:
    start, size = at
    try:
        value = text[start : start + size].decode("utf-16-le")
    except UnicodeDecodeError:
        raise BadCard(f"{key} is no UTF-16") from None  # the error would carry the bytes
    return value.strip(" \x00\u3000")


def _date(text: str, key: str) -> str:
    try:
        if len(text) == 8 and text.isascii() and text.isdigit():
            return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
    except ValueError:
        raise BadCard(f"{key} is no day of the calendar") from None
    raise BadCard(f"{key} is no date")
