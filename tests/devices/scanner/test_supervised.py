"""Listeners under their supervisor: what they tell arrives, they are lost once and back once, and stop leaves nothing."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devices.catalog import Kind, Site
from devices.contact.kinds import KINDS as CONTACTS
from devices.contact.kinds import Options
from devices.contact.pins import Input
from devices.idcard.kinds import KINDS as IDCARDS
from devices.idcard.kinds import NOBODY
from devices.ports import Contact, Event, Health, Outcome, Scanned, not_done
from devices.scanner.kinds import KINDS as SCANNERS
from devices.supervisor import Supervisor
from tests.devices.scanner.counting import nothing_left

DOOR = Options(input=(Input(name="door", line=17),))


def nothing_to_run(driver: Any, job: object) -> Outcome:
    return not_done("nothing")


@pytest.mark.parametrize(
    ("kind", "options", "do", "event"),
    [
        (SCANNERS[0], SCANNERS[0].options(), lambda s: s.scan("A001"), Scanned("A001")),
        (SCANNERS[1], SCANNERS[1].options(), lambda s: s.scan("A001"), Scanned("A001")),
        (IDCARDS[0], IDCARDS[0].options(), lambda s: s.lay_card(NOBODY), NOBODY),
        (CONTACTS[0], DOOR, lambda s: s.set_input("door", True), Contact("door", True)),
    ],
    ids=["serial scanner", "wedge", "card reader", "door"],
)
def test_events_arrive_and_a_lost_device_is_back_once_mended(
    tmp_path: Path, kind: Kind, options: Any, do: Callable[[Any], None], event: Event
) -> None:
    with nothing_left():
        assert kind.simulator is not None
        simulator = kind.simulator(Site("d", "tcp://127.0.0.1:0", tmp_path, tmp_path), options)
        simulator.start()
        healths: queue.Queue[Health] = queue.Queue()
        events: queue.Queue[Event] = queue.Queue()
        driver = kind.make(Site("d", simulator.where, tmp_path, tmp_path), options)
        supervisor = Supervisor(
            "d",
            driver,
            nothing_to_run,
            healths.put,
            lambda job, outcome: None,
            on_event=events.put,
            jitter=lambda s: 0.05,
        )
        supervisor.start()
        assert [healths.get(timeout=5).state for _ in range(2)] == ["starting", "ready"]
        do(simulator)
        assert events.get(timeout=5) == event
        simulator.set_fault("unplugged")
        lost = healths.get(timeout=5)
        assert (lost.state, lost.reasons) == ("backoff", ("unplugged",))
        simulator.set_fault("")
        assert healths.get(timeout=5).state == "ready"
        supervisor.stop()
        assert healths.get(timeout=5).state == "absent" and healths.empty() and events.empty()
        simulator.stop()
