"""Real sockets at the other end: servers that trickle, stall, flood, redirect, compress and hang up."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk import http

Serve = Callable[[socket.socket, threading.Event], object]


@contextmanager
def peer(serve: Serve) -> Iterator[str]:
    """A TCP server that lets `serve` treat every connection, each in its own thread; -> its base URL."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def one(line: socket.socket) -> None:
        with line:
            try:
                serve(line, over)
            except (ConnectionError, OSError):
                return  # the client hung up, which is what most of these tests are about

    def accept() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=one, args=(line,)))
            threads[-1].start()

    host = threading.Thread(target=accept)
    host.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        host.join(5)
        for thread in threads:
            thread.join(5)


def says(answer: bytes) -> Serve:
    def serve(line: socket.socket, over: threading.Event) -> None:
        line.recv(65536)
        line.sendall(answer)

    return serve


def trickles(answer: bytes, every_s: float) -> Serve:
    def serve(line: socket.socket, over: threading.Event) -> None:
        line.recv(65536)
        for byte in answer:
            line.sendall(bytes([byte]))
            if over.wait(every_s):
                return

    return serve


def took(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def fails(kind: type[http.HttpError], url: str, deadline_s: float = 0.5, limit_bytes: int = http.MIB) -> http.HttpError:
    with http.session() as line, pytest.raises(kind) as caught:
        http.call(line, "GET", url, deadline_s=deadline_s, limit_bytes=limit_bytes)
    assert caught.type is kind
    assert caught.value.text.zh and caught.value.text.en
    return caught.value


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + b"x" * 40


def test_an_answer_comes_back_whole() -> None:
    with peer(says(OK)) as url, http.session(token="secret") as line:
        answer = http.call(line, "POST", url, json={"a": 1})
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"x" * 40, "40")


def test_the_request_carries_token_json_and_no_cookies() -> None:
    heard: list[bytes] = []

    def serve(line: socket.socket, over: threading.Event) -> None:
        while True:
            heard.append(line.recv(65536))
            if not heard[-1]:
                return
            if heard[-1].endswith(b"\r\n\r\n"):  # the body comes in a packet of its own
                heard[-1] += line.recv(65536)
            line.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n")

    with peer(serve) as url, http.session(token="secret") as line:
        http.call(line, "POST", url, json={"n": 1})
        http.call(line, "POST", url, data=b"again")
    assert b"Authorization: Bearer secret" in heard[0] and heard[0].endswith(b'{"n":1}')
    assert b"Content-Type: application/json" in heard[0]
    assert heard[1].endswith(b"again") and b"Cookie" not in heard[1]  # the same kept connection


@pytest.mark.parametrize("part", ["status line", "headers", "body"])
def test_a_trickling_server_ends_at_the_deadline(part: str) -> None:
    lead = {"status line": 0, "headers": 17, "body": len(OK) - 40}[part]

    def serve(line: socket.socket, over: threading.Event) -> None:
        line.recv(65536)
        line.sendall(OK[:lead])
        trickles(OK[lead:], 0.1)(_Heard(line), over)  # type: ignore[arg-type]

    with peer(serve) as url:
        spent = took(lambda: fails(http.TooSlow, url))
    assert 0.45 < spent < 0.9


class _Heard:
    """A connection whose request has been read already."""

    def __init__(self, line: socket.socket) -> None:
        self.sendall = line.sendall

    def recv(self, size: int) -> bytes:
        return b""


def test_one_byte_a_second_ends_at_the_deadline() -> None:
    with peer(trickles(OK, 1.0)) as url:
        assert took(lambda: fails(http.TooSlow, url, deadline_s=1.5)) < 1.9


def test_a_chunked_trickle_ends_at_the_deadline() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    def serve(line: socket.socket, over: threading.Event) -> None:
        line.recv(65536)
        line.sendall(head)
        while not over.wait(0.1):
            line.sendall(b"1\r\nx\r\n")

    with peer(serve) as url:
        assert took(lambda: fails(http.TooSlow, url)) < 0.9


def test_a_black_hole_ends_at_the_deadline() -> None:
    with peer(lambda line, over: over.wait(10)) as url:
        assert took(lambda: fails(http.TooSlow, url)) < 0.9


def test_a_server_that_does_not_read_ends_at_the_deadline() -> None:
    with peer(lambda line, over: over.wait(10)) as url, http.session() as line:
        start = time.monotonic()
        with pytest.raises(http.TooSlow):
            http.call(line, "POST", url, data=b"x" * (32 * http.MIB), deadline_s=0.5)
        assert time.monotonic() - start < 1.5


def test_a_flood_ends_at_the_limit() -> None:
    def serve(line: socket.socket, over: threading.Event) -> None:
        line.recv(65536)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            line.sendall(b"x" * 65536)

    with peer(serve) as url:
        fails(http.TooLarge, url, deadline_s=5, limit_bytes=100_000)


def test_a_redirect_is_refused() -> None:
    with peer(says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")) as url:
        assert "http://127.0.0.1:1/" in fails(http.BadAnswer, url).text.en


def test_an_encoding_nobody_asked_for_is_refused() -> None:
    with peer(says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nzz")) as url:
        fails(http.BadAnswer, url)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx",
        b"",
        b"\x00\x01garbage\r\n\r\n",
    ],
)
def test_a_cut_or_garbled_answer_is_no_answer(answer: bytes) -> None:
    with peer(says(answer)) as url, http.session() as line, pytest.raises((http.BadAnswer, http.Unreachable)):
        http.call(line, "GET", url, deadline_s=2)


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    fails(http.Unreachable, f"http://127.0.0.1:{port}/")


def test_an_error_status_is_an_answer() -> None:
    with peer(says(b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno")) as url, http.session() as line:
        assert http.call(line, "GET", url).status == 500


def test_a_proxy_in_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with peer(says(OK)) as url, http.session() as line:
        assert http.call(line, "GET", url).status == 200


def test_events_are_followed_line_by_line_until_silence() -> None:
    def serve(line: socket.socket, over: threading.Event) -> None:
        line.recv(65536)
        line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for text in (b"event: hall\nda", b'ta: {"seq":1}\n\n'):
            line.sendall(b"%x\r\n%s\r\n" % (len(text), text))
        over.wait(10)

    with peer(serve) as url, http.session() as line:
        lines = http.follow(line, url, silence_s=0.5)
        assert [next(lines) for _ in range(3)] == ["event: hall", 'data: {"seq":1}', ""]
        start = time.monotonic()
        with pytest.raises(http.TooSlow):
            next(lines)
        assert time.monotonic() - start < 0.9


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", f"/CN={name}"]
    subprocess.run([*command, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return key, cert


def test_a_pinned_authority_holds_against_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    key, cert = _certificate(tmp_path, "central")
    _, other = _certificate(tmp_path, "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def serve(line: socket.socket, over: threading.Event) -> None:
        with context.wrap_socket(line, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(OK[:-40])
            trickles(OK[-40:], 0.1)(_Heard(secure), over) if slow.is_set() else secure.sendall(OK[-40:])  # type: ignore[arg-type]

    slow = threading.Event()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
    with peer(serve) as base:
        url = base.replace("http:", "https:")
        with http.session(ca=cert) as line:
            assert http.call(line, "GET", url, deadline_s=3).status == 200
        with http.session(ca=other) as line, pytest.raises(http.Unreachable, match="certificate"):
            http.call(line, "GET", url, deadline_s=3)
        slow.set()
        with http.session(ca=cert) as line:
            start = time.monotonic()
            with pytest.raises(http.TooSlow):
                http.call(line, "GET", url, deadline_s=0.5)
            assert time.monotonic() - start < 0.9
