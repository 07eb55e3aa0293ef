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
from devices.trying import TESTS, WAITS
from kiosk.config import ConfigError
from kiosk.config import box as boxes
from kiosk.config.durable import put
from kiosk.config.layers import load_box
from kiosk.domain.commands import Refused
from kiosk.domain.facts import Lines
from kiosk.effects.acceptance import Acceptance, Judged, acceptance_sheet
from kiosk.flows.wizard import APPLIES_MAX, Happened, Proposal, State, Verdict
from kiosk.station.tech import detect, network, ports
from kiosk.station.tech.files import wanted
from kiosk.station.tech.service import Tech
from kiosk.station.tech.trial_ticket import close_ticket, close_tickets, issue_and_call

LOOK_S = 40.0
SILENT_MAX = 3  # silent ports that are offered
LOOKING_AT_ONCE = 4
READY_S = 12.0  # how long a device that has just been put in force may take to be ready
READY_EVERY_S = 0.1


class Errands:
    """`asks_hand` is told True while a test waits for a person to press, scan or lay a card, False after it."""

    def __init__(self, tech: Tech, asks_hand: Callable[[bool], None]) -> None:
        self._tech, self._asks_hand = tech, asks_hand
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
        got = await asyncio.to_thread(
            network.pair, state.central, state.code, self._tech.pair_key(state.code), _lang(state)
        )
        return Happened(station=got.station, name=got.name, token=got.token)

    # --- devices ---

    def others(self, klass: str, driver: str, where: str) -> tuple[str, ...]:
        """What else could stand on that line, those of the same class first."""
        fitting = [k for k in catalog().kinds.values() if where.startswith(k.schemes) and _plain(k)]
        fitting.sort(key=lambda k: k.klass != klass)
        return tuple(f"{k.klass}/{k.driver}" for k in fitting if (k.klass, k.driver) != (klass, driver))[:6]

    async def _look(self, state: State) -> Happened:
        """Every free port is asked, a few at a time; a line that was typed is offered also when nothing answers there, and a
        silent serial port may be a sign's. What is not finished in time is left for the next look."""
        known = {ports.line_of(p.where) for p in state.found}
        asked = [p.where for p in self._tech.desk.ports() if p.taken_by is None and p.where not in known]
        typed = str(state.answers.get("devices", {}).get("where", ""))
        if typed and ports.line_of(typed) not in known:
            asked.append(typed)
        gate = asyncio.Semaphore(LOOKING_AT_ONCE)
        found: list[Proposal] = []
        trouble: list[Lines] = []

        async def one(where: str) -> None:
            async with gate:
                try:
                    heard = await self._tech.desk.detect(where)
                except Refused as error:
                    if where == typed:
                        trouble.append(_joined(error.what, error.remedy))
                    return
            found.extend(self._proposals(heard, where, by_hand=where == typed))

        try:
            async with asyncio.timeout(LOOK_S):
                await asyncio.gather(*(one(where) for where in asked))
        except TimeoutError:
            trouble.append(
                Lines(
                    zh="有的端口没来得及查，可以再找一次。",
                    en="Some ports were not reached in time: you may look again.",
                )
            )
        found.sort(key=lambda p: (p.silent, asked.index(p.where) if p.where in asked else 0))
        silent = [p for p in found if p.silent][SILENT_MAX:]
        named = _named([p for p in found if p not in silent], state)
        return Happened(found=named, trouble=trouble[0] if trouble else None)

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
        signs = self._signs() if where.startswith("serial://") or by_hand else []
        if signs and not by_hand and not found.heard:
            return [
                Proposal(
                    id="",
                    klass="sign",
                    driver="frame",
                    where=where,
                    options={"frame": signs[0]},
                    name=Lines(zh="没有应答的端口", en="silent port"),
                    why=Lines(
                        zh="没有应答。叫号屏不会应答：接的是屏就选它的帧，测试时看屏。",
                        en="Silence, as of a sign: if one stands there choose its frame; the test then shows on it.",
                    ),
                    others=tuple(f"sign/frame@{frame}" for frame in signs[1:]),
                    silent=True,
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
                others=(*self.others(kind.klass, kind.driver, where)[:3], *(f"sign/frame@{frame}" for frame in signs))[
                    :6
                ],
            )
            for kind in kinds[:1]
        ]

    def _signs(self) -> list[str]:
        """The described frames of signs, as devices.toml names their files."""
        return [c.frame for c in detect.candidates(self._tech.config.folder)[0] if c.klass == "sign"]

    async def _apply(self, state: State) -> Happened | None:
        """In force once this process has begun with it; until then write it and start anew."""
        tech = self._tech
        try:
            files = await asyncio.to_thread(wanted, state, tech.text)
            await asyncio.to_thread(boxes.put, tech.config.folder, tech.data, files)
            version = (await asyncio.to_thread(load_box, tech.config.folder, tech.data)).version
        except ConfigError as error:
            zh, en = (" ".join(m.told(lang) for m in error.mistakes[:3]) for lang in ("zh", "en"))
            return Happened(ok=False, trouble=Lines(zh=f"配置有误：{zh}", en=f"The configuration is wrong: {en}"))
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
        if what not in WAITS:
            return _tested(what, (await self._tech.test(id, what, _lang(state))).outcome)
        if (ill := self._ill(id)) is not None:
            return _tested(what, not_done(ill))  # nobody is asked to press a key that cannot be heard
        self._asks_hand(True)
        try:
            result = await self._tech.test(id, what, _lang(state))
        finally:
            self._asks_hand(False)
        if result.outcome.kind != "done":
            return _tested(what, Outcome("not_done"))
        told = "  ".join(f"{name} {value}" for name, value in (result.seen or {}).items())
        return _tested(what, Outcome("done", told))

    def _ill(self, id: str) -> str | None:
        """What is wrong with a device that cannot be tested now."""
        seen = next((s for s in self._tech.desk.devices() if s.device.id == id), None)
        if seen is None:
            return "not there 没有这台设备"
        return (seen.detail or seen.state) if seen.state in ("absent", "fault", "backoff") else None

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
        await close_tickets(tech.keeper)
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
        base = "line" if proposal.silent else usual.get(proposal.klass, proposal.klass)
        id = next(n for n in (base, *(f"{base}{i}" for i in range(2, 100))) if n not in taken)
        taken.add(id)
        named.append(msgspec.structs.replace(proposal, id=id))
    return tuple(named)
