"""Where a key stands in a TOML text: `tomllib` says what, not where, and a mistake without its line is half a message.

Looks at headers and `key =` lines only; a key inside an inline table or array is found at the line of its outermost key.
"""

from __future__ import annotations

import re
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line (from 1) of the deepest part of `path` that can be found; 1 if none."""
    places = _places(text)
    for length in range(len(path), 0, -1):
        if (line := places.get(path[:length])) is not None:
            return line
    return 1


def place_of(table: Any, path: tuple[str | int, ...]) -> str:
    """`path` for a person: [[device]] 3 (sign1): baud. The name is the `id` that stands in the table there, if one does."""
    told, here = [], table
    for n, part in enumerate(path):
        is_list = n + 1 < len(path) and isinstance(path[n + 1], int)
        if isinstance(part, str):
            here = here.get(part) if isinstance(here, dict) else None
            header = f"[[{part}]]" if is_list else f"[{part}]" if isinstance(here, dict) else part
            told.append(header if n == 0 else part)
        else:
            here = here[part] if isinstance(here, list) and part < len(here) else None
            name = here.get("id") if isinstance(here, dict) else None
            told[-1] += f" {part + 1}" + (f" ({name})" if isinstance(name, str | int) else "")
    return ": ".join(told)


def _places(text: str) -> dict[tuple[str | int, ...], int]:
    places: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    at: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if (header := _HEADER.match(line)) is not None:
            at = _absolute(header[2].split("."), counts)
            if header[1] == "[[":
                index = counts[at] = counts.get(at, -1) + 1
                places.setdefault(at, number)
                at = (*at, index)
            places.setdefault(at, number)
        elif (key := _KEY.match(line)) is not None:
            places.setdefault((*at, key[1]), number)
    return places


def _absolute(names: list[str], counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    """[[node.choice]] belongs to the latest [[node]]."""
    at: tuple[str | int, ...] = ()
    for i, name in enumerate(names):
        at = (*at, name)
        if i < len(names) - 1 and at in counts:
            at = (*at, counts[at])
    return at
