"""`kiosk run`: the whole demo hall on this machine, one process each, with simulated devices and a screen.

Order: (a display) → bench, so that the devices answer → central → station → screen. Each is awaited ready before the
next. Nothing is started while a port is taken or the configuration has a mistake.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import socket
import sys
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from kiosk.children import Child, Children, NotUp, Stopped
from kiosk.config import Config, ConfigError
from kiosk.config.layers import load_box
from kiosk.display import NoDisplay, display_size, fitted, start_display

FIRST_PORT = 8600  # of the demo configuration; `--ports` moves it and all the others by the same distance
BENCH_PORT = 8650
HIGHEST_BASE = 65_000

DEMO_PINS = {"counter": "1111", "guide": "2222", "tech": "3333", "central": "4444"}

_OWN_PORT = re.compile(r"(?P<host>127\.0\.0\.1|0\.0\.0\.0|localhost):(?P<port>[0-9]{2,5})\b")
_LOCAL = {"127.0.0.1", "0.0.0.0", "localhost"}


class CannotRun(Exception):
    """Nothing was started; the text says why and what to do."""


# --- what will listen where ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """The ports of this machine that will be used. `central` None: none is started here; `devices`: id -> port."""

    station: int
    central: int | None
    bench: int
    devices: dict[str, int]

    def ports(self) -> dict[str, int]:
        own = {"station": self.station, "bench": self.bench, **self.devices}
        return own if self.central is None else {**own, "central": self.central}


def _local_port(url: str) -> int | None:
    parts = urlsplit(url)
    return parts.port if parts.hostname in _LOCAL else None


def places_of(config: Config, shift: int) -> Places:
    ports = {device.id: _local_port(device.where) for device in config.devices}
    return Places(
        station=int(config.station.listen.rpartition(":")[2]),
        central=_local_port(config.central.url),
        bench=BENCH_PORT + shift,
        devices={name: port for name, port in ports.items() if port is not None},
    )


def shifted_config(config: Path, data: Path, shift: int) -> Path:
    """A copy of the configuration in which every port of this machine is moved; -> its folder."""
    copy = data / "demo-config"
    if copy.exists():
        shutil.rmtree(copy)
    shutil.copytree(config, copy)
    for path in sorted(copy.rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        path.write_text(_OWN_PORT.sub(lambda m: f"{m['host']}:{int(m['port']) + shift}", text), encoding="utf-8")
    return copy


def refuse_taken_ports(places: Places) -> None:
    """Raises CannotRun when something listens already where one of ours will."""
    taken = []
    for name, port in places.ports().items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                taken.append(f"  {port} ({name}): {error.strerror}")
    if taken:
        raise CannotRun(
            "端口已被占用 · ports in use:\n" + "\n".join(taken) + "\n已有一个在运行?请先停止,或换一组端口:\n"
            'Is one running already? Stop it, or move all ports: make run ARGS="--ports 18600"'
        )


# --- the children --------------------------------------------------------------------------------------------------


def answers(port: int, path: str) -> bool:
    """Whether http://127.0.0.1:port/path answers below 500 within a second."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Bell:
    """Hears `READY=1` from a process that has no port, as systemd does (sd_notify). Rings once for each."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.address = f"@yitai-run-{os.getpid()}"

    def __enter__(self) -> Bell:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind("\0" + self.address[1:])
        return self

    def __exit__(self, *exc: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def rung(self) -> bool:
        """Takes what has come since; other news than READY=1 (the watchdog's) is not waited for."""
        while self._socket is not None:
            try:
                if b"READY=1" in self._socket.recv(256).splitlines():
                    return True
            except BlockingIOError:
                return False
        return False

    def drain(self) -> None:
        """Who rings on finds room."""
        while self.rung():
            pass


@dataclass(frozen=True)
class Demo:
    """One demo hall to start: where everything is and how to call it."""

    config: Config
    data: Path
    places: Places

    def child(self, verb: str, options: list[str], env: dict[str, str], ready: Callable[[], bool]) -> Child:
        # Central is another machine in production: it shares nothing with the station here either.
        data = self.data / "central" if verb == "central" else self.data
        argv = [sys.executable, "-m", "kiosk", verb, "--config", str(self.config.folder), "--data", str(data), *options]
        log = self.data / "logs" / f"{verb}.log"
        return Child(verb, argv, {**os.environ, "PYTHONUNBUFFERED": "1", **env}, log, ready)

    def start(self, children: Children, screen: bool, headless: bool, bell: Bell) -> str:
        """-> the display made for it, or "". Raises NoDisplay, NotUp, Stopped."""
        places, display, env = self.places, "", {}
        window = panel = (self.config.screen.width, self.config.screen.height)
        if screen:
            there = None if headless else display_size()
            if there is None:
                display = start_display(children, *panel, self.data / "logs")
                env = {"DISPLAY": display}
            else:
                window = fitted(panel, there)
        if places.devices:
            listen = ["--port", str(places.bench)]
            children.start(self.child("bench", listen, env, lambda: answers(places.bench, "/")))
        if places.central is not None:
            listen = ["--port", str(places.central)]
            children.start(self.child("central", listen, env, lambda: answers(places.central or 0, "/health")))
        children.start(self.child("station", [], env, lambda: answers(places.station, "/health")))
        if screen:
            env = {**env, "SDL_VIDEODRIVER": "x11", "NOTIFY_SOCKET": bell.address}
            where = ["--url", f"http://127.0.0.1:{places.station}", "--window", f"{window[0]}x{window[1]}"]
            children.start(self.child("screen", where, env, bell.rung))
        return display


def _pins(config: Config) -> dict[str, str]:
    """role -> "PIN 1111" for each role that still has the demo's PIN, "" for the others."""
    from argon2 import PasswordHasher
    from argon2.exceptions import Argon2Error, InvalidHashError

    central = config.folder / "central.toml"
    found = tomllib.loads(central.read_text(encoding="utf-8")) if central.exists() else {}
    hashes = {**msgspec.structs.asdict(config.pins), "central": found.get("central", {}).get("pin", "")}
    known = {}
    for role, pin in DEMO_PINS.items():
        try:
            PasswordHasher().verify(hashes[role], pin)
            known[role] = f"PIN {pin}"
        except (Argon2Error, InvalidHashError):
            known[role] = ""
    return known


def _columns(text: str) -> int:
    """How wide a terminal draws it: a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def addresses(config: Config, places: Places, display: str, screen: bool) -> str:
    """What a person wants to know once everything is up."""
    station, bench = f"http://127.0.0.1:{places.station}", f"http://127.0.0.1:{places.bench}"
    pins = _pins(config)
    rows = [
        ("窗口叫号 counter", f"{station}/counter", pins["counter"]),
        ("大厅看板 board", f"{station}/board", ""),
        ("大堂引导 guide", f"{station}/guide", pins["guide"]),
        ("技术人员 tech", f"{station}/tech", pins["tech"]),
        ("接口文档 API", f"{station}/schema", ""),
    ]
    if places.devices:
        rows.append(("设备试验台 bench", bench, ""))
    if places.central is not None:
        rows.append(("中心 central", f"http://127.0.0.1:{places.central}", pins["central"]))
    if screen and display:
        rows.append(("取号屏 screen", f"{bench}/", f"虚拟显示 virtual display {display}"))
    elif screen:
        rows.append(("取号屏 screen", "本机显示器 on this display", ""))
    lines = [f"  {name}{' ' * (22 - _columns(name))}{where:<36}{note}".rstrip() for name, where, note in rows]
    return "\n".join(["", "一台 Yitai 已就绪 · is ready. Ctrl-C 停止 · stops everything.", "", *lines, ""])


def _prepare(args: argparse.Namespace) -> Demo:
    """Raises CannotRun, ConfigError."""
    base = FIRST_PORT if args.ports is None else args.ports
    if not 1024 <= base <= HIGHEST_BASE:
        raise CannotRun(f"--ports {base}: 应在 1024 到 {HIGHEST_BASE} 之间 · must be between 1024 and {HIGHEST_BASE}")
    shift = base - FIRST_PORT
    folder, data = Path(args.config).resolve(), Path(args.data).resolve()
    config = load_box(folder, data)
    if shift:
        config = load_box(shifted_config(folder, data, shift), data)
    places = places_of(config, shift)
    refuse_taken_ports(places)
    return Demo(config, data, places)


def main(args: argparse.Namespace) -> int:
    def say(text: str) -> None:
        print(text, flush=True)

    try:
        demo = _prepare(args)
        with Bell() as bell, Children(say) as children:
            say("正在启动 · starting …")
            display = demo.start(children, not args.no_screen, args.headless, bell)
            say(addresses(demo.config, demo.places, display, not args.no_screen))
            children.watch(bell.drain)
            say("正在停止 · stopping …")
    except Stopped:
        return 0
    except (CannotRun, ConfigError, NoDisplay, NotUp) as error:
        print(f"kiosk run: {error}", file=sys.stderr)
        return 1
    return 0
