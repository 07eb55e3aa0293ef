"""The technician on the glass: hears the knock, runs the tech's flow while a visit lasts, draws it, talks for it.

Main thread only, and no Kivy: a test drives it with its own clock. While `open` the customers' desk rests.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from kiosk.flows.seen import Lang, Timing
from kiosk.flows.state import Tap, Touched
from kiosk.flows.tech import flow, gesture
from kiosk.flows.tech.affine import Matrix, Point, sound
from kiosk.flows.tech.gesture import Knock
from kiosk.flows.tech.pages import TechView, px_per_mm
from kiosk.flows.tech.state import Apply, Event, Look, Quit, Raw, Refused, Send, Tech, Tick, Told
from kiosk.flows.tech.view import view

HOLD_S = 2.0  # a finger holds the picture still this long at most


class Canvas(Protocol):
    """What draws."""

    def show(self, view: TechView) -> bool: ...


class Talker(Protocol):
    """The client of one visit."""

    lang: Lang

    def open(self) -> None: ...

    def close(self) -> None: ...

    def do(self, intent: Send | Look) -> None: ...


class Outside(Protocol):
    """What the visit needs of the process around it."""

    def began(self) -> None:
        """The customers' pages rest from now on."""

    def ended(self) -> None:
        """They come back."""

    def calibrate(self, matrix: Matrix | None) -> None: ...

    def quit(self) -> None:
        """This process ends, to be started afresh."""

    def drawn(self, view: TechView) -> None: ...


class Service:
    """`talk` makes the client of a visit; `now` is monotonic seconds, `wall_ms` the wall clock."""

    def __init__(
        self, canvas: Canvas, talk: Callable[[], Talker], outside: Outside, panel: Timing, port: int,
        now: Callable[[], float], wall_ms: Callable[[], int],
    ) -> None:  # fmt: skip
        self.canvas, self.talk, self.outside, self.panel, self.port = canvas, talk, outside, panel, port
        self.now, self.wall_ms = now, wall_ms
        self.tech: Tech | None = None
        self.model: TechView | None = None
        self.knock = Knock()
        self.matrix: Matrix | None = None  # as the station keeps it
        self._client: Talker | None = None
        self._lang: Lang = "zh"
        self._finger_down_at: float | None = None

    @property
    def open(self) -> bool:
        return self.tech is not None

    # --- the knock ---

    def down(self, seen: Point, raw: Point, *, allowed: bool, lang: Lang) -> None:
        """A finger came down: pixels from the top left, as the widgets see it and as the panel told it."""
        if self.tech is not None:
            if self.tech.here.place == "touch":
                self.happen(Raw(raw, self.now()))
            return
        self._lang = lang
        self.knock = gesture.down(self.knock, self.now(), self._zone(seen) if allowed else "")

    def move(self, seen: Point) -> None:
        if self.tech is None:
            self.knock = gesture.move(self.knock, self._zone(seen))

    def up(self, seen: Point) -> None:
        if self.tech is None:
            self.knock = gesture.up(self.knock, self.now(), self._zone(seen))

    def _zone(self, point: Point) -> gesture.Zone:
        scale = px_per_mm(self.panel)
        return gesture.zone(point[0] / scale, point[1] / scale, self.panel.width / scale)

    # --- the visit ---

    def begin(self) -> None:
        at = self.now()
        self.knock = Knock()
        self.outside.began()
        self.tech = Tech(
            lang=self._lang, panel=self.panel, port=self.port, matrix=self.matrix, saved=self.matrix, at=at,
            entered_at=at, touched_at=at,
        )  # fmt: skip
        self._client = self.talk()
        self._client.open()
        self.refresh()

    def end(self) -> None:
        """Nothing is kept; also after a fault of the screen."""
        client, self._client = self._client, None
        self.tech, self.model, self._finger_down_at = None, None, None
        self.knock = Knock()
        if client is not None:
            client.close()

    def tap(self, id: str) -> None:
        model = self.model
        if self.tech is None or model is None or id not in {b.id for b in model.buttons()}:
            return
        self.happen(Tap(id, self.now(), uuid.uuid4().hex))

    def finger(self, down: bool) -> None:
        self._finger_down_at = self.now() if down else None
        self.happen(Touched(self.now()))

    def tick(self) -> None:
        if self.tech is not None:
            self.happen(Tick(self.now()))
        elif gesture.opens(self.knock, self.now()):
            self.begin()

    def hear(self, heard: Told | Refused) -> None:
        if self.tech is not None:
            self.happen(replace(heard, at=self.now()))

    def calibration(self, matrix: Matrix | None) -> None:
        """The station keeps this one. In force at once, unless a technician is at it."""
        self.matrix = matrix if matrix is None or sound(matrix) else None
        if self.tech is None:
            self.outside.calibrate(self.matrix)

    def happen(self, event: Event) -> None:
        """One event through the flow; then the picture."""
        if self.tech is None:
            return
        self.tech, intents = flow.step(self.tech, event)
        if self._client is not None:
            self._client.lang = self.tech.lang
        for intent in intents:
            match intent:
                case Apply(matrix=matrix):
                    self.outside.calibrate(matrix)
                case Quit():
                    self.outside.quit()
                case Send() | Look():
                    if self._client is not None:
                        self._client.do(intent)
        self.matrix = self.tech.saved
        if flow.over(self.tech):
            self.end()
            self.outside.ended()
        else:
            self.refresh()

    # --- what is seen ---

    def refresh(self) -> None:
        """Draw what is to be seen now, unless a finger is down."""
        if self.tech is None:
            return
        at = self.now()
        model = view(self.tech, self.wall_ms())
        if self._finger_down_at is not None and at - self._finger_down_at < HOLD_S and self.model is not None:
            return
        self.model = model
        if self.canvas.show(model):
            self.outside.drawn(model)

    def due_s(self) -> float | None:
        """Seconds until `tick` is needed; None: until something happens."""
        due = flow.due(self.tech) if self.tech is not None else gesture.due(self.knock)
        return None if due is None else max(0.0, due - self.now())
