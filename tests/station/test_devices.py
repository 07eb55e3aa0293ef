"""Printer, signs and voice fail in every way they can, at the end of real wires; the hall goes on, and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.glass.hall import DevicesHall, until

ROUNDS = 20


def soak(*values: str) -> Any:
    """The same with another fault: run by `make soak`."""
    return pytest.param(*values, marks=pytest.mark.soak)


SETTLED = ("done", "not_done", "unknown")


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevicesHall]:
    with DevicesHall(tmp_path_factory.mktemp("devices")) as made:
        for id in ("printer", "signs", "voice"):
            made.wait_device(id, "ready")
        made.at_counter(1, "open")
        yield made


@pytest.fixture(autouse=True)
def mended(hall: DevicesHall) -> Iterator[None]:
    """Each test finds all devices well."""
    yield
    hall.printer.clear_fault()
    hall.signs.set_fault("")
    hall.speaker.set_fault("")


def served(hall: DevicesHall) -> Any:
    """The hall goes on: the next customer is called to counter 1 and served. -> the ticket as it was called"""
    called = hall.at_counter(1, "next", {"holding": None})["ticket"]
    assert called is not None
    hall.at_counter(1, "start")
    hall.at_counter(1, "finish")
    return called


def numbers(hall: DevicesHall, since: int) -> list[str]:
    """The numbers on the whole tickets cut since; scraps that an interrupted job left are none."""
    fresh = hall.printer.state.sheets - since
    sheets = hall.printer.sheets[-fresh:] if fresh else []
    texts = [sheet.raw.decode("gb18030", "replace") for sheet in sheets]
    return [found[0] for text in texts if "/t/" in text and (found := re.search(r"[A-F]\d{3}", text))]


def next_one_prints(hall: DevicesHall) -> None:
    """The very next ticket comes out, and no other paper with a number does."""
    hall.printer.clear_fault()
    since = hall.printer.state.sheets
    ticket = hall.issue()
    hall.wait_print(ticket["id"], "done")
    hall.wait_device("printer", "ready")
    assert numbers(hall, since) == [ticket["number"]]


# --- the printer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["paper_end", soak("cover_open"), soak("cutter")])
def test_a_printer_in_trouble_before_a_ticket_is_told_and_prints_only_what_still_is_wanted(
    hall: DevicesHall, fault: str
) -> None:
    since = hall.printer.state.sheets
    hall.printer.set_fault(fault)
    hall.wait_device("printer", "fault", fault)
    ticket = hall.issue()
    served(hall)
    assert hall.ticket(ticket["id"])["print"] in ("asked", "not_done")
    hall.printer.clear_fault()
    outcome = hall.wait_print(ticket["id"], *SETTLED)
    assert numbers(hall, since) == ([ticket["number"]] if outcome == "done" else [])
    next_one_prints(hall)
    served(hall)


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        ("paper_end", "not_done", "paper_end"),
        soak("cover_open", "not_done", "cover_open"),
        soak("cutter", "not_done", "cutter"),
        ("unplugged", "unknown", "unplugged"),
    ],
)
def test_trouble_in_the_middle_of_a_ticket(hall: DevicesHall, fault: str, outcome: str, reason: str) -> None:
    since = hall.printer.state.sheets
    hall.printer.set_fault(fault, after_bytes=120)
    ticket = hall.issue()
    assert hall.wait_print(ticket["id"], *SETTLED) == outcome
    hall.wait_device("printer", "fault", reason)
    served(hall)
    # An unknown sheet may be there: the printer may have had all of it in its buffer when the cable went. A sheet that
    # was said to be not done never comes out later.
    assert numbers(hall, since) in ([[], [ticket["number"]]] if outcome == "unknown" else [[]])
    next_one_prints(hall)
    served(hall)


def test_trouble_after_a_ticket_leaves_it_printed(hall: DevicesHall) -> None:
    ticket = hall.issue()
    hall.wait_print(ticket["id"], "done")
    hall.printer.set_fault("paper_end")
    hall.wait_device("printer", "fault", "paper_end")
    assert hall.ticket(ticket["id"])["print"] == "done"
    served(hall)
    next_one_prints(hall)
    served(hall)


@pytest.mark.parametrize(
    ("fault", "reason"), [("unplugged", "unplugged"), soak("silent", "silent"), soak("deaf", "silent")]
)
def test_a_printer_that_is_gone_or_dumb_before_a_ticket(hall: DevicesHall, fault: str, reason: str) -> None:
    since = hall.printer.state.sheets
    hall.printer.set_fault(fault)
    ticket = hall.issue()
    served(hall)
    hall.wait_device("printer", "fault", reason)
    assert numbers(hall, since) == []
    hall.printer.clear_fault()
    outcome = hall.wait_print(ticket["id"], *SETTLED)
    assert numbers(hall, since) == ([ticket["number"]] if outcome == "done" else [])
    next_one_prints(hall)
    served(hall)


def test_a_printer_that_answers_one_byte_at_a_time_prints(hall: DevicesHall) -> None:
    hall.printer.set_fault("trickle")
    since = hall.printer.state.sheets
    ticket = hall.issue()
    hall.wait_print(ticket["id"], "done")
    assert numbers(hall, since) == [ticket["number"]]
    served(hall)


@pytest.mark.soak
def test_a_printer_that_takes_everything_and_never_answers_is_unknown_and_the_hall_goes_on(hall: DevicesHall) -> None:
    hall.printer.set_fault("mute", after_bytes=20)
    ticket = hall.issue()
    assert served(hall)["id"] == ticket["id"]  # while the printer is still being waited for
    other = hall.issue()
    assert served(hall)["id"] == other["id"]
    assert hall.wait_print(ticket["id"], *SETTLED, within_s=25) == "unknown"
    hall.wait_device("printer", "fault", "silent")
    hall.printer.clear_fault()
    hall.wait_print(other["id"], *SETTLED, within_s=35)
    next_one_prints(hall)
    served(hall)


# --- signs and voice ------------------------------------------------------------------------------------------------


def test_signs_that_were_unplugged_show_the_hall_as_it_is_when_they_are_back(hall: DevicesHall) -> None:
    first = hall.issue()
    hall.at_counter(1, "next", {"holding": None})
    assert until(lambda: first["number"] in hall.signs.showing[1], "the first number on the sign")
    hall.signs.set_fault("unplug")
    hall.wait_device("signs", "fault", "unplugged")
    hall.at_counter(1, "start")
    hall.at_counter(1, "finish")
    second = hall.issue()
    hall.at_counter(1, "next", {"holding": None})
    assert first["number"] in hall.signs.showing[1]  # nobody could tell it
    hall.signs.set_fault("")
    until(lambda: second["number"] in hall.signs.showing[1], "the present number on the sign", 35)
    hall.wait_device("signs", "ready")
    hall.at_counter(1, "start")
    hall.at_counter(1, "finish")


@pytest.mark.parametrize("fault", ["silent", soak("bad_ack")])
def test_signs_that_do_not_answer_rightly_are_told_and_painted_when_mended(hall: DevicesHall, fault: str) -> None:
    hall.signs.set_fault(fault)
    ticket = hall.issue()
    hall.at_counter(1, "next", {"holding": None})
    hall.wait_device("signs", "degraded", "silent")
    hall.signs.set_fault("")
    until(lambda: ticket["number"] in hall.signs.showing[1], "the number on the sign")
    hall.wait_device("signs", "ready")
    hall.at_counter(1, "start")
    hall.at_counter(1, "finish")


def heard(hall: DevicesHall, number: str) -> bool:
    return bool(next(call for call in hall.hall()["calls"] if call["number"] == number)["heard"])


@pytest.mark.parametrize("fault", [soak("unplug"), "refuse"])
def test_a_call_nobody_could_hear_is_on_record_and_a_mended_voice_is_heard(hall: DevicesHall, fault: str) -> None:
    hall.speaker.set_fault(fault)
    if fault == "unplug":
        hall.wait_device("voice", "fault", "unplugged")
    silent = hall.issue()
    hall.at_counter(1, "next", {"holding": None})
    # A voice that is away may come back in time to say it: 20 s.
    until(lambda: not heard(hall, silent["number"]), "the call told as not heard", 25)
    assert hall.ticket(silent["id"])["heard"] == 0
    hall.speaker.set_fault("")
    hall.wait_device("voice", "ready", within_s=35)
    last = hall.speaker.spoken[-1].at if hall.speaker.spoken else 0.0
    hall.at_counter(1, "recall")
    until(lambda: bool(hall.speaker.spoken) and hall.speaker.spoken[-1].at > last, "the second call at the speaker", 25)
    until(lambda: hall.ticket(silent["id"])["heard"] == 1, "the second call heard")
    hall.at_counter(1, "start")
    hall.at_counter(1, "finish")


# --- nothing is left behind -----------------------------------------------------------------------------------------


def kept(hall: DevicesHall) -> tuple[int, int]:
    """-> (threads, open files) of the station's process."""
    assert hall.process is not None
    proc = Path(f"/proc/{hall.process.pid}")
    return len(list((proc / "task").iterdir())), len(list((proc / "fd").iterdir()))


@pytest.mark.soak
def test_twenty_rounds_of_faults_leave_no_thread_and_no_file_open(hall: DevicesHall) -> None:
    before: tuple[int, int] | None = None
    for round in range(ROUNDS):
        cut = round % 5 == 0
        hall.printer.set_fault(
            "unplugged" if cut else ("paper_end", "cutter", "cover_open")[round % 3], after_bytes=0 if cut else 120
        )
        hall.signs.set_fault("unplug" if cut else "silent")
        hall.speaker.set_fault("refuse")
        ticket = hall.issue()
        served(hall)
        hall.wait_print(ticket["id"], "not_done", "unknown")
        hall.printer.clear_fault()
        hall.signs.set_fault("")
        hall.speaker.set_fault("")
        for id in ("printer", "signs"):
            hall.wait_device(id, "ready", within_s=35)
        if round == 2:
            before = kept(hall)
    assert before is not None
    settled = before
    until(lambda: kept(hall) <= settled or all(a <= b for a, b in zip(kept(hall), settled, strict=True)), "no growth")
