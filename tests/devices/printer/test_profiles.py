"""Each model of the table: its sheet is made of commands the simulator knows, reads the same, and is cut or torn."""

from __future__ import annotations

import pytest
from PIL import ImageChops

from devices.ports import DONE
from devices.printer.driver import EscposPrinter
from devices.printer.escpos import Layout, compose
from devices.printer.profiles import PROFILES, UTF8_MODES, Profile
from devices.printer.render import draw
from devices.printer.simulator import PrinterSimulator
from devices.printer.text import encode, width

from .conftest import ticket


def layout_of(profile: Profile) -> Layout:
    return Layout(profile.columns, profile.charset, profile.qr, profile.cutter, profile.dots, profile.utf8)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_a_ticket_of_each_profile_is_printed_and_ends_where_it_is_taken(profile: Profile) -> None:
    assert profile.source and profile.zh and profile.en
    simulator = PrinterSimulator(port=0, columns=profile.columns, knife=profile.cutter != "none")
    simulator.start()
    printer = EscposPrinter(simulator.where, layout_of(profile), profile.confirm, profile.asb)
    printer.open()
    assert printer.print(ticket(), 5.0) == DONE
    assert printer.print(ticket("t2", "A002"), 5.0) == DONE
    printer.close()
    assert simulator.wait_sheets(2)
    assert simulator.state.unknown == ()
    assert [b"A001" in sheet.raw for sheet in simulator.sheets] == [True, False]
    simulator.stop()


@pytest.mark.parametrize("columns", [32, 48])
@pytest.mark.parametrize("mode", UTF8_MODES)
def test_a_sheet_in_utf8_looks_as_in_gb18030(columns: int, mode: str) -> None:
    national = draw(compose(ticket(), Layout(columns, "gb18030")), columns)
    unicode = draw(compose(ticket(), Layout(columns, "utf8", utf8=mode)), columns)  # type: ignore[arg-type]
    assert ImageChops.difference(national, unicode).getbbox() is None


def test_utf8_holds_the_same_characters_at_the_same_widths() -> None:
    text = "A001 三号 ￥¥ü ñ 🙂 㐀"
    assert encode(text, "utf8").decode() == "A001 三号 ￥￥ü n □ 㐀"
    assert width(text, "utf8") == width(text, "gb18030")


def test_full_cut_partial_cut_and_a_long_feed_to_tear() -> None:
    assert compose(ticket(), Layout(cutter="full")).endswith(b"\x1dVA\x00")
    assert compose(ticket(), Layout(cutter="partial")).endswith(b"\x1dVB\x00")
    assert compose(ticket(), Layout(cutter="none")).endswith(b"\x1bJ\x78")
