"""A `ports.Camera` over the network: one picture out of its MJPEG stream (or its snapshot address), by HTTP/1.0.

Law: a connection stands only while a photo is taken; `probe` knocks at the camera's port at most every `KNOCK_S`. The first
`warmup` pictures of a stream are dropped (some cameras send one from their buffer). HTTP/1.0, so that no camera answers in
chunks. Pictures are personal: the line's log says how many bytes, never which.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import urlsplit

from devices.camera.jpeg import BadFrame, whole
from devices.camera.multipart import BadStream, Stream
from devices.ports import DeviceError, Health, NotReady
from devices.transport import Line, LineClosed, LineTimeout, deadline_in, open_line

KNOCK_S = 15.0
READ = 65_536
BROKEN = 10


class MjpegCamera:
    """`path` begins with "/". `user` and `password` go as Basic authentication; "" = none."""

    def __init__(
        self,
        where: str,
        *,
        path: str = "/",
        user: str = "",
        password: str = "",
        warmup: int = 1,
        opener: Callable[[str], Line] = open_line,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._where, self._warmup, self._opener, self._now = where, warmup, opener, now
        headers = [f"GET {path} HTTP/1.0", f"Host: {urlsplit(where).netloc}", "Connection: close", "Accept: */*"]
        if user:
            headers.append("Authorization: Basic " + b64encode(f"{user}:{password}".encode()).decode())
        self._request = "".join(f"{line}\r\n" for line in [*headers, ""]).encode("utf-8")
        self._line: Line | None = None
        self._open = False
        self._knocked_at = 0.0

    def open(self) -> None:
        """Raises LineError when nobody answers there."""
        self._knock()
        self._open = True

    def close(self) -> None:
        self._open = False
        self._hang_up()

    def probe(self) -> Health:
        """Raises LineError when nobody answers there any more."""
        if not self._open:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        if self._now() - self._knocked_at >= KNOCK_S:
            self._knock()
        return Health("ready")

    def photo(self, deadline_s: float) -> bytes:
        """One JPEG. Raises LineTimeout, LineClosed, NotReady when it refuses, DeviceError when its pictures are broken."""
        if not self._open:
            raise LineClosed(self._where, "not open 未打开", "open it first 请先打开")
        end = deadline_in(deadline_s)
        line = self._line = self._opener(self._where)
        line.private = True
        try:
            line.write(self._request, end)
            return self._receive(line, end)
        except BadStream as error:
            raise DeviceError(
                f"{self._where}: {error} 答复有误; check host, port and path in its manual 请核对地址、端口和路径"
            ) from error
        finally:
            self._hang_up()

    # --- below -----------------------------------------------------------------------------------------------------

    def _receive(self, line: Line, end: float) -> bytes:
        stream = Stream()
        seen = broken = 0
        last: BadFrame | None = None
        while broken < BROKEN:
            data, closed = self._some(line, end, last)
            frames = stream.ended() if closed else stream.feed(data)
            single = closed or not stream.headers.get("content-type", "").lower().startswith("multipart")
            if stream.status not in (0, 200):
                raise NotReady(f"{self._where}: {_refusal(stream.status)}")
            for frame in frames:
                seen += 1
                if seen <= self._warmup and not single:
                    continue
                try:
                    return whole(frame)
                except BadFrame as error:
                    last, broken = error, broken + 1
            if closed or (single and frames):
                break
        why = f" ({last})" if last else ""
        raise DeviceError(
            f"{self._where}: no whole picture came 未得到完整画面{why}; check the network and the camera's path 请检查网络和路径"
        )

    def _some(self, line: Line, end: float, last: BadFrame | None) -> tuple[bytes, bool]:
        """What came next, or that the camera has closed. Raises LineTimeout at the deadline, LineClosed when we closed."""
        try:
            data = line.read_some(end, READ)
        except LineClosed:
            if line.closed or not self._open:
                raise
            return b"", True
        if self._now() >= end:
            why = f" ({last})" if last else ""
            raise LineTimeout(
                self._where,
                f"no whole picture in time 未按时得到完整画面{why}",
                "check the network and the camera 请检查网络和摄像头",
            )
        return data, False

    def _knock(self) -> None:
        self._opener(self._where).close()
        self._knocked_at = self._now()

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


def _refusal(status: int) -> str:
    if status in (401, 403):
        return f"it refuses, HTTP {status} 拒绝访问; set user and password (Basic) 请填写用户名和密码"
    if status == 404:
        return "it has nothing there, HTTP 404 路径不存在; set path as its manual says 请按说明书填写路径"
    return f"it answers HTTP {status} 答复异常; look at the camera's own page 请查看摄像头管理页面"
