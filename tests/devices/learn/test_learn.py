"""A described sign talks, the learner listens, and what it writes is the same frame."""

from __future__ import annotations

import pytest

from devices.learn.bursts import bursts_of
from devices.learn.capture import Piece
from devices.learn.study import CannotLearn, Learned, learn
from devices.led.description import FrameDescription
from devices.led.frames import encode
from devices.ports import SignText
from tests.devices.learn.captures import LAYOUTS, description, talk, texts


def same_frames(learned: FrameDescription, real: FrameDescription, *, plain_only: bool = False) -> None:
    """Frames of other texts, never captured, are byte for byte the same."""
    for text in texts(150, seed=99):
        told = SignText(text.address, text.text, text.blink and not plain_only)
        assert encode(learned, told).hex(" ") == encode(real, told).hex(" ")


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_layout_is_learned_and_proved_on_every_held_back_frame(name: str) -> None:
    real = description(name)
    found = learn(talk(real))
    assert found.failed == ()
    assert found.proved == found.held_back >= 40
    assert found.outside == 0
    same_frames(found.description, real, plain_only=True)
    if real.ack:
        assert found.description.ack is not None
        assert " ".join(found.description.ack.ok).count("address") == " ".join(real.ack.ok).count("address")


@pytest.mark.parametrize("name", ["sum8", "crc16 escaped", "7E escaped", "STX ETX", "EB90 ccitt"])
def test_both_directions_on_one_wire_without_marks_are_told_apart(name: str) -> None:
    real = description(name)
    found = learn(talk(real, ways=False))
    assert found.failed == ()
    same_frames(found.description, real, plain_only=True)
    assert found.description.ack is not None


@pytest.mark.parametrize("name", ["sum8", "7E sum16", "7E escaped", "STX ETX"])
def test_noise_and_frames_that_break_off_are_counted_and_left_out(name: str) -> None:
    real = description(name)
    found = learn(talk(real, noise=0.08, seed=3))
    assert found.outside > 10
    assert found.proved >= 0.95 * found.held_back
    same_frames(found.description, real, plain_only=True)


@pytest.mark.parametrize("name", ["sum8", "crc16 escaped"])
def test_bytes_that_come_in_ones_and_twos_are_put_together_by_their_pauses(name: str) -> None:
    real = description(name)
    found = learn(talk(real, pieces=True))
    assert found.proved == found.held_back
    same_frames(found.description, real, plain_only=True)


@pytest.mark.parametrize("name", ["sum8", "7E sum16"])
def test_frames_that_ran_together_without_any_pause_are_parted(name: str) -> None:
    real = description(name)
    stream = b"".join(encode(real, text) for text in texts(200))
    found = learn([Piece(stream)])
    assert found.frames > 150
    assert found.proved == found.held_back
    same_frames(found.description, real, plain_only=True)


# --- what it cannot know, it says ------------------------------------------------------------------------------------


def questions(found: Learned) -> str:
    return "\n".join(found.questions)


def only(real: FrameDescription, *texts: SignText) -> list[Piece]:
    return [Piece(encode(real, text), at * 0.5, ">") for at, text in enumerate(texts)]


def test_one_address_only_is_asked_about() -> None:
    real = description("7E sum16")
    said = only(real, *(SignText(1, f"{letter}{n:03d} 请到{n % 9}号") for n in range(20) for letter in "ABD"))
    found = learn(said)
    assert "every frame went to one sign" in questions(found)
    assert not found.sure
    assert "to be confirmed" in found.toml


def test_ascii_only_is_asked_about() -> None:
    real = description("sum8")
    said = only(real, *(SignText(1 + n % 3, f"{'ABC'[n % 3]}{n * 7:03d}"[: 2 + n % 3]) for n in range(60)))
    assert "capture a Chinese text" in questions(learn(said))


def test_a_text_that_always_begins_alike_is_asked_about() -> None:
    real = description("sum8")
    said = only(real, *(SignText(1 + n % 3, f"A{n * 37 % 999:03d} 请到{n % 30}号") for n in range(60)))
    assert "first letter of every text" in questions(learn(said))


def test_a_blinking_flag_is_a_guess_and_said_to_be_one() -> None:
    assert "taken for blinking" in questions(learn(talk(description("sum8"))))


def test_escapes_that_never_came_are_asked_about() -> None:
    real = description("7E escaped")
    plain = [t for t in texts(80) if b"\x7d" not in encode(real, t)]
    assert "stood inside no frame" in questions(learn(only(real, *plain)))


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([], "nothing came|different frames"),
        ([Piece(bytes((n, n * 7 & 0xFF, n * 31 & 0xFF)) * 3, n * 0.5) for n in range(60)], "no frame that holds"),
        ([Piece(b"\x7e\x01\x0d", n * 0.5) for n in range(60)], "only 1 different frames"),
    ],
    ids=["silence", "noise", "always the same"],
)
def test_nothing_is_made_up(pieces: list[Piece], why: str) -> None:
    with pytest.raises(CannotLearn, match=why):
        learn(pieces)


def test_a_number_in_binary_is_found_but_no_description_can_hold_it() -> None:
    """讯鹏: 3A | colour | value LE2 | info | sum8 | 0A; 888 in green is 3A 00 78 03 01 B6 0A (devices.md §4.4)."""

    def frame(colour: int, value: int) -> bytes:
        body = bytes((0x3A, colour)) + value.to_bytes(2, "little") + b"\x01"
        return body + bytes((sum(body) & 0xFF, 0x0A))

    assert frame(0, 888) == bytes.fromhex("3A 00 78 03 01 B6 0A")
    with pytest.raises(CannotLearn, match="what the frames carry is no text"):
        learn([Piece(frame(n % 3, n * 97 % 10000), n * 0.5, ">") for n in range(80)])


def test_the_pause_between_frames_is_found_whatever_the_speed_of_the_line() -> None:
    pieces = [Piece(b"\x7e", n + i * 0.008) for n in range(5) for i in range(4)]
    from devices.learn.bursts import gaps_of

    assert [len(burst.data) for burst in bursts_of(pieces, gaps_of(pieces)[-1])] == [4] * 5
