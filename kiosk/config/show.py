"""What is in force and where it comes from, and how one layer differs from another."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from kiosk.config.checker import Source
from kiosk.config.files import FILES
from kiosk.config.layers import Layers, Origin, text_of

MISSING = object()
SECRETS = frozenset({"token", "counter", "guide", "tech", "pin"})


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A key that an upper layer gives another value: `key` like class.elderly.head_start_min; None = not there."""

    key: str
    below: str | None
    here: str | None
    origin: Origin


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """`origin` says where the file in force comes from; `changes` what each layer over the base changed, lowest first."""

    file: str
    origin: Origin
    path: str
    locked: bool
    changes: tuple[Change, ...]


def show(layers: Layers) -> tuple[Shown, ...]:
    return tuple(_shown(layers, file) for file in FILES)


def _shown(layers: Layers, file: str) -> Shown:
    stack = layers.stack(file)
    changes: list[Change] = []
    for (_, below), (origin, here) in pairwise(stack):
        changes += overlaid(text_of(below) or "", text_of(here) or "", origin)
    origin, source = stack[-1]
    return Shown(file=file, origin=origin, path=str(source.path), locked=file in layers.locked, changes=tuple(changes))


def overlaid(below: str, here: str, origin: Origin) -> Iterator[Change]:
    old, new = _flat(below), _flat(here)
    for key in [*old, *(k for k in new if k not in old)]:
        if old.get(key, MISSING) != new.get(key, MISSING):
            yield Change(key=key, below=_said(key, old), here=_said(key, new), origin=origin)


def _said(key: str, flat: Mapping[str, Any]) -> str | None:
    """The value for a person; a secret only as dots."""
    if key not in flat:
        return None
    if key.startswith(("pins.", "central.")) and key.rpartition(".")[2] in SECRETS:
        return "••••"
    return msgspec.json.encode(flat[key]).decode()


def _flat(text: str) -> dict[str, Any]:
    """Dotted key -> value; an entry of a list of tables goes by its id. A file that is not TOML is one value."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {"(not TOML)": str(error)}
    return dict(_leaves("", table))


def _leaves(at: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{at}.{key}" if at else key, inner)
    elif isinstance(value, list) and value and all(isinstance(v, dict) and "id" in v for v in value):
        for inner in value:
            yield from _leaves(
                f"{at}.{inner['id']}", {k: v for k, v in inner.items() if k != "id"} or {"id": inner["id"]}
            )
    else:
        yield at, value


def unified(old: str | None, new: str | None, old_name: str, new_name: str) -> str:
    """A unified diff, "" when there is no difference; None is a file that is not there."""
    lines = difflib.unified_diff(
        (old or "").splitlines(), (new or "").splitlines(), old_name, new_name, lineterm="", n=2
    )
    return "\n".join(lines)


def layer_diffs(layers: Layers) -> dict[str, str]:
    """File -> how its layers differ from the base, one diff after the other; files that do not differ are left out."""
    found: dict[str, str] = {}
    for file in FILES:
        base, *above = layers.stack(file)
        told = [unified(text_of(base[1]), text_of(over), f"base/{file}", f"{origin}/{file}") for origin, over in above]
        if any(told):
            found[file] = "\n".join(filter(None, told))
    return found


def diffs_to(layers: Layers, paths: Mapping[str, Path]) -> dict[str, str]:
    """File -> how `paths[file]` differs from what is in force."""
    found = {}
    for file, path in paths.items():
        origin, here = layers.stack(file)[-1]
        told = unified(text_of(here), text_of(Source(path)), f"{origin}/{file}", str(path))
        if told:
            found[file] = told
    return found
