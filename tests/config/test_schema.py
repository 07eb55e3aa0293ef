"""The JSON Schemas that editors get: the demo fits them, typical mistakes do not, and they know what `load` knows."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from devices.catalog import catalog
from kiosk.config import ConfigError, load
from kiosk.config.files import FILES
from kiosk.config.schema import schema
from tests.config.halls import DEMO, copy


def faults(file: str, text: str) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator(schema(file, catalog()))
    return [error.message for error in validator.iter_errors(tomllib.loads(text))]


@pytest.mark.parametrize("file", FILES)
def test_the_demo_fits(file: str) -> None:
    assert faults(file, (DEMO / file).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("hall.toml", "reset_hour", "reset_our"),
        ("hall.toml", "recall_limit = 3", 'recall_limit = "three"'),
        ("hall.toml", 'name = { zh = "普通", en = "Ordinary" }', 'name = { zh = "普通" }'),
        ("services.toml", "minutes = 4", 'minutes = "four"'),
        ("services.toml", 'icon = "pay"\n', ""),
        ("counters.toml", "id = 1", 'id = "1"'),
        ("triage.toml", 'kind = "self_service"', 'kind = "self-service"'),
        ("station.toml", "[screen]", "[scren]"),
        ("station.toml", "idle_s = 45", "idle_s = 4.5"),
        ("devices.toml", 'driver = "frame"', 'driver = "escpos"'),
        ("devices.toml", 'class = "voice"', 'class = "vioce"'),
        ("devices.toml", 'where = "tcp://127.0.0.1:8612"', 'where = "http://127.0.0.1:8612"'),
        ("devices.toml", "columns = 48", "colums = 48"),
        ("devices.toml", 'frame = "signs/sum8.toml"', ""),
        ("devices.toml", "volume = 80", 'volume = "loud"'),
    ],
)
def test_a_typical_mistake_does_not_and_is_one_for_the_station_too(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = copy(tmp_path / "config")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    assert faults(file, text.replace(old, new, 1))
    with pytest.raises(ConfigError):
        load(folder)


def test_every_kind_of_device_and_every_option_is_in_it() -> None:
    kinds: list[dict[str, Any]] = schema("devices.toml", catalog())["$defs"]["Device"]["oneOf"]
    told = {(k["properties"]["class"]["const"], k["properties"]["driver"]["const"]): k for k in kinds}
    assert set(told) == set(catalog().kinds)
    for name, kind in catalog().kinds.items():
        assert set(kind.options.__struct_encode_fields__) <= set(told[name]["properties"])


def test_it_explains_the_keys() -> None:
    lines = schema("hall.toml", catalog())["$defs"]["Lines"]
    assert "both languages" in lines["description"]


def test_the_schemas_are_schemas() -> None:
    for file in FILES:
        jsonschema_rs.meta.validate(schema(file, catalog()))
