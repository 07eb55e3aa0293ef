"""Which file counts: the layers over the base folder, lowest first.

    base      the folder given by --config; may be read-only
    signed    DATA/signed-config: from central, signed; a file that is not locked yields to the box's own
    box       DATA/box-config: what wizard, technician's page and `kiosk config try` wrote
    central   DATA/central-config: from central, unsigned; only where the box has no `config_keys`
    signed    the files that the envelope locks: nothing of the box stands before them

A layer replaces whole files. Nothing is written here.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kiosk.config import Config, Source, load
from kiosk.config import boot as boots
from kiosk.config.checker import ConfigError, Mistake, mistake
from kiosk.config.files import FILES
from kiosk.config.lines import line_of, place_of
from kiosk.config.rules import is_public_key
from kiosk.config.sets import Damaged, State, Trial, folder_of, read_set, read_state
from kiosk.config.signed import Envelope, Refused, held, key_id

Origin = Literal["base", "box", "central", "signed"]
FROM_CENTRAL = ("hall.toml", "services.toml", "counters.toml", "triage.toml")


def overlay(data: Path) -> Path:
    """Where a station keeps what central sent unsigned."""
    return data / "central-config"


@dataclass(frozen=True, slots=True)
class Layers:
    """`over[file]`: what lies over the base's file, lowest first. `problems`: layers that could not be laid on, and why."""

    base: Path
    over: Mapping[str, tuple[tuple[Origin, Source], ...]]
    problems: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    damaged: Damaged | None = None
    trial: Trial | None = None  # under way, and laid on
    keys: tuple[str, ...] = ()  # trusted; () = configuration from central is not signed
    envelope: Envelope | None = None

    def in_force(self) -> dict[str, Source]:
        """Only the files that do not come from the base."""
        return {file: stack[-1][1] for file, stack in self.over.items() if stack}

    def origin(self, file: str) -> Origin:
        stack = self.over.get(file)
        return stack[-1][0] if stack else "base"

    def top(self, file: str) -> Source:
        """The one in force."""
        return self.stack(file)[-1][1]

    def stack(self, file: str) -> tuple[tuple[Origin, Source], ...]:
        """All of a file's layers, lowest first, with the base."""
        return (("base", Source(self.base / file)), *self.over.get(file, ()))


def text_of(source: Source) -> str | None:
    """None when it cannot be read."""
    if source.text is not None:
        return source.text
    try:
        return source.path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def layers(
    base: Path,
    data: Path,
    *,
    box: Mapping[str, Source] | None = None,
    central: Mapping[str, Source] | None = None,
    signed: Envelope | None = None,
    now: boots.Boot | None = None,
) -> Layers:
    """What lies over `base` now; `box`, `central` and `signed` stand for what would lie there instead. Raises nothing: a set
    of the box that is damaged is a mistake that `load_box` shows."""
    problems: list[str] = []
    damaged: Damaged | None = None
    state = State()
    own: dict[str, Source] = {}
    try:
        state = read_state(data)
        own = _own(data, state, box, now)
    except Damaged as error:
        damaged = error
    keys = trusted_keys(base, own)
    envelope = signed
    if envelope is None and keys:
        try:
            envelope = held(data, keys)
        except Refused as error:
            problems.append(f"{data / 'signed-config'}: {error}")
    if central is None:
        central = {name: Source(overlay(data) / name) for name in FROM_CENTRAL if (overlay(data) / name).is_file()}
    over = {file: _stack(file, own, {} if keys else central, envelope, data) for file in FILES}
    return Layers(
        base,
        over,
        problems=tuple(problems),
        locked=envelope.lock if envelope else (),
        damaged=damaged,
        trial=in_trial(state, now),
        keys=keys,
        envelope=envelope,
    )


def _own(data: Path, state: State, box: Mapping[str, Source] | None, now: boots.Boot | None) -> dict[str, Source]:
    """The box's own files: the good set, or the one on trial that a station has started with."""
    if box is not None:
        return dict(box)
    trial = in_trial(state, now)
    name = trial.set if trial else state.good
    return sources(data, name)


def sources(data: Path, name: str) -> dict[str, Source]:
    """The files of a set of the box's own; raises Damaged."""
    return {file: Source(folder_of(data) / name / file, text) for file, text in read_set(data, name).items()}


def in_trial(state: State, now: boots.Boot | None = None) -> Trial | None:
    """The trial, if a station runs with it and it is not over."""
    trial = state.trial
    return trial if trial and trial.started and not over(trial, now or boots.now()) else None


def over(trial: Trial, now: boots.Boot) -> bool:
    """Its time has passed, or the machine has been started anew since (a clock that went back says so too)."""
    return now.id != trial.boot or not trial.from_boot_ms <= now.ms < trial.until_boot_ms


def _stack(
    file: str,
    own: Mapping[str, Source],
    central: Mapping[str, Source],
    envelope: Envelope | None,
    data: Path,
) -> tuple[tuple[Origin, Source], ...]:
    stack: list[tuple[Origin, Source]] = []
    said = envelope.files.get(file) if envelope else None
    signed = Source(data / "signed-config" / file, said)
    locks = envelope is not None and file in envelope.lock
    if said is not None and not locks:
        stack.append(("signed", signed))
    if file in own:
        stack.append(("box", own[file]))
    if file in central:
        stack.append(("central", central[file]))
    if said is not None and locks:
        stack.append(("signed", signed))
    return tuple(stack)


def trusted_keys(base: Path, own: Mapping[str, Source]) -> tuple[str, ...]:
    """The base's keys where it names any: what the box wrote itself may add the first key, never replace one."""
    keys = _config_keys(Source(base / "station.toml"))
    return keys or (_config_keys(own["station.toml"]) if "station.toml" in own else ())


def _config_keys(source: Source) -> tuple[str, ...]:
    try:
        table: Any = tomllib.loads(text_of(source) or "")
    except tomllib.TOMLDecodeError:
        return ()  # `load` shows where
    central = table.get("central")
    keys = central.get("config_keys") if isinstance(central, dict) else None
    return tuple(k for k in keys if isinstance(k, str) and is_public_key(k)) if isinstance(keys, list) else ()


def load_box(base: Path, data: Path, *, devices: bool = True) -> Config:
    """The configuration in force on this box. Raises ConfigError; changes nothing (a station calls `box.settle` first)."""
    return load_layers(layers(base, data), devices=devices)


def load_layers(found: Layers, *, devices: bool = True) -> Config:
    """Raises ConfigError with every mistake there is."""
    if found.damaged is not None:
        raise ConfigError([mistake(found.damaged.path, 1, "the box's own configuration", found.damaged.text)])
    try:
        config = load(found.base, found.in_force(), devices=devices)
    except ConfigError as error:
        # As far as the tables tell; what can be loaded is judged below, by the options the drivers are given.
        written = [(n, it.get("command")) for n, it in enumerate(_devices(text_of(found.top("devices.toml"))))]
        raise ConfigError([*error.mistakes, *_new_commands(found, written)]) from None
    if devices:
        named = [(n, getattr(device.options, "command", None)) for n, device in enumerate(config.devices)]
        if mistakes := _new_commands(found, named):
            raise ConfigError(mistakes)
    return config


def _new_commands(found: Layers, named: Iterable[tuple[int, Any]]) -> list[Mistake]:
    """A command is run as the station's user: only who can write the base folder, or sign with a key that stands in it, may
    name one. The technician's PIN on the LAN must not be a shell. `named`: the devices by their place, and their commands."""
    file = "devices.toml"
    trusted = ("base", "signed") if _signed_by_the_base(found) else ("base",)
    if found.origin(file) in trusted:
        return []
    allowed = [
        device.get("command")
        for origin, source in found.stack(file)
        if origin in trusted
        for device in _devices(text_of(source))
    ]
    here, text = found.top(file), text_of(found.top(file)) or ""
    table = {"device": _devices(text)}
    return [
        mistake(
            here.path,
            line_of(text, ("device", n, "command")),
            "a new command cannot come this way.",
            "Write it into the base folder (--config), or sign it with a key that the base's station.toml names.",
            f"device.{n + 1}.command",
            place_of(table, ("device", n, "command")),
        )
        for n, command in named
        if command is not None and (list(command) if isinstance(command, tuple) else command) not in allowed
    ]


def _signed_by_the_base(found: Layers) -> bool:
    """Not by a key of the box layer: whoever has the PIN can add a first one there, and sign with it."""
    keys = _config_keys(Source(found.base / "station.toml"))
    return found.envelope is not None and found.envelope.key in {key_id(base64.b64decode(key)) for key in keys}


def _devices(text: str | None) -> list[dict[str, Any]]:
    try:
        found = tomllib.loads(text or "").get("device", [])
    except tomllib.TOMLDecodeError:
        return []
    return [device for device in found if isinstance(device, dict)] if isinstance(found, list) else []
