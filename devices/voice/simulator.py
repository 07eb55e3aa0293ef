"""A network speaker at the other end of the wire: takes sounds, "plays" each for its real time, remembers what was said.

One thread owns the sockets (devices.farend). Faults: silent (takes everything, does nothing), slow, one_byte, half_close,
refuse, cut (the connection breaks as each sound begins; nobody hears its end), unplugged (cut, also while a sound plays, and
refused until it is mended).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from devices.farclient import Client
from devices.led.farend import AnsweringEnd
from devices.voice import sound, speaker

KEPT = 50
WAITING = 8  # sounds not yet begun


@dataclass(frozen=True, slots=True)
class Spoken:
    """`at`: the speaker's clock (Unix seconds) when it began. `text`: the sentence that the WAV carries."""

    at: float
    text: str
    seconds: float
    wav: bytes


class SpeakerSimulator(AnsweringEnd[speaker.Reader]):
    """`speed` 1.0 = real time, 2.0 = twice as fast, 0 = at once. `clock` gives Unix seconds."""

    faults: tuple[str, ...] = ("silent", "slow", "one_byte", "half_close", "refuse", "cut", "unplugged")

    def __init__(self, host: str, port: int, speed: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        super().__init__(host, port)
        self._speed, self._wall = speed, clock
        self._spoken: deque[Spoken] = deque(maxlen=KEPT)
        self._heard = 0
        self._waiting: deque[tuple[Client, speaker.Frame]] = deque()
        self._playing: tuple[Client, int, int] | None = None  # client, id, which sound

    @property
    def spoken(self) -> list[Spoken]:
        """The latest 50, oldest first, from the moment each begins."""
        with self._changed:
            return list(self._spoken)

    @property
    def heard(self) -> int:
        """How many sounds have begun since it was made."""
        with self._changed:
            return self._heard

    @property
    def playing(self) -> bool:
        with self._changed:
            return self._playing is not None

    def wait_spoken(self, count: int, timeout_s: float = 5.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self._spoken) >= count, timeout_s)

    # --- below: the thread -----------------------------------------------------------------------------------------

    def _new_reader(self) -> speaker.Reader:
        return speaker.Reader()

    def _received(self, client: Client, reader: speaker.Reader, data: bytes) -> None:
        try:
            frames = reader.feed(data)
        except speaker.SpeakerError:
            self._drop(client)
            return
        if not self.has("silent"):
            for frame in frames:
                self._obey(client, frame)
            self._play_next()

    def _obey(self, client: Client, frame: speaker.Frame) -> None:
        if frame.kind == speaker.ASK:
            self._answer(client, speaker.WELL, frame.id)
        elif frame.kind == speaker.STOP:
            if self._playing is not None and self._playing[0] is client:
                self._set_playing(None)
        elif frame.kind == speaker.PLAY and self.has("refuse"):
            self._answer(client, speaker.REFUSED, frame.id, "muted 已静音")
        elif frame.kind == speaker.PLAY and len(self._waiting) >= WAITING:
            self._answer(client, speaker.REFUSED, frame.id, "too many sounds are waiting 等待播放的声音过多")
        elif frame.kind == speaker.PLAY:
            self._waiting.append((client, frame))

    def _play_next(self) -> None:
        while self._playing is None and self._waiting:
            self._begin(*self._waiting.popleft())

    def _begin(self, client: Client, frame: speaker.Frame) -> None:
        try:
            seconds = sound.seconds(sound.from_wav(frame.payload))
        except sound.BadSound as error:
            self._answer(client, speaker.REFUSED, frame.id, str(error))
            return
        with self._changed:
            self._spoken.append(Spoken(self._wall(), sound.says(frame.payload), seconds, frame.payload))
            self._heard += 1
            mine = self._heard
        self._set_playing((client, frame.id, mine))
        self._answer(client, speaker.STARTED, frame.id)
        if self.has("cut"):
            self._drop(client)
            return
        lasts = seconds / self._speed if self._speed else 0.0
        self._later(lasts, lambda: self._ended(mine))

    def _ended(self, which: int) -> None:
        """It was played to its end, unless it was stopped or its client went away meanwhile."""
        if self._playing is None or self._playing[2] != which:
            return
        client, number, _ = self._playing
        self._set_playing(None)
        self._answer(client, speaker.DONE, number)
        self._play_next()

    def gone(self, client: Client) -> None:
        super().gone(client)
        self._waiting = deque(item for item in self._waiting if item[0] is not client)
        if self._playing is not None and self._playing[0] is client:
            self._set_playing(None)

    def _set_playing(self, playing: tuple[Client, int, int] | None) -> None:
        with self._changed:
            self._playing = playing
            self._changed.notify_all()

    def _answer(self, client: Client, kind: int, number: int, text: str = "") -> None:
        self._send(client, speaker.Frame(kind, number, text.encode()).to_bytes())
