"""What a person at a device can have it do to see that it works: the tests of each class of device, the usual one first."""

from __future__ import annotations

from collections.abc import Mapping

TESTS: Mapping[str, tuple[str, ...]] = {
    "printer": ("print",),
    "sign": ("show",),
    "voice": ("speak",),
    "keypad": ("press",),
    "rating": ("rate",),
    "scanner": ("scan",),
    "idcard": ("read",),
    "camera": ("photo",),
    "contact": ("press",),
}
WAITS = ("press", "rate", "scan", "read")  # for a hand: somebody must press, scan or lay a card
WAIT_S = 15.0  # for it
