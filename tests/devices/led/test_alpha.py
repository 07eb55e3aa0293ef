"""Alpha signs: the published frame, and what becomes of Chinese."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.led.alpha import AlphaCodec, AlphaReader, pack
from devices.led.codec import Seen
from devices.led.frames import BadFrame, FrameError
from devices.ports import SignRows, SignText

# "A001 -> 3" to all signs, text file A, hold; its checksum 02E4 agrees with the library alphasignpy (other position: 02DA).
VECTOR = "00 00 00 00 00 01 5a 30 30 02 41 41 1b 30 62 41 30 30 31 20 2d 3e 20 33 03 30 32 45 34 04"
LIBRARY = b"AA\x1b\x26bA001 -> 3"


def what(items: list[Seen | BadFrame]) -> list[object]:
    return [item.what if isinstance(item, Seen) else item for item in items]


def test_the_published_frame_byte_for_byte() -> None:
    assert pack(0, b"AA\x1b0bA001 -> 3").hex(" ") == VECTOR
    assert pack(0, LIBRARY)[-5:-1] == b"02DA"
    (raw,) = AlphaCodec().frames(SignText(1, "A001 请到3号窗口"))
    assert raw.hex(" ") == VECTOR.replace("5a 30 30", "5a 30 31")


@given(st.integers(1, 255), st.text(st.sampled_from("AZ019 ->~"), max_size=20).map(str.strip), st.booleans())
def test_one_byte_at_a_time_with_parity(address: int, text: str, blink: bool) -> None:
    (raw,) = AlphaCodec().frames(SignText(address, text, blink))
    assert max(raw) < 0x80  # seven bits
    even = bytes(byte | (byte.bit_count() % 2) << 7 for byte in raw)  # as an 8N1 port hears 7E1
    reader = AlphaReader()
    assert what([item for byte in even for item in reader.feed(bytes((byte,)))]) == [SignText(address, text, blink)]


def test_rows_are_lines_and_chinese_is_left_out() -> None:
    (raw,) = AlphaCodec(rows=3).frames(SignRows(2, ("A001 请到 3 号窗口", "B002 请到 12 号窗口")))
    assert b"A001 -> 3\rB002 -> 12\r" in raw
    assert what(AlphaReader(3).feed(raw)) == [SignRows(2, ("A001 -> 3", "B002 -> 12", ""))]


def test_wrong_bytes_are_told() -> None:
    (raw,) = AlphaCodec().frames(SignText(1, "A001"))
    (bad,) = AlphaReader().feed(raw.replace(b"A001", b"A002"))
    assert isinstance(bad, BadFrame) and bad.why.startswith("checksum: expected")
    assert isinstance(AlphaReader().feed(b"\x04")[0], BadFrame)
    with pytest.raises(FrameError, match="1 to 255"):
        AlphaCodec().frames(SignText(256, "A001"))
    with pytest.raises(FrameError, match="brightness"):
        AlphaCodec().dim(1, 50)
