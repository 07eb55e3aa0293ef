"""The thread that talks to the station for a technician; it lives as long as the visit, and so does the token.

THE LAW
- The token is in this object's memory only: it comes with the answer to the PIN and goes with `close`.
- One call at a time: what is asked goes before what is looked at. Nothing is sent twice by itself: the technician sees that
  there was no answer, and touches again.
- Every call ends by its deadline; `close` ends a waiting one at once.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk import http
from kiosk.domain.facts import Lines
from kiosk.flows.seen import Lang, Problem
from kiosk.flows.tech.seen import Nothing, Stick, shape_of
from kiosk.flows.tech.seen import Told as Value
from kiosk.flows.tech.state import Ask, Look, Refused, Send, Told
from kiosk.screen.tech import stick

log = logging.getLogger(__name__)

ASK_S = 45.0  # a step of the wizard may take 40 s
LOOK_S = 4.0
LIMIT_BYTES = 4 * http.MIB
BUNDLE_BYTES = 64 * http.MIB
INTENTS_MAX = 32
JOIN_S = 2.0
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

NOT_UNDERSTOOD = Lines(
    zh="站点的应答看不懂。屏幕和站点的版本可能不同。", en="The answer was not understood: other version?"
)
NO_STICK = Lines(zh="U 盘不见了，请重新插入。", en="The stick is gone: plug it in again.")
NOT_WRITTEN = Lines(zh="写不进 U 盘：{why}。请换一个。", en="Could not write to the stick: {why}. Try another.")


class _Login(msgspec.Struct, frozen=True):
    token: str


class TechClient:
    """`open` starts the thread, `close` ends it and forgets; `do` returns at once. `hear` is called in the thread."""

    def __init__(
        self, url: str, hear: Callable[[Told | Refused], None], mounts: Path = stick.MOUNTS,
        places: tuple[str, ...] = stick.PLACES,
    ) -> None:  # fmt: skip
        self.url, self.hear = url.rstrip("/"), hear
        self.lang: Lang = "zh"
        self._mounts, self._places = mounts, places
        self._token = ""
        self._intents: queue.Queue[Send | Look | None] = queue.Queue(INTENTS_MAX)
        self._looks: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._session = http.session()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def open(self) -> None:
        self._thread = threading.Thread(target=self._run, name="tech", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._token = ""
        self._session.hang_up()
        if self._thread is not None:
            self._intents.put(None)
            self._thread.join(JOIN_S)
            self._thread = None
        self._session.close()

    def do(self, intent: Send | Look) -> None:
        """Raises queue.Full after INTENTS_MAX unheard ones: the flow asks one thing at a time."""
        self._intents.put_nowait(intent)

    # --- the thread ---

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                intent = self._intents.get(timeout=self._until_next())
            except queue.Empty:
                self._look()
                continue
            if intent is None:
                return
            if isinstance(intent, Look):
                self._looks = dict(intent.paths)
                self._due = dict.fromkeys(self._looks, 0.0)
            else:
                self._ask(intent.ask)

    def _until_next(self) -> float:
        if not self._due:
            return 60.0
        return max(0.0, min(self._due.values()) - time.monotonic())

    def _tell(self, heard: Told | Refused) -> None:
        if not self._over.is_set():
            self.hear(heard)

    def _look(self) -> None:
        """The one that is due longest."""
        if not self._due:
            return
        path = min(self._due, key=lambda p: self._due[p])
        if path == "stick":
            folder = stick.find(self._mounts, self._places)
            self._tell(Told("", path, Stick(folder=folder), time.monotonic()))
        else:
            self._tell(self._call("", "GET", path, None, LOOK_S))
        self._due[path] = time.monotonic() + self._looks[path]

    def _ask(self, ask: Ask) -> None:
        if ask.kind == "login":
            self._tell(self._login(ask))
        elif ask.kind == "bundle":
            self._tell(self._bundle(ask))
        else:
            self._tell(self._call(ask.key, ask.method, ask.path, dict(ask.body), ASK_S))
        self._due = {path: time.monotonic() for path in self._due}  # what it changed is seen at once

    # --- calls ---

    def _answer(
        self, key: str, method: str, path: str, body: object, wait_s: float, limit: int
    ) -> http.Answer | Refused:
        """2xx, or why not."""
        headers: dict[str, str] = {"Accept-Language": self.lang}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if method != "GET":
            headers["Idempotency-Key"] = key
        try:
            answer = http.call(
                self._session, method, self.url + path, json=None if method == "GET" else body, headers=headers,
                deadline_s=wait_s, limit_bytes=limit,
            )  # fmt: skip
        except http.HttpError as error:
            return Refused(key, Problem(status=0, title=error.text.get(self.lang)), time.monotonic())
        if 200 <= answer.status < 300:
            return answer
        try:
            problem = msgspec.json.decode(answer.body, type=Problem)
        except UNREADABLE:
            problem = Problem()
        problem = msgspec.structs.replace(problem, status=answer.status, title=problem.title or str(answer.status))
        return Refused(key, problem, time.monotonic())

    def _call(self, key: str, method: str, path: str, body: object, wait_s: float) -> Told | Refused:
        answer = self._answer(key, method, path, body, wait_s, LIMIT_BYTES)
        if isinstance(answer, Refused):
            return answer
        shape = shape_of(method, path)
        value: Value = Nothing()
        if shape is not Nothing:
            try:
                value = msgspec.json.decode(answer.body, type=shape)
            except UNREADABLE as error:
                log.warning("%s %s: not a %s: %s", method, path, shape.__name__, error)
                return self._mistake(key, NOT_UNDERSTOOD.get(self.lang))
        return Told(key, path, value, time.monotonic())

    def _login(self, ask: Ask) -> Told | Refused:
        self._token = ""
        answer = self._answer(ask.key, "POST", ask.path, dict(ask.body), ASK_S, LIMIT_BYTES)
        if isinstance(answer, Refused):
            return answer
        try:
            self._token = msgspec.json.decode(answer.body, type=_Login).token
        except UNREADABLE:
            return self._mistake(ask.key, NOT_UNDERSTOOD.get(self.lang))
        return Told(ask.key, ask.path, Nothing(), time.monotonic())

    def _bundle(self, ask: Ask) -> Told | Refused:
        folder = stick.find(self._mounts, self._places)
        if not folder:
            return self._mistake(ask.key, NO_STICK.get(self.lang))
        answer = self._answer(ask.key, "GET", ask.path, None, ASK_S, BUNDLE_BYTES)
        if isinstance(answer, Refused):
            return answer
        name: str = time.strftime("yitai-%Y%m%d-%H%M%S.zip")
        try:
            stick.write(folder, name, answer.body)
        except OSError as error:
            return self._mistake(ask.key, NOT_WRITTEN.get(self.lang).format(why=error.strerror or error))
        return Told(ask.key, "stick", Stick(folder=folder, saved=name), time.monotonic())

    def _mistake(self, key: str, text: str) -> Refused:
        return Refused(key, Problem(status=1, title=text), time.monotonic())
