"""The kinds of LED sign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from devices.catalog import Kind, Samples, Site, Slip
from devices.hours import Hour, hour_slips
from devices.led import onbon
from devices.led.alpha import AlphaCodec
from devices.led.codec import FrameCodec, SignCodec
from devices.led.description import BadDescription, load
from devices.led.driver import REPAINT_S, CodecSign
from devices.led.modbus import Framing, ModbusCodec, Registers
from devices.led.onbon import OnbonCodec, Screen
from devices.led.simulated import ROW_DOTS, SimulatedSigns
from devices.ports import SignText

LINES = ("tcp://", "serial://", "bus:")
MOST_ROWS = 8


class SignOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`rows` 2 or more = a hall sign of so many rows, at `address`. `hours`: brightness by the hour. `repaint_s`: how often each
    sign is painted again, so that one that lost its power does not stay dark; 0 = never."""

    rows: int = 1
    address: int = 1
    hours: list[Hour] = []
    repaint_s: float = REPAINT_S


class FrameOptions(SignOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`frame`: the file that describes the sign's frame."""

    frame: str


class OnbonOptions(SignOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`columns`: dots of the panel's width, a multiple of 8; one row is 16 dots high."""

    columns: int = 128


class ModbusOptions(SignOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See modbus.Registers. `framing` "" = RTU on serial lines and buses, TCP on tcp:// (a serial server that only passes bytes
    on needs "rtu")."""

    framing: Literal["", "rtu", "tcp"] = ""
    register: int = 0
    width: int = 2
    coding: Literal["ticket", "digits", "ascii", "gbk"] = "ticket"
    function: Literal[6, 16] = 16
    blank: int = 0
    row_step: int = 0
    dim_register: int | None = None
    dim_max: int = 100


class AlphaOptions(SignOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


def _frame_codec(site: Site, options: FrameOptions) -> FrameCodec:
    return FrameCodec(load(site.config / options.frame), options.rows)


def _onbon_codec(site: Site, options: OnbonOptions) -> OnbonCodec:
    return OnbonCodec(Screen(options.columns, ROW_DOTS * options.rows), options.rows)


def _modbus_codec(site: Site, options: ModbusOptions) -> ModbusCodec:
    framing: Framing = options.framing or ("tcp" if site.where.startswith("tcp:") else "rtu")
    registers = Registers(
        options.register,
        options.width,
        options.coding,
        options.function,
        options.blank,
        options.row_step,
        options.dim_register,
        options.dim_max,
    )
    return ModbusCodec(registers, framing, options.rows)


def _alpha_codec(site: Site, options: AlphaOptions) -> AlphaCodec:
    return AlphaCodec(options.rows)


def _dots(options: SignOptions) -> int:
    """The width of a simulated panel: a hall sign has room for "A001 请到 12 号窗口"."""
    return 128 if options.rows == 1 else 192


def _sign(site: Site, codec: SignCodec, options: SignOptions) -> CodecSign:
    return CodecSign(site.where, codec, site.opener, repaint_s=options.repaint_s)


def _slips(site: Site, options: SignOptions) -> Iterable[Slip]:
    if not 1 <= options.rows <= MOST_ROWS:
        yield Slip("rows", f"{options.rows} is out of range.", f"Use 1 to {MOST_ROWS}; 2 or more for a hall sign.")
    if options.repaint_s and not 5 <= options.repaint_s <= 3600:
        yield Slip("repaint_s", f"{options.repaint_s:g} is out of range.", "Use 5 to 3600 seconds, or 0 for never.")
    yield from hour_slips(options.hours)


def _frame_slips(site: Site, options: FrameOptions) -> Iterable[Slip]:
    yield from _slips(site, options)
    try:
        description = load(site.config / options.frame)
    except BadDescription as error:
        for mistake in error.mistakes:
            where = f"{options.frame}: {mistake.key or 'the file'}"
            yield Slip("frame", f"{where} {mistake.what}.", f"{mistake.remedy[:1].upper()}{mistake.remedy[1:]}.")
        return
    if options.rows > 1 and "row" not in description.numbers:
        yield Slip("rows", f"{options.frame} has no row in its layout.", "Add row to layout, and a table [row].")
    if options.hours and description.dim is None:
        yield Slip("hours", f"{options.frame} has no brightness.", "Add a table [dim], or remove hours.")


def _onbon_slips(site: Site, options: OnbonOptions) -> Iterable[Slip]:
    yield from _slips(site, options)
    if not 16 <= options.columns <= 2048 or options.columns % 8:
        yield Slip("columns", f"{options.columns} is no width of a panel.", "Use 16 to 2048, a multiple of 8.")


def _modbus_slips(site: Site, options: ModbusOptions) -> Iterable[Slip]:
    yield from _slips(site, options)
    most = 2 if options.coding == "ticket" else 64
    if not 1 <= options.width <= most:
        yield Slip("width", f"{options.width} is out of range for coding “{options.coding}”.", f"Use 1 to {most}.")
    last = options.register + (options.rows - 1) * (options.row_step or options.width) + options.width - 1
    if options.register < 0 or last > 0xFFFF:
        yield Slip("register", f"{options.register} to {last} are no registers.", "Use 0 to 65535.")
    if options.dim_register is not None and not 0 <= options.dim_register <= 0xFFFF:
        yield Slip("dim_register", f"{options.dim_register} is no register.", "Use 0 to 65535.")
    if not 0 <= options.blank <= 0xFFFF or not 1 <= options.dim_max <= 0xFFFF or options.row_step < 0:
        yield Slip("blank", "blank, dim_max or row_step is out of range.", "Use 0 to 65535.")
    if options.hours and options.dim_register is None:
        yield Slip("hours", "no register is given for the brightness.", "Add dim_register, or remove hours.")


def _alpha_slips(site: Site, options: AlphaOptions) -> Iterable[Slip]:
    yield from _slips(site, options)
    if options.hours:
        yield Slip("hours", "signs of this kind have no brightness.", "Remove hours.")


def _samples(codec: SignCodec, *more: bytes) -> tuple[Samples, ...]:
    frames = [*codec.frames(SignText(3, "A001 请到3号窗口")), *codec.frames(SignText(1, "Z[B012")), *more]

    def decode(data: bytes) -> object:
        reader = codec.reader()
        return [*reader.feed(data), *reader.idle(), codec.verdict(data, 3, frames[0])]

    return (Samples(tuple(frames), decode),)


KINDS = (
    Kind(
        "sign",
        "frame",
        "自定义帧 LED 屏",
        "LED sign by described frames",
        lambda site, options: _sign(site, _frame_codec(site, options), options),
        LINES,
        FrameOptions,
        _frame_slips,
        lambda site, options: SimulatedSigns(site, _frame_codec(site, options), _dots(options)),
    ),
    Kind(
        "sign",
        "onbon",
        "仰邦 BX 控制卡",
        "Onbon BX-5K/6K card",
        lambda site, options: _sign(site, _onbon_codec(site, options), options),
        LINES,
        OnbonOptions,
        _onbon_slips,
        lambda site, options: SimulatedSigns(site, _onbon_codec(site, options), options.columns),
        samples=_samples(OnbonCodec(Screen()), onbon.answer(3, ok=True), onbon.answer(3, ok=False)),
    ),
    Kind(
        "sign",
        "modbus",
        "Modbus 数码屏",
        "Modbus number sign",
        lambda site, options: _sign(site, _modbus_codec(site, options), options),
        LINES,
        ModbusOptions,
        _modbus_slips,
        lambda site, options: SimulatedSigns(site, _modbus_codec(site, options), _dots(options)),
        samples=(*_samples(ModbusCodec(Registers(), "rtu")), *_samples(ModbusCodec(Registers(), "tcp"))),
    ),
    Kind(
        "sign",
        "alpha",
        "Alpha / EZ95 英文屏",
        "Alpha or EZ95 sign (no Chinese)",
        lambda site, options: _sign(site, _alpha_codec(site, options), options),
        LINES,
        AlphaOptions,
        _alpha_slips,
        lambda site, options: SimulatedSigns(site, _alpha_codec(site, options), _dots(options)),
        samples=_samples(AlphaCodec()),
    ),
)
