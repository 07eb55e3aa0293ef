"""Touches through the calibration, as our mouse provider delivers them: down, slide, lift, within one frame or several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kivy.base import EventLoop

from kiosk.screen.finger import Fingers, Pointer
from kiosk.screen.tech.touches import Touches
from kiosk.screen.theme import Sheet
from tests.screen.conftest import SQUARE
from tests.screen.scenes import scenes
from tests.screen.stage import Stage

SCENE = next(s for s in scenes("zh") if s.name == "04-home-zh")


class Panel:
    """A touch panel whose numbers go through `touches`; pixels from the top left of the square window."""

    def __init__(self, window: Any) -> None:
        self.touches = Touches(SQUARE, SQUARE)
        self.window = window
        EventLoop.postproc_modules.insert(0, self.touches)
        self.provider = Pointer("panel", "disable_multitouch,disable_hover")
        self.provider.start()
        EventLoop.input_providers.append(self.provider)

    def down(self, x: float, y: float) -> None:
        self.window.dispatch("on_mouse_down", x, y, "left", ())

    def slide(self, x: float, y: float) -> None:
        self.window.dispatch("on_mouse_move", x, y, ())

    def up(self, x: float, y: float) -> None:
        self.window.dispatch("on_mouse_up", x, y, "left", ())

    def close(self) -> None:
        self.provider.stop()
        EventLoop.input_providers.remove(self.provider)
        EventLoop.postproc_modules.remove(self.touches)


@pytest.fixture
def stage(window: Any) -> Iterator[Stage]:
    made = Stage(window, Sheet(1080, 1920, 21.5))
    made.show(SCENE.view)
    yield made
    made.close()


@pytest.fixture
def panel(window: Any) -> Iterator[Panel]:
    made = Panel(window)
    yield made
    made.close()


def middle(stage: Stage, id: str) -> tuple[float, float]:
    """From the top left of the window."""
    x, y = stage.press(id).center
    return x, SQUARE - y


@pytest.mark.parametrize("frames", [0, 1])
def test_without_a_calibration_touches_are_as_they_come(stage: Stage, panel: Panel, frames: int) -> None:
    x, y = middle(stage, "service:payment")
    panel.down(x, y)
    stage.frames(frames)
    panel.up(x, y)
    stage.frames(2)
    assert stage.tapped == ["service:payment"]


@pytest.mark.parametrize("frames", [0, 1])
def test_a_calibrated_touch_presses_what_the_finger_is_on(stage: Stage, panel: Panel, frames: int) -> None:
    panel.touches.use((1.0, 0.0, -400.0, 0.0, 1.0, 300.0))
    x, y = middle(stage, "service:payment")
    panel.down(x + 400, y - 300)
    stage.frames(frames)
    panel.slide(x + 403, y - 300)
    stage.frames(frames)
    panel.up(x + 403, y - 300)
    stage.frames(2)
    assert stage.tapped == ["service:payment"]


def test_a_turned_panel_can_be_calibrated(stage: Stage, panel: Panel) -> None:
    panel.touches.use((0.0, 1.0, 0.0, 1.0, 0.0, 0.0))  # x and y change places
    x, y = middle(stage, "service:works")
    panel.down(y, x)
    stage.frames(1)
    panel.up(y, x)
    stage.frames(2)
    assert stage.tapped == ["service:works"]


@pytest.mark.parametrize("frames", [0, 1])
@pytest.mark.parametrize("matrix", [None, (1.0, 0.0, -400.0, 0.0, 1.0, 300.0)])
def test_a_finger_that_slides_off_chooses_nothing_also_when_calibrated(
    stage: Stage, panel: Panel, matrix: Any, frames: int
) -> None:
    """Also when the whole swipe falls into one frame."""
    panel.touches.use(matrix)
    right, up = (400, 300) if matrix else (0, 0)
    x, y = middle(stage, "service:payment")
    to_x, to_y = middle(stage, "service:works")
    panel.down(x + right, y - up)
    stage.frames(frames)
    panel.slide(to_x + right, to_y - up)
    stage.frames(frames)
    panel.up(to_x + right, to_y - up)
    stage.frames(2)
    assert stage.tapped == []


@pytest.mark.parametrize(("slides", "tapped"), [(False, ["service:payment"]), (True, [])])
def test_a_finger_of_the_panel_that_swipes_within_one_frame_chooses_nothing(
    stage: Stage, slides: bool, tapped: list[str]
) -> None:
    """As SDL tells of a touch panel: shares of the window, from the top left."""
    assert any(isinstance(provider, Fingers) for provider in EventLoop.input_providers)
    (x, y), (from_x, from_y) = middle(stage, "service:payment"), middle(stage, "service:works")
    path = [("fingerdown", from_x, from_y), ("fingermotion", x, y)] if slides else [("fingerdown", x, y)]
    for what, at_x, at_y in (*path, ("fingerup", x, y)):
        Fingers.q.appendleft((what, 7, at_x / SQUARE, at_y / SQUARE, 1.0))
    stage.frames(3)
    assert stage.tapped == tapped


def test_the_panels_own_numbers_stay_known(stage: Stage, panel: Panel, window: Any) -> None:
    panel.touches.use((1.0, 0.0, -400.0, 0.0, 1.0, 300.0))
    told: list[tuple[float, float]] = []

    def hear(_: Any, touch: Any) -> None:
        told.extend((panel.touches.raw(touch), panel.touches.came_down(touch)))

    window.bind(on_touch_down=hear)
    panel.down(900.0, 500.0)
    stage.frames(1)
    panel.up(900.0, 500.0)
    stage.frames(1)
    window.unbind(on_touch_down=hear)
    assert told[0] == pytest.approx((900, 500), abs=1.5)
    assert told[1] == pytest.approx((500, 800), abs=1.5)


@pytest.mark.parametrize("matrix", [(0.0,) * 6, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), (100.0, 0.0, 0.0, 0.0, 1.0, 0.0)])
def test_a_calibration_that_no_panel_has_is_refused(matrix: Any) -> None:
    with pytest.raises(ValueError, match="calibrate"):
        Touches(1080, 1920).use(matrix)
