"""Brightness and volume by the hour: an option of signs and voices, `[[device.hours]] from = "07:00", level = 80`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from devices.catalog import Slip

MAX_HOURS = 48
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Hour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """From `from_` ("HH:MM") on, until the next entry; the last one holds over midnight until the first. `level` 0 to 100."""

    from_: str
    level: int


def minute_of(time: str) -> int | None:
    """Minutes since midnight; None for what is no time of day."""
    found = _TIME.fullmatch(time)
    return int(found[1]) * 60 + int(found[2]) if found else None


def level_at(hours: Sequence[Hour], minute_of_day: int, default: int) -> int:
    """The level in force at that minute (0 to 1439); `default` when there are no hours."""
    if not hours:
        return default
    begun = [hour for hour in hours if (minute_of(hour.from_) or 0) <= minute_of_day]
    return (begun or hours)[-1].level


def hour_slips(hours: Sequence[Hour]) -> Iterable[Slip]:
    """What is wrong with them, for the kind's check."""
    if len(hours) > MAX_HOURS:
        yield Slip("hours", f"there are {len(hours)} of them.", f"Give at most {MAX_HOURS}.")
    before = -1
    for hour in hours:
        minute = minute_of(hour.from_)
        if minute is None:
            yield Slip("hours", f"from = “{hour.from_}” is no time of day.", 'Write it as "07:00".')
            continue
        if minute <= before:
            yield Slip("hours", f"{hour.from_} is not later than the one before it.", "Put them in order of time.")
        before = minute
        if not 0 <= hour.level <= 100:
            yield Slip("hours", f"level = {hour.level} at {hour.from_} is out of range.", "Use 0 to 100.")
