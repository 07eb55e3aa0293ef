"""A sign's frame, described in TOML and read into a frozen value. Pure but for `load`, which reads the file.

A description is refused, never repaired; every mistake of the file is in one error, each with its key and its remedy.
`config/signs/sum8.toml` is the commented example.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn, cast

from devices.led.checksums import CHECKSUMS
from devices.led.tables import Mistake, Table
from devices.ports import DeviceError

Order = Literal["big", "little"]
FIELDS = ("head", "address", "length", "command", "flag", "text", "checksum", "tail")
CHARSETS = ("gbk", "gb2312", "gb18030", "ascii", "utf-8")


class BadDescription(DeviceError):
    """`mistakes` has all of them."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Number:
    """A number on the wire: `width` bytes."""

    width: int
    order: Order


@dataclass(frozen=True, slots=True)
class Address(Number):
    offset: int


@dataclass(frozen=True, slots=True)
class Length(Number):
    """Value = the bytes of the fields in `counts`, unescaped, + `add`."""

    counts: tuple[str, ...]
    add: int


@dataclass(frozen=True, slots=True)
class Switch:
    """Bytes that say how to show: `blink` None = the sign cannot."""

    plain: bytes
    blink: bytes | None


@dataclass(frozen=True, slots=True)
class TextField:
    """`width` None = as long as the text, up to `max_bytes`."""

    charset: str
    width: int | None
    pad: bytes
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Check(Number):
    kind: str
    over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ack:
    """Tokens: two hex digits, "address", "(", ")", "checksum"; see sum8.toml."""

    ok: tuple[str, ...]
    refused: tuple[str, ...]
    within_ms: int
    tries: int


@dataclass(frozen=True, slots=True)
class FrameDescription:
    """`layout` has the names of FIELDS and of `fixed` in wire order; `escape` maps a byte to what is sent for it."""

    name: str
    layout: tuple[str, ...]
    head: bytes
    tail: bytes
    fixed: dict[str, bytes]
    address: Address | None
    command: Switch | None
    flag: Switch | None
    length: Length | None
    text: TextField
    escape: dict[int, bytes]
    checksum: Check | None
    ack: Ack | None


def load(path: Path) -> FrameDescription:
    """Reads and checks a description; raises BadDescription, also when the file is missing or not TOML."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        _refuse(path.name, str(error), "name an existing UTF-8 file, such as signs/sum8.toml")
    return parse(text, path.name)


def parse(text: str, file: str) -> FrameDescription:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _refuse(file, str(error), "correct the TOML at this line")
    top = Table(file, "", raw)
    description = _read(top)
    mistakes = top.finish() + _law(file, description)
    if mistakes:
        raise BadDescription(mistakes)
    return description


def _refuse(file: str, what: str, remedy: str) -> NoReturn:
    raise BadDescription([Mistake(file, "", what, remedy)]) from None


def _read(top: Table) -> FrameDescription:
    layout = top.words("layout")
    fixed = top.table("fixed", needed=False)
    return FrameDescription(
        name=top.text("name", default=""),
        layout=layout,
        head=top.hex("head"),
        tail=top.hex("tail", default=b""),
        fixed={name: fixed.hex(name) for name in fixed.keys()} if fixed else {},  # noqa: SIM118 (a Table is no dict)
        address=_address(top.table("address", needed="address" in layout)),
        command=_switch(top.table("command", needed="command" in layout), "show"),
        flag=_switch(top.table("flag", needed="flag" in layout), "plain"),
        length=_length(top.table("length", needed="length" in layout)),
        text=_text(top.table("text", needed=True)),
        escape=_escape(top.table("escape", needed=False)),
        checksum=_check(top.table("checksum", needed="checksum" in layout)),
        ack=_ack(top.table("ack", needed=False)),
    )


def _order(table: Table) -> Order:
    return cast(Order, table.one_of("order", ("big", "little"), default="big"))


def _address(table: Table | None) -> Address | None:
    if table is None:
        return None
    width = table.number("bytes", 1, 4)
    return Address(width, _order(table), table.number("offset", -65535, 65535, default=0))


def _length(table: Table | None) -> Length | None:
    if table is None:
        return None
    width = table.number("bytes", 1, 4)
    return Length(width, _order(table), table.words("counts"), table.number("add", -64, 64, default=0))


def _switch(table: Table | None, plain: str) -> Switch | None:
    if table is None:
        return None
    switch = Switch(table.hex(plain), table.hex("blink", default=b"") or None)
    if switch.blink and len(switch.blink) != len(switch.plain):
        table.wrong("blink", f"has {len(switch.blink)} bytes, {plain} has {len(switch.plain)}", "make both as long")
    return switch


def _text(table: Table | None) -> TextField:
    if table is None:
        return TextField("ascii", None, b" ", 1)
    charset = table.one_of("charset", CHARSETS, default=None)
    width = table.number("width", 1, 512, default=0)
    pad = table.hex("pad", default=b" ")
    if len(pad) != 1:
        table.wrong("pad", f"has {len(pad)} bytes", 'give one byte, as "20"')
    return TextField(charset, width or None, pad, table.number("max_bytes", 1, 512, default=width or 128))


def _escape(table: Table | None) -> dict[int, bytes]:
    if table is None:
        return {}
    found: dict[int, bytes] = {}
    for key in table.keys():  # noqa: SIM118 (a Table is no dict)
        sent = table.hex(key)
        if len(key) != 2 or any(c not in "0123456789abcdefABCDEF" for c in key):
            table.wrong(key, "is not one byte in hex", 'write the byte as 7E = "7D 02"')
        elif len(sent) != 2:
            table.wrong(key, f"is sent as {len(sent)} bytes", "give the two bytes that are sent for it")
        else:
            found[int(key, 16)] = sent
    return found


def _check(table: Table | None) -> Check | None:
    if table is None:
        return None
    kind = table.one_of("kind", tuple(CHECKSUMS), default=None)
    width = CHECKSUMS[kind].width if kind in CHECKSUMS else 1
    return Check(width, _order(table), kind, table.words("over"))


def _ack(table: Table | None) -> Ack | None:
    if table is None:
        return None
    return Ack(
        ok=_tokens(table, "ok", needed=True),
        refused=_tokens(table, "refused", needed=False),
        within_ms=table.number("within_ms", 20, 10_000, default=500),
        tries=table.number("tries", 1, 5, default=1),
    )


def _tokens(table: Table, key: str, *, needed: bool) -> tuple[str, ...]:
    text = table.text(key) if needed else table.text(key, default="")
    tokens = tuple(text.split())
    for token in tokens:
        if token in ("address", "checksum", "(", ")"):
            continue
        if len(token) != 2 or any(c not in "0123456789abcdefABCDEF" for c in token):
            table.wrong(key, f"has {token!r}", "use hex bytes, address, checksum and one pair of ( )")
    marks = [token for token in tokens if token in ("(", ")", "checksum")]
    if marks not in ([], ["(", ")", "checksum"], ["(", ")"]):
        table.wrong(key, "has its ( ) and checksum out of order", "write … ( what is covered ) checksum …")
    return tokens


def _law(file: str, d: FrameDescription) -> list[Mistake]:
    """What must hold between the tables, or a frame could not be read back."""
    found: list[Mistake] = []

    def wrong(key: str, what: str, remedy: str) -> None:
        found.append(Mistake(file, key, what, remedy))

    known = {*FIELDS, *d.fixed}
    for key, names in (("layout", d.layout), *_spans(d)):
        for name in names:
            if name not in known:
                wrong(key, f"names {name!r}", f"use {', '.join(FIELDS)}, or a name of [fixed]")
            elif key != "layout" and name not in d.layout:
                wrong(key, f"counts {name!r}, which is not in layout", "add it to layout, or leave it out here")
    if len(set(d.layout)) != len(d.layout):
        wrong("layout", "names a field twice", "name each once; constants get names of their own in [fixed]")
    if d.layout[:1] != ("head",) or not d.head:
        wrong("layout", "does not begin with head", "begin with head: a reader finds a frame by it")
    if "text" not in d.layout:
        wrong("layout", "has no text", "add text")
    if ("tail" in d.layout) != bool(d.tail) or ("tail" in d.layout and d.layout[-1] != "tail"):
        wrong("layout", "and tail do not agree", "give tail bytes and name tail last, or neither")
    for name, table in (("address", d.address), ("length", d.length), ("command", d.command), ("flag", d.flag)):
        if table and name not in d.layout:
            wrong(name, "is described but not in layout", "add it to layout, or remove its table")
    if any(sent[0] not in d.escape for sent in d.escape.values()):
        wrong("escape", "does not escape its own first byte", "add that byte too, or it could not be read back")
    if d.length and "text" in d.layout and d.layout.index("length") > d.layout.index("text"):
        wrong("layout", "has length behind text", "put length before text")
    if d.length and d.text.width is None and "text" not in d.length.counts:
        wrong("length.counts", "leaves out text", "count text, or give text.width")
    if not d.length and d.text.width is None and not d.tail:
        wrong("text.width", "is missing: nothing says where a frame ends", "give length, text.width or tail")
    if d.checksum and "checksum" in d.checksum.over:
        wrong("checksum.over", "counts the checksum itself", "leave it out")
    if d.ack and not d.checksum and "checksum" in (*d.ack.ok, *d.ack.refused):
        wrong("ack.ok", "has a checksum, the frame has none", "describe [checksum], or leave it out")
    return found


def _spans(d: FrameDescription) -> list[tuple[str, tuple[str, ...]]]:
    spans = []
    if d.length:
        spans.append(("length.counts", d.length.counts))
    if d.checksum:
        spans.append(("checksum.over", d.checksum.over))
    return spans
