"""The other end of a wire, for those who write a simulator: TCP or a pty, one thread, and the faults every wire has.

    class Codec…
    peer = Peer("counter-3", "sign", site.where, answer=brain.take, reset=brain.begin, look=brain.shown)

`answer(bytes) -> bytes` is called in the peer's thread with what came, and gives what goes back. Faults, each until mended:

    silent          takes the bytes, does nothing, answers nothing   echo         sends what came back before its answer
    slow            answers SLOW_S late                              half_close   ends its own direction (TCP only)
    one_byte        answers one byte at a time                       unplugged    gone; cannot be opened
    wrong_checksum  one bit of its answers is wrong
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devices.farclient import Client
from devices.farend import FarEnd

SLOW_S = 0.4
COMMON = ("silent", "slow", "one_byte", "wrong_checksum", "echo", "half_close", "unplugged")


class Peer(FarEnd):
    """A `devices.catalog.Simulator`. `where`: tcp://127.0.0.1:port (0 = any free one), or "pty:". `own` names faults that
    `answer` looks after itself by `has()`; `wrong_at` is the byte of an answer that wrong_checksum spoils. One host at a time,
    the newest wins; `reset` is called when it went."""

    faults: tuple[str, ...] = COMMON
    hosts = 1
    out_limit = 65_536
    slow_s = SLOW_S
    byte_s = 0.002

    def __init__(
        self,
        id: str,
        kind: str,
        where: str,
        answer: Callable[[bytes], bytes],
        look: Callable[[], Any],
        *,
        reset: Callable[[], None] = lambda: None,
        own: tuple[str, ...] = (),
        wrong_at: int = -2,
        baud: int = 9600,
    ) -> None:
        super().__init__(id, where)
        self.kind, self.baud = kind, baud
        self.faults += own
        self._on_bytes, self._on_look, self._on_reset, self._wrong_at = answer, look, reset, wrong_at

    def push(self, data: bytes) -> None:
        """Send unasked, from any thread: a key was pressed, a code was read."""
        self.say(self._spoilt(data))

    def shown(self) -> Any:
        with self._changed:
            return self._on_look()

    def answer(self, client: Client, data: bytes) -> bytes:
        with self._changed:
            return self._spoilt(self._on_bytes(data))

    def gone(self, client: Client) -> None:
        with self._changed:
            self._on_reset()

    def _spoilt(self, data: bytes) -> bytes:
        if not data or not self.has("wrong_checksum") or len(data) < abs(self._wrong_at):
            return data
        spoilt = bytearray(data)
        spoilt[self._wrong_at] ^= 0x01
        return bytes(spoilt)
