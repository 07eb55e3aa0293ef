"""`kiosk config`: look at the configuration, try a change, sign one. Exit status: 0 well (diff: no difference), 1 mistakes,
differences or a refusal, 2 it could not be done."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from kiosk.config import ConfigError, Source, box, trying
from kiosk.config.box import BoxError
from kiosk.config.files import FILES
from kiosk.config.layers import layers, load_box, load_layers
from kiosk.config.running import Station, StationError
from kiosk.config.show import diffs_to, layer_diffs, show
from kiosk.config.signing import CannotSign, keygen, sign
from kiosk.domain.facts import Lines

WELL, WRONG, TROUBLE = 0, 1, 2


class Cannot(Exception):
    """Wrongly asked; the text says how it is asked rightly."""


def main(args: argparse.Namespace) -> int:
    args.data = Path(args.data).resolve()
    try:
        return WORK[args.what](args)
    except ConfigError as error:
        _tell(args, str(error), {"good": False, "mistakes": error.mistakes})
        return WRONG
    except BoxError as error:
        _tell(args, f"{error.text.zh}\n{error}", {"good": False, "reason": error.reason, "text": error.text}, bad=True)
        return WRONG
    except StationError as error:
        _tell(args, str(error), {"good": False, "reason": "station", "text": str(error)}, bad=True)
        return error.status
    except (Cannot, CannotSign, OSError) as error:
        _tell(args, f"kiosk config: {error}", {"good": False, "reason": "cannot", "text": str(error)}, bad=True)
        return TROUBLE


def _tell(args: argparse.Namespace, text: str, value: Any, *, bad: bool = False) -> None:
    """As JSON on standard output, or as text where it belongs."""
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(value)).decode())
    else:
        print(text, file=sys.stderr if bad else sys.stdout)


# --- looking ----------------------------------------------------------------------------------------------------------


def _show(args: argparse.Namespace) -> int:
    found = layers(args.config, args.data)
    files = show(found)
    lines = []
    for it in files:
        lines.append(f"{it.file:<15} {it.origin:<8} {it.path}{'  (locked)' if it.locked else ''}")
        for change in it.changes:
            lines.append(f"    {change.origin}: {change.key}: {_or_none(change.below)} -> {_or_none(change.here)}")
    force = trying.in_force(args.config, args.data)
    lines.append(force.text)
    running = box.running(args.data)
    ended = None if running else box.ended(args.data)
    if running is not None:
        lines.append(trying.told_running(running))
    if ended is not None:
        lines.append(trying.told_ended(ended))
    damaged = [f"{found.damaged}"] if found.damaged else []
    lines += [f"未采用 · not laid on: {problem}" for problem in (*found.problems, *damaged)]
    told = {
        "files": files,
        "in_force": force.state,
        "trial": running,
        "ended": ended,
        "problems": [*found.problems, *damaged],
    }
    _tell(args, "\n".join(lines), told)
    return WRONG if found.problems or damaged else WELL


def _or_none(value: str | None) -> str:
    return "(not there)" if value is None else value


def _check(args: argparse.Namespace) -> int:
    base, data = args.config, args.data
    config = box.check(base, data, _given(args.paths)) if args.paths else load_box(base, data)
    plan = config.plan
    counts = {
        "services": len(plan.services),
        "counters": len(plan.counters),
        "nodes": len(plan.nodes),
        "devices": len(config.devices),
    }
    told = ", ".join(f"{n} {'triage nodes' if what == 'nodes' else what}" for what, n in counts.items())
    text = f"{args.config}: good. {plan.name.zh} / {plan.name.en}: {told}, version {config.version}."
    _tell(args, text, {"good": True, "mistakes": [], "version": config.version, **counts})
    return WELL


def _diff(args: argparse.Namespace) -> int:
    found = layers(args.config, args.data)
    told = diffs_to(found, _paths(args.paths)) if args.paths else layer_diffs(found)
    _tell(args, "\n".join(told.values()), told)
    return WRONG if told else WELL


def _given(paths: list[Path]) -> dict[str, Source]:
    """File of the configuration -> the one that was named, under the path a person knows it by. Raises Cannot."""
    try:
        return {name: Source(path, path.read_text("utf-8")) for name, path in _paths(paths).items()}
    except UnicodeDecodeError as error:
        raise Cannot(f"not UTF-8 ({error.reason} at byte {error.start}): save it as UTF-8") from error


def _paths(paths: list[Path]) -> dict[str, Path]:
    """File of the configuration -> where it lies. Raises Cannot."""
    found: dict[str, Path] = {}
    for path in paths:
        here = [path / file for file in FILES if (path / file).is_file()] if path.is_dir() else [path]
        for file in here:
            if file.name not in FILES:
                raise Cannot(f"{file}: not a file of the configuration; known: {', '.join(FILES)}")
            if not file.is_file():
                raise Cannot(f"{file}: there is no such file")
            found[file.name] = file
    if not found:
        raise Cannot(f"nothing to look at: name a folder or files among {', '.join(FILES)}")
    return found


def _schema(args: argparse.Namespace) -> int:
    from devices.catalog import catalog
    from kiosk.config.schema import name_of, schema

    names = [path.name for path in args.paths] or list(FILES)
    for name in names:
        if name not in FILES:
            raise Cannot(f"{name}: not a file of the configuration; known: {', '.join(FILES)}")
    made = {name: schema(name, catalog()) for name in names}
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        for name, one in made.items():
            (args.out / name_of(name)).write_bytes(msgspec.json.format(msgspec.json.encode(one)) + b"\n")
            print(f"{args.out / name_of(name)}: first line of {name}: #:schema {args.out / name_of(name)}")
        return WELL
    one = made[names[0]] if len(names) == 1 else made
    print(msgspec.json.format(msgspec.json.encode(one)).decode())
    return WELL


# --- trying -----------------------------------------------------------------------------------------------------------


def _try(args: argparse.Namespace) -> int:
    given = _given(args.paths) if args.paths or not args.drop else {}
    box.check(args.config, args.data, given, drop=args.drop)  # here, where mistakes bear the paths that were typed
    files = {name: source.text or "" for name, source in given.items()}
    station = Station.of(args.config, args.data)
    if station is not None:
        until_ms = station.try_files(files, args.drop)
        how = Lines(zh="站点程序正在用它重新启动。", en="The station starts again with it.")
    else:
        now_ms = time.time_ns() // 1_000_000
        until_ms = box.try_files(args.config, args.data, files, now_ms, drop=args.drop).until_ms
        how = Lines(
            zh="没有站点程序在运行：请现在启动，它会试用。", en="No station runs: start it now, it takes the trial."
        )
    at = trying.clock(until_ms)
    text = (
        f"试用到 {at}。{how.zh}查看无误后执行 kiosk config confirm；不确认则自动撤回。\n"
        f"On trial until {at}. {how.en} Look at it, then `kiosk config confirm`; else the configuration before comes back."
    )
    told = {"confirm_by_ms": until_ms, "station": station is not None}
    tried = None if args.no_wait else box.trial(args.data)
    if tried is None:
        _tell(args, text, told)
        return WELL
    if not args.json:
        print(text, flush=True)
    try:
        became = trying.wait(args.data, tried)
    except KeyboardInterrupt:
        print("\n试用仍在继续 · the trial goes on: kiosk config confirm, or kiosk config rollback", file=sys.stderr)
        return TROUBLE
    _tell(args, trying.told_outcome(became, tried), told | {"outcome": became})
    return WELL if became == "confirmed" else WRONG


def _confirm(args: argparse.Namespace) -> int:
    station = Station.of(args.config, args.data)
    if station is not None:
        station.confirm()
    else:
        box.confirm(args.data)
    _tell(args, "已确认，长期有效 · confirmed: this is the good configuration now", {"good": True})
    return WELL


def _rollback(args: argparse.Namespace) -> int:
    station = Station.of(args.config, args.data)
    if station is not None:
        station.rollback(last=args.last)
    elif args.last:
        box.previous(args.config, args.data)
    else:
        box.rollback(args.data)
    what = ("上一份配置", "the set before") if args.last else ("原来的配置", "the good configuration")
    text = (
        f"已撤回：站点程序正在用{what[0]}重新启动 · rolled back: the station starts again with {what[1]}"
        if station is not None
        else f"已撤回：站点程序下次启动时用{what[0]} · rolled back: no station runs, its next start takes {what[1]}"
    )
    _tell(args, text, {"good": True, "station": station is not None})
    return WELL


# --- signing ----------------------------------------------------------------------------------------------------------


def _keygen(args: argparse.Namespace) -> int:
    if args.key is None:
        raise Cannot("say where the private key shall lie: --key FILE (keep it away from every box)")
    public = keygen(args.key)
    text = f'{args.key}: the private key; whoever has it configures every hall.\n[central]\nconfig_keys = ["{public}"]'
    _tell(args, text, {"key": str(args.key), "public": public})
    return WELL


def _sign(args: argparse.Namespace) -> int:
    if args.key is None or args.out is None or not args.station or args.version is None or len(args.paths) != 1:
        raise Cannot("kiosk config sign FOLDER --key FILE --station S1 --version N --out envelope.json [--days 90]")
    folder = args.paths[0]
    if all((folder / file).is_file() for file in FILES):
        load_layers(
            layers(folder, folder / "no-data")
        )  # a whole configuration: its mistakes are found here, not in the hall
    raw = sign(
        folder,
        args.key,
        stations=tuple(args.station),
        version=args.version,
        days=args.days,
        lock=tuple(args.lock),
        hall=args.hall,
        now_ms=time.time_ns() // 1_000_000,
    )
    args.out.write_bytes(raw)
    told = {"out": str(args.out), "bytes": len(raw), "version": args.version, "stations": args.station}
    _tell(args, f"{args.out}: version {args.version} for {', '.join(args.station)}, {len(raw)} bytes", told)
    return WELL


WORK: dict[str, Callable[[argparse.Namespace], int]] = {
    "show": _show,
    "check": _check,
    "diff": _diff,
    "try": _try,
    "confirm": _confirm,
    "rollback": _rollback,
    "schema": _schema,
    "keygen": _keygen,
    "sign": _sign,
}
