"""A network camera's answer → frames, one byte at a time and all at once, as cameras really write it."""

import pytest

from devices.camera.kinds import frames
from devices.camera.multipart import FRAME_LIMIT, HEAD_LIMIT, BadStream, Stream

OK = b"HTTP/1.0 200 OK\r\n"
MULTI = OK + b"Server: x\r\nContent-Type: multipart/x-mixed-replace;boundary="


def part(boundary: bytes, body: bytes, length: bool = True) -> bytes:
    size = b"Content-Length: %d\r\n" % len(body) if length else b""
    return b"--" + boundary + b"\r\nContent-Type: image/jpeg\r\n" + size + b"\r\n" + body + b"\r\n"


def by_bytes(data: bytes) -> list[bytes]:
    stream = Stream()
    found = [frame for byte in data for frame in stream.feed(bytes((byte,)))]
    return found + stream.ended()


@pytest.mark.parametrize(
    "data",
    [
        MULTI + b"abc\r\n\r\n" + part(b"abc", b"one") + part(b"abc", b"two") + b"--abc--\r\n",
        MULTI + b'"abc"; x=y\r\n\r\n\r\n' + part(b"abc", b"one") + part(b"abc", b"two"),
        MULTI + b"--abc\r\n\r\n" + part(b"abc", b"one") + part(b"abc", b"two"),
        MULTI + b"--abc\r\n\r\n" + part(b"--abc", b"one") + part(b"--abc", b"two"),
        MULTI + b"abc\r\n\r\n" + part(b"abc", b"one", False) + part(b"abc", b"two", False) + b"--abc",
        (MULTI + b"abc\r\n\r\n" + part(b"abc", b"one") + part(b"abc", b"two")).replace(b"\r\n", b"\n"),
    ],
)
def test_streams_as_cameras_write_them(data: bytes) -> None:
    assert frames(data) == [b"one", b"two"]
    assert by_bytes(data) == [b"one", b"two"]


def test_a_picture_that_holds_the_boundary_is_whole_when_its_length_is_said() -> None:
    assert frames(MULTI + b"abc\r\n\r\n" + part(b"abc", b"o--abc\r\n\r\nne")) == [b"o--abc\r\n\r\nne"]


def test_one_picture_by_length_and_by_the_end_of_the_connection() -> None:
    assert by_bytes(OK + b"Content-Type: image/jpeg\r\nContent-Length: 3\r\n\r\nonemore") == [b"one"]
    assert by_bytes(OK + b"content-type: IMAGE/JPEG; q=1\r\n\r\none") == [b"one"]
    assert by_bytes(OK + b"Content-Type: image/jpeg\r\nContent-Length: 9\r\n\r\none") == []


def test_a_refusal_is_a_status_and_no_frames() -> None:
    stream = Stream()
    assert stream.feed(b"HTTP/1.1 401 Unauthorized\r\nA: b\r\n\r\n" + b"x" * 1000) == [] and stream.status == 401
    assert not stream._got


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"ICY 200 OK\r\n\r\n", "no HTTP/1"),
        (OK + b"Content-Type: text/html\r\n\r\n", "'text/html', which is no picture"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", "chunked"),
        (OK + b"Content-Type: multipart/x-mixed-replace\r\n\r\n", "without a boundary"),
        (MULTI + b"a" * 71 + b"\r\n\r\n", "without a boundary"),
        (MULTI + b"a\r\n\r\n--a\r\nContent-Length: 99999999999\r\n\r\n", "at most"),
        (MULTI + b"a\r\n\r\n--a\r\nContent-Length: -1\r\n\r\n", "at most"),
        (OK + b"x" * HEAD_LIMIT, "a head of more"),
        (MULTI + b"a\r\n\r\n--a\r\n" + b"x" * HEAD_LIMIT, "part's head of more"),
        (MULTI + b"boundary\r\n\r\n" + b"x" * (HEAD_LIMIT + 1), "no boundary"),
        (MULTI + b"a\r\n\r\n--a\r\n\r\n" + b"x" * (FRAME_LIMIT + 1), "a picture of more"),
        (OK + b"Content-Type: image/jpeg\r\n\r\n" + b"x" * (FRAME_LIMIT + 1), "a picture of more"),
    ],
)
def test_what_no_camera_says_is_refused_within_its_limit(data: bytes, why: str) -> None:
    with pytest.raises(BadStream, match=why):
        frames(data)
