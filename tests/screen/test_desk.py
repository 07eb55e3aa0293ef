"""Between flow and glass: taps that no longer mean anything, the still picture under a finger, when to wake."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from kiosk.flows.pages import ViewModel
from kiosk.flows.seen import KioskSeen, Timing
from kiosk.flows.state import Intent, Send
from kiosk.screen.client import Away, Back, Done
from kiosk.screen.desk import Desk
from tests.flows.hall_of import MORNING_MS, PLAN, hall, ticket


class Glass:
    """Remembers what was drawn."""

    def __init__(self) -> None:
        self.shown: list[ViewModel] = []
        self.prepared: list[ViewModel] = []

    def show(self, view: ViewModel) -> bool:
        self.shown.append(view)
        return True

    def prepare(self, view: ViewModel) -> None:
        self.prepared.append(view)


class Table:
    """A desk with its own clock."""

    def __init__(self) -> None:
        self.at = 100.0
        self.glass = Glass()
        self.sent: list[Intent] = []
        self.desk = Desk(self.glass, self.sent.append, lambda: self.at, lambda: MORNING_MS)
        self.desk.hear(KioskSeen(version="1", plan=PLAN, screen=Timing()))
        self.desk.hear(hall())
        self.desk.hear(Back())

    def tap(self, id: str) -> None:
        self.at += 1
        self.desk.tap(id)

    @property
    def place(self) -> str:
        return self.glass.shown[-1].place


def test_before_the_first_word_from_the_station_there_is_a_calm_page() -> None:
    glass = Glass()
    desk = Desk(glass, lambda _: None, lambda: 1.0, lambda: MORNING_MS)
    desk.refresh()
    assert glass.shown[-1].place == "offline"
    desk.tap("lang")
    assert glass.shown[-1].lang == "en"


def test_a_button_that_is_no_longer_there_is_nobodys_wish() -> None:
    table = Table()
    table.tap("start")
    table.tap("service:enquiry")
    table.tap("service:payment")
    assert len([i for i in table.sent if isinstance(i, Send)]) == 1


def test_a_short_wait_leaves_the_picture_alone_and_a_long_one_shows_a_spinner() -> None:
    table = Table()
    table.tap("start")
    table.tap("service:enquiry")
    assert table.place == "home"
    assert 0.2 < (table.desk.due_s() or 0) <= 0.3
    table.at += 0.31
    table.desk.tick()
    assert table.place == "wait"


def test_a_quick_answer_goes_straight_to_the_number() -> None:
    table = Table()
    table.tap("start")
    table.tap("service:enquiry")
    send = table.sent[-1]
    assert isinstance(send, Send)
    table.desk.hear(Done(send.ask.key, ticket()))
    assert [v.place for v in table.glass.shown[-2:]] == ["home", "number"]


def test_the_picture_stands_still_under_a_finger_but_not_for_ever() -> None:
    table = Table()
    table.tap("start")
    table.desk.finger(True)
    table.desk.hear(Away("no answer"))
    assert table.place == "home"
    table.desk.finger(False)
    assert table.place == "offline"
    table.desk.finger(True)
    table.at += 2.1
    table.desk.hear(Back())
    assert table.place == "home"


def test_a_new_plan_waits_for_the_end_of_the_visit() -> None:
    table = Table()
    table.tap("start")
    fewer = msgspec.structs.replace(PLAN, services=PLAN.services[:2])
    table.desk.hear(KioskSeen(version="2", plan=fewer))
    assert len(table.glass.shown[-1].buttons()) > 8
    table.tap("back")
    table.tap("start")
    tiles = [b.id for b in table.glass.shown[-1].buttons() if b.id.startswith("service:")]
    assert tiles == ["service:payment", "service:enquiry"]


def test_a_fault_of_the_screen_wipes_the_visit() -> None:
    table = Table()
    table.tap("lang")
    table.desk.wipe()
    drawn = len(table.glass.shown)
    table.desk.hear(hall(calls=1))
    assert len(table.glass.shown) == drawn
    table.desk.resume()
    assert (table.place, table.glass.shown[-1].lang) == ("attract", "zh")


def test_a_quiet_start_page_needs_no_wake() -> None:
    assert Table().desk.due_s() is None


def test_who_hammers_on_a_tile_does_not_press_the_button_that_comes_up_under_it() -> None:
    table = Table()
    table.tap("start")
    for _ in range(3):
        hit(table, "service:enquiry", 0.2)
    send = table.sent[-1]
    assert isinstance(send, Send)
    table.desk.hear(Done(send.ask.key, ticket()))
    for _ in range(6):  # five touches a second
        hit(table, "done", 0.2)
        assert table.place == "number"
    hit(table, "done", 0.45)  # a touch of its own
    assert table.place == "home"
    assert len([intent for intent in table.sent if isinstance(intent, Send)]) == 1


def test_who_goes_on_hammering_is_heard_in_the_end() -> None:
    table = Table()
    table.at += 1
    hit(table, "start", 0)
    for nth in range(9):
        hit(table, "service:enquiry", 0.2)
        assert bool(table.sent) == (nth >= 7), "1.5 s after the page came"


def hit(table: Table, id: str, after: float) -> None:
    table.at += after
    table.desk.finger(True)
    table.desk.tap(id)
    table.desk.finger(False)


def test_while_a_finger_rests_on_a_tile_the_number_is_prepared_and_nothing_is_asked() -> None:
    table = Table()
    table.tap("start")
    table.at += 1
    table.desk.rests_on("service:enquiry")
    assert [v.place for v in table.glass.prepared] == ["number"]
    assert table.sent == [] and table.place == "home"


def test_what_a_finger_rests_on_is_shown_as_it_was_prepared() -> None:
    table = Table()
    table.tap("start")
    table.at += 1
    table.desk.rests_on("service:payment")
    table.desk.tap("service:payment")
    assert table.glass.prepared == table.glass.shown[-1:]


def test_nothing_is_prepared_for_a_button_that_is_not_there() -> None:
    table = Table()
    table.desk.rests_on("service:enquiry")
    assert table.glass.prepared == []


def test_a_hole_in_the_plan_is_no_fault_before_it_is_touched() -> None:
    table = Table()
    table.tap("start")
    table.tap("service:payment")
    holes = msgspec.structs.replace(PLAN, nodes=tuple(n for n in PLAN.nodes if n.id == "pay"))
    assert table.desk.setup is not None
    table.desk.setup = replace(table.desk.setup, plan=holes)
    table.at += 1
    table.desk.rests_on("choice:cash")
    assert table.glass.prepared == [] and table.place == "question"
