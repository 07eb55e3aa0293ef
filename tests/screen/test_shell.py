"""What the process says it shows (`kiosk.screen.dump`) is on the glass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kivy.base import EventLoop
from kivy.clock import Clock

from kiosk.flows.pages import ViewModel
from kiosk.screen.shell import Shell
from tests.screen.conftest import DIAGONAL
from tests.screen.scenes import scenes

SCENES = {s.name: s.view for s in scenes("zh")}
FIRST, NEXT = SCENES["04-home-zh"], SCENES["08-question-zh"]


@pytest.fixture
def shell(window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.setenv("YITAI_SCREEN_DUMP", str(tmp_path))
    made = Shell("http://127.0.0.1:9", tmp_path / "screen.token", DIAGONAL)
    window.add_widget(made.root)
    yield made
    made.picture.clear()
    window.remove_widget(made.root)
    made.client.close()


def put(shell: Shell, view: ViewModel) -> None:
    assert shell.picture.show(view)
    shell._drawn(view)


def test_a_picture_put_up_between_the_flip_and_its_telling_is_told_at_its_own_flip(
    shell: Shell, window: Any, tmp_path: Path
) -> None:
    waiting, told = [NEXT], tmp_path / "state.json"

    def flipped(*_: Any) -> None:
        if waiting:  # an answer of the station that is heard before the shell comes to tell
            view = waiting.pop()
            Clock.schedule_once(lambda _: put(shell, view))
        shell._flipped()

    put(shell, FIRST)
    window.bind(on_flip=flipped)
    try:
        while waiting:
            EventLoop.idle()
        EventLoop.idle()
        assert shell.picture.shown is NEXT
        assert not told.exists(), "neither what is gone nor what is not drawn yet"
        EventLoop.idle()
        assert json.loads(told.read_text("utf-8"))["step"] == NEXT.place
    finally:
        window.unbind(on_flip=flipped)
