"""A signed configuration arrives at a box: every check, then durable, then in force from the next start."""

from __future__ import annotations

from pathlib import Path

from kiosk.config import Config
from kiosk.config.durable import FILES as DISK
from kiosk.config.durable import Files
from kiosk.config.layers import layers, load_box, load_layers
from kiosk.config.signed import Refused, check, digest, held, keep, note, opened, seen, verify


def accept(base: Path, data: Path, raw: bytes, now_ms: int, files: Files = DISK) -> Config | None:
    """Puts the envelope in force from the next start; None when it is already. Raises Refused with its word, ConfigError when
    its files make no hall together with the rest; then the one in force stays."""
    keys = layers(base, data).keys
    envelope = opened(raw)
    verify(envelope, keys)
    before = load_box(base, data, devices=False)
    hall = before.plan.name.zh
    check(envelope, station=before.station.id, hall=hall, now_ms=now_ms, seen=seen(data))
    note(data, envelope, files)  # first: an older one is refused from now on, whatever becomes of this one
    if _in_force(data, keys) == digest(envelope):
        return None
    config = load_layers(layers(base, data, signed=envelope))
    keep(data, raw, files)
    return config


def _in_force(data: Path, keys: tuple[str, ...]) -> str:
    try:
        envelope = held(data, keys)
    except Refused:
        return ""  # what lies there cannot be used: the new one takes its place
    return digest(envelope) if envelope else ""
