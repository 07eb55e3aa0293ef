"""`kiosk doctor`: every check of a box with its remedy, on one page. Exit status 0 well, 1 something must be mended,
2 warnings only. Changes nothing but a file of its own that it writes and removes to time the disk."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kiosk.config import Config, ConfigError
from kiosk.config.layers import layers, load_layers
from kiosk.station.doctor import devices, disk, machine, network, setup, software
from kiosk.station.doctor.check import ROOT, Check, Scene, Task, run_all

__all__ = ["Check", "checks", "main", "state_of"]

TASKS: tuple[Task, ...] = (
    Task("python", software.python),
    Task("packages", software.packages),
    Task("assets", software.assets),
    Task("plugins", software.plugins),
    Task("speech", software.speech, 6.0),
    Task("config", setup.configuration),
    Task("layers", setup.layering),
    Task("pins", setup.pins, 8.0),
    Task("time_zone", setup.time_zone),
    Task("space", disk.space),
    Task("fsync", disk.fsync, 6.0),
    Task("secrets", disk.secrets),
    Task("logs", disk.logs),
    Task("journal", disk.journal, 11.0),
    Task("clock", machine.clock),
    Task("time_server", machine.time_server),
    Task("display", machine.display),
    Task("limits", machine.limits),
    Task("memory", machine.memory),
    Task("station", network.station),
    Task("central", network.central, 8.0),
    Task("ports", devices.ports),
    Task("devices", devices.devices, 10.0),
)


def checks(
    base: Path,
    data: Path,
    *,
    quick: bool = False,
    health: Mapping[str, Any] | None = None,
    root: Path = Path("/"),
    project: Path = ROOT,
) -> list[Check]:
    """Everything that can be said of this box, within 15 s; also beside a station that runs. `health`: what GET /health says,
    for a station that asks about itself (the shell leaves it out, and it is asked). `quick` reads only the open day of the
    journal."""
    found = layers(base, data)
    config: Config | None
    try:
        config = load_layers(found)
    except ConfigError:
        config = None  # the check named config says what is wrong
    if health is None and config is not None:
        health = network.health(config)
    scene = Scene(
        base=base, data=data, config=config, layers=found, health=health, quick=quick, root=root, project=project
    )
    return run_all(scene, TASKS)


def state_of(found: list[Check]) -> str:
    """The worst: fail, warn or ok."""
    return max((c.state for c in found), key=("ok", "warn", "fail").index, default="ok")


def main(args: argparse.Namespace) -> int:
    found = checks(args.config, Path(args.data).resolve(), quick=args.quick)
    state = state_of(found)
    if args.json:
        print(msgspec.json.format(msgspec.json.encode({"state": state, "checks": found})).decode())
    else:
        print(page(found))
    return {"ok": 0, "fail": 1, "warn": 2}[state]


MARKS = {"ok": "good", "warn": "LOOK", "fail": "MEND"}


def page(found: list[Check]) -> str:
    """What must be mended first, then what to look at, then the rest."""
    lines = []
    for state in ("fail", "warn", "ok"):
        for check in (c for c in found if c.state == state):
            lines.append(f"{MARKS[state]}  {check.id}: {check.what.en}")
            if state != "ok" and check.what.zh != check.what.en:
                lines.append(f"      {check.what.zh}")
            if check.remedy is not None:
                lines += [f"      -> {check.remedy.en}", f"      -> {check.remedy.zh}"]
    count = {state: sum(c.state == state for c in found) for state in MARKS}
    lines.append(f"{count['fail']} to mend, {count['warn']} to look at, {count['ok']} good")
    return "\n".join(lines)
