"""What a sign driver and a sign simulator need of a frame format, and the described frames as one. Pure."""

from __future__ import annotations

from typing import Protocol

from devices.led.description import FrameDescription
from devices.led.frames import BadFrame, Decoder, ack, encode
from devices.ports import SignText


class Feed(Protocol):
    """The reading end: bytes as they come → texts and bad frames in order."""

    def feed(self, data: bytes) -> list[SignText | BadFrame]: ...

    def idle(self) -> list[SignText | BadFrame]: ...


class SignCodec(Protocol):
    """`within_s` 0 = the sign never answers."""

    within_s: float
    tries: int

    def encode(self, text: SignText) -> bytes: ...

    def verdict(self, received: bytes, address: int) -> bool | None:
        """True = it took the text, False = it refused, None = nothing to be sure of yet."""

    def answer(self, address: int, *, ok: bool) -> bytes: ...

    def reader(self) -> Feed: ...


class FrameCodec:
    """A sign whose frame is described in TOML."""

    def __init__(self, description: FrameDescription) -> None:
        self._d = description
        self.within_s = description.ack.within_ms / 1000 if description.ack else 0.0
        self.tries = description.ack.tries if description.ack else 1

    def encode(self, text: SignText) -> bytes:
        return encode(self._d, text)

    def verdict(self, received: bytes, address: int) -> bool | None:
        """An answer is known byte for byte, so an echo of our own bytes or noise around it does no harm."""
        yes, no = ack(self._d, address, ok=True), ack(self._d, address, ok=False)
        if yes and yes in received:
            return True
        return False if no and no in received else None

    def answer(self, address: int, *, ok: bool) -> bytes:
        return ack(self._d, address, ok=ok)

    def reader(self) -> Decoder:
        return Decoder(self._d)
