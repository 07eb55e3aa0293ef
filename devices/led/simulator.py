"""The signs at the other end of the wire: they read the same bytes, answer, fail on demand, and can be looked at.

One thread owns the socket (or pty) and everything that happens on it; the public methods may be called from any
thread. Faults: silent (powered off: takes bytes, shows and answers nothing), dead (one address of the bus is),
bad_ack (answers with one byte wrong), refuse, unplug (the line is cut; TCP refuses until it is cleared).
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
import tty
from collections import deque
from collections.abc import Callable, Sequence

from devices.led import picture
from devices.led.codec import Feed, FrameCodec, SignCodec
from devices.led.description import FrameDescription
from devices.led.frames import BadFrame
from devices.ports import SignText

FAULTS = ("", "silent", "dead", "bad_ack", "refuse", "unplug")
GAP_S = 0.3  # a silence this long inside a frame means its rest will not come
RUN_DOTS_PER_S = 40  # how fast a text that is too long runs
BLINK_S = 1.0
CLIENTS = 4


class SignSimulator:
    """`description` may also be any SignCodec (Onbon). `host` "" = a pty instead of TCP. `columns` and `rows` in dots."""

    def __init__(
        self,
        host: str,
        port: int,
        description: FrameDescription | SignCodec,
        addresses: Sequence[int] = (1, 2, 3, 4),
        columns: int = 128,
        rows: int = 16,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host, self._port, self._clock = host, port, clock
        self._codec = FrameCodec(description) if isinstance(description, FrameDescription) else description
        self.addresses, self.columns, self.rows = tuple(addresses), columns, rows
        self._changed = threading.Condition()
        self._shown: dict[int, SignText] = {}
        self._since: dict[int, float] = {}
        self._fault, self._fault_address = "", 0
        self.bad_frames: deque[BadFrame] = deque(maxlen=50)
        self._asked = self._done = 0
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._server: socket.socket | None = None
        self._clients: dict[int, tuple[socket.socket | None, Feed]] = {}
        self._slave = -1
        self._wake: tuple[int, int] = (-1, -1)
        self._pty_path = ""

    @property
    def where(self) -> str:
        """What a driver's `where` must be to reach this."""
        return f"serial://{self._pty_path}?baud=9600" if not self._host else f"tcp://{self._host}:{self._port}"

    def start(self) -> None:
        self._stopping = False
        self._wake = os.pipe()
        if self._host:
            self._listen()
        else:
            self._open_pty()
        self._thread = threading.Thread(target=self._run, name="sign-simulator", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping = True
        os.write(self._wake[1], b"x")
        thread.join(timeout=5)
        for fd in self._wake:
            os.close(fd)

    @property
    def showing(self) -> dict[int, str]:
        """What each sign shows; signs that were never written to are dark: "" """
        with self._changed:
            return {address: self._text(address).text for address in self.addresses}

    @property
    def blinking(self) -> set[int]:
        with self._changed:
            return {address for address, text in self._shown.items() if text.blink}

    def wait_for(self, address: int, text: str, timeout_s: float = 5.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._text(address).text == text, timeout_s)

    def wait_bad(self, timeout_s: float = 5.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: bool(self.bad_frames), timeout_s)

    def set_fault(self, fault: str = "", address: int = 0) -> None:
        """The empty word clears. `address` 0 = all of them. In force when this returns."""
        if fault not in FAULTS:
            raise ValueError(f"unknown fault {fault!r}: one of {', '.join(filter(None, FAULTS))}")
        with self._changed:
            self._fault, self._fault_address = fault, address
            if self._thread is None:
                return
            self._asked += 1
            os.write(self._wake[1], b"f")
            self._changed.wait_for(lambda: self._done >= self._asked, timeout=5.0)

    def png(self, address: int | None = None) -> bytes:
        """One sign, or all below one another, as they look now: long texts run, blinking ones blink."""
        now = self._clock()
        with self._changed:
            wanted = self.addresses if address is None else (address,)
            shown = [(self._text(a), now - self._since.get(a, now), self._off(a)) for a in wanted]
        panels = []
        for text, age, off in shown:
            dark = off or (text.blink and age % BLINK_S > 0.6 * BLINK_S)
            wide = picture.width_of(text.text, self.rows)
            loop = f"{text.text}    " if wide > self.columns else text.text
            shift = int(age * RUN_DOTS_PER_S) % picture.width_of(loop, self.rows) if wide > self.columns else 0
            words = loop + text.text if wide > self.columns else loop
            panels.append(picture.panel(picture.dots("" if dark else words, self.columns, self.rows, shift)))
        return picture.png(picture.stack(panels))

    # --- below: state read under the condition ---------------------------------------------------------------------

    def _text(self, address: int) -> SignText:
        return self._shown.get(address, SignText(address, ""))

    def _off(self, address: int) -> bool:
        return self._fault in ("silent", "dead") and self._fault_address in (0, address)

    def _has(self, fault: str, address: int) -> bool:
        return self._fault == fault and self._fault_address in (0, address)

    # --- below: the thread -----------------------------------------------------------------------------------------

    def _listen(self) -> None:
        server = socket.create_server((self._host, self._port), backlog=CLIENTS)
        self._port = server.getsockname()[1]
        self._server = server

    def _open_pty(self) -> None:
        master, self._slave = os.openpty()  # the other end stays open here, or a driver's close would end the pty
        tty.setraw(self._slave)
        self._pty_path = os.ttyname(self._slave)
        self._clients[master] = (None, self._codec.reader())

    def _run(self) -> None:
        quiet: dict[int, float] = {}
        while not self._stopping:
            poller = select.poll()
            fds = [self._wake[0], *self._clients, *([self._server.fileno()] if self._server else [])]
            for fd in fds:
                poller.register(fd, select.POLLIN)
            for fd, _ in poller.poll(GAP_S * 1000):
                if fd == self._wake[0]:
                    os.read(fd, 64)
                    self._plug()
                elif self._server is not None and fd == self._server.fileno():
                    self._accept(self._server)
                elif fd in self._clients:
                    quiet[fd] = self._clock()
                    self._read(fd)
            for fd in [fd for fd, at in quiet.items() if self._clock() - at >= GAP_S]:
                del quiet[fd]
                if fd in self._clients:
                    self._take(fd, self._clients[fd][1].idle())
        self._unplug()

    def _plug(self) -> None:
        """Cut the line or put it back, as the fault says."""
        with self._changed:
            fault, asked = self._fault, self._asked
        if fault == "unplug":
            self._unplug()
        elif self._host and self._server is None and not self._stopping:
            self._listen()
        with self._changed:
            self._done = asked
            self._changed.notify_all()

    def _unplug(self) -> None:
        for fd in list(self._clients):
            self._drop(fd)
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def _accept(self, server: socket.socket) -> None:
        client, _ = server.accept()
        if len(self._clients) >= CLIENTS:
            client.close()
            return
        client.settimeout(2.0)
        self._clients[client.fileno()] = (client, self._codec.reader())

    def _drop(self, fd: int) -> None:
        client, _ = self._clients.pop(fd)
        if client is not None:
            client.close()
        else:
            os.close(fd)

    def _read(self, fd: int) -> None:
        try:
            data = os.read(fd, 4096)
        except OSError:
            data = b""
        if not data:
            self._drop(fd)
            return
        self._take(fd, self._clients[fd][1].feed(data))

    def _take(self, fd: int, items: list[SignText | BadFrame]) -> None:
        for item in items:
            with self._changed:
                answer = self._show(item) if isinstance(item, SignText) else self._note(item)
                self._changed.notify_all()
            try:
                if answer:
                    os.write(fd, answer)
            except OSError:
                self._drop(fd)
                return

    def _note(self, bad: BadFrame) -> bytes:
        self.bad_frames.append(bad)
        return b""

    def _show(self, text: SignText) -> bytes:
        if text.address not in self.addresses or self._off(text.address):
            return b""
        if self._has("refuse", text.address):
            return self._codec.answer(text.address, ok=False)
        if self._shown.get(text.address) != text:
            self._shown[text.address] = text
            self._since[text.address] = self._clock()
        answer = self._codec.answer(text.address, ok=True)
        if self._has("bad_ack", text.address) and answer:
            middle = len(answer) // 2
            return answer[:middle] + bytes((answer[middle] ^ 0x01,)) + answer[middle + 1 :]
        return answer
