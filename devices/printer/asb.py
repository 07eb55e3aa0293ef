"""Automatic status back: the four bytes a printer sends by itself whenever its state changes, once GS a asked for it. Pure.

Source: Epson ESC/POS Application Programming Guide, "GS a" and "Transmission status identification"; the bits agree with the
TM-T88III specification (GS a, pages 134–135) and Citizen's command reference (5.3, identification of send status).

    GS a n    bit 0 drawer, 1 on-line/off-line, 2 errors, 3 paper sensors, 6 panel button
    byte 1    0xx1 xx00    bit 2 drawer pin high, 3 off-line, 5 cover open, 6 fed by the button
    byte 2    0xx0 xxxx    bit 2 recoverable error, 3 cutter, 5 unrecoverable, 6 recovers by itself
    byte 3    0xx0 xxxx    bits 0–1 near the end, 2–3 end of the roll
    byte 4    0xx0 xxxx    undefined

The first byte has bits 0 and 1 off where an answer to DLE EOT has bit 1 on, and the others bit 4 off where it has it on: neither
is ever taken for the other. The four come in one piece, save that XOFF and XON may stand between them.
"""

from __future__ import annotations

from devices.ports import DeviceError
from devices.printer import status
from devices.printer.status import Status

ON = b"\x1da\x0e"  # on-line, errors, paper: not the drawer, which is nobody's concern here
OFF = b"\x1da\x00"
FLOW = b"\x11\x13"


class BadBlock(DeviceError):
    """Four bytes that cannot be an automatic status."""


def is_first(byte: int) -> bool:
    return byte & 0x93 == 0x10


def is_rest(byte: int) -> bool:
    return byte & 0x90 == 0


def decode(block: bytes) -> Status:
    """The same Status that the answers to DLE EOT 1 to 4 would give. Raises BadBlock."""
    if len(block) != 4 or not is_first(block[0]) or not all(is_rest(byte) for byte in block[1:]):
        raise BadBlock(f"automatic status: expected 0xx1xx00 and three 0xx0xxxx, got {block.hex(' ') or 'nothing'}")
    info, errors, paper = block[0], block[1], block[2]
    failed = errors & (status.CUTTER | status.UNRECOVERABLE | status.RECOVERS)
    # Undefined on older models, where it may be on for nothing: believed only when the printer is off-line.
    failed |= errors & status.RECOVERABLE if info & status.OFFLINE else 0
    end = paper & 0x0C
    n2 = status.COVER * bool(info & 0x20) | status.FEEDING * bool(info & 0x40)
    n2 |= status.PAPER_STOP * bool(end) | status.ERROR * bool(failed)
    return Status(
        status.FIXED | info & (status.OFFLINE | status.DRAWER),
        status.FIXED | n2,
        status.FIXED | errors & (status.RECOVERABLE | status.CUTTER | status.UNRECOVERABLE | status.RECOVERS),
        status.FIXED | status.NEAR_END * bool(paper & 0x03) | status.PAPER_END * bool(end),
    )


def encode(state: Status) -> bytes:
    """The block a printer in that state sends (the simulator's side)."""
    info = 0x10 | state.n1 & (status.OFFLINE | status.DRAWER)
    info |= 0x20 * bool(state.n2 & status.COVER) | 0x40 * bool(state.n2 & status.FEEDING)
    errors = state.n3 & (status.RECOVERABLE | status.CUTTER | status.UNRECOVERABLE | status.RECOVERS)
    paper = 0x03 * bool(state.n4 & status.NEAR_END) | 0x0C * bool(state.n4 & status.PAPER_END)
    return bytes((info, errors, paper, 0x00))
