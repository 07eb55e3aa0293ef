"""Every scene in both languages through the lint, and its photograph through the contrast check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.flows.pages import Home, Question
from kiosk.screen.theme import TILE_MM, TYPE_MM, Sheet
from kiosk.screen.widgets import Press
from tests.screen import lint
from tests.screen.conftest import DIAGONAL, HEIGHT, WIDTH
from tests.screen.scenes import Scene, scenes
from tests.screen.stage import Stage

ALL: list[Scene] = [scene for lang in ("zh", "en") for scene in scenes(lang)]
SHEET = Sheet(WIDTH, HEIGHT, DIAGONAL)


@pytest.fixture
def stage(window: Any) -> Iterator[Stage]:
    made = Stage(window, SHEET)
    yield made
    made.close()


@pytest.mark.parametrize("scene", ALL, ids=[s.name for s in ALL])
def test_nothing_is_cut_covered_too_small_pale_or_without_a_glyph(stage: Stage, scene: Scene) -> None:
    root = stage.show(scene.view, frames=1)
    assert lint.faults(root, SHEET) == []
    assert lint.pale(stage.pixels(), root) == []
    drawn = {w.test_id for w in root.walk() if isinstance(w, Press)}
    wanted = {b.id for b in scene.view.buttons()}
    assert drawn == wanted or (scene.view.cover is not None and wanted <= drawn)


def test_main_tiles_are_at_least_forty_millimetres_high(stage: Stage) -> None:
    for scene in ALL:
        if isinstance(scene.view.page, Home) and scene.view.cover is None:
            stage.show(scene.view, frames=0)
            for tile in scene.view.page.tiles:
                assert stage.press(tile.id).height >= SHEET.mm(TILE_MM)


def test_no_page_offers_more_than_six_things_to_choose() -> None:
    for scene in ALL:
        if isinstance(scene.view.page, Home):
            assert len(scene.view.page.tiles) <= 6
        if isinstance(scene.view.page, Question):
            assert len(scene.view.page.choices) <= 6


def test_the_type_scale_is_small_and_its_smallest_letters_are_tall_enough() -> None:
    assert len(TYPE_MM) <= 8
    assert min(TYPE_MM.values()) * 0.73 >= 4.8  # capitals in mm; ADA 707.7.2


def test_back_home_language_and_staff_stand_in_the_same_place_on_every_page(stage: Stage) -> None:
    places: dict[str, set[tuple[float, float]]] = {}
    for scene in scenes("zh"):
        if len(scene.view.bar) == 4 and scene.view.cover is None:
            stage.show(scene.view, frames=0)
            for button in scene.view.bar:
                if button.enabled:
                    places.setdefault(button.id, set()).add(tuple(stage.press(button.id).pos))
    assert set(places) == {"back", "home", "lang", "staff"}
    assert all(len(seen) == 1 for seen in places.values())
