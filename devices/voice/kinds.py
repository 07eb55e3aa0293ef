"""The kinds of voice."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from devices.catalog import Kind, Site, Slip
from devices.voice.driver import VoiceDriver


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`volume` 0 to 100. `clips`: a folder of recorded clips beside the configuration."""

    volume: int = 80
    clips: str = ""


def _make(backend: str) -> Callable[[Site, Options], VoiceDriver]:
    def make(site: Site, options: Options) -> VoiceDriver:
        return VoiceDriver(
            site.where,
            backend=backend,
            volume=options.volume,
            cache_dir=site.data / "voice" / "cache",
            keep_dir=site.data / "voice" / "calls",
            clips_dir=site.config / options.clips if options.clips else None,
        )

    return make


def _check(site: Site, options: Options) -> Iterable[Slip]:
    if not 0 <= options.volume <= 100:
        yield Slip("volume", f"{options.volume} is out of range.", "Use 0 to 100.")


KINDS = (
    Kind(
        "voice", "pyttsx3", "语音 pyttsx3", "voice by pyttsx3", _make("pyttsx3"), ("tcp://", "alsa:"), Options, _check
    ),
    Kind(
        "voice", "espeak", "语音 espeak-ng", "voice by espeak-ng", _make("espeak"), ("tcp://", "alsa:"), Options, _check
    ),
)
