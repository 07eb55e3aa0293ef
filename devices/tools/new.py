"""`kiosk devices new`: a small package with a driver that already works, to be changed into one for a real device.

What is written passes its own tests, `kiosk devices verify`, mypy --strict and ruff as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from devices.ports import DeviceError

CLASSES = ("sign", "printer", "keypad", "scanner")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
NAME_LIMIT = 24
PACKAGE_FILES = ("codec.py", "device.py", "driver.py", "kinds.py", "simulator.py")


def new(name: str, klass: str, folder: Path) -> list[Path]:
    """Writes `folder`/`name`; -> the files. Raises DeviceError for a name that is none, or a folder that is there already."""
    if not _NAME.fullmatch(name) or len(name) > NAME_LIMIT:
        raise DeviceError(
            f"{name!r} 不能作名称 is no name: small letters, figures and single hyphens, such as acme-sign"
        )
    if klass not in CLASSES:
        raise DeviceError(f"there is no template for class {klass!r}; one of {', '.join(CLASSES)}")
    target = folder / name
    if target.exists():
        raise DeviceError(f"{target} 已存在 is there already; choose another name or --dir")
    words = {
        "@name@": name,
        "@package@": name.replace("-", "_"),
        "@driver@": name,
        "@class@": klass,
        "@Title@": "".join(part.capitalize() for part in name.split("-")),
    }
    written = [_write(target, path, text, words) for path, text in _templates(klass)]
    package = target / words["@package@"]
    for path, text in (
        (package / "__init__.py", f'"""{name}: a driver for Yitai (一台)."""\n'),
        (package / "py.typed", ""),
    ):
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return sorted(written)


def _templates(klass: str) -> Iterator[tuple[str, str]]:
    root = files("devices.tools") / "template"
    for part in ("common", klass):
        yield from _below(root / part, "")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".txt"):
            yield prefix + entry.name.removesuffix(".txt"), entry.read_text(encoding="utf-8")


def _write(target: Path, path: str, text: str, words: dict[str, str]) -> Path:
    for mark, word in words.items():
        text = text.replace(mark, word)
    file = target / words["@package@"] / path if path in PACKAGE_FILES else target / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
