"""The base of simulators: every fault of a wire really happens on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.tools.peer import Peer
from devices.transport import Line, LineClosed, LineError, deadline_in, open_line


@pytest.fixture(params=["tcp://127.0.0.1:0", "pty:"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    """Answers every read with what it got in brackets."""
    peer = Peer("p", "test", request.param, lambda data: b"<" + data + b">", lambda: {"well": True}, own=("own",))
    peer.start()
    yield peer
    peer.stop()


@pytest.fixture
def line(peer: Peer) -> Iterator[Line]:
    line = open_line(peer.where)
    yield line
    line.close()


def ask(line: Line, n: int, within_s: float = 2.0) -> bytes:
    line.write(b"abc", deadline_in(1.0))
    return line.read(n, deadline_in(within_s))


def test_a_well_peer_answers(peer: Peer, line: Line) -> None:
    assert ask(line, 5) == b"<abc>"
    assert peer.shown() == {"well": True}
    assert peer.active() == ()


def test_silence_is_silence_and_mending_ends_it(peer: Peer, line: Line) -> None:
    peer.set_fault("silent")
    line.write(b"abc", deadline_in(1.0))
    assert line.read_some(deadline_in(0.3)) == b""
    peer.set_fault("")
    assert ask(line, 5) == b"<abc>"


def test_slow_one_byte_echo_and_wrong_are_what_they_say(peer: Peer, line: Line) -> None:
    peer.set_fault("slow")
    line.write(b"abc", deadline_in(1.0))
    assert line.read_some(deadline_in(0.15)) == b""
    assert line.read(5, deadline_in(2.0)) == b"<abc>"
    peer.set_fault("")
    peer.set_fault("one_byte")
    line.write(b"abc", deadline_in(1.0))
    assert line.read_some(deadline_in(1.0)) == b"<"
    assert line.read(4, deadline_in(1.0)) == b"abc>"
    peer.set_fault("")
    peer.set_fault("echo")
    assert ask(line, 8) == b"abc<abc>"
    peer.set_fault("")
    peer.set_fault("wrong_checksum")
    assert ask(line, 5) == b"<abb>"


def test_unplugged_is_gone_and_comes_back_at_the_same_place(peer: Peer, line: Line) -> None:
    where = peer.where
    peer.set_fault("unplugged")
    with pytest.raises(LineClosed):
        line.read(1, deadline_in(2.0))
    with pytest.raises(LineError):
        open_line(where).close()
    peer.set_fault("unplugged", on=False)
    assert peer.where == where
    again = open_line(where)
    assert ask(again, 5) == b"<abc>"
    again.close()


def test_half_closed_says_goodbye(peer: Peer, line: Line) -> None:
    if "half_close" not in peer.faults:
        assert peer.where.startswith("serial://")
        return
    assert ask(line, 5) == b"<abc>"
    peer.set_fault("half_close")
    with pytest.raises(LineClosed):
        line.read(1, deadline_in(2.0))


def test_an_unknown_fault_is_answered_with_the_known_ones(peer: Peer) -> None:
    with pytest.raises(ValueError, match=r"silent, slow, .*own"):
        peer.set_fault("on_fire")
    peer.set_fault("own", address=3)
    assert (peer.has("own", 3), peer.has("own", 4)) == (True, False)


def test_what_is_pushed_arrives_unasked(peer: Peer, line: Line) -> None:
    assert ask(line, 5) == b"<abc>"
    peer.push(b"key")
    assert line.read(3, deadline_in(2.0)) == b"key"
