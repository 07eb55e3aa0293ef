"""Speakers at the other end of a wire, voices on them, and a real pack of clips, spoken by espeak-ng as a person would."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.ports import Lang, Speech, Utterance
from devices.voice import pack, sound, synth
from devices.voice.cache import SoundCache
from devices.voice.driver import VoiceDriver
from devices.voice.simulator import SpeakerSimulator
from devices.voice.studio import Studio

ZH, EN = Speech("zh", "请 A001 号到 3 号窗口"), Speech("en", "Number A001, please go to counter 3")
CLIPS: dict[Lang, tuple[str, ...]] = {
    "zh": (
        *("words/please", "letters/A", "digits/0", "digits/0", "digits/1"),
        *("words/to", "numbers/3", "words/counter"),
    ),
    "en": (
        *("words/number", "letters/A", "digits/0", "digits/0", "digits/1"),
        *("words/please", "words/counter", "numbers/3"),
    ),
}
CALL = Utterance("A001-1", (ZH, EN))
BY_CLIPS = Utterance("A001-1", (ZH, EN), (CLIPS["zh"], CLIPS["en"]))
SHORT = Utterance("short", (Speech("en", "three"),), chime=False)


def make(
    where: str,
    folder: Path,
    speaks: synth.Synthesiser | None = None,
    *,
    clips: Path | None = None,
    languages: tuple[str, ...] = ("zh", "en"),
    volume: int = 80,
) -> VoiceDriver:
    studio = Studio(speaks or synth.EspeakSynth(), SoundCache(folder / "cache"), clips, languages)
    return VoiceDriver(where, studio, volume, folder / "said")


@pytest.fixture
def speaker_of() -> Iterator[SpeakerSimulator]:
    simulator = SpeakerSimulator("127.0.0.1", 0, speed=0)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def voice(speaker_of: SpeakerSimulator, tmp_path: Path) -> Iterator[VoiceDriver]:
    driver = make(speaker_of.where, tmp_path)
    driver.open()
    yield driver
    driver.close()


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What somebody recorded for the call above: as espeak-ng leaves it, with its silence."""
    folder = tmp_path_factory.mktemp("recordings")
    speaks = synth.EspeakSynth()
    for one in pack.needed({lang: dict.fromkeys(names) for lang, names in CLIPS.items()}, ("zh", "en")):
        said = sound.join([sound.silence(0.3), speaks.speak(one.lang, one.says, 10.0), sound.silence(0.5)], 0.0)
        file = folder / one.lang / f"{one.name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(sound.to_wav(said))
    return folder


@pytest.fixture(scope="session")
def clip_pack(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    for one in pack.needed({lang: dict.fromkeys(names) for lang, names in CLIPS.items()}, ("zh", "en")):
        pack.write(folder, one, pack.take_in(recordings / one.lang / f"{one.name}.wav"))
    return folder


def fake(folder: Path, name: str, script: str) -> Path:
    """A program of that name which does what the shell script says."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def children() -> set[int]:
    """The processes of this one, zombies too."""
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    found: set[int] = set()
    for task in tasks:
        with contextlib.suppress(FileNotFoundError):  # a thread may end between two looks
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


@contextmanager
def nothing_left(within_s: float = 3.0) -> Iterator[None]:
    """Threads, descriptors and child processes are as many afterwards."""

    def census() -> tuple[int, int, set[int]]:
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), children()

    before = census()
    yield
    assert wait_for(lambda: census() == before, within_s), f"before {before}, after {census()}"


def wait_for(done: Callable[[], bool], within_s: float = 3.0) -> bool:
    turn = threading.Event()
    for _ in range(round(within_s / 0.02)):
        if done():
            return True
        turn.wait(0.02)
    return done()
