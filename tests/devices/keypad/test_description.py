"""Descriptions of pads: those that are shipped read, and every mistake is told once, with its key."""

from pathlib import Path

import pytest

from devices.keypad.codec import Key, Nothing, PadCodec, Told
from devices.keypad.description import PadDescription, load, parse
from devices.led.description import BadDescription

PADS = Path(__file__).parents[3] / "config" / "keypads"
POLLED = (PADS / "polled.toml").read_text("utf-8")


def shipped() -> list[PadDescription]:
    return [load(path, rating=path.name.startswith("rating")) for path in sorted(PADS.glob("*.toml"))]


def test_every_shipped_description_reads_and_its_frames_come_back() -> None:
    assert len(shipped()) == 4
    for description in shipped():
        codec = PadCodec(description)
        for code, name in description.codes.items():
            for frame in (description.answer, description.event):
                if frame is None:
                    continue
                raw = codec.key(frame, 11, code, 7)
                reader = codec.reader()
                (read,) = [item for byte in raw for item in reader.feed(bytes((byte,)))]
                sequence = 7 if description.sequenced else None
                assert read == Key(11, code, name, sequence, event=frame == description.event)
        assert codec.reader().feed(codec.plain(description.told, 11)) == [Told(11)]


def test_the_bytes_of_the_demos_keypad() -> None:
    codec = PadCodec(parse(POLLED, "polled.toml"))
    assert codec.tell(11, "A001", 7).hex(" ") == "7e 0a 0b 31 41 30 30 31 20 20 00 07 5f 0d"
    assert codec.poll(11).hex(" ") == "7e 02 0b 32 3f 0d"
    assert codec.accept(Key(11, 1, "next", 5), 11).hex(" ") == "7e 03 0b 33 05 46 0d"
    assert codec.reader().feed(bytes.fromhex("7e 02 0b b0 bd 0d")) == [Nothing(11)]


def test_more_who_wait_than_the_display_has_figures_for_is_shown_as_the_most() -> None:
    codec = PadCodec(load(PADS / "event.toml"))
    assert b"A0010999" in codec.tell(1, "A0010", 4321).replace(b"\x02", b"")
    assert b"A001 999" in codec.tell(1, "A001", 4321)


@pytest.mark.parametrize(
    ("good", "bad", "key"),
    [
        ('kind = "sum8"', 'kind = "sum9"', "checksum.kind"),
        ('next = "01"', 'nxt = "01"', "keys.nxt"),
        ('recall = "02"', 'recall = "01"', "keys.recall"),
        ('"sequence", "key", "checksum"', '"sequence", "checksum"', "poll.answer.layout"),
        ("[show.ack]", "[show.akc]", "show.akc"),
        ("tries = 2", "tries = 9", "tries"),
        ("[key]\nbytes = 1", "[key]\nbyts = 1", "key.byts"),
        ("[accept]", "[acept]", "acept"),
    ],
)
def test_a_mistake_is_told_once_with_its_key(good: str, bad: str, key: str) -> None:
    assert good in POLLED
    with pytest.raises(BadDescription) as refused:
        parse(POLLED.replace(good, bad, 1), "mine.toml")
    keys = [mistake.key for mistake in refused.value.mistakes]
    assert keys.count(key) == 1, keys
    assert all(mistake.remedy for mistake in refused.value.mistakes)


def test_one_that_says_nothing_of_how_keys_come_is_refused(tmp_path: Path) -> None:
    begin, end = POLLED.index('# "Was a key'), POLLED.index('# "Your press')
    with pytest.raises(BadDescription, match="event are both missing"):
        parse(POLLED[:begin] + POLLED[end:], "mine.toml")
    with pytest.raises(BadDescription, match=r"gone\.toml"):
        load(tmp_path / "gone.toml")
