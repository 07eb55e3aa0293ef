"""A network camera at the other end: it speaks HTTP, sends pictures that can be told apart, and fails on demand."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw

from devices.farclient import Client
from devices.farend import FarEnd

REQUEST_LIMIT = 8192
PICTURES = 6  # of one stream; then it only holds the connection, as a camera does whose picture stands still
BOUNDARY = "frame"


def picture(number: int) -> bytes:
    """A small JPEG: the number on a colour of its own."""
    image = Image.new("RGB", (160, 120), (40 * number % 256, 90, 160))
    ImageDraw.Draw(image).text((60, 50), str(number), fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


class CameraSimulator(FarEnd):
    """TCP only. Own faults: no_frames (it answers, and sends no picture), truncated (half of each picture is missing), refused
    (401), wrong_type (a page instead of pictures), without_length (parts that do not say theirs), snapshot (one picture, no
    stream; not a fault of the camera, but another make)."""

    kind = "camera"
    slow_bytes = 4096
    faults: tuple[str, ...] = (
        "silent",
        "slow",
        "one_byte",
        "half_close",
        "unplugged",
        "no_frames",
        "truncated",
        "refused",
        "wrong_type",
        "without_length",
        "snapshot",
    )

    def __init__(self, id: str, where: str, path: str = "/", draw: Callable[[int], bytes] = picture) -> None:
        super().__init__(id, where)
        self._path, self._draw = path, draw
        self._asked: dict[Client, bytearray] = {}
        self.requests: list[str] = []
        self.pictures = 0

    def shown(self) -> Any:
        return {"pictures": self.pictures, "requests": self.requests[-5:]}

    def gone(self, client: Client) -> None:
        self._asked.pop(client, None)

    def answer(self, client: Client, data: bytes) -> bytes:
        got = self._asked.setdefault(client, bytearray())
        got += data[:REQUEST_LIMIT]
        if b"\r\n\r\n" not in got:
            return b""
        asked = got.split(b"\r\n", 1)[0].decode("latin-1")
        got.clear()
        self.requests = [*self.requests[-20:], asked]
        if asked.split(" ")[:2] != ["GET", self._path]:
            return _head("404 Not Found", "text/plain") + b"no such path"
        if self.has("refused"):
            return _head("401 Unauthorized", "text/plain", 'WWW-Authenticate: Basic realm="camera"')
        if self.has("wrong_type"):
            return _head("200 OK", "text/html") + b"<html>camera</html>"
        return self._snapshot() if self.has("snapshot") else self._stream()

    def _snapshot(self) -> bytes:
        jpeg = self._next()
        return _head("200 OK", "image/jpeg", f"Content-Length: {len(jpeg)}") + self._cut(jpeg)

    def _stream(self) -> bytes:
        said = _head("200 OK", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        for _ in range(0 if self.has("no_frames") else PICTURES):
            jpeg = self._cut(self._next())
            length = "" if self.has("without_length") else f"Content-Length: {len(jpeg)}\r\n"
            said += f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + jpeg + b"\r\n"
        return said

    def _next(self) -> bytes:
        self.pictures += 1
        return self._draw(self.pictures)

    def _cut(self, jpeg: bytes) -> bytes:
        return jpeg[: len(jpeg) // 2] if self.has("truncated") else jpeg


def _head(status: str, kind: str, *more: str) -> bytes:
    lines = [f"HTTP/1.0 {status}", f"Content-Type: {kind}", "Connection: close", *more, "", ""]
    return "\r\n".join(lines).encode()
