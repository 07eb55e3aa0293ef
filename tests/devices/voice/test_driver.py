"""The voice against the speaker's simulator, and against the sound card that this machine may not have."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.ports import DONE, DeviceError, Outcome, Speech, Utterance, Voice
from devices.transport import LineError
from devices.voice import players, sound, synth
from devices.voice.driver import KEPT, VoiceDriver
from devices.voice.simulator import SpeakerSimulator

from .conftest import CALL, SHORT, fake, make


def test_a_call_is_heard_whole_chime_first_then_both_languages(
    voice: VoiceDriver, speaker_of: SpeakerSimulator, tmp_path: Path
) -> None:
    port: Voice = voice
    assert port.say(CALL, 20.0) == DONE
    (spoken,) = speaker_of.spoken
    assert spoken.text == "请 A001 号到 3 号窗口 / Number A001, please go to counter 3"
    assert 7.0 < spoken.seconds < 12.0
    samples = sound.from_wav(spoken.wav)
    second = sound.RATE
    assert sound.rms(samples[: second // 10]) < 200, "what a sleeping amplifier swallows is silence"
    assert all(sound.rms(samples[n * second : (n + 1) * second]) > 500 for n in range(int(spoken.seconds)))
    assert max(samples) == pytest.approx(sound.PEAK * 0.8, rel=0.02)
    assert [file.read_bytes() for file in (tmp_path / "said").glob("call-*.wav")] == [spoken.wav]
    assert voice.probe().state == "ready"


def test_pyttsx3_speaks_through_the_whole_path(speaker_of: SpeakerSimulator, tmp_path: Path) -> None:
    driver = make(speaker_of.where, tmp_path, synth.Pyttsx3Synth())
    driver.open()
    driver.prepare(CALL)
    assert driver.say(CALL, 20.0) == DONE
    assert 7.0 < speaker_of.spoken[0].seconds < 12.0
    driver.close()


def test_what_was_prepared_needs_no_synthesiser(
    voice: VoiceDriver, speaker_of: SpeakerSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    voice.prepare(CALL)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert voice.say(CALL, 20.0) == DONE
    outcome = voice.say(SHORT, 20.0)
    assert outcome.kind == "not_done" and "apt-get install espeak-ng" in outcome.detail


def test_a_silent_speaker_is_unknown_and_must_be_opened_again(
    voice: VoiceDriver, speaker_of: SpeakerSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(players, "START_S", 0.1)
    monkeypatch.setattr(players, "ASK_S", 0.1)
    speaker_of.set_fault("silent")
    assert voice.say(SHORT, 5.0).kind == "unknown"
    with pytest.raises(LineError, match="does not answer"):
        voice.probe()


def test_a_speaker_that_refuses_is_not_done(voice: VoiceDriver, speaker_of: SpeakerSimulator) -> None:
    speaker_of.set_fault("refuse")
    outcome = voice.say(SHORT, 5.0)
    assert outcome.kind == "not_done" and "muted" in outcome.detail


def test_a_line_cut_while_it_speaks_is_unknown_then_mended(tmp_path: Path) -> None:
    simulator = SpeakerSimulator("127.0.0.1", 0, speed=1.0)
    simulator.start()
    driver = make(simulator.where, tmp_path)
    driver.open()
    driver.prepare(CALL)

    def pull_the_plug() -> None:
        simulator.wait_spoken(1)
        simulator.set_fault("unplug")

    cut = threading.Thread(target=pull_the_plug)
    cut.start()
    assert driver.say(CALL, 20.0).kind == "unknown"
    cut.join()
    with pytest.raises(LineError):
        driver.probe()
    driver.close()
    simulator.set_fault()
    driver.open()
    assert driver.probe().state == "ready"
    driver.close()
    simulator.stop()


def test_a_speaker_plays_in_its_own_time_and_stops_at_the_deadline(tmp_path: Path) -> None:
    simulator = SpeakerSimulator("127.0.0.1", 0, speed=0.5)
    simulator.start()
    driver = make(simulator.where, tmp_path)
    driver.open()
    driver.prepare(SHORT)
    outcome = driver.say(SHORT, 0.9)
    assert outcome.kind == "unknown" and "did not end" in outcome.detail
    simulator.set_fault()  # a turn of its thread: STOP was taken before
    assert driver.probe().state == "ready" and not simulator.playing
    driver.close()
    simulator.stop()


def test_a_sound_longer_than_its_deadline_is_not_begun(voice: VoiceDriver, speaker_of: SpeakerSimulator) -> None:
    voice.prepare(CALL)
    outcome = voice.say(CALL, 5.0)
    assert outcome.kind == "not_done" and "do not fit" in outcome.detail
    assert speaker_of.spoken == []


def test_the_latest_fifty_sounds_are_kept(voice: VoiceDriver, tmp_path: Path) -> None:
    said = tmp_path / "said"
    said.mkdir()
    for nth in range(1, KEPT + 1):
        (said / f"call-{nth:06d}-x.wav").write_bytes(b"")
    assert voice.say(Utterance("A/../1", SHORT.parts, chime=False), 10.0) == DONE
    names = sorted(file.name for file in said.iterdir())
    assert len(names) == KEPT
    assert names[0] == "call-000002-x.wav" and names[-1] == f"call-{KEPT + 1:06d}-A_1.wav"


def test_a_folder_that_cannot_be_written_is_told_and_the_hall_still_hears(
    speaker_of: SpeakerSimulator, tmp_path: Path
) -> None:
    (tmp_path / "said").write_text("a file where the folder should be")
    (tmp_path / "cache").write_text("")
    driver = make(speaker_of.where, tmp_path)
    driver.open()
    assert driver.say(SHORT, 10.0) == DONE
    assert driver.probe().reasons == ("disk",)
    driver.close()


# --- sound card ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("aplay") is None, reason="needs alsa-utils")
def test_the_null_card_plays_and_a_card_that_is_not_there_is_no_sound(tmp_path: Path) -> None:
    driver = make("alsa:null", tmp_path)
    driver.open()
    assert driver.probe().state == "ready"
    assert driver.say(SHORT, 10.0) == DONE
    driver.close()
    driver = make("alsa:plughw:99", tmp_path)
    driver.open()
    health = driver.probe()
    assert health.reasons == ("no_sound",) and "aplay -l" in health.detail
    assert driver.say(SHORT, 10.0).kind == "not_done"
    assert len(list((tmp_path / "said").iterdir())) == 2, "kept although nobody heard it"
    driver.close()


def test_without_aplay_the_health_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    driver = make("alsa:default", tmp_path)
    driver.open()
    health = driver.probe()
    assert health.state == "degraded" and health.reasons == ("no_sound", "no_voice")
    assert "apt-get install alsa-utils" in health.detail and "apt-get install espeak-ng" in health.detail


def test_an_aplay_that_hangs_is_killed_at_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, "aplay", "exec tail -f /dev/null")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(players, "TEST_S", 0.2)
    player = players.AlsaPlayer("default")
    player.open()
    assert "does not take sound" in player.probe().detail
    assert player.play(sound.to_wav(sound.silence(0.1)), 0.1, 0.3).kind == "unknown"


def test_mistakes_in_the_configuration_are_named(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="alsa:default or tcp"):
        make("file:///tmp/x", tmp_path)
    with pytest.raises(DeviceError, match="1 to 8 sentences"):
        make("alsa:default", tmp_path).prepare(Utterance("x", ()))


def test_preparing_speaking_asking_and_turning_the_volume_at_once(
    voice: VoiceDriver, speaker_of: SpeakerSimulator
) -> None:
    """The station prepares in one thread, speaks in another, and a technician turns the volume in a third."""
    calls = [Utterance(f"n{n}", (Speech("en", f"number {n}"),), chime=False) for n in range(12)]
    wrong: list[BaseException] = []

    def work(each: Callable[[Utterance], object]) -> None:
        try:
            for call in calls:
                each(call)
        except BaseException as error:  # noqa: BLE001 (told below)
            wrong.append(error)

    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=work, args=(each,))
        for each in (
            voice.prepare,
            lambda call: voice.prepare(Utterance("x", (*call.parts, *call.parts))),
            lambda call: outcomes.append(voice.say(call, 20.0)),
            lambda call: voice.set_volume(int(call.job[1:]) * 5 + 20),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert wrong == [] and outcomes == [DONE] * len(calls)
    assert [spoken.text for spoken in speaker_of.spoken] == [call.parts[0].text for call in calls]
    assert voice.probe().state == "ready"
