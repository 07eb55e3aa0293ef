"""What a test does to a device of each class, and what of an event may be shown. The work runs in the device's thread."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from devices.ports import (
    DONE,
    Contact,
    Event,
    IdCard,
    Outcome,
    Pressed,
    Rated,
    Scanned,
    SignText,
    not_done,
    unknown,
)
from kiosk.config import Device
from kiosk.domain.plan import HallPlan
from kiosk.effects.acceptance import trial_sheet
from kiosk.effects.speech import spoken_call
from kiosk.station.clock import wall_ms

PRINT_S = 20.0
SHOW_S = 1.0  # for one sign
SPEAK_S = 20.0
PHOTO_S = 6.0
SIGNS_MAX = 8
JPEG_MAX = 2 * 1024 * 1024
TEXT_SHOWN = 8  # characters of a scanned code that are shown whole; of longer ones the ends
Work = Callable[[Any], Outcome]


@dataclass(slots=True)
class Trial:
    work: Work
    within_s: float
    _seen: dict[str, Any] = field(default_factory=dict)

    def seen(self) -> dict[str, Any] | None:
        return self._seen or None


def trial(what: str, device: Device, addresses: tuple[int, ...], plan: HallPlan, lang: str) -> Trial:
    """`addresses`: of the signs that counters name; without any, 1."""
    if what == "print":
        paper = trial_sheet(f"test-{device.id}", device.id, wall_ms(), plan.utc_offset_min, lang)
        return Trial(lambda printer: printer.print(paper, PRINT_S), PRINT_S + 2)
    if what == "speak":
        said = spoken_call(f"test-{device.id}", "A001", 1)  # in the words of a pack of clips, too
        return Trial(lambda voice: voice.say(said, SPEAK_S), SPEAK_S)
    if what == "show":
        shown = tuple(sorted(set(addresses)))[:SIGNS_MAX] or (1,)
        return Trial(lambda sign: _show_all(sign, shown), SHOW_S * len(shown) + 1)
    found: dict[str, Any] = {}
    return Trial(lambda camera: _photo(camera, found), PHOTO_S, found)


def _show_all(sign: Any, addresses: tuple[int, ...]) -> Outcome:
    """Each sign shows its own address, so that a person sees which is which. The worst of them is the answer."""
    told = [(n, sign.show(SignText(n, f"{n} 测试 8888"), SHOW_S)) for n in addresses]
    for kind, make in (("not_done", not_done), ("unknown", unknown)):
        if bad := [f"{n}: {outcome.detail}" for n, outcome in told if outcome.kind == kind]:
            return make("; ".join(bad))
    return Outcome("done", ", ".join(str(n) for n, _ in told))


def _photo(camera: Any, found: dict[str, Any]) -> Outcome:
    jpeg = camera.photo(PHOTO_S)
    if len(jpeg) > JPEG_MAX:
        return not_done(f"the photo has {len(jpeg)} bytes, at most {JPEG_MAX} are shown 照片过大")
    found["jpeg"] = base64.b64encode(jpeg).decode()
    return DONE


def masked(event: Event) -> dict[str, Any]:
    """What a test may show of an event: that it came, never whose it was."""
    if isinstance(event, Pressed):
        return {"key": event.key, "address": event.address, "holding": event.holding}
    if isinstance(event, Rated):
        return {"score": event.score, "address": event.address}
    if isinstance(event, Contact):
        return {"name": event.name, "active": event.active}
    if isinstance(event, Scanned):
        text = event.text if len(event.text) <= TEXT_SHOWN else f"{event.text[:3]}…{event.text[-2:]}"
        return {"text": text, "length": len(event.text), "symbology": event.symbology}
    if isinstance(event, IdCard):
        return {"read": True, "name": event.name[:1] + "*", "number": "*" * (len(event.number) - 2) + event.number[-2:]}
    return {"event": type(event).__name__}
