"""A `ports.Scanner` over any line whose bytes a codec turns into codes: serial, TCP, or a keyboard read by itself.

Law: a code is told once for as long as the scanner goes on seeing it (`again_s`); what was read while nobody listened is
kept, up to 64 codes, and told in order. The bytes may be personal (a number, a name in a QR code): the line's log says how
many, never which.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from devices.ports import Event, Health, Scanned
from devices.scanner.codec import Decoder, Encoding, Once, Suffix
from devices.transport import Line, LineClosed, open_line

KEPT = 64  # codes read while nobody listened
GARBLED = 3  # frames dropped in a row before the health says so


class Codec(Protocol):
    """`dropped` counts frames that were no code since the last that was one; `pause_s` as in codec.Decoder."""

    dropped: int

    @property
    def pause_s(self) -> float: ...

    def feed(self, data: bytes) -> list[Scanned]: ...

    def idle(self) -> list[Scanned]: ...


class LineScanner:
    """`codec` makes a fresh one for each opening, so that half a code from before a loss is not joined to one after it."""

    def __init__(
        self,
        where: str,
        codec: Callable[[], Codec],
        again_s: float,
        opener: Callable[[str], Line],
        garbled: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._where, self._new_codec, self._opener, self._garbled, self._now = where, codec, opener, garbled, now
        self._codec = codec()
        self._once = Once(again_s, now)
        self._ready: deque[Scanned] = deque(maxlen=KEPT)
        self._line: Line | None = None
        self._silent_since = 0.0
        self._woken = False

    def open(self) -> None:
        """Raises LineError. A scanner says nothing until it scans, so nothing is asked of it."""
        line = self._opener(self._where)
        line.private = True
        self._codec = self._new_codec()
        self._line = line

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def probe(self) -> Health:
        """Raises LineError once the line is lost."""
        if self._line is None:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        self._pump(self._line, 0.0)
        if self._codec.dropped >= GARBLED:
            return Health("degraded", ("garbled",), f"{self._where}: {self._garbled}")
        return Health("ready")

    def listen(self, deadline: float) -> Event | None:
        """The next code. Raises LineError when the scanner is gone."""
        line = self._line
        if line is None:
            raise LineClosed(self._where, "not open 未打开", "open it first 请先打开")
        while not self._ready and not self._woken and self._pump(line, deadline):
            pass
        self._woken = False
        return self._ready.popleft() if self._ready else None

    def wake(self) -> None:
        self._woken = True  # the line's own call may fall together with the silence that ends a code
        line = self._line
        if line is not None:
            line.wake()

    def _pump(self, line: Line, deadline: float) -> bool:
        """Take in what comes until `deadline` or the end of a frame by silence; False when there is nothing to wait for."""
        pause_s = self._codec.pause_s
        due = self._silent_since + pause_s if pause_s else deadline
        data = line.read_some(min(deadline, due))
        now = self._now()
        if data:
            self._silent_since = now
            codes = self._codec.feed(data)
        elif pause_s and now >= due:
            codes = self._codec.idle()
        else:
            return False  # the deadline, or somebody called wake()
        for code in codes:
            if self._once.fresh(code.text):
                self._ready.append(code)
        return True


class SerialScanner(LineScanner):
    """A scanner on a serial line, USB-serial (virtual COM port) or TCP."""

    def __init__(
        self,
        where: str,
        *,
        suffix: Suffix = "auto",
        encoding: Encoding = "auto",
        prefix: str = "",
        again_ms: int = 1000,
        opener: Callable[[str], Line] = open_line,
    ) -> None:
        super().__init__(
            where,
            lambda: Decoder(suffix, encoding, prefix),
            again_ms / 1000,
            opener,
            "what comes is no code 收到的内容不是条码; set baud rate, suffix and encoding as the scanner is set "
            "请按扫码器的设置填写波特率、结束符和编码",
        )
