"""The hall's voice: a chime, then each sentence by clips or synthesis, played by the card or the network speaker.

Every sound said is kept as a WAV (the latest 50), also when no sound card is there: the hall can prove what was, or
would have been, heard.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from devices.ports import DeviceError, Health, Outcome, Speech, Utterance, not_done
from devices.voice import clips, sound, synth, words
from devices.voice.cache import SoundCache
from devices.voice.players import Player, player_for

AFTER_CHIME_S = 0.25
BETWEEN_S = 0.45
SYNTH_S = 10.0  # for one sentence
PARTS_LIMIT = 8
KEPT = 50
READY = 8  # whole announcements kept in memory; one is about 0.4 MB


@dataclass(frozen=True, slots=True)
class _Sound:
    """A whole announcement, ready to be sent."""

    wav: bytes
    seconds: float


class VoiceDriver:
    """A `ports.Voice`.

    `where`: "alsa:DEVICE" or "tcp://host:port". `backend`: "pyttsx3" or "espeak". `volume`: percent of full scale.
    `cache_dir` holds synthesised sentences, `keep_dir` what was said; `clips_dir` None = no recorded clips."""

    def __init__(
        self, where: str, backend: str, volume: int, cache_dir: Path, clips_dir: Path | None, keep_dir: Path
    ) -> None:
        if backend not in synth.SYNTHESISERS:
            known = ", ".join(synth.SYNTHESISERS)
            raise DeviceError(f"unknown voice backend {backend!r} 未知的语音引擎; use one of {known} 请改用其一")
        self._player: Player = player_for(where)
        self._synth: synth.Synthesiser = synth.SYNTHESISERS[backend]()
        self._volume, self._clips, self._keep = volume, clips_dir, keep_dir
        self._cache = SoundCache(cache_dir)
        self._chime: sound.Samples[int] | None = None
        self._problem = ""
        self._disk = ""
        self._ready: OrderedDict[tuple[object, ...], _Sound] = OrderedDict()
        self._ready_lock = threading.Lock()  # prepare() and say() are called from two threads

    def open(self) -> None:
        """Raises LineError when the speaker cannot be reached. A missing or wrong synthesiser only degrades: clips
        still work, and `probe` says what to install."""
        self._problem = synth.mandarin_problem()
        self._player.open()

    def close(self) -> None:
        self._player.close()

    def probe(self) -> Health:
        health = self._player.probe()
        if self._problem and health.state in ("ready", "degraded"):
            # Installed while running? Asked again, so that nobody has to restart the station.
            self._problem = synth.mandarin_problem()
        reasons = (*health.reasons, *(["no_voice"] if self._problem else []), *(["disk"] if self._disk else []))
        if reasons == health.reasons or health.state not in ("ready", "degraded"):
            return health
        return Health("degraded", reasons, "; ".join(filter(None, (health.detail, self._problem, self._disk))))

    def prepare(self, utterance: Utterance) -> None:
        """The whole sound, made ready to be sent: joining and loudness take 0.1 s, which nobody shall wait for between the
        press and the chime. Raises DeviceError when it cannot be made."""
        self._check(utterance)
        made = _sound(utterance, self._whole(utterance, SYNTH_S * len(utterance.parts)))
        with self._ready_lock:
            self._ready[_content(utterance)] = made
            while len(self._ready) > READY:
                self._ready.popitem(last=False)

    def say(self, utterance: Utterance, deadline_s: float) -> Outcome:
        begin = time.monotonic()
        try:
            self._check(utterance)
            with self._ready_lock:
                made = self._ready.get(_content(utterance))  # stays: a recall says the same
            if made is None:
                made = _sound(utterance, self._whole(utterance, deadline_s))
        except DeviceError as error:
            return not_done(str(error))
        left = deadline_s - (time.monotonic() - begin)
        try:
            return self._player.play(made.wav, made.seconds, left)
        finally:
            self._keep_wav(utterance.job, made.wav)  # afterwards: nobody shall wait for the disk to hear the chime

    def _check(self, utterance: Utterance) -> None:
        if not 0 < len(utterance.parts) <= PARTS_LIMIT:
            raise DeviceError(f"an announcement has 1 to {PARTS_LIMIT} sentences, got {len(utterance.parts)} 句数不符")

    def _whole(self, utterance: Utterance, deadline_s: float) -> sound.Samples[int]:
        made = [
            sound.louder(self._sentence(part, _clips_of(utterance, nth), min(SYNTH_S, deadline_s)), self._volume)
            for nth, part in enumerate(utterance.parts)
        ]
        speech = sound.join(made, BETWEEN_S)
        if not utterance.chime:
            return sound.join([sound.silence(sound.LEAD_S), speech], 0.0)
        if self._chime is None:
            self._chime = sound.louder(sound.chime(), self._volume * 8 // 10)
        return sound.join([self._chime, speech], AFTER_CHIME_S)

    def _sentence(self, part: Speech, names: tuple[str, ...], deadline_s: float) -> sound.Samples[int]:
        """Clips, or the cache, or the synthesiser."""
        recorded = clips.sentence(self._clips, part.lang, names)
        if recorded is not None:
            return recorded
        text = words.speakable(part.text, part.lang)
        voice, rate = synth.VOICES[part.lang]
        path = self._cache.path(self._synth.name, voice, rate, text)
        found = self._cache.get(path)
        if found is None:
            if self._problem:
                raise synth.SynthError(self._problem)
            found = self._synth.speak(part.lang, text, deadline_s)
            try:
                self._cache.put(path, found, part.text)
                self._disk = ""
            except OSError as error:
                self._disk = f"a sound cannot be kept on disk 声音无法存盘: {error}"
        return found

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
            self._disk = f"a sound cannot be kept on disk 声音无法存盘: {error}"


_NOT_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def _serial(file: Path) -> int:
    figures = file.name.removeprefix("call-").split("-")[0].split(".")[0]
    return int(figures) if figures.isascii() and figures.isdigit() else 0


def _content(utterance: Utterance) -> tuple[object, ...]:
    """What makes two announcements sound the same."""
    return utterance.parts, utterance.clips, utterance.chime


def _sound(utterance: Utterance, samples: sound.Samples[int]) -> _Sound:
    return _Sound(sound.to_wav(samples, " / ".join(part.text for part in utterance.parts)), sound.seconds(samples))


def _clips_of(utterance: Utterance, nth: int) -> tuple[str, ...]:
    return utterance.clips[nth] if nth < len(utterance.clips) else ()
