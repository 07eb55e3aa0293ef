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

import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from devices.printer.wires import PtyWire, TcpWire

SLOW_S = 0.4
TRICKLE_S = 0.002
IDLE_S = 0.2
OUT_LIMIT = 65_536  # bytes nobody fetches
COMMON = ("silent", "slow", "one_byte", "wrong_checksum", "echo", "half_close", "unplugged")


class _Tcp(TcpWire):
    def end_own_direction(self) -> None:
        if self._host_end is not None:
            try:
                self._host_end.shutdown(socket.SHUT_WR)
            except OSError:
                self._hang_up()


class Peer:
    """A `devices.catalog.Simulator`. `where`: tcp://127.0.0.1:port (0 = any free one), or "pty:". `own` names faults that
    `answer` looks after itself by `active()`; `wrong_at` is the byte of an answer that wrong_checksum spoils."""

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
        url = urlsplit(where)
        self.id, self.kind = id, kind
        self._wire: _Tcp | PtyWire = (
            PtyWire(baud) if where == "pty:" else _Tcp(url.hostname or "127.0.0.1", url.port or 0)
        )
        self.faults = tuple(f for f in COMMON if f != "half_close" or where != "pty:") + own
        self._on_bytes, self._on_look, self._on_reset, self._wrong_at = answer, look, reset, wrong_at
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._active: dict[str, int] = {}
        self._turns = 0  # of the thread: a fault is in force when a turn began after it
        self._out: deque[tuple[float, bytes]] = deque()
        self._thread: threading.Thread | None = None
        self._stopping = False

    @property
    def where(self) -> str:
        """What a driver's `where` must be; for port 0 known after start()."""
        return self._wire.where

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError(f"{self.id} is already started")
        self._stopping = False
        self._wire.plug()
        self._thread = threading.Thread(target=self._main, name=f"peer-{self.id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping = True
            self._wire.wake()
            thread.join(5.0)
        self._wire.close()

    def active(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._active)

    def has(self, fault: str, address: int = 0) -> bool:
        """Whether `fault` is on for this address; for use inside `answer`."""
        return self._active.get(fault, -1) in (0, address)

    def set_fault(self, fault: str, on: bool = True, address: int = 0) -> None:
        """ "" mends everything. In force when this returns."""
        if fault and fault not in self.faults:
            raise ValueError(f'{self.id} has no fault {fault!r}: one of {", ".join(self.faults)}, or "" to mend it')
        with self._changed:
            if not fault:
                self._active.clear()
            elif on:
                self._active[fault] = address
            else:
                self._active.pop(fault, None)
            if self._thread is not None:
                seen = self._turns
                self._wire.wake()
                self._changed.wait_for(lambda: self._turns > seen, 5.0)

    def push(self, data: bytes) -> None:
        """Send unasked, from any thread: a key was pressed, a code was read."""
        with self._lock:
            if "silent" not in self._active:
                self._queue(data)
        self._wire.wake()

    def shown(self) -> Any:
        with self._lock:
            return self._on_look()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._wire.unplug()

    def _turn(self) -> None:
        with self._changed:
            self._turns += 1
            self._changed.notify_all()
            if "unplugged" in self._active:
                self._wire.unplug()
                self._out.clear()
                self._on_reset()
            else:
                self._wire.plug()
            if "half_close" in self._active and isinstance(self._wire, _Tcp):
                self._wire.end_own_direction()
                self._out.clear()
            self._send()
            pause = max(0.0, min(IDLE_S, self._out[0][0] - time.monotonic())) if self._out else IDLE_S
        was = self._wire.connected
        if self._wire.wait(pause, reading=True):
            data = self._wire.read(4096)
            with self._lock:
                self._take(data)
        elif was != self._wire.connected:
            with self._lock:
                self._on_reset()
                self._out.clear()

    def _take(self, data: bytes) -> None:
        if not data or "silent" in self._active:
            return
        if "echo" in self._active:
            self._queue(data)
        self._queue(self._on_bytes(data))

    def _queue(self, data: bytes) -> None:
        if not data or sum(len(piece) for _, piece in self._out) > OUT_LIMIT:
            return
        if "wrong_checksum" in self._active and len(data) >= abs(self._wrong_at):
            spoilt = bytearray(data)
            spoilt[self._wrong_at] ^= 0x01
            data = bytes(spoilt)
        due = time.monotonic() + (SLOW_S if "slow" in self._active else 0.0)
        if "one_byte" in self._active:
            self._out.extend((due + i * TRICKLE_S, data[i : i + 1]) for i in range(len(data)))
        else:
            self._out.append((due, data))

    def _send(self) -> None:
        while self._out and self._out[0][0] <= time.monotonic():
            due, piece = self._out.popleft()
            sent = self._wire.write(piece)
            if sent < len(piece):
                self._out.appendleft((due + TRICKLE_S, piece[sent:]))
                return
