"""What the station makes of a key: the very command of the counter's page, about the ticket its clerk saw."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from devices.ports import Pressed
from kiosk.config import load
from kiosk.domain import commands as c
from kiosk.journal.store import Journal
from kiosk.station.inputs import Inputs
from kiosk.station.keeper import Keeper

CONFIG = load(Path(__file__).parents[2] / "config")
ADDRESS = next(d for d in CONFIG.devices if d.klass == "keypad").options.address_of(1)


@pytest.mark.parametrize("key", ["no_show", "finish", "start", "recall", "next"])
def test_a_key_means_the_ticket_that_its_display_showed(tmp_path: Path, key: Any) -> None:
    async def story() -> None:
        keeper = Keeper(Journal(tmp_path / "data", tmp_path / "data.key"), CONFIG.plan)
        await keeper.open()
        tasks: list[asyncio.Task[None]] = []

        def spawn(work: Coroutine[Any, Any, None]) -> None:
            tasks.append(asyncio.ensure_future(work))

        inputs = Inputs(keeper, CONFIG, lambda fact: None, spawn)
        for n in range(3):
            await keeper.submit(c.Issue(ticket=f"t{n}", service=CONFIG.plan.services[0].id))
        await keeper.submit(c.OpenCounter(counter=1))
        await keeper.submit(c.Next(counter=1, holding=None))
        seen = keeper.hall.ticket_at(1)
        assert seen is not None
        await keeper.submit(c.Next(counter=1, holding=seen.number))  # pressed on the counter's page
        now = keeper.hall.ticket_at(1)
        inputs.take("keypads", Pressed(ADDRESS, key, seen.number, "w1"))
        await asyncio.gather(*tasks)
        assert keeper.hall.ticket_at(1) is now
        assert now is not None and (now.state, now.calls) == ("called", 1)
        await keeper.close()

    asyncio.run(story())
