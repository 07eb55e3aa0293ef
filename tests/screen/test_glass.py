"""Real touches on a real (offscreen) window."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kiosk.screen.theme import Sheet
from tests.screen.conftest import DIAGONAL, HEIGHT, WIDTH
from tests.screen.scenes import Scene, scenes
from tests.screen.stage import Stage

SCENES: dict[str, Scene] = {s.name: s for s in scenes("zh")}


@pytest.fixture
def stage(window: Any) -> Iterator[Stage]:
    made = Stage(window, Sheet(WIDTH, HEIGHT, DIAGONAL))
    yield made
    made.close()


def test_every_button_of_every_page_says_its_own_id(stage: Stage) -> None:
    for scene in SCENES.values():
        stage.show(scene.view, frames=0)
        for button in scene.view.buttons():
            stage.tapped.clear()
            stage.touch(button.id)
            assert stage.tapped == [button.id], scene.name


def test_a_press_is_seen_before_the_finger_lifts(stage: Stage) -> None:
    stage.show(SCENES["04-home-zh"].view)
    button = stage.press("service:payment")
    before = tuple(button.fill.rgba)
    touch = stage.down(*button.center)
    assert tuple(button.fill.rgba) != before
    touch.touch_up()
    stage.frames(2)
    assert tuple(button.fill.rgba) != before, "no frame is spent on what the next page takes away"
    end = time.monotonic() + 5
    while tuple(button.fill.rgba) != before and time.monotonic() < end:
        stage.frames(1)
    assert tuple(button.fill.rgba) == before


def test_a_finger_that_slides_off_chooses_nothing(stage: Stage) -> None:
    stage.show(SCENES["04-home-zh"].view)
    touch = stage.down(*stage.press("service:payment").center)
    touch.touch_move(*stage.press("service:works").center)
    touch.touch_up()
    stage.frames(2)
    assert stage.tapped == []


def test_the_touch_that_wakes_the_screen_does_not_fall_through(stage: Stage) -> None:
    stage.show(SCENES["01-attract-zh"].view)
    touch = stage.down(270, 900)
    stage.show(SCENES["04-home-zh"].view)  # the page changed under the finger
    touch.touch_up()
    stage.frames(2)
    assert stage.tapped == []


def test_nothing_falls_through_a_cover(stage: Stage) -> None:
    stage.show(SCENES["28-still-there-zh"].view)
    for point in ((100, 60), (540, 1500), (900, 60)):
        touch = stage.down(*point)
        touch.touch_up()
    stage.frames(2)
    assert stage.tapped == []


def test_a_countdown_moves_without_a_new_picture(stage: Stage) -> None:
    view = SCENES["17-number-zh"].view
    stage.show(view)
    card = stage.press("done")
    assert view.countdown is not None
    later = replace(view, countdown=replace(view.countdown, text="3 秒后返回首页", fraction=0.25))
    assert stage.picture.show(later) is False
    assert stage.press("done") is card
    assert stage.picture.show(later) is False


def test_a_picture_is_built_within_a_tenth_of_a_second(stage: Stage) -> None:
    stage.show(SCENES["04-home-zh"].view)
    stage.show(SCENES["08-question-zh"].view)
    gc.collect()  # the collector's walk over the whole test run is no part of a picture
    start = time.thread_time()
    stage.picture.show(SCENES["05-home-priority-zh"].view)
    assert time.thread_time() - start < 0.1
