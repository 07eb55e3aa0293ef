"""Where touches come from: SDL's fingers and, for a pointer, Kivy's mouse; but each touch knows where it came down.

Kivy moves the start of a touch along with the finger until it has told somebody of it. On a busy box, or with a quick
hand, that is after the whole swipe: a swipe that ended on a tile was a touch on that tile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.base import EventLoop
from kivy.core.window.window_sdl2 import SDL2MotionEventProvider
from kivy.input.factory import MotionEventFactory
from kivy.input.providers.mouse import MouseMotionEventProvider

POINTER = "pointer"


class Pointer(MouseMotionEventProvider):  # type: ignore[misc]
    def create_touch(self, *args: Any) -> Any:
        touch = super().create_touch(*args)
        touch.sync_with_dispatch = False
        return touch


class Fingers(SDL2MotionEventProvider):  # type: ignore[misc]
    def update(self, dispatch_fn: Callable[[str, Any], None]) -> None:
        def tell(what: str, touch: Any) -> None:
            if what == "begin":
                touch.sync_with_dispatch = False  # before the moves that wait in the same frame
            dispatch_fn(what, touch)

        super().update(tell)


def take_over() -> None:
    """Once, when the window is there and before the event loop starts; `window.prepare` asks for POINTER."""
    MotionEventFactory.register(POINTER, Pointer)
    for provider in list(EventLoop.input_providers):
        if type(provider) is SDL2MotionEventProvider:
            EventLoop.remove_input_provider(provider)
            EventLoop.add_input_provider(Fingers(provider.device, ""))
