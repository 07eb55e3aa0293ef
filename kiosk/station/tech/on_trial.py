"""A configuration on trial, as every page of the technician tells it: how long it still has, and the button that keeps it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import MediaType, Response, get

from kiosk.config import box
from kiosk.station import pages_render
from kiosk.station.pages_render import FIELD_MAX, HEADERS, Page, PageRequest, language
from kiosk.station.pages_text import Lang
from kiosk.station.tech.service import Tech
from kiosk.station.tech.texts import say


def left(tech: Tech) -> int | None:
    """Reads the disk. -> seconds until the station goes back to the configuration before; None when it runs with the good one."""
    trial = box.running(tech.data)
    return box.left_s(trial) if trial is not None and trial.started else None


def view(tech: Tech) -> dict[str, Any]:
    """Reads the disk. For programs: the trial that runs, and how the last one ended that was not confirmed."""
    trial, ended = box.running(tech.data), box.ended(tech.data)
    return {
        "trial": {
            "until_ms": trial.until_ms,
            "left_s": box.left_s(trial),
            "started": trial.started,
            "files": list(trial.files),
        }
        if trial
        else None,
        "ended": {"why": ended.why, "at_ms": ended.at_ms, "files": list(ended.files)} if ended and not trial else None,
    }


def told_ended(tech: Tech, lang: Lang) -> str:
    """Reads the disk. -> how the last trial ended that was not confirmed; "" when there is nothing to tell."""
    ended = box.ended(tech.data)
    if ended is None or box.running(tech.data) is not None:
        return ""
    at = datetime.fromtimestamp(ended.at_ms / 1000, UTC) + timedelta(minutes=tech.config.plan.utc_offset_min)
    return say(lang, f"cfg.ended.{ended.why}", ", ".join(ended.files), f"{at:%m-%d %H:%M:%S}")


@get("/tech/page/trial", opt={"roles": ("tech",)})
async def trial_now(request: PageRequest, tech: Tech) -> Page:
    """What has changed of the banner, which every page asks for again and again. The whole of it only when a trial has begun or
    ended since it was `shown`: its buttons stay the same ones under a finger, and keep the focus, while the seconds pass."""
    lang, shown = language(request), request.query_params.get("shown") == "1"
    left_s = await asyncio.to_thread(left, tech)
    if left_s is None and not shown:
        return Response("", status_code=204, headers=HEADERS)
    if left_s is not None and shown:
        headers = HEADERS | {"HX-Retarget": "#trial-left", "HX-Reswap": "innerHTML"}
        return Response(say(lang, "cfg.trial", left_s), media_type=MediaType.HTML, headers=headers)
    words = {
        "t": lambda key, *given: say(lang, key, *given),
        "left_s": left_s,
        "file": request.query_params.get("file", "")[:FIELD_MAX],
    }
    return pages_render.page(request, "tech/trial.html", words, lang)
