from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.led.description import load, parse
from devices.led.frames import BadFrame, Decoder, FrameError, ack, encode
from devices.ports import SignText

SIGNS = Path(__file__).parents[3] / "config" / "signs"
SUM8 = load(SIGNS / "sum8.toml")
CRC16 = load(SIGNS / "crc16.toml")
# No length, no fixed width: only the tail ends it. Its sum may well be a tail byte.
TO_TAIL = parse(
    """
layout = ["head", "colour", "address", "text", "checksum", "tail"]
head = "3A"
tail = "0A"
[fixed]
colour = "01"
[address]
bytes = 1
offset = 48
[text]
charset = "gbk"
max_bytes = 40
[checksum]
kind = "sum8"
over = ["head", "colour", "address", "text"]
""",
    "to_tail.toml",
)
ALL = [SUM8, CRC16, TO_TAIL]
CALL = SignText(3, "A001 请到3号窗口")
texts = st.text(st.sampled_from("ABZ[^0189 请到号窗口~¦"), max_size=8).map(lambda t: t.replace("¦", "").rstrip())


def one_by_one(decoder: Decoder, data: bytes) -> list[SignText | BadFrame]:
    return [item for byte in data for item in decoder.feed(bytes((byte,)))]


def test_the_demo_sign_byte_for_byte() -> None:
    assert encode(SUM8, CALL).hex(" ") == "7e 12 03 01 41 30 30 31 20 c7 eb b5 bd 33 ba c5 b4 b0 bf da db 0d"
    assert encode(SUM8, SignText(1, "", blink=True)).hex(" ") == "7e 02 01 02 05 0d"
    assert ack(SUM8, 3, ok=True).hex(" ") == "7e 02 03 81 86 0d"


def test_two_byte_numbers_a_fixed_field_and_a_crc() -> None:
    raw = encode(CRC16, SignText(1, "A001", blink=True))
    assert raw[:8].hex(" ") == "aa 55 01 01 12 00 10 01"
    assert raw[8:24] == b"A001".ljust(16)
    assert raw[-2:].hex(" ") == "55 aa"


def test_bytes_that_mean_something_are_escaped_on_the_wire() -> None:
    raw = encode(CRC16, SignText(1, "UU"))  # U is 55
    assert raw[8:12].hex(" ") == "ab 03 ab 03"
    assert one_by_one(Decoder(CRC16), raw) == [SignText(1, "UU")]


@pytest.mark.parametrize("d", ALL, ids=["sum8", "crc16", "to_tail"])
@settings(max_examples=60, deadline=None)
@given(address=st.integers(1, 99), text=texts, blink=st.booleans())
def test_what_was_sent_is_read_however_it_is_cut(d, address, text, blink) -> None:  # type: ignore[no-untyped-def]
    sent = SignText(address, text, blink and d is not TO_TAIL)
    raw = encode(d, sent)
    assert one_by_one(Decoder(d), raw + raw) == [sent, sent]
    assert Decoder(d).feed(raw + raw) == [sent, sent]


@pytest.mark.parametrize("d", ALL, ids=["sum8", "crc16", "to_tail"])
@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=40))
def test_noise_never_raises_and_the_frame_after_a_pause_is_read(d, noise) -> None:  # type: ignore[no-untyped-def]
    decoder = Decoder(d)
    decoder.feed(noise)
    decoder.idle()
    assert decoder.feed(encode(d, CALL))[-1] == CALL


@pytest.mark.parametrize("d", [SUM8, CRC16], ids=["sum8", "crc16"])
def test_every_single_wrong_byte_is_a_bad_frame_never_a_wrong_text(d) -> None:  # type: ignore[no-untyped-def]
    raw = encode(d, CALL)
    for at in range(len(raw)):
        decoder = Decoder(d)
        items = one_by_one(decoder, raw[:at] + bytes((raw[at] ^ 0x10,)) + raw[at + 1 :]) + decoder.idle()
        assert items and all(isinstance(item, BadFrame) for item in items), at
        assert decoder.feed(raw) == [CALL]


@pytest.mark.parametrize("d", [SUM8, CRC16], ids=["sum8", "crc16"])
def test_a_lost_byte_costs_one_frame_only(d) -> None:  # type: ignore[no-untyped-def]
    raw = encode(d, CALL)
    for at in range(len(raw)):
        decoder = Decoder(d)
        items = one_by_one(decoder, raw[:at] + raw[at + 1 :] + raw + raw) + decoder.idle()
        assert items.count(CALL) == 2, at


def test_a_wrong_checksum_says_expected_and_got() -> None:
    raw = encode(SUM8, CALL)
    (bad,) = Decoder(SUM8).feed(raw[:-2] + b"\x00\x0d")
    assert isinstance(bad, BadFrame)
    assert bad.why == "sum8: expected db, got 00"


def test_text_is_cut_between_characters_and_what_the_charset_lacks_becomes_a_question_mark() -> None:
    assert one_by_one(Decoder(CRC16), encode(CRC16, SignText(1, "A请到三号窗口办理"))) == [
        SignText(1, "A请到三号窗口办")
    ]
    assert Decoder(SUM8).feed(encode(SUM8, SignText(1, "A🙂1"))) == [SignText(1, "A?1")]


def test_an_address_that_does_not_fit_is_refused() -> None:
    with pytest.raises(FrameError, match="256 does not fit"):
        encode(SUM8, SignText(256, ""))


def test_the_decoder_holds_at_most_a_frame() -> None:
    decoder = Decoder(TO_TAIL)
    for _ in range(1000):
        decoder.feed(b"\x3a" * 10)
    assert len(decoder._reader._buffer) < 300
