"""The bytes of a network camera's answer → frames: an HTTP head, then one JPEG, or many as multipart/x-mixed-replace. Pure.

RFC 9112 (HTTP/1.1), RFC 2046 §5.1 (multipart), as cameras really write them: the boundary may or may not begin with its two
dashes already, parts may or may not say their length, and bare LF may stand for CRLF. Everything has a limit.
"""

from __future__ import annotations

import re

HEAD_LIMIT = 8192  # bytes of a head, also of a part's
FRAME_LIMIT = 16 * 1024 * 1024

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(r"HTTP/1\.[01] ([0-9]{3})(?: |$)", re.ASCII)


class BadStream(ValueError):
    """The answer is not what a camera says; the text says what is wrong."""


class Stream:
    """`feed` what came → the frames that are now complete. `status` is 0 until the head is there. Raises BadStream."""

    def __init__(self, limit: int = FRAME_LIMIT) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._limit = limit
        self._got = bytearray()
        self._looked = 0  # of `_got`, already searched in vain
        self._boundary = b""
        self._left = -1  # bytes of the body that begins now; -1: unknown
        self._in_body = False

    def feed(self, data: bytes) -> list[bytes]:
        self._got += data
        if not self.status:
            head = self._head()
            if head is None:
                return []
            self._begin(head)
        frames: list[bytes] = []
        while self.status == 200:
            frame = self._body() if self._in_body else self._part()
            if frame is None:
                break
            if frame:
                frames.append(frame)
        if self.status != 200:
            self._got.clear()  # what a refusal says further is nobody's business
        return frames

    def ended(self) -> list[bytes]:
        """The other end closed: a single picture without a length is complete by that."""
        whole = bytes(self._got) if self._in_body and not self._boundary and self._left < 0 else b""
        self._got.clear()
        return [whole] if whole else []

    # --- below -----------------------------------------------------------------------------------------------------

    def _head(self) -> list[str] | None:
        """The lines up to the next empty one; None when it is not there yet."""
        found = _END_OF_HEAD.search(self._got, max(0, self._looked - 3), HEAD_LIMIT)
        if found is None:
            if len(self._got) >= HEAD_LIMIT:
                raise BadStream(f"a head of more than {HEAD_LIMIT} bytes")
            self._looked = len(self._got)
            return None
        lines = self._got[: found.start()].decode("latin-1").splitlines()
        self._cut(found.end())
        return lines

    def _begin(self, head: list[str]) -> None:
        found = _STATUS.match(head[0]) if head else None
        if found is None:
            raise BadStream("an answer that is no HTTP/1")
        self.status = int(found[1])
        self.headers = _fields(head[1:])
        if self.status != 200:
            return
        if self.headers.get("transfer-encoding", "identity").lower() != "identity":
            raise BadStream("a chunked answer to an HTTP/1.0 request")
        kind, _, options = self.headers.get("content-type", "").partition(";")
        if kind.strip().lower() == "image/jpeg":
            self._in_body, self._left = True, self._length(self.headers)
        elif kind.strip().lower().startswith("multipart/"):
            self._boundary = _boundary(options)
        else:
            raise BadStream(f"an answer of type {kind.strip()[:60]!r}, which is no picture")

    def _part(self) -> bytes | None:
        """Take the head of the next part; b"" when it was there."""
        if not self._boundary:
            self._got.clear()
            return None  # one picture was all
        at = self._got.find(self._boundary, max(0, self._looked - len(self._boundary)))
        if at < 0:
            if len(self._got) > HEAD_LIMIT:
                raise BadStream("no boundary where the next picture begins")
            self._looked = len(self._got)
            return None
        found = _END_OF_HEAD.search(self._got, at, at + HEAD_LIMIT)
        if found is None:
            if len(self._got) >= at + HEAD_LIMIT:
                raise BadStream(f"a part's head of more than {HEAD_LIMIT} bytes")
            self._looked = at
            return None
        lines = self._got[at : found.start()].decode("latin-1").splitlines()
        self._cut(found.end())
        self._in_body, self._left = True, self._length(_fields(lines[1:]))
        return b""

    def _body(self) -> bytes | None:
        if self._left >= 0:
            if len(self._got) < self._left:
                return None
            end = self._left
        elif not self._boundary:
            if len(self._got) > self._limit:
                raise BadStream(f"a picture of more than {self._limit} bytes")
            return None  # ends with the connection
        else:
            end = self._got.find(b"--" + self._boundary, max(0, self._looked - len(self._boundary) - 2))
            if end < 0:
                if len(self._got) > self._limit:
                    raise BadStream(f"a picture of more than {self._limit} bytes")
                self._looked = len(self._got)
                return None
        frame = bytes(self._got[:end])
        self._cut(end)
        self._in_body = False
        return frame.rstrip(b"\r\n") if self._left < 0 else frame

    def _length(self, fields: dict[str, str]) -> int:
        text = fields.get("content-length", "").strip()
        if not text:
            return -1
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > self._limit:
            raise BadStream(f"a picture of {text[:20]!r} bytes where at most {self._limit} can be")
        return int(text)

    def _cut(self, n: int) -> None:
        del self._got[:n]
        self._looked = 0


def _fields(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {key.strip().lower(): value.strip() for key, colon, value in pairs if colon}


def _boundary(options: str) -> bytes:
    for option in options.split(";"):
        key, _, value = option.partition("=")
        if key.strip().lower() == "boundary":
            core = value.strip().strip('"').lstrip("-")
            if core and len(core) <= 70 and core.isascii():
                return core.encode()
    raise BadStream("a multipart answer without a boundary")
