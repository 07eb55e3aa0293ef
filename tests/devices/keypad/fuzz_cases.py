"""The pads' codec for the common fuzzer: both ends of the example descriptions."""

from collections.abc import Callable
from pathlib import Path

from devices.keypad.codec import Key, PadCodec
from devices.keypad.description import load
from tests.devices.fuzzing import FuzzCase

PADS = Path(__file__).parents[3] / "config" / "keypads"


def reading(codec: PadCodec) -> Callable[[bytes], object]:
    """What we and what the pad make of the bytes."""

    def decode(data: bytes) -> object:
        ours, theirs = codec.reader(), codec.far_reader()
        return [*ours.feed(data), *ours.idle(), *theirs.feed(data), *theirs.idle()]

    return decode


def one(name: str, *, rating: bool) -> FuzzCase:
    codec = PadCodec(load(PADS / f"{name}.toml", rating=rating))
    d = codec.d
    code = next(iter(d.codes))
    theirs = [codec.key(frame, 11, code, 7) for frame in (d.answer, d.event) if frame is not None]
    theirs += [raw for raw in (codec.plain(d.told, 11), codec.plain(d.nothing, 11)) if raw]
    ours = [codec.tell(11, "A001", 7)] + ([codec.poll(11)] if d.poll else [])
    ours += [raw] if (raw := codec.accept(Key(11, code, "", 7), 11)) else []
    return FuzzCase(f"pad-{name}", (*theirs, *ours), reading(codec))


CASES: tuple[FuzzCase, ...] = (
    one("polled", rating=False),
    one("event", rating=False),
    one("rating_polled", rating=True),
    one("rating_event", rating=True),
)
