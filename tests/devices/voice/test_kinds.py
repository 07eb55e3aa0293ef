"""What devices.toml may say of a voice, and what comes of it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devices.catalog import Kind, Site
from devices.ports import DONE, DeviceError, Utterance
from devices.tools.detect import detect
from devices.voice import sound
from devices.voice.kinds import KINDS
from devices.voice.simulated import SimulatedSpeaker
from devices.voice.simulator import SpeakerSimulator
from tests.devices.fuzzing import run

from .conftest import BY_CLIPS, CALL, CLIPS, ZH
from .fuzz_cases import CASES

KIND: dict[str, Kind] = {kind.driver: kind for kind in KINDS}
COMMAND = ["espeak-ng", "-v", "{voice}", "-w", "{out}", "--stdin"]


def site(folder: Path, where: str = "tcp://127.0.0.1:9") -> Site:
    return Site("voice", where, folder, folder / "data")


def slips(driver: str, folder: Path, where: str = "tcp://127.0.0.1:9", **options: Any) -> list[str]:
    kind = KIND[driver]
    return [slip.key for slip in kind.check(site(folder, where), msgspec.convert(options, kind.options))]


@pytest.mark.parametrize(
    ("driver", "options"),
    [
        ("espeak", {}),
        ("pyttsx3", {"languages": ["zh", "yue", "en"], "zone": "east", "clips": "clips"}),
        ("espeak", {"languages": ["zh", "wuu"], "dialect": "yue", "zh": "cmn-latn-pinyin"}),
        ("espeak", {"hours": [{"from": "07:00", "level": 80}, {"from": "20:00", "level": 30}]}),
        ("command", {"command": COMMAND, "zh": "cmn-latn-pinyin", "en": "en-gb"}),
        ("clips", {"clips": "clips"}),
    ],
)
def test_what_can_be_meant_is_taken(tmp_path: Path, driver: str, options: dict[str, Any]) -> None:
    assert slips(driver, tmp_path, **options) == []
    kind = KIND[driver]
    made = kind.make(site(tmp_path), msgspec.convert(options, kind.options))
    made.close()
    assert not (tmp_path / "data").exists(), "making it wrote nothing"


@pytest.mark.parametrize(
    ("driver", "options", "keys"),
    [
        ("espeak", {"volume": 101}, ["volume"]),
        ("espeak", {"hours": [{"from": "7", "level": 80}]}, ["hours"]),
        ("espeak", {"languages": []}, ["languages"]),
        ("espeak", {"languages": ["yue"]}, ["languages"]),
        ("espeak", {"languages": ["en", "yue"]}, ["languages"]),
        ("espeak", {"languages": ["zh", "zh"]}, ["languages"]),
        ("espeak", {"languages": ["zh", "yue", "wuu"]}, ["languages"]),
        ("espeak", {"languages": ["zh", "../yue"]}, ["languages"]),
        ("espeak", {"zh": "--help"}, ["zh"]),
        ("espeak", {"dialect": "yue"}, ["dialect"]),
        ("command", {"command": []}, ["command"]),
        ("command", {"command": ["piper", "{text}"]}, ["command"]),
        ("command", {"command": ["piper", "{texts}", "{out}"]}, ["command"]),
        ("clips", {"clips": ""}, ["clips"]),
    ],
)
def test_what_means_nothing_is_named(tmp_path: Path, driver: str, options: dict[str, Any], keys: list[str]) -> None:
    assert slips(driver, tmp_path, **options) == keys


def test_a_card_without_a_name_and_an_option_that_the_kind_has_not(tmp_path: Path) -> None:
    assert slips("espeak", tmp_path, "alsa:") == ["where"]
    for driver, options in (("clips", {"clips": "x", "zh": "cmn"}), ("espeak", {"command": COMMAND}), ("command", {})):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(options, KIND[driver].options)


@pytest.fixture
def far(tmp_path: Path) -> Any:
    simulator = SimulatedSpeaker(site(tmp_path, "tcp://127.0.0.1:0"), speed=0)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.mark.parametrize(
    ("driver", "options"),
    [
        ("espeak", {"languages": ["en", "zh"]}),
        ("command", {"command": COMMAND, "zh": "cmn-latn-pinyin", "en": "en-gb"}),
    ],
)
def test_each_kind_speaks_from_its_configuration(
    tmp_path: Path, far: SimulatedSpeaker, driver: str, options: dict[str, Any]
) -> None:
    kind = KIND[driver]
    made = kind.make(site(tmp_path, far.where), msgspec.convert(options, kind.options))
    made.open()
    assert made.say(CALL, 20.0) == DONE
    made.close()
    (shown,) = far.shown()
    assert shown["text"].startswith("请 A001") and 6.0 < shown["seconds"] < 13.0 and shown["n"] == 1
    assert json.dumps(far.shown(), ensure_ascii=False)


def test_a_pack_beside_the_configuration_is_used(tmp_path: Path, far: SimulatedSpeaker, clip_pack: Path) -> None:
    (tmp_path / "clips").symlink_to(clip_pack)
    kind = KIND["clips"]
    made = kind.make(site(tmp_path, far.where), msgspec.convert({"clips": "clips"}, kind.options))
    made.open()
    assert made.say(BY_CLIPS, 20.0) == DONE
    free = made.say(Utterance("x", (ZH,)), 5.0)
    assert free.kind == "not_done" and "not in the clips" in free.detail
    assert made.say(Utterance("y", (ZH,), (CLIPS["zh"],)), 20.0) == DONE
    assert made.probe().state == "ready"
    made.close()
    assert [shown["n"] for shown in far.shown()] == [2, 1]


# --- the simulator as the catalog wants it, detection, the fuzzer ---------------------------------------------------


def test_it_fails_on_demand_and_says_so(far: SimulatedSpeaker, tmp_path: Path) -> None:
    assert set(far.faults) == {"silent", "slow", "one_byte", "half_close", "refuse", "cut", "unplugged"}
    far.set_fault("silent")
    assert far.active() == ("silent",)
    far.set_fault("silent", on=False)
    assert far.active() == ()
    with pytest.raises(ValueError, match="one of silent"):
        far.set_fault("paper_end")
    with pytest.raises(DeviceError, match="tcp:// only"):
        SimulatedSpeaker(site(tmp_path, "alsa:default"))


def test_a_speaker_is_detected_once_and_disturbed_by_nothing(speaker_of: SpeakerSimulator) -> None:
    found = detect(speaker_of.where, KINDS, deadline_s=5.0).found
    assert [(f.klass, f.driver) for f in found] == [("voice", "espeak")]
    assert speaker_of.spoken == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_bytes_bring_a_codec_out_of_order(case: Any) -> None:
    run(case, 1_500, every_byte=False)


def test_the_samples_of_the_kind_are_good_ones() -> None:
    for kind in KINDS:
        for samples in kind.samples:
            assert [bool(samples.decode(frame)) for frame in samples.frames] == [True] * len(samples.frames)
    assert len(sound.any_wav(KINDS[0].samples[1].frames[0])) == 2
