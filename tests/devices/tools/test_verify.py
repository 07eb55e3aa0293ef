"""The compliance suite finds what is wrong with a driver: each wrong driver here has one fault that people really make."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from devices.catalog import Kind, Samples
from devices.ports import DONE, Health, Outcome
from devices.tools.choose import Chosen
from devices.tools.new import new
from devices.tools.verify import verify


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The kinds of a generated sign, which passes; its faults are put in below."""
    folder = tmp_path_factory.mktemp("good")
    new("good", "sign", folder)
    sys.path.insert(0, str(folder / "good"))
    yield importlib.import_module("good.kinds")
    sys.path.remove(str(folder / "good"))
    for name in [name for name in sys.modules if name == "good" or name.startswith("good.")]:
        del sys.modules[name]


def failures(kind: Kind, tmp_path: Path, *only: str) -> list[str]:
    verdicts = verify(Chosen(kind, kind.options(), "sign", "", tmp_path), only=("opens", *only))
    assert verdicts
    return [f"{v.check}: {v.what}" for v in verdicts if not v.ok]


def test_the_driver_as_it_was_generated_has_none_of_these(good: ModuleType, tmp_path: Path) -> None:
    only = ("making", "fault silent", "fault wrong", "20", "codec")
    assert failures(good.KINDS[0], tmp_path, *only) == []


def kind_with(good: ModuleType, driver: type[Any], **others: Any) -> Kind:
    kind: Kind = good.KINDS[0]
    return replace(kind, make=lambda site, options: driver(site.where, site.opener), **others)


def test_a_driver_that_claims_what_did_not_happen_is_caught(good: ModuleType, tmp_path: Path) -> None:
    class Liar(good.Good):  # type: ignore[name-defined,misc]
        def show(self, text: Any, deadline_s: float) -> Outcome:
            outcome: Outcome = super().show(text, deadline_s)
            return DONE if outcome.kind == "unknown" else outcome

    found = failures(kind_with(good, Liar), tmp_path, "fault silent")
    assert any(line.startswith("fault silent") and "nothing happened at the device" in line for line in found)


def test_a_driver_that_denies_what_happened_is_caught(good: ModuleType, tmp_path: Path) -> None:
    class Denier(good.Good):  # type: ignore[name-defined,misc]
        def show(self, text: Any, deadline_s: float) -> Outcome:
            outcome: Outcome = super().show(text, deadline_s)
            return Outcome("not_done", "no answer") if outcome.kind == "unknown" else outcome

    found = failures(kind_with(good, Denier), tmp_path, "fault wrong")
    assert any(line.startswith("fault wrong_checksum") and "but it happened" in line for line in found)


def test_a_driver_that_leaks_descriptors_is_caught(good: ModuleType, tmp_path: Path) -> None:
    leaked: list[int] = []

    class Leaky(good.Good):  # type: ignore[name-defined,misc]
        def open(self) -> None:
            leaked.append(os.dup(1))
            super().open()

    try:
        found = failures(kind_with(good, Leaky), tmp_path, "20")
    finally:
        for fd in leaked:
            os.close(fd)
    assert any("threads and descriptors before" in line for line in found)


def test_a_driver_that_works_in_its_constructor_is_caught(good: ModuleType, tmp_path: Path) -> None:
    class Eager(good.Good):  # type: ignore[name-defined,misc]
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self._timer = threading.Timer(60, print)
            self._timer.daemon = True
            self._timer.start()

        def close(self) -> None:
            self._timer.cancel()
            super().close()

    assert any(
        line.startswith("making it opens nothing") for line in failures(kind_with(good, Eager), tmp_path, "making")
    )


def test_a_driver_whose_own_exceptions_get_out_is_caught(good: ModuleType, tmp_path: Path) -> None:
    class Raw(good.Good):  # type: ignore[name-defined,misc]
        def probe(self) -> Health:
            try:
                return super().probe()  # type: ignore[no-any-return]
            except Exception as error:
                raise KeyError(str(error)) from error

    found = failures(kind_with(good, Raw), tmp_path, "fault silent")
    assert any("raised KeyError" in line and "silent" in line for line in found)


def test_a_driver_that_never_recovers_is_caught(good: ModuleType, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("devices.tools.verify.RECOVER_S", 1.5)

    class Sulky(good.Good):  # type: ignore[name-defined,misc]
        sulks = False

        def show(self, text: Any, deadline_s: float) -> Outcome:
            outcome: Outcome = super().show(text, deadline_s)
            self.sulks = self.sulks or outcome.kind != "done"
            return Outcome("not_done", "sulking") if self.sulks else outcome

    found = failures(kind_with(good, Sulky), tmp_path, "fault silent")
    assert any("was mended: Outcome(kind='not_done'" in line for line in found)


def test_a_codec_that_stumbles_is_caught_with_its_bytes(good: ModuleType, tmp_path: Path) -> None:
    kind: Kind = good.KINDS[0]
    bad = replace(kind, samples=(Samples((b"\x02\x01\x00",), lambda data: data[data[1]]),))
    assert any(line.startswith("codec 1") and "IndexError" in line for line in failures(bad, tmp_path, "codec"))
