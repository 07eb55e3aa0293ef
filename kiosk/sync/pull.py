"""Commands down: one long poll after the other; each command is handed over once it arrives, in order.

The law: asking `after=N` says that everything up to N is durable here. So the cursor moves only after `take` has
returned, and a crash in between brings the command again: `take` must know a command id it has taken before (the
journal's table of commands does).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk import http
from kiosk.domain.facts import Lines
from kiosk.sync import answers
from kiosk.sync.loop import Failed, Loop, Pace
from kiosk.sync.push import Cursor

WAIT_S = 25  # how long the server may hold the question


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command: `kind` notice_publish, notice_withdraw or config; `body` is the JSON object of its fields."""

    id: int
    kind: str
    at: int = 0
    body: msgspec.Raw = msgspec.Raw(b"{}")


class Commands(msgspec.Struct, frozen=True):
    """The answer to a long poll, ascending by id; empty when the wait ended."""

    commands: list[Command]


class Rejected(Exception):
    """`take` refuses this command for good (it cannot be understood or may not be run): it is passed over and shown."""


class NotNow(Exception):
    """`take` cannot run it yet (disk full, hall not open): the same command is offered again."""


Take = Callable[[Command], None]  # returns once the command is durable; raises Rejected or NotNow


class PullStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`after`: the last command that is durable here. `rejected`: the latest ones passed over, with the reason."""

    after: int = 0
    last_ok_at: int | None = None
    error: Lines | None = None
    rejected: tuple[tuple[int, str], ...] = ()


class Puller(Loop):
    """Commands for one store from one server; `take` runs in this thread."""

    def __init__(
        self,
        *,
        url: str,
        token: str,
        store: str,
        take: Take,
        cursor: Cursor,
        ca: Path | None = None,
        pace: Pace | None = None,
        wait_s: int = WAIT_S,
        rng: random.Random | None = None,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        super().__init__("pull", pace or Pace(), rng)
        self._url, self._token, self._store, self._ca = url.rstrip("/"), token, store, ca
        self._take, self._cursor, self._wait_s, self._now_ms = take, cursor, wait_s, now_ms
        self._session: http.Session | None = None
        self._guard = threading.Lock()
        self._status = PullStatus()

    def status(self) -> PullStatus:
        with self._guard:
            return self._status

    def opened(self) -> None:
        self._session = http.session(ca=self._ca, token=self._token)

    def interrupt(self) -> None:
        if (session := self._session) is not None:
            session.hang_up()

    def closed(self) -> None:
        if self._session is not None:
            self._session.close()

    def round(self) -> bool:
        assert self._session is not None, "round() runs between opened() and closed()"
        after = self._cursor.get()
        asked_at = time.monotonic()
        url = f"{self._url}/commands?store={self._store}&after={after}&wait_s={self._wait_s}"
        try:
            answer = http.call(self._session, "GET", url, deadline_s=self._wait_s + self.pace.deadline_s)
        except http.HttpError as error:
            raise Failed(error.text) from error
        commands = answers.read(answer, Commands).commands
        for command in commands:
            if command.id <= after:
                raise Failed(_text_order(command.id, after))
            self._hand_over(command)
            after = command.id
            if self.stopping:
                break
        self._tell(after=after, last_ok_at=self._now_ms(), error=None)
        # A server that answers "nothing" at once instead of waiting is not asked again at once.
        return bool(commands) or time.monotonic() - asked_at >= 1.0

    def failed(self, text: Lines) -> None:
        self._tell(error=text)

    def _hand_over(self, command: Command) -> None:
        try:
            self._take(command)
        except Rejected as error:
            self._tell(rejected=(*self.status().rejected, (command.id, str(error)[:200]))[-20:])
        except NotNow as error:
            raise Failed(
                Lines(
                    zh=f"命令 {command.id} 暂时无法执行（{error}），稍后重试。",
                    en=f"command {command.id} cannot be run yet ({error}); it will be tried again",
                )
            ) from error
        self._cursor.set(command.id)

    def _tell(self, **changes: object) -> None:
        with self._guard:
            self._status = msgspec.structs.replace(self._status, **changes)


def _text_order(got: int, after: int) -> Lines:
    return Lines(
        zh=f"中心发来的命令序号不对（{after} 之后收到 {got}），未执行。请检查中心的版本。",
        en=f"the server sent command {got} after {after} and it was not run; compare the releases on both sides",
    )
