"""The arrows between the folders: who may import whom, who may touch the world, and what each process never loads.

The table is the design's; an import that it does not name is refused, also one inside a function or for types only.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Part -> the parts it may import besides itself. The longest matching part of a module's name counts.
ARROWS: dict[str, set[str]] = {
    "kiosk.__init__": set(),  # the version
    "kiosk.domain": set(),
    "kiosk.flows": {"kiosk.domain"},
    "kiosk.journal": {"kiosk.domain"},
    "kiosk.twin": {"kiosk.domain"},
    "kiosk.http": {"kiosk.domain"},
    "kiosk.config": {"kiosk.domain", "devices"},  # the kinds of device say what their tables must hold
    "kiosk.config.cli": {"kiosk.config", "kiosk.config.running", "kiosk.config.trying", "kiosk.domain", "devices"},
    "kiosk.config.trying": {"kiosk.config", "kiosk.config.running"},
    "kiosk.config.running": {"kiosk.config", "kiosk.http"},
    "kiosk.effects": {"kiosk.domain", "devices.ports"},
    "kiosk.sync": {"kiosk.journal", "kiosk.domain", "kiosk.http"},
    "kiosk.station": {
        "kiosk.domain",
        "kiosk.flows",
        "kiosk.journal",
        "kiosk.effects",
        "kiosk.sync",
        "kiosk.http",
        "kiosk.config",
        "kiosk.pin",
        "devices",
        "devices.ports",
        "devices.transport",
    },
    "kiosk.screen": {"kiosk.flows", "kiosk.domain", "kiosk.http", "kiosk.config"},
    "kiosk.central": {"kiosk.domain", "kiosk.sync", "kiosk.http", "kiosk.config"},
    "kiosk.pin": set(),
    "kiosk.speak": {"kiosk.config", "kiosk.domain", "kiosk.effects", "devices", "devices.ports"},
    "kiosk.devices_cli": {"kiosk.config", "kiosk.http", "devices", "devices.ports", "devices.transport"},
    "kiosk.children": set(),
    "kiosk.display": {"kiosk.children"},
    "kiosk.launch": {"kiosk.children", "kiosk.config", "kiosk.display"},
    "kiosk.__main__": set(),  # it names the verbs' modules as text and imports the one that is called
    "devices": {"devices.ports", "devices.transport"},
    "devices.ports": set(),
    "devices.transport": {"devices", "devices.ports"},
}
EVERYBODY = {"kiosk", "kiosk.__version__"}

# Pure parts: no clock, no randomness, no files, no network, no threads.
PURE = ("kiosk.domain", "kiosk.flows", "kiosk.effects")
IMPURE = {
    *("asyncio", "http", "io", "multiprocessing", "os", "pathlib", "random", "secrets", "select", "shutil", "signal"),
    *("socket", "sqlite3", "sqlite_utils", "subprocess", "tempfile", "threading", "time", "urllib", "uuid"),
    *("escpos", "kivy", "litestar", "pyttsx3", "requests", "serial", "uvicorn"),
}
ASKS_THE_CLOCK = {"now", "today", "utcnow"}

# Library -> the only modules that may import it.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "requests": ("kiosk.http", "kiosk.sync"),  # sync names the type of the session it was given
    "serial": ("devices.transport",),
    "kivy": ("kiosk.screen",),
    "litestar": ("kiosk.station", "kiosk.central", "devices.bench"),
    "sqlite3": ("kiosk.journal", "kiosk.central", "kiosk.sync"),  # sync: only to name the reader's errors
    "sqlite_utils": ("kiosk.journal", "kiosk.central"),
    "pyttsx3": ("devices.voice",),
    "escpos": ("devices.printer",),
    "usb": ("devices.printer",),
    "pymodbus": ("devices.led",),
    "pyudev": ("devices.hotplug",),
    "gpiod": ("devices.contact",),
}


def name_of(path: Path) -> str:
    """kiosk/domain/line.py -> kiosk.domain.line; a package's own file keeps its `__init__`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def sources() -> list[tuple[str, str]]:
    """(module, source) of every module of ours."""
    paths = sorted(path for top in ("kiosk", "devices") for path in (ROOT / top).rglob("*.py"))
    return [(name_of(path), path.read_text(encoding="utf-8")) for path in paths]


def inside(module: str, part: str) -> bool:
    return module == part or module.startswith(part + ".")


def part_of(module: str) -> str:
    """The longest part of the table that the module lies in, or "" if it has no place there."""
    return max((part for part in ARROWS if inside(module, part)), key=len, default="")


def imports(module: str, source: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything the source imports, wherever in it; relative imports made absolute."""
    package = module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package[: len(package) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def wrong_arrows(module: str, source: str) -> list[str]:
    own = part_of(module)
    if not own:
        return [f"{module} has no place in the table of arrows (tests/test_arrows.py); give it one"]
    return [
        f"{module}:{line} imports {target}; {own} may import {sorted(ARROWS[own]) or 'nothing of ours'}"
        for line, target in imports(module, source)
        if inside(target, "kiosk") or inside(target, "devices")
        if target not in EVERYBODY and (part_of(target) or target) not in ARROWS[own] | {own}
    ]


def impurities(module: str, source: str) -> list[str]:
    if not any(inside(module, part) for part in PURE):
        return []
    found = [
        f"{module}:{line} imports {target}: the pure parts do no I/O, ask no clock and draw no lots"
        for line, target in imports(module, source)
        if target.split(".")[0] in IMPURE and not inside(target, "urllib.parse")  # text to text
    ]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKS_THE_CLOCK:
            found.append(f"{module}:{node.lineno} calls .{node.func.attr}(): `now` is an argument")
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("open", "print", "input")
        ):
            found.append(f"{module}:{node.lineno} calls {node.func.id}()")
    return found


def strayed(module: str, source: str) -> list[str]:
    return [
        f"{module}:{line} imports {target}; only {' and '.join(ONLY_IN[library])} may"
        for line, target in imports(module, source)
        if (library := target.split(".")[0]) in ONLY_IN and not any(inside(module, part) for part in ONLY_IN[library])
    ]


# --- the tree ------------------------------------------------------------------------------------------------------


def test_every_import_follows_the_arrows() -> None:
    assert [fault for module, source in sources() for fault in wrong_arrows(module, source)] == []


def test_domain_flows_and_effects_are_pure() -> None:
    assert [fault for module, source in sources() for fault in impurities(module, source)] == []


def test_each_library_stays_in_its_corner() -> None:
    assert [fault for module, source in sources() for fault in strayed(module, source)] == []


def test_the_parts_are_there_at_all() -> None:
    """A rename must not leave the table guarding nothing."""
    seen = {part_of(module) for module, _ in sources()}
    for part in (
        "kiosk.domain",
        "kiosk.flows",
        "kiosk.journal",
        "kiosk.effects",
        "kiosk.station",
        "kiosk.screen",
        "devices",
    ):
        assert part in seen, f"no module of {part} was found"


# --- the guards can bite -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("kiosk.domain.line", "from kiosk.journal.store import Store"),
        ("kiosk.domain.line", "def f():\n    import kiosk.flows.words"),
        (
            "kiosk.domain.line",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from devices.ports import Lang",
        ),
        ("kiosk.flows.words", "from ..station import keeper"),
        ("kiosk.effects.paper", "from devices.transport import open_line"),
        ("kiosk.station.app", "from kiosk import screen"),
        ("kiosk.screen.app", "import kiosk.station.views as views"),
        ("kiosk.central.app", "from kiosk.station.keeper import Keeper"),
        ("devices.printer.driver", "from kiosk.domain.facts import Lines"),
    ],
)
def test_a_wrong_arrow_is_found(module: str, source: str) -> None:
    assert len(wrong_arrows(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("kiosk.domain.line", "from kiosk.domain.ticket import Ticket\nfrom .plan import HallPlan\nimport kiosk"),
        ("kiosk.effects.paper", "from devices.ports import Paper\nfrom kiosk import __version__"),
        ("kiosk.station.app", "from devices.printer.driver import EscPos\nfrom kiosk.sync.push import Push"),
    ],
)
def test_a_right_arrow_is_left_alone(module: str, source: str) -> None:
    assert wrong_arrows(module, source) == []


def test_a_module_without_a_place_is_refused() -> None:
    assert "no place" in wrong_arrows("kiosk.helpers", "import json")[0]


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from datetime import datetime\ndatetime.now()",
        "def f():\n    from random import choice",
        "open('x')",
    ],
)
def test_an_impure_line_in_the_domain_is_found(source: str) -> None:
    assert len(impurities("kiosk.domain.hall", source)) == 1


def test_a_library_outside_its_corner_is_found() -> None:
    assert len(strayed("kiosk.screen.client", "import requests")) == 1
    assert strayed("kiosk.http", "import requests") == []


# --- what the processes load ---------------------------------------------------------------------------------------

LOAD_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module({package!r})
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(found.name)
print(sorted({{name.split(".")[0] for name in sys.modules}} & {{"kivy", "litestar", "uvicorn", "pyttsx3"}}))
"""

NO_WINDOW = """
import sys
import kiosk.screen.app
base = sys.modules.get("kivy.base")
print("opened" if base is not None and base.EventLoop.window is not None else "none")
"""


def run_python(code: str, tmp_path: Path) -> str:
    """The last line a fresh interpreter prints; it draws off-screen, so that no display is needed."""
    env = {
        **{name: value for name, value in os.environ.items() if name != "DISPLAY"},
        "SDL_VIDEODRIVER": "offscreen",
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_CONFIG": "1",
        "KIVY_NO_FILELOG": "1",
        "KIVY_NO_CONSOLELOG": "1",
        "KIVY_HOME": str(tmp_path),
        "KIVY_CLIPBOARD": "dummy",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_station_never_loads_kivy(tmp_path: Path) -> None:
    loaded = run_python(LOAD_ALL.format(package="kiosk.station"), tmp_path)
    assert "kivy" not in loaded
    assert "litestar" in loaded  # the look really saw the station


def test_the_screen_never_loads_litestar(tmp_path: Path) -> None:
    loaded = run_python(LOAD_ALL.format(package="kiosk.screen"), tmp_path)
    assert "litestar" not in loaded
    assert "uvicorn" not in loaded
    assert "kivy" in loaded


def test_importing_the_screen_opens_no_window(tmp_path: Path) -> None:
    assert run_python(NO_WINDOW, tmp_path) == "none"
