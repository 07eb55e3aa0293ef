"""Telling a device's owner what happened: his mistake must not stop the device, and must not be lost either."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from devices.ports import Event, Health, Outcome
from devices.supervising import Errand

J = TypeVar("J")
_log = logging.getLogger(__name__)


class Owner(Generic[J]):
    """The callbacks of one owner, called from the device's thread. `last_bug`: what the last call that failed had raised."""

    def __init__(
        self,
        name: str,
        on_health: Callable[[Health], None],
        on_done: Callable[[J, Outcome], None],
        on_event: Callable[[Event], None] | None,
    ) -> None:
        self._name = name
        self._on_health, self._on_done, self._on_event = on_health, on_done, on_event
        self.last_bug = ""

    def health(self, health: Health) -> None:
        self._tell(lambda: self._on_health(health))

    def event(self, event: Event) -> None:
        on_event = self._on_event
        if on_event is not None:
            self._tell(lambda: on_event(event))

    def answer(self, job: J, outcome: Outcome) -> None:
        """A technician's errand is answered to whoever brought it."""
        if isinstance(job, Errand):
            self._tell(lambda: job.on_done(outcome))
        else:
            self._tell(lambda: self._on_done(job, outcome))

    def guarded(self, place: str, call: Callable[[], None]) -> None:
        """Somebody else's code, whose mistake must not be the caller's."""
        try:
            call()
        except Exception as error:  # noqa: BLE001 (shown by last_bug)
            self.last_bug = f"{type(error).__name__}: {error}"
            _log.error("device %s: exception in %s", self._name, place, exc_info=error)

    def _tell(self, callback: Callable[[], None]) -> None:
        self.guarded("a callback", callback)
