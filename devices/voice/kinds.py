"""The kinds of voice: they differ in what speaks when no recorded clips do."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable

import msgspec

from devices.catalog import Kind, Question, Samples, Simulator, Site, Slip
from devices.hours import Hour, hour_slips
from devices.ports import DeviceError
from devices.voice import clips, sound, speaker, synth, wav
from devices.voice.cache import SoundCache
from devices.voice.driver import VoiceDriver
from devices.voice.players import player_for
from devices.voice.studio import Studio

LINES = ("tcp://", "alsa:")
PLACEHOLDERS = ("{text}", "{lang}", "{voice}", "{out}")
COMMAND_LIMIT = 64  # words
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]*\}")
_VOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.()+-]{0,63}")  # never an option of a program


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`volume` 0 to 100; `hours`: volume by the hour. `zone`: the part of the hall that hears it, "" = all. `clips`: a folder of
    recorded clips beside the configuration. `languages`: in what a call is said, in this order: zh, en and at most one dialect,
    such as yue, which says the Chinese sentence once more."""

    volume: int = 80
    hours: list[Hour] = []
    zone: str = ""
    clips: str = ""
    languages: tuple[str, ...] = ("zh", "en")


class SpokenOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`zh`, `en`, `dialect`: the synthesiser's voice for each; "" = for zh and en the usual ones, for a dialect its name."""

    zh: str = ""
    en: str = ""
    dialect: str = ""


class CommandOptions(SpokenOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`command`: a program and its arguments, run once a sentence; see synth.CommandSynth."""

    command: list[str]


class ClipsOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    clips: str


def _voices(options: SpokenOptions, usual: dict[str, str]) -> dict[str, str]:
    dialect = dialect_of(options)
    given = {"zh": options.zh, "en": options.en, **({dialect: options.dialect} if dialect else {})}
    return {**usual, **{lang: voice for lang, voice in given.items() if voice}}


def dialect_of(options: Options) -> str:
    return next((lang for lang in options.languages if lang not in ("zh", "en")), "")


def _driver(site: Site, options: Options, speaks: synth.Synthesiser) -> VoiceDriver:
    pack = site.config / options.clips if options.clips else None
    studio = Studio(speaks, SoundCache(site.data / "voice" / "cache"), pack, options.languages)
    return VoiceDriver(site.where, studio, options.volume, site.data / "voice" / "calls", site.opener)


def _pyttsx3(site: Site, options: SpokenOptions) -> VoiceDriver:
    return _driver(site, options, synth.Pyttsx3Synth(_voices(options, synth.VOICES)))


def _espeak(site: Site, options: SpokenOptions) -> VoiceDriver:
    return _driver(site, options, synth.EspeakSynth(_voices(options, synth.VOICES)))


def _command(site: Site, options: CommandOptions) -> VoiceDriver:
    return _driver(site, options, synth.CommandSynth(tuple(options.command), site.config, _voices(options, {})))


def _clips(site: Site, options: ClipsOptions) -> VoiceDriver:
    return _driver(site, options, synth.NoSynth())


def _check(site: Site, options: Options) -> Iterable[Slip]:
    if not 0 <= options.volume <= 100:
        yield Slip("volume", f"{options.volume} is out of range.", "Use 0 to 100.")
    yield from hour_slips(options.hours)
    languages = options.languages
    dialects = [lang for lang in languages if lang not in ("zh", "en")]
    if not {"zh", "en"} & set(languages) or len(set(languages)) != len(languages) or len(dialects) > 1:
        remedy = 'Name zh, en or both, once each, and at most one dialect: ["zh", "yue", "en"].'
        yield Slip("languages", f"{list(languages)} cannot be said.", remedy)
    elif dialects and "zh" not in languages:
        yield Slip("languages", f"“{dialects[0]}” repeats the Chinese sentence, which is not said.", "Name zh too.")
    for lang in dialects:
        if not clips.LANG.fullmatch(lang):
            yield Slip("languages", f"“{lang}” is no name of a language.", "Use small letters, such as yue.")
    if isinstance(options, SpokenOptions):
        yield from _voice_slips(options)
    if site.where.startswith(LINES):
        try:
            player_for(site.where)
        except DeviceError as error:
            yield Slip("where", f"{error}", "Mend the address.")


def _voice_slips(options: SpokenOptions) -> Iterable[Slip]:
    for key in ("zh", "en", "dialect"):
        if (voice := getattr(options, key)) and not _VOICE.fullmatch(voice):
            yield Slip(key, f"“{voice}” is no name of a voice.", "`espeak-ng --voices` lists them.")
    if options.dialect and not dialect_of(options):
        yield Slip("dialect", "no dialect is said.", 'Name it in languages too: ["zh", "yue", "en"].')


def _command_slips(site: Site, options: CommandOptions) -> Iterable[Slip]:
    yield from _check(site, options)
    words = options.command
    if not words or not words[0].strip() or len(words) > COMMAND_LIMIT or any("\0" in word for word in words):
        yield Slip(
            "command", "it names no program.", 'Write ["piper", "--model", "zh.onnx", "--output_file", "{out}"].'
        )
        return
    if not any("{out}" in word for word in words):
        yield Slip(
            "command", "the program is not told where to put its WAV.", 'Add "{out}" where its output file goes.'
        )
    for word in words:
        for name in _PLACEHOLDER.findall(word):
            if name not in PLACEHOLDERS:
                yield Slip("command", f"“{name}” is unknown.", f"Use {', '.join(PLACEHOLDERS)}.")


def _clips_slips(site: Site, options: ClipsOptions) -> Iterable[Slip]:
    yield from _check(site, options)
    if not options.clips:
        yield Slip(
            "clips", "this voice has nothing else to speak with.", "Name a folder; `kiosk voice record` fills it."
        )


def _simulator(site: Site, options: Options) -> Simulator:
    # Imported here: a station that drives a real speaker needs none that is not.
    from devices.voice.simulated import SimulatedSpeaker

    return SimulatedSpeaker(site)


def _is_speaker(answer: bytes) -> bool:
    try:
        return any(frame.kind == speaker.WELL for frame in speaker.Reader().feed(answer))
    except speaker.SpeakerError:
        return False


_ASK = Question(speaker.Frame(speaker.ASK, 1).to_bytes(), _is_speaker, within_s=1.0, only="tcp://")
_SAMPLES = (
    Samples(
        (speaker.Frame(speaker.STARTED, 7).to_bytes(), speaker.Frame(speaker.REFUSED, 8, b"muted").to_bytes()),
        lambda data: speaker.Reader().feed(data),
        (speaker.SpeakerError,),
    ),
    Samples(
        (sound.to_wav(array("h", (1, -1)), "请"),),
        lambda data: wav.samples_of(wav.parse(data)),
        (wav.BadSound,),
    ),
)


def _kind(
    driver: str,
    zh: str,
    en: str,
    make: Callable[..., VoiceDriver],
    options: type[Options],
    check: Callable[..., Iterable[Slip]] = _check,
    ask: tuple[Question, ...] = (),
) -> Kind:
    return Kind("voice", driver, zh, en, make, LINES, options, check, _simulator, ask=ask, samples=_SAMPLES)


# A speaker answers all of them alike, so one asks: the one that is quickest.
KINDS = (
    _kind("pyttsx3", "语音 pyttsx3", "voice by pyttsx3", _pyttsx3, SpokenOptions),
    _kind("espeak", "语音 espeak-ng", "voice by espeak-ng", _espeak, SpokenOptions, ask=(_ASK,)),
    _kind("command", "语音（自定义命令）", "voice by a configured command", _command, CommandOptions, _command_slips),
    _kind("clips", "语音（仅录音）", "voice by recorded clips only", _clips, ClipsOptions, _clips_slips),
)
