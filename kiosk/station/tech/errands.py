"""What the wizard has the station do: ask central, look for devices, put the configuration in force, test, issue, print.

Each errand may be run twice: a crash in the middle runs it again at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

import kiosk
from devices.catalog import Kind, catalog
from devices.ports import Outcome, not_done
from kiosk.config import ConfigError
from kiosk.config import box as boxes
from kiosk.config.durable import put
from kiosk.config.layers import load_box
from kiosk.domain.commands import Refused
from kiosk.domain.facts import Lines
from kiosk.effects.acceptance import Acceptance, Judged, acceptance_sheet
from kiosk.flows.wizard import APPLIES_MAX, Happened, Proposal, State, Verdict
from kiosk.station.tech import detect, network, ports
from kiosk.station.tech.desk import TESTS, WAITS
from kiosk.station.tech.files import wanted
from kiosk.station.tech.service import Tech
from kiosk.station.tech.trial_ticket import close_ticket, issue_and_call

LOOK_S = 30.0
LOOKING_AT_ONCE = 4
READY_S = 12.0  # how long a device that has just been put in force may take to be ready
READY_EVERY_S = 0.1


class Errands:
    def __init__(self, tech: Tech) -> None:
        self._tech = tech
        self._runs: dict[str, Callable[[State], Coroutine[Any, Any, Happened | None]]] = {
            "reach": self._reach,
            "pair": self._pair,
            "look": self._look,
            "apply": self._apply,
            "test": self._test,
            "ticket": self._ticket,
            "sheet": self._sheet,
        }

    async def run(self, state: State) -> Happened | None:
        """What `state.owes` came to; None when the station must start anew first."""
        try:
            return await self._runs[state.owes](state)
        except Refused as error:
            return Happened(ok=False, trouble=_joined(error.what, error.remedy))

    # --- central ---

    async def _reach(self, state: State) -> Happened:
        found = await asyncio.to_thread(network.reach, state.central)
        addresses = tuple(f"{a.interface} {a.address}" for a in await asyncio.to_thread(network.addresses))
        return Happened(ok=found.reachable, trouble=found.why, addresses=addresses)

    async def _pair(self, state: State) -> Happened:
        got = await asyncio.to_thread(network.pair, state.central, state.code, self._tech.pair_key(state.code))
        return Happened(station=got.station, name=got.name, token=got.token)

    # --- devices ---

    def others(self, klass: str, driver: str, where: str) -> tuple[str, ...]:
        """What else could stand on that line, those of the same class first."""
        fitting = [k for k in catalog().kinds.values() if where.startswith(k.schemes) and _plain(k)]
        fitting.sort(key=lambda k: k.klass != klass)
        return tuple(f"{k.klass}/{k.driver}" for k in fitting if (k.klass, k.driver) != (klass, driver))[:6]

    async def _look(self, state: State) -> Happened:
        """Every free port is asked, a few at a time; a line that was typed is offered also when nothing answers there."""
        known = {ports.line_of(p.where) for p in state.found}
        asked = [p.where for p in self._tech.desk.ports() if p.taken_by is None and p.where not in known]
        typed = str(state.answers.get("devices", {}).get("where", ""))
        if typed and ports.line_of(typed) not in known:
            asked.append(typed)
        gate = asyncio.Semaphore(LOOKING_AT_ONCE)
        trouble: list[Lines] = []

        async def one(where: str) -> list[Proposal]:
            async with gate:
                try:
                    found = await self._tech.desk.detect(where)
                except Refused as error:
                    if where == typed:
                        trouble.append(_joined(error.what, error.remedy))
                    return []
            return self._proposals(found, where, by_hand=where == typed)

        try:
            async with asyncio.timeout(LOOK_S):
                found = await asyncio.gather(*(one(where) for where in asked))
        except TimeoutError:
            return Happened(trouble=Lines(zh="查找超时，请再找一次。", en="Looking took too long: look again."))
        return Happened(
            found=_named([p for some in found for p in some], state), trouble=trouble[0] if trouble else None
        )

    def _proposals(self, found: detect.Detected, where: str, *, by_hand: bool) -> list[Proposal]:
        """One for a line: the first kind that answered, the others as choices."""
        if found.found:
            best = found.found[0]
            kind = catalog().get(best.klass, best.driver)
            return [
                Proposal(
                    id="",
                    klass=best.klass,
                    driver=best.driver,
                    where=best.where,
                    options=best.options,
                    name=Lines(zh=kind.zh, en=kind.en) if kind else Lines(zh=best.driver, en=best.driver),
                    why=Lines(zh=best.zh, en=best.en),
                    others=self.others(best.klass, best.driver, where),
                )
            ]
        kinds = [k for k in catalog().kinds.values() if where.startswith(k.schemes) and _plain(k)] if by_hand else []
        return [
            Proposal(
                id="",
                klass=kind.klass,
                driver=kind.driver,
                where=where,
                name=Lines(zh=kind.zh, en=kind.en),
                why=Lines(zh="没有应答；请选它是什么", en="nothing answered; choose what it is"),
                others=self.others(kind.klass, kind.driver, where),
            )
            for kind in kinds[:1]
        ]

    async def _apply(self, state: State) -> Happened | None:
        """In force once this process has begun with it; until then write it and start anew."""
        tech = self._tech
        try:
            files = await asyncio.to_thread(wanted, state, tech.text)
            await asyncio.to_thread(boxes.put, tech.config.folder, tech.data, files)
            version = (await asyncio.to_thread(load_box, tech.config.folder, tech.data)).version
        except ConfigError as error:
            text = "；".join(str(m) for m in error.mistakes[:3])
            return Happened(ok=False, trouble=Lines(zh=f"配置有误：{text}", en=f"The configuration is wrong: {text}"))
        except boxes.BoxError as error:
            return Happened(ok=False, trouble=error.text)
        if version == tech.config.version:
            return Happened()
        if state.applies > APPLIES_MAX:
            why = Lines(zh="重启后配置没有生效，请看自检。", en="The restart did not put it in force: see the checks.")
            return Happened(ok=False, trouble=why)
        await tech.acted("wizard_applied", "", version)
        tech.restart_soon()
        return None

    async def _test(self, state: State) -> Happened:
        id = state.step.partition(":")[2]
        proposal = next((p for p in state.found if p.id == id), None)
        tests = TESTS.get(proposal.klass, ()) if proposal is not None else ()
        await self._ready(id)
        if not tests:
            seen = next((s for s in self._tech.desk.devices() if s.device.id == id), None)
            well = seen is not None and seen.state in ("ready", "busy", "degraded")
            outcome = Outcome("done") if well else not_done(seen.detail if seen else "not there 没有这台设备")
            return _tested("open", outcome)
        what = tests[0]
        if what in WAITS and id not in state.tested:
            # A person must act within the time: the first time only says so.
            return _tested(
                what, not_done("press “once more”, then use it within 15 s 请按“再测一次”，在 15 秒内操作它")
            )
        result = await self._tech.test(id, what, _lang(state))
        return _tested(what, result.outcome)

    async def _ready(self, id: str) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + READY_S
        while loop.time() < until:
            seen = next((s for s in self._tech.desk.devices() if s.device.id == id), None)
            if seen is None or seen.state in ("ready", "degraded", "fault"):
                return
            await asyncio.sleep(READY_EVERY_S)

    # --- ticket and sheet ---

    async def _ticket(self, state: State) -> Happened:
        printer = self._tech.config.device("printer")
        await close_ticket(self._tech.keeper, state.ticket)
        number, outcome = await issue_and_call(
            self._tech.keeper,
            station=self._tech.config.station.id,
            printer=printer.id if printer else "",
            lang=_lang(state),
            key=f"wizard-{state.run}-{state.tickets}",
        )
        return Happened(ticket=number, tested=Verdict(what="ticket", outcome=outcome.kind, detail=outcome.detail))

    async def _sheet(self, state: State) -> Happened:
        tech = self._tech
        await close_ticket(tech.keeper, state.ticket)
        judged = [Judged(p.name, p.id, t.said if (t := state.tested.get(p.id)) else "") for p in state.found]
        said = state.ticket_test.said if state.ticket_test else ""
        accepted = Acceptance(
            hall=tech.config.plan.name,
            station=tech.config.station.id,
            name=state.name,
            release=kiosk.__version__,
            config=tech.config.version,
            central=tech.config.central.url,
            devices=judged,
            ticket=(state.ticket, said),
            at=tech.keeper.now(),
            utc_offset_min=tech.config.plan.utc_offset_min,
        )
        kept = msgspec.json.format(msgspec.json.encode(accepted))
        await asyncio.to_thread(put, tech.data / "acceptance.json", kept)
        if (printer := tech.config.device("printer")) is not None:
            await self._ready(printer.id)
        outcome = await tech.desk.print(acceptance_sheet(f"acceptance-{state.run}", accepted, _lang(state)))
        return Happened(tested=Verdict(what="sheet", outcome=outcome.kind, detail=outcome.detail))


def _lang(state: State) -> str:
    return str(state.answers.get("hall", {}).get("lang", "zh"))


def _joined(what: Lines, remedy: Lines) -> Lines:
    return Lines(zh=f"{what.zh}{remedy.zh}", en=f"{what.en} {remedy.en}")


def _tested(what: str, outcome: Outcome) -> Happened:
    return Happened(tested=Verdict(what=what, outcome=outcome.kind, detail=outcome.detail))


def _plain(kind: Kind) -> bool:
    """A kind that works without options a person must write: the others are set up in devices.toml."""
    try:
        kind.options()
    except TypeError:
        return False
    return True


def _named(found: list[Proposal], state: State) -> tuple[Proposal, ...]:
    """Ids: the class for the first of its class (counters name their sign by it), then with a number."""
    taken = {p.id for p in state.found}
    usual = {"sign": "signs"}
    named = []
    for proposal in found:
        base = usual.get(proposal.klass, proposal.klass)
        id = next(n for n in (base, *(f"{base}{i}" for i in range(2, 100))) if n not in taken)
        taken.add(id)
        named.append(msgspec.structs.replace(proposal, id=id))
    return tuple(named)
