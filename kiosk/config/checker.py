"""TOML tables -> structs, collecting every mistake with its file, line, key and remedy instead of stopping at the first."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from kiosk.config.lines import line_of

KeyPath = tuple[str | int, ...]


class Source(NamedTuple):
    """A file that stands before the base's: its text where that does not lie in a file of its own."""

    path: Path
    text: str | None = None


class Mistake(msgspec.Struct, frozen=True, order=True):
    file: str
    line: int
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.what} {self.remedy}".replace(": :", ":")


class ConfigError(Exception):
    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        count = len(self.mistakes)
        super().__init__("\n".join([f"{count} mistake(s) in the configuration:", *map(str, self.mistakes)]))


class Checker:
    """Collects mistakes; knows where each key of each file stands."""

    def __init__(self, folder: Path, over: Mapping[str, Source] | None = None) -> None:
        self.folder = folder
        self._over = over or {}
        self.mistakes: list[Mistake] = []
        self.texts: dict[str, str] = {}

    def wrong(self, file: str, path: KeyPath, what: str, remedy: str) -> None:
        line = line_of(self.texts.get(file, ""), path)
        key = ".".join(str(p + 1) if isinstance(p, int) else p for p in path)
        self.mistakes.append(Mistake(str(self.path(file)), line, key, what, remedy))

    # --- files and types ---

    def path(self, file: str) -> Path:
        """The file in force."""
        return self._over[file].path if file in self._over else self.folder / file

    def read(self, file: str) -> Any:
        path = self.path(file)
        try:
            text = self._over[file].text if file in self._over else None
            self.texts[file] = path.read_text("utf-8") if text is None else text
            return tomllib.loads(self.texts[file])
        except FileNotFoundError:
            self.wrong(file, (), "the file is missing.", "Copy it from the demo's config/ folder.")
        except UnicodeDecodeError as error:
            self.wrong(file, (), f"is not UTF-8 ({error.reason} at byte {error.start}).", "Save it as UTF-8.")
        except OSError as error:
            self.wrong(file, (), f"cannot be read ({error.strerror}).", "Mend its permissions.")
        except tomllib.TOMLDecodeError as error:
            words = str(error)
            line = int(words.rsplit("line ", 1)[1].split(",")[0]) if "line " in words else 1
            self.mistakes.append(Mistake(str(path), line, "", f"is not TOML: {words}.", "Mend the syntax there."))
        return None

    def build(self, file: str, table: Any, kind: type[Any], path: KeyPath) -> Any:
        """A struct from a table; None where that could not be (each mistake has been noted)."""
        if not isinstance(table, dict):
            self.wrong(file, path, f"must be a table, not {_said(table)}.", "Write it as [table] or { … }.")
            return None
        fields, hints = _shape(kind)
        values: dict[str, Any] = {}
        before = len(self.mistakes)
        rest = getattr(kind, "KEEPS_REST", "")
        for key, value in table.items():
            if rest and (key == rest or key not in fields):
                values[rest] = {**values.get(rest, {}), key: value}
            elif key not in fields:
                near = difflib.get_close_matches(key, fields, 1)
                remedy = f"Did you mean “{near[0]}”?" if near else f"Known here: {', '.join(fields)}."
                self.wrong(file, (*path, key), "is not a known key.", remedy)
            else:
                values[fields[key].name] = self.value(file, value, hints[fields[key].name], (*path, key))
        for key, field in fields.items():
            if key not in table and field.required:
                self.wrong(file, path, f"“{key}” is missing.", f"Add {key} = … here.")
        return kind(**values) if len(self.mistakes) == before else None

    def value(self, file: str, value: Any, kind: Any, path: KeyPath) -> Any:
        arguments = get_args(kind)
        inner = next((a for a in arguments if isinstance(a, type) and issubclass(a, msgspec.Struct)), None)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.build(file, value, kind, path)
        if inner is not None and (many := get_origin(kind)) in (tuple, list):
            if not isinstance(value, list):
                self.wrong(file, path, f"must be a list, not {_said(value)}.", "Write it as [[table]] or [ … ].")
                return None
            return many(self.build(file, v, inner, (*path, i)) for i, v in enumerate(value))
        if inner is not None:
            return self.build(file, value, inner, path)
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self.wrong(file, path, f"{_said(value)} does not fit: {error}.", "Mend the value.")
            return None

    # --- meaning ---

    def unique(self, file: str, table: str, items: Iterable[Any]) -> None:
        seen: dict[Any, int] = {}
        for index, item in enumerate(items):
            if item is not None and seen.setdefault(item.id, index) != index:
                self.wrong(file, (table, index, "id"), f"“{item.id}” is used twice.", "Give each its own id.")

    def known(self, file: str, path: KeyPath, value: Any, known: Iterable[Any], what: str) -> None:
        choices = list(known)
        if value not in choices:
            near = difflib.get_close_matches(str(value), map(str, choices), 1)
            remedy = f"Did you mean “{near[0]}”?" if near else f"Use one of: {', '.join(map(str, choices))}."
            self.wrong(file, path, f"there is no {what} “{value}”.", remedy)

    def between(self, file: str, path: KeyPath, value: float, low: float, high: float) -> None:
        if not low <= value <= high:
            self.wrong(file, path, f"{value} is out of range.", f"Use {low} to {high}.")


_Shape = tuple[dict[str, msgspec.structs.FieldInfo], dict[str, Any]]
_shapes: dict[type[Any], _Shape] = {}


def _shape(kind: type[Any]) -> _Shape:
    """The fields of a struct by their names in the file, and their types; kept: finding them takes longer than reading."""
    found = _shapes.get(kind)
    if found is None:
        fields = {f.encode_name: f for f in msgspec.structs.fields(kind)}
        found = _shapes[kind] = (fields, get_type_hints(kind))
    return found


def _said(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
