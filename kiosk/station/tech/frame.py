"""What every page of the technician stands in: its words, its tabs, the banner of a configuration on trial."""

from __future__ import annotations

import asyncio
from typing import Any

from kiosk.domain.commands import Refused
from kiosk.station import pages_render
from kiosk.station.pages_render import Page, PageRequest, language
from kiosk.station.tech import on_trial
from kiosk.station.tech.texts import say

TECH = {"roles": ("tech",)}
NAV = ("devices", "lines", "network", "config", "checks", "wizard")


async def page(
    request: PageRequest, name: str, shown: dict[str, Any], status: int = 200, refused: Refused | None = None
) -> Page:
    """A whole page, in the frame."""
    left_s = await asyncio.to_thread(on_trial.left, request.app.state["tech"])
    return piece(request, name, {"nav": NAV, "left_s": left_s} | shown, status, refused)


def piece(
    request: PageRequest, name: str, shown: dict[str, Any], status: int = 200, refused: Refused | None = None
) -> Page:
    """What htmx puts into a page, or stands alone."""
    lang = language(request)
    words = {"t": lambda key, *given: say(lang, key, *given)}
    return pages_render.page(request, name, words | shown, lang, refused.status if refused else status, refused)
