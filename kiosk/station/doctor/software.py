"""What is installed: Python, packages, assets, drivers of others, the voice."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import metadata

from devices.catalog import catalog
from devices.voice.synth import VOICES, mandarin_problem
from kiosk.station.doctor.check import Check, Scene, fail, ok, warn

SETUP_ZH, SETUP_EN = "在项目目录运行 .ci/setup run。", "Run .ci/setup run in the project's folder."
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.M)
FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")
FONT_MAGIC = (b"\0\1\0\0", b"OTTO", b"true")


def python(scene: Scene) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] in ((3, 11), (3, 12)):
        yield ok("python", f"Python {version}", f"Python {version}")
    else:
        yield fail(
            "python", f"Python {version} 未经测试。", f"Python {version} is not one we test with.",
            f"请用 3.11 或 3.12：{SETUP_ZH}", f"Use 3.11 or 3.12: {SETUP_EN}",
        )  # fmt: skip


def packages(scene: Scene) -> Iterator[Check]:
    """Installed versions against the lock; of what the lock names for developers only what is installed counts."""
    path = scene.project / "requirements.lock"
    try:
        locked = {_plain(name): version for name, version in _LOCKED.findall(path.read_text("utf-8"))}
    except OSError as error:
        yield warn("packages", f"找不到 {path}：{error}", f"{path}: {error}", SETUP_ZH, SETUP_EN)
        return
    wrong = []
    needed = {_plain(re.split(r"[ ;<>=!~\[]", r, maxsplit=1)[0]) for r in _requires() if "extra ==" not in r}
    for name, version in sorted(locked.items()):
        try:
            have = metadata.version(name)
        except metadata.PackageNotFoundError:
            if name in needed:
                wrong.append(f"{name} {version} (not installed)")
            continue
        if have != version:
            wrong.append(f"{name} {have} (lock: {version})")
    if wrong:
        told = ", ".join(wrong[:8]) + (" …" if len(wrong) > 8 else "")
        zh, en = f"{len(wrong)} 个软件包与锁定版本不符：{told}", f"{len(wrong)} packages differ from the lock: {told}"
        yield fail("packages", zh, en, SETUP_ZH, SETUP_EN)
    else:
        yield ok("packages", f"{len(locked)} 个软件包与锁定版本一致", f"{len(locked)} packages as locked")


def _requires() -> list[str]:
    try:
        return metadata.requires("yitai") or []
    except metadata.PackageNotFoundError:
        return []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def assets(scene: Scene) -> Iterator[Check]:
    folder = scene.project / "assets"
    missing = [f"fonts/{name}" for name in FONTS if _magic(folder / "fonts" / name) not in FONT_MAGIC]
    icons = {s.icon for s in scene.config.plan.services} if scene.config else set()
    missing += [f"icons/{icon}.png" for icon in sorted(icons) if _magic(folder / "icons" / f"{icon}.png") != b"\x89PNG"]
    missing += [f"web/{name}" for name in ("htmx.min.js", "base.css") if not _magic(folder / "web" / name)]
    if missing:
        told = ", ".join(missing)
        yield fail(
            "assets", f"缺少或损坏：{told}", f"missing or damaged in {folder}: {told}",
            "重新取出这个版本的文件；业务图标名见 services.toml 的 icon。",
            "Check this release out again; a service's icon is named in services.toml.",
        )  # fmt: skip
    else:
        yield ok("assets", "字体、图标、网页文件齐全", "fonts, icons and web files are there")


def _magic(path: object) -> bytes:
    try:
        with open(str(path), "rb") as file:  # noqa: PTH123
            return file.read(4)
    except OSError:
        return b""


def plugins(scene: Scene) -> Iterator[Check]:
    found = catalog()
    for problem in found.problems:
        yield fail(
            "plugins", f"设备驱动包有问题：{problem}", problem,
            "更新或卸载该软件包（pip uninstall）。", "Update that package, or remove it (pip uninstall).",
        )  # fmt: skip
    if not found.problems:
        count = len(found.kinds)
        yield ok("plugins", f"{count} 种设备驱动", f"{count} kinds of device, all of them loaded")


def speech(scene: Scene) -> Iterator[Check]:
    if scene.config is None or scene.config.device("voice") is None:
        yield ok("speech", "没有配置语音设备", "no voice in devices.toml")
        return
    voice = scene.config.device("voice")
    if voice is None or voice.driver not in ("espeak", "pyttsx3"):
        yield ok("speech", "语音不由 espeak-ng 合成", "the voice is not synthesised by espeak-ng")
        return
    problem = mandarin_problem(getattr(voice.options, "zh", "") or VOICES["zh"])
    if problem:
        yield fail(
            "speech", f"语音不能正确说普通话：{problem}", problem,
            "apt-get install espeak-ng，然后运行 kiosk voice \"请\" 听一听。",
            "apt-get install espeak-ng, then listen to `kiosk voice \"请\"`.",
        )  # fmt: skip
    else:
        yield ok("speech", "espeak-ng 能正确读出“请”", "espeak-ng says 请 as Mandarin")
