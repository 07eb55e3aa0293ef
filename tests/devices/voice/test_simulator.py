import pytest

from devices.transport import deadline_in, open_line
from devices.voice import sound, speaker
from devices.voice.simulator import SpeakerSimulator


def test_it_takes_a_sound_byte_by_byte_and_answers_started_and_done() -> None:
    simulator = SpeakerSimulator("127.0.0.1", 0, speed=0, clock=lambda: 1_790_000_000.0)
    simulator.start()
    line = open_line(simulator.where)
    wav = sound.to_wav(sound.silence(0.02), "请")
    for byte in speaker.Frame(speaker.PLAY, 7, wav).to_bytes():
        line.write(bytes((byte,)), deadline_in(1.0))
    answers = speaker.Reader().feed(line.read(2 * speaker.HEAD.size, deadline_in(3.0)))
    assert answers == [speaker.Frame(speaker.STARTED, 7), speaker.Frame(speaker.DONE, 7)]
    (spoken,) = simulator.spoken
    assert (spoken.at, spoken.text, spoken.wav) == (1_790_000_000.0, "请", wav)
    assert spoken.seconds == pytest.approx(0.02)
    line.close()
    simulator.stop()


def test_what_is_no_sound_is_refused_and_another_protocol_is_cut_off() -> None:
    simulator = SpeakerSimulator("127.0.0.1", 0, speed=0)
    simulator.start()
    line = open_line(simulator.where)
    line.write(speaker.Frame(speaker.PLAY, 1, b"MP3").to_bytes(), deadline_in(1.0))
    (answer,) = speaker.Reader().feed(line.read_some(deadline_in(3.0)))
    assert answer.kind == speaker.REFUSED and b"expected a WAV" in answer.payload
    line.write(b"GET / HTTP/1.1\r\n\r\n", deadline_in(1.0))
    with pytest.raises(Exception, match="other end went away"):
        line.read(1, deadline_in(3.0))
    line.close()
    simulator.stop()


def test_sounds_are_played_one_at_a_time_in_their_order() -> None:
    simulator = SpeakerSimulator("127.0.0.1", 0, speed=10)
    simulator.start()
    line = open_line(simulator.where)
    frames = [speaker.Frame(speaker.PLAY, n, sound.to_wav(sound.silence(0.5), str(n))) for n in (1, 2)]
    line.write(b"".join(frame.to_bytes() for frame in frames), deadline_in(3.0))
    answers = speaker.Reader().feed(line.read(4 * speaker.HEAD.size, deadline_in(5.0)))
    assert [(a.kind, a.id) for a in answers] == [
        (speaker.STARTED, 1),
        (speaker.DONE, 1),
        (speaker.STARTED, 2),
        (speaker.DONE, 2),
    ]
    assert [spoken.text for spoken in simulator.spoken] == ["1", "2"]
    line.close()
    simulator.stop()
