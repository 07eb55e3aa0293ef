"""From a view model to the widgets on the window, and nothing more often than needed.

If only the countdown differs, only its bar and words are touched; if nothing differs, nothing is. When to draw is the
`desk`'s to know: the picture never changes under a finger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.flows.pages import Advice, Attract, Home, Message, Number, Priority, Question, ViewModel
from kiosk.flows.tech.pages import TechView
from kiosk.screen import cover, frame
from kiosk.screen.pages import advice, attract, home, message, number, question
from kiosk.screen.rects import Rect
from kiosk.screen.theme import EDGE_MM, PAGE, Sheet
from kiosk.screen.widgets import Bar, Kit, Panel, Spinner, Words


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
        self.spinners: list[Spinner] = []

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
            self._put(draw.build(self.kit, view), None, None)
            return True
        same = isinstance(before, ViewModel) and replace(before, countdown=None) == replace(view, countdown=None)
        if same and view.countdown is not None and self._words is not None and self._bar is not None:
            self._words.say(view.countdown.text)
            self._bar.show(view.countdown.fraction)
            return False
        self._draw(view)
        return True

    def clear(self) -> None:
        self.root.clear_widgets()
        self.shown, self._words, self._bar, self.spinners = None, None, None, []

    def _draw(self, view: ViewModel) -> None:
        self.kit = self._kit_for(big=view.big, low=view.low)
        sheet = self.kit.sheet
        page = Rect(0, 0, sheet.width, sheet.height)
        made: list[Widget] = [ground(page)]
        head, body = page.cut_top(frame.header_height(sheet))
        made.append(frame.header(self.kit, view.header, head))
        dock, body = frame.cut_bar(sheet, body)
        made.append(frame.bar(self.kit, view.bar, dock))
        beside = sheet.landscape and isinstance(view.page, Question)  # there the page has its own place for the strip
        if view.priority is not None and not beside:
            cell, body = self._strip(body)
            made.append(frame.priority(self.kit, view.priority, cell))
        words = bar = None
        if view.countdown is not None and view.cover is None:
            line, body = body.cut_bottom(frame.countdown_height(sheet))
            band, words, bar = frame.countdown(self.kit, view.countdown, line)
            made.append(band)
        made += self._page(view, body, view.priority if beside else None)
        if view.cover is not None:
            count = view.countdown if view.place == "still_there" else None
            shade, words, bar = cover.build(self.kit, view.cover, page, count)
            made.append(shade)
        self._put(made, words, bar)

    def _put(self, made: list[Widget], words: Words | None, bar: Bar | None) -> None:
        self.root.clear_widgets()
        for widget in made:
            self.root.add_widget(widget)
        self._words, self._bar = words, bar
        self.spinners = [w for w in self.root.walk() if isinstance(w, Spinner)]

    def _strip(self, body: Rect) -> tuple[Rect, Rect]:
        """(where the priority strip goes, what is left above it)."""
        sheet = self.kit.sheet
        gap = sheet.mm(3) if sheet.compact else sheet.u(6)
        height = sheet.row(frame.STRIP_MM * (1.15 if sheet.big and not sheet.tight else 1))
        low, rest = body.cut_bottom(height + gap)
        return low.inset(sheet.u(EDGE_MM), 0).cut_top(height)[0], rest.cut_bottom(gap if not sheet.landscape else 0)[1]

    def _page(self, view: ViewModel, rect: Rect, strip: Priority | None) -> list[Widget]:
        match view.page:
            case Attract() as page:
                return attract.build(self.kit, page, rect)
            case Home() as page:
                return home.build(self.kit, page, rect)
            case Question() as page:
                return question.build(self.kit, page, rect, strip)
            case Advice() as page:
                return advice.build(self.kit, page, rect)
            case Number() as page:
                return number.build(self.kit, page, rect)
            case Message() as page:
                return message.build(self.kit, page, rect)


def ground(rect: Rect) -> Widget:
    """The page's own colour, under everything."""
    widget = Panel(rect, None, None, 0.1)
    with widget.canvas.before:
        Color(*PAGE, 1)
        Rectangle(pos=widget.pos, size=widget.size)
    return widget
