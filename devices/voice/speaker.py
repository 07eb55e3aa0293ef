"""The little protocol of the network speaker, over TCP. Pure.

    "YTSP" | kind 1 | id 4 | length 4 | payload            numbers big-endian; at most LIMIT bytes of payload

    to the speaker:    PLAY a WAV (22,050 Hz, 16 bit, mono)   ASK how are you   STOP what is playing
    from the speaker:  STARTED   DONE   REFUSED (why, UTF-8)   WELL (the answer to ASK)

Law: an answer bears the id of what it answers. A speaker plays whole sounds only, one at a time, in the order they came;
each PLAY is answered by STARTED and then DONE, or by REFUSED. Two frames of one line are never mixed, so a wrong mark
means the line is out of step and must be opened again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from devices.ports import DeviceError

MARK = b"YTSP"
HEAD = struct.Struct(">4sBII")
LIMIT = 4 * 1024 * 1024
PLAY, ASK, STOP = 1, 2, 3
STARTED, DONE, REFUSED, WELL = 0x81, 0x82, 0x83, 0x84
KINDS = (PLAY, ASK, STOP, STARTED, DONE, REFUSED, WELL)


class SpeakerError(DeviceError):
    """What came is no frame of this protocol: expected and got."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: int
    id: int
    payload: bytes = b""

    def to_bytes(self) -> bytes:
        if len(self.payload) > LIMIT:
            raise SpeakerError(f"expected at most {LIMIT} bytes of sound, got {len(self.payload)} 声音过长")
        return HEAD.pack(MARK, self.kind, self.id, len(self.payload)) + self.payload


class Reader:
    """Bytes as they come → frames. Raises SpeakerError once it is out of step; then the line is to be closed."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        self._buffer += data
        found = []
        while len(self._buffer) >= HEAD.size:
            mark, kind, number, length = HEAD.unpack_from(self._buffer)
            if mark != MARK or kind not in KINDS or length > LIMIT:
                raise SpeakerError(
                    f"expected {MARK!r}, a known kind and at most {LIMIT} bytes, got {mark!r}, {kind}, {length} 对方不是音箱"
                )
            if len(self._buffer) < HEAD.size + length:
                break
            found.append(Frame(kind, number, bytes(self._buffer[HEAD.size : HEAD.size + length])))
            del self._buffer[: HEAD.size + length]
        return found
