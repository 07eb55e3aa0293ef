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
    parser.add_argument(
        "what", choices=["check"], help="check: read everything, show every mistake with its line and remedy"
    )


def voice_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="what to say")
    parser.add_argument("--lang", choices=["zh", "en"], default="zh")
    parser.add_argument("--out", type=Path, metavar="FILE.wav", help="write the sound here instead of playing it")


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
        "kiosk.config:main",
        "check the configuration",
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
        "verify a journal: gaps, seals, and that it folds",
        "kiosk doctor --data /var/lib/yitai",
        no_options,
    ),
    "voice": Verb(
        "kiosk.speak:main",
        "say a text as the announcements do",
        'kiosk voice "请 A001 号到 3 号窗口" --out call.wav',
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
    args = build_parser().parse_args(argv)
    module, _, function = VERBS[args.verb].work.partition(":")
    work: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(module), function)
    return work(args)


if __name__ == "__main__":
    sys.exit(main())
