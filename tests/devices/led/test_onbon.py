"""Frames that others published or captured; ours must be theirs, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.led.codec import Asked, Level, Seen
from devices.led.frames import BadFrame, FrameError
from devices.led.onbon import OnbonCodec, OnbonReader, Packet, Screen, answer, area, pack, unpack
from devices.ports import DONE, SignRows, SignText

# A weather station's own frame as two public firmwares recorded it, with its A5s and its 5A.
CAPTURE = (
    b"\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\x01\x00\x00\x80\x00\x00\x00\x00\x00\x00\xfe\x02:\x00\xa3\x06\x02\x00\x00\x00\x011"
    b"\x00\x00\x00\x00$\x00\x0c\x00\x0c\x00\x02\n\x01\x02\x00\x00\x00\x00\x01\x01\x01\x00\x17\x02\x16\x00\x00\x00"
    b"\\FO000AIRPRE:1016.0hPaJrZ"
)
# "欢迎光临" on 128 × 32 from iledev.com, given there as its beginning and its end.
WELCOME_HEAD = bytes.fromhex("a5a5a5a5a5a5a5a5 fe ff 00 80")
WELCOME_TAIL = bytes.fromhex("08 00 00 00 bb b6 d3 ad b9 e2 c1 d9 3c 49 5a")


def test_public_vector_set_time() -> None:
    data = bytes.fromhex("A2 03 01 08 00 13 20 01 25 11 17 26 05")
    raw = pack(Packet(1, 0x8000, data))
    assert raw[8:-1].hex(" ").upper() == (
        "01 00 00 80 00 00 00 00 00 00 FE 02 0D 00 A2 03 01 08 00 13 20 01 25 11 17 26 05 B0 3F"
    )


def test_public_capture_of_a_running_station_is_read_and_rebuilt() -> None:
    (packet,) = OnbonReader().packets(CAPTURE)
    assert isinstance(packet, Packet)
    assert (packet.destination, packet.source) == (1, 0x8000)
    assert packet.data.endswith(rb"\FO000AIRPRE:1016.0hPa")
    assert pack(packet) == CAPTURE


def test_public_vector_welcome_is_built_by_our_area() -> None:
    raw = pack(Packet(0xFFFE, 0x8000, area("欢迎光临".encode("gbk"), Screen(128, 32))))
    assert raw.startswith(WELCOME_HEAD) and raw.endswith(WELCOME_TAIL)
    assert raw[20:25].hex(" ") == "2c 00 a3 06 01"


def test_our_call_is_the_frame_of_the_research() -> None:
    assert OnbonCodec(Screen(128, 32)).encode(SignText(3, "A001 请到3号窗口")).hex(" ") == (
        "a5 a5 a5 a5 a5 a5 a5 a5 03 00 00 80 00 00 00 00 00 00 fe 02 34 00 a3 06 01 00 00 00 01 2b 00 00 00 80 00 00 "
        "80 80 20 00 00 00 00 0a 00 00 00 00 02 01 01 00 02 0a 10 00 00 00 41 30 30 31 20 c7 eb b5 bd 33 ba c5 b4 b0 bf "
        "da 54 6f 5a"
    )


@given(address=st.integers(1, 0x7FFF), text=st.text(st.sampled_from("AZ[0请到号窗口ΔΕ"), max_size=20))
def test_one_byte_at_a_time_with_every_byte_that_must_be_escaped(address: int, text: str) -> None:
    raw = OnbonCodec(Screen()).encode(SignText(address, text))
    assert raw.count(b"\x5a") == 1 and raw[8:].count(b"\xa5") == 0
    reader = OnbonReader()
    assert texts([item for byte in raw for item in reader.feed(bytes((byte,)))]) == [SignText(address, text)]


def test_a_cut_frame_does_not_take_the_next_one_with_it() -> None:
    raw = OnbonCodec(Screen()).encode(SignText(2, "A001"))
    assert texts(OnbonReader().feed(raw[:30] + raw)) == [SignText(2, "A001")]


def test_wrong_crc_and_wrong_length_say_expected_and_got() -> None:
    raw = OnbonCodec(Screen()).encode(SignText(2, "A001"))
    (bad,) = OnbonReader().feed(raw[:-5] + b"2" + raw[-4:])
    assert isinstance(bad, BadFrame) and bad.why.startswith("CRC: expected")
    with pytest.raises(ValueError, match="expected at least 16 bytes, got 3"):
        unpack(b"\x01\x00\x00")


def texts(items: list[Seen | BadFrame]) -> list[object]:
    return [item.what if isinstance(item, Seen) else item for item in items]


def test_answers_are_told_apart_by_their_source() -> None:
    codec = OnbonCodec(Screen())
    sent = codec.encode(SignText(3, "A001"))
    assert codec.verdict(answer(3, ok=True), 3, sent) == DONE
    refused = codec.verdict(answer(3, ok=False, error=12), 3, sent)
    assert refused is not None and refused.kind == "not_done" and "no such font 字库不存在" in refused.detail
    assert codec.verdict(answer(4, ok=True), 3, sent) is None
    assert codec.verdict(codec.encode(SignText(3, "echo")), 3, sent) is None
    with pytest.raises(FrameError):
        codec.encode(SignText(0, "A001"))


# Answers of the document's examples 3 and 5 (§5.1.2, §7.2), with their nine A5.
ACK = bytes.fromhex("A5 A5 A5 A5 A5 A5 A5 A5 A5 00 80 FE FF 00 00 00 00 00 00 FE 02 05 00 A0 00 00 00 00 14 AC 5A")
NACK = bytes.fromhex("A5 A5 A5 A5 A5 A5 A5 A5 A5 00 80 FE FF 00 00 00 00 00 00 FE 02 05 00 A0 01 05 00 00 05 51 5A")


def test_the_documents_own_answers_are_read() -> None:
    codec = OnbonCodec(Screen())
    assert codec.verdict(ACK, 0xFFFE, b"") == DONE
    refused = codec.verdict(NACK, 0xFFFE, b"")
    assert refused is not None and refused.kind == "not_done" and "CRC" in refused.detail
    assert codec.verdict(ACK[7:], 0xFFFE, b"") == DONE  # §3: one A5 is enough


def test_a_ping_is_answered() -> None:
    raw = pack(Packet(1, 0x8000, bytes.fromhex("A2 00 01 00 00")))
    assert raw[-3:].hex(" ") == "68 f8 5a"  # the document's own, §8.7
    (asked,) = OnbonReader().feed(raw)
    assert isinstance(asked, Seen) and asked.what == Asked(1) and asked.yes == answer(1, ok=True)


def test_brightness_is_the_forced_one_in_16_steps() -> None:
    (raw,) = OnbonCodec(Screen()).dim(3, 100)
    assert raw[20:29].hex(" ") == "07 00 a3 02 01 00 00 01 0f"
    assert texts(OnbonReader().feed(raw)) == [Level(3, 100)]
    assert texts(OnbonReader().feed(OnbonCodec(Screen()).dim(3, 40)[0])) == [Level(3, 40)]


def test_the_rows_of_a_hall_sign_are_lines_of_one_area_and_a_backslash_is_no_command() -> None:
    (raw,) = OnbonCodec(Screen(128, 64), rows=4).frames(SignRows(2, ("A001 请到3号窗口", "B\\C1002")))
    assert b"\\nB/C1002\\n\\n" in raw
    assert texts(OnbonReader().feed(raw)) == [SignRows(2, ("A001 请到3号窗口", "B/C1002", "", ""))]
    with pytest.raises(FrameError, match="one row"):
        OnbonCodec(Screen()).frames(SignRows(2, ("A001",)))
