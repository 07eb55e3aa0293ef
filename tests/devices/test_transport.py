"""A line keeps its deadlines, notices who went, and frees what it opened; over TCP, a pty and a device file."""

from __future__ import annotations

import os
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.transport import (
    PIECE,
    BadAddress,
    Line,
    LineClosed,
    LineTimeout,
    check_where,
    deadline_in,
    open_line,
)


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
    for _ in range(600):
        line.write(b"x", deadline_in(1))
    assert len(other.recv(1000)) > 0
    assert len(line.hex_log()) == 256
