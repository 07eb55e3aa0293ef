"""The diagnostic bundle: what a developer far away needs to find a fault, and nothing about anybody who was served.

README.txt           what is in it
versions.json        release, Python, packages, system
doctor.json          every check
config/*.json        the files in force without comments and secrets, and where each comes from
journal.json         how many facts of each kind a day, never what is in them
device_history.json  when each device was lost and back, and why
logs/*.log           the last lines, scrubbed
lines/*.txt          hex logs
NAME.json            what the caller adds of the running station (health, devices, sync …), scrubbed

Of a device's hex log the bytes are kept only where no person's data can be: signs, keypads, rating pads, contacts and buses.
A printer's bytes hold its holder's secret, a reader's hold a person.
"""

from __future__ import annotations

import io
import platform
import re
import sys
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

import kiosk
from kiosk.config import Config, Source
from kiosk.config.files import FILES
from kiosk.config.layers import Layers, layers, text_of
from kiosk.journal import reader
from kiosk.journal.store import Journal, JournalError
from kiosk.station.doctor import checks
from kiosk.station.doctor.disk import SECRET_FILES, key_of
from kiosk.station.scrub import OUT, Scrubber

LARGEST = 10 * 1024 * 1024  # bytes of the zip
CHANGES = 100  # of each device's history
LOG_LINES, LOG_BYTES, LOG_FILES = 2_000, 1024 * 1024, 20
OPEN_CLASSES = frozenset({"sign", "keypad", "rating", "contact", "bus"})
SECRET_KEYS = re.compile(r"token|secret|password|pin|key|hash", re.I)
_LOGIN = re.compile(r"(?<=://)([^/\s@:]*):([^/\s@]*)@")
_AT = r"(?:\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{3}"
_MORE = rf"(  # ×\d+ → {_AT})?$"
_WIRE = re.compile(rf"^({_AT} [<>]) ([0-9A-F]{{2}}(?: [0-9A-F]{{2}})*){_MORE}")
_TOLD = re.compile(rf"^({_AT} [<>]) \[(\d+) bytes[^\]]*\]{_MORE}")
README = """一台 Yitai 诊断包 · diagnostic bundle

不含任何客户资料：没有号票内容、姓名、电话、证件号、令牌和口令；不认识的词以 ‹…› 代替。
Holds nothing about any customer: no tickets, names, phones, identity numbers, tokens or PINs; a word that neither the software
nor the configuration knows stands as ‹…›.
"""


def bundle(config: Config, data: Path, station_view: Mapping[str, Any]) -> bytes:
    """-> a zip of at most LARGEST bytes. `station_view`: "logs" maps a device's id to the lines of its hex log, "health" is what
    GET /health says; both and every further entry may be left out. Takes some seconds: call it in a thread."""
    found = layers(config.folder, data)
    tables = {file: _table(found.stack(file)[-1][1]) for file in FILES}
    counts = _journal(data)
    scrub = Scrubber(_words(tables), _secrets(tables, data), (config.version, str(counts.get("store", ""))))
    files: dict[str, bytes] = {"README.txt": README.encode()}
    files["versions.json"] = _json(_versions())
    told = checks(config.folder, data, quick=True, health=station_view.get("health") or None)
    files["doctor.json"] = _json(scrub.value(msgspec.to_builtins(told)))
    files |= _config(found, tables, scrub)
    files["journal.json"] = _json(counts)
    files["device_history.json"] = _json(scrub.value(_history(data, config.plan.utc_offset_min)))
    for name, value in station_view.items():
        if name != "logs":
            files[f"{_name(name)}.json"] = _json(scrub.value(msgspec.to_builtins(value)))
    classes = {device.id: device.klass for device in config.devices}
    crowded = {d.where[4:] for d in config.devices if d.where.startswith("bus:") and d.klass not in OPEN_CLASSES}
    for id, lines in dict(station_view.get("logs", {})).items():
        open_ = classes.get(id, "") in OPEN_CLASSES and id not in crowded
        files[f"lines/{_name(id)}.txt"] = "\n".join(_wire(lines, open_, scrub)).encode()
    files |= _logs(data / "logs", scrub)
    return _packed(files)


def _packed(files: dict[str, bytes]) -> bytes:
    """Within the limit: what is longest when packed is left out first, and named."""
    sizes = {name: len(zlib.compress(content)) + 200 for name, content in files.items()}
    left_out = []
    for name in sorted((n for n in sizes if "/" in n), key=lambda n: sizes[n], reverse=True):
        if sum(sizes.values()) <= LARGEST:
            break
        left_out.append(name)
        del sizes[name]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip:
        for name in sizes:
            zip.writestr(name, files[name])
        if left_out:
            zip.writestr("LEFT_OUT.txt", "\n".join(left_out))
    return buffer.getvalue()


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value))


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)[:40] or "_"


# --- configuration ----------------------------------------------------------------------------------------------------


def _table(source: Source) -> Any:
    """The parsed file: comments, where people write what they like, stay behind."""
    try:
        return tomllib.loads(text_of(source) or "")
    except tomllib.TOMLDecodeError:
        return {"unreadable": "not TOML: see doctor.json"}


def _config(found: Layers, tables: Mapping[str, Any], scrub: Scrubber) -> dict[str, bytes]:
    files = {}
    for file, table in tables.items():
        shown = {"origin": found.origin(file), "table": scrub.public(_without_secrets(table))}
        files[f"config/{file.removesuffix('.toml')}.json"] = _json(shown)
    return files


def _without_secrets(value: Any, inside: str = "") -> Any:
    if isinstance(value, dict):
        return {
            key: OUT if isinstance(inner, str) and inner and _is_secret(inside, key) else _without_secrets(inner, key)
            for key, inner in value.items()
        }
    return [_without_secrets(inner, inside) for inner in value] if isinstance(value, list) else value


def _is_secret(inside: str, key: str) -> bool:
    return inside == "pins" or SECRET_KEYS.search(key) is not None


def _words(value: Any) -> Iterable[str]:
    """Keys and texts of the configuration, but for its secrets: they are the hall's public words."""
    return (_LOGIN.sub("", text) for text in _texts(value))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            if not (isinstance(inner, str) and SECRET_KEYS.search(key)):
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _secrets(tables: Mapping[str, Any], data: Path) -> Iterable[str]:
    """Every secret this box knows, so that it is found wherever it was written."""
    station = tables.get("station.toml", {})
    pins, central = station.get("pins"), station.get("central")
    yield from (str(value) for value in pins.values()) if isinstance(pins, dict) else ()
    if isinstance(central, dict):
        yield str(central.get("token", ""))
    for text in _texts(tables):
        yield from (part for login in _LOGIN.findall(text) for part in login)
    for path in (*(data / name for name in SECRET_FILES), key_of(data)):
        try:
            raw = path.read_bytes()
        except OSError:
            continue
        yield raw.hex()
        yield raw.decode("utf-8", "replace").strip()


# --- the rest ---------------------------------------------------------------------------------------------------------


def _versions() -> dict[str, Any]:
    packages = {dist.metadata["Name"].lower(): dist.version for dist in metadata.distributions()}
    return {
        "release": kiosk.__version__,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": dict(sorted(packages.items())),
    }


def _journal(data: Path) -> dict[str, Any]:
    """Of the journal only how much there is of each kind."""
    if not (data / "journal.db").exists():
        return {"head": 0, "days": []}
    book = Journal(data, key_of(data))
    try:
        book.open_to_read()
        return {"store": book.store, "head": book.seq, "days": reader.statistics(book.path)}
    except JournalError:
        return {"unreadable": "see doctor.json"}
    finally:
        book.close()


def _history(data: Path, utc_offset_min: int) -> dict[str, Any]:
    """When each device was lost and back, and why; times are the hall's."""
    if not (data / "journal.db").exists():
        return {}
    zone = timezone(timedelta(minutes=utc_offset_min))

    def clock(at_ms: int) -> str:
        return f"{datetime.fromtimestamp(at_ms / 1000, zone):%Y-%m-%d %H:%M:%S}"

    try:
        found = reader.device_history(data / "journal.db", CHANGES)
    except JournalError:
        return {"unreadable": "see doctor.json"}
    return {
        id: {
            "told": one.told,
            "faults": one.faults,
            "untold": one.untold,
            "last": [msgspec.structs.asdict(change) | {"at": clock(change.at)} for change in one.last],
        }
        for id, one in found.items()
    }


def _wire(lines: Iterable[str], open_: bool, scrub: Scrubber) -> list[str]:
    """An entry like `08:15:02.345 > 1B 40` stays where the device is open, else it becomes `08:15:02.345 > (2 bytes)`; what is
    no entry goes through the net."""
    made = []
    for line in list(lines)[-LOG_LINES:]:
        if (wire := _WIRE.match(line)) is not None:
            made.append(line if open_ else f"{wire[1]} ({len(wire[2].split())} bytes){wire[3] or ''}")
        elif (told := _TOLD.match(line)) is not None:
            made.append(f"{told[1]} ({told[2]} bytes){told[3] or ''}")
        else:
            made.append(scrub.line(line))
    return made


def _logs(folder: Path, scrub: Scrubber) -> dict[str, bytes]:
    """The end of each log; the files written last come first, and there is an end to them."""
    found = [p for p in folder.glob("*.log*") if p.is_file()] if folder.is_dir() else []
    found.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    files = {}
    for path in found[:LOG_FILES]:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_BYTES))
            lines = file.read(LOG_BYTES).decode("utf-8", "replace").splitlines()[-LOG_LINES:]
        files[f"logs/{_name(path.name)}"] = "\n".join(map(scrub.line, lines)).encode()
    return files
