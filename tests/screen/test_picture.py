"""How a picture comes onto the glass: prepared, of parts that are kept, and never drawn more often than it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from kivy.base import EventLoop

from kiosk.flows.pages import Number, ViewModel
from kiosk.screen import widgets
from kiosk.screen.theme import BRAND, BRAND_TINT, CARD, PAGE, Rgb, Sheet
from kiosk.screen.widgets import Press, QrCode
from tests.screen.conftest import DIAGONAL, HEIGHT, WIDTH
from tests.screen.scenes import Scene, scenes
from tests.screen.stage import Stage
from tests.screen.tech_scenes import tech_scenes

SCENES: dict[str, Scene] = {s.name: s for s in scenes("zh")}
HOME, NUMBER = SCENES["04-home-zh"].view, SCENES["18-number-printing-zh"].view


@pytest.fixture
def stage(window: Any) -> Iterator[Stage]:
    made = Stage(window, Sheet(WIDTH, HEIGHT, DIAGONAL))
    yield made
    made.close()


def guess() -> ViewModel:
    assert isinstance(NUMBER.page, Number)
    return replace(NUMBER, page=replace(NUMBER.page, number="A000", url="http://"))


def with_code(url: str) -> ViewModel:
    assert isinstance(NUMBER.page, Number)
    return replace(NUMBER, page=replace(NUMBER.page, url=url))


def the_code(stage: Stage) -> QrCode:
    return next(w for w in stage.root.walk() if isinstance(w, QrCode))


def rgb(pixel: Any) -> Rgb:
    return (pixel[0] / 255, pixel[1] / 255, pixel[2] / 255)


def test_a_prepared_picture_looks_the_same(stage: Stage) -> None:
    stage.show(NUMBER, frames=3)
    plain = stage.pixels()
    stage.show(HOME)
    stage.picture.prepare(guess())
    stage.show(NUMBER, frames=3)
    assert stage.pixels().tobytes() == plain.tobytes()


def test_preparing_changes_nothing_on_the_glass(stage: Stage) -> None:
    stage.show(HOME)
    before = stage.pixels()
    stage.picture.prepare(NUMBER)
    assert stage.pixels().tobytes() == before.tobytes()
    assert stage.picture.shown == HOME


def test_only_what_the_guess_could_not_know_is_made_after_the_answer(stage: Stage) -> None:
    stage.show(HOME)
    stage.picture.prepare(guess())
    kept = set(stage.picture.kit._parts.values())
    stage.show(NUMBER)
    new = [w for w in stage.root.children if w not in kept]
    assert len(new) == 3, "the card with the number, its code, the countdown"


def test_a_picture_that_stands_still_is_not_drawn_again(stage: Stage, window: Any) -> None:
    for scene in SCENES.values():
        stage.show(scene.view, frames=3)
        assert not window.canvas.needs_redraw, scene.name


def test_the_code_comes_one_frame_after_its_page(stage: Stage) -> None:
    stage.picture.show(with_code("http://new"))
    code = the_code(stage)
    bare = len(code.canvas.children)
    EventLoop.idle()
    EventLoop.idle()
    assert len(code.canvas.children) > bare


def test_the_same_code_on_the_next_picture_is_there_in_its_first_frame(stage: Stage) -> None:
    stage.show(with_code("http://same"), frames=3)
    code, plain = the_code(stage), stage.pixels()
    drawn = len(code.canvas.children)
    stage.picture.clear()
    stage.picture.show(with_code("http://same"))
    again = the_code(stage)
    assert again is not code
    assert len(again.canvas.children) == drawn, "before any frame"
    assert stage.pixels().tobytes() == plain.tobytes()
    assert len(again.canvas.children) == drawn, "and not twice"
    assert list(widgets._code) == ["http://same"], "one is remembered"


def test_nothing_of_the_page_before_is_seen_on_a_technicians(stage: Stage) -> None:
    for scene in list(tech_scenes("zh"))[::8]:
        stage.picture.clear()
        stage.show(scene.view, frames=3)
        alone = stage.pixels()
        stage.show(SCENES["01-attract-zh"].view, frames=3)
        stage.show(scene.view, frames=3)
        assert stage.pixels().tobytes() == alone.tobytes(), scene.name


def test_a_press_colours_the_whole_button_and_its_corners(stage: Stage) -> None:
    stage.show(HOME)
    tile = stage.press("service:payment")
    x, y = round(tile.x) + 40, round(HEIGHT - tile.top) + 6
    assert rgb(stage.pixels().getpixel((x, y))) == pytest.approx(CARD, abs=0.01)
    touch = stage.down(*tile.center)
    seen = stage.pixels()
    touch.touch_up()
    assert rgb(seen.getpixel((x, y))) == pytest.approx(BRAND_TINT, abs=0.01)
    corner = rgb(seen.getpixel((round(tile.x), round(HEIGHT - tile.top))))
    assert corner == pytest.approx(PAGE, abs=0.01), "the ground is seen beside a round corner"


def test_surfaces_under_a_cover_are_dimmed_and_its_own_are_not(stage: Stage) -> None:
    stage.show(SCENES["28-still-there-zh"].view)
    go_on, seen = stage.press("continue"), stage.pixels()
    assert rgb(seen.getpixel((round(go_on.x) + 40, round(HEIGHT - go_on.center_y)))) == pytest.approx(BRAND, abs=0.01)
    assert max(seen.getpixel((4, HEIGHT - 4))) < 128  # type: ignore[type-var]


def test_a_finger_from_before_means_nothing_on_a_button_that_came_back(stage: Stage) -> None:
    stage.show(HOME)
    home = next(w for w in stage.root.walk() if isinstance(w, Press) and w.test_id == "staff")
    touch = stage.down(*home.center)
    stage.show(SCENES["08-question-zh"].view)
    stage.show(HOME)
    touch.touch_up()
    assert stage.tapped == []
    stage.touch("staff")
    assert stage.tapped == ["staff"]
