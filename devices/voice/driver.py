"""The hall's voice: a chime, then each sentence by clips or synthesis, played by the card or the network speaker.

Every sound said is kept as a WAV (the latest 50), also when no sound card is there: the hall can prove what was, or
would have been, heard.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devices.ports import DeviceError, Health, Outcome, Utterance, not_done
from devices.transport import Line, open_line
from devices.voice import sound
from devices.voice.players import Player, player_for
from devices.voice.studio import SYNTH_S, Studio

KEPT = 50
READY = 8  # whole announcements kept in memory; one is about 1 MB


@dataclass(frozen=True, slots=True)
class _Sound:
    """A whole announcement at full level, and ready to be sent at one volume."""

    samples: sound.Samples[int]
    volume: int
    wav: bytes
    seconds: float


class VoiceDriver:
    """A `ports.Voice`.

    `where`: "alsa:DEVICE" or "tcp://host:port". `studio` makes the sounds. `volume`: percent of full scale. `keep_dir` holds what
    was said."""

    def __init__(
        self, where: str, studio: Studio, volume: int, keep_dir: Path, opener: Callable[[str], Line] = open_line
    ) -> None:
        self._player: Player = player_for(where, opener)
        self._studio, self._volume, self._keep = studio, volume, keep_dir
        self._disk = ""
        self._ready: OrderedDict[tuple[object, ...], _Sound] = OrderedDict()
        self._ready_lock = threading.Lock()  # prepare() and say() are called from two threads

    def open(self) -> None:
        """Raises LineError when the speaker cannot be reached. A missing or wrong synthesiser only degrades: clips
        still work, and `probe` says what to install."""
        self._studio.open()
        self._player.open()

    def close(self) -> None:
        self._player.close()
        self._studio.synth.programs.stop()

    def probe(self) -> Health:
        """Reasons: no_sound, no_voice (nothing to speak with), wrong_voice (it would say something else), clips, disk."""
        health = self._player.probe()
        if health.state not in ("ready", "degraded"):
            return health
        self._studio.ask_again()
        troubles = self._studio.troubles()
        if self._disk and not self._studio.disk:
            troubles.append(("disk", self._disk))
        if not troubles:
            return health
        reasons = (*health.reasons, *(reason for reason, _ in troubles))
        return Health(
            "degraded", reasons, "; ".join(filter(None, (health.detail, *(detail for _, detail in troubles))))
        )

    def set_volume(self, volume: int) -> None:
        """0 to 100, from the next utterance on; from any thread. At 0 nothing is played, and nobody is told that it was heard."""
        self._volume = min(100, max(0, volume))

    def prepare(self, utterance: Utterance) -> None:
        """The whole sound, made ready to be sent: joining and loudness take 0.1 s, which nobody shall wait for between the
        press and the chime. Raises DeviceError when it cannot be made."""
        self._made(utterance, SYNTH_S * max(1, len(utterance.parts)))

    def say(self, utterance: Utterance, deadline_s: float) -> Outcome:
        begin = time.monotonic()
        try:
            made = self._made(utterance, deadline_s)
        except DeviceError as error:
            return not_done(str(error))
        left = deadline_s - (time.monotonic() - begin)
        try:
            if made.volume == 0:
                return not_done("the volume is 0 音量为 0")
            return self._player.play(made.wav, made.seconds, left)
        finally:
            self._keep_wav(utterance.job, made.wav)  # afterwards: nobody shall wait for the disk to hear the chime

    def wav(self, utterance: Utterance, deadline_s: float) -> bytes:
        """The sound that say() would play. Needs no open(). Raises DeviceError."""
        return self._made(utterance, deadline_s).wav

    def _made(self, utterance: Utterance, deadline_s: float) -> _Sound:
        """What is ready stays: a recall says the same. Kept at full level, so that a new volume needs no new synthesis."""
        content = (utterance.parts, utterance.clips, utterance.chime)
        volume = self._volume
        with self._ready_lock:
            found = self._ready.get(content)
        if found is not None and found.volume == volume:
            return found
        samples = found.samples if found is not None else self._studio.make(utterance, deadline_s)
        says = " / ".join(part.text for part in utterance.parts)
        made = _Sound(samples, volume, sound.to_wav(sound.scaled(samples, volume), says), sound.seconds(samples))
        with self._ready_lock:
            self._ready[content] = made
            while len(self._ready) > READY:
                self._ready.popitem(last=False)
        return made

    def _keep_wav(self, job: str, wav: bytes) -> None:
        """call-NUMBER-JOB.wav, numbered on, because a box whose clock stands in 1970 must not lose the latest."""
        try:
            self._keep.mkdir(parents=True, exist_ok=True)
            kept = sorted(self._keep.glob("call-*.wav"), key=_serial)
            name = f"call-{_serial(kept[-1]) + 1 if kept else 1:06d}-{_NOT_NAME.sub('_', job)[:40]}.wav"
            (self._keep / name).write_bytes(wav)
            for old in kept[: len(kept) + 1 - KEPT]:
                old.unlink(missing_ok=True)
            self._disk = ""
        except OSError as error:
            self._disk = f"a sound cannot be kept on disk 声音无法存盘: {error}; free some space 请清理磁盘"


_NOT_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def _serial(file: Path) -> int:
    figures = file.name.removeprefix("call-").split("-")[0].split(".")[0]
    return int(figures) if figures.isascii() and figures.isdigit() else 0
