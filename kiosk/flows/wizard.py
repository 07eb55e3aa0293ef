"""Bringing a bare box into service: which question comes next, what an answer makes the station do, and what then follows.

    hall ─> station ─> network ──reached──> pairing ─> pins ─> devices ─> try:d1 ─> try:d2 … ─> touch ─> ticket ─> sheet ─> done
                          │ └─no central─────────────> pins      │  ^        │ no
                          └─not reached: asked again             └──┘ look   └─> kind:d1 ─> try:d1

Law: `answer` changes the state and may leave an errand owed (`owes`); nothing is answered while one is owed. The station writes
the state down, runs the errand, and `took` says where that leads. So a crash at any moment loses no answer: what is owed is run
again at the next start, and each errand does no harm when it is run twice. The devices are put in force by one restart, and the
PINs before it, so that no station ever serves a hall with the PINs of the demo.

Pure: no clock, no randomness, no secrets (PINs arrive here as hashes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from kiosk.domain.facts import Lines

Outcome = Literal["done", "not_done", "unknown"]
DEVICES_MAX = 10  # on one page; a box with more is set up in devices.toml
APPLIES_MAX = 3  # times a configuration is put in force before the person is asked again
LEFT_OUT = "none"
WAITED = frozenset({"keypad", "rating", "scanner", "idcard", "contact"})  # classes whose test waits for a person's hand
WAIT_S = 15  # for that hand
PINS = ("counter", "guide", "tech")


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A device that is configured, or that answered at a port. `others`: further drivers it could be, as "class/driver", or as
    "class/driver@file" for one whose frames stand in that file. `silent`: nothing answered there; it is left out unless a person
    says what it is (a sign answers nobody)."""

    id: str
    klass: str
    driver: str
    where: str
    options: dict[str, Any] = {}
    name: Lines
    why: Lines
    others: tuple[str, ...] = ()
    silent: bool = False

    @property
    def kind(self) -> str:
        frame = self.options.get("frame")
        return f"{self.klass}/{self.driver}@{frame}" if frame else f"{self.klass}/{self.driver}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine says of the last test, and what the person says ("" until asked)."""

    what: str
    outcome: Outcome
    detail: str = ""
    said: Literal["", "yes", "no", "skip"] = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the box is set up as when the wizard begins."""

    hall: Lines
    station: str
    central: str = ""
    paired: bool = False
    demo: bool = False  # central is the demo's, beside this station
    devices: tuple[Proposal, ...] = ()
    release: str = ""
    nearby: tuple[str, ...] = ()  # what addresses of this network begin with


class State(msgspec.Struct, frozen=True, kw_only=True):
    known: Known
    run: str  # names this run of the wizard, in keys that make its errands harmless to repeat
    step: str = "hall"
    owes: str = ""
    done: tuple[str, ...] = ()
    answers: dict[str, dict[str, Any]] = {}
    addresses: tuple[str, ...] = ()
    trouble: Lines | None = None  # why the step is asked again
    station: str = ""
    name: str = ""  # of the station, as people call it
    central: str = ""
    code: str = ""  # while a pairing is owed
    token: str = ""  # from the pairing; gone from here when all is done, like the PINs
    pins: dict[str, str] = {}  # role -> argon2id hash
    found: tuple[Proposal, ...] = ()
    tested: dict[str, Verdict] = {}
    ticket: str = ""  # number of the test ticket
    ticket_test: Verdict | None = None
    sheet_test: Verdict | None = None
    applies: int = 0
    tickets: int = 0  # test tickets asked for


class BadAnswer(Exception):
    """An answer that does not fit; nothing changed. `field` is the id of the field."""

    def __init__(self, field: str, what: Lines, remedy: Lines) -> None:
        super().__init__(f"{field}: {what.en} {remedy.en}")
        self.field, self.what, self.remedy = field, what, remedy


Answer = dict[str, Any]
BACK: Answer = {"back": True}


def begin(known: Known, run: str) -> State:
    return State(known=known, run=run, station=known.station, central=known.central, found=known.devices)


# --- answers ---------------------------------------------------------------------------------------------------------


def answer(state: State, given: Answer) -> State:
    """The state after the answer to `state.step`; raises BadAnswer. The caller has checked the types (`wizard_form.check`)."""
    if state.owes:
        raise ValueError(f"{state.owes} is owed: nothing is answered now")
    state = replace(state, trouble=None)
    if given == BACK:
        return _back(state)
    base, _, _ = state.step.partition(":")
    before = state.step
    state = _ANSWER[base](state, given)
    kept = {name: value if name not in SECRET else True for name, value in given.items()}
    return _left(before, replace(state, answers={**state.answers, before: kept}))


def _left(step: str, state: State) -> State:
    """A step is done once another one is asked."""
    if state.step == step:
        return state
    return replace(state, done=(*(d for d in state.done if d not in (step, state.step)), step))


SECRET = frozenset({"counter", "guide", "tech", "code"})


def replace(state: State, **changes: Any) -> State:
    return msgspec.structs.replace(state, **changes)


def _hall(state: State, given: Answer) -> State:
    return replace(state, step="station")


def _station(state: State, given: Answer) -> State:
    id = str(given["id"])
    if not (id.isascii() and id.isalnum()):
        raise BadAnswer(
            "id",
            Lines(zh=f"“{id}”不能作站号。", en=f"“{id}” cannot be a station's number."),
            Lines(zh="请只用字母和数字，如 S1。", en="Use letters and digits only, like S1."),
        )
    return replace(state, step="network", station=id, name=str(given["name"]))


def _network(state: State, given: Answer) -> State:
    url = str(given["url"]).strip().rstrip("/")
    if not url:
        return replace(state, step="pins", central="")
    if not url.startswith(("http://", "https://")):
        raise BadAnswer(
            "url",
            Lines(zh=f"“{url}”不是中心地址。", en=f"“{url}” is not the address of a central."),
            Lines(
                zh="请以 https:// 开头；没有中心请留空。", en="Begin with https://; leave it empty if there is none."
            ),
        )
    return replace(state, central=url, owes="reach")


def _pairing(state: State, given: Answer) -> State:
    if code := str(given["code"]):
        return replace(state, owes="pair", code=code)
    if state.known.paired and state.central == state.known.central:
        return replace(state, step="pins")
    return replace(state, step="pins", central="")


def _pins(state: State, given: Answer) -> State:
    """`given` holds hashes here."""
    return replace(state, pins={role: str(given[role]) for role in PINS}, owes="look")


def _devices(state: State, given: Answer) -> State:
    chosen = tuple(as_chosen(p, str(given[f"as:{p.id}"])) for p in state.found)
    kept = tuple(p for p in chosen if p is not None)
    if given["do"] == "look" or given["where"]:
        return replace(state, found=kept, owes="look")
    return replace(state, found=kept, tested={}, applies=0, owes="apply")


def as_chosen(proposal: Proposal, kind: str) -> Proposal | None:
    """The proposal as "class/driver" says; None when it is left out. Options belong to a driver, so they go with it."""
    if kind == LEFT_OUT:
        return None
    if kind == proposal.kind:
        return msgspec.structs.replace(proposal, silent=False)
    klass, _, driver = kind.partition("/")
    driver, _, frame = driver.partition("@")
    return msgspec.structs.replace(
        proposal,
        klass=klass,
        driver=driver,
        options={"frame": frame} if frame else {},
        others=tuple(k for k in (proposal.kind, *proposal.others) if k != kind),
        silent=False,
    )


def _try(state: State, given: Answer) -> State:
    id = state.step.partition(":")[2]
    result = given["result"]
    if result == "again":
        return replace(state, owes="test")
    tested = state.tested.get(id, Verdict(what="", outcome="not_done"))
    state = replace(state, tested={**state.tested, id: msgspec.structs.replace(tested, said=result)})
    return replace(state, step=f"kind:{id}") if result == "no" else _next_device(state)


def _kind(state: State, given: Answer) -> State:
    id = state.step.partition(":")[2]
    chosen, where = str(given["as"]), str(given.get("where", "")).strip()
    if chosen == "keep":
        return _next_device(replace(state, step=f"try:{id}"))
    found: list[Proposal] = []
    for proposal in state.found:
        now = as_chosen(proposal, chosen) if proposal.id == id else proposal
        if now is not None:
            found.append(msgspec.structs.replace(now, where=where) if where and now.id == id else now)
    tested = {k: v for k, v in state.tested.items() if k != id}
    return replace(state, found=tuple(found), tested=tested, applies=0, owes="apply")


def _next_device(state: State) -> State:
    """To the first device nobody has judged yet; with none left, on to the touchscreen."""
    for proposal in state.found:
        tested = state.tested.get(proposal.id)
        if tested is None:
            return replace(state, step=f"try:{proposal.id}", owes="test")
        if not tested.said:
            return replace(state, step=f"try:{proposal.id}")
    return replace(state, step="touch")


def _touch(state: State, given: Answer) -> State:
    return replace(state, owes="ticket", tickets=state.tickets + 1)


def _ticket(state: State, given: Answer) -> State:
    if given["result"] == "again":
        return replace(state, owes="ticket", tickets=state.tickets + 1)
    if state.ticket_test is not None:
        said = msgspec.structs.replace(state.ticket_test, said=given["result"])
        state = replace(state, ticket_test=said)
    return replace(state, owes="sheet")


def _sheet(state: State, given: Answer) -> State:
    if given["result"] == "again":
        return replace(state, owes="sheet")
    if state.sheet_test is not None:
        said = msgspec.structs.replace(state.sheet_test, said=given["result"])
        state = replace(state, sheet_test=said)
    return replace(state, step="done", token="", pins={})


# Leads back to; what stands after the restart leads back to the choice of the devices.
BACK_TO = {
    "station": "hall",
    "network": "station",
    "pairing": "network",
    "pins": "network",
    "devices": "pins",
    "try": "devices",
    "kind": "devices",
    "touch": "devices",
}


def _back(state: State) -> State:
    to = BACK_TO.get(state.step.partition(":")[0])
    if to is None:
        raise BadAnswer(
            "back",
            Lines(zh="这一步不能退回。", en="This step cannot be taken back."),
            Lines(zh="要从头来请按“重新开始”。", en="To begin anew press “Start over”."),
        )
    return replace(state, step=to, done=tuple(d for d in state.done if d != to))


# --- what errands bring ----------------------------------------------------------------------------------------------


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """What an errand came to. `ok` and `trouble` for all; the rest for the one that brings it."""

    ok: bool = True
    trouble: Lines | None = None
    addresses: tuple[str, ...] = ()
    station: str = ""
    name: str = ""
    token: str = ""
    found: tuple[Proposal, ...] = ()
    tested: Verdict | None = None
    ticket: str = ""


def took(state: State, happened: Happened) -> State:
    """The state after the owed errand ended."""
    errand, before = state.owes, state.step
    return _left(before, _TOOK[errand](replace(state, owes="", trouble=happened.trouble), happened))


def _reached(state: State, happened: Happened) -> State:
    """A central that cannot be reached is asked for again: an empty address goes on without it."""
    state = replace(state, addresses=happened.addresses)
    return replace(state, step="pairing" if happened.ok else "network")


def _paired(state: State, happened: Happened) -> State:
    """Central's own name for the station holds: it takes in the facts of no other."""
    state = replace(state, code="")
    if not happened.ok:
        return state
    name = happened.name or state.name
    return replace(state, step="pins", station=happened.station, name=name, token=happened.token)


def _looked(state: State, happened: Happened) -> State:
    known = {p.where for p in state.found}
    fresh = tuple(p for p in happened.found if p.where not in known)
    return replace(state, step="devices", found=(*state.found, *fresh)[:DEVICES_MAX])


def _applied(state: State, happened: Happened) -> State:
    return _next_device(state) if happened.ok else replace(state, step="devices")


def _tested(state: State, happened: Happened) -> State:
    id = state.step.partition(":")[2]
    if happened.tested is None:
        return state
    return replace(state, tested={**state.tested, id: happened.tested})


def _ticketed(state: State, happened: Happened) -> State:
    return replace(state, step="ticket", ticket=happened.ticket, ticket_test=happened.tested)


def _sheeted(state: State, happened: Happened) -> State:
    return replace(state, step="sheet", sheet_test=happened.tested)


# --- the table -------------------------------------------------------------------------------------------------------

_ANSWER: dict[str, Callable[[State, Answer], State]] = {
    "hall": _hall,
    "station": _station,
    "network": _network,
    "pairing": _pairing,
    "pins": _pins,
    "devices": _devices,
    "try": _try,
    "kind": _kind,
    "touch": _touch,
    "ticket": _ticket,
    "sheet": _sheet,
}

_TOOK: dict[str, Callable[[State, Happened], State]] = {
    "reach": _reached,
    "pair": _paired,
    "look": _looked,
    "apply": _applied,
    "test": _tested,
    "ticket": _ticketed,
    "sheet": _sheeted,
}


def path(state: State) -> tuple[str, ...]:
    """All steps in order, also those to come."""
    tries: list[str] = []
    for proposal in state.found:
        tries.append(f"try:{proposal.id}")
        if state.step == f"kind:{proposal.id}":
            tries.append(state.step)
    pairing = ("pairing",) if state.central or state.step in ("hall", "station", "network") else ()
    return ("hall", "station", "network", *pairing, "pins", "devices", *tries, "touch", "ticket", "sheet", "done")
