"""How many things a page offers: six, in large text four; what is left comes with a button, never by scrolling. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from kiosk.flows.pages import Button, Home, Question
from kiosk.flows.seen import Lang, Timing
from kiosk.flows.state import Visit
from kiosk.flows.words import say

T = TypeVar("T")

MOST = 6
MOST_BIG = 4
MOST_COMPACT = 4  # rows of 20 mm on a 10.1" panel
NARROW_ROWS = 3  # large text where the room is little: so many choices, or one less and the button


def home(page: Home, visit: Visit, timing: Timing) -> Home:
    shown, more = _leaf(page.tiles, MOST_BIG if visit.big else MOST, visit, "more_services")
    return replace(page, tiles=shown, more=more)


def question(page: Question, visit: Visit, timing: Timing) -> Question:
    limit = MOST_BIG if visit.big else MOST_COMPACT if timing.compact else MOST
    if visit.big and (timing.compact or visit.low):
        limit = NARROW_ROWS if len(page.choices) <= NARROW_ROWS else NARROW_ROWS - 1
    shown, more = _leaf(page.choices, limit, visit, "more_choices")
    return replace(page, choices=shown, more=more)


def _leaf(things: tuple[T, ...], limit: int, visit: Visit, word: str) -> tuple[tuple[T, ...], Button | None]:
    """The things of this page, and the button to the next; after the last page comes the first."""
    lang: Lang = visit.lang
    leaves = -(-len(things) // limit)
    if leaves <= 1:
        return things, None
    nth = visit.leaf % leaves
    hint = say("leaf", lang, n=nth + 1, m=leaves)
    more = Button("more", say(word, lang), "next", hint, short=say("more_short", lang))
    return things[nth * limit : (nth + 1) * limit], more
