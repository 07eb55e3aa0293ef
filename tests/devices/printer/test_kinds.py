"""What devices.toml may say about a printer, and the printer that comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from devices.catalog import Site
from devices.ports import DONE
from devices.printer.cups import CupsPrinter
from devices.printer.driver import EscposPrinter
from devices.printer.kinds import KINDS, Options, layout_of
from devices.printer.pictures import BadPicture

from .conftest import drawing, ticket

KIND = KINDS[0]


def site(folder: Path, where: str = "tcp://127.0.0.1:1") -> Site:
    return Site("printer", where, folder, folder)


def slips(folder: Path, where: str = "tcp://127.0.0.1:1", **options: Any) -> list[str]:
    found = KIND.check(site(folder, where), msgspec.convert(options, Options))
    return [f"{slip.key}: {slip.what} {slip.remedy}" for slip in found]


def test_the_keys_of_the_demo_stay_valid(tmp_path: Path) -> None:
    assert slips(tmp_path, columns=48, charset="gb18030") == []
    made = KIND.make(site(tmp_path), Options(columns=48, charset="gb18030"))
    assert isinstance(made, EscposPrinter)
    assert (made.layout.columns, made.layout.charset, made.layout.qr) == (48, "gb18030", "native")


def test_the_profile_says_what_the_options_do_not() -> None:
    layout = layout_of(Options(profile="generic58", charset="gb18030"))
    assert (layout.columns, layout.charset, layout.qr, layout.cutter) == (32, "gb18030", "raster", "none")
    assert layout_of(Options(profile="epson-tm", columns=42)).columns == 42


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"profile": "epson"}, "profile: there is no profile “epson”. Use one of: generic80"),
        ({"columns": 100}, "columns: 100 is out of range. Use 24 to 72."),
        ({"logo": "none.png"}, "logo: “none.png”: logo “none.png” cannot be read"),
        ({"logo": "bad.png"}, "logo: “bad.png”: not a PNG that can be read"),
        ({"standin": "printer"}, "standin: a printer cannot stand in for itself."),
    ],
)
def test_an_option_that_means_nothing_is_named_with_its_remedy(
    tmp_path: Path, options: dict[str, Any], says: str
) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG but no more")
    (found,) = slips(tmp_path, **options)
    assert found.startswith(says)


def test_addresses_of_usb_and_cups_are_looked_at(tmp_path: Path) -> None:
    assert slips(tmp_path, "usb://04b8:0202?port=1-2") == slips(tmp_path, "cups:tickets") == []
    assert slips(tmp_path, "usb://4b8:202")[0].startswith("where: usb://4b8:202: usb needs the ids")
    assert slips(tmp_path, "cups:a b")[0].startswith("where: cups:a b: cups needs the name")
    assert slips(tmp_path, "cups:tickets", asb=True)[0].startswith("asb: CUPS does not pass on")
    assert all(where.startswith(KIND.schemes) for where in ("usb://04b8:0202", "cups:tickets", "file:///dev/usb/lp0"))


def test_a_queue_of_cups_makes_its_own_driver_and_others_get_the_opener(tmp_path: Path) -> None:
    assert isinstance(KIND.make(site(tmp_path, "cups:tickets"), Options()), CupsPrinter)
    (tmp_path / "logo.png").write_bytes(drawing(100, 40))
    made = KIND.make(site(tmp_path), Options(logo="logo.png", profile="epson-tm"))
    assert made.layout.logo == drawing(100, 40)  # type: ignore[attr-defined]
    (tmp_path / "logo.png").write_bytes(b"overwritten")
    with pytest.raises(BadPicture):
        KIND.make(site(tmp_path), Options(logo="logo.png"))


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:0", "pty:"])
def test_its_simulator_prints_what_the_driver_sends(tmp_path: Path, where: str) -> None:
    (tmp_path / "logo.png").write_bytes(drawing(100, 40))
    options = Options(profile="generic58", logo="logo.png")
    assert KIND.simulator is not None
    simulator = KIND.simulator(site(tmp_path, where), options)
    simulator.start()
    driver = KIND.make(site(tmp_path, simulator.where), options)
    driver.open()
    assert driver.print(ticket(), 5.0) == DONE  # type: ignore[attr-defined]
    simulator.set_fault("cover_open")
    assert simulator.active() == ("cover_open",)
    assert driver.probe().reasons == ("cover_open",)
    simulator.set_fault("cover_open", on=False)
    simulator.set_fault("paper_end_mid_job")
    assert simulator.active() == ("paper_end_mid_job",)
    assert driver.print(ticket(), 5.0).kind == "not_done"  # type: ignore[attr-defined]
    assert simulator.active() == ("paper_end",)
    simulator.set_fault("")
    assert simulator.active() == ()
    shown = simulator.shown()
    assert shown["presented"] and [paper["n"] for paper in shown["papers"]] == [1]
    for on in (True, False):
        with pytest.raises(ValueError, match=r"one of.*paper_low"):
            simulator.set_fault("smoke", on=on)
    assert ("half_close" in simulator.faults) == where.startswith("tcp")
    driver.close()
    simulator.stop()


def test_guided_detection_knows_the_answer_of_a_printer() -> None:
    (question,) = KIND.ask
    assert question.send == b"\x10\x04\x01"
    assert [question.matches(data) for data in (b"\x12", b"\x11\x16", b"", b"\x10\x04\x01", b"\x12\x12", b"OK")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    for sample in KIND.samples:
        for frame in sample.frames:
            sample.decode(frame)
