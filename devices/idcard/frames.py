"""The frames of identity card readers (SAM-V modules, every make in China). Pure.

    to the reader    AA AA AA 96 69 | length 2 BE | command | parameter | data | xor
    from it          AA AA AA 96 69 | length 2 BE | SW1 SW2 SW3 | data | xor

length counts everything after itself, xor goes over everything between the preamble and itself. Source: GA 467-2013 as
quoted in softs.im/身份证阅读器通信协议 and in vendors' sheets; the frames in tests/devices/idcard are those that several
published programs send and expect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import xor

PREAMBLE = bytes.fromhex("AA AA AA 96 69")
ANSWER_LIMIT = 4096  # bytes after the length; text, photo and two fingerprints are 2,314

STATUS = (0x11, 0xFF)
FIND = (0x20, 0x01)
SELECT = (0x20, 0x02)
READ_TEXT_AND_PHOTO = (0x30, 0x01)

OK = 0x90
FOUND = 0x9F
NO_CARD = (0x80, 0x81)  # nothing found, nothing selected
SELF_TEST, UNLICENSED = 0x60, 0x66  # a reader that must be mended
REMEDIES = {
    SELF_TEST: "its self-test failed 自检失败; switch it off and on, then replace it 请断电重启，仍不行则更换",
    UNLICENSED: "its security module is not licensed 安全模块未授权; have the vendor license it 请联系厂商授权",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is SW3. `data` is personal: repr shows none of it."""

    status: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Garbled:
    """Something came that was meant as an answer and is none; `why` holds no bytes of it."""

    why: str


def checksum(data: bytes) -> int:
    return reduce(xor, data, 0)


def frame(payload: bytes) -> bytes:
    """Preamble, length, payload, checksum: a request's payload is command, parameter, data; an answer's SW1 SW2 SW3, data."""
    body = (len(payload) + 1).to_bytes(2, "big") + payload
    return PREAMBLE + body + bytes((checksum(body),))


def request(command: tuple[int, int]) -> bytes:
    return frame(bytes(command))


class Decoder:
    """The reading end of an answer: `feed` what came → answers and garbled ones, in order. What is not part of a frame is
    passed over; so is our own request when it comes back, for it is too short for an answer."""

    def __init__(self) -> None:
        self._got = bytearray()

    def feed(self, data: bytes) -> list[Answer | Garbled]:
        self._got += data
        found: list[Answer | Garbled] = []
        while (item := self._next()) is not None:
            found.append(item)
        return found

    def _next(self) -> Answer | Garbled | None:
        while True:
            start = self._got.find(PREAMBLE)
            if start < 0:
                del self._got[: max(0, len(self._got) - len(PREAMBLE) + 1)]
                return None
            del self._got[:start]
            if len(self._got) < len(PREAMBLE) + 2:
                return None
            length = int.from_bytes(self._got[5:7], "big")
            if length > ANSWER_LIMIT:
                self._skip()
                return Garbled(f"length {length} where at most {ANSWER_LIMIT} can be")
            if len(self._got) < 7 + length:
                return None
            if length < 4:
                self._skip()
                continue
            body = bytes(self._got[5 : 7 + length])
            if checksum(body):  # the checksum's own byte makes it 0
                self._skip()
                return Garbled(f"checksum {body[-1]:02X} where {checksum(body[:-1]):02X} belongs")
            del self._got[: 7 + length]
            return Answer(body[4], body[5:-1])

    def _skip(self) -> None:
        """A preamble that began no frame may be followed by one that does."""
        del self._got[:1]
