"""The pads: digits as on a telephone, letters as on a keyboard. Pure."""

from __future__ import annotations

from kiosk.flows.pages import Button
from kiosk.flows.seen import Lang, Timing
from kiosk.flows.tech.pages import Pad, build_of
from kiosk.flows.tech.words import say

LETTER_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm.:/")
NARROW_ROWS = ("123456", "7890-.", "abcdef", "ghijkl", "mnopqr", "stuvwx", "yz:/_@")  # upright: targets stay 20 mm
SLIM_ROWS = ("abcdefghi", "jklmnopqr", "stuvwxyz.")
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


def letters(lang: Lang, panel: Timing, *, complete: bool, capitals: bool, marks: bool) -> Pad:
    """A–Z, digits and the marks of addresses; `marks` is the second layer of a slim panel."""
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
    return Pad((*keys, last))


def _letter(c: str) -> Button:
    return Button(f"key:{c}", c)
