"""Which driver a device of the configuration means: one explicit table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from devices.led.description import load as load_description
from devices.led.driver import FrameSign, OnbonSign
from devices.led.onbon import Screen as OnbonScreen
from devices.printer.driver import EscposPrinter
from devices.voice.driver import VoiceDriver
from kiosk.config import Device


def _printer(device: Device, folder: Path, data: Path) -> Any:
    return EscposPrinter(device.where, columns=device.columns, charset=device.charset)


def _frame_sign(device: Device, folder: Path, data: Path) -> Any:
    return FrameSign(device.where, load_description(folder / device.frame))


def _onbon(device: Device, folder: Path, data: Path) -> Any:
    return OnbonSign(device.where, OnbonScreen())


def _voice(device: Device, folder: Path, data: Path) -> Any:
    return VoiceDriver(
        device.where,
        backend=device.driver,
        volume=device.volume,
        cache_dir=data / "voice" / "cache",
        keep_dir=data / "voice" / "calls",
        clips_dir=folder / device.clips if device.clips else None,
    )


DRIVERS: dict[str, Callable[[Device, Path, Path], Any]] = {
    "escpos": _printer,
    "frame": _frame_sign,
    "onbon": _onbon,
    "pyttsx3": _voice,
    "espeak": _voice,
}


def make_driver(device: Device, folder: Path, data: Path) -> Any:
    return DRIVERS[device.driver](device, folder, data)
