"""The Kivy application around a `Desk`: window, clock, touches, faults. Importing this loads Kivy."""

from __future__ import annotations

import logging
import queue
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kivy.app import App
from kivy.base import EventLoop, ExceptionHandler, ExceptionManager
from kivy.clock import Clock
from kivy.uix.widget import Widget

from kiosk.flows.pages import ViewModel
from kiosk.flows.seen import HallSeen, Timing
from kiosk.flows.tech.affine import Matrix
from kiosk.flows.tech.pages import TechView
from kiosk.flows.tech.seen import Calibration
from kiosk.flows.tech.state import Refused, Told
from kiosk.flows.view import broken
from kiosk.screen import dump, window
from kiosk.screen.app import ALIVE_S, RECOVER_S, Faults, notify, on_signals
from kiosk.screen.client import Away, Back, Client, Heard
from kiosk.screen.desk import Desk
from kiosk.screen.picture import Picture
from kiosk.screen.tech.client import TechClient
from kiosk.screen.tech.service import Service
from kiosk.screen.tech.touches import Touches
from kiosk.screen.theme import Sheet

log = logging.getLogger(__name__)

HEARD_MAX = 256
SPIN_S = 1 / 20
FIRST_S = 0.7  # so long a station that is there gets to say so before the screen shows that none is
KNOCK_AT = ("attract", "home")  # the pages on which the technician's knock is heard


class Kiosk(App):  # type: ignore[misc]
    """Kivy's application object: only what it insists on."""

    use_kivy_settings = False

    def __init__(self, root: Widget) -> None:
        super().__init__()
        self._own_root = root

    def build(self) -> Widget:
        return self._own_root

    def open_settings(self, *_: Any) -> bool:
        return True  # F1 would open Kivy's settings in front of the customer


class Shell:
    """Owns everything of the process. `run` returns the exit code."""

    def __init__(self, url: str, token_file: Path, diagonal_inch: float) -> None:
        self.window = window.open_window()
        width, height = self.window.size
        self.sheet = Sheet(int(width), int(height), diagonal_inch)
        self.root = Widget(size=(width, height), size_hint=(None, None))
        self._heard: queue.Queue[Heard | Told | Refused] = queue.Queue(HEARD_MAX)
        self.client = Client(url, token_file, self._hear_in_thread)
        self.dump = dump.from_environment()
        self.picture = Picture(self.root, self.sheet, self._tap)
        self.desk = Desk(self.picture, self.client.do, time.monotonic, lambda: int(time.time() * 1000), self._drawn)
        self.touches = Touches(int(width), int(height))
        panel = Timing(width=int(width), height=int(height), diagonal_inch=diagonal_inch)
        self.service = Service(
            self.picture, lambda: TechClient(url, self._hear_in_thread), self, panel, port_of(url),
            time.monotonic, lambda: int(time.time() * 1000),
        )  # fmt: skip
        self.app = Kiosk(self.root)
        self.faults = Faults()
        self.code = 0
        self._restarts: int | None = None
        self._timer: Any = None
        self._spin: Any = None
        self._first: Any = None  # while nothing has been drawn yet
        self._undumped: ViewModel | TechView | None = None

    def run(self) -> int:
        ExceptionManager.add_handler(_Handler(self))
        on_signals(self._stop_soon)
        EventLoop.postproc_modules.insert(0, self.touches)  # before Kivy's own look at where a touch was
        self.window.bind(
            on_touch_down=self._down, on_touch_move=self._move, on_touch_up=self._up, on_flip=self._flipped
        )
        Clock.schedule_once(self._begin)
        Clock.schedule_interval(lambda _: notify("WATCHDOG=1"), ALIVE_S)
        Clock.schedule_interval(lambda _: self._refresh(), 20.0)  # the time of day in the header
        try:
            self.app.run()
        finally:
            self.service.end()
            self.client.close()
        return self.code

    def _begin(self, _: float) -> None:
        """The first picture waits for the first word of the station: one that is there is heard sooner than a page is drawn
        that says it is not."""
        self.desk.wipe()
        self.client.open()
        self._first = Clock.schedule_once(lambda _: self._first_word(), FIRST_S)
        notify("READY=1")

    def _first_word(self) -> None:
        if self._first is not None:
            self._first.cancel()
            self._first = None
            self.desk.resume()

    def _refresh(self) -> None:
        self.desk.refresh()
        self.service.refresh()

    def _stop_soon(self) -> None:
        Clock.schedule_once(lambda _: self.app.stop())

    # --- from the client's thread ---

    def _hear_in_thread(self, heard: Heard | Told | Refused) -> None:
        """A full queue means the main thread stands still: better to wait than to lose an answer."""
        self._heard.put(heard)
        Clock.schedule_once(self._hear)

    def _hear(self, _: float) -> None:
        while True:
            try:
                heard = self._heard.get_nowait()
            except queue.Empty:
                break
            if isinstance(heard, Told | Refused):
                self.service.hear(heard)
            elif isinstance(heard, Calibration):
                self.service.calibration(heard.matrix)
            else:
                if isinstance(heard, HallSeen):
                    self._asked_to_restart(heard.screen_restarts)
                self.desk.hear(heard)
                if isinstance(heard, Away | Back):
                    self._first_word()
        self._wake_when_due()

    def _asked_to_restart(self, times: int) -> None:
        """A station that was started anew counts from 0 again, which asks for nothing."""
        if self._restarts is not None and times > self._restarts:
            self.code = 1  # whoever started this process starts it afresh
            self._stop_soon()
        self._restarts = times

    # --- touches and time ---

    def _tap(self, id: str) -> None:
        (self.service if self.service.open else self.desk).tap(id)
        self._wake_when_due()

    def _down(self, _: Any, touch: Any) -> bool:
        visit = self.desk.visit
        plain = getattr(touch, "button", "left") == "left" and visit.step in KNOCK_AT and not visit.overlay
        seen, raw = self.touches.came_down(touch), self.touches.raw(touch)
        self.service.down(seen, raw, allowed=plain, lang=visit.lang)
        (self.service if self.service.open else self.desk).finger(True)
        Clock.schedule_once(self._rests)  # after the frame that shows the press
        self._wake_when_due()
        return False

    def _rests(self, _: float) -> None:
        if not self.service.open and (id := self.picture.pressed()):
            self.desk.rests_on(id)

    def _move(self, _: Any, touch: Any) -> bool:
        self.service.move(self.touches.seen(touch))
        return False

    def _up(self, _: Any, touch: Any) -> bool:
        self.service.up(self.touches.seen(touch))
        # after the widgets have had it: a tap comes before the picture may change
        Clock.schedule_once(self._lifted)
        return False

    def _lifted(self, _: float) -> None:
        self.desk.finger(False)
        self.service.finger(False)
        self._wake_when_due()

    def _wake_when_due(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        dues = [due for due in (self.desk.due_s(), self.service.due_s()) if due is not None]
        if dues:
            self._timer = Clock.schedule_once(self._tick, min(dues))

    def _tick(self, _: float) -> None:
        self._timer = None
        self.desk.tick()
        self.service.tick()
        self._wake_when_due()

    # --- what a technician's visit needs (`tech.service.Outside`) ---

    def began(self) -> None:
        self.desk.wipe()

    def ended(self) -> None:
        self.desk.resume()

    def calibrate(self, matrix: Matrix | None) -> None:
        self.touches.use(matrix)

    def quit(self) -> None:
        self.code = 1  # whoever started this process starts it afresh
        self._stop_soon()

    def drawn(self, view: TechView) -> None:
        self._drawn(view)

    # --- after a picture ---

    def _drawn(self, model: ViewModel | TechView) -> None:
        self._undumped = model
        if self.picture.spinners and self._spin is None:
            self._spin = Clock.schedule_interval(self._turn, SPIN_S)
        elif not self.picture.spinners and self._spin is not None:
            self._spin.cancel()
            self._spin = None

    def _flipped(self, *_: Any) -> None:
        """Kivy says so before it flips; when the clock ticks again the picture is on the glass and may be told."""
        if self.dump is not None and (model := self._undumped) is not None:
            Clock.schedule_once(lambda _: self._tell(model))

    def _tell(self, flipped: ViewModel | TechView) -> None:
        """Another picture may have been put up in the same tick: it is not on the glass yet, and its own flip tells it."""
        if self.dump is not None and self._undumped is flipped:
            self.dump.write(self.root, flipped, self.sheet.width, self.sheet.height)
            self._undumped = None

    def _turn(self, seconds: float) -> None:
        for spinner in self.picture.spinners:
            spinner.turn(360 * min(seconds, 0.2))

    # --- faults ---

    def fault(self, error: BaseException) -> None:
        log.error("fault of the screen", exc_info=error)
        if self.faults.one_more(time.monotonic()):
            self.code = 1
            self._stop_soon()
            return
        self.service.end()
        self.desk.wipe()
        self.picture.clear()
        model = broken()
        self.picture.show(model)
        self._drawn(model)
        Clock.schedule_once(self._recover, RECOVER_S)

    def _recover(self, _: float) -> None:
        self.desk.resume()
        self._wake_when_due()


def port_of(url: str) -> int:
    """Of the station, for the address of its pages on the LAN."""
    return urlsplit(url).port or 80


class _Handler(ExceptionHandler):  # type: ignore[misc]
    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def handle_exception(self, inst: BaseException) -> int:
        """Kivy asks whether to go on (PASS) or to fall (RAISE): a fault of the fault page falls."""
        if not isinstance(inst, Exception):
            return int(ExceptionManager.RAISE)
        try:
            self._shell.fault(inst)
        except Exception:
            log.exception("the fault page failed too")
            return int(ExceptionManager.RAISE)
        return int(ExceptionManager.PASS)
