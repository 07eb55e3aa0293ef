"""Bytes of a scanner → codes, one byte at a time and all at once."""

import pytest

from devices.ports import Scanned
from devices.scanner.codec import GAP_S, HALF_S, LIMIT, Decoder, Once, Suffix, decode, scanned


def by_bytes(decoder: Decoder, data: bytes) -> list[Scanned]:
    return [code for byte in data for code in decoder.feed(bytes((byte,)))]


@pytest.mark.parametrize(
    ("suffix", "data", "texts"),
    [
        ("auto", b"A001\rA002\nA003\r\nA004\r", ["A001", "A002", "A003", "A004"]),
        ("cr", b"one\nline\rtwo\r", ["one\nline", "two"]),
        ("lf", b"one\rline\ntwo\n", ["one\rline", "two"]),
        ("crlf", b"one\rtwo\r\nthree\n\r\n", ["one\rtwo", "three\n"]),
        ("auto", b"\r\n\r\n", []),
    ],
)
def test_each_suffix_ends_a_code_and_the_others_are_text(suffix: Suffix, data: bytes, texts: list[str]) -> None:
    assert [code.text for code in Decoder(suffix).feed(data)] == texts
    assert [code.text for code in by_bytes(Decoder(suffix), data)] == texts


def test_silence_ends_a_code_where_that_is_the_suffix() -> None:
    decoder = Decoder("silence")
    assert decoder.pause_s == 0 and by_bytes(decoder, b"A001\r\n") == []
    assert decoder.pause_s == GAP_S
    assert decoder.idle() == [Scanned("A001")] and decoder.pause_s == 0


def test_half_a_code_then_silence_is_dropped_and_the_next_one_is_whole() -> None:
    decoder = Decoder()
    assert decoder.feed(b"A00") == [] and decoder.pause_s == HALF_S
    assert decoder.idle() == [] and decoder.dropped == 1 and decoder.pause_s == 0
    assert decoder.feed(b"B002\r") == [Scanned("B002")] and decoder.dropped == 0


@pytest.mark.parametrize("suffix", ["auto", "crlf", "silence"])
def test_a_code_that_is_too_long_is_dropped_whole_and_takes_no_memory(suffix: Suffix) -> None:
    decoder = Decoder(suffix)
    for _ in range(100):
        assert decoder.feed(b"x" * 1000) == []
        assert len(decoder._frame) <= LIMIT + 1
    assert decoder.feed(b"end\r\n") + decoder.idle() == [] and decoder.dropped == 1
    assert (decoder.feed(b"A001\r\n") + decoder.idle())[0] == Scanned("A001")


def test_the_longest_code_passes_and_one_byte_more_does_not() -> None:
    assert Decoder().feed(b"x" * LIMIT + b"\r") == [Scanned("x" * LIMIT)]
    assert Decoder().feed(b"x" * (LIMIT + 1) + b"\r") == []


@pytest.mark.parametrize("coding", ["utf-8", "gb18030"])
def test_chinese_is_read_in_both_encodings(coding: str) -> None:
    assert Decoder().feed("排队号 A001 㐀𠮷\r".encode(coding)) == [Scanned("排队号 A001 㐀𠮷")]


def test_an_encoding_that_is_set_is_not_guessed() -> None:
    wrong = "联通".encode("gb18030")  # valid UTF-8 by chance in many programs' eyes; here it is what the option says
    assert decode(wrong, "gb18030") == "联通"
    assert decode(b"\xff\xfe\xff", "utf-8") is None
    decoder = Decoder(encoding="utf-8")
    assert decoder.feed("排队".encode("gb18030") + b"\r") == [] and decoder.dropped == 1


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("]C101069012345678921\x1d10X", Scanned("01069012345678921\x1d10X", "gs1-128")),
        ("]Q3(01)\x1d", Scanned("(01)\x1d", "gs1-qr")),
        ("]Q1https://a.b", Scanned("https://a.b", "qr")),
        ("]E06901234567892", Scanned("6901234567892", "ean13")),
        ("]d2x", Scanned("x", "gs1-datamatrix")),
        ("]X9x", Scanned("x", "]X9")),
        ("]]C1x", Scanned("]]C1x", "")),
        ("[)>\x1e06\x1dP1\x1e\x04", Scanned("[)>\x1e06\x1dP1\x1e\x04", "")),
    ],
)
def test_aim_identifiers_name_the_symbology_and_separators_are_kept(frame: str, code: Scanned) -> None:
    assert scanned(frame) == code


def test_a_prefix_is_taken_off_before_the_identifier() -> None:
    assert scanned("\x02]Q1A001", "\x02") == Scanned("A001", "qr")


@pytest.mark.parametrize("frame", ["", "]Q1", "A\x00", "\x7fA", "A\x1bB"])
def test_nothing_and_noise_are_no_codes(frame: str) -> None:
    assert scanned(frame) is None


def test_a_code_counts_once_for_as_long_as_it_is_seen() -> None:
    now = [0.0]
    once = Once(1.0, lambda: now[0])
    seen = []
    for now[0], text in ((0.0, "A"), (0.9, "A"), (1.8, "A"), (2.9, "A"), (3.0, "B"), (3.1, "A")):
        seen.append(once.fresh(text))
    assert seen == [True, False, False, True, True, True]
    assert "A" not in repr(vars(once))
