"""From a view model to the widgets on the window, and nothing more often than needed.

If only the countdown differs, only its bar and words are touched; if nothing differs, nothing is. When to draw is the
`desk`'s to know: the picture never changes under a finger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kivy.uix.widget import Widget

from kiosk.flows.pages import Advice, Attract, Home, Message, Number, Priority, Question, ViewModel
from kiosk.flows.tech.pages import TechView
from kiosk.screen import cover, frame
from kiosk.screen.pages import advice, attract, home, message, number, question
from kiosk.screen.paint import Layer, Surface
from kiosk.screen.rects import Rect
from kiosk.screen.theme import EDGE_MM, Sheet
from kiosk.screen.widgets import Bar, Kit, Panel, Press, QrCode, Spinner, Words


@dataclass(frozen=True)
class Made:
    """The widgets of a picture, lowest first; the words and the bar of its countdown."""

    widgets: list[Widget]
    words: Words | None = None
    bar: Bar | None = None


class Picture:
    """Owns the children of `root`. Main thread only."""

    def __init__(self, root: Widget, sheet: Sheet, tap: Callable[[str], None]) -> None:
        self.root = root
        self._sheet, self._tap = sheet, tap
        self._kits: dict[tuple[bool, bool], Kit] = {}
        self.kit = self._kit_for(big=False, low=False)
        self.shown: ViewModel | TechView | None = None
        self._words: Words | None = None
        self._bar: Bar | None = None
        self._ready: tuple[ViewModel, Made] | None = None  # made, not shown yet
        self.spinners: list[Spinner] = []
        self._layer = Layer()
        root.canvas.before.add(self._layer.context)

    def _kit_for(self, *, big: bool, low: bool) -> Kit:
        """One for each way of laying out: they remember what they have measured."""
        low = low and not self._sheet.landscape
        if (big, low) not in self._kits:
            self._kits[big, low] = Kit(replace(self._sheet, big=big, low=low), self._tap)
        return self._kits[big, low]

    def show(self, view: ViewModel | TechView) -> bool:
        """-> whether anything was drawn anew beyond a countdown."""
        if view == self.shown:
            return False
        before, self.shown = self.shown, view
        if isinstance(view, TechView):
            from kiosk.screen.tech import draw  # hardly ever needed, and not before the first picture

            self.kit = self._kit_for(big=False, low=False)
            self._put(Made(draw.build(self.kit, view)))
            return True
        same = isinstance(before, ViewModel) and replace(before, countdown=None) == replace(view, countdown=None)
        if same and view.countdown is not None and self._words is not None and self._bar is not None:
            self._words.say(view.countdown.text)
            self._bar.show(view.countdown.fraction)
            return False
        self.kit = self._kit_for(big=view.big, low=view.low)
        ready, self._ready = self._ready, None
        self._put(ready[1] if ready is not None and ready[0] == view else self._make(self.kit, view))
        for kit in self._kits.values():
            kit.forget_parts()
        return True

    def prepare(self, view: ViewModel) -> None:
        """Makes the picture without showing it: while a finger is down there is time. What comes may differ in parts."""
        if view == self.shown:
            return
        kit = self._kit_for(big=view.big, low=view.low)
        kit.forget_parts()
        kit.keeps = True
        try:
            self._ready = (view, self._make(kit, view))
        finally:
            kit.keeps = False

    def pressed(self) -> str:
        """The id of what a finger is on, or ""."""
        return next((w.test_id for w in self.root.walk() if isinstance(w, Press) and w.held and w.state == "down"), "")

    def clear(self) -> None:
        self.root.clear_widgets()
        self._layer.hold(())
        self.shown, self._words, self._bar, self.spinners, self._ready = None, None, None, [], None

    def _make(self, kit: Kit, view: ViewModel) -> Made:
        sheet = kit.sheet
        page = Rect(0, 0, sheet.width, sheet.height)
        head, body = page.cut_top(frame.header_height(sheet))
        widgets = [kit.part(frame.header, view.header, head)]
        dock, body = frame.cut_bar(sheet, body)
        widgets.append(kit.part(frame.bar, view.bar, dock))
        beside = sheet.landscape and isinstance(view.page, Question)  # there the page has its own place for the strip
        if view.priority is not None and not beside:
            cell, body = _strip(sheet, body)
            widgets.append(kit.part(frame.priority, view.priority, cell))
        words = bar = None
        if view.countdown is not None and view.cover is None:
            line, body = body.cut_bottom(frame.countdown_height(sheet))
            band, words, bar = frame.countdown(kit, view.countdown, line)
            widgets.append(band)
        widgets += _page(kit, view, body, view.priority if beside else None)
        if view.cover is not None:
            count = view.countdown if view.place == "still_there" else None
            shade, words, bar = cover.build(kit, view.cover, page, count)
            widgets.append(shade)
        return Made(widgets, words, bar)

    def _put(self, made: Made) -> None:
        self.root.clear_widgets()
        for widget in made.widgets:
            self.root.add_widget(widget)
            if isinstance(widget, cover.Shade):
                widget.layer.hold(_surfaces(widget))
        self._layer.hold([s for w in made.widgets if not isinstance(w, cover.Shade) for s in _surfaces(w)])
        self._words, self._bar = made.words, made.bar
        self.spinners = []
        for widget in self.root.walk():
            if isinstance(widget, Press | QrCode):
                widget.shown()
            elif isinstance(widget, Spinner):
                self.spinners.append(widget)


def _surfaces(widget: Widget) -> list[Surface]:
    return [w.surface for w in widget.walk(restrict=True) if isinstance(w, Panel)]


def _strip(sheet: Sheet, body: Rect) -> tuple[Rect, Rect]:
    """(where the priority strip goes, what is left above it)."""
    gap = sheet.mm(3) if sheet.compact else sheet.u(6)
    height = sheet.row(frame.STRIP_MM * (1.15 if sheet.big and not sheet.tight else 1))
    low, rest = body.cut_bottom(height + gap)
    return low.inset(sheet.u(EDGE_MM), 0).cut_top(height)[0], rest.cut_bottom(gap if not sheet.landscape else 0)[1]


def _page(kit: Kit, view: ViewModel, rect: Rect, strip: Priority | None) -> list[Widget]:
    match view.page:
        case Attract() as page:
            return attract.build(kit, page, rect)
        case Home() as page:
            return home.build(kit, page, rect)
        case Question() as page:
            return question.build(kit, page, rect, strip)
        case Advice() as page:
            return advice.build(kit, page, rect)
        case Number() as page:
            return number.build(kit, page, rect)
        case Message() as page:
            return message.build(kit, page, rect)
