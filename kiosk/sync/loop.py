"""A thread that keeps trying: what push and pull have in common.

One round after another; a round that fails waits longer each time (with jitter, so that a hundred stations do not
come back in the same second), one that succeeds goes on at once or rests until it is woken.
"""

from __future__ import annotations

import random
import sqlite3
import threading
from abc import ABC, abstractmethod

import msgspec

from kiosk.domain.facts import Lines


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. `first_s` to `most_s`: the wait after failures, doubled each time, of which 50 to 100 % is taken.
    `rest_s`: how long an idle round rests unless woken. `deadline_s`: one request."""

    first_s: float = 1.0
    most_s: float = 30.0
    rest_s: float = 5.0
    deadline_s: float = 20.0

    def wait_s(self, failures: int, rng: random.Random) -> float:
        """How long to wait after this many failures in a row (1 or more)."""
        full = min(self.most_s, self.first_s * float(1 << min(failures - 1, 16)))
        return full * rng.uniform(0.5, 1.0)


class Failed(Exception):
    """A round that brought nothing: `text` is for people; the loop waits and tries again."""

    def __init__(self, text: Lines) -> None:
        super().__init__(text.en)
        self.text = text


class Loop(ABC):
    """`start()` runs `round()` in a thread of its own until `stop()`. Subclasses implement `round` and `failed`."""

    def __init__(self, name: str, pace: Pace, rng: random.Random | None = None) -> None:
        self.pace = pace
        self._name = name
        self._rng = rng or random.Random()
        self._over = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError(f"{self._name} runs already")
        self._over.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """-> whether the thread has ended. A request under way is broken off; what it would have brought is forgotten,
        which is safe: the receiver is the truth."""
        self._over.set()
        self._woken.set()
        self.interrupt()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                return False
            self._thread = None
        return True

    def wake(self) -> None:
        """There is news. Does not cut short the wait after a failure."""
        self._woken.set()

    @property
    def stopping(self) -> bool:
        return self._over.is_set()

    def opened(self) -> None:  # noqa: B027 (a hook: most loops have nothing to do)
        """In the thread, before the first round."""

    def interrupt(self) -> None:  # noqa: B027 (a hook: most loops have nothing to do)
        """From another thread: end what this loop waits for."""

    def closed(self) -> None:  # noqa: B027 (a hook: most loops have nothing to do)
        """In the thread, after the last round."""

    @abstractmethod
    def round(self) -> bool:
        """One try. -> True: go on at once; False: rest. Raises Failed."""

    @abstractmethod
    def failed(self, text: Lines) -> None:
        """A round failed."""

    def _run(self) -> None:
        failures = 0
        self.opened()
        try:
            while not self._over.is_set():
                self._woken.clear()
                try:
                    go_on = self.round()
                except Failed as error:
                    if self._over.is_set():
                        return  # broken off by stop(), which is no failure
                    self.failed(error.text)
                    failures += 1
                except (OSError, sqlite3.Error) as error:
                    self.failed(_text_disk(error))
                    failures += 1
                except BaseException as error:
                    self.failed(_text_bug(error))  # seen by staff; the thread ends
                    raise
                else:
                    failures = 0
                    if not go_on:
                        self._woken.wait(self.pace.rest_s)
                    continue
                self._over.wait(self.pace.wait_s(failures, self._rng))
        finally:
            self.closed()


def _text_disk(error: Exception) -> Lines:
    return Lines(
        zh=f"本机日志暂时无法读取（{error}），稍后重试。请检查磁盘。",
        en=f"the journal here cannot be read ({error}); it will be tried again. Look at the disk",
    )


def _text_bug(error: BaseException) -> Lines:
    return Lines(
        zh=f"同步因程序错误停止（{type(error).__name__}: {error}）。请重启本站并报告。",
        en=f"the sync stopped by a bug ({type(error).__name__}: {error}); restart this station and report it",
    )
