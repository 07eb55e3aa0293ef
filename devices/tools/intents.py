"""What each class of device is asked to do when it is tried: one intent with a bounded deadline, and the event to expect."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devices.catalog import Simulator
from devices.ports import (
    DeviceError,
    IdCard,
    KeypadText,
    Klass,
    Outcome,
    Paper,
    SignText,
    Speech,
    Text,
    Utterance,
    not_done,
)
from devices.tools.acting import act
from devices.transport import deadline_in

LISTENERS = ("keypad", "rating", "scanner", "idcard", "contact")


@dataclass(frozen=True, slots=True)
class Intent:
    """`use(driver, n) -> Outcome`: the n-th differs from the one before, so that its effect can be seen. `events`: what makes the
    simulator tell something, as words of its `do`."""

    deadline_s: float
    use: Callable[[Any, int], Outcome]
    events: tuple[tuple[str, ...], ...] = ()


def _print(driver: Any, n: int) -> Outcome:
    outcome: Outcome = driver.print(Paper(f"verify-{n}", (Text(f"{n:03d} 试验 test"),)), PRINT_S)
    return outcome


def _show(driver: Any, n: int) -> Outcome:
    outcome: Outcome = driver.show(SignText(1, f"{n % 1000:03d}"), SHOW_S)
    return outcome


def _say(driver: Any, n: int) -> Outcome:
    # A call, so that a voice of recorded clips can say it too; the figures make each one different.
    figures = f"{n % 1000:03d}"
    clips = ("words/please", "letters/A", *(f"digits/{c}" for c in figures), "words/to", "numbers/1", "words/counter")
    utterance = Utterance(f"verify-{n}", (Speech("zh", f"请 A{figures} 号到 1 号窗口"),), (clips,), chime=False)
    try:
        driver.prepare(utterance)
    except DeviceError as error:
        return not_done(str(error))
    outcome: Outcome = driver.say(utterance, SAY_S)
    return outcome


def _keypad(driver: Any, n: int) -> Outcome:
    outcome: Outcome = driver.show(KeypadText(1, f"A{n % 1000:03d}", n % 10), SHOW_S)
    return outcome


def _rating(driver: Any, n: int) -> Outcome:
    outcome: Outcome = driver.ask(1, SHOW_S)
    return outcome


def _photo(driver: Any, n: int) -> Outcome:
    jpeg: bytes = driver.photo(PHOTO_S)
    return Outcome("done") if jpeg[:3] == b"\xff\xd8\xff" else Outcome("unknown", "no JPEG")


def _contacts(driver: Any, n: int) -> Outcome:
    return Outcome("done", ", ".join(driver.active()))


PRINT_S, SHOW_S, SAY_S, PHOTO_S = 4.0, 1.5, 8.0, 4.0
INTENTS: dict[Klass, Intent] = {
    "printer": Intent(PRINT_S, _print),
    "sign": Intent(SHOW_S, _show),
    "voice": Intent(SAY_S, _say),
    "keypad": Intent(SHOW_S, _keypad, (("press", "1", "next"), ("press", "next"))),
    "rating": Intent(SHOW_S, _rating, (("press", "1", "5"), ("rate", "1", "5"), ("rate", "5"))),
    "camera": Intent(PHOTO_S, _photo),
    "contact": Intent(SHOW_S, _contacts, (("toggle",), ("set_input", "door", "on"), ("press",))),
    "scanner": Intent(SHOW_S, lambda driver, n: Outcome("done"), (("scan", "6901234567892"),)),
    "idcard": Intent(SHOW_S, lambda driver, n: Outcome("done"), (("card",),)),
}


def make_event(simulator: Simulator, intent: Intent) -> bool:
    """Whether the simulator understood one of the words."""
    for words in intent.events:
        try:
            act(simulator, *words)
            return True
        except (ValueError, TypeError, KeyError):
            continue
    lay_card = getattr(simulator, "lay_card", None)
    if lay_card is not None:
        lay_card(IdCard("张三", "11010519491231002X", "男", "1949-12-31", "北京市", "long"))
    return lay_card is not None


def hear(driver: Any, simulator: Simulator, intent: Intent, within_s: float = 3.0) -> bool | None:
    """Whether an event made at the other end arrives; None when the simulator cannot make one."""
    if not make_event(simulator, intent):
        return None
    end = deadline_in(within_s)
    return driver.listen(end) is not None


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Run `work`; its answer or its exception ends up in the list."""
    out: list[object] = []

    def main() -> None:
        try:
            out.append(work())
        except Exception as error:  # noqa: BLE001 (handed to who judges it)
            out.append(error)

    thread = threading.Thread(target=main, name="verify-call", daemon=True)
    thread.start()
    return thread, out
