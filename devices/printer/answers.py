"""Everything a printer sends, sorted into its kinds, byte by byte. Pure.

Each kind has fixed bits of its own (Epson ESC/POS Application Programming Guide, "Transmission status identification"), so that
a stale byte is never read as "all is well":

    DLE EOT n   0xx1 xx10        GS r 1   0000 xxxx        XON 11, XOFF 13        clear buffer done   37 25 00
    automatic status block   0xx1 xx00, then three 0xx0 xxxx (see `asb`)
    1B and 1D are sent by no printer: our own bytes come back

The rest of a block looks like answers to GS r. So once a block has begun its three bytes are never counted as anything else, not
even after an answer to DLE EOT between them: then a sheet may stay unconfirmed, but never is one confirmed by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from devices.printer import asb
from devices.printer.status import Status, is_status

CONFIRM = b"\x1dr\x01"  # GS r 1: answered in the order of the buffer, so after everything before it was printed
STATUSES_KEPT = 16
RECENT = 64  # bytes
CLEARED = b"\x37\x25\x00"
OURS = b"\x1b\x1d"


@dataclass(slots=True)
class Answers:
    """`block` is the last whole automatic status. `forget` before a question: what a block has begun stays begun."""

    statuses: bytearray = field(default_factory=bytearray)
    confirms: int = 0
    cleared: int = 0
    echoed: bool = False
    block: Status | None = None
    recent: bytearray = field(default_factory=bytearray)
    _begun: bytes = b""  # of a block
    _clear: bytes = b""

    def feed(self, data: bytes) -> None:
        for byte in data:
            self._one(byte)
        self.recent += data
        del self.recent[:-RECENT]

    def forget(self) -> None:
        self.statuses.clear()
        self.recent.clear()
        self.confirms = self.cleared = 0
        self.echoed = False

    @property
    def within_block(self) -> bool:
        return bool(self._begun)

    def drop_block(self) -> None:
        """Its rest did not come: the line lost it."""
        self._begun = b""

    def _one(self, byte: int) -> None:
        if self._clear:
            self._clear += bytes((byte,))
            if len(self._clear) == len(CLEARED):
                self.cleared += self._clear == CLEARED
                self._clear = b""
        elif self._begun and asb.is_rest(byte):
            self._begun += bytes((byte,))
            if len(self._begun) == 4:
                self.block, self._begun = asb.decode(self._begun), b""
        elif is_status(byte):
            if len(self.statuses) < STATUSES_KEPT:
                self.statuses.append(byte)
        elif asb.is_first(byte):
            self._begun = bytes((byte,))
        elif byte == CLEARED[0]:
            # 37 has bit 4 set, so it is no answer to GS r; with the fixed bits of DLE EOT it has nothing in common either.
            self._clear = b"\x37"
        elif byte & 0xF0 == 0:
            # Bits 5 and 6 are undefined in the guide; taken as 0, so that stray ASCII never calls a sheet printed.
            self.confirms += 1
        elif byte in OURS:
            self.echoed = True
