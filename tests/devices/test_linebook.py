"""The station's opener: one port for one device, buses by name, and logs that outlive a loss."""

from __future__ import annotations

import os
import socket
import tty
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from devices.bus.bus import Rs485Bus
from devices.bus.wire import timing
from devices.line import BadAddress, Line, LineClosed, deadline_in
from devices.linebook import LineBook, PortTaken, port_of
from devices.transport import OPENERS, Scheme, open_line


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


HALL = 825  # minutes: a place that this machine is hardly in


def clock() -> str:
    return f"{datetime.now(timezone(timedelta(minutes=HALL))):%H:%M:%S.%f}"[:-3]


@pytest.fixture
def server() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_a_port_is_refused_to_a_second_device_by_whatever_name(pty: tuple[int, str], tmp_path: Path) -> None:
    link = tmp_path / "by-path"
    link.symlink_to(pty[1])
    book = LineBook()
    line = book.opener("printer")(f"serial://{link}?baud=19200")
    for where in (f"serial://{pty[1]}", f"file://{pty[1]}", f"serial://{link}"):
        with pytest.raises(PortTaken, match="device “printer” has this port") as caught:
            book.opener("scanner")(where)
        assert caught.value.reason == "taken"
    line.close()
    book.opener("scanner")(f"serial://{pty[1]}").close()


def test_a_host_and_port_is_refused_too_another_port_is_not(server: str) -> None:
    book = LineBook()
    line = book.opener("printer")(server)
    with pytest.raises(PortTaken):
        book.opener("signs")(server)
    with socket.create_server(("127.0.0.1", 0)) as other:
        book.opener("signs")(f"tcp://127.0.0.1:{other.getsockname()[1]}").close()
    line.close()
    assert port_of("tcp://Printer:9100") == port_of("tcp://printer:9100")


def test_a_device_may_open_its_own_port_again_and_a_port_that_did_not_open_is_free(server: str) -> None:
    book = LineBook()
    book.opener("printer")(server).close()
    book.opener("printer")(server).close()
    gone = "serial:///dev/no-such-tty"
    with pytest.raises(LineClosed, match="cannot be opened"):
        book.opener("printer")(gone)
    with pytest.raises(LineClosed, match="cannot be opened"):  # and not “taken”
        book.opener("signs")(gone)
    with pytest.raises(BadAddress):
        book.opener("signs")("http://x")


def test_a_person_sees_who_stands_on_a_port_also_while_it_is_away(server: str) -> None:
    book = LineBook()
    assert book.taken_by(server) is None
    line = book.opener("printer")(server)
    assert book.taken_by(server) == "printer"
    line.close()
    assert book.taken_by(server) == "printer"
    signs = book.opener("signs")(server)
    assert book.taken_by(server) == "signs"  # who has it comes before who waits for it
    signs.close()
    book.forget("printer")
    book.forget("signs")
    assert book.taken_by(server) is None


def test_the_log_of_a_device_outlives_its_lines(pty: tuple[int, str]) -> None:
    book = LineBook()
    assert book.log("printer") == (0, [])
    for byte in (b"\x01", b"\x02"):
        line = book.opener("printer")(f"file://{pty[1]}")
        line.write(byte, deadline_in(1))
        line.close()
    assert [entry.split(" ", 1)[1] for entry in book.log("printer", all=True)[1]] == ["> 01", "> 02"]
    count, lines = book.log("printer", 1, all=True)
    assert (count, len(lines)) == (2, 1)


def test_the_first_exchange_is_told_once_when_it_is_over_and_in_the_halls_time(pty: tuple[int, str]) -> None:
    book = LineBook()
    line, began = book.opener("printer")(f"file://{pty[1]}"), clock()
    line.write(b"\x01", deadline_in(1))
    assert book.log("printer", utc_offset_min=HALL) == (0, []), "its answer may still come"
    os.write(pty[0], b"\x12")
    line.read(1, deadline_in(1))
    line.write(b"\x02", deadline_in(1))
    count, lines = book.log("printer", 0, utc_offset_min=HALL)
    assert (count, [entry.split(" ", 1)[1] for entry in lines]) == (2, ["> 01", "< 12"])
    assert all(began <= entry.split(" ")[0] <= clock() for entry in lines)
    assert book.log("printer", count, utc_offset_min=HALL) == (2, [])
    line.close()


def test_a_kind_of_line_from_elsewhere_is_known_to_the_book(pty: tuple[int, str]) -> None:
    made: list[Line] = []

    def mine(where: str, url: object, log: object) -> Line:
        made.append(open_line(f"file://{pty[1]}"))  # with a log of its own
        return made[-1]

    book = LineBook({**OPENERS, "usb": Scheme(lambda where, url: None, mine, "usb://04b8:0e15")})
    line, began = book.opener("printer")("usb://04b8:0e15"), clock()
    line.write(b"\x01", deadline_in(1))
    count, lines = book.log("printer", all=True, utc_offset_min=HALL)
    assert (count, [entry.split(" ", 1)[1] for entry in lines]) == (1, ["> 01"])
    assert began <= lines[0].split(" ")[0] <= clock()
    assert book.log("printer", count, all=True) == (1, []), "who follows is told each piece once"
    line.write(b"\x02", deadline_in(1))
    count, lines = book.log("printer", count, all=True)
    assert (count, [entry.split(" ", 1)[1] for entry in lines]) == (2, ["> 02"])
    count, lines = book.log("printer")
    assert (count, len(lines)) == (1, 1), "folded too: the last one may still have an answer"
    assert book.log("printer", count) == (1, [])
    with pytest.raises(PortTaken):
        book.opener("other")("usb://04b8:0e15")
    book.forget("printer")
    assert line.closed


def test_devices_on_a_bus_get_their_lines_from_it(pty: tuple[int, str]) -> None:
    book = LineBook()
    bus = Rs485Bus(f"serial://{pty[1]}", timing(9600), opener=book.opener("rs485"))
    with pytest.raises(LineClosed, match="there is no bus “rs485”"):
        book.opener("signs")("bus:rs485")
    book.add_bus("rs485", bus)
    with pytest.raises(LineClosed, match="the bus is not there"):
        book.opener("signs")("bus:rs485")
    bus.open()
    signs, keypads = book.opener("signs")("bus:rs485"), book.opener("keypads")("bus:rs485")
    signs.write(b"\x01", deadline_in(1))
    keypads.write(b"\x02", deadline_in(1))
    assert os.read(pty[0], 1) + os.read(pty[0], 1) == b"\x01\x02"
    assert book.standing_on("rs485") == ("signs", "keypads")
    assert [entry.split(" ", 1)[1] for entry in book.log("signs", all=True)[1]] == ["> 01"]
    assert [entry.split(" ", 1)[1] for entry in book.log("rs485", all=True)[1]] == ["> 01", "> 02"]
    with pytest.raises(PortTaken, match="rs485"):
        book.opener("scanner")(f"serial://{pty[1]}")
    bus.close()
    with pytest.raises(LineClosed):
        signs.write(b"\x01", deadline_in(1))


def test_the_book_is_bounded() -> None:
    book = LineBook()
    for n in range(256):
        with pytest.raises(LineClosed):
            book.opener(str(n))("serial:///dev/no-such-tty")
    with pytest.raises(LineClosed, match="more than 256"):
        book.opener("one more")("serial:///dev/no-such-tty")
