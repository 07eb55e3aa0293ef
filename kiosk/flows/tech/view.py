"""`view(tech, wall_ms) -> TechView`: what the technician sees, as a pure function of the visit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from kiosk.flows.pages import Button
from kiosk.flows.phrases import header
from kiosk.flows.seen import Lang
from kiosk.flows.tech import affine, pages_box, pages_devices, pages_wizard
from kiosk.flows.tech.flow import TRIAL, deadline, trial_of
from kiosk.flows.tech.keys import digits, slim
from kiosk.flows.tech.moves import MENU
from kiosk.flows.tech.pages import (
    Actions,
    Block,
    Crosses,
    Note,
    Pad,
    Shown,
    Target,
    TechPage,
    TechView,
    Text,
    Tiles,
    Wait,
    buttons_of,
)
from kiosk.flows.tech.state import CODE_DIGITS, PIN_MAX, PIN_MIN, Place, Tech
from kiosk.flows.tech.words import say, say_or

ICONS = {
    "devices": "plug", "detect": "search", "touch": "touch", "levels": "speaker", "network": "network",
    "config": "gear", "doctor": "health", "wizard": "works", "bundle": "usb", "restart": "again",
}  # fmt: skip
DOT_AT = (0.3, 0.62)  # neither a cross nor the middle


def view(tech: Tech, wall_ms: int | None = None, utc_offset_min: int = 480) -> TechView:
    """The picture of this moment."""
    tech = replace(tech, wall_ms=wall_ms or 0)
    place, lang = tech.here.place, tech.lang
    head = header(say(_title(place), lang), say("tech", _other(lang)), wall_ms, utc_offset_min, lang)
    if place == "touch":
        return TechView("tech-touch", lang, head, _crosses(tech), ())
    if place == "touch_try":
        return TechView("tech-touch_try", lang, head, _target(tech), ())
    page = PAGES[place](tech) if place in PAGES else TechPage(())
    page = _with_news(tech, page)
    return TechView(f"tech-{place}", lang, head, _while_busy(tech, page), _bar(tech))


def _other(lang: Lang) -> Lang:
    return "en" if lang == "zh" else "zh"


TITLES: dict[Place, str] = {
    "pin": "tech", "menu": "tech", "devices": "menu_devices", "device": "menu_devices", "log": "log", "ports": "ports",
    "found": "menu_detect", "levels": "menu_levels", "level": "menu_levels", "network": "menu_network", "pair": "pair",
    "config": "menu_config", "file": "menu_config", "doctor": "menu_doctor", "check": "menu_doctor",
    "bundle": "menu_bundle", "restart": "menu_restart", "touch_result": "menu_touch", "wizard": "menu_wizard",
    "choice": "menu_wizard", "entry": "menu_wizard",
}  # fmt: skip


def _title(place: Place) -> str:
    return TITLES.get(place, "tech")


def _bar(tech: Tech) -> tuple[Button, ...]:
    """Back, menu, language, leave: always these, always in this order."""
    lang, place = tech.lang, tech.here.place
    if place == "entry" and slim(tech.panel):
        return ()  # its pad needs the whole width, and has a way back of its own
    free = tech.busy is None
    deep = len(tech.spots) > 1
    return (
        Button("back", say("back", lang), "back", enabled=deep and free),
        Button(
            "home", say("menu", lang), "home", enabled=place not in ("pin", "menu") and free, short=say("menu_short", lang)
        ),
        Button("lang", say("other_language", lang), "lang"),
        Button("leave", say("leave", lang), "exit", look="quiet", short=say("leave_short", lang)),
    )  # fmt: skip


# --- what is said on every page --------------------------------------------------------------------------------------


def _with_news(tech: Tech, page: TechPage) -> TechPage:
    """A refusal, what was done, a station that is silent: on top."""
    lang = tech.lang
    news: list[Block] = []
    problem = tech.problem
    if problem is not None:
        what = problem.title or problem.detail if problem.status else say("no_answer", lang)
        remedy = problem.remedy if problem.status else say("no_answer_remedy", lang)
        news.append(Note("alarm", "\n".join(filter(None, (what, remedy)))))
    elif tech.said and (word := say_or(tech.said, lang, "")):
        bad = tech.said in ("touch_reverted", "touch_unsaved", "pin_again")
        news.append(Note("warn" if bad else "good", word))
    elif not tech.up and tech.here.place not in ("pin", "wizard"):
        news.append(Note("warn", say("no_answer", lang)))
    if (trial := trial_of(tech)) is not None:
        left = tech.seconds_left(TRIAL, trial.left_s)
        news.append(Note("warn", say("config_trial_where", lang, s=left)))
    return replace(page, upper=(*news, *page.upper))


def _while_busy(tech: Tech, page: TechPage) -> TechPage:
    """While something is under way nothing else can be touched; after a second it says so."""
    if tech.busy is None:
        return page
    waited = tech.at - tech.busy.since
    upper = tuple(_still(b) for b in page.upper)
    lower = tuple(_still(b) for b in page.lower)
    if waited >= 1.0 and not any(isinstance(b, Wait) for b in upper):
        wait = Wait(say("working", tech.lang, s=math.floor(waited)))
        if lower and not any(isinstance(b, Pad) for b in lower):
            return TechPage(upper, (wait, *lower))
        upper = (*upper, wait)
    return TechPage(upper, lower)


def _still(block: Block) -> Block:
    """The same block with its buttons at rest."""
    match block:
        case Actions(buttons=buttons):
            return Actions(tuple(replace(b, enabled=False) for b in buttons))
        case Tiles(tiles=tiles):
            return Tiles(tuple(replace(b, enabled=False) for b in tiles))
        case _ if not buttons_of(block):
            return block
    return pages_devices.resting(block)


# --- pin, menu -------------------------------------------------------------------------------------------------------


def _pin(tech: Tech) -> TechPage:
    lang = tech.lang
    note = Note("plain", say("pin", lang), loud=True)
    shown = Shown("●" * len(tech.typed), say("pin_hint", lang))
    return TechPage((note, shown), (digits(lang, len(tech.typed) >= PIN_MIN, len(tech.typed) < PIN_MAX),))


def _menu(tech: Tech) -> TechPage:
    lang = tech.lang
    tiles = (
        Button(f"tile:{word}", say(f"menu_{word}", lang), ICONS[word], say(f"menu_{word}_hint", lang))
        for word, _ in MENU
    )
    return TechPage((Tiles(tuple(tiles)),))


def _pair(tech: Tech) -> TechPage:
    lang, n = tech.lang, len(tech.typed)
    note = Note("plain", say("pair_code", lang), loud=True)
    shown = Shown(" ".join(filter(None, (tech.typed[:4], tech.typed[4:]))), say("pair_hint", lang))
    return TechPage((note, shown), (digits(lang, n == CODE_DIGITS, n < CODE_DIGITS),))


# --- touch -----------------------------------------------------------------------------------------------------------


def _crosses(tech: Tech) -> Crosses:
    points = affine.crosses(tech.panel.width, tech.panel.height)
    at = min(len(tech.touched), len(points) - 1)
    text = say("touch_cross", tech.lang, n=at + 1, m=len(points))
    return Crosses(points, at, text, say("touch_cross_hint", tech.lang))


def _target(tech: Tech) -> Target:
    limit = deadline(tech) or tech.at
    where = (round(tech.panel.width * DOT_AT[0]), round(tech.panel.height * DOT_AT[1]))
    left = max(0, math.ceil(limit - tech.at))
    return Target(where, Button("target", "", "touch"), say("touch_hit", tech.lang, s=left))


def _touch_result(tech: Tech) -> TechPage:
    lang = tech.lang
    again = Button("again", say("again", lang), "again", look="plain" if tech.fitted else "main")
    mm = f"{tech.residual_mm:.1f}"
    if tech.fitted is not None:
        use = Button("try", say("touch_try", lang), "touch", look="main")
        note = Note("good", say("touch_good", lang, mm=mm), loud=True)
        return TechPage((note, Text(say("touch_good_body", lang))), (Actions((use, again)),))
    word = say("touch_bad", lang, mm=mm) if tech.residual_mm else say("touch_unfit", lang)
    return TechPage((Note("alarm", word, loud=True), Text(say("touch_bad_body", lang))), (Actions((again,)),))


PAGES: dict[Place, Callable[[Tech], TechPage]] = {
    "pin": _pin,
    "menu": _menu,
    "devices": pages_devices.devices,
    "device": pages_devices.device,
    "log": pages_devices.log,
    "ports": pages_devices.ports,
    "found": pages_devices.found,
    "levels": pages_devices.levels,
    "level": pages_devices.level,
    "network": pages_box.network,
    "pair": _pair,
    "config": pages_box.config,
    "file": pages_box.file,
    "doctor": pages_box.doctor,
    "check": pages_box.check,
    "bundle": pages_box.bundle,
    "restart": pages_box.restart,
    "touch_result": _touch_result,
    "wizard": pages_wizard.wizard,
    "choice": pages_wizard.choice,
    "entry": pages_wizard.entry,
}
