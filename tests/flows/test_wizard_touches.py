"""How often a technician touches the screen to bring a box into service of which nothing is known beforehand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kiosk.domain.facts import Lines
from kiosk.flows import wizard as w
from kiosk.flows.wizard import Happened, Known, Proposal, State, Verdict
from kiosk.flows.wizard_form import check, steps
from tests.flows.finger import Finger

NAME = Lines(zh="甲", en="a")
NEARBY = ("192.168.10.1", "192.168.10.", ".corp.example.cn")
BARE = Known(hall=Lines(zh="营业厅", en="Hall"), station="S1", nearby=NEARBY)
PINS = {"counter": "8642", "guide": "9753", "tech": "7531"}
CENTRAL = "https://yitai.corp.example.cn:8700"
PRINTER = "tcp://192.168.10.20:9100"


def device(id: str, klass: str, driver: str, where: str, **more: Any) -> Proposal:
    return Proposal(id=id, klass=klass, driver=driver, where=where, name=NAME, why=NAME, **more)


SIGN = device(
    "line",
    "sign",
    "frame",
    "serial:///dev/b",
    options={"frame": "signs/a.toml"},
    others=("sign/frame@signs/b.toml",),
    silent=True,
)
FOUND = (
    device("keypad", "keypad", "frame", "serial:///dev/a", options={"frame": "keypads/p.toml"}),
    device("voice", "voice", "espeak", "alsa:default"),
    SIGN,
)
AT_PRINTER = device("printer", "printer", "escpos", PRINTER)
WANTED: dict[str, dict[str, Any]] = {
    "network": {"url": CENTRAL},
    "pairing": {"code": "12345678"},
    "pins": PINS,
    "try": {"result": "yes"},
    "ticket": {"result": "yes"},
    "sheet": {"result": "yes"},
}


def wanted(state: State) -> dict[str, Any]:
    base = state.step.partition(":")[0]
    now = {f.id: f.default for f in next(s for s in steps(state) if s.id == state.step).fields}
    changed = dict(WANTED.get(base, {}))
    if base == "devices" and not any(p.id == "printer" for p in state.found):
        changed = {"where": PRINTER}
    elif base == "devices":
        changed = {"do": "go"} | ({"as:line": "sign/frame@signs/b.toml"} if "as:line" in now else {})
    return now | changed


def brought(state: State) -> Happened:
    first = not state.found
    tested = Verdict(what="show", outcome="done")
    found = FOUND if first and state.step == "pins" else (AT_PRINTER, SIGN)  # a port left silent is asked again
    return Happened(station="S7", name="东门", token="t" * 43, tested=tested, ticket="A001", found=found)


def through(finger: Finger, state: State, *, offers: bool = True) -> State:
    for _ in range(60):
        if state.step == "done":
            return state
        if state.owes:
            state = w.took(state, brought(state))
            continue
        told = steps(state)
        if not offers:
            told = tuple(
                msgspec.structs.replace(s, fields=tuple(msgspec.structs.replace(f, offers=()) for f in s.fields))
                for s in told
            )
        sent = finger.gives(told, state.step, wanted(state))
        assert sent == wanted(state)
        state = w.answer(state, check(state, sent))
    raise AssertionError(state.step)


def test_a_box_of_which_nothing_is_known_takes_few_touches() -> None:
    """An address is put together of pieces; devices are found, and what a silent port is takes two touches."""
    with_pieces, letters = Finger(), Finger()
    state = through(with_pieces, w.begin(BARE, "run"))
    through(letters, w.begin(BARE, "run"), offers=False)
    print(f"\nnothing known: {with_pieces.touches} touches; letter by letter {letters.touches}")
    kinds = ["keypad/frame@keypads/p.toml", "voice/espeak", "printer/escpos", "sign/frame@signs/b.toml"]
    assert [p.kind for p in state.found] == kinds
    assert state.central == CENTRAL
    assert with_pieces.touches <= 60
    assert with_pieces.touches <= letters.touches - 30


def test_what_is_known_beforehand_takes_fewer_than_forty() -> None:
    known = msgspec.structs.replace(BARE, central=CENTRAL, devices=(AT_PRINTER, *FOUND[:2]))
    finger = Finger()
    through(finger, w.begin(known, "run"))
    print(f"\nall known: {finger.touches} touches")
    assert finger.touches <= 40


@pytest.mark.parametrize(("typed", "wanted"), [("http://10.0.0.1:8700", "https://10.0.0.2:8700")])
def test_a_wrong_address_is_begun_anew_by_one_touch(typed: str, wanted: str) -> None:
    state = w.begin(msgspec.structs.replace(BARE, central=typed), "run")
    for answers in ({}, {}):
        given = {f.id: f.default for f in next(s for s in steps(state) if s.id == state.step).fields} | answers
        state = w.answer(state, check(state, given))
    finger = Finger()
    assert finger.gives(steps(state), "network", {"url": wanted}) == {"url": wanted}
    assert finger.touches == 1 + 1 + len("10.0.0.2") + 1 + 1  # the row, the beginning, the address, its port, OK
