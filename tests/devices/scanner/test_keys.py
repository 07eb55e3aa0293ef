"""Key events → codes."""

import struct

import pytest

from devices.ports import Scanned
from devices.scanner.keys import (
    EV_KEY,
    EV_SYN,
    EVENT,
    PRESSED,
    RELEASED,
    REPEATED,
    SYN_DROPPED,
    SYN_REPORT,
    KeyDecoder,
    events,
)


def key(code: int, value: int) -> bytes:
    return EVENT.pack(1, 2, EV_KEY, code, value)


REPORT = EVENT.pack(0, 0, EV_SYN, SYN_REPORT, 0)


def test_a_real_keyboards_event_is_read() -> None:
    """`struct input_event` as `evtest` shows it on 64 bits: KEY_A (30), KEY_ENTER (28)."""
    if struct.calcsize("@l") != 8:
        pytest.skip("the capture is of a 64-bit machine")
    capture = bytes.fromhex(
        "5f5c5e6500000000 a1b2030000000000 0400 0400 04000700"  # MSC_SCAN, to be passed over
        "5f5c5e6500000000 a1b2030000000000 0100 1e00 01000000"
        "5f5c5e6500000000 a1b2030000000000 0000 0000 00000000"
        "5f5c5e6500000000 b1b2030000000000 0100 1e00 00000000"
        "5f5c5e6500000000 c1b2030000000000 0100 1c00 01000000"
    )
    assert KeyDecoder().feed(capture) == [Scanned("a")]


def test_everything_on_a_us_keyboard_comes_back_one_byte_at_a_time() -> None:
    text = "".join(map(chr, range(0x20, 0x7F))) + "\t\x1d\x1e\x04"
    decoder, found = KeyDecoder(), []
    for byte in b"".join(events(text + "\n")):
        found += decoder.feed(bytes((byte,)))
    assert found == [Scanned(text)]


def test_a_key_that_repeats_is_one_key() -> None:
    data = key(30, PRESSED) + key(30, REPEATED) * 5 + key(30, RELEASED) + b"".join(events("\n"))
    assert KeyDecoder().feed(data) == [Scanned("a")]


def test_both_enters_and_the_number_pad() -> None:
    data = b"".join(key(code, PRESSED) for code in (79, 80, 81, 82, 83, 96))
    assert KeyDecoder().feed(data) == [Scanned("1230.")]


def test_silence_ends_or_gives_up_as_configured() -> None:
    typed = b"".join(events("A1"))
    silent, enter = KeyDecoder("silence"), KeyDecoder()
    assert silent.feed(typed) == [] and silent.idle() == [Scanned("A1")]
    assert enter.feed(typed) == [] and enter.idle() == [] and enter.dropped == 1


def test_a_code_whose_events_the_kernel_lost_is_dropped() -> None:
    first, second = events("12345\n"), events("B002\n")
    lost = EVENT.pack(0, 0, EV_SYN, SYN_DROPPED, 0) + key(42, PRESSED)
    decoder = KeyDecoder()
    assert decoder.feed(b"".join(first[:4]) + lost + REPORT + b"".join(first[6:])) == []
    assert decoder.dropped == 1 and decoder.feed(b"".join(second)) == [Scanned("B002")]


def test_a_key_that_is_no_character_voids_the_code_and_locks_do_not() -> None:
    f5, caps = key(63, PRESSED), key(58, PRESSED)
    assert KeyDecoder().feed(key(30, PRESSED) + f5 + key(28, PRESSED)) == []
    assert KeyDecoder().feed(key(30, PRESSED) + caps + key(28, PRESSED)) == [Scanned("a")]
    assert KeyDecoder().feed(key(56, PRESSED) + key(30, PRESSED) + key(28, PRESSED)) == []


def test_a_key_held_for_ever_takes_no_memory() -> None:
    decoder = KeyDecoder()
    for _ in range(50):
        decoder.feed(key(30, PRESSED) * 200)
    assert len(decoder._text) <= 4096 and decoder.feed(key(28, PRESSED)) == []


def test_what_a_us_keyboard_cannot_type_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no key for '号'"):
        events("号")
