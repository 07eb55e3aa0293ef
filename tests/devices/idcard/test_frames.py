"""Frames of identity card readers, byte for byte as published."""

import pytest

from devices.idcard.frames import FIND, READ_TEXT_AND_PHOTO, SELECT, STATUS, Answer, Decoder, Garbled, frame, request

# Requests and answers as in com.YinanSoft.CardReaders.SerialReader, softs.im/身份证阅读器通信协议 and yzsam.com (C# over SAM).
REQUESTS = {
    STATUS: "AA AA AA 96 69 00 03 11 FF ED",
    FIND: "AA AA AA 96 69 00 03 20 01 22",
    SELECT: "AA AA AA 96 69 00 03 20 02 21",
    READ_TEXT_AND_PHOTO: "AA AA AA 96 69 00 03 30 01 32",
}
FOUND = bytes.fromhex("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97")
NOT_FOUND = bytes.fromhex("AA AA AA 96 69 00 04 00 00 80 84")
SELECTED = bytes.fromhex("AA AA AA 96 69 00 0C 00 00 90 00 00 00 00 00 00 00 00 9C")
NOT_READ = bytes.fromhex("AA AA AA 96 69 00 04 00 00 41 45")


def statuses(data: bytes) -> list[int | str]:
    return [item.status if isinstance(item, Answer) else item.why for item in Decoder().feed(data)]


@pytest.mark.parametrize("command", REQUESTS)
def test_requests_are_the_published_ones(command: tuple[int, int]) -> None:
    assert request(command) == bytes.fromhex(REQUESTS[command])


def test_published_answers_are_read_and_written() -> None:
    assert statuses(FOUND + NOT_FOUND + SELECTED + NOT_READ) == [0x9F, 0x80, 0x90, 0x41]
    assert frame(bytes((0, 0, 0x9F)) + bytes(4)) == FOUND


def test_one_byte_at_a_time_behind_noise_and_an_echo() -> None:
    decoder, found = Decoder(), []
    for byte in b"\x00\xaa\xaa\x96" + request(FIND) + b"\xaa" + SELECTED:
        found += decoder.feed(bytes((byte,)))
    assert found == [Answer(0x90, bytes(8))]


def test_a_wrong_checksum_is_garbled_and_the_next_answer_is_read() -> None:
    wrong = FOUND[:-1] + b"\x98"
    assert statuses(wrong + SELECTED) == ["checksum 98 where 97 belongs", 0x90]


def test_every_change_of_one_byte_behind_the_length_is_noticed() -> None:
    for at in range(7, len(FOUND)):
        wounded = bytearray(FOUND)
        wounded[at] ^= 0x40
        assert isinstance(Decoder().feed(bytes(wounded))[0], Garbled)


def test_a_length_that_cannot_be_is_not_waited_for() -> None:
    assert statuses(bytes.fromhex("AA AA AA 96 69 FF FF") + SELECTED) == [
        "length 65535 where at most 4096 can be",
        0x90,
    ]


def test_noise_takes_no_memory() -> None:
    decoder = Decoder()
    for _ in range(100):
        decoder.feed(b"\xaa\x96" * 1000)
    assert len(decoder._got) < 10


def test_nothing_of_an_answer_is_in_its_repr() -> None:
    assert repr(Answer(0x90, "姓名".encode("utf-16-le"))) == "Answer(status=144)"
