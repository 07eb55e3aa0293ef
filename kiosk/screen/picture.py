"""From a view model to the widgets on the window, and nothing more often than needed.

If only the countdown differs, only its bar and words are touched; if nothing differs, nothing is. When to draw is the
`desk`'s to know: the picture never changes under a finger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.flows.pages import Advice, Attract, Home, Message, Number, Question, ViewModel
from kiosk.screen import cover, frame
from kiosk.screen.pages import advice, attract, home, message, number, question
from kiosk.screen.rects import Rect
from kiosk.screen.theme import EDGE_MM, PAGE, Sheet
from kiosk.screen.widgets import Bar, Kit, Panel, Spinner, Words


class Picture:
    """Owns the children of `root`. Main thread only."""

    def __init__(self, root: Widget, sheet: Sheet, tap: Callable[[str], None]) -> None:
        self.root = root
        self.kit = Kit(sheet, tap)
        self.shown: ViewModel | None = None
        self._words: Words | None = None
        self._bar: Bar | None = None
        self.spinners: list[Spinner] = []

    def show(self, view: ViewModel) -> bool:
        """-> whether anything was drawn anew beyond a countdown."""
        if view == self.shown:
            return False
        before, self.shown = self.shown, view
        same = before is not None and replace(before, countdown=None) == replace(view, countdown=None)
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
        sheet = self.kit.sheet
        page = Rect(0, 0, sheet.width, sheet.height)
        made: list[Widget] = [ground(page)]
        head, body = page.cut_top(sheet.mm(frame.HEADER_MM if not sheet.landscape else 30))
        made.append(frame.header(self.kit, view.header, head))
        dock, body = body.cut_bottom(sheet.mm(frame.BAR_MM if not sheet.landscape else 36))
        made.append(frame.bar(self.kit, view.bar, dock))
        if view.priority is not None:
            strip, body = body.cut_bottom(sheet.mm(frame.STRIP_MM + 6))
            cell = strip.inset(sheet.mm(EDGE_MM), 0).cut_top(sheet.mm(frame.STRIP_MM))[0]
            made.append(frame.priority(self.kit, view.priority, cell))
            body = Rect(body.x, body.y + sheet.mm(6), body.w, body.h - sheet.mm(6))
        words = bar = None
        if view.countdown is not None and view.cover is None:
            line, body = body.cut_bottom(sheet.mm(frame.COUNT_MM))
            band, words, bar = frame.countdown(self.kit, view.countdown, line)
            made.append(band)
        made += self._page(view, body)
        if view.cover is not None:
            count = view.countdown if view.place == "still_there" else None
            shade, words, bar = cover.build(self.kit, view.cover, page, count)
            made.append(shade)
        self.root.clear_widgets()
        for widget in made:
            self.root.add_widget(widget)
        self._words, self._bar = words, bar
        self.spinners = [w for w in self.root.walk() if isinstance(w, Spinner)]

    def _page(self, view: ViewModel, rect: Rect) -> list[Widget]:
        match view.page:
            case Attract() as page:
                return attract.build(self.kit, page, rect)
            case Home() as page:
                return home.build(self.kit, page, rect)
            case Question() as page:
                return question.build(self.kit, page, rect)
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
