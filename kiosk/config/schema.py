"""JSON Schema (2020-12) of each file of the configuration, for editors: made from the very structs that `load` builds, and from
the options of every kind of device. What a schema cannot say (references, ranges, a triage that ends) `kiosk config check` says.

In a file, for taplo, Even Better TOML and others, as its first line:

    #:schema .schema/hall.schema.json
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import msgspec

from devices.catalog import Catalog, Kind
from kiosk.config.files import FILES

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_COMMENTED = re.compile(r"^    (\w+): [^#\n]*#\s*(.+)$", re.M)


def name_of(file: str) -> str:
    """hall.toml -> hall.schema.json"""
    return file.removesuffix(".toml") + ".schema.json"


def schema(file: str, catalog: Catalog) -> dict[str, Any]:
    """Raises KeyError for a file that is none of the configuration's."""
    made: dict[str, Any] = msgspec.json.schema(FILES[file], ref_template="#/$defs/{name}")
    if file == "devices.toml":
        made["$defs"]["Device"] = {"oneOf": [_device(kind, made["$defs"]) for kind in catalog.kinds.values()]}
    defs: dict[str, Any] = made["$defs"]
    for table in defs.values():
        _closed(table)
    for kind in _structs(FILES[file], {}).values():
        _explain(defs.get(kind.__name__, {}), kind)
    return {"$schema": DRAFT, "title": file, **made}


def _device(kind: Kind, defs: dict[str, Any]) -> dict[str, Any]:
    """One kind of device: the common keys and its own."""
    inner: dict[str, Any] = msgspec.json.schema(kind.options, ref_template="#/$defs/{name}")
    name = inner.pop("$ref").rpartition("/")[2]
    parts: dict[str, Any] = inner["$defs"]
    own = parts.pop(name)
    _explain(own, kind.options)
    for part, table in parts.items():
        if defs.setdefault(part, table) != table:
            raise ValueError(f"{kind.name}: its options use another struct of the name {part}")
    begins = "|".join(re.escape(scheme) for scheme in kind.schemes)
    return {
        "title": kind.name,
        "description": f"{kind.en} {kind.zh}",
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "the name of the device in this hall"},
            "class": {"const": kind.klass},
            "driver": {"const": kind.driver},
            "where": {"type": "string", "pattern": f"^({begins})", "description": "its line"},
            **own.get("properties", {}),
        },
        "required": ["id", "class", "driver", "where", *own.get("required", [])],
    }


def _closed(table: Any) -> None:
    """An unknown key is a mistake here, as it is when the file is read."""
    if isinstance(table, dict):
        if table.get("type") == "object" and "properties" in table:
            table["additionalProperties"] = False
        for inner in table.values():
            _closed(inner)
    elif isinstance(table, list):
        for inner in table:
            _closed(inner)


def _explain(table: dict[str, Any], kind: type[Any]) -> None:
    """The comment behind a field is what an editor shows beside the key."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    for name, comment in _COMMENTED.findall(inspect.getsource(kind)):
        place = table.get("properties", {}).get(names.get(name, ""))
        if isinstance(place, dict) and "$ref" not in place:
            place.setdefault("description", comment.strip())


def _structs(kind: Any, found: dict[str, type[Any]]) -> dict[str, type[Any]]:
    """Every struct that `kind` is made of, by name."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind.__name__ not in found:
            found[kind.__name__] = kind
            for field in msgspec.structs.fields(kind):
                _structs(field.type, found)
    else:
        for inner in getattr(kind, "__args__", ()):
            _structs(inner, found)
    return found
