"""What a printer says about itself when asked: DLE EOT 1–4, and the Health that follows. Pure.

Source: Epson ESC/POS Application Programming Guide, "DLE EOT"; the bits of cover, paper and cutter were exercised against
captures (cover open n2=16, paper end n2=32 n4=7E, near end n4=1E, cutter n2=52 n3=1A); TM-T88III specification, page 84.

    n1  0xx1 xx10    bit 2 drawer pin high, 3 off-line, 5 waits to be told to go on, 6 fed by the button
    n2  0xx1 xx10    bit 2 cover open, 3 fed by the button, 5 stopped by the end of the roll, 6 error
    n3  0xx1 xx10    bit 2 recoverable error (newer models: a jam), 3 cutter, 5 unrecoverable, 6 recovers by itself (head too hot)
    n4  0xx1 xx10    bits 2–3 near the end, 5–6 end of the roll
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.ports import DeviceError, Health

QUERIES = tuple(bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4))
FIXED = 0x12
DRAWER, OFFLINE = 0x04, 0x08  # n1
COVER, FEEDING, PAPER_STOP, ERROR = 0x04, 0x08, 0x20, 0x40  # n2
RECOVERABLE, CUTTER, UNRECOVERABLE, RECOVERS = 0x04, 0x08, 0x20, 0x40  # n3
NEAR_END, PAPER_END = 0x0C, 0x60  # n4

# Reason → what people read. The order is the order of importance.
TEXTS = {
    "paper_end": "缺纸，请换纸卷 out of paper: put in a new roll",
    "cover_open": "上盖未关 the cover is open: close it",
    "cutter": "切刀卡住，请打开上盖取出纸屑 the cutter is jammed: open the cover and take the paper out",
    "jam": "卡纸，请打开上盖取出卡住的纸 paper jam: open the cover and take the jammed paper out",
    "error": "打印机故障，请关机再开机 printer error: switch it off and on",
    "hot": "打印头过热，冷却后自动恢复 the print head is too hot: it goes on by itself",
    "offline": "打印机脱机 the printer is offline",
    "paper_low": "纸将用完 the paper is nearly used up",
}
GOES_ON = frozenset(("paper_low",))  # prints all the same


class BadStatus(DeviceError):
    """Bytes that cannot be an answer to DLE EOT."""


@dataclass(frozen=True, slots=True)
class Status:
    """The four answers. `reasons` in the order of TEXTS."""

    n1: int
    n2: int
    n3: int
    n4: int

    @property
    def reasons(self) -> tuple[str, ...]:
        cover, cutter = self.n2 & COVER, self.n3 & CUTTER
        # Bit 2 of n3 is undefined on older models: it only counts where bit 6 of n2 says that there is an error.
        jam = self.n3 & RECOVERABLE and self.n2 & ERROR
        # A cover opened while printing is told as an error that recovers, too.
        hot = self.n3 & RECOVERS and not cover
        named = cutter or jam or self.n3 & RECOVERS
        found = {
            "paper_end": self.n4 & PAPER_END or self.n2 & PAPER_STOP,
            "cover_open": cover,
            "cutter": cutter,
            "jam": jam,
            "error": self.n3 & UNRECOVERABLE or (self.n2 & ERROR and not named),
            "hot": hot,
            "paper_low": self.n4 & NEAR_END and not self.n4 & PAPER_END,
        }
        reasons = [reason for reason in TEXTS if found.get(reason)]
        if self.n1 & OFFLINE and not set(reasons) - GOES_ON:
            reasons.insert(0, "offline")
        return tuple(reasons)

    @property
    def stopped(self) -> bool:
        """It cannot print now."""
        return bool(set(self.reasons) - GOES_ON)

    @property
    def passing(self) -> bool:
        """It stopped, but goes on by itself."""
        return set(self.reasons) - GOES_ON == {"hot"}

    @property
    def drawer(self) -> bool:
        """The drawer's contact is high; whether that is open or shut depends on the drawer."""
        return bool(self.n1 & DRAWER)

    @property
    def feeding(self) -> bool:
        """Somebody holds the feed button."""
        return bool(self.n2 & FEEDING)

    def health(self) -> Health:
        detail = "; ".join(TEXTS[reason] for reason in self.reasons)
        return Health("fault" if self.stopped else "degraded" if self.reasons else "ready", self.reasons, detail)


WELL = Status(FIXED, FIXED, FIXED, FIXED)


def is_status(byte: int) -> bool:
    return byte & 0x93 == FIXED


def decode(answers: bytes) -> Status:
    """The answers to DLE EOT 1, 2, 3, 4 in that order."""
    if len(answers) != 4:
        raise BadStatus(f"printer status: expected 4 bytes, got {len(answers)} ({answers.hex(' ')})")
    for n, byte in enumerate(answers, 1):
        if not is_status(byte):
            raise BadStatus(f"printer status: DLE EOT {n} expected 0xx1xx10, got {byte:08b}; is it an ESC/POS printer?")
    return Status(*answers)
