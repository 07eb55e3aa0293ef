"""What a sign driver and a sign simulator need of a frame format, and the described frames as one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from devices.led.description import FrameDescription
from devices.led.frames import BadFrame, FrameError, Read, Reader, ack, build
from devices.ports import DONE, Outcome, SignRows, SignText, not_done

Shown = SignText | SignRows
DARK = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a hall sign, counted from 0."""

    address: int
    row: int
    text: str
    blink: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """Brightness, 0 to 100."""

    address: int
    level: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that shows and changes nothing, such as "are you there"."""

    address: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What one frame told the sign, and what the sign answers when it took it or refuses it (empty = nothing)."""

    what: SignText | SignRows | Row | Level | Asked
    yes: bytes = b""
    no: bytes = b""


class Feed(Protocol):
    """The sign's reading end: bytes as they come → what they say and bad frames, in order."""

    def feed(self, data: bytes) -> list[Seen | BadFrame]: ...

    def idle(self) -> list[Seen | BadFrame]: ...


class SignCodec(Protocol):
    """`within_s` 0 = the sign never answers. `tries`: how often silence is asked again. `rows` 1 = no hall sign."""

    within_s: float
    tries: int
    rows: int

    def frames(self, shown: Shown) -> list[bytes]:
        """One exchange each. Raises FrameError for what this sign cannot show."""

    def dim(self, address: int, level: int) -> list[bytes]:
        """Raises FrameError when this sign has no brightness."""

    def verdict(self, received: bytes, address: int, sent: bytes) -> Outcome | None:
        """What the sign's answer to `sent` says; None = nothing to be sure of yet."""

    def greeted(self, received: bytes) -> set[int]:
        """The addresses whose sign said that it was just switched on."""

    # For the simulator: the other end.

    def greeting(self, address: int) -> bytes: ...

    def reader(self) -> Feed: ...


def refused(address: int, why: str = "") -> Outcome:
    return not_done(f"sign {address} refused the text 屏 {address} 拒绝显示{f' ({why})' if why else ''}")


def no_brightness(what: str) -> FrameError:
    return FrameError(f"{what}: its protocol has no brightness 该屏协议不支持调节亮度; set it on the sign 请在屏上设置")


def hall_rows(shown: SignRows, rows: int) -> list[str]:
    """Exactly `rows` texts, dark ones below. Raises FrameError for a sign of one row and for more than there are."""
    if rows < 2:
        raise FrameError("this sign has one row 该屏只有一行: give its device rows = 2 or more 请配置 rows")
    if len(shown.rows) > rows:
        raise FrameError(f"{len(shown.rows)} rows for a sign of {rows} 行数超出: give rows = {len(shown.rows)}")
    return [*shown.rows, *([DARK] * (rows - len(shown.rows)))]


class FrameCodec:
    """A sign whose frame is described in TOML. A hall sign's rows are sent one by one, each with its number in `row`."""

    def __init__(self, description: FrameDescription, rows: int = 1) -> None:
        self._d = description
        self.rows = rows
        self.within_s = description.ack.within_ms / 1000 if description.ack else 0.0
        self.tries = description.ack.tries if description.ack else 1

    def encode(self, text: SignText) -> bytes:
        """The frame of one text."""
        return build(self._d, {"address": text.address, "row": 0}, text.text, blink=text.blink)

    def frames(self, shown: Shown) -> list[bytes]:
        if isinstance(shown, SignText):
            return [self.encode(shown)]
        rows = hall_rows(shown, self.rows)
        if "row" not in self._d.numbers:
            raise FrameError("the sign's description has no row 帧描述没有 row 字段: add [row], and row to layout")
        return [build(self._d, {"address": shown.address, "row": n}, text) for n, text in enumerate(rows)]

    def dim(self, address: int, level: int) -> list[bytes]:
        if self._d.dim is None:
            raise no_brightness(self._d.name or "this sign")
        return [build(self._d.dim, {"address": address, "row": 0, "level": level})]

    def verdict(self, received: bytes, address: int, sent: bytes) -> Outcome | None:
        """An answer is known byte for byte, so an echo of our own bytes or noise around it does no harm."""
        yes, no = ack(self._d, address, ok=True), ack(self._d, address, ok=False)
        if yes and yes in received:
            return DONE
        return refused(address) if no and no in received else None

    def greeted(self, received: bytes) -> set[int]:
        if self._d.hello is None or not received:
            return set()
        items = Reader(self._d.hello).feed(received)
        return {item.numbers.get("address", 0) for item in items if isinstance(item, Read)}

    def greeting(self, address: int) -> bytes:
        return build(self._d.hello, {"address": address, "row": 0, "level": 0}) if self._d.hello else b""

    def reader(self) -> FrameFeed:
        return FrameFeed(self._d)


class FrameFeed:
    """The reading end of a described sign."""

    def __init__(self, description: FrameDescription) -> None:
        self._d = description
        self._reader = Reader(description, *([description.dim] if description.dim else []))

    def feed(self, data: bytes) -> list[Seen | BadFrame]:
        return [self._seen(item) for item in self._reader.feed(data)]

    def idle(self) -> list[Seen | BadFrame]:
        return [self._seen(item) for item in self._reader.idle()]

    def _seen(self, item: Read | BadFrame) -> Seen | BadFrame:
        if isinstance(item, BadFrame):
            return item
        address = item.numbers.get("address", 0)
        what: SignText | Row | Level
        if item.frame is not self._d:
            what = Level(address, item.numbers["level"])
        elif "row" in item.numbers:
            what = Row(address, item.numbers["row"], item.text, item.blink)
        else:
            what = SignText(address, item.text, item.blink)
        try:
            return Seen(what, ack(self._d, address, ok=True), ack(self._d, address, ok=False))
        except FrameError as error:  # an address that came in cannot always be sent back (BCD with an offset)
            return BadFrame(b"", str(error))
