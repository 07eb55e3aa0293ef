"""The pads: digits as on a telephone, letters as on a keyboard. Pure."""

from __future__ import annotations

from kiosk.flows.pages import Button
from kiosk.flows.seen import Lang, Timing
from kiosk.flows.tech.pages import Pad, build_of
from kiosk.flows.tech.words import say

LETTER_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm.:/")
NARROW_ROWS = ("123456", "7890-.", "abcdef", "ghijkl", "mnopqr", "stuvwx", "yz:/_@")  # upright: targets stay 20 mm
SLIM_ROWS = ("abcdefghi", "jklmnopqr", "stuvwxyz.")
OFFERS_MAX, OFFERS_SHORT = 6, 3  # pieces of a text; in a short row
SLIM_MARKS = ("123456789", "0.:/-_@")


def digits(lang: Lang, complete: bool, room: bool) -> Pad:
    """1…9, delete, 0, OK; OK counts only when `complete`, digits while there is `room`."""

    def digit(d: str) -> Button:
        return Button(f"key:{d}", d, enabled=room)

    erase = Button("erase", say("erase", lang), "erase")
    ok = Button("ok", say("ok", lang), "check", look="main", enabled=complete)
    return Pad((*(tuple(digit(d) for d in row) for row in ("123", "456", "789")), (erase, digit("0"), ok)))


def slim(panel: Timing) -> bool:
    """A panel on which a keyboard with targets of 20 mm needs the whole width, and two layers."""
    return not panel.portrait and build_of(panel) == "compact"


def letters(
    lang: Lang, panel: Timing, *, complete: bool, capitals: bool, marks: bool, offers: tuple[str, ...] = ()
) -> Pad:
    """A–Z, digits and the marks of addresses; `marks` is the second layer of a slim panel. `offers` stand above them."""
    low = slim(panel)
    rows = (SLIM_MARKS if marks else SLIM_ROWS) if low else NARROW_ROWS if panel.portrait else LETTER_ROWS
    keys = [tuple(_letter(c.upper() if capitals else c) for c in row) for row in rows]
    last = (
        *((Button("back", say("back", lang), "back"),) if low else ()),
        Button("shift", say("shift", lang), "big", look="quiet" if capitals else "plain"),
        *((Button("layer", "abc" if marks else "123", look="plain"),) if low else ()),
        Button("key: ", say("space", lang)),
        Button("erase", say("erase", lang), "erase"),
        Button("ok", say("ok", lang), "check", look="main", enabled=complete),
    )
    return Pad((*_offers(offers, panel, marks), *keys, last))


def _offers(offers: tuple[str, ...], panel: Timing, marks: bool) -> list[tuple[Button, ...]]:
    """Rows of pieces; a slim panel has room for one short one, on the layer that lacks a row of keys."""
    low = slim(panel)
    if low and not marks:
        return []
    pieces = [Button(f"offer:{n}", text) for n, text in enumerate(offers[: OFFERS_SHORT if low else OFFERS_MAX])]
    wide = OFFERS_SHORT if panel.portrait else OFFERS_MAX
    return [tuple(pieces[n : n + wide]) for n in range(0, len(pieces), wide)]


def _letter(c: str) -> Button:
    return Button(f"key:{c}", c)
