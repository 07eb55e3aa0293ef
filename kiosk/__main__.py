"""The verbs of the command line: `kiosk run`, `kiosk station` and so on. No logic here: each verb names the function that
does its work, and that function's module is imported only when the verb is called."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import kiosk

DEFAULT_CONFIG = Path(__file__).resolve().parent.parent / "config"
DEFAULT_DATA = Path("data")

Options = Callable[[argparse.ArgumentParser], None]


class Verb(NamedTuple):
    """`work` is "module:function"; the function takes the parsed arguments and returns the exit status."""

    work: str
    help: str
    example: str
    options: Options


def no_options(parser: argparse.ArgumentParser) -> None:
    del parser


def run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ports", type=int, metavar="BASE", help="first port instead of 8600; all others move with it")
    parser.add_argument("--no-screen", action="store_true", help="everything but the kiosk screen")
    parser.add_argument("--headless", action="store_true", help="a screen of its own (Xvfb) even if there is a display")


def port_option(default: str) -> Options:
    def options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=int, metavar="PORT", help=f"listen here instead of {default}")

    return options


def screen_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help="the station's address (default: as in station.toml)")
    parser.add_argument("--window", metavar="WxH", help="pixels of the window; without it the panel of station.toml")


def config_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    what = ["show", "check", "diff", "try", "confirm", "rollback", "schema", "keygen", "sign"]
    add("what", choices=what, help="what to do; `man kiosk-config` explains each")
    add(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="diff, try: a folder or files; schema: a file; sign: a folder",
    )
    add("--json", action="store_true", help="for programs")
    add("--drop", action="append", default=[], metavar="FILE", help="try: without the box's own FILE")
    add("--no-wait", action="store_true", help="try: return at once; without it, wait and say what became of the trial")
    add("--last", action="store_true", help="rollback: to the set that was good before this one")
    add("--out", type=Path, metavar="PATH", help="schema: a folder; sign: the envelope")
    add("--key", type=Path, metavar="FILE", help="keygen, sign: the private key")
    add(
        "--station", action="append", default=[], metavar="ID", help="sign: for this station; again for more; '*' = all"
    )
    add("--version", type=int, metavar="N", help="sign: higher than every one before")
    add("--days", type=int, default=90, metavar="N", help="sign: valid so long (default: %(default)s)")
    add("--lock", action="append", default=[], metavar="FILE", help="sign: the box's own FILE does not stand before it")
    add("--hall", default="", metavar="NAME", help="sign: only for the hall of this Chinese name")


def doctor_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--quick", action="store_true", help="without reading the whole journal")


def voice_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("what", metavar="WHAT", help="say, record, check, or the text itself; `man kiosk-voice` explains each")
    add("text", nargs="?", metavar="TEXT", help="say: what to say; record, check: the folder of the pack of clips")
    add("--lang", choices=["zh", "en"], default="zh", help="say: the text's language (default: %(default)s)")
    add("--out", type=Path, metavar="FILE.wav", help="say: write the sound here instead of playing it")
    add("--from", dest="source", type=Path, metavar="FOLDER", help="record: take in WAV files instead of a microphone")
    add("--device", default="default", metavar="NAME", help="record: the microphone's ALSA name (default: %(default)s)")
    add("--again", action="store_true", help="record: also what is there and good")
    add("--play", action="store_true", help="check: play a call by these clips too")


def devices_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    what = ["list", "ports", "detect", "test", "log", "restart", "volume", "brightness", "learn", "new", "verify"]
    add("what", choices=what, help="what to do; `man kiosk-devices` explains each")
    add("name", nargs="?", metavar="NAME", help="a device's id; detect: a line; verify: class/driver; new: a name")
    add("value", nargs="?", metavar="VALUE", help="volume, brightness: 0 to 100; test: print, show, speak, scan …")
    add("--json", action="store_true", help="for programs")
    add(
        "--numbers",
        action="store_true",
        help="detect: show a test number of each known frame, for signs that only listen",
    )
    add("--listen", metavar="WHERE", help="learn: hear this line while the vendor's tool talks")
    add("--capture", type=Path, metavar="FILE", help="learn: from lines like: 12.345 > 7E 01 0D")
    add("--out", type=Path, metavar="FILE", help="learn: write the description here")
    add("--keep", type=Path, metavar="FILE", help="learn --listen: write what was heard here")
    add("--seconds", type=float, metavar="S", help="learn, log: listen so long (else 600; log of a station: 0)")
    add("--all", action="store_true", help="log: every piece with its own time, nothing folded")
    add("--class", dest="klass", default="sign", metavar="CLASS", help="new: sign, printer, keypad or scanner")
    add("--dir", type=Path, default=Path(), metavar="DIR", help="new: write it into this folder")
    add("--option", action="append", metavar="KEY=VALUE", help="verify: an option of the kind; again for more")


def simulate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="class/driver, or a device's id")
    parser.add_argument("--where", metavar="WHERE", help="tcp://127.0.0.1:PORT (0 = any free one) or pty:")
    parser.add_argument("--fault", metavar="FAULT", help="begin with this fault")
    parser.add_argument("--script", type=Path, metavar="FILE", help="lines like: at 2.5 fault paper_end")
    parser.add_argument("--option", action="append", metavar="KEY=VALUE", help="an option of the kind; again for more")


# Verbs that look at a box: without --config they take the folder its station was last started with.
LOOKING = ("config", "devices", "doctor", "voice")

VERBS: dict[str, Verb] = {
    "run": Verb(
        "kiosk.launch:main",
        "the whole demo hall on this machine: devices, central, station and screen",
        "kiosk run --ports 18600",
        run_options,
    ),
    "station": Verb(
        "kiosk.station.app:main",
        "the daemon of one kiosk box: its journal, its devices, the pages of counters and board",
        "kiosk station --config /etc/yitai --data /var/lib/yitai",
        port_option("station.toml's `listen`"),
    ),
    "central": Verb(
        "kiosk.central.app:main",
        "the reference central server, which takes in the facts of every station",
        "kiosk central --data /var/lib/yitai-central --port 8700",
        port_option("8700"),
    ),
    "screen": Verb(
        "kiosk.screen.app:main",
        "the touchscreen of a kiosk",
        "kiosk screen --url http://127.0.0.1:8600",
        screen_options,
    ),
    "bench": Verb(
        "devices.bench.app:main",
        "simulated devices at the other end of every tcp://127.0.0.1 line, and a page to see and disturb them",
        "kiosk bench --port 8650",
        port_option("8650"),
    ),
    "config": Verb(
        "kiosk.config.cli:main",
        "show, check, try and sign the configuration",
        "kiosk config check --config /etc/yitai",
        config_options,
    ),
    "pin": Verb(
        "kiosk.pin:main",
        "turn a PIN into the hash that station.toml wants",
        "kiosk pin",
        no_options,
    ),
    "doctor": Verb(
        "kiosk.station.doctor:main",
        "every check of a box, each with its remedy",
        "kiosk doctor --data /var/lib/yitai",
        doctor_options,
    ),
    "devices": Verb(
        "kiosk.devices_cli:main",
        "the devices of this box: list, test, detect, learn a frame, write and verify a driver",
        "kiosk devices detect serial:///dev/ttyUSB0",
        devices_options,
    ),
    "simulate": Verb(
        "kiosk.devices_cli:simulate",
        "the other end of one device's wire, with faults",
        "kiosk simulate printer/escpos --where tcp://127.0.0.1:9100 --fault paper_end",
        simulate_options,
    ),
    "voice": Verb(
        "kiosk.speak:main",
        "say a text as the announcements do; record and check packs of clips",
        'kiosk voice say "请 A001 号到 3 号窗口" --out call.wav',
        voice_options,
    ),
}


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk",
        description="Yitai (一台): the firmware of a service hall.",
        epilog="`kiosk VERB --help` shows the options of a verb, with an example.",
    )
    parser.add_argument("--version", action="version", version=f"kiosk {kiosk.__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, verb in VERBS.items():
        sub = verbs.add_parser(name, help=verb.help, description=verb.help, epilog=f"example: {verb.example}")
        verb.options(sub)
        sub.add_argument("--config", type=Path, default=DEFAULT_CONFIG, metavar="DIR", help="default: %(default)s")
        sub.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="default: ./%(default)s")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    parser = build_parser()
    args, more = parser.parse_known_args(argv)
    # argparse gives PATHs only what stands before the first option: `config try --no-wait PATH` is typed all the same.
    if more and (args.verb != "config" or any(word.startswith("-") for word in more)):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    elif more:
        args.paths += [Path(word) for word in more]
    if args.verb in LOOKING and args.config == DEFAULT_CONFIG and (told := args.data / "config.folder").is_file():
        args.config = Path(told.read_text(encoding="utf-8"))
    module, _, function = VERBS[args.verb].work.partition(":")
    work: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(module), function)
    return work(args)


if __name__ == "__main__":
    sys.exit(main())
