import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.voice import speaker


@given(
    st.lists(st.tuples(st.sampled_from(speaker.KINDS), st.integers(0, 2**32 - 1), st.binary(max_size=40)), max_size=5)
)
def test_frames_come_back_one_byte_at_a_time(items: list[tuple[int, int, bytes]]) -> None:
    frames = [speaker.Frame(*item) for item in items]
    reader = speaker.Reader()
    data = b"".join(frame.to_bytes() for frame in frames)
    assert [frame for byte in data for frame in reader.feed(bytes((byte,)))] == frames


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400 Bad Request\r\n", b"YTSP\x09" + bytes(8), b"YTSP\x01" + bytes(4) + b"\xff\xff\xff\xff"]
)
def test_another_protocol_an_unknown_kind_and_an_absurd_length_are_refused(data: bytes) -> None:
    with pytest.raises(speaker.SpeakerError, match="expected"):
        speaker.Reader().feed(data)


def test_a_sound_that_is_too_long_is_never_sent() -> None:
    with pytest.raises(speaker.SpeakerError, match="at most"):
        speaker.Frame(speaker.PLAY, 1, bytes(speaker.LIMIT + 1)).to_bytes()
