"""The machine below: clock, time server, display, limits, memory."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config.signed import BELIEVED_MS, RELEASED_MS
from kiosk.journal.store import Journal, JournalError
from kiosk.station.doctor.check import Check, Scene, fail, ok, warn
from kiosk.station.doctor.disk import key_of

NTP_ZH = "timedatectl set-ntp true；检查网络能否到达时间服务器。"
NTP_EN = "timedatectl set-ntp true; check that a time server can be reached."
OPEN_FILES = 1024
LOW_MEMORY_KIB = 200 * 1024
DAY_MS = 86_400_000


def clock(scene: Scene) -> Iterator[Check]:
    now = scene.now_ms()
    shown = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    last = _last_fact(scene)
    if not RELEASED_MS <= now <= RELEASED_MS + BELIEVED_MS:
        zh, en = f"时钟不可信：{shown}", f"the clock cannot be right: {shown}"
    elif last > now + DAY_MS:
        zh, en = f"时钟 {shown} 早于日志最后一条记录", f"the clock, {shown}, is before the journal's last fact"
    else:
        yield ok("clock", f"时钟 {shown}", f"the clock says {shown}")
        return
    yield fail(
        "clock", zh, en, f"校时：{NTP_ZH} 主板电池可能没电。", f"Set it: {NTP_EN} The board's battery may be flat."
    )


def _last_fact(scene: Scene) -> int:
    """Wall clock of the journal's last fact, 0 when there is none or it cannot be read (another check says why)."""
    if not (scene.data / "journal.db").exists():
        return 0
    book = Journal(scene.data, key_of(scene.data))
    try:
        book.open_to_read()
        return max((recorded.at for recorded in book.facts(book.seq)), default=0) if book.seq else 0
    except JournalError:
        return 0
    finally:
        book.close()


def time_server(scene: Scene) -> Iterator[Check]:
    said = scene.run("timedatectl", "show", "-p", "NTPSynchronized", "--value")
    if said is not None:
        synced: bool | None = said.strip() == "yes"
    elif (scene.root / "run/systemd/timesync/synchronized").exists():
        synced = True
    else:
        synced = None
    if synced:
        yield ok("time_server", "时间已与服务器同步", "the clock follows a time server")
    elif synced is None:
        yield warn(
            "time_server", "查不到是否与时间服务器同步。", "nobody here can say whether a time server is followed",
            f"安装 systemd-timesyncd 或 chrony。{NTP_ZH}", f"Install systemd-timesyncd or chrony. {NTP_EN}",
        )  # fmt: skip
    else:
        zh, en = "时间没有与服务器同步。", "the clock follows no time server"
        yield warn("time_server", zh, en, NTP_ZH, NTP_EN)


def display(scene: Scene) -> Iterator[Check]:
    libs = [name for name in ("libGL.so.1", "libEGL.so.1") if not any(scene.root.glob(f"usr/lib/*/{name}"))]
    if libs:
        yield fail(
            "display", f"缺少绘图库 {'、'.join(libs)}。", f"the drawing libraries {', '.join(libs)} are missing",
            "apt-get install libgl1 libegl1 libgl1-mesa-dri", "apt-get install libgl1 libegl1 libgl1-mesa-dri",
        )  # fmt: skip
        return
    yield _driver(scene)
    shown = [*scene.root.glob("tmp/.X11-unix/X*"), *scene.root.glob("run/user/*/wayland-[0-9]*")]
    if not shown and not scene.env.get("DISPLAY"):
        yield warn(
            "display", "没有运行中的图形界面。", "no X server and no Wayland compositor runs",
            "取号屏需要一个：启动 cage 或 X；无屏的机器可忽略。",
            "A kiosk screen needs one: start cage or X. Ignore this on a machine without a screen.",
        )  # fmt: skip
    panel = _panel(scene)
    if panel and scene.config is not None:
        wanted = (scene.config.screen.width, scene.config.screen.height)
        if wanted not in (panel, panel[::-1]):
            yield warn(
                "panel", f"屏幕是 {panel[0]}x{panel[1]}，配置为 {wanted[0]}x{wanted[1]}。",
                f"the panel has {panel[0]}x{panel[1]} pixels, station.toml says {wanted[0]}x{wanted[1]}",
                "改 station.toml 的 [screen]。", "Set [screen] in station.toml.",
            )  # fmt: skip


def _driver(scene: Scene) -> Check:
    cards = [p for p in sorted(scene.root.glob("sys/class/drm/card[0-9]")) if (p / "device" / "driver").exists()]
    names = sorted({(p / "device" / "driver").resolve().name for p in cards})
    if names and any(scene.root.glob("dev/dri/renderD*")):
        return ok("graphics", f"显卡驱动 {'、'.join(names)}", f"drawn by the graphics card ({', '.join(names)})")
    return warn(
        "graphics",
        "没有可用的显卡，由处理器绘图。",
        "no graphics card can be used: the processor draws",
        "检查 /dev/dri 和显卡驱动；用户加入 video、render 组。",
        "Look at /dev/dri and the card's driver; put the user into the groups video and render.",
    )


def _panel(scene: Scene) -> tuple[int, int] | None:
    """The first mode of the first connector with a panel on it."""
    for status in sorted(scene.root.glob("sys/class/drm/card*-*/status")):
        modes = _text(status.parent / "modes").split()
        if _text(status).strip() == "connected" and modes:
            width, _, height = modes[0].partition("x")
            if width.isdigit() and height.isdigit():
                return int(width), int(height)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""


def limits(scene: Scene) -> Iterator[Check]:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < OPEN_FILES:
        yield warn(
            "limits", f"最多打开 {soft} 个文件，太少。", f"only {soft} files may be open at once",
            f"在服务单元里写 LimitNOFILE={OPEN_FILES * 4}。", f"Write LimitNOFILE={OPEN_FILES * 4} into the service unit.",
        )  # fmt: skip
    else:
        yield ok("limits", f"可同时打开 {soft} 个文件", f"{soft} files may be open at once")


def memory(scene: Scene) -> Iterator[Check]:
    told = dict(line.split(":", 1) for line in _text(scene.root / "proc/meminfo").splitlines() if line.count(":") == 1)
    free = int(told.get("MemAvailable", "0 kB").split()[0])
    if 0 < free < LOW_MEMORY_KIB:
        mend = ("关闭别的程序；本机至少需要 2 GB。", "Stop other programs; the machine needs 2 GB.")
        yield fail("memory", f"可用内存只剩 {free // 1024} MiB", f"only {free // 1024} MiB of memory to spare", *mend)
    else:
        yield ok("memory", f"可用内存 {free // 1024} MiB", f"{free // 1024} MiB of memory to spare")
