"""Setting single values in a TOML text that a person wrote, so that the comments stay. What cannot be found line by line is
written anew from its tables, without the comments: the meaning is the same either way, and it is checked each time."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from kiosk.config.lines import line_of

Path = tuple[str | int, ...]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LINE = re.compile(r"^(\s*[A-Za-z0-9_-]+\s*=\s*)(.*)$")


def put(text: str, path: Path, value: Any) -> str:
    """`path` is a table, indexes of arrays of tables, and a key. None takes the key out. Raises TOMLDecodeError for a text that
    is no TOML; a text that says so already comes back as it is."""
    now = tomllib.loads(text)
    wanted = _with(now, path, value)
    if wanted == now:
        return text
    edited = _edited(text, path, value)
    try:
        if tomllib.loads(edited) == wanted:
            return edited
    except tomllib.TOMLDecodeError:
        pass  # the line-by-line edit does not fit this text: below it is written from its tables
    return write(wanted)


def _with(table: Any, path: Path, value: Any) -> Any:
    head, *rest = path
    if isinstance(table, list):
        return [_with(item, tuple(rest), value) if n == head else item for n, item in enumerate(table)]
    if rest:
        return {**table, head: _with(table.get(head, {}), tuple(rest), value)}
    if value is None:
        return {key: item for key, item in table.items() if key != head}
    return {**table, head: value}


def _edited(text: str, path: Path, value: Any) -> str:
    lines = text.splitlines()
    key = str(path[-1])
    number = line_of(text, path)
    there = number <= len(lines) and lines[number - 1].lstrip().split("=")[0].strip() == key
    if there:
        if value is None:
            del lines[number - 1]
        elif (found := _LINE.match(lines[number - 1])) is not None:
            lines[number - 1] = found[1] + literal(value) + _comment(found[2])
    elif value is not None:
        header = line_of(text, path[:-1])
        lines.insert(header, f"{key} = {literal(value)}")
    return "\n".join(lines) + "\n"


def _comment(rest: str) -> str:
    """The comment behind a value, if the value itself holds no #."""
    before, mark, after = rest.rpartition("#")
    return f"   # {after.strip()}" if mark and before.count('"') % 2 == 0 else ""


def literal(value: Any) -> str:
    """A value as TOML writes it on one line. Raises TypeError for what TOML has not."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return '"' + "".join(_escaped(c) for c in value) + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(str(k))} = {literal(v)}" for k, v in value.items())
        return "{ " + pairs + " }" if pairs else "{}"
    raise TypeError(f"TOML has no {type(value).__name__}")


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else literal(name)


def write(table: Mapping[str, Any], prefix: str = "") -> str:
    """Tables and arrays of tables as sections, all else on lines."""
    lines: list[str] = []
    later: list[str] = []
    for key, value in table.items():
        name = f"{prefix}{_key(key)}"
        if isinstance(value, Mapping):
            later.append(f"\n[{name}]\n{write(value, name + '.')}")
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            later += [f"\n[[{name}]]\n{write(item, name + '.')}" for item in value]
        else:
            lines.append(f"{_key(key)} = {literal(value)}")
    return "".join(f"{line}\n" for line in lines) + "".join(later)
