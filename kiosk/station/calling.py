"""Spoken calls. An announcement is a moment: spoken once, soon, by every voice of the counter's zone, or recorded as not heard.

One at a time in each zone, which is what a voice's own queue does; how many wait there decides whether it is shortened.
"""

from __future__ import annotations

import logging
from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from devices.ports import DeviceError, Outcome, Utterance
from kiosk.config import Config, Device
from kiosk.domain import facts as f
from kiosk.effects.speech import call_utterance
from kiosk.station.fleet import Fleet
from kiosk.station.keeper import Keeper

PREPARED_MAX = 400
BEST = ("done", "unknown", "not_done")  # heard by one voice of the zone is heard

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Announcement:
    ticket: str
    counter: int
    nth: int
    utterance: Utterance
    shortened: bool
    speaking: set[str] = field(default_factory=set)  # voices that have not ended yet
    outcomes: list[Outcome] = field(default_factory=list)


class Calling:
    def __init__(self, keeper: Keeper, config: Config, fleet: Fleet, record: Callable[[f.Fact], None]) -> None:
        self._keeper, self._config, self._fleet, self._record = keeper, config, fleet, record
        self._voices = fleet.of("voice")
        self._waiting: Tally[str] = Tally()
        self._prepared: set[tuple[str, str]] = set()
        self._preparer: ThreadPoolExecutor | None = None

    def open(self) -> None:
        if self._voices:
            self._preparer = ThreadPoolExecutor(1, thread_name_prefix="prepare-speech")
        self.prepare()

    async def close(self) -> None:
        if self._preparer is not None:
            self._preparer.shutdown(wait=False, cancel_futures=True)

    def _heard_at(self, counter: int) -> list[Device]:
        """The voices of a counter: those of its zone, and those of no zone, which all hear."""
        planned = self._config.plan.counter(counter)
        zone = planned.zone if planned else ""
        return [v for v in self._voices if not (own := getattr(v.options, "zone", "")) or not zone or own == zone]

    def call(self, ticket_id: str, counter: int, nth: int) -> None:
        ticket = self._keeper.hall.tickets.get(ticket_id)
        if ticket is None or not self._keeper.plan.voice:
            return  # without a voice it is on record with the call itself
        voices = self._heard_at(counter)
        waiting = max((self._waiting[v.id] for v in voices), default=0)
        utterance, shortened = call_utterance(ticket, counter, nth, waiting)
        announcement = Announcement(ticket_id, counter, nth, utterance, shortened)
        for voice in voices:
            if self._fleet.supervisors[voice.id].submit(announcement):
                announcement.speaking.add(voice.id)
                self._waiting[voice.id] += 1
        if not announcement.speaking:
            detail = "too many calls wait to be spoken" if voices else "no voice in this zone of the hall"
            self._tell(announcement, Outcome("not_done", detail))

    def spoken(self, voice: str, announcement: Announcement, outcome: Outcome) -> None:
        self._waiting[voice] -= 1
        announcement.speaking.discard(voice)
        announcement.outcomes.append(outcome)
        if not announcement.speaking:
            self._tell(announcement, min(announcement.outcomes, key=lambda o: BEST.index(o.kind)))

    def _tell(self, call: Announcement, outcome: Outcome) -> None:
        self._record(
            f.Announced(
                ticket=call.ticket,
                counter=call.counter,
                nth=call.nth,
                outcome=outcome.kind,
                shortened=call.shortened,
                detail=outcome.detail,
            )
        )

    def prepare(self) -> None:
        """Make the sound of the calls that can come next, so that none waits for its synthesis."""
        if self._preparer is None:
            return
        hall = self._keeper.hall
        for desk in list(hall.desks.values()):
            place = hall.line.head(hall.serves(desk.id)) if desk.state == "open" else None
            if place is None:
                continue
            utterance, _ = call_utterance(hall.tickets[place.ticket], desk.id, 1)
            said = "|".join(part.text for part in utterance.parts)
            for voice in self._heard_at(desk.id):
                if (voice.id, said) in self._prepared:
                    continue
                if len(self._prepared) >= PREPARED_MAX:
                    self._prepared.clear()
                self._prepared.add((voice.id, said))
                self._preparer.submit(self._make_sound, self._fleet.drivers[voice.id], utterance)

    def _make_sound(self, speaker: Any, utterance: Utterance) -> None:
        """In the preparing thread. A failure shows again, and on record, when the sentence is to be spoken."""
        try:
            speaker.prepare(utterance)
        except DeviceError as error:
            _log.warning("could not prepare %s: %s", utterance.job, error)
