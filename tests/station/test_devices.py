"""Printer, signs and voice fail in every way they can, at the end of real wires; the hall goes on, and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.glass.hall import DevicesHall

ROUNDS = 20


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevicesHall]:
    with DevicesHall(tmp_path_factory.mktemp("devices")) as made:
        for id in ("printer", "signs", "voice"):
            made.wait_device(id, "ready")
        for n in (1, 2):
            made.at_counter(n, "open")
        yield made


@pytest.fixture(autouse=True)
def mended(hall: DevicesHall) -> Iterator[None]:
    """Each test finds all devices well and nobody waiting."""
    yield
    hall.printer.clear_fault()
    hall.signs.set_fault("")
    hall.speaker.set_fault("")


def calls_on(hall: DevicesHall, counter: int = 1) -> str:
    """The hall goes on calling: the next customer is called and served. -> the number"""
    called = hall.at_counter(counter, "next", {"holding": None})["ticket"]
    hall.at_counter(counter, "start")
    hall.at_counter(counter, "finish")
    return str(called["number"])


def prints_again(hall: DevicesHall) -> None:
    """The next ticket comes out whole, and it is the only paper that does."""
    hall.printer.clear_fault()
    hall.wait_device("printer", "ready")
    before = hall.printer.state.sheets
    ticket = hall.issue()
    hall.wait_print(ticket["id"], "done")
    assert whole_sheets(hall, before) == [ticket["number"]]
    calls_on(hall)


def whole_sheets(hall: DevicesHall, before: int) -> list[str]:
    """The numbers on the sheets cut since, scraps without a number left out."""
    sheets = hall.printer.sheets[before - hall.printer.state.sheets or len(hall.printer.sheets) :]
    texts = [sheet.raw.decode("gb18030", "replace") for sheet in sheets]
    return [found[0] for text in texts if (found := re.search(r"[A-F]\d{3}", text)) and "号" in text]


# --- the printer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "reason"), [("paper_end", "paper_end"), ("cover_open", "cover_open"), ("cutter", "cutter")]
)
def test_trouble_before_a_ticket_is_told_and_no_stale_ticket_comes_out(
    hall: DevicesHall, fault: str, reason: str
) -> None:
    hall.printer.set_fault(fault)
    hall.wait_device("printer", "fault", reason)
    before = hall.printer.state.sheets
    ticket = hall.issue()
    calls_on(hall)
    hall.at_counter(2, "next", {"holding": None})
    hall.printer.clear_fault()
    hall.wait_print(ticket["id"], "done", "not_done")
    prints_again(hall)
    assert len(whole_sheets(hall, before)) <= 2
