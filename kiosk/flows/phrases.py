"""Small phrases made of figures: how long, how many, which day. Pure; seconds and milliseconds in, words out."""

from __future__ import annotations

import datetime as dt
import math

from kiosk.flows.pages import Header
from kiosk.flows.seen import Estimate, HallSeen, Lang
from kiosk.flows.words import say

TRUSTED_FROM_MS = 1_735_689_600_000  # 2025-01-01: a clock before that has not been set


def minutes(seconds: float) -> int:
    """Whole minutes a customer can plan with: up to 10 exact, above in fives, rounded up."""
    exact = max(1, math.ceil(seconds / 60))
    return exact if exact <= 10 else math.ceil(exact / 5) * 5


def about(estimate: Estimate | None, lang: Lang) -> str:
    if estimate is None:
        return ""
    if estimate.p50_s <= 0:
        return say("very_soon", lang)
    n = minutes(estimate.p50_s)
    return say("about_long", lang) if n > 120 else say("about", lang, n=n)


def about_range(estimate: Estimate | None, lang: Lang) -> str:
    """ "约 10–25 分钟"; one figure where both ends round to the same."""
    if estimate is None:
        return ""
    lo, hi = minutes(estimate.p10_s), minutes(estimate.p90_s)
    if estimate.p90_s <= 0:
        return say("very_soon", lang)
    if lo > 120:
        return say("about_long", lang)
    return say("about", lang, n=lo) if lo == hi else say("about_range", lang, lo=lo, hi=hi)


def counter_name(hall: HallSeen, id: int, lang: Lang) -> str:
    return next((c.name.get(lang) for c in hall.counters if c.id == id), str(id))


def header(name: str, second: str, wall_ms: int | None, utc_offset_min: int, lang: Lang) -> Header:
    """The hall's name, and its local time unless the clock cannot be right."""
    if wall_ms is None or wall_ms < TRUSTED_FROM_MS:
        return Header(name, second)
    local = dt.datetime.fromtimestamp(wall_ms / 1000, dt.timezone(dt.timedelta(minutes=utc_offset_min)))
    date = say(
        "date",
        lang,
        month=say("months", lang).split()[local.month - 1],
        day=local.day,
        weekday=say("weekdays", lang).split()[local.weekday()],
    )
    return Header(name, second, f"{local:%H:%M}", date)
