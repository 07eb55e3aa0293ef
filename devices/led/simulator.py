"""The signs at the other end of the wire: they read the same bytes, answer, fail on demand, and can be looked at.

Beyond the faults of every wire (devices.farend): dead (one address of the bus takes nothing and shows nothing) and refuse.
Without `addresses` it is every sign that is spoken to.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from PIL.Image import Image

from devices.farclient import Client
from devices.led import picture
from devices.led.codec import Asked, Feed, FrameCodec, Level, Row, Seen, SignCodec
from devices.led.description import FrameDescription
from devices.led.farend import WIRE_FAULTS, AnsweringEnd
from devices.led.frames import BadFrame
from devices.ports import SignRows, SignText

RUN_DOTS_PER_S = 40  # how fast a text that is too long runs
BLINK_S = 1.0
SIGNS = 256  # signs it is at most


class SignSimulator(AnsweringEnd[Feed]):
    """`description` may also be any SignCodec (Onbon …). `host` "" = a pty instead of TCP. `columns` and `rows` in dots of
    one row of text; a hall sign has as many rows of text as its codec says."""

    faults: tuple[str, ...] = ("dead", "refuse", *WIRE_FAULTS)

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
        super().__init__(host, port, clock)
        self._codec = FrameCodec(description) if isinstance(description, FrameDescription) else description
        self._any = not addresses
        self._addresses = list(addresses)
        self.columns, self.rows = columns, rows
        self._shown: dict[int, list[SignText]] = {}
        self._since: dict[int, float] = {}
        self._levels: dict[int, int] = {}
        self.bad_frames: deque[BadFrame] = deque(maxlen=50)
        self.taken = 0  # frames that were read and are for a sign that is on

    @property
    def addresses(self) -> tuple[int, ...]:
        with self._changed:
            return tuple(self._addresses)

    @property
    def showing(self) -> dict[int, str]:
        """What each sign shows, a hall sign's rows as lines; signs that were never written to are dark: "" """
        with self._changed:
            return {
                address: "\n".join(row.text for row in self._rows(address)).rstrip("\n") for address in self._addresses
            }

    @property
    def blinking(self) -> set[int]:
        with self._changed:
            return {address for address, rows in self._shown.items() if any(row.blink for row in rows)}

    @property
    def levels(self) -> dict[int, int]:
        """Brightness of the signs that were told one, 0 to 100."""
        with self._changed:
            return dict(self._levels)

    def power_cycle(self, address: int = 0) -> None:
        """Off and on again: what it showed is gone, and it says hello if its protocol has that. 0 = all of them."""
        self.on_thread(lambda: self._restart(address))

    def wait_for(self, address: int, text: str, timeout_s: float = 5.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._text(address) == text, timeout_s)

    def wait_bad(self, timeout_s: float = 5.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: bool(self.bad_frames), timeout_s)

    def png(self, address: int | None = None) -> bytes:
        """One sign, or all below one another, as they look now: long texts run, blinking ones blink."""
        now = self._clock()
        with self._changed:
            wanted = self._addresses if address is None else [address]
            shown = [(self._rows(a), now - self._since.get(a, now), self.off(a)) for a in wanted]
        panels = []
        for rows, age, off in shown:
            panels.append(picture.panel(picture.stacked([self._dots(row, age, off) for row in rows])))
        return picture.png(picture.stack(panels))

    def _dots(self, row: SignText, age: float, off: bool) -> Image:
        dark = off or (row.blink and age % BLINK_S > 0.6 * BLINK_S)
        wide = picture.width_of(row.text, self.rows)
        loop = f"{row.text}    " if wide > self.columns else row.text
        shift = int(age * RUN_DOTS_PER_S) % picture.width_of(loop, self.rows) if wide > self.columns else 0
        words = loop + row.text if wide > self.columns else loop
        return picture.dots("" if dark else words, self.columns, self.rows, shift)

    # --- below: state read under the condition ---------------------------------------------------------------------

    def _rows(self, address: int) -> list[SignText]:
        rows = self._shown.get(address, [])
        return [*rows, *([SignText(address, "")] * (self._codec.rows - len(rows)))]

    def _text(self, address: int) -> str:
        return "\n".join(row.text for row in self._rows(address)).rstrip("\n")

    # --- below: the thread -----------------------------------------------------------------------------------------

    def _new_reader(self) -> Feed:
        return self._codec.reader()

    def _received(self, client: Client, reader: Feed, data: bytes) -> None:
        self._seen(client, reader.feed(data))

    def _paused(self, client: Client, reader: Feed) -> None:
        self._seen(client, reader.idle())

    def _seen(self, client: Client, items: list[Seen | BadFrame]) -> None:
        for item in items:
            with self._changed:
                if isinstance(item, BadFrame):
                    self.bad_frames.append(item)
                    answer, address = b"", 0
                else:
                    address = item.what.address
                    answer = self._show(item)
                self._changed.notify_all()
            self._send(client, answer, address)

    def _show(self, seen: Seen) -> bytes:
        address = seen.what.address
        if isinstance(seen.what, Asked):
            return b"" if self.off(address) else seen.yes
        if self._any and address not in self._addresses and len(self._addresses) < SIGNS:
            self._addresses = sorted([*self._addresses, address])
        if address not in self._addresses or self.off(address):
            return b""
        if self.has("refuse", address):
            return seen.no
        self.taken += 1
        self._keep(address, seen.what)
        return seen.yes

    def _keep(self, address: int, what: SignText | SignRows | Row | Level) -> None:
        before = self._rows(address)
        if isinstance(what, Level):
            self._levels[address] = what.level
            return
        if isinstance(what, Row):
            rows = list(before)
            if what.row < len(rows):
                rows[what.row] = SignText(address, what.text, what.blink)
        elif isinstance(what, SignRows):
            rows = [SignText(address, text) for text in what.rows]
        else:
            rows = [what]
        if address not in self._shown or rows != before:
            self._shown[address] = rows
            self._since[address] = self._clock()

    def _restart(self, address: int) -> None:
        with self._changed:
            which = [a for a in self._addresses if address in (0, a)]
            for each in which:
                self._shown.pop(each, None)
                self._levels.pop(each, None)
            self._changed.notify_all()
        for each in which:
            self._send(None, self._codec.greeting(each), each)
