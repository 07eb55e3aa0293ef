"""From an utterance to its sound, at full level: which languages, by clips or cache or synthesis, chime first.

Law of the languages: said in full (more than one sentence), an utterance is said in each of `languages`, in their order; a
dialect says the sentences of "zh" once more, in its own voice or by its own clips. Shortened to one sentence it stays that
one. What must be heard is never left out for its language: if nothing would be left, all is said as it came. A dialect that
cannot be made is left out and told (`troubles`); any other sentence that cannot be made fails the whole.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devices.ports import DeviceError, Utterance
from devices.voice import clips, sound, words
from devices.voice.cache import SoundCache
from devices.voice.synth import SynthError, Synthesiser, Trouble

AFTER_CHIME_S = 0.25
BETWEEN_S = 0.45
SYNTH_S = 10.0  # for one sentence
PARTS_LIMIT = 8
CHIME_LEVEL = 80  # percent of the voice's


@dataclass(frozen=True, slots=True)
class Sentence:
    lang: str
    text: str
    clips: tuple[str, ...]
    dialect: bool = False


def sentences(utterance: Utterance, languages: Sequence[str]) -> list[Sentence]:
    """By the law above. Raises DeviceError for an utterance that is none."""
    if not 0 < len(utterance.parts) <= PARTS_LIMIT:
        raise DeviceError(f"an announcement has 1 to {PARTS_LIMIT} sentences, got {len(utterance.parts)} 句数不符")
    given = [
        Sentence(part.lang, part.text, utterance.clips[nth] if nth < len(utterance.clips) else ())
        for nth, part in enumerate(utterance.parts)
    ]
    if len(given) == 1:
        return given
    said = []
    for lang in languages:
        if lang in ("zh", "en"):
            said += [one for one in given if one.lang == lang]
        else:
            said += [Sentence(lang, one.text, one.clips, dialect=True) for one in given if one.lang == "zh"]
    return said if any(not one.dialect for one in said) else given


class Studio:
    """Several threads may make sounds at once: the cache is whole or not at all, and what is known of troubles is replaced, never
    changed."""

    def __init__(self, synth: Synthesiser, cache: SoundCache, pack: Path | None, languages: Sequence[str]) -> None:
        self.synth, self._cache, self._pack, self._languages = synth, cache, pack, tuple(languages)
        self._chime: sound.Samples[int] | None = None
        self._speech: dict[str, Trouble] = {}
        self._clips = ""  # what the last sentence missed in the pack
        self._pack_gone = False
        self.disk = ""

    def open(self) -> None:
        """Ask how each language is spoken; bounded by 2 s a language."""
        self._clips = ""
        self._speech = self.synth.troubles(self._synthesised_languages())
        self._look_for_pack()

    def ask_again(self) -> None:
        """Installed or mended meanwhile? So that nobody has to restart the station."""
        if self._speech:
            self._speech = self.synth.troubles(self._synthesised_languages())
        self._look_for_pack()

    def _synthesised_languages(self) -> list[str]:
        """A dialect with clips of its own needs no voice of the synthesiser."""
        return [
            lang
            for lang in self._languages
            if lang in ("zh", "en") or self._pack is None or not (self._pack / lang).is_dir()
        ]

    def _look_for_pack(self) -> None:
        if self._pack is not None and not self._pack.is_dir():
            self._clips = f"{self._pack} is not there 录音包不存在; record one with `kiosk voice record` 请录制"
            self._pack_gone = True
        elif self._pack_gone:
            self._clips, self._pack_gone = "", False

    def troubles(self) -> list[tuple[str, str]]:
        """(reason, detail) of everything that is not as it should be, each reason once."""
        found = {trouble.reason: trouble.detail for trouble in self._speech.values()}
        if self._clips:
            found["clips"] = self._clips
        if self.disk:
            found["disk"] = self.disk
        return list(found.items())

    def make(self, utterance: Utterance, deadline_s: float) -> sound.Samples[int]:
        """Full level; the owner makes it quieter. Raises DeviceError within the deadline."""
        end = time.monotonic() + deadline_s
        made = []
        for one in sentences(utterance, self._languages):
            try:
                made.append(sound.louder(self._sentence(one, end), 100))
            except SynthError as error:
                if not one.dialect:
                    raise
                self._speech = {one.lang: Trouble("no_voice", str(error)), **self._speech}
        speech = sound.join(made, BETWEEN_S)
        if not utterance.chime:
            return sound.join([sound.silence(sound.LEAD_S), speech], 0.0)
        if self._chime is None:
            self._chime = sound.louder(sound.chime(), CHIME_LEVEL)
        return sound.join([self._chime, speech], AFTER_CHIME_S)

    def _sentence(self, one: Sentence, end: float) -> sound.Samples[int]:
        """Clips, or the cache, or the synthesiser."""
        try:
            recorded = clips.sentence(self._pack, one.lang, one.clips)
        except clips.NoClips as error:
            self._clips = f"{error}; the whole sentence is synthesised 整句改用合成; `kiosk voice check {self._pack}`"
            recorded = None
        else:
            if recorded is not None:
                self._clips = ""
        return recorded if recorded is not None else self._synthesised(one, end)

    def _synthesised(self, one: Sentence, end: float) -> sound.Samples[int]:
        trouble = self._speech.get(one.lang)
        text = words.speakable(one.text, one.lang)
        path = self._cache.path(self.synth.name, *self.synth.voice(one.lang), text)
        found = self._cache.get(path)
        if found is not None:
            return found
        if trouble is not None:
            raise SynthError(trouble.detail)
        left = end - time.monotonic()
        if left <= 0:
            raise SynthError("no time was left to make the sound 合成超时")
        found = self.synth.speak(one.lang, text, min(SYNTH_S, left))
        try:
            self._cache.put(path, found, one.text)
            self.disk = ""
        except OSError as error:
            self.disk = f"a sound cannot be kept on disk 声音无法存盘: {error}; free some space 请清理磁盘"
        return found
