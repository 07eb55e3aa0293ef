"""`kiosk screen`: the composition root of the touchscreen. Draws in the main thread, talks in one other.

A fault in drawing or in a flow shows a plain "restarting" page, forgets the visit and goes on; FAULTS_MAX in FAULTS_S end
the process with 1, so that whoever started it starts it afresh. SIGTERM and SIGINT end it with 0.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import os
import re
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from kiosk.config import ConfigError, Screen
from kiosk.config.layers import load_box
from kiosk.screen import window

log = logging.getLogger(__name__)

FAULTS_MAX = 5
FAULTS_S = 60.0
RECOVER_S = 1.2  # long enough to be read as "wait", and the next touch counts within 2 s
ALIVE_S = 5.0


def main(args: argparse.Namespace) -> int:
    """`--config` (panel, the station's address), `--data` (screen.token), `--url URL`, `--window WxH` -> exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        config = load_box(args.config, Path(args.data).resolve(), devices=False)
        width, height = _size(args.window, config.screen)
    except (ConfigError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    url = args.url or f"http://{_reachable(config.station.listen)}"
    gc.disable()  # nothing of what is loaded now will ever be garbage
    window.prepare(width, height)
    from kiosk.screen.shell import Shell  # from here on Kivy is loaded

    try:
        shell = Shell(url, Path(args.data) / "screen.token", config.screen.diagonal_inch)
    except window.NoWindow as error:
        print(f"kiosk screen: {error}", file=sys.stderr)
        return 2
    gc.freeze()
    gc.enable()
    return shell.run()


def _size(text: str | None, panel: Screen) -> tuple[int, int]:
    """ "540x960" → (540, 960); without it the configured panel. Raises ValueError with what was expected."""
    if not text:
        return panel.width, panel.height
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if found is None:
        raise ValueError(f"--window expects WIDTHxHEIGHT in pixels, for instance 540x960; got {text!r}")
    return int(found[1]), int(found[2])


def _reachable(listen: str) -> str:
    """Where to call a station that listens on every address of this box."""
    host, _, port = listen.rpartition(":")
    return f"127.0.0.1:{port}" if host in ("", "0.0.0.0", "[::]") else listen


def notify(text: str) -> None:
    """Tell systemd (sd_notify): READY=1, WATCHDOG=1. Nothing without NOTIFY_SOCKET.

    Never waits: a listener that has stopped reading (its queue holds ten) must not stop the screen with it.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        with contextlib.suppress(BlockingIOError):  # a beat that nobody takes is what a watchdog is for
            line.sendto(text.encode(), "\0" + address[1:] if address.startswith("@") else address)


class Faults:
    """Counts faults of the screen itself."""

    def __init__(self) -> None:
        self._at: deque[float] = deque(maxlen=FAULTS_MAX)

    def one_more(self, now: float) -> bool:
        """-> whether it is time to give up."""
        self._at.append(now)
        return len(self._at) == FAULTS_MAX and now - self._at[0] < FAULTS_S


def on_signals(stop: Callable[[], None]) -> None:
    """SIGTERM and SIGINT call `stop`, in a thread of its own: it takes locks that the main thread may just hold."""
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        with told:
            while heard.recv(1):
                stop()

    threading.Thread(target=wait, name="signals", daemon=True).start()
