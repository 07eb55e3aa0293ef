"""What every page of the technician stands in: its words, its tabs, the banner of a configuration on trial."""

from __future__ import annotations

from typing import Any

from kiosk.domain.commands import Refused
from kiosk.station import pages_render
from kiosk.station.pages_render import Page, PageRequest, language
from kiosk.station.tech import on_trial
from kiosk.station.tech.texts import say

TECH = {"roles": ("tech",)}
NAV = ("devices", "lines", "network", "config", "checks", "wizard")


def page(
    request: PageRequest, name: str, shown: dict[str, Any], status: int = 200, refused: Refused | None = None
) -> Page:
    lang = language(request)
    words = {
        "t": lambda key, *given: say(lang, key, *given),
        "nav": NAV,
        "on_trial": lambda: on_trial.left(request.app.state["tech"]),
    }
    return pages_render.page(request, name, words | shown, lang, refused.status if refused else status, refused)
