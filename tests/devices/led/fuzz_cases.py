"""The sign codecs for the common fuzzer: both ends of each."""

from collections.abc import Callable
from pathlib import Path

from devices.led.alpha import AlphaCodec
from devices.led.codec import FrameCodec, Seen, SignCodec
from devices.led.description import load
from devices.led.modbus import ModbusCodec, Registers
from devices.led.onbon import OnbonCodec, Screen, answer
from devices.ports import SignRows, SignText
from tests.devices.fuzzing import FuzzCase

SIGNS = Path(__file__).parents[3] / "config" / "signs"
TEXTS = (SignText(3, "A001 请到3号窗口", blink=True), SignText(1, "Z[UB012"))


def reading(codec: SignCodec) -> Callable[[bytes], object]:
    """What the sign makes of the bytes."""

    def decode(data: bytes) -> object:
        reader = codec.reader()
        return [*reader.feed(data), *reader.idle()]

    return decode


def hearing(codec: SignCodec, sent: bytes) -> Callable[[bytes], object]:
    """What we make of them as an answer."""
    return lambda data: (codec.verdict(data, 3, sent), codec.greeted(data))


def one(name: str, codec: SignCodec, *, dims: bool = True, more: tuple[bytes, ...] = ()) -> FuzzCase:
    frames = [raw for text in TEXTS for raw in codec.frames(text)] + (codec.dim(3, 60) if dims else [])
    if codec.rows > 1:
        frames += codec.frames(SignRows(3, ("A001 请到 3 号窗口", "B002")))
    seen = codec.reader().feed(frames[0])[0]
    answers = [seen.yes, seen.no] if isinstance(seen, Seen) and seen.yes else []
    answers += [codec.greeting(3)] if codec.greeting(3) else []
    read, hear = reading(codec), hearing(codec, frames[0])
    return FuzzCase(f"sign-{name}", (*frames, *answers, *more), lambda data: (read(data), hear(data)))


CASES: tuple[FuzzCase, ...] = (
    one("sum8", FrameCodec(load(SIGNS / "sum8.toml"))),
    one("crc16", FrameCodec(load(SIGNS / "crc16.toml")), dims=False),
    one("hall", FrameCodec(load(SIGNS / "hall.toml"), 2)),
    one("onbon", OnbonCodec(Screen(128, 32), 2), more=(answer(3, ok=False, error=12),)),
    one("modbus-rtu", ModbusCodec(Registers(dim=9), "rtu")),
    one("modbus-tcp", ModbusCodec(Registers(dim=9, width=8, coding="gbk"), "tcp", 2)),
    one("alpha", AlphaCodec(2), dims=False),
)
