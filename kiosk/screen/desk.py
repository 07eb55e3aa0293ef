"""Between the flow and the window: events go in, intents go to the station, the picture follows. Main thread only.

No Kivy in here but through `picture` and `wake`: a test drives it with its own clock.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Protocol

from kiosk.domain.facts import Lines
from kiosk.domain.plan import HallPlan
from kiosk.flows import timers
from kiosk.flows.foresight import foreseen
from kiosk.flows.pages import Message, ViewModel
from kiosk.flows.seen import HallSeen, KioskSeen, Ticket, Timing
from kiosk.flows.state import (
    DEBOUNCE_S,
    Answered,
    Event,
    Intent,
    Link,
    Misstep,
    Refused,
    Setup,
    Tap,
    Tick,
    TicketSeen,
    Touched,
    Visit,
)
from kiosk.flows.view import view
from kiosk.flows.visit import step
from kiosk.screen.client import Away, Back, Denied, Done, Heard

log = logging.getLogger(__name__)

HOLD_S = 2.0  # a finger holds the picture still this long at most
ROW_S = 1.5  # a row of quick touches that began on the page before is heard again once the new one has stood so long
_NO_PLAN = Setup(HallPlan(name=Lines(zh="", en=""), services=(), counters=(), classes=()))


class Canvas(Protocol):
    """What draws."""

    def show(self, view: ViewModel) -> bool: ...
    def prepare(self, view: ViewModel) -> None: ...


class Desk:
    """`now` is monotonic seconds, `wall_ms` the wall clock; `send` takes intents; `drawn` hears of each new picture."""

    def __init__(
        self,
        canvas: Canvas,
        send: Callable[[Intent], None],
        now: Callable[[], float],
        wall_ms: Callable[[], int],
        drawn: Callable[[ViewModel], None] = lambda _: None,
    ) -> None:
        self.canvas, self.send, self.now, self.wall_ms, self.drawn = canvas, send, now, wall_ms, drawn
        self.visit = Visit()
        self.setup: Setup | None = None
        self.hall = HallSeen(seq=0)
        self.model: ViewModel | None = None
        self._next: KioskSeen | None = None
        self._finger_down_at: float | None = None
        self._came_down_at = float("-inf")
        self._seen: tuple[str, float] = ("", 0.0)  # the page on the glass: place, and when the visit came there
        self._seen_at = float("-inf")  # since when it is on the glass
        self._meant: tuple[str, float] | None = None  # the page that the first of a row of quick touches was for
        self._resting = False

    # --- what happens ---

    def tap(self, id: str) -> None:
        """A button was pressed. One that the present picture does not have (any more) is nobody's wish."""
        model = self.model
        if model is None or id not in {b.id for b in model.buttons()}:
            return
        at = self.now()
        if at - self.visit.tapped_at < DEBOUNCE_S:
            return  # twice within one slow frame: it means the picture before, which the first touch has ended
        if self._meant is not None and self._meant != self._seen and at - self._seen_at < ROW_S:
            return  # who hammers on a tile does not mean the button that has just come up under the finger
        self.happen(Tap(id, at, uuid.uuid4().hex))

    def rests_on(self, id: str) -> None:
        """A finger rests on that button: the picture it will lead to is made now, so that lifting it only has to show it."""
        if self.model is None or self.setup is None or id not in {b.id for b in self.model.buttons()}:
            return
        try:
            visit = foreseen(self.visit, Tap(id, self.now(), "foreseen"), self.setup, self.hall)
        except Misstep:
            return  # a hole in the plan: the touch itself will say so, if it comes to one
        self.canvas.prepare(view(visit, self.setup, self.hall, self.wall_ms()))

    def finger(self, down: bool) -> None:
        at = self.now()
        self._finger_down_at = at if down else None
        if down:
            if at - self._came_down_at >= DEBOUNCE_S:
                self._meant = self._seen
            self._came_down_at = at
        self.happen(Touched(at))

    def hear(self, heard: Heard) -> None:
        at = self.now()
        match heard:
            case HallSeen():
                self.hall = heard
                self.refresh()
            case KioskSeen():
                self._next = heard
                self.refresh()
            case Ticket():
                self.happen(TicketSeen(heard, at))
            case Done(key=key, ticket=ticket):
                self.happen(Answered(key, at, ticket))
            case Denied(key=key, problem=problem):
                self.happen(Refused(key, problem, at))
            case Away():
                self.happen(Link(False, at))
            case Back():
                self.happen(Link(True, at))

    def tick(self) -> None:
        self.happen(Tick(self.now(), uuid.uuid4().hex))

    def happen(self, event: Event) -> None:
        """One event through the flow; then the picture."""
        if self.setup is None:
            self._without_plan(event)
        else:
            self.visit, intents = step(self.visit, event, self.setup)
            for intent in intents:
                self.send(intent)
        self.refresh()

    def _without_plan(self, event: Event) -> None:
        """Nothing has been heard yet: only the language can be changed."""
        if isinstance(event, Link):
            self.visit = step(self.visit, event, _NO_PLAN)[0]
        elif isinstance(event, Tap) and event.id == "lang":
            self.visit = Visit(lang="en" if self.visit.lang == "zh" else "zh", at=event.at, up=self.visit.up)

    def wipe(self) -> None:
        """After a fault of the screen itself: nobody's visit goes on, and nothing is drawn until `resume`."""
        self._resting = True
        self.visit = Visit(up=self.visit.up, at=self.now())
        self.model = None
        self._finger_down_at = None

    def resume(self) -> None:
        self._resting = False
        self.refresh()

    # --- what is seen ---

    def refresh(self) -> None:
        """Draw what is to be seen now, unless a finger is down or a short wait need not be shown."""
        if self._resting:
            return
        self._take_plan()
        model = view(self.visit, self.setup, self.hall, self.wall_ms())
        if self._short_wait(model):
            self.model = model  # its buttons count already: no second touch on the old picture
            return
        if self._finger_down_at is not None and self.now() - self._finger_down_at < HOLD_S and self.model is not None:
            return
        self.model = model
        page = (model.place, self.visit.entered_at)
        if page != self._seen:
            self._seen, self._seen_at = page, self.now()
        if self.canvas.show(model):
            self.drawn(model)

    def _take_plan(self) -> None:
        """A new plan waits for the end of the visit: nobody's question vanishes under the finger."""
        if self._next is not None and (self.setup is None or self.visit.step == "attract"):
            self.setup = Setup(self._next.plan, self._next.screen)
            self._next = None

    @staticmethod
    def _short_wait(model: ViewModel) -> bool:
        return model.place == "wait" and isinstance(model.page, Message) and not model.page.busy

    def due_s(self) -> float | None:
        """Seconds until `tick` is needed; None: until something happens."""
        timing = self.setup.timing if self.setup else Timing()
        due = timers.due(self.visit, timing)
        return None if due is None else max(0.0, due - self.now())
