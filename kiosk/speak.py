"""`kiosk voice`: says a text as the hall's announcements do, and makes and checks packs of recorded clips.
For whoever installs a speaker: is it heard, is it loud enough, does it speak Chinese? Is the pack complete?"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from devices.catalog import Site, catalog
from devices.ports import DeviceError, Outcome, Speech, Utterance
from devices.voice import pack as packs
from devices.voice import sound
from devices.voice.kinds import Options
from devices.voice.recorder import Keys, Recorder, Session
from devices.voice.take import BadTake
from kiosk.config import Config, ConfigError, Device, load
from kiosk.domain.plan import HallPlan
from kiosk.domain.ticket import number
from kiosk.effects.speech import clips_needed, spoken_call

DEADLINE_S = 30.0


def main(args: argparse.Namespace) -> int:
    """`kiosk voice TEXT`, `say TEXT`, `record PACK` or `check PACK`; 0 = well, 1 = not, each with what and how to mend it."""
    works: dict[str, Callable[[argparse.Namespace, Config], int]] = {"say": _say, "record": _record, "check": _check}
    if args.text is None:
        if args.what in works:
            missing = "TEXT" if args.what == "say" else "PACK"
            print(f"kiosk voice: `kiosk voice {args.what}` needs a {missing}; see `man kiosk-voice`", file=sys.stderr)
            return 2
        args.what, args.text = "say", args.what
    elif args.what not in works:
        print(f"kiosk voice: {args.what!r} is none of {', '.join(works)}; put a text into quotes", file=sys.stderr)
        return 2
    try:
        return works[args.what](args, load(args.config))
    except (ConfigError, DeviceError, OSError) as error:
        print(f"kiosk voice: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("", file=sys.stderr)
    return 1


# --- say -------------------------------------------------------------------------------------------------------------


def _say(args: argparse.Namespace, config: Config) -> int:
    device = _device(config)
    if args.out is not None:
        args.out.write_bytes(_wav(config, device, Utterance("kiosk-voice", (_speech(args),), chime=False)))
        return 0
    return _told(_play(config, device, Utterance("kiosk-voice", (_speech(args),))))


def _speech(args: argparse.Namespace) -> Speech:
    return Speech(args.lang, args.text)


def _device(config: Config) -> Device:
    device = config.device("voice")
    if device is None:
        raise DeviceError(
            f"配置里没有语音设备 no voice in {config.folder / 'devices.toml'}; add a [[device]] of class voice"
        )
    return device


def _driver(config: Config, device: Device, folder: str) -> Any:
    """The driver of the configuration; what it keeps lies in `folder`, not among the hall's calls."""
    kind = catalog().get("voice", device.driver)
    if kind is None:
        raise DeviceError(f"{device.id}: there is no driver voice/{device.driver}; run `kiosk config check`")
    return kind.make(Site(device.id, device.where, config.folder, Path(folder)), device.options)


def _wav(config: Config, device: Device, utterance: Utterance) -> bytes:
    with tempfile.TemporaryDirectory(prefix="yitai-voice-") as folder:
        driver = _driver(config, device, folder)
        if not hasattr(driver, "wav"):
            raise DeviceError(f"voice/{device.driver} only plays; leave --out away")
        made: bytes = driver.wav(utterance, DEADLINE_S)
        return made


def _play(config: Config, device: Device, utterance: Utterance) -> Outcome:
    """Through the device's own line. Raises DeviceError."""
    with tempfile.TemporaryDirectory(prefix="yitai-voice-") as folder:
        driver = _driver(config, device, folder)
        driver.open()
        try:
            outcome: Outcome = driver.say(utterance, DEADLINE_S)
            return outcome
        finally:
            driver.close()


def _told(outcome: Outcome) -> int:
    if outcome.kind != "done":
        print(f"kiosk voice: {outcome.kind}: {outcome.detail}", file=sys.stderr)
    return 0 if outcome.kind == "done" else 1


# --- packs of clips --------------------------------------------------------------------------------------------------


def _wanted(config: Config) -> list[packs.Needed]:
    device = config.device("voice")
    languages = getattr(device.options, "languages", None) if device else None
    return packs.needed(clips_needed(config.plan), languages or ("zh", "en"))


def _record(args: argparse.Namespace, config: Config) -> int:
    wanted = _wanted(config)
    pack = Path(args.text)
    if args.source is not None:
        return _import(pack, args.source, wanted, again=args.again)
    recorder = Recorder(args.device)
    session = Session(pack, wanted, recorder, Keys(sys.stdin.fileno()), _print, lambda made: _hear(config, made))
    return 0 if session.run(again=args.again) else 1


def _hear(config: Config, made: sound.Samples[int]) -> str:
    """Play one clip through the voice of the configuration; what went wrong, or ""."""
    device = config.device("voice")
    if device is None:
        return "配置里没有语音设备，无法试听 no voice to play it on; keep it and use `kiosk voice check PACK --play`"
    with tempfile.TemporaryDirectory(prefix="yitai-clip-") as folder:
        one = packs.Needed("zh", "words/take", "试听")
        packs.write(Path(folder), one, made)
        said = Utterance("clip", (Speech("zh", one.says),), (("words/take",),), chime=False)
        try:
            outcome = _play(config, _with_pack(device, Path(folder)), said)
        except DeviceError as error:
            return str(error)
    return "" if outcome.kind == "done" else outcome.detail


def _import(pack: Path, source: Path, wanted: list[packs.Needed], *, again: bool) -> int:
    """Every needed clip that `source` has and the pack has not (with `again`: all that it has)."""
    if not source.is_dir():
        raise DeviceError(f"{source} 不是文件夹 is no folder; name the one with the recordings")
    refused = taken = 0
    for finding in packs.look_over(pack, wanted):
        one = finding.needed
        file = packs.find_file(source, one)
        if file is None or not (finding.wrong or again):
            continue
        try:
            packs.write(pack, one, packs.take_in(file))
            taken += 1
        except BadTake as error:
            refused += 1
            print(f"FAIL {file}: {error}")
    print(f"导入 {taken} 段，拒绝 {refused} 段 · {taken} clips taken in, {refused} refused")
    return max(_table(pack, wanted), int(refused > 0))


def _check(args: argparse.Namespace, config: Config) -> int:
    pack = Path(args.text)
    if not pack.is_dir():
        raise DeviceError(f"{pack} 不是文件夹 is no folder; make one with `kiosk voice record {pack}`")
    status = _table(pack, _wanted(config))
    if args.play:
        device = _with_pack(_device(config), pack)
        status = max(status, _told(_play(config, device, _sample(config.plan))))
    return status


def _table(pack: Path, wanted: list[packs.Needed]) -> int:
    found = packs.look_over(pack, wanted)
    for finding in found:
        print(finding)
    wrong = sum(bool(finding.wrong) for finding in found)
    print(
        f"{len(found)} 段中 {wrong} 段有问题，缺一段则整句改用合成语音 · "
        f"{wrong} of {len(found)} clips are not right; one missing, and its whole sentence is synthesised"
        if wrong
        else f"{len(found)} 段齐全 · all {len(found)} clips are there and right"
    )
    return int(wrong > 0)


def _sample(plan: HallPlan) -> Utterance:
    """The first call of a day."""
    service, counter = plan.services[0], plan.counters[0]
    return spoken_call("kiosk-voice", number(service.series, 1), counter.id)


def _with_pack(device: Device, pack: Path) -> Device:
    if not isinstance(device.options, Options):
        raise DeviceError(f"voice/{device.driver} knows no clips; use one of pyttsx3, espeak, command or clips")
    options = msgspec.structs.replace(device.options, clips=str(pack.absolute()))
    return msgspec.structs.replace(device, options=options)


def _print(text: str) -> None:
    print(text, flush=True)
