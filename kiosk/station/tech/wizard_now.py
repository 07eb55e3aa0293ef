"""What is so this moment and stands in no state of the wizard: a hand that is waited for, and how the devices are."""

from __future__ import annotations

from kiosk.domain import tongue
from kiosk.domain.facts import Lines
from kiosk.flows.wizard import State
from kiosk.flows.wizard_notes import Device, Now
from kiosk.station.pages_text import Lang, say_or
from kiosk.station.tech.desk import DeviceDesk, Seen


def now_of(state: State, desk: DeviceDesk, waiting: bool) -> Now:
    """The devices are looked at for the last page only."""
    devices = tuple(_device(seen) for seen in desk.devices()) if state.step == "done" else ()
    return Now(waiting=waiting, devices=devices)


def _device(seen: Seen) -> Device:
    """In the words of the station's other pages."""

    def words(lang: Lang, kind: str) -> str:
        return "，".join(filter(None, (say_or(lang, f"{kind}.{reason}", "") for reason in seen.reasons)))

    detail = tongue.lines(seen.detail)
    return Device(
        id=seen.device.id,
        well=seen.state in ("ready", "busy"),
        what=Lines(
            zh=words("zh", "reason") or say_or("zh", f"device.{seen.state}", seen.state),
            en=words("en", "reason") or say_or("en", f"device.{seen.state}", seen.state),
        ),
        remedy=Lines(
            zh=words("zh", "remedy") or detail.zh or "请看电源和连线",
            en=words("en", "remedy") or detail.en or "look at its power and cable",
        ),
    )
