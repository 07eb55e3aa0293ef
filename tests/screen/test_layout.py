"""Every scene through the lint, and its photograph through the contrast check.

Whole matrix: the portrait panel in both languages. Every other panel and way (landscape, 10.1", large text, low controls)
shows every scene once, the languages in turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from kiosk.flows.pages import Home, Question
from kiosk.flows.seen import Lang, Timing
from kiosk.screen.theme import BIG_TYPE_MM, LINE, TILE_MM, TYPE_MM, Sheet
from kiosk.screen.widgets import Press
from tests.screen import lint
from tests.screen.conftest import DIAGONAL, HEIGHT, WIDTH
from tests.screen.scenes import Scene, scenes
from tests.screen.stage import Stage

ALL: list[Scene] = [scene for lang in ("zh", "en") for scene in scenes(lang)]
SHEET = Sheet(WIDTH, HEIGHT, DIAGONAL)


@dataclass(frozen=True)
class Way:
    """A panel and how it is used; `odd` decides which language begins."""

    name: str
    width: int
    height: int
    diagonal: float
    big: bool = False
    low: bool = False
    odd: int = 0

    @property
    def sheet(self) -> Sheet:
        return Sheet(self.width, self.height, self.diagonal, self.big, self.low)

    def scenes(self) -> list[Scene]:
        panel = Timing(width=self.width, height=self.height, diagonal_inch=self.diagonal)
        langs: tuple[Lang, Lang] = ("zh", "en")
        both = zip(*(list(scenes(lang, panel, big=self.big, low=self.low)) for lang in langs), strict=True)
        return [pair[(nth + self.odd) % 2] for nth, pair in enumerate(both)]


WAYS = (
    Way("wide", 1920, 1080, 15.6),
    Way("wide-large", 1920, 1080, 15.6, big=True, odd=1),
    Way("small", 1280, 800, 10.1, odd=1),
    Way("small-large", 1280, 800, 10.1, big=True),
    Way("upright-large", 1080, 1920, 21.5, big=True, odd=1),
    Way("upright-low", 1080, 1920, 21.5, low=True),
    Way("upright-large-low", 1080, 1920, 21.5, big=True, low=True, odd=1),
)


@pytest.fixture
def stage(window: Any) -> Iterator[Stage]:
    made = Stage(window, SHEET)
    yield made
    made.close()


def look(stage: Stage, scene: Scene) -> None:
    root = stage.show(scene.view, frames=1)
    assert lint.faults(root, stage.picture.kit.sheet) == [], scene.name
    assert lint.pale(stage.pixels(), root) == [], scene.name
    drawn = {w.test_id for w in root.walk() if isinstance(w, Press)}
    wanted = {b.id for b in scene.view.buttons()}
    assert drawn == wanted or (scene.view.cover is not None and wanted <= drawn), scene.name


@pytest.mark.parametrize("scene", ALL, ids=[s.name for s in ALL])
def test_nothing_is_cut_covered_too_small_pale_or_without_a_glyph(stage: Stage, scene: Scene) -> None:
    look(stage, scene)


@pytest.mark.parametrize(
    "way",
    [pytest.param(w, marks=[pytest.mark.soak] if w.big and w.low else []) for w in WAYS],
    ids=[w.name for w in WAYS],
)
def test_nor_on_any_other_panel_nor_in_large_text_nor_low(window: Any, way: Way) -> None:
    stage = Stage(window, Sheet(way.width, way.height, way.diagonal))
    try:
        for scene in way.scenes():
            look(stage, scene)
    finally:
        stage.close()


def test_main_tiles_are_at_least_forty_millimetres_high(stage: Stage) -> None:
    for scene in ALL:
        if isinstance(scene.view.page, Home) and scene.view.cover is None:
            stage.show(scene.view, frames=0)
            for tile in scene.view.page.tiles:
                assert stage.press(tile.id).height >= SHEET.mm(TILE_MM)


def test_no_page_offers_more_than_six_things_to_choose_in_large_text_four() -> None:
    for most, offered in ((6, ALL), *((4 if w.big else 6, w.scenes()) for w in WAYS)):
        for scene in offered:
            if isinstance(scene.view.page, Home):
                assert len(scene.view.page.tiles) <= most
            if isinstance(scene.view.page, Question):
                assert len(scene.view.page.choices) <= most


def test_the_type_scales_are_small_and_their_smallest_letters_are_tall_enough() -> None:
    for scale in TYPE_MM.values():
        assert len(scale) <= 8
        assert min(scale.values()) * 0.73 >= 4.8  # capitals in mm; ADA 707.7.2


def test_large_text_is_half_as_large_again_with_air_between_its_lines() -> None:
    for build, scale in TYPE_MM.items():
        assert BIG_TYPE_MM[build]["small"] >= 1.5 * scale["small"]
        assert BIG_TYPE_MM[build]["body"] >= 1.5 * scale["body"]
    assert LINE >= 1.3


def test_large_text_has_no_small_second_language() -> None:
    for scene in WAYS[1].scenes():
        assert scene.view.header.second == ""
        if isinstance(scene.view.page, Home):
            assert all(tile.second == "" for tile in scene.view.page.tiles)


@pytest.mark.parametrize("way", [Way("upright", WIDTH, HEIGHT, DIAGONAL), *WAYS[:2]], ids=lambda w: w.name)
def test_each_button_of_the_bar_stands_in_the_same_place_on_every_page(window: Any, way: Way) -> None:
    stage = Stage(window, Sheet(way.width, way.height, way.diagonal))
    panel = Timing(width=way.width, height=way.height, diagonal_inch=way.diagonal)
    places: dict[str, set[tuple[float, float]]] = {}
    for scene in scenes("zh", panel, big=way.big, low=way.low):
        if len(scene.view.bar) >= 5 and scene.view.cover is None:
            stage.show(scene.view, frames=0)
            for button in scene.view.bar:
                if button.enabled:
                    places.setdefault(button.id, set()).add(tuple(stage.press(button.id).pos))
    stage.close()
    low = {"low"} if way.height > way.width else set()
    assert set(places) == {"back", "home", "lang", "big", "staff"} | low
    assert all(len(seen) == 1 for seen in places.values())
