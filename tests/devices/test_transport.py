"""A line keeps its deadlines, notices who went, and frees what it opened; over TCP, a pty and a device file."""

from __future__ import annotations

import os
import resource
import select
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devices.transport import (
    OPENERS,
    PIECE,
    BadAddress,
    Line,
    LineClosed,
    LineTimeout,
    Scheme,
    check_where,
    deadline_in,
    open_line,
)
from devices.wirelog import ENTRIES


def open_fds() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def peer() -> Iterator[tuple[Line, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = open_line(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        other, _ = server.accept()
        with other:
            other.settimeout(5.0)
            yield line, other
    line.close()


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("", "unknown kind of line"),
        ("http://a:1", "'http'"),
        ("tcp://", "host and a port"),
        ("tcp://printer", "host and a port"),
        ("tcp://printer:99999", "range"),
        ("tcp://printer:1/x", "host and a port"),
        ("serial://dev/ttyS0", "three slashes"),
        ("serial:///dev/ttyS0?baud=fast", "baud"),
        ("serial:///dev/ttyS0?parity=X", "parity"),
        ("serial:///dev/ttyS0?bits=9", "bits"),
        ("serial:///dev/ttyS0?speed=9600", "unknown option 'speed'"),
        ("serial:///dev/ttyS0?baud", "options cannot be read"),
        ("serial:///dev/ttyS0?flow=dtr", "flow"),
        ("file:///dev/usb/lp0?x=1", "no options"),
    ],
)
def test_an_address_nobody_can_mean_is_refused_and_says_why(where: str, names: str) -> None:
    with pytest.raises(BadAddress, match=names):
        check_where(where)
    with pytest.raises(BadAddress):
        open_line(where)


def test_a_good_address_is_checked_without_opening_it() -> None:
    for where in (
        "tcp://[::1]:9100",
        "serial:///dev/none?baud=19200&parity=E&bits=7&stop=2&flow=rtscts",
        "file:///dev/usb/lp9",
    ):
        check_where(where)


@pytest.mark.parametrize(
    "where", ["tcp://127.0.0.1:1", "serial:///dev/no-such-tty", "serial:///dev/null", "file:///dev/no-such-lp"]
)
def test_nobody_there_is_line_closed_with_where_and_remedy(where: str) -> None:
    before = open_fds()
    with pytest.raises(LineClosed, match="check the cable") as caught:
        open_line(where)
    assert where in str(caught.value)
    assert caught.value.reason == "unplugged"
    assert open_fds() == before


def test_bytes_go_both_ways_over_tcp(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    line.write(b"\x1b@", deadline_in(1))
    assert other.recv(10) == b"\x1b@"
    other.sendall(b"abc")
    assert line.read(2, deadline_in(1)) == b"ab"
    assert line.read_some(deadline_in(1)) == b"c"
    assert [entry.split(" ", 1)[1] for entry in line.hex_log()] == ["> 1B 40", "< 61 62 63"]


@pytest.mark.parametrize("scheme", ["serial", "file"])
def test_bytes_go_both_ways_over_a_pty(pty: tuple[int, str], scheme: str) -> None:
    before = open_fds()
    line = open_line(f"{scheme}://{pty[1]}")
    line.write("三号".encode("gbk"), deadline_in(1))
    assert os.read(pty[0], 10) == bytes.fromhex("c8fdbac5")
    os.write(pty[0], b"\x12")
    assert line.read(1, deadline_in(1)) == b"\x12"
    line.close()
    assert open_fds() == before


def test_answers_that_come_byte_by_byte_are_put_together(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer

    def drip() -> None:
        for byte in b"slow answer":
            other.sendall(bytes((byte,)))

    thread = threading.Thread(target=drip)
    thread.start()
    assert line.read(11, deadline_in(2)) == b"slow answer"
    thread.join()


def test_a_peer_that_does_not_read_ends_at_the_deadline_and_says_how_much_left(
    peer: tuple[Line, socket.socket],
) -> None:
    line, _ = peer
    began = time.monotonic()
    with pytest.raises(LineTimeout) as caught:
        line.write(bytes(20_000_000), deadline_in(0.3))
    assert time.monotonic() - began < 1.0
    assert 0 < caught.value.written < 20_000_000
    assert caught.value.written % PIECE == 0 or caught.value.written > PIECE


def test_a_silent_peer_ends_at_the_deadline_and_what_came_is_kept(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    other.sendall(b"x")
    with pytest.raises(LineTimeout, match="1 of 2"):
        line.read(2, deadline_in(0.1))
    assert line.read(1, deadline_in(0.1)) == b"x"
    assert line.read_some(deadline_in(0.05)) == b""


def test_the_first_write_after_the_peer_closed_already_fails(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    other.close()
    with pytest.raises(LineClosed) as caught:
        line.write(b"x" * 2000, deadline_in(1))
    assert caught.value.written <= PIECE


def test_an_unplugged_tty_is_line_closed() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    line = open_line(f"serial://{os.ttyname(slave)}")
    os.close(slave)
    os.close(master)
    with pytest.raises(LineClosed):
        line.read(1, deadline_in(1))
    with pytest.raises(LineClosed):
        line.write(b"x", deadline_in(1))
    line.close()


def test_drain_throws_away_what_came_unasked(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    other.sendall(b"old")
    assert line.read(1, deadline_in(1)) == b"o"
    assert line.drain_input() == b"ld"
    assert line.drain_input() == b""


def test_a_peer_that_floods_is_bounded(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    stop = threading.Event()

    def flood() -> None:
        try:
            while not stop.is_set():
                other.sendall(bytes(4096))
        except OSError:
            return

    thread = threading.Thread(target=flood)
    thread.start()
    line.read(1, deadline_in(1))
    assert len(line.drain_input()) <= 70_000
    stop.set()
    line.close()
    other.close()
    thread.join(5)
    assert not thread.is_alive()


def test_close_from_another_thread_ends_a_waiting_read(peer: tuple[Line, socket.socket]) -> None:
    line, _ = peer
    threading.Timer(0.05, line.close).start()
    began = time.monotonic()
    with pytest.raises(LineClosed):
        line.read(1, deadline_in(30))
    assert time.monotonic() - began < 2.0
    assert line.closed
    line.close()  # twice is once
    with pytest.raises(LineClosed):
        line.write(b"x", deadline_in(1))


def test_a_write_log_is_bounded(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    for _ in range(ENTRIES + 100):
        line.write(b"x", deadline_in(1))
    assert len(other.recv(1000)) > 0
    assert len(line.hex_log()) == ENTRIES


# --- waiting costs nothing, and can be ended ---------------------------------------------------------------------------


def in_a_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Start `work`; what it returned or raised is in the list when the thread has ended."""
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(work())
        except LineClosed as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


def until_it_waits(line: Line) -> None:
    """Until the line's thread is in a call; wake() and close() are to work from there on, wherever in the call it is."""
    deadline = time.monotonic() + 5
    while not line._in_use:  # type: ignore[attr-defined]
        assert time.monotonic() < deadline, "nobody reads"


def test_a_closed_line_ends_a_waiting_call_at_once(peer: tuple[Line, socket.socket]) -> None:
    line, _ = peer
    thread, ended = in_a_thread(lambda: line.read_some(deadline_in(30)))
    until_it_waits(line)
    began = time.monotonic()
    line.close()
    thread.join(5)
    assert time.monotonic() - began < 0.1
    assert isinstance(ended[0], LineClosed)


def test_wake_ends_a_waiting_read_some_with_nothing_and_the_line_lives(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    thread, ended = in_a_thread(lambda: line.read_some(deadline_in(30)))
    until_it_waits(line)
    line.wake()
    thread.join(5)
    assert ended == [b""]
    other.sendall(b"x")
    assert line.read(1, deadline_in(2)) == b"x"


def test_wake_before_the_call_counts_once_and_what_came_goes_first(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    line.wake()
    assert line.read_some(deadline_in(30)) == b""
    other.sendall(b"x")
    assert line.read(1, deadline_in(2)) == b"x"
    other.sendall(b"y")
    select.select([line._fd], [], [], 5)  # type: ignore[attr-defined]
    line.wake()
    assert line.read_some(deadline_in(30)) == b"y"
    assert line.read_some(deadline_in(30)) == b""


@pytest.mark.parametrize("question", ["write", "drain"])
def test_a_wake_from_before_does_not_cut_the_answer_to_a_question(
    peer: tuple[Line, socket.socket], question: str
) -> None:
    line, other = peer
    line.wake()
    if question == "write":
        line.write(b"?", deadline_in(1))
    else:
        line.drain_input()
    threading.Timer(0.05, other.sendall, (b"!",)).start()
    assert line.read_some(deadline_in(5)) == b"!"


def test_wake_does_not_end_a_read_of_so_many_bytes(peer: tuple[Line, socket.socket]) -> None:
    line, other = peer
    thread, ended = in_a_thread(lambda: line.read(2, deadline_in(5)))
    until_it_waits(line)
    line.wake()
    other.sendall(b"ab")
    thread.join(5)
    assert ended == [b"ab"]


def test_a_wake_of_a_closed_line_is_nothing(peer: tuple[Line, socket.socket]) -> None:
    line, _ = peer
    line.close()
    line.wake()
    assert line.closed


def test_an_idle_read_costs_nothing(peer: tuple[Line, socket.socket]) -> None:
    line, _ = peer
    used = time.thread_time()
    assert line.read_some(deadline_in(0.5)) == b""
    assert time.thread_time() - used < 0.005


def test_a_file_that_is_no_device_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(b"facts")
    with pytest.raises(BadAddress, match="not a device"):
        open_line(f"file://{file}")
    assert file.read_bytes() == b"facts"


def test_ten_thousand_opens_leave_no_descriptor(pty: tuple[int, str]) -> None:
    before = open_fds()
    for n in range(10_000):
        line = open_line(f"file://{pty[1]}")
        if n % 100 == 0:
            line.write(b"x", deadline_in(1))
            os.read(pty[0], 1)
        line.close()
    assert open_fds() == before


def test_a_line_for_which_no_descriptor_is_left_frees_what_it_had(pty: tuple[int, str]) -> None:
    before = open_fds()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(pty[0])
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 1, most[1]))  # room for the device, not for the bell
    try:
        with pytest.raises(LineClosed, match="Too many open files"):
            open_line(f"file://{pty[1]}")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, most)
    assert open_fds() == before


def test_a_package_can_bring_its_own_kind_of_line(pty: tuple[int, str]) -> None:
    lines = {
        **OPENERS,
        "mine": Scheme(lambda where, url: None, lambda where, url, log: open_line(f"file://{pty[1]}"), "mine://"),
    }
    check_where("mine://x", lines)
    line = open_line("mine://x", None, lines)
    line.write(b"x", deadline_in(1))
    assert os.read(pty[0], 1) == b"x"
    line.close()
    with pytest.raises(BadAddress, match="mine://"):
        check_where("yours://x", lines)
    with pytest.raises(BadAddress):
        check_where("mine://x")


def test_a_port_that_cannot_switch_an_rs485_line_says_so(pty: tuple[int, str]) -> None:
    before = open_fds()
    with pytest.raises(BadAddress, match="cannot switch an RS-485 line"):
        open_line(f"serial://{pty[1]}?rs485=on")
    assert open_fds() == before
    with pytest.raises(BadAddress, match="rs485"):
        check_where("serial:///dev/ttyS0?rs485=yes")
