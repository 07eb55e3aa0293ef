"""How the box is set up: configuration, its layers, PINs, who may reach it, time zone."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk.config import ConfigError
from kiosk.config.files import FILES
from kiosk.config.layers import load_layers
from kiosk.station.doctor.check import Check, Scene, fail, ok, warn

DEMO_PINS = {"counter": "1111", "guide": "2222", "tech": "3333"}
DEMO_CENTRAL = "4444"
DEMO_TOKEN = "demo-station-token"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DAY_MS = 86_400_000


def configuration(scene: Scene) -> Iterator[Check]:
    if scene.config is not None:
        version = scene.config.version
        yield ok("config", f"配置正确，版本 {version}", f"configuration {scene.base} is good, version {version}")
        return
    try:
        load_layers(scene.layers)
    except ConfigError as error:
        for mistake in error.mistakes:
            where = f"{mistake.file}:{mistake.line}: {mistake.place}: ".replace(": :", ":")
            what, remedy = mistake.what, mistake.remedy
            mend = f"{remedy.zh}改后运行 kiosk config check。"
            yield fail("config", where + what.zh, where + what.en, mend, remedy.en)


def layering(scene: Scene) -> Iterator[Check]:
    found = scene.layers
    from_where: dict[str, list[str]] = {}
    for file in FILES:
        from_where.setdefault(found.origin(file), []).append(file.removesuffix(".toml"))
    told = "; ".join(f"{origin}: {', '.join(files)}" for origin, files in from_where.items())
    yield ok("layers", f"配置来源：{told}", f"where the files come from: {told}")
    for problem in found.problems:
        yield fail(
            "signed", f"签名配置未采用：{problem}", f"signed configuration is not laid on: {problem}",
            "请中心重新下发；并查明是谁改了文件。", "Have central send it again, and find out who changed the file.",
        )  # fmt: skip
    if found.trial is not None:
        yield warn(
            "trial", "有一份配置正在试用。", "a configuration is on trial",
            "确认：kiosk config confirm；撤回：kiosk config rollback。",
            "Keep it: kiosk config confirm. Go back: kiosk config rollback.",
        )  # fmt: skip
    if found.envelope is not None and found.envelope.expires < scene.now_ms():
        yield warn(
            "signed", f"签名配置第 {found.envelope.version} 版已过期，仍在使用。",
            f"version {found.envelope.version} of the signed configuration has expired; it stays in force",
            "请中心重新签名下发。", "Have central sign and send it anew.",
        )  # fmt: skip


def pins(scene: Scene) -> Iterator[Check]:
    if scene.config is None:
        return
    config = scene.config
    demo = [role for role, pin in DEMO_PINS.items() if _is(getattr(config.pins, role), pin)]
    if _is(_central_pin(scene), DEMO_CENTRAL):
        demo.append("central")
    host = config.station.listen.rpartition(":")[0]
    mend_zh = "用 kiosk pin 生成自己的口令，写进 station.toml（central.toml）。"
    mend_en = "Make your own with `kiosk pin`, put them into station.toml (central.toml)."
    if not demo:
        yield ok("pins", "口令不是演示口令", "the PINs are not the demo's")
    elif host in LOOPBACK:
        zh, en = f"仍是演示口令：{'、'.join(demo)}", f"still the demo's PIN: {', '.join(demo)}"
        yield warn("pins", zh, en, mend_zh, mend_en)
    else:
        zh = f"{'、'.join(demo)} 仍是演示口令，而 {config.station.listen} 对外开放。"
        en = f"{', '.join(demo)} still the demo's PIN while {config.station.listen} is open to the network"
        yield fail("pins", zh, en, mend_zh, f'{mend_en} Until then: listen = "127.0.0.1:…".')
    if config.central.token == DEMO_TOKEN and config.central.url:
        yield warn(
            "token", "配对令牌仍是演示令牌。", "the pairing token is still the demo's",
            "在中心生成配对码，在本机重新配对。", "Make a pairing code at central and pair this box with it.",
        )  # fmt: skip


def _is(hashed: str, pin: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False


class _CentralPin(msgspec.Struct, frozen=True):
    pin: str = ""


class _CentralFile(msgspec.Struct, frozen=True):
    central: _CentralPin = _CentralPin()


def _central_pin(scene: Scene) -> str:
    """Of the central that is set up in the same folder, "" when there is none."""
    try:
        text = (scene.base / "central.toml").read_text("utf-8")
        return msgspec.convert(tomllib.loads(text), _CentralFile).central.pin
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError):
        return ""


def time_zone(scene: Scene) -> Iterator[Check]:
    if scene.config is None:
        return
    wanted, here = scene.config.plan.utc_offset_min, time.localtime().tm_gmtoff // 60
    if wanted == here:
        yield ok("time_zone", f"时区与营业厅一致（UTC{here / 60:+g}）", f"time zone as the hall's (UTC{here / 60:+g})")
        return
    yield warn(
        "time_zone", f"系统时区 UTC{here / 60:+g}，营业厅 UTC{wanted / 60:+g}。票面时间按营业厅，日志按系统。",
        f"this machine is at UTC{here / 60:+g}, the hall at UTC{wanted / 60:+g}; tickets follow the hall, logs the machine",
        "timedatectl set-timezone Asia/Shanghai，或改 hall.toml 的 utc_offset_min。",
        "timedatectl set-timezone Asia/Shanghai, or set utc_offset_min in hall.toml.",
    )  # fmt: skip
