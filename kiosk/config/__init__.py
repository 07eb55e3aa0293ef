"""Configuration: TOML files of one folder -> frozen structs. Refused, never repaired: every mistake of every file is
collected into one `ConfigError`, each with file, line, key and remedy.

hall.toml      the hall, its classes          services.toml  its businesses       triage.toml   the questions
counters.toml  its counters                   devices.toml   what hangs on the box  station.toml  this box, PINs, central
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.config.checker import UNKNOWN, Checker, ConfigError, Mistake, Source
from kiosk.config.files import FILES, Central, Config, Device, NodeTable, Pins, Screen, Station
from kiosk.config.rules import RULES
from kiosk.domain.plan import HallPlan, Node

__all__ = ["Central", "Config", "ConfigError", "Device", "Mistake", "Pins", "Screen", "Source", "Station", "load"]


def load(folder: Path, over: Path | Mapping[str, Source] | None = None, *, devices: bool = True) -> Config:
    """The files of `folder`, each replaced by its namesake in `over` (a folder, or what `kiosk.config.layers` found to be in
    force); raises ConfigError with every mistake there is.
    Without `devices` the options of the devices stay as written: a process that drives none need not load their kinds."""
    if isinstance(over, Path):
        over = {file: Source(over / file) for file in FILES if (over / file).is_file()}
    checker = Checker(folder, over)
    read: dict[str, Any] = {}
    for file, kind in FILES.items():
        table = checker.read(file)
        read[file] = UNKNOWN if table is UNKNOWN else checker.build(file, table, kind, ())
    # What could be read is looked at all the same, so that one typo does not hide the next mistake.
    for file, check in RULES.items():
        if read[file] is not UNKNOWN:
            check(checker, read)
    attached: tuple[Device, ...] = read["devices.toml"].device
    if devices:
        from devices.catalog import catalog  # the drivers of every kind: a screen starts without them
        from kiosk.config.kinds import with_options

        attached = with_options(checker, attached, catalog(), read["counters.toml"].counter)
    if checker.mistakes:
        raise ConfigError(checker.mistakes)
    hall = read["hall.toml"].hall
    plan = HallPlan(
        name=hall.name,
        services=read["services.toml"].service,
        counters=read["counters.toml"].counter,
        classes=read["hall.toml"].klass,
        nodes=tuple(_node(table) for table in read["triage.toml"].node),
        reset_hour=hall.reset_hour,
        utc_offset_min=hall.utc_offset_min,
        recall_limit=hall.recall_limit,
        return_window_min=hall.return_window_min,
        voice=any(device.klass == "voice" for device in read["devices.toml"].device),
    )
    station = read["station.toml"]
    digest = hashlib.sha256("\0".join(f"{f}\0{t}" for f, t in sorted(checker.texts.items())).encode())
    return Config(
        folder=folder,
        version=digest.hexdigest()[:12],
        plan=plan,
        station=station.station,
        screen=station.screen,
        central=station.central,
        pins=station.pins,
        devices=attached,
    )


def _node(table: NodeTable) -> Node:
    return Node(
        id=table.id,
        kind=table.kind,
        title=table.title,
        body=table.body,
        service=table.service,
        papers=table.papers,
        choices=table.choice,
    )
