"""When a new business day is due.

The law: a day opens by the clock when the reset hour has passed on a trusted clock. A clock is trusted when what it says
is neither before the open day nor more than a month after it (1970 and 2035 continue the open day; a person can open one).
A date that came by a *step* of the clock while people hold fresh numbers only relabels the open day: numbers go on, nobody
expires, and when the clock steps back the label goes back with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kiosk.domain.hall import Hall
from kiosk.domain.ticket import OPEN

FIRST_YEAR, LAST_YEAR = 2026, 2099
LONGEST_GAP = timedelta(days=31)
FRESH_MS = 6 * 3_600_000
STEPPED_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Due:
    label: str
    relabel: bool


def local_label(hall: Hall, at: int) -> str:
    """The business date the wall clock says: the local date, counted from the reset hour."""
    minutes = hall.plan.utc_offset_min - hall.plan.reset_hour * 60
    return (datetime.fromtimestamp(at / 1000, UTC) + timedelta(minutes=minutes)).date().isoformat()


def day_due(hall: Hall, at: int) -> Due | None:
    label = local_label(hall, at)
    if not hall.ordinal:
        return Due(label, relabel=False)
    if label == hall.label:
        return None
    said = date.fromisoformat(label)
    known = date.fromisoformat(hall.label)
    if not FIRST_YEAR <= said.year <= LAST_YEAR:
        return None
    absurd_day = not FIRST_YEAR <= known.year <= LAST_YEAR  # opened by a clock in 1970: any sane date is better
    if absurd_day:
        return Due(label, relabel=_has_fresh_tickets(hall, at))
    if said - known > LONGEST_GAP:
        return None
    stepped = abs(hall.stepped_today_ms) > STEPPED_MS or hall.label != hall.first_label
    if said > known:
        return Due(label, relabel=stepped and _has_fresh_tickets(hall, at))
    # Back to the date the day was opened with (or later): the step that had moved the label has been undone.
    return Due(label, relabel=True) if hall.first_label <= label else None


def _has_fresh_tickets(hall: Hall, at: int) -> bool:
    now = hall.time_ms(at)
    return any(t.state in OPEN and now - t.issued_ms < FRESH_MS for t in hall.tickets.values())
