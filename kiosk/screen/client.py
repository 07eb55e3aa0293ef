"""The one thread that talks to the station. It asks, repeats, watches; what it hears goes to `hear` (called in this thread).

THE LAW
- What is asked is sent with its own Idempotency-Key, and again with the same key until the station answers, the ask is
  dropped, or KEEP_S have passed: never a second number for one touch.
- No answer, a broken answer and a status of 500 and more mean the same: the station is away. It is asked again after
  RETRY_S; the first answer of any kind ends that. Two failures in a row are a lost link, one is a hiccup.
- Nothing here blocks longer than CALL_S; the queue of asks is bounded.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from kiosk import http
from kiosk.flows.seen import HallSeen, KioskSeen, Lang, Problem, Ticket, TicketAnswer
from kiosk.flows.state import Ask, Drop, Intent, Send, Watch
from kiosk.flows.tech.seen import Calibration

log = logging.getLogger(__name__)

POLL_S = 1.0
AFTER_S = 0.3  # after an answer the main thread draws it: no look at the hall takes the processor from it
PLAN_S = 30.0
RETRY_S = 0.5
CALL_S = 2.5
POLL_CALL_S = 1.5
KEEP_S = 120.0
LIMIT_BYTES = 1024 * 1024
INTENTS_MAX = 64
# Bytes that are no text and a thousand brackets are no MsgspecError, and would end the thread.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Away:
    """The station does not answer; `why` is for the log."""

    why: str


@dataclass(frozen=True, slots=True)
class Back:
    """It answers again."""


@dataclass(frozen=True, slots=True)
class Done:
    key: str
    ticket: Ticket | None


@dataclass(frozen=True, slots=True)
class Denied:
    key: str
    problem: Problem


Heard = Away | Back | Done | Denied | KioskSeen | HallSeen | Ticket | Calibration


class _Failed(Exception):
    """This call brought no usable answer."""


class Client:
    """`open` starts the thread, `close` ends it; `do` hands it an intent and returns at once."""

    def __init__(self, url: str, token_file: Path, hear: Callable[[Heard], None]) -> None:
        self.url = url.rstrip("/")
        self.token_file = token_file
        self.hear = hear
        self.lang: Lang = "zh"
        self._intents: queue.Queue[Intent | None] = queue.Queue(INTENTS_MAX)
        self._asks: dict[str, Ask] = {}
        self._born: dict[str, float] = {}
        self._watch = ""
        self._up: bool | None = None
        self._failures = 0
        self._version = ""
        self._hall: HallSeen | None = None
        self._calibration = Calibration()
        self._plan_due = 0.0
        self._look_due = 0.0
        self._thread: threading.Thread | None = None
        self._session = http.session()
        self._over = threading.Event()

    def open(self) -> None:
        self._thread = threading.Thread(target=self._run, name="client", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends at once: a call that is waiting for its answer is hung up on."""
        self._over.set()
        self._session.hang_up()
        if self._thread is not None:
            with contextlib.suppress(queue.Full):
                self._intents.put_nowait(None)  # wakes it
            self._thread.join(CALL_S + 1)
            self._thread = None
        self._session.close()

    def do(self, intent: Intent) -> None:
        """Raises queue.Full after INTENTS_MAX unheard intents: no visit has so many."""
        self._intents.put_nowait(intent)

    # --- the thread ---

    def _run(self) -> None:
        while not self._over.is_set():
            now = time.monotonic()
            wait = RETRY_S if self._asks or self._up is False else self._look_due - now  # at the start: at once
            try:
                intent = self._intents.get(timeout=max(0.0, min(wait, POLL_S)))
                if intent is None:
                    return
                self._take(intent)
            except queue.Empty:
                pass  # nobody asked: look at the hall
            if self._answer_asks() and time.monotonic() >= self._look_due:
                self._look()
                self._look_due = time.monotonic() + (POLL_S if self._up else RETRY_S)

    def _take(self, intent: Intent) -> None:
        match intent:
            case Send(ask=ask):
                self._asks[ask.key] = ask
                self._born[ask.key] = time.monotonic()
            case Drop(key=key):
                self._forget(key)
            case Watch(ticket=ticket):
                self._watch = ticket

    def _forget(self, key: str) -> None:
        self._asks.pop(key, None)
        self._born.pop(key, None)

    def _answer_asks(self) -> bool:
        """-> False as soon as one failed: the rest would too."""
        for ask in list(self._asks.values()):
            if time.monotonic() - self._born[ask.key] > KEEP_S:
                self._forget(ask.key)
                continue
            try:
                self._post(ask)
            except _Failed as failed:
                self._failed(failed)
                return self._failures < 2
            self._answered()
            self._look_due = max(self._look_due, time.monotonic() + AFTER_S)
        return True

    def _post(self, ask: Ask) -> None:
        answer = self._call("POST", ask.path, ask.body, {"Idempotency-Key": ask.key}, str(ask.body.get("lang", "zh")))
        if answer.status < 300:
            ticket = self._read(answer.body, TicketAnswer).ticket if ask.kind == "ticket" else None
            self._forget(ask.key)
            self.hear(Done(ask.key, ticket))
            return
        self._forget(ask.key)
        try:
            problem = msgspec.json.decode(answer.body, type=Problem)
        except UNREADABLE:
            problem = Problem(status=answer.status)
        log.warning("the station refused %s: %s %s", ask.path, answer.status, problem.detail or problem.title)
        self.hear(Denied(ask.key, problem))

    def _look(self) -> None:
        """The hall, the ticket on the screen, now and then the plan and the touch calibration."""
        try:
            if not self._up or time.monotonic() >= self._plan_due:
                self._look_at_plan()
            hall = self._get("/hall", HallSeen)
            self._look_at_ticket()
        except _Failed as failed:
            self._failed(failed)
            return
        if hall != self._hall:
            self._hall = hall
            self.hear(hall)
        self._answered()

    def _look_at_ticket(self) -> None:
        if not self._watch:
            return
        answer = self._call("GET", f"/tickets/{self._watch}")
        if answer.status != 200:
            self._watch = ""  # the day was closed, or another store answers: the number on the screen stays as it is
            return
        self.hear(self._read(answer.body, TicketAnswer).ticket)

    def _look_at_plan(self) -> None:
        kiosk = self._get("/kiosk", KioskSeen)
        self._plan_due = time.monotonic() + PLAN_S
        if kiosk.version != self._version:
            self._version = kiosk.version
            self.hear(kiosk)
        self._look_at_calibration()

    def _look_at_calibration(self) -> None:
        """How touches are mapped; a station that does not keep it, or not for us, changes nothing."""
        answer = self._try("GET", "/tech/calibration")
        if answer.status != 200:
            return
        found = Calibration() if answer.body.strip() == b"null" else self._read(answer.body, Calibration)
        if found != self._calibration:
            self._calibration = found
            self.hear(found)

    # --- calls ---

    def _call(
        self, method: str, path: str, body: object = None, extra: dict[str, str] | None = None, lang: str = "zh"
    ) -> http.Answer:
        answer = self._try(method, path, body, extra, lang)
        if answer.status >= 500 or answer.status in (401, 403, 429):
            # 401 and 403: the station is starting and writes a new token for us; the file is read anew for each call
            raise _Failed(f"{method} {path}: status {answer.status}")
        return answer

    def _try(
        self, method: str, path: str, body: object = None, extra: dict[str, str] | None = None, lang: str = "zh"
    ) -> http.Answer:
        """The answer whatever its status."""
        headers = {"Accept-Language": lang, "Authorization": f"Bearer {self._token()}", **(extra or {})}
        deadline = CALL_S if method == "POST" else POLL_CALL_S
        try:
            return http.call(
                self._session, method, self.url + path, json=body, headers=headers, deadline_s=deadline,
                limit_bytes=LIMIT_BYTES,
            )  # fmt: skip
        except http.HttpError as error:
            raise _Failed(str(error)) from error

    def _get(self, path: str, shape: type[S]) -> S:
        answer = self._call("GET", path)
        if answer.status != 200:
            raise _Failed(f"GET {path}: status {answer.status}")
        return self._read(answer.body, shape)

    def _read(self, body: bytes, shape: type[S]) -> S:
        try:
            return msgspec.json.decode(body, type=shape)
        except UNREADABLE as error:
            raise _Failed(f"not a {shape.__name__}: {error}") from error

    def _token(self) -> str:
        try:
            return self.token_file.read_text(encoding="ascii").strip()[:512]
        except (OSError, UnicodeDecodeError):
            return ""  # the station has not written it yet: it will refuse, and we ask again

    # --- the link ---

    def _failed(self, failed: _Failed) -> None:
        if self._over.is_set():
            return
        self._failures += 1
        if self._failures >= 2 and self._up is not False:
            self._up = False
            log.warning("the station is away: %s", failed)
            self.hear(Away(str(failed)))

    def _answered(self) -> None:
        self._failures = 0
        if self._up is not True:
            self._up = True
            self._hall = None
            self.hear(Back())
