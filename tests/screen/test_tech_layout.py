"""Every picture of the technician's pages through the lint, and its photograph through the contrast check: the portrait panel
in both languages, the landscape ones with the languages in turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.flows.seen import Lang, Timing
from kiosk.flows.tech.pages import Crosses, TechView
from kiosk.screen.tech.photo import decode
from kiosk.screen.theme import Sheet
from kiosk.screen.widgets import Press
from tests.screen import lint
from tests.screen.conftest import DIAGONAL, HEIGHT, WIDTH
from tests.screen.scenes import Scene
from tests.screen.stage import Stage
from tests.screen.tech_scenes import jpeg, tech_scenes

# Of the two landscape ones the low panel is the harder.
PANELS = ((1920, 1080, 15.6), (1280, 800, 10.1))


@pytest.fixture
def stage(window: Any) -> Iterator[Stage]:
    made = Stage(window, Sheet(WIDTH, HEIGHT, DIAGONAL))
    yield made
    made.close()


def look(stage: Stage, scene: Scene) -> None:
    root = stage.show(scene.view, frames=1)
    assert lint.faults(root, stage.picture.kit.sheet) == [], scene.name
    assert lint.pale(stage.pixels(), root) == [], scene.name
    drawn = [w.test_id for w in root.walk() if isinstance(w, Press)]
    assert len(drawn) == len(set(drawn)), scene.name
    assert set(drawn) == {b.id for b in scene.view.buttons()}, scene.name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut_covered_too_small_pale_or_without_a_glyph(stage: Stage, lang: Lang) -> None:
    for scene in tech_scenes(lang):
        look(stage, scene)


@pytest.mark.parametrize("panel", [pytest.param(PANELS[0], marks=pytest.mark.soak), PANELS[1]], ids=["desk", "compact"])
def test_nor_on_a_landscape_panel(window: Any, panel: tuple[int, int, float]) -> None:
    width, height, diagonal = panel
    timing = Timing(width=width, height=height, diagonal_inch=diagonal)
    stage = Stage(window, Sheet(width, height, diagonal))
    try:
        both = zip(tech_scenes("zh", timing), tech_scenes("en", timing), strict=True)
        for nth, pair in enumerate(both):
            look(stage, pair[nth % 2])
    finally:
        stage.close()


def test_every_button_says_its_own_id(stage: Stage) -> None:
    for scene in list(tech_scenes("zh"))[::4]:
        stage.show(scene.view, frames=0)
        for button in scene.view.buttons():
            stage.tapped.clear()
            stage.touch(button.id)
            assert stage.tapped == [button.id], scene.name


def test_the_bar_stands_in_the_same_place_on_every_page(stage: Stage) -> None:
    places: dict[str, set[tuple[float, float]]] = {}
    for scene in list(tech_scenes("zh"))[::5]:
        assert isinstance(scene.view, TechView)
        if isinstance(scene.view.page, Crosses):
            continue
        stage.show(scene.view, frames=0)
        for button in scene.view.bar:
            if button.enabled:
                places.setdefault(button.id, set()).add(tuple(stage.press(button.id).pos))
    assert set(places) == {"back", "home", "lang", "leave"}
    assert all(len(seen) == 1 for seen in places.values())


@pytest.mark.parametrize("bytes_", ["", "%%%", "aGVsbG8=", jpeg()[:200], "A" * 100])
def test_bytes_that_are_no_picture_draw_none(bytes_: str) -> None:
    assert decode(bytes_) is None


def test_a_picture_is_decoded() -> None:
    image = decode(jpeg())
    assert image is not None
    assert image.size == (320, 240)
