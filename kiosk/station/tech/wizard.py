"""The wizard at the station: keeps its state on the disk, runs what it owes, and takes its answers.

The order is the law: an answer is written down with the errand it leaves owed, then the errand is run, then its result is written
down, then the caller is answered. At a start what is owed is run again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from pathlib import Path
from typing import Any

import msgspec

import kiosk
from devices.catalog import catalog
from kiosk.config.durable import put
from kiosk.domain.facts import Lines
from kiosk.domain.refusals import refuse
from kiosk.flows import wizard as flow
from kiosk.flows import wizard_form as form
from kiosk.flows.wizard import BadAnswer, Happened, Known, Proposal, State
from kiosk.pin import hash_pin
from kiosk.station.doctor.setup import DEMO_TOKEN
from kiosk.station.tech.errands import Errands
from kiosk.station.tech.nearby import beginnings
from kiosk.station.tech.service import Tech
from kiosk.station.tech.trial_ticket import close_tickets
from kiosk.station.tech.wizard_now import now_of

TICKET_S = 180.0  # so long a test ticket may stand at its counter when nobody judges it
ANSWER_S = 45.0  # longest wait for what an answer leaves owed; it goes on beyond that
LOOK_S = 3.0

_log = logging.getLogger(__name__)


class Wizard:
    """Owned by the station's event loop; `open` after the devices have been started."""

    def __init__(self, tech: Tech) -> None:
        self._tech = tech
        self._path: Path = tech.data / "wizard.json"
        self._hand = asyncio.Event()  # set while a test waits for a person's hand
        self._errands = Errands(tech, lambda waits: self._hand.set() if waits else self._hand.clear())
        self._state: State | None = None
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._closed: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Reads the state and runs what is owed. A state that cannot be read begins anew."""
        try:
            self._state = msgspec.json.decode(self._path.read_bytes(), type=State)
        except FileNotFoundError:
            return
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("%s cannot be read and begins anew: %s", self._path, error)
            return
        self._work()
        self._mind_ticket()

    async def close(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        for task in (self._task, self._closed):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    # --- for the API ---

    async def view(self) -> dict[str, Any]:
        state = await self._now()
        await self._settled(LOOK_S)
        return self._shown(self._state or state)

    async def answer(self, step: str, given: dict[str, Any]) -> dict[str, Any]:
        """Raises Refused for a value that does not fit. An answer to another step than the current one changes nothing."""
        async with self._turn:
            state = await self._now()
            if step == state.step and not state.owes and step != "done":
                state = await self._take(state, given)
                await self._keep(state)
                self._work()
                if state.step == "done":
                    await self._tech.acted("accepted", "", state.station)
        await self._settled(ANSWER_S)
        return self._shown(self._state or state)

    async def restart(self) -> dict[str, Any]:
        """From the beginning, with what the box is set up as now."""
        async with self._turn:
            await self.close()
            await close_tickets(self._tech.keeper)
            await self._keep(self._begun())
            await self._tech.acted("wizard_started")
        return await self.view()

    # --- inside ---

    async def _now(self) -> State:
        if self._state is None:
            await self._keep(self._begun())
        assert self._state is not None
        return self._state

    def _begun(self) -> State:
        config = self._tech.config
        names = {f"{k.klass}/{k.driver}": Lines(zh=k.zh, en=k.en) for k in catalog().kinds.values()}
        why = Lines(zh="配置里已有", en="in the configuration")
        devices = tuple(
            Proposal(
                id=device.id,
                klass=device.klass,
                driver=device.driver,
                where=device.where,
                options=msgspec.to_builtins(device.options),
                name=names.get(f"{device.klass}/{device.driver}", Lines(zh=device.id, en=device.id)),
                why=why,
                others=self._errands.others(device.klass, device.driver, device.where),
            )
            for device in config.devices[: flow.DEVICES_MAX]
        )
        known = Known(
            hall=config.plan.name,
            station=config.station.id,
            central=config.central.url,
            paired=bool(config.central.token),
            demo=config.central.token == DEMO_TOKEN,
            nearby=beginnings(),
            devices=devices,
            release=kiosk.__version__,
        )
        return flow.begin(known, secrets.token_hex(8))

    async def _take(self, state: State, given: dict[str, Any]) -> State:
        try:
            checked = form.check(state, given)
            if state.step == "pins" and checked != flow.BACK:
                checked = {role: await asyncio.to_thread(hash_pin, str(checked[role])) for role in flow.PINS}
            if state.step == "touch" and (points := checked.get("points")):
                await self._tech.set_calibration(tuple(points["matrix"]))
            return flow.answer(state, checked)
        except BadAnswer as error:
            raise refuse(
                "bad_answer", error.what.zh, error.what.en, error.remedy.zh, error.remedy.en, error.field, 422
            ) from error

    async def _keep(self, state: State) -> None:
        await asyncio.to_thread(put, self._path, msgspec.json.encode(state))
        self._state = state

    def _work(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        if self._state is not None and self._state.owes and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name="wizard")
            self._task.add_done_callback(_said)

    async def _run(self) -> None:
        """What is owed, and what that leaves owed, until a person is asked again or the station starts anew."""
        if self._closed is not None:
            # Else it could close the counter between its opening for a new test ticket and that ticket's call.
            await asyncio.wait({self._closed})
        while self._state is not None and self._state.owes and not self._tech.restarting:
            state = self._state
            if state.owes == "apply":
                state = flow.replace(state, applies=state.applies + 1)
                await self._keep(state)
            happened = await self._errands.run(state)
            if happened is None:  # the station starts anew, and comes back to this
                return
            await self._keep(flow.took(state, happened))
        self._mind_ticket()

    def _mind_ticket(self) -> None:
        """A test ticket that nobody judges does not stay at its counter until the hall opens."""
        if self._state is not None and self._state.step == "ticket" and not self._state.owes:
            self._closing = asyncio.get_running_loop().call_later(TICKET_S, self._forget_ticket)

    def _forget_ticket(self) -> None:
        self._closed = asyncio.create_task(close_tickets(self._tech.keeper), name="wizard-ticket")
        self._closed.add_done_callback(_said)

    async def _settled(self, within_s: float) -> None:
        """Until nothing is owed, or a person's hand is waited for: who is to press a key must be told at once."""
        if self._task is None or self._task.done():
            return
        hand = asyncio.create_task(self._hand.wait())
        await asyncio.wait({self._task, hand}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        hand.cancel()

    def _shown(self, state: State) -> dict[str, Any]:
        now = now_of(state, self._tech.desk, self._hand.is_set())
        return {
            "step": state.step,
            "restarting": self._tech.restarting,
            "done": list(state.done),
            "answers": state.answers,
            "steps": [msgspec.to_builtins(step) for step in form.steps(state, now)],
        }


def _said(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("the wizard could not go on; answer again or restart the station", exc_info=error)


__all__ = ["Happened", "Wizard"]
