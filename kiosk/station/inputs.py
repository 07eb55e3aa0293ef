"""What devices tell by themselves -> commands and facts: a clerk's keys, customers' ratings, buttons and doors.

A key becomes the very command that the counter's page sends, with what the keypad showed as `holding`, so a bouncing key or a
press on both calls nobody twice. Codes and cards are personal: they are handed to whoever waits for one, and never kept here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from devices.ports import Contact, Event, Pressed, Rated
from kiosk.config import Config
from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.commands import Refused
from kiosk.journal.store import JournalError
from kiosk.station.keeper import Keeper, new_id

_log = logging.getLogger(__name__)

KEYS: dict[str, Callable[[int, str], c.Command]] = {
    "next": lambda n, holding: c.Next(counter=n, holding=holding or None),
    "recall": lambda n, holding: c.Recall(counter=n),
    "start": lambda n, holding: c.Start(counter=n),
    "finish": lambda n, holding: c.Finish(counter=n),
    "no_show": lambda n, holding: c.NoShow(counter=n),
    "open": lambda n, holding: c.OpenCounter(counter=n),
    "pause": lambda n, holding: c.PauseCounter(counter=n),
    "close": lambda n, holding: c.CloseCounter(counter=n),
}

ABOUT_A_TICKET = ("recall", "start", "finish", "no_show")  # `next` carries what it means itself


class Inputs:
    def __init__(
        self,
        keeper: Keeper,
        config: Config,
        record: Callable[[f.Fact], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._keeper, self._config, self._record, self._spawn = keeper, config, record, spawn
        self._counters = {
            (device.id, pad.address): pad.counter
            for device in config.devices
            if device.klass in ("keypad", "rating")
            for pad in device.options.pad
        }
        self._means = {
            (device.id, one.name): one.means
            for device in config.devices
            if device.klass == "contact"
            for one in device.options.input
        }

    def take(self, device: str, event: Event) -> None:
        """On the event loop."""
        if isinstance(event, Pressed | Rated):
            counter = self._counters.get((device, event.address))
            if counter is not None and isinstance(event, Pressed):
                self._spawn(self._press(counter, event, f"{device}-{event.press}"))
            elif counter is not None and isinstance(event, Rated):
                self._do(c.Rate(counter=counter, score=event.score), f"{device}-{event.press}")
        elif isinstance(event, Contact):
            self._contact(device, event)

    def _contact(self, device: str, event: Contact) -> None:
        means = self._means.get((device, event.name), "door")
        self._record(f.ContactChanged(device=device, name=event.name, means=means, active=event.active))
        if means == "button" and event.active:
            station = self._config.station.id
            self._do(c.CallGuide(call=new_id(), station=station, where=event.name), "")

    async def _press(self, counter: int, event: Pressed, key: str) -> None:
        """A key about a ticket means the one its clerk saw: on another, called meanwhile at the page, it is nothing."""
        ticket = self._keeper.hall.ticket_at(counter)
        if event.key in ABOUT_A_TICKET and event.holding != (ticket.number if ticket else ""):
            _log.info(
                "counter %s: %s meant %s, which is not there any more", counter, event.key, event.holding or "nobody"
            )
            return
        await self._submit(KEYS[event.key](counter, event.holding), key)

    def _do(self, command: c.Command, key: str) -> None:
        self._spawn(self._submit(command, key))

    async def _submit(self, command: c.Command, key: str) -> None:
        try:
            await self._keeper.submit(command, key)
        except Refused as refused:
            # The keypad's display goes on showing what is true, which is all it can say.
            _log.info("a key was refused: %s", refused)
        except JournalError as error:
            _log.error("a key could not be recorded: %s", error)
