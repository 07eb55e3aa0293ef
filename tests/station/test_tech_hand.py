"""A test that waits for a person's hand: the wizard asks for it at once, sees it, and is red only after the wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from devices.ports import DONE, Outcome, not_done
from kiosk.domain.facts import Lines
from kiosk.flows.wizard import Known, Proposal, State
from kiosk.station.tech.desk import Tried
from kiosk.station.tech.wizard import Wizard

NAME = Lines(zh="按键器", en="keypad")
PAD = Proposal(id="keypad", klass="keypad", driver="frame", where="serial:///dev/a", name=NAME, why=NAME)
OWED = State(known=Known(hall=NAME, station="S1"), run="r", step="try:keypad", owes="test", found=(PAD,))


class Box:
    """What the wizard needs of the station: one keypad, and a hand that comes when the test says so."""

    def __init__(self, data: Path, state: str = "ready") -> None:
        self.data, self.restarting, self.desk = data, False, self
        self.state = state
        self.asked = 0
        self.hand: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def devices(self) -> list[Any]:
        return [SimpleNamespace(device=PAD, state=self.state, detail="cable out 线断了", reasons=())]

    async def test(self, id: str, what: str, lang: str) -> Tried:
        self.asked += 1
        outcome = await self.hand
        return Tried(outcome, {"key": "next", "address": 11} if outcome == DONE else None)


def run(story: Callable[[Path], Awaitable[None]], folder: Path) -> None:
    (folder / "wizard.json").write_bytes(msgspec.json.encode(OWED))
    asyncio.run(asyncio.wait_for(story(folder), 20))  # type: ignore[arg-type]


def notes(shown: Any) -> list[tuple[str, str]]:
    return [(n["state"], n["zh"]) for step in shown["steps"] for n in step["notes"]]


@pytest.mark.parametrize(
    ("outcome", "then"),
    [(DONE, ("ok", "收到了。")), (not_done("nothing came"), ("fail", "15 秒内没有收到，请看电源和接线。"))],
)
def test_the_hand_is_asked_for_at_once_and_the_note_turns_with_it(
    tmp_path: Path, outcome: Outcome, then: tuple[str, str]
) -> None:
    async def story(folder: Path) -> None:
        box = Box(folder)
        wizard = Wizard(cast(Any, box))
        wizard.open()
        begun = time.monotonic()
        ((state, text),) = notes(await wizard.view())
        assert time.monotonic() - begun < 2.0, "who is to press a key is told before the test has ended"
        assert state == "wait" and "现在" in text
        box.hand.set_result(outcome)
        assert notes(await wizard.view())[0] == then
        await wizard.close()

    run(story, tmp_path)


def test_nobody_is_asked_to_press_a_key_of_a_pad_that_is_away(tmp_path: Path) -> None:
    async def story(folder: Path) -> None:
        box = Box(folder, state="fault")
        wizard = Wizard(cast(Any, box))
        wizard.open()
        told = notes(await wizard.view())
        assert box.asked == 0
        assert told[0][0] == "fail" and ("info", "线断了") in told
        await wizard.close()

    run(story, tmp_path)
