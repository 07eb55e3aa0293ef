"""A network speaker at the other end of the wire: takes sounds, "plays" each for its real time, remembers what was said.

One thread owns the socket. Faults: silent (takes everything, answers nothing), refuse, unplug (the line is cut, also while a
sound plays, and refused until it is cleared).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from devices.voice import sound, speaker

FAULTS = ("", "silent", "refuse", "unplug")
KEPT = 50
CLIENTS = 4
WAITING = 8  # sounds not yet begun


@dataclass(frozen=True, slots=True)
class Spoken:
    """`at`: the speaker's clock (Unix seconds) when it began. `text`: the sentence that the WAV carries."""

    at: float
    text: str
    seconds: float
    wav: bytes


class SpeakerSimulator:
    """`speed` 1.0 = real time, 2.0 = twice as fast, 0 = at once. `clock` gives Unix seconds."""

    def __init__(self, host: str, port: int, speed: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        self._host, self._port, self._speed, self._clock = host, port, speed, clock
        self._changed = threading.Condition()
        self._spoken: deque[Spoken] = deque(maxlen=KEPT)
        self._fault = ""
        self._asked = self._done = 0
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._server: socket.socket | None = None
        self._wake: tuple[int, int] = (-1, -1)
        self._clients: dict[int, tuple[socket.socket, speaker.Reader]] = {}
        self._waiting: deque[tuple[int, speaker.Frame]] = deque()
        self._playing: tuple[int, int, float] | None = None  # client, id, the monotonic moment it ends

    @property
    def where(self) -> str:
        return f"tcp://{self._host}:{self._port}"

    @property
    def spoken(self) -> list[Spoken]:
        """The latest 50, oldest first, from the moment each begins."""
        with self._changed:
            return list(self._spoken)

    @property
    def playing(self) -> bool:
        with self._changed:
            return self._playing is not None

    def wait_spoken(self, count: int, timeout_s: float = 5.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self._spoken) >= count, timeout_s)

    def start(self) -> None:
        self._stopping = False
        self._wake = os.pipe()
        self._listen()
        self._thread = threading.Thread(target=self._run, name="speaker-simulator", daemon=True)
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

    def set_fault(self, fault: str = "") -> None:
        """The empty word clears. In force when this returns."""
        if fault not in FAULTS:
            raise ValueError(f"unknown fault {fault!r}: one of {', '.join(filter(None, FAULTS))}")
        with self._changed:
            self._fault = fault
            if self._thread is None:
                return
            self._asked += 1
            os.write(self._wake[1], b"f")
            self._changed.wait_for(lambda: self._done >= self._asked, timeout=5.0)

    # --- below: the thread -----------------------------------------------------------------------------------------

    def _listen(self) -> None:
        self._server = socket.create_server((self._host, self._port), backlog=CLIENTS)
        self._port = self._server.getsockname()[1]

    def _run(self) -> None:
        while not self._stopping:
            poller = select.poll()
            fds = [self._wake[0], *self._clients, *([self._server.fileno()] if self._server else [])]
            for fd in fds:
                poller.register(fd, select.POLLIN)
            for fd, _ in poller.poll(self._pause_ms()):
                if fd == self._wake[0]:
                    os.read(fd, 64)
                    self._plug()
                elif self._server is not None and fd == self._server.fileno():
                    self._accept(self._server)
                elif fd in self._clients:
                    self._read(fd)
            self._play_on()
        self._unplug()

    def _pause_ms(self) -> float:
        return 500.0 if self._playing is None else max(0.0, (self._playing[2] - time.monotonic()) * 1000)

    def _plug(self) -> None:
        with self._changed:
            fault, asked = self._fault, self._asked
        if fault == "unplug":
            self._unplug()
        elif self._server is None and not self._stopping:
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

    def _accept(self, server: socket.socket) -> None:
        client, _ = server.accept()
        if len(self._clients) >= CLIENTS:
            client.close()
            return
        client.settimeout(2.0)
        self._clients[client.fileno()] = (client, speaker.Reader())

    def _drop(self, fd: int) -> None:
        self._clients.pop(fd)[0].close()
        self._waiting = deque(item for item in self._waiting if item[0] != fd)
        if self._playing is not None and self._playing[0] == fd:
            self._set_playing(None)

    def _read(self, fd: int) -> None:
        client, reader = self._clients[fd]
        try:
            data = client.recv(65536)
            frames = reader.feed(data) if data else []
        except (OSError, speaker.SpeakerError):
            data = b""
        if not data:
            self._drop(fd)
            return
        for frame in frames:
            self._take(fd, frame)

    def _take(self, fd: int, frame: speaker.Frame) -> None:
        if frame.kind == speaker.ASK:
            self._answer(fd, speaker.WELL, frame.id)
        elif frame.kind == speaker.STOP:
            if self._playing is not None and self._playing[0] == fd:
                self._set_playing(None)
        elif frame.kind == speaker.PLAY and self._fault == "refuse":
            self._answer(fd, speaker.REFUSED, frame.id, "muted 已静音")
        elif frame.kind == speaker.PLAY and len(self._waiting) >= WAITING:
            self._answer(fd, speaker.REFUSED, frame.id, "too many sounds are waiting 等待播放的声音过多")
        elif frame.kind == speaker.PLAY:
            self._waiting.append((fd, frame))

    def _play_on(self) -> None:
        """End what has been played to its end, begin what is next; at speed 0 both in one turn."""
        while self._playing is not None or self._waiting:
            if self._playing is not None:
                fd, number, ends = self._playing
                if time.monotonic() < ends:
                    return
                self._set_playing(None)
                self._answer(fd, speaker.DONE, number)
                continue
            self._begin(*self._waiting.popleft())

    def _begin(self, fd: int, frame: speaker.Frame) -> None:
        try:
            seconds = sound.seconds(sound.from_wav(frame.payload))
        except sound.BadSound as error:
            self._answer(fd, speaker.REFUSED, frame.id, str(error))
            return
        if self._fault == "silent":
            return
        lasts = seconds / self._speed if self._speed else 0.0
        with self._changed:
            self._spoken.append(Spoken(self._clock(), sound.says(frame.payload), seconds, frame.payload))
            self._playing = (fd, frame.id, time.monotonic() + lasts)
            self._changed.notify_all()
        self._answer(fd, speaker.STARTED, frame.id)

    def _set_playing(self, playing: tuple[int, int, float] | None) -> None:
        with self._changed:
            self._playing = playing
            self._changed.notify_all()

    def _answer(self, fd: int, kind: int, number: int, text: str = "") -> None:
        if self._fault == "silent" or fd not in self._clients:
            return
        # A client that went away is noticed by the next read.
        with contextlib.suppress(OSError):
            self._clients[fd][0].sendall(speaker.Frame(kind, number, text.encode()).to_bytes())
