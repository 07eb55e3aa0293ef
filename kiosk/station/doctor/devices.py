"""The devices: may their ports be opened by this user, and do they answer. Of a station that runs its own word is taken, for two
must not speak on one line; otherwise each driver is opened once and closed again."""

from __future__ import annotations

import grp
import os
import queue
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from devices.ports import DeviceError
from kiosk.config import Device
from kiosk.station.doctor.check import Check, Scene, fail, ok, warn
from kiosk.station.drivers import make_driver
from kiosk.station.pages_text import say_or

OPEN_S = 6.0
_NODE = re.compile(r"(/dev/[^?#]+)")
GROUPS = {"serial": "dialout", "evdev": "input", "v4l2": "video", "gpio": "gpio", "usb": "lp"}


def ports(scene: Scene) -> Iterator[Check]:
    if scene.config is None:
        return
    nodes = [(d, m[1]) for d in scene.config.devices if (m := _NODE.search(d.where)) is not None]
    for device, node in nodes:
        path = scene.root / node.lstrip("/")
        if not path.exists():
            yield _not_there(scene, device, node)
        elif not os.access(path, os.R_OK | os.W_OK):
            yield _not_allowed(device, node, path)
    mine = {grp.getgrgid(g).gr_name for g in os.getgroups() if _known(g)}
    for scheme, group in GROUPS.items():
        wants = any(d.where.startswith((f"{scheme}:", f"{scheme}s:")) for d in scene.config.devices)
        if wants and os.geteuid() != 0 and group not in mine:
            yield warn(
                "groups", f"本用户不在 {group} 组。", f"this user is not in the group {group}",
                f"usermod -aG {group} {_user()}，然后重启服务。",
                f"usermod -aG {group} {_user()}, then start the service again.",
            )  # fmt: skip
    if nodes and all((scene.root / node.lstrip("/")).exists() for _, node in nodes):
        yield ok("ports", f"{len(nodes)} 个端口都在", f"{len(nodes)} ports are there")


def _known(gid: int) -> bool:
    try:
        grp.getgrgid(gid)
    except KeyError:
        return False
    return True


def _user() -> str:
    return os.environ.get("USER") or str(os.geteuid())


def _not_there(scene: Scene, device: Device, node: str) -> Check:
    there = sorted(str(p.relative_to(scene.root)) for p in (scene.root / "dev/serial/by-path").glob("*"))
    told = ", ".join(f"/{name}" for name in there[:4]) or "none 无"
    return fail(
        "ports", f"{device.id}：没有端口 {node}。", f"{device.id}: there is no port {node}",
        f"检查插头；现有端口：{told}。", f"Check the plug, or name another in devices.toml; there are: {told}.",
    )  # fmt: skip


def _not_allowed(device: Device, node: str, path: Path) -> Check:
    group = path.group() if _known(path.stat().st_gid) else str(path.stat().st_gid)
    return fail(
        "ports", f"{device.id}：没有权限打开 {node}。", f"{device.id}: {node} may not be opened by this user",
        f"usermod -aG {group} {_user()}，然后重启服务。",
        f"usermod -aG {group} {_user()}, then start the service again.",
    )  # fmt: skip


def devices(scene: Scene) -> Iterator[Check]:
    if scene.config is None:
        return
    if not scene.config.devices:
        yield ok("devices", "没有配置设备", "no devices are configured")
    elif scene.health is not None:
        yield from _told(scene)
    else:
        yield from _opened(scene)


def _told(scene: Scene) -> Iterator[Check]:
    """The station's own word of each device."""
    told = scene.health.get("devices", []) if scene.health else []
    states = {str(d.get("id")): d for d in told if isinstance(d, dict)}
    for device in scene.config.devices if scene.config else ():
        said = states.get(device.id, {"state": "absent", "reasons": [], "detail": ""})
        state = str(said.get("state"))
        reasons = [str(reason) for reason in said.get("reasons", [])]
        why = "; ".join(filter(None, (", ".join(map(str, said.get("reasons", []))), str(said.get("detail", "")))))
        told_en = f"{device.id} ({device.klass}/{device.driver}) is {state}" + (f": {why}" if why else "")
        words_zh = "，".join(say_or("zh", f"reason.{r}", r) for r in reasons)
        told_zh = f"{device.id}：{say_or('zh', f'device.{state}', state)}" + (f"：{words_zh}" if words_zh else "")
        known_zh = "；".join(filter(None, (say_or("zh", f"remedy.{r}", "") for r in reasons)))
        known_en = "; ".join(filter(None, (say_or("en", f"remedy.{r}", "") for r in reasons)))
        mend = (
            f"{known_zh or f'看电源、线和 {device.where}'}；kiosk devices test {device.id} 可测试。",
            f"{known_en or f'Look at its power, cable and {device.where}'}; `kiosk devices test {device.id}` tries it.",
        )
        if state in ("ready", "busy"):
            yield ok(f"device:{device.id}", told_zh, told_en)
        elif state in ("starting", "degraded"):
            yield warn(f"device:{device.id}", told_zh, told_en, *mend)
        else:
            yield fail(f"device:{device.id}", told_zh, told_en, *mend)


def _opened(scene: Scene) -> Iterator[Check]:
    """All at once, each in a thread: one that hangs holds up nobody."""
    config = scene.config
    assert config is not None
    done: queue.Queue[Check] = queue.Queue()
    waiting = {}
    for device in config.devices:
        if device.where.startswith("bus:"):
            yield ok(
                f"device:{device.id}",
                f"{device.id} 在总线上，由站点程序检查",
                f"{device.id} stands on a bus: ask the station",
            )
            continue
        waiting[f"device:{device.id}"] = device
        threading.Thread(target=_open, args=(scene, device, done), daemon=True).start()
    until = time.monotonic() + OPEN_S
    while waiting:
        try:
            check = done.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        waiting.pop(check.id, None)
        yield check
    for id, device in waiting.items():
        yield fail(
            id, f"{device.id}：{OPEN_S:g} 秒内打不开 {device.where}。", f"{device.id}: {device.where} does not open",
            "检查电源和线路。", "Look at its power and its cable.",
        )  # fmt: skip


def _open(scene: Scene, device: Device, done: queue.Queue[Check]) -> None:
    id = f"device:{device.id}"
    try:
        driver = make_driver(device, scene.base, scene.data)
        try:
            driver.open()
        finally:
            driver.close()
        done.put(ok(id, f"{device.id}：能打开 {device.where}", f"{device.id}: {device.where} opens"))
    except (DeviceError, OSError) as error:
        done.put(
            fail(
                id,
                f"{device.id}：{error}",
                f"{device.id}: {error}",
                "检查电源、线和 devices.toml 的 where。",
                "Look at its power, its cable, and `where` in devices.toml.",
            )
        )
