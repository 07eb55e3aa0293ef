"""`kiosk voice`: says a text as the hall's announcements do, through the voice of the configuration or into a file.
For whoever installs a speaker: is it heard, is it loud enough, does it speak Chinese?"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from devices.ports import DeviceError, Outcome, Speech, Utterance
from devices.voice import sound, synth
from devices.voice.driver import VoiceDriver
from devices.voice.words import speakable
from kiosk.config import ConfigError, Device, load

DEADLINE_S = 30.0


def write(device: Device, speech: Speech, path: Path) -> None:
    """The sentence alone as a WAV. Raises DeviceError, OSError."""
    made = synth.SYNTHESISERS[device.driver]().speak(speech.lang, speakable(speech.text, speech.lang), DEADLINE_S)
    path.write_bytes(sound.to_wav(sound.louder(made, device.options.volume), speech.text))


def say(device: Device, speech: Speech) -> Outcome:
    """Chime and sentence through the device's own line. Raises DeviceError."""
    with tempfile.TemporaryDirectory(prefix="yitai-voice-") as folder:
        driver = VoiceDriver(
            device.where,
            device.driver,
            device.options.volume,
            Path(folder) / "cache",
            clips_dir=None,
            keep_dir=Path(folder),
        )
        driver.open()
        try:
            return driver.say(Utterance("kiosk-voice", (speech,)), DEADLINE_S)
        finally:
            driver.close()


def main(args: argparse.Namespace) -> int:
    speech = Speech(args.lang, args.text)
    try:
        device = load(args.config).device("voice")
        if device is None:
            print(f"kiosk voice: 配置里没有语音设备 · no voice in {args.config / 'devices.toml'}", file=sys.stderr)
            return 1
        if args.out is not None:
            write(device, speech, args.out)
            return 0
        outcome = say(device, speech)
    except (ConfigError, DeviceError, OSError) as error:
        print(f"kiosk voice: {error}", file=sys.stderr)
        return 1
    if outcome.kind != "done":
        print(f"kiosk voice: {outcome.kind}: {outcome.detail}", file=sys.stderr)
    return 0 if outcome.kind == "done" else 1
