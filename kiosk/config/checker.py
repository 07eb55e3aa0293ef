"""TOML tables -> structs, collecting every mistake with its file, line, key and remedy instead of stopping at the first."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from kiosk.config.lines import line_of, place_of
from kiosk.config.words import both
from kiosk.domain.facts import Lines

KeyPath = tuple[str | int, ...]


class Source(NamedTuple):
    """A file that stands before the base's: its text where that does not lie in a file of its own."""

    path: Path
    text: str | None = None


class _Unknown:
    """Stands for what could not be read. Its mistake has been told, so no rule says anything of it again: it is empty, false,
    and whatever is asked of it is unknown too."""

    def __getattr__(self, name: str) -> _Unknown:
        if name.startswith("__"):  # what Python itself asks for (copy, pickle) is not there
            raise AttributeError(name)
        return self

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Any = _Unknown()


class Mistake(msgspec.Struct, frozen=True):
    """`file` is the path of what the person wrote, `line` from 1, `key` for programs (device.3.baud), `place` the same for people
    ([[device]] 3 (sign1): baud)."""

    file: str
    line: int
    key: str
    what: Lines
    remedy: Lines
    place: str = ""

    def told(self, lang: str) -> str:
        """In one line."""
        gap = "" if lang == "zh" else " "
        where = f"{self.file}:{self.line}: {f'{self.place}: ' if self.place else ''}"
        return f"{where}{self.what.get(lang)}{gap}{self.remedy.get(lang)}"

    def __str__(self) -> str:
        if self.what.zh == self.what.en and self.remedy.zh == self.remedy.en:
            return self.told("en")
        return f"{self.told('zh')}\n    {self.what.en} {self.remedy.en}"


def mistake(file: Path | str, line: int, what: str, remedy: str, key: str = "", place: str = "") -> Mistake:
    """From the English: the Chinese is looked up."""
    return Mistake(str(file), line, key, both(what), both(remedy), place)


class ConfigError(Exception):
    """Every mistake there is, by file and line. Its text has both languages."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(dict.fromkeys(mistakes), key=lambda m: (m.file, m.line, m.key, m.what.en)))
        count = len(self.mistakes)
        head = f"配置有 {count} 处错误 · {count} mistake{'s' if count > 1 else ''} in the configuration:"
        super().__init__("\n".join([head, *map(str, self.mistakes)]))

    def told(self, lang: str) -> str:
        return "\n".join(mistake.told(lang) for mistake in self.mistakes)


class Checker:
    """Collects mistakes; knows where each key of each file stands. What could not be read is UNKNOWN, and the rest is looked at
    all the same."""

    def __init__(self, folder: Path, over: Mapping[str, Source] | None = None) -> None:
        self.folder = folder
        self._over = over or {}
        self.mistakes: list[Mistake] = []
        self.texts: dict[str, str] = {}
        self._tables: dict[str, Any] = {}

    def wrong(self, file: str, path: KeyPath, what: str, remedy: str) -> None:
        line = line_of(self.texts.get(file, ""), path)
        key = ".".join(str(p + 1) if isinstance(p, int) else p for p in path)
        self.mistakes.append(mistake(self.path(file), line, what, remedy, key, place_of(self._tables.get(file), path)))

    # --- files and types ---

    def path(self, file: str) -> Path:
        """The file in force."""
        return self._over[file].path if file in self._over else self.folder / file

    def read(self, file: str) -> Any:
        """The file's table; UNKNOWN where that could not be (the mistake has been noted)."""
        path = self.path(file)
        try:
            text = self._over[file].text if file in self._over else None
            self.texts[file] = path.read_text("utf-8") if text is None else text
            self._tables[file] = tomllib.loads(self.texts[file])
            return self._tables[file]
        except FileNotFoundError:
            self.wrong(file, (), "the file is missing.", "Copy it from the demo's config/ folder.")
        except UnicodeDecodeError as error:
            self.wrong(file, (), f"is not UTF-8 ({error.reason} at byte {error.start}).", "Save it as UTF-8.")
        except OSError as error:
            self.wrong(file, (), f"cannot be read ({error.strerror}).", "Mend its permissions.")
        except tomllib.TOMLDecodeError as error:
            words = str(error)
            line = int(words.rsplit("line ", 1)[1].split(",")[0]) if "line " in words else 1
            self.mistakes.append(mistake(path, line, f"is not TOML: {words}.", "Mend the syntax there."))
        return UNKNOWN

    def build(self, file: str, table: Any, kind: type[Any], path: KeyPath) -> Any:
        """A struct from a table; what is wrong or missing in it is UNKNOWN (each mistake has been noted)."""
        if not isinstance(table, dict):
            self.wrong(file, path, f"must be a table, not {_said(table)}.", "Write it as [table] or { … }.")
            return UNKNOWN
        fields, hints = _shape(kind)
        values: dict[str, Any] = {}
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
                values[field.name] = UNKNOWN
        return kind(**values)

    def value(self, file: str, value: Any, kind: Any, path: KeyPath) -> Any:
        arguments = get_args(kind)
        inner = next((a for a in arguments if isinstance(a, type) and issubclass(a, msgspec.Struct)), None)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.build(file, value, kind, path)
        if inner is not None and (many := get_origin(kind)) in (tuple, list):
            if not isinstance(value, list):
                self.wrong(file, path, f"must be a list, not {_said(value)}.", "Write it as [[table]] or [ … ].")
                return UNKNOWN
            return many(self.build(file, v, inner, (*path, i)) for i, v in enumerate(value))
        if inner is not None:
            return self.build(file, value, inner, path)
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self.wrong(file, path, f"{_said(value)} does not fit: {error}.", "Mend the value.")
            return UNKNOWN

    # --- meaning ---

    def unique(self, file: str, path: KeyPath, items: Iterable[Any]) -> None:
        """No two of the tables at `path` have the same id."""
        seen: dict[Any, int] = {}
        for index, item in enumerate(items):
            if item.id is not UNKNOWN and seen.setdefault(item.id, index) != index:
                self.wrong(file, (*path, index, "id"), f"“{item.id}” is used twice.", "Give each its own id.")

    def known(self, file: str, path: KeyPath, value: Any, known: Iterable[Any], what: str) -> None:
        """`value` is among `known`; as long as one of those is UNKNOWN nobody can say that it is not."""
        choices = list(known) if known is not UNKNOWN else [UNKNOWN]
        if value is UNKNOWN or value in choices or any(choice is UNKNOWN for choice in choices):
            return
        near = difflib.get_close_matches(str(value), map(str, choices), 1)
        remedy = f"Did you mean “{near[0]}”?" if near else f"Use one of: {', '.join(map(str, choices))}."
        self.wrong(file, path, f"there is no {what} “{value}”.", remedy)

    def between(self, file: str, path: KeyPath, value: float, low: float, high: float) -> None:
        if value is not UNKNOWN and not low <= value <= high:
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


def column(items: Any, get: Callable[[Any], Any]) -> Any:
    """What `get` finds in each item, None left out; UNKNOWN when the items are."""
    return UNKNOWN if items is UNKNOWN else [found for item in items if (found := get(item)) is not None]
