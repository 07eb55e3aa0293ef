"""The bytes of a scanner → codes. Pure: bytes as they come, and the silence between them as a call.

Law of a frame: it ends by the suffix the scanner is set to; with suffix "silence" by 50 ms without a byte. A frame that falls
silent before its suffix, one longer than 4,096 bytes, one that is no text, and one with control characters that no code
has are dropped whole and counted: a code that was read in part is never believed.

Symbologies by the AIM identifier `]cm` when the scanner is set to send it (ISO/IEC 15424). GS (1Dh) between the fields of a
GS1 code (FNC1) is kept; so are the separators of ISO/IEC 15434.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from devices.ports import Scanned

Suffix = Literal["auto", "cr", "lf", "crlf", "silence"]
Encoding = Literal["auto", "utf-8", "gb18030"]

LIMIT = 4096  # bytes of one code; the largest QR code holds 2,953 bytes, 7,089 digits are no business of a hall
GAP_S = 0.05  # silence that ends a frame
HALF_S = 0.5  # silence after which the suffix will not come; longer than a slow adapter's pause inside a code

_AIM = re.compile(r"\](?P<code>[A-Za-z])(?P<modifier>[0-9A-Za-z])")
_EXACT = {"]C1": "gs1-128", "]d2": "gs1-datamatrix", "]Q3": "gs1-qr", "]e0": "gs1-databar", "]E4": "ean8"}
_SYMBOLOGIES = {
    "A": "code39",
    "C": "code128",
    "E": "ean13",
    "F": "codabar",
    "G": "code93",
    "I": "itf",
    "L": "pdf417",
    "Q": "qr",
    "d": "datamatrix",
    "z": "aztec",
}
_CONTROL = re.compile(r"[\x00-\x03\x05-\x08\x0b\x0c\x0e-\x1b\x7f]")
_ENDS: dict[str, re.Pattern[bytes]] = {
    "auto": re.compile(rb"[\r\n]"),
    "cr": re.compile(rb"\r"),
    "lf": re.compile(rb"\n"),
    "crlf": re.compile(rb"\r\n"),
}


def decode(raw: bytes, encoding: Encoding = "auto") -> str | None:
    """The text of a code, or None when it is none. "auto": what is valid UTF-8 is UTF-8, else GB18030."""
    for name in ("utf-8", "gb18030") if encoding == "auto" else (encoding,):
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return None


def scanned(text: str, prefix: str = "") -> Scanned | None:
    """A whole frame without its suffix → the code; None when it holds what no code holds, or nothing."""
    text = text.removeprefix(prefix)
    if _CONTROL.search(text):
        return None
    symbology = ""
    if found := _AIM.match(text):
        symbology = _EXACT.get(found[0]) or _SYMBOLOGIES.get(found["code"]) or found[0]
        text = text[found.end() :]
    return Scanned(text, symbology) if text else None


@dataclass
class Decoder:
    """`feed` what came, `idle` when `pause_s` passed without a byte; both return the codes that are now complete."""

    suffix: Suffix = "auto"
    encoding: Encoding = "auto"
    prefix: str = ""
    dropped: int = 0  # in a row; a good code makes it 0

    def __post_init__(self) -> None:
        self._frame = bytearray()
        self._too_long = False

    @property
    def pause_s(self) -> float:
        """How long a silence to report by `idle`; 0 when nothing is begun."""
        if not self._frame and not self._too_long:
            return 0.0
        return GAP_S if self.suffix == "silence" else HALF_S

    def feed(self, data: bytes) -> list[Scanned]:
        codes: list[Scanned] = []
        self._frame += data
        if self.suffix != "silence":
            *whole, rest = _ENDS[self.suffix].split(self._frame)
            for raw in whole:
                self._end(bytes(raw), codes)
            self._frame = bytearray(rest)
        if len(self._frame) > LIMIT:
            self._too_long = True
            del self._frame[:-1]  # a CR at the very end may be the first half of CRLF
        return codes

    def idle(self) -> list[Scanned]:
        codes: list[Scanned] = []
        raw = bytes(self._frame).rstrip(b"\r\n")
        self._frame.clear()
        if self.suffix == "silence":
            self._end(raw, codes)
        elif raw or self._too_long:
            self._too_long = False
            self.dropped += 1
        return codes

    def _end(self, raw: bytes, codes: list[Scanned]) -> None:
        too_long = self._too_long or len(raw) > LIMIT
        self._too_long = False
        if not raw and not too_long:
            return  # the LF of a CRLF, or a suffix by itself
        text = None if too_long else decode(raw, self.encoding)
        code = scanned(text, self.prefix) if text is not None else None
        if code is None:
            self.dropped += 1
        else:
            self.dropped = 0
            codes.append(code)


class Once:
    """The same thing again within `again_s` of its last sight is the same sight: a code held before the scanner, a card
    left on the reader. What was seen is kept as its hash only, for it may be personal."""

    def __init__(self, again_s: float, now: Callable[[], float]) -> None:
        self._again_s, self._now = again_s, now
        self._seen: int | None = None
        self._at = 0.0

    def fresh(self, text: str) -> bool:
        now, mark = self._now(), hash(text)
        known = mark == self._seen and now - self._at < self._again_s
        self._seen, self._at = mark, now
        return not known

    def forget(self) -> None:
        self._seen = None
