"""What goes between us and a pad, as values, and its bytes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from devices.keypad.description import PadDescription
from devices.led.description import FrameDescription
from devices.led.frames import BadFrame, Read, Reader, build


@dataclass(frozen=True, slots=True)
class Key:
    """A key or score of the pad at `address` (None = its frame has none); `sequence` None where the protocol has none. `name` ""
    for a code that the description does not know."""

    address: int | None
    code: int
    name: str
    sequence: int | None
    event: bool = False  # it spoke by itself


@dataclass(frozen=True, slots=True)
class Nothing:
    """It was asked, and no key is pressed."""

    address: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """It took what we told it."""

    address: int | None


FromPad = Key | Nothing | Told


class PadCodec:
    """Both directions. A frame without an address is for the one pad of its line."""

    def __init__(self, description: PadDescription) -> None:
        self.d = description

    def tell(self, address: int, text: str = "", waiting: int = 0) -> bytes:
        """[show] or [ask]. Raises FrameError. More than fits of `waiting` is shown as the most that fits."""
        field = self.d.tell.numbers.get("waiting")
        if field is not None:
            figures = {"binary": 0, "bcd": 2 * field.width, "digits": field.width}[field.coding]
            most = 10**figures - 1 if figures else 256**field.width - 1
            waiting = min(waiting, most - field.offset)
        return build(self.d.tell, _all(address, waiting=waiting), text)

    def poll(self, address: int) -> bytes:
        """Raises FrameError; only where there is a [poll]."""
        assert self.d.poll is not None
        return build(self.d.poll, _all(address))

    def accept(self, key: Key, address: int) -> bytes:
        """Empty where the pad needs none."""
        if self.d.accept is None:
            return b""
        return build(self.d.accept, _all(address, key=key.code, sequence=key.sequence or 0))

    def reader(self) -> PadReader:
        return PadReader(self.d)

    # For the simulator: the other end.

    def far_reader(self) -> Reader:
        return Reader(*self.d.to_pad)

    def key(self, frame: FrameDescription, address: int, code: int, sequence: int) -> bytes:
        return build(frame, _all(address, key=code, sequence=sequence))

    def plain(self, frame: FrameDescription | None, address: int) -> bytes:
        return build(frame, _all(address)) if frame else b""


class PadReader:
    """Bytes as they come → what the pads say, in order. Noise is passed over: the pad is asked again."""

    def __init__(self, description: PadDescription) -> None:
        self._d = description
        self._reader = Reader(*description.from_pad)

    def feed(self, data: bytes) -> list[FromPad]:
        return self._all(self._reader.feed(data))

    def idle(self) -> list[FromPad]:
        """The line has been silent: what is left of a frame will not come."""
        return self._all(self._reader.idle())

    @property
    def begun(self) -> bool:
        """The beginning of a frame has come, and its rest has not."""
        return self._reader.begun

    def whole(self, piece: bytes) -> bool:
        """Whether `piece` alone is exactly one good frame."""
        items = Reader(*self._d.from_pad).feed(piece)
        return len(items) == 1 and isinstance(items[0], Read)

    def _all(self, items: list[Read | BadFrame]) -> list[FromPad]:
        return [self._meant(item) for item in items if isinstance(item, Read)]

    def _meant(self, read: Read) -> FromPad:
        address = read.numbers.get("address")
        if read.frame in (self._d.answer, self._d.event):
            code = read.numbers["key"]
            if code == self._d.none:
                return Nothing(address)
            return Key(
                address,
                code,
                self._d.codes.get(code, ""),
                read.numbers.get("sequence"),
                event=read.frame == self._d.event,
            )
        return Told(address) if read.frame == self._d.told else Nothing(address)


def _all(address: int, *, waiting: int = 0, key: int = 0, sequence: int = 0) -> Mapping[str, int]:
    return {"address": address, "row": 0, "level": 0, "waiting": waiting, "key": key, "sequence": sequence}
