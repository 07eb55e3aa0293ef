"""Moments, names, answers and devices in the words of the pages: pure functions of the plan or the hall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk.domain.hall import Hall
from kiosk.domain.plan import HallPlan
from kiosk.station.pages_text import Lang, say, say_or

Shown = dict[str, Any]

TROUBLE = {"absent", "degraded", "fault", "backoff"}


def local_time(plan: HallPlan, at: int) -> datetime:
    """The hall's wall clock, whatever zone this machine believes in."""
    return datetime.fromtimestamp(at / 1000, UTC) + timedelta(minutes=plan.utc_offset_min)


def clock(plan: HallPlan, at: int) -> str:
    return local_time(plan, at).strftime("%H:%M")


def minutes(lang: Lang, duration_ms: int) -> str:
    return say(lang, "minutes", max(0, duration_ms) // 60_000)


def ago(lang: Lang, duration_ms: int) -> str:
    whole = max(0, duration_ms) // 60_000
    return say(lang, "ago", whole) if whole else say(lang, "just_now")


def service_name(plan: HallPlan, id: str, lang: Lang) -> str:
    service = plan.service(id)
    return service.name.get(lang) if service else id


def class_name(plan: HallPlan, id: str, lang: Lang) -> str:
    klass = plan.klass(id)
    return klass.name.get(lang) if klass else id


def answers(plan: HallPlan, given: dict[str, str], lang: Lang) -> list[Shown]:
    """The triage in words; what the plan no longer knows is shown as it was stored."""
    lines = []
    for node_id, choice_id in given.items():
        node = plan.node(node_id)
        choice = next((c for c in node.choices if c.id == choice_id), None) if node else None
        lines.append(
            {
                "question": node.title.get(lang) if node else node_id,
                "answer": choice.text.get(lang) if choice else choice_id,
            }
        )
    return lines


# --- devices -------------------------------------------------------------------------------------------------------


def devices(hall: Hall, lang: Lang) -> list[Shown]:
    """All devices with their state in words; what is wrong comes with what to do."""
    shown = []
    for id, device in sorted(hall.devices_now().items()):
        trouble = device.state in TROUBLE
        style = {"fault": "bad", "absent": "bad", "backoff": "bad", "degraded": "soon"}.get(device.state, "ok")
        shown.append(
            {
                "id": id,
                "name": say_or(lang, f"class.{id}", id),
                "trouble": trouble,
                "style": style,
                "text": _device_text(device.state, device.reasons, lang),
            }
        )
    return shown


def _device_text(state: str, reasons: tuple[str, ...], lang: Lang) -> str:
    return reasons_text(reasons, lang) if reasons else say_or(lang, f"device.{state}", state)


def reasons_text(reasons: tuple[str, ...], lang: Lang) -> str:
    """Each with its remedy; a reason newer than the words stands as its code."""
    comma, stop = ("，", "；") if lang == "zh" else (": ", "; ")
    parts = []
    for reason in reasons:
        remedy = say_or(lang, f"remedy.{reason}", "")
        parts.append(say_or(lang, f"reason.{reason}", reason) + (comma + remedy if remedy else ""))
    return stop.join(parts)
