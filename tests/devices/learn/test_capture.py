"""Hex lines as people and programs write them."""

from __future__ import annotations

import threading

import pytest

from devices.learn.capture import BadCapture, Piece, listen, read_capture, write_capture
from devices.tools.peer import Peer
from devices.transport import open_line


def test_every_form_of_a_line_is_read() -> None:
    text = """
    # what the vendor's tool sent
    12.345 > 7E 12 03    # to sign 3
    12.400 < 7e0d
    > AA:BB
    00 01 02
    """
    assert read_capture(text) == [
        Piece(b"\x7e\x12\x03", 12.345, ">"),
        Piece(b"\x7e\x0d", 12.4, "<"),
        Piece(b"\xaa\xbb", None, ">"),
        Piece(b"\x00\x01\x02"),
    ]


def test_what_is_written_is_read_again() -> None:
    pieces = [Piece(b"\x7e\x01", 0.5, ">"), Piece(b"\x06", 0.75, "<"), Piece(b"\x12\x34")]
    assert read_capture(write_capture(pieces)) == pieces


@pytest.mark.parametrize("line", ["hello", "12.5 >", "7E 0", "7E 1G"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(BadCapture, match=r"tool\.txt:2"):
        read_capture(f"7E 01\n{line}\n", "tool.txt")


def test_listening_hears_everything_and_sends_nothing() -> None:
    got: list[bytes] = []
    connected = threading.Event()

    def answer(data: bytes) -> bytes:
        got.append(data)
        connected.set()
        return b""

    peer = Peer("tool", "sign", "tcp://127.0.0.1:0", answer, lambda: None)
    peer.start()
    line = open_line(peer.where)
    try:
        line.write(b"x", float("inf"))  # so that the peer knows of us before it talks
        assert connected.wait(5)
        peer.push(b"\x7e\x01\x0d")
        heard: list[Piece] = []
        pieces = listen(line, 10.0, lambda: sum(len(p.data) for p in heard) >= 3, heard.append)
        assert b"".join(piece.data for piece in pieces) == b"\x7e\x01\x0d"
        assert got == [b"x"]
    finally:
        line.close()
        peer.stop()
