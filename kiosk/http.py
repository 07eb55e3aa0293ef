"""The only place that makes a `requests.Session`, and what a call may cost: time, bytes, trust.

The law: a call ends at its deadline whatever the other end does. `requests` counts its timeout anew for every chunk
(0.5 s against a server that trickles a byte every 100 ms returned after 9.9 s, `limits.md` §1d), so the socket below
it is wrapped: every single read and write gets only what is left of the call's total. The one wait this cannot cut
short is the system's resolver; an address or a name in /etc/hosts has none.

    HttpError                 every failure of a call; `.text` is for people, in both languages
    ├── Unreachable           no connection, or it broke off before an answer: the request may or may not have arrived
    ├── TooSlow               the deadline passed: likewise
    ├── TooLarge              the answer is longer than the caller allows
    └── BadAnswer             something answered that is not the server meant: redirect, wrong encoding, cut off
An answer with status 400 and above is an Answer, not an error: only the caller knows what it means.
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from kiosk.domain.facts import Lines

CHUNK = 16 * 1024
MIB = 1024 * 1024


class HttpError(Exception):
    """A call that brought no answer. `where` is method and address."""

    def __init__(self, where: str, text: Lines) -> None:
        super().__init__(f"{where}: {text.en}")
        self.where = where
        self.text = text


class Unreachable(HttpError):
    """No connection, or it broke off before the answer was complete."""


class TooSlow(HttpError):
    """The total deadline passed."""


class TooLarge(HttpError):
    """The answer is longer than the caller's limit."""


class BadAnswer(HttpError):
    """The answer cannot come from the server that was meant, or was cut off."""


class Answer(msgspec.Struct, frozen=True):
    """What came back: header names in lower case, body as sent (never compressed: we ask for identity)."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# --- a socket that knows the call's deadline --------------------------------------------------------------------------


class _Until(threading.local):
    """The running call's deadline, time.monotonic() seconds. Each thread runs one call at a time; 0 = no call."""

    at = 0.0
    session: Session | None = None


_until = _Until()


def _left() -> float:
    left = _until.at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline of the whole call has passed")
    return left


class _Reads(io.RawIOBase):
    """The reading end of a `_Line`: each recv may take what is left of the call, no more."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Line:
    """What http.client and urllib3 use of a socket, with the deadline put before every wait."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, mode: str = "rb", buffering: int = -1) -> io.BufferedReader:
        return io.BufferedReader(_Reads(self._sock), CHUNK)

    def sendall(self, data: Any) -> None:
        view = memoryview(data).cast("B")
        while view:
            self._sock.settimeout(_left())
            view = view[self._sock.send(view) :]

    def settimeout(self, timeout: float | None) -> None:
        """The deadline rules; a timeout for each chunk has nothing to say."""

    def fileno(self) -> int:
        return self._sock.fileno()

    def shutdown(self, how: int) -> None:
        with contextlib.suppress(OSError):  # closed already, by either end
            self._sock.shutdown(how)

    def close(self) -> None:
        self._sock.close()


def _wrap(sock: socket.socket) -> _Line:
    line = _Line(sock)
    if _until.session is not None:
        _until.session.took(line)
    return line


class _Plain(HTTPConnection):
    def connect(self) -> None:
        self.timeout = _left()
        super().connect()
        self.sock = _wrap(self.sock)


class _Tls(HTTPSConnection):
    def connect(self) -> None:
        self.timeout = _left()  # the handshake counts it as one total (CPython _ssl.c)
        super().connect()
        self.sock = _wrap(self.sock)


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Tls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class Session(requests.Session):
    """A requests.Session whose waiting calls another thread can end."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: weakref.WeakSet[_Line] = weakref.WeakSet()
        self._over = False

    def took(self, line: _Line) -> None:
        self._lines.add(line)
        if self._over:
            line.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """From any thread: whoever waits in a call gets Unreachable at once, and so does every later call."""
        self._over = True
        for line in list(self._lines):
            line.shutdown(socket.SHUT_RDWR)


# --- calls ------------------------------------------------------------------------------------------------------------


def session(ca: Path | None = None, token: str | None = None) -> Session:
    """-> a long-lived Session; the owner closes it. `ca` pins the server's authority (PEM file).

    `trust_env` is off: otherwise REQUESTS_CA_BUNDLE in the environment replaces the pin and a proxy variable
    diverts the hall (`limits.md` §1i).
    """
    made = Session()
    made.trust_env = False
    made.verify = str(ca) if ca is not None else True
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(pool_connections=2, pool_maxsize=4, max_retries=0)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    made.headers.update({"Accept-Encoding": "identity", "User-Agent": "yitai"})
    if token is not None:
        made.headers["Authorization"] = f"Bearer {token}"
    return made


def call(
    session: Session,
    method: str,
    url: str,
    *,
    json: object = None,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    deadline_s: float = 10.0,
    limit_bytes: int = 4 * MIB,
) -> Answer:
    """One request and its whole answer within `deadline_s` seconds and `limit_bytes`; raises HttpError.

    `json` (anything msgspec encodes) or `data`, not both. Nothing is retried here: whoever repeats must know
    whether repeating is safe.
    """
    where = f"{method} {url}"
    body, extra = _body(json, data, headers)
    _until.at = time.monotonic() + deadline_s
    try:
        response = _ask(session, method, url, body, extra, deadline_s)
        try:
            _refuse_detours(response, where)
            read = b"".join(_chunks(response, limit_bytes, where))
        except BaseException:
            response.close()  # a half-read connection must not go back to the pool
            raise
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, read)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _ours(error, where, deadline_s) from error
    finally:
        _until.at, _until.session = 0.0, None


def follow(session: Session, url: str, *, silence_s: float = 40.0, limit_line: int = 64 * 1024) -> Iterator[str]:
    """The lines of an endless answer (SSE), as they come; raises HttpError, also when `silence_s` passed without one
    whole line. Ends when the server ends. Close the generator to hang up."""
    where = f"GET {url}"
    response: requests.Response | None = None
    buffer = bytearray()
    due = time.monotonic() + silence_s
    try:
        _until.at = due
        response = _ask(session, "GET", url, None, {"Accept": "text/event-stream"}, silence_s)
        _refuse_detours(response, where)
        if response.status_code != 200:
            raise BadAnswer(where, _text_status(response.status_code))
        while True:
            piece = response.raw.read1(CHUNK)
            if not piece:
                return
            buffer += piece
            *lines, rest = bytes(buffer).split(b"\n")
            if len(rest) > limit_line:
                raise TooLarge(where, _text_large(limit_line))
            buffer = bytearray(rest)
            for line in lines:
                yield line.rstrip(b"\r").decode("utf-8", "replace")
            if lines:
                due = time.monotonic() + silence_s
            _until.at = due
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _ours(error, where, silence_s) from error
    finally:
        _until.at, _until.session = 0.0, None
        if response is not None:
            response.close()


def _body(json: object, data: bytes | None, headers: Mapping[str, str] | None) -> tuple[bytes | None, dict[str, str]]:
    extra = dict(headers or {})
    if json is None:
        return data, extra
    if data is not None:
        raise ValueError("call() takes json or data, not both")
    extra.setdefault("Content-Type", "application/json")
    return msgspec.json.encode(json), extra


def _ask(
    session: Session, method: str, url: str, body: bytes | None, headers: dict[str, str], wait_s: float
) -> requests.Response:
    _until.session = session
    request = session.prepare_request(requests.Request(method, url, data=body, headers=headers))
    return session.send(request, stream=True, allow_redirects=False, timeout=wait_s, verify=session.verify, proxies={})


def _refuse_detours(response: requests.Response, where: str) -> None:
    if 300 <= response.status_code < 400:
        target = response.headers.get("Location", "?")[:200]
        raise BadAnswer(
            where,
            Lines(
                zh=f"服务器要求转到 {target}，已拒绝。请把配置里的地址改为最终地址。",
                en=f"the server redirects to {target}, which is refused; put the final address into the configuration",
            ),
        )
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise BadAnswer(
            where,
            Lines(
                zh=f"应答用了未请求的压缩方式 {encoding[:40]}。请检查中间的代理服务器。",
                en=f"the answer is encoded as {encoding[:40]}, which nobody asked for; look at the proxy in between",
            ),
        )


def _chunks(response: requests.Response, limit: int, where: str) -> Iterator[bytes]:
    total = 0
    for chunk in response.raw.stream(CHUNK, decode_content=False):
        total += len(chunk)
        if total > limit:
            raise TooLarge(where, _text_large(limit))
        _left()  # bytes that are already buffered do not stretch the deadline either
        yield chunk


def _ours(error: Exception, where: str, wait_s: float) -> HttpError:
    """A library's error becomes ours; the deadline is told from what else went wrong by the clock."""
    if time.monotonic() >= _until.at:
        return TooSlow(
            where,
            Lines(
                zh=f"{wait_s:g} 秒内没有完整应答。请检查网络，或服务器是否过载。",
                en=f"no complete answer within {wait_s:g} s; look at the network, or whether the server is overloaded",
            ),
        )
    reason = _innermost(error)
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(
            where,
            Lines(
                zh=f"服务器证书不可信（{reason}）。请检查 ca 文件、服务器名称和本机时间。",
                en=f"the server's certificate is not trusted ({reason}); check the ca file, the name and this clock",
            ),
        )
    if isinstance(error, urllib3.exceptions.ProtocolError):  # also too few bytes, or a broken chunk
        return BadAnswer(
            where,
            Lines(zh=f"应答中断（{reason}），将重试。", en=f"the answer was cut off ({reason}); ask again"),
        )
    return Unreachable(
        where,
        Lines(
            zh=f"无法连接（{reason}）。请检查网线、地址和服务器是否已启动。",
            en=f"cannot be reached ({reason}); check the cable, the address, and whether the server runs",
        ),
    )


def _innermost(error: BaseException) -> str:
    """The cause at the bottom of the library's chain, short enough for a status line."""
    seen = 0
    while (inner := error.__cause__ or error.__context__) is not None and seen < 10:
        error, seen = inner, seen + 1
    return f"{type(error).__name__}: {error}"[:160]


def _text_large(limit: int) -> Lines:
    return Lines(
        zh=f"应答超过上限 {limit} 字节，已放弃。请确认地址指向正确的服务器。",
        en=f"the answer is longer than the limit of {limit} bytes and was dropped; check the address",
    )


def _text_status(status: int) -> Lines:
    return Lines(
        zh=f"服务器应答状态 {status}。请确认地址和令牌。",
        en=f"the server answered with status {status}; check the address and the token",
    )
