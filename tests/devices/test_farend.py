"""The far end of a line as all simulators have it: who is let in, who hears what, in which order. Faults: see test_peer.py."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.farclient import Client, Saying
from devices.farend import FarEnd
from devices.line import Line, LineClosed, deadline_in
from devices.tools.peer import Peer
from devices.transport import open_line


@pytest.fixture
def far() -> Iterator[FarEnd]:
    far = FarEnd("far", "tcp://127.0.0.1:0")
    far.start()
    yield far
    far.stop()


def joined(far: FarEnd, so_many: int) -> Line:
    line = open_line(far.where)
    with far._changed:
        assert far._changed.wait_for(lambda: len(far._clients) == so_many, 5.0)
    return line


def test_four_hear_what_is_said_and_a_fifth_is_refused(far: FarEnd) -> None:
    lines = [joined(far, n) for n in (1, 2, 3, 4)]
    fifth = open_line(far.where)
    with pytest.raises(LineClosed):
        fifth.read(1, deadline_in(2))
    far.say(b"all")
    assert [line.read(3, deadline_in(2)) for line in lines] == [b"all"] * 4
    for line in (*lines, fifth):
        line.close()


def test_of_one_host_the_newest_wins_and_the_device_begins_anew() -> None:
    begun: list[str] = []
    peer = Peer("p", "test", "tcp://127.0.0.1:0", lambda data: data, lambda: None, reset=lambda: begun.append("anew"))
    peer.start()
    old = open_line(peer.where)
    old.write(b"a", deadline_in(1))
    assert old.read(1, deadline_in(2)) == b"a" and begun == []
    new = open_line(peer.where)
    with pytest.raises(LineClosed):
        old.read(1, deadline_in(2))
    new.write(b"b", deadline_in(1))
    assert new.read(1, deadline_in(2)) == b"b" and begun == ["anew"]
    old.close()
    new.close()
    peer.stop()


def test_who_reads_late_gets_all_of_it_up_to_the_limit(far: FarEnd) -> None:
    far.out_limit = 1 << 20
    said = bytes(n % 251 for n in range(far.out_limit + 7))
    host, port = far.where.removeprefix("tcp://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as sock, sock.makefile("rb") as late:
        assert far.wait_peer()
        far.say(said)  # returns although nobody reads
        assert late.read(far.out_limit) == said[: far.out_limit]
        far.say(b"next")
        assert late.read(4) == b"next"


@pytest.mark.parametrize(
    ("begun", "order"), [(0, ["quick", "late", "later"]), (1, ["late", "quick", "later"])], ids=["waiting", "begun"]
)
def test_what_is_due_first_goes_first_but_never_into_what_has_begun(begun: int, order: list[str]) -> None:
    client = Client(-1, None)
    client.put(Saying(5.0, b"late", 4, 0.0, begun))
    client.put(Saying(6.0, b"later", 5, 0.0))
    client.put(Saying(1.0, b"quick", 5, 0.0))
    assert [saying.data.decode() for saying in client.out] == order


def test_a_far_end_is_started_once_and_again_after_it_was_stopped_at_the_same_port(far: FarEnd) -> None:
    with pytest.raises(RuntimeError, match="far is already started"):
        far.start()
    where = far.where
    far.stop()
    far.stop()
    far.start()
    assert far.where == where
    open_line(where).close()


class Wounded(FarEnd):
    """Answers once, and pulls its own plug at the second word: all of it on its own thread."""

    def answer(self, client: Client, data: bytes) -> bytes:
        self.say(b"<")
        if data == b"b":
            self.set_fault("unplugged")
        return b">"


def test_the_thread_itself_may_speak_and_fail() -> None:
    far = Wounded("far", "tcp://127.0.0.1:0")
    far.start()
    line = open_line(far.where)
    line.write(b"a", deadline_in(1))
    assert line.read(2, deadline_in(2)) == b"<>"
    line.write(b"b", deadline_in(1))
    assert line.read(1, deadline_in(2)) == b"<"
    with pytest.raises(LineClosed):
        line.read(1, deadline_in(2))
    assert far.active() == ("unplugged",)
    line.close()
    far.stop()


def open_fds() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_pty_that_was_lost_is_made_anew_at_the_same_place_and_leaves_nothing_behind() -> None:
    before = open_fds()
    far = FarEnd("far", "pty:")
    far.start()
    thread = far._thread
    assert thread is not None

    def hang_up() -> None:
        """The terminal ends, as when its kernel driver goes: what reads or writes its master gets EIO."""
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, far._slave)
        os.close(null)

    far.on_thread(hang_up)
    with far._changed:
        assert far._changed.wait_for(lambda: not far._clients, 5.0)
    far.set_fault()
    assert thread.is_alive()
    line = open_line(far.where)
    far.say(b"back")
    assert line.read(4, deadline_in(2)) == b"back"
    line.close()
    far.stop()
    assert open_fds() == before


def test_on_and_address_are_named_so_that_neither_is_taken_for_the_other(far: FarEnd) -> None:
    with pytest.raises(TypeError):
        far.set_fault("silent", 3)  # type: ignore[arg-type,call-arg]
    assert far.active() == ()
