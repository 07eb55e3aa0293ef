"""What a printer says about itself: DLE EOT 1–4, the in-order answer of GS r 1, and the Health that follows. Pure.

Source: Epson ESC/POS Application Programming Guide, "DLE EOT", "GS r", "GS a"; the bits of cover, paper and cutter were
exercised against captures (cover open n2=16, paper end n2=32 n4=7E, near end n4=1E, cutter n2=52 n3=1A).

Each kind of answer has fixed bits of its own, so that a stale byte is never read as "all is well":
    DLE EOT n   0xx1 xx10    GS r 1   0xx0 xxxx    first byte of an automatic status block   0xx1 xx00, then three 0xx0 xxxx
    clear buffer done   37 25 00    XON 11, XOFF 13
"""

from __future__ import annotations

from dataclasses import dataclass, field

from devices.ports import DeviceError, Health

QUERIES = tuple(bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4))
CONFIRM = b"\x1dr\x01"  # GS r 1: answered in the order of the buffer, so after everything before it was printed
OFFLINE, COVER, PAPER_STOP, ERROR = 0x08, 0x04, 0x20, 0x40  # n1 bit 3; n2 bits 2, 5, 6
CUTTER, UNRECOVERABLE, RECOVERS = 0x08, 0x20, 0x40  # n3 bits 3, 5, 6
NEAR_END, PAPER_END = 0x0C, 0x60  # n4 bits 2–3, 5–6

# Reason → what people read. The order is the order of importance.
TEXTS = {
    "paper_end": "缺纸，请换纸卷 out of paper: put in a new roll",
    "cover_open": "上盖未关 the cover is open: close it",
    "cutter": "切刀卡住，请打开上盖取出纸屑 the cutter is jammed: open the cover and take the paper out",
    "error": "打印机故障，请关机再开机 printer error: switch it off and on",
    "offline": "打印机脱机 the printer is offline",
    "paper_low": "纸将用完 the paper is nearly used up",
}


class BadStatus(DeviceError):
    """A byte that cannot be an answer to DLE EOT."""


@dataclass(frozen=True, slots=True)
class Status:
    """The four answers. `reasons` in the order of TEXTS."""

    n1: int
    n2: int
    n3: int
    n4: int

    @property
    def reasons(self) -> tuple[str, ...]:
        found = {
            "paper_end": self.n4 & PAPER_END or self.n2 & PAPER_STOP,
            "cover_open": self.n2 & COVER,
            "cutter": self.n3 & CUTTER,
            "error": self.n3 & (UNRECOVERABLE | RECOVERS) or (self.n2 & ERROR and not self.n3 & CUTTER),
            "paper_low": self.n4 & NEAR_END and not self.n4 & PAPER_END,
        }
        reasons = [reason for reason in TEXTS if found.get(reason)]
        if self.n1 & OFFLINE and not set(reasons) - {"paper_low"}:
            reasons.insert(0, "offline")
        return tuple(reasons)

    @property
    def stopped(self) -> bool:
        """It cannot print now."""
        return bool(set(self.reasons) - {"paper_low"})

    def health(self) -> Health:
        detail = "; ".join(TEXTS[reason] for reason in self.reasons)
        return Health("fault" if self.stopped else "degraded" if self.reasons else "ready", self.reasons, detail)


def is_status(byte: int) -> bool:
    return byte & 0x93 == 0x12


def decode(answers: bytes) -> Status:
    """The answers to DLE EOT 1, 2, 3, 4 in that order."""
    if len(answers) != 4:
        raise BadStatus(f"printer status: expected 4 bytes, got {len(answers)} ({answers.hex(' ')})")
    for n, byte in enumerate(answers, 1):
        if not is_status(byte):
            raise BadStatus(f"printer status: DLE EOT {n} expected 0xx1xx10, got {byte:08b}; is it an ESC/POS printer?")
    return Status(*answers)


@dataclass(slots=True)
class Answers:
    """Sorts what the printer sends into its three kinds; an automatic status block nobody asked for is passed over."""

    statuses: bytearray = field(default_factory=bytearray)
    confirms: int = 0
    cleared: int = 0
    _block: int = 0
    _clear: bytes = b""

    def feed(self, data: bytes) -> None:
        for byte in data:
            self._one(byte)

    def _one(self, byte: int) -> None:
        if self._clear:
            self._clear += bytes((byte,))
            if len(self._clear) == 3:
                self.cleared += self._clear == b"\x37\x25\x00"
                self._clear = b""
        elif self._block and byte & 0x90 == 0:
            self._block -= 1
        elif is_status(byte):
            self._block = 0
            self.statuses.append(byte)
        elif byte & 0x93 == 0x10:
            self._block = 3
        elif byte == 0x37:
            # 37 has bit 4 set, so it is no answer to GS r; with the fixed bits of DLE EOT it has nothing in common either.
            self._clear = b"\x37"
        elif byte & 0xF0 == 0:
            # Bits 5 and 6 are undefined in the guide; taken as 0, so that stray ASCII never calls a sheet printed.
            self.confirms += 1
