"""The word to systemd: it arrives, and a listener that does not read stops nobody."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from kiosk.screen.app import notify


def test_a_listener_that_has_stopped_reading_does_not_stop_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"yitai-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        notify("READY=1")
        thread = threading.Thread(target=lambda: [notify("WATCHDOG=1") for _ in range(2000)], daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        assert bell.recv(64) == b"READY=1"
        assert bell.recv(64) == b"WATCHDOG=1"


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
