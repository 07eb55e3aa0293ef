import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.hours import Hour, hour_slips, level_at, minute_of

DAY = [Hour(from_="07:00", level=80), Hour(from_="12:30", level=100), Hour(from_="18:00", level=40)]


@pytest.mark.parametrize(
    ("time", "level"), [("07:00", 80), ("12:29", 80), ("12:30", 100), ("23:59", 40), ("00:00", 40), ("06:59", 40)]
)
def test_the_last_entry_holds_over_midnight(time: str, level: int) -> None:
    minute = minute_of(time)
    assert minute is not None
    assert level_at(DAY, minute, 5) == level


def test_without_hours_the_default_holds() -> None:
    assert level_at([], 600, 65) == 65


@given(st.integers(0, 1439))
def test_every_minute_has_one_of_the_levels(minute: int) -> None:
    assert level_at(DAY, minute, -1) in (80, 100, 40)


def test_the_key_is_called_from_and_nothing_else_is_taken() -> None:
    assert msgspec.convert({"from": "07:00", "level": 80}, Hour) == DAY[0]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"from": "07:00", "level": 80, "volume": 3}, Hour)


@pytest.mark.parametrize(
    ("hours", "word"),
    [
        ([Hour(from_="24:00", level=1)], "no time of day"),
        ([Hour(from_="8:00", level=1)], "no time of day"),
        ([DAY[1], DAY[0]], "not later"),
        ([DAY[0], DAY[0]], "not later"),
        ([Hour(from_="08:00", level=101)], "out of range"),
        (DAY * 20, "there are 60"),
    ],
)
def test_what_is_wrong_is_said(hours: list[Hour], word: str) -> None:
    assert any(word in slip.what and slip.key == "hours" and slip.remedy for slip in hour_slips(hours))
    assert list(hour_slips(DAY)) == []
