"""The far end of a line of devices that are asked and answer, each by its address: signs, pads, and the speaker.

To the faults of every line (devices.farend) it adds wrong_checksum: one bit of an answer is wrong.
"""

from __future__ import annotations

import heapq
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from devices.farclient import Client
from devices.farend import FarEnd

WIRE_FAULTS = ("silent", "slow", "one_byte", "wrong_checksum", "echo", "half_close", "unplugged")
OLD_WORDS = {"unplug": "unplugged", "bad_ack": "wrong_checksum"}
GAP_S = 0.3  # a silence this long inside a frame means its rest will not come

R = TypeVar("R")  # a reader: what keeps the bytes of one client until they are a frame


class AnsweringEnd(FarEnd, ABC, Generic[R]):
    """`host` "" = a pty instead of TCP; `port` 0 = any."""

    faults: tuple[str, ...] = WIRE_FAULTS
    one_fault = True
    slow_s = 0.2
    byte_s = 0.002
    out_limit = 65_536

    def __init__(self, host: str, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(type(self).__name__, f"tcp://{host}:{port}" if host else "pty:", clock)
        self._readers: dict[Client, R] = {}
        self._quiet: dict[Client, float] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._nth = 0

    # --- what a subclass is ------------------------------------------------------------------------------------------

    @abstractmethod
    def _new_reader(self) -> R: ...

    @abstractmethod
    def _received(self, client: Client, reader: R, data: bytes) -> None:
        """Called on the thread, also while it is silent."""

    def _paused(self, client: Client, reader: R) -> None:
        """The client has been silent for GAP_S."""

    # --- for the owner, from any thread ------------------------------------------------------------------------------

    def set_fault(self, fault: str = "", *, on: bool = True, address: int = 0) -> None:
        """As devices.farend; a fault takes the place of the one before, and the old words for two of them are known."""
        super().set_fault(OLD_WORDS.get(fault, fault), on=on, address=address)

    def off(self, address: int) -> bool:
        """Whether a fault keeps this address from doing anything."""
        return self.has("silent", address) or self.has("dead", address)

    # --- the thread --------------------------------------------------------------------------------------------------

    def _later(self, delay_s: float, what: Callable[[], None]) -> None:
        """Do it on the thread after a while. Call it there."""
        self._nth += 1
        heapq.heappush(self._timers, (self._clock() + delay_s, self._nth, what))

    def _send(self, client: Client | None, data: bytes, address: int | None = None) -> None:
        """To one, or to all of them. Call it on the thread."""
        if data and self.has("wrong_checksum", address):
            middle = len(data) // 2
            data = data[:middle] + bytes((data[middle] ^ 0x01,)) + data[middle + 1 :]
        self._say(data, client, address)

    def _take(self, client: Client, data: bytes) -> None:
        self._quiet[client] = self._clock()
        if client not in self._readers:
            self._readers[client] = self._new_reader()
        self._received(client, self._readers[client], data)

    def gone(self, client: Client) -> None:
        self._quiet.pop(client, None)
        self._readers.pop(client, None)

    def next_tick(self) -> float | None:
        due = [at + GAP_S for at in self._quiet.values()]
        return min((*due, self._timers[0][0]) if self._timers else due, default=None)

    def tick(self) -> None:
        while self._timers and self._timers[0][0] <= self._clock():
            heapq.heappop(self._timers)[2]()
        for client in [client for client, at in self._quiet.items() if at + GAP_S <= self._clock()]:
            if self._quiet.pop(client, None) is not None:  # or it went while another one's pause was looked at
                self._paused(client, self._readers[client])
