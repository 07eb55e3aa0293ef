"""The screen goes on: faults of its own, a station that talks nonsense, a station that is away, a kill at any step."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.glass.hall import DevicesHall, until
from tests.glass.hostile import WRONG, Hostile
from tests.glass.panel import Panel

pytestmark = pytest.mark.soak  # real windows need a machine to themselves

USABLE_S = 2.0
# What a customer can do while nothing works: go to a counter, ask somebody.
TO_A_COUNTER = "到窗口取号"
TO_NUMBER = (("start", "home"), ("service:payment", "question"), ("choice:cash", "number"))


def issued(hall: DevicesHall) -> int:
    return sum(int(service["waiting"]) for service in hall.hall()["services"])


def seconds_to(panel: Panel, *steps: str, within_s: float = 10.0) -> float:
    begin = time.monotonic()
    panel.shows(*steps, within_s=within_s)
    return time.monotonic() - begin


# --- nonsense -------------------------------------------------------------------------------------------------------


def test_whatever_the_station_answers_the_screen_is_calm_and_usable_again_in_two_seconds(
    behind: Panel, proxy: Hostile
) -> None:
    for wrong in WRONG:
        proxy.mode = wrong
        behind.shows("offline")
        assert TO_A_COUNTER in behind.texts(), wrong
        proxy.mode = "pass"
        assert seconds_to(behind, "attract") < USABLE_S, wrong
    assert "Traceback" not in behind.said()
    behind.go(("start", "home"), ("service:enquiry", "number"))


def test_nonsense_in_answer_to_the_wish_for_a_number_gives_one_number(
    behind: Panel, proxy: Hostile, hall: DevicesHall
) -> None:
    proxy.only = "POST /tickets"
    for wrong in ("not_text", "too_deep", "error_500", "drop_answer", "cut", "garbage"):
        behind.home()
        before = issued(hall)
        proxy.mode = wrong
        behind.touch("service:enquiry")
        behind.shows("wait", "offline")
        proxy.mode = "pass"
        assert seconds_to(behind, "number") < USABLE_S, wrong
        assert issued(hall) == before + 1, wrong


def odd_choice(kiosk: Any) -> Any:
    """A question one of whose answers leads nowhere: a touch on it is a fault of the screen."""
    node = next(n for n in kiosk["plan"]["nodes"] if n["id"] == "pay")
    node["choices"][0]["goto"] = "nowhere"
    return {**kiosk, "version": "odd choice"}


def test_a_fault_in_a_callback_is_over_in_two_seconds_and_the_customer_knows_what_to_do(
    behind: Panel, proxy: Hostile
) -> None:
    proxy.twist = odd_choice
    proxy.mode = "error_500"
    behind.shows("offline")
    proxy.mode = "pass"
    behind.shows("attract")
    behind.go(("start", "home"), ("service:payment", "question"), ("choice:cash", "broken"))
    assert "到窗口取号" in behind.texts()
    assert "at a counter" in behind.texts()
    assert seconds_to(behind, "attract") < USABLE_S
    assert "fault of the screen" in behind.said()
    behind.go(("start", "home"), ("service:enquiry", "number"))


LONG = {"zh": "电" * 300, "en": "power " * 60}
MARKUP = {"zh": "[b]\x00\n\u202e[/", "en": "\u0000{}%s"}
ODD_PLANS: dict[str, Any] = {
    "no services": lambda plan: plan | {"services": []},
    "thirty services": lambda plan: plan | {"services": [plan["services"][0] | {"id": f"s{n}"} for n in range(30)]},
    "no questions": lambda plan: plan | {"nodes": []},
    "empty names": lambda plan: plan
    | {"name": {"zh": "", "en": ""}, "services": [s | {"name": {"zh": "", "en": ""}} for s in plan["services"]]},
    "endless names": lambda plan: plan | {"services": [s | {"name": LONG} for s in plan["services"]]},
    "unknown icon": lambda plan: plan | {"services": [s | {"icon": "../../etc/passwd"} for s in plan["services"]]},
    "markup": lambda plan: plan | {"services": [s | {"name": MARKUP} for s in plan["services"]]},
    "twenty choices": lambda plan: plan
    | {"nodes": [n | {"choices": (n.get("choices") or []) * 5} for n in plan["nodes"]]},
}  # fmt: skip


def test_an_odd_plan_never_ends_the_screen(behind: Panel, proxy: Hostile) -> None:
    for name, change in ODD_PLANS.items():
        proxy.twist = lambda kiosk, name=name, change=change: {**kiosk, "version": name, "plan": change(kiosk["plan"])}
        proxy.mode = "error_500"
        behind.shows("offline")
        proxy.mode = "pass"
        behind.shows("attract")
        behind.go(("start", "home"))
        if "service:payment" in behind.ids():
            behind.touch("service:payment")
            behind.shows("question", "number", "sorry", "broken")
        proxy.twist = lambda kiosk: {**kiosk, "version": "well"}
        assert behind.alive, name
        assert "fault of the screen" not in behind.said(), f"{name}:\n{behind.said()}"
        behind.home()
        behind.go(("back", "attract"))


# --- away -----------------------------------------------------------------------------------------------------------


def test_the_station_may_go_at_any_step_and_the_visit_goes_on(panel: Panel, hall: DevicesHall) -> None:
    panel.shows("attract")
    for to, calm, back in (
        ((), "offline", "attract"),
        (TO_NUMBER[:1], "offline", "home"),
        (TO_NUMBER[1:2], "offline", "question"),
        (TO_NUMBER[2:], "number", "number"),
    ):
        panel.go(*to)
        before = issued(hall)
        hall.kill()
        panel.shows(calm)
        if calm == "offline":
            assert TO_A_COUNTER in panel.texts()
        hall.start()
        assert seconds_to(panel, back) < USABLE_S
        assert issued(hall) == before
        assert panel.alive
    panel.go(("done", "home"))
    assert "fault of the screen" not in panel.said()


def test_the_station_killed_while_a_number_is_asked_for_gives_one_number_after_it_is_back(
    behind: Panel, proxy: Hostile, hall: DevicesHall
) -> None:
    behind.go(("start", "home"))
    before = issued(hall)
    proxy.only, proxy.mode = "POST /tickets", "drop_answer"  # done and on disk, but never heard of
    behind.touch("service:enquiry")
    behind.shows("wait", "offline")
    until(lambda: issued(hall) == before + 1, "the number on record")
    hall.kill()
    proxy.mode = "pass"
    behind.shows("offline")
    hall.start()
    assert seconds_to(behind, "number") < USABLE_S
    assert issued(hall) == before + 1


def test_the_screen_killed_at_any_step_is_usable_again(panel: Panel, hall: DevicesHall) -> None:
    panel.shows("attract")
    for touches in ((), TO_NUMBER[:1], TO_NUMBER[:2], TO_NUMBER):
        panel.go(*touches)
        before = issued(hall)
        panel.kill()
        begin = time.monotonic()
        panel.start()
        panel.shows("attract")
        assert time.monotonic() - begin < 5
        assert issued(hall) == before
    panel.home()
    panel.touch("service:enquiry")
    panel.kill()  # while it asks
    panel.start()
    panel.home()
    before = issued(hall)
    panel.go(("service:enquiry", "number"))
    assert issued(hall) == before + 1
