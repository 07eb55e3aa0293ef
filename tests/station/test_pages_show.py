"""What the pages show, from facts alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.config import load
from kiosk.domain import facts as f
from kiosk.domain.fold import apply
from kiosk.domain.hall import Hall
from kiosk.station import pages_show as show
from kiosk.station import views
from kiosk.station.pages_words import Shown, devices

PLAN = load(Path(__file__).parents[2] / "config").plan
NOON = 1_795_320_000_000  # 2026-11-22 04:00 UTC: 12:00 in the hall
MINUTE = 60_000
WHY = f.CallReason(rule="longest_wait", wait_s=0, head_start_s=0, waiting=1)


class Day:
    """A day of the hall; `after` minutes is when the next fact happens."""

    def __init__(self) -> None:
        self.hall, self.at, self.seq = Hall(PLAN), NOON, 0
        self.happens(f.DayOpened(ordinal=1, label="2026-11-22", by="clock", carry=f.Carry()))

    def happens(self, *facts: f.Fact, after: float = 0) -> None:
        self.at += round(after * MINUTE)
        for fact in facts:
            self.seq += 1
            apply(self.hall, f.Recorded(self.seq, self.at, fact))

    def issue(self, n: int, service: str = "payment", klass: str = "ordinary") -> str:
        ticket = f"t{n}"
        self.happens(
            f.TicketIssued(
                ticket=ticket, number=f"A{n:03d}", series="A", ordinal=n, service=service, klass=klass, lang="zh",
                answers={"pay": "cash", "gone": "gone"} if service == "payment" else {},
            )
        )  # fmt: skip
        return ticket

    def call(self, ticket: str, counter: int = 1, after: float = 0) -> None:
        self.happens(
            f.CounterOpened(counter=counter), f.TicketCalled(ticket=ticket, counter=counter, reason=WHY), after=after
        )


@pytest.fixture
def day() -> Day:
    return Day()


def test_the_current_ticket_in_words(day: Day) -> None:
    day.call(day.issue(1, klass="elderly"), after=12)
    shown = show.counter(day.hall, 1, day.at, "zh")["ticket"]
    assert (shown["number"], shown["service"], shown["class"]) == ("A001", "电费缴纳", "60 岁以上老人")
    assert (shown["waited"], shown["issued"]) == ("12 分钟", "12:00")
    assert shown["answers"][0] == {"question": "您想怎样缴费？", "answer": "现金或银行卡"}
    assert shown["answers"][1] == {"question": "gone", "answer": "gone"}


def test_a_step_of_the_clock_makes_nobody_wait_longer(day: Day) -> None:
    day.issue(1)
    day.at += 600 * MINUTE
    day.happens(f.ClockStepped(by_ms=600 * MINUTE))
    assert show.counter(day.hall, 1, day.at + 5 * MINUTE, "zh")["waiting"][0]["waited"] == "5 分钟"


def test_the_list_of_who_waits_is_the_order_of_calling(day: Day) -> None:
    for n in range(1, 61):
        day.issue(n, klass="elderly" if n == 60 else "ordinary")
    shown = show.counter(day.hall, 1, day.at, "zh")
    assert [row["number"] for row in shown["waiting"][:2]] == ["A060", "A001"]
    assert (len(shown["waiting"]), shown["total"]) == (50, 60)


def test_what_is_kept_for_a_counter_comes_first_and_only_there(day: Day) -> None:
    first, second = day.issue(1), day.issue(2)
    day.call(second)
    day.happens(f.TicketTransferred(ticket=second, counter=1, service="payment", to_counter=3))
    assert [row["number"] for row in show.counter(day.hall, 3, day.at, "zh")["waiting"]] == ["A002", "A001"]
    assert [row["number"] for row in show.counter(day.hall, 1, day.at, "zh")["waiting"]] == ["A001"]
    assert first in day.hall.tickets


@pytest.mark.parametrize(
    ("state", "reasons", "text", "style"),
    [
        ("ready", (), "正常", "ok"),
        ("degraded", ("paper_low",), "纸快用完了，请准备换纸", "soon"),
        ("fault", ("cover_open", "paper_end"), "盖子开着，请合上盖子；没有纸了，请换纸", "bad"),
        ("fault", ("a_new_word",), "a_new_word", "bad"),
        ("melted", (), "melted", "ok"),
    ],
)
def test_a_device_says_what_is_wrong_and_what_to_do(
    day: Day, state: str, reasons: tuple[str, ...], text: str, style: str
) -> None:
    day.happens(f.DeviceChanged(device="printer", state=state, reasons=reasons))
    shown = devices(day.hall, "zh")[0]
    assert (shown["name"], shown["text"], shown["style"]) == ("打印机", text, style)


def test_a_call_that_was_not_spoken_flashes_until_the_customer_comes(day: Day) -> None:
    ticket = day.issue(1)
    day.call(ticket)
    day.happens(f.Announced(ticket=ticket, counter=1, nth=1, outcome="not_done"))
    assert board(day)["latest"]["unheard"]
    assert show.counter(day.hall, 1, day.at, "zh")["ticket"]["unheard"]
    day.happens(f.TicketStarted(ticket=ticket, counter=1))
    assert not board(day)["latest"]["unheard"]


def test_a_call_is_fresh_for_twelve_seconds(day: Day) -> None:
    day.call(day.issue(1))
    assert board(day)["latest"]["fresh"]
    day.at += show.FRESH_MS
    assert not board(day)["latest"]["fresh"]


def test_a_recalled_ticket_stands_on_the_board_once(day: Day) -> None:
    first, second = day.issue(1), day.issue(2)
    day.call(first)
    day.call(second, counter=2)
    day.happens(f.TicketRecalled(ticket=first, counter=1, nth=2))
    shown = board(day)
    assert shown["latest"]["number"] == "A001"
    assert [call["number"] for call in shown["recent"]] == ["A002"]


def test_only_those_who_may_return_are_offered(day: Day) -> None:
    early, late = day.issue(1), day.issue(2)
    day.call(early)
    day.happens(f.TicketMissed(ticket=early, counter=1, final=False))
    day.call(late, after=PLAN.return_window_min)
    day.happens(f.TicketMissed(ticket=late, counter=1, final=False))
    assert [row["number"] for row in show.guide(day.hall, day.at, "zh")["missed"]] == ["A002", "A001"]
    assert [row["number"] for row in show.guide(day.hall, day.at + MINUTE, "zh")["missed"]] == ["A002"]


@pytest.mark.parametrize(
    ("low_s", "high_s", "text"),
    [(0, 60, "2 分钟以内"), (30, 290, "5 分钟以内"), (300, 900, "5–15 分钟"), (120, 121, "2–3 分钟")],
)
def test_the_expected_wait_is_told_as_whole_minutes(day: Day, low_s: int, high_s: int, text: str) -> None:
    view = views.ticket_view(day.hall, day.issue(1), day.at) | {
        "estimate": {"p10_s": low_s, "p50_s": low_s, "p90_s": high_s}
    }
    assert show.ticket(PLAN, view, "zh")["estimate"] == text


def board(day: Day) -> Shown:
    return show.board(day.hall, views.hall_view(day.hall, day.at), day.at)
