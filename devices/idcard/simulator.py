"""A reader at the other end: lay a card on it, take it away, and have it fail on demand."""

from __future__ import annotations

import threading
from typing import Any

from devices.farclient import Client
from devices.farend import LINE_FAULTS, FarEnd
from devices.idcard.card import encode
from devices.idcard.frames import FIND, FOUND, OK, PREAMBLE, READ_TEXT_AND_PHOTO, SELECT, SELF_TEST, STATUS, frame
from devices.ports import IdCard

READ_FAILED, NOT_FOUND, NOT_SELECTED, WRONG_CHECKSUM, UNKNOWN_COMMAND = 0x41, 0x80, 0x81, 0x10, 0x21


class IdCardSimulator(FarEnd):
    """`finds_again`: whether a card that lies there after it was read is found once more (makes differ). Own faults:
    wrong_checksum, taken (the card goes while it is read), half_answer (the reader stops in the middle), self_test."""

    kind = "idcard"
    slow_bytes = 64
    baud = 115200
    faults: tuple[str, ...] = (*LINE_FAULTS, "wrong_checksum", "taken", "half_answer", "self_test")

    def __init__(self, id: str, where: str, finds_again: bool = False) -> None:
        super().__init__(id, where)
        self._finds_again = finds_again
        self._card: IdCard | None = None
        self._text = b""
        self._was_read = self._selected = False
        self._got = bytearray()
        self._lock = threading.Lock()
        self.reads = 0

    def lay_card(self, card: IdCard) -> None:
        """Raises ValueError for a card whose text does not fit."""
        text = encode(card)
        with self._lock:
            self._card, self._text, self._was_read, self._selected = card, text, False, False

    def take_card(self) -> None:
        with self._lock:
            self._card, self._text = None, b""
            self._was_read = self._selected = False

    def shown(self) -> Any:
        """Whether a card lies there; nothing of what it says."""
        with self._lock:
            return {"card": self._card is not None, "reads": self.reads}

    def answer(self, client: Client, data: bytes) -> bytes:
        self._got += data
        said = b""
        while (start := self._got.find(PREAMBLE)) >= 0 and len(self._got) >= start + 10:
            asked, self._got = bytes(self._got[start : start + 10]), self._got[start + 10 :]
            said += self._wounded(self._answer(asked))
        del self._got[: max(0, len(self._got) - 10)]
        return said

    def _answer(self, asked: bytes) -> bytes:
        command = (asked[7], asked[8])
        if asked != frame(asked[7:9]):
            return _says(WRONG_CHECKSUM)
        with self._lock:
            if self.has("self_test"):
                return _says(SELF_TEST)
            if command == STATUS:
                return _says(OK)
            if command == FIND:
                here = self._card is not None and (self._finds_again or not self._was_read)
                self._selected = False
                return _says(FOUND, bytes(4)) if here else _says(NOT_FOUND)
            if command == SELECT:
                self._selected = self._card is not None
                return _says(OK, bytes(8)) if self._selected else _says(NOT_SELECTED)
            if command == READ_TEXT_AND_PHOTO:
                return self._reading()
        return _says(UNKNOWN_COMMAND)

    def _reading(self) -> bytes:
        if self.has("taken"):
            self._card, self._text, self._selected = None, b"", False
        if not self._selected:
            return _says(READ_FAILED)
        self._was_read = True
        self.reads += 1
        return _says(OK, self._text)

    def _wounded(self, answer: bytes) -> bytes:
        if self.has("half_answer"):
            return answer[: len(answer) // 2]
        if self.has("wrong_checksum"):
            return answer[:-1] + bytes((answer[-1] ^ 0x01,))
        return answer


def _says(status: int, data: bytes = b"") -> bytes:
    return frame(bytes((0, 0, status)) + data)
