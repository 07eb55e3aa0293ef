"""The technician between flow and glass: the knock, the visit with its own client, what is left behind."""

from __future__ import annotations

import pytest

from kiosk.flows.seen import Lang, Timing
from kiosk.flows.tech.affine import Matrix, crosses
from kiosk.flows.tech.pages import TechView
from kiosk.flows.tech.seen import Devices, Nothing
from kiosk.flows.tech.state import Look, Send, Told
from kiosk.screen.tech.service import Service
from tests.flows.hall_of import MORNING_MS

WIDTH, HEIGHT = 1080, 1920
LEFT, RIGHT, MIDDLE = (20.0, 20.0), (1060.0, 20.0), (540.0, 900.0)


class Phone:
    """A client that only remembers."""

    def __init__(self) -> None:
        self.lang: Lang = "zh"
        self.state = "made"
        self.sent: list[Send | Look] = []

    def open(self) -> None:
        self.state = "open"

    def close(self) -> None:
        self.state = "closed"

    def do(self, intent: Send | Look) -> None:
        self.sent.append(intent)


class Box:
    """The process around it, with a clock of its own."""

    def __init__(self) -> None:
        self.at = 50.0
        self.events: list[object] = []
        self.phones: list[Phone] = []
        self.shown: list[TechView] = []
        panel = Timing(width=WIDTH, height=HEIGHT, diagonal_inch=21.5)
        self.service = Service(self, self.talk, self, panel, 8600, lambda: self.at, lambda: MORNING_MS)

    def talk(self) -> Phone:
        self.phones.append(Phone())
        return self.phones[-1]

    def show(self, view: TechView) -> bool:
        self.shown.append(view)
        return True

    def began(self) -> None:
        self.events.append("began")

    def ended(self) -> None:
        self.events.append("ended")

    def calibrate(self, matrix: Matrix | None) -> None:
        self.events.append(matrix)

    def quit(self) -> None:
        self.events.append("quit")

    def drawn(self, view: TechView) -> None:
        assert view is self.shown[-1]

    # --- a hand ---

    def down(self, point: tuple[float, float], *, allowed: bool = True) -> None:
        self.service.down(point, point, allowed=allowed, lang="en")
        self.service.finger(True)

    def up(self, point: tuple[float, float]) -> None:
        self.service.up(point)
        self.service.finger(False)

    def touch(self, point: tuple[float, float], *, allowed: bool = True) -> None:
        self.at += 0.5
        self.down(point, allowed=allowed)
        self.at += 0.1
        self.up(point)

    def knock(self, *, allowed: bool = True) -> None:
        for _ in range(5):
            self.touch(LEFT, allowed=allowed)
        self.at += 0.4
        self.down(RIGHT, allowed=allowed)
        due = self.service.due_s()
        self.at += 2.01
        self.service.tick()
        assert (due is not None) == allowed
        self.up(RIGHT)

    def tap(self, *ids: str) -> None:
        for id in ids:
            self.at += 0.5
            self.service.tap(id)

    def answers(self, value: object = None) -> None:
        ask = next(i.ask for i in reversed(self.phones[-1].sent) if isinstance(i, Send))
        self.service.hear(Told(ask.key, ask.path, value or Nothing(), self.at))  # type: ignore[arg-type]

    def inside(self) -> None:
        self.knock()
        self.tap("key:3", "key:3", "key:3", "key:3", "ok")
        self.answers()

    @property
    def place(self) -> str:
        return self.shown[-1].place


def test_the_knock_opens_the_pin_pad_in_the_customers_language() -> None:
    box = Box()
    box.knock()
    assert box.events == ["began"]
    assert (box.place, box.shown[-1].lang) == ("tech-pin", "en")
    assert box.phones[0].state == "open"


def test_not_during_a_visit() -> None:
    box = Box()
    box.knock(allowed=False)
    assert (box.events, box.phones) == ([], [])
    for _ in range(5):
        box.touch(LEFT)
    box.touch(MIDDLE, allowed=False)
    box.down(RIGHT)
    assert box.service.due_s() is None


def test_a_quiet_screen_needs_no_wake() -> None:
    assert Box().service.due_s() is None


def test_leaving_closes_the_client_and_keeps_nothing() -> None:
    box = Box()
    box.inside()
    box.tap("tile:devices")
    box.service.hear(Told("", "/tech/devices", Devices(), box.at))
    box.tap("leave")
    assert box.events == ["began", "ended"]
    assert box.phones[0].state == "closed"
    assert (box.service.open, box.service.model, box.service.due_s()) == (False, None, None)
    box.service.hear(Told("", "/tech/devices", Devices(), box.at))
    assert box.events == ["began", "ended"]


def test_it_leaves_by_itself() -> None:
    box = Box()
    box.inside()
    assert 119 < (box.service.due_s() or 0) <= 120
    box.at += 120.1
    box.service.tick()
    assert box.events[-1] == "ended"


def test_the_picture_stands_still_under_a_finger() -> None:
    box = Box()
    box.inside()
    box.tap("tile:devices")
    drawn = len(box.shown)
    box.down(MIDDLE)
    box.service.hear(Told("", "/tech/devices", Devices(), box.at))
    assert len(box.shown) == drawn
    box.up(MIDDLE)
    assert len(box.shown) == drawn + 1


def test_a_button_of_the_picture_before_is_nobodys_wish() -> None:
    box = Box()
    box.inside()
    box.tap("key:3", "row:printer", "nonsense")
    assert box.place == "tech-menu"


def test_a_saved_calibration_is_in_force_from_the_start_and_an_impossible_one_never() -> None:
    box = Box()
    box.service.calibration((1.0, 0.0, 5.0, 0.0, 1.0, 5.0))
    box.service.calibration((0.0,) * 6)
    assert box.events == [(1.0, 0.0, 5.0, 0.0, 1.0, 5.0), None]


def test_a_new_calibration_is_tried_and_by_leaving_taken_back() -> None:
    box = Box()
    old = (1.0, 0.0, 5.0, 0.0, 1.0, 5.0)
    box.service.calibration(old)
    box.inside()
    box.tap("tile:touch")
    assert box.place == "tech-touch"
    for x, y in crosses(WIDTH, HEIGHT):
        box.touch((x - 9, y + 4))
    box.tap("try")
    assert box.events[-1] == pytest.approx((1, 0, 9, 0, 1, -4), abs=1e-6)
    box.at += 20.1
    box.service.tick()
    assert box.events[-1] == old
    assert box.place == "tech-menu"


def test_the_screen_ends_itself_when_it_is_to_restart() -> None:
    box = Box()
    box.inside()
    box.tap("tile:restart", "restart:screen")
    box.answers()
    assert box.events[-1] == "quit"
