"""The frames of a sign or pad, described in TOML and read into frozen values. Pure but for `load`, which reads the file.

A description is refused, never repaired; every mistake of the file is in one error, each with its key and its remedy.
`config/signs/sum8.toml` is the commented example.

One file may describe several frames: a sign's [dim] (brightness) and [hello] (what it says when it was switched on), all
frames of a keypad. Such a frame takes head, tail, [escape], [fixed] and the fields of its layout from the file's top level
unless it gives its own; a `counts` or `over` that names all fields there means all of its own fields, as "*" does.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NoReturn, cast

from devices.led.checksums import CHECKSUMS
from devices.led.tables import Mistake, Table
from devices.ports import DeviceError

Order = Literal["big", "little"]
Coding = Literal["binary", "bcd", "digits"]
# What a frame can say in numbers: row of a hall sign, from 0; level of brightness, 0 to 100; waiting, key and sequence of a pad.
NUMBERS = ("address", "row", "level", "waiting", "key", "sequence")
FIELDS = ("head", *NUMBERS, "length", "command", "flag", "text", "checksum", "tail")
CHARSETS = ("gbk", "gb2312", "gb18030", "ascii", "utf-8")
ALL = "*"  # in counts: every field behind length; in over: every field behind head; both up to the checksum
INHERITED = ("head", "tail", "escape", "fixed", "length", "checksum", "text", *NUMBERS)


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
class Field(Number):
    """On the wire: the value + `offset`, in binary, as BCD, or as figures of ASCII. `top` is the wire's value for level 100."""

    offset: int = 0
    coding: Coding = "binary"
    top: int = 100


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
    """`layout` has the names of FIELDS and of `fixed` in wire order; `escape` maps a byte to what is sent for it. `text` None =
    the frame has none. `dim` and `hello`: the sign's other frames."""

    name: str
    layout: tuple[str, ...]
    head: bytes
    tail: bytes
    fixed: dict[str, bytes]
    numbers: dict[str, Field]
    command: Switch | None
    flag: Switch | None
    length: Length | None
    text: TextField | None
    escape: dict[int, bytes]
    checksum: Check | None
    ack: Ack | None = None
    dim: FrameDescription | None = None
    hello: FrameDescription | None = None


def load(path: Path) -> FrameDescription:
    """Reads and checks a description; raises BadDescription, also when the file is missing or not TOML."""
    return parse(read_file(path), path.name)


def parse(text: str, file: str) -> FrameDescription:
    """A sign's description."""
    raw = toml(text, file)
    top = Table(file, "", raw)
    dim, hello = top.sub("dim"), top.sub("hello")
    description = replace(frame(top), ack=_ack(top.table("ack", needed=False)))
    layout = description.layout
    if dim is not None:
        description = replace(description, dim=frame(inherit(top, dim, layout)))
    if hello is not None:
        description = replace(description, hello=frame(inherit(top, hello, layout)))
    mistakes = top.finish() + law(file, "", description, needs=("text",))
    if description.dim:
        mistakes += law(file, "dim.", description.dim, needs=("level",))
    if description.hello:
        mistakes += law(file, "hello.", description.hello)
    refuse(mistakes)
    return description


def read_file(path: Path) -> str:
    """Raises BadDescription when the file is missing or no text."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        _refuse(path.name, str(error), "name an existing UTF-8 file, such as signs/sum8.toml")


def refuse(mistakes: list[Mistake]) -> None:
    """Raises BadDescription if there are any; what two frames share is told once."""
    if mistakes:
        raise BadDescription(list(dict.fromkeys(mistakes)))


def toml(text: str, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _refuse(file, str(error), "correct the TOML at this line")


def _refuse(file: str, what: str, remedy: str) -> NoReturn:
    raise BadDescription([Mistake(file, "", what, remedy)]) from None


def inherit(top: Table, own: Table, top_layout: tuple[str, ...] = ()) -> Table:
    """`own` with what it does not say for itself taken from `top`, whose own layout, if any, is `top_layout`."""
    layout = own.raw.get("layout")
    names = layout if isinstance(layout, list) else []
    taken: dict[str, object] = {}
    for key in INHERITED:
        value = top.raw.get(key)
        if value is None or key in own.raw or (key not in ("head", "tail", "escape", "fixed") and key not in names):
            continue
        if key == "tail" and "tail" not in names:
            continue
        if isinstance(value, dict) and key in ("length", "checksum"):
            span = "counts" if key == "length" else "over"
            given = value.get(span)
            if isinstance(given, list) and tuple(given) == spread((ALL,), top_layout, key):
                value = {**value, span: [ALL]}
        taken[key] = value
    own.take_over(taken)
    return own


def spread(names: tuple[str, ...], layout: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The names that "*" stands for in the `counts` of length or the `over` of checksum."""
    if names != (ALL,):
        return names
    first = layout.index("length") + 1 if key == "length" and "length" in layout else 1
    last = layout.index("checksum") if "checksum" in layout else len(layout) - ("tail" in layout)
    return layout[first:last]


def frame(top: Table) -> FrameDescription:
    """One frame as its table says; `law` must be asked before it is used."""
    fixed_table = top.table("fixed", needed=False)
    fixed = {name: fixed_table.hex(name) for name in fixed_table.keys()} if fixed_table else {}  # noqa: SIM118 (a Table is no dict)
    layout, bytes_in_layout = _layout(top.words("layout"), fixed)
    fixed |= bytes_in_layout
    numbers = {name: table for name in NUMBERS if (table := top.table(name, needed=name in layout)) is not None}
    return FrameDescription(
        name=top.text("name", default=""),
        layout=layout,
        head=top.hex("head"),
        tail=top.hex("tail", default=b""),
        fixed=fixed,
        numbers={name: _field(name, table) for name, table in numbers.items()},
        command=_switch(top.table("command", needed="command" in layout), "show"),
        flag=_switch(top.table("flag", needed="flag" in layout), "plain"),
        length=_length(top.table("length", needed="length" in layout), layout),
        text=_text(top.table("text", needed="text" in layout)),
        escape=_escape(top.table("escape", needed=False)),
        checksum=_check(top.table("checksum", needed="checksum" in layout), layout),
    )


def _layout(words: tuple[str, ...], fixed: dict[str, bytes]) -> tuple[tuple[str, ...], dict[str, bytes]]:
    """A word of two hex digits is that byte; it gets a name of its own, for the same byte may stand in two places."""
    names: list[str] = []
    found: dict[str, bytes] = {}
    for word in words:
        name = word
        if word not in fixed and word not in FIELDS and len(word) == 2 and is_hex(word):
            while name in found:
                name += "'"
            found[name] = bytes.fromhex(word)
        names.append(name)
    return tuple(names), found


def is_hex(word: str) -> bool:
    return all(char in "0123456789abcdefABCDEF" for char in word)


def _order(table: Table) -> Order:
    return cast(Order, table.one_of("order", ("big", "little"), default="big"))


def _field(name: str, table: Table) -> Field:
    width = table.number("bytes", 1, 8)
    coding = cast(Coding, table.one_of("coding", ("binary", "bcd", "digits"), default="binary"))
    top = table.number("max", 1, 65535, default=100) if name == "level" else 100
    return Field(width, _order(table), table.number("offset", -65535, 65535, default=0), coding, top)


def _length(table: Table | None, layout: tuple[str, ...]) -> Length | None:
    if table is None:
        return None
    width = table.number("bytes", 1, 4)
    counts = spread(table.words("counts"), layout, "length")
    return Length(width, _order(table), counts, table.number("add", -64, 64, default=0))


def _switch(table: Table | None, plain: str) -> Switch | None:
    if table is None:
        return None
    switch = Switch(table.hex(plain), table.hex("blink", default=b"") or None)
    if switch.blink and len(switch.blink) != len(switch.plain):
        table.wrong("blink", f"has {len(switch.blink)} bytes, {plain} has {len(switch.plain)}", "make both as long")
    return switch


def _text(table: Table | None) -> TextField | None:
    if table is None:
        return None
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
        if len(key) != 2 or not is_hex(key):
            table.wrong(key, "is not one byte in hex", 'write the byte as 7E = "7D 02"')
        elif len(sent) != 2:
            table.wrong(key, f"is sent as {len(sent)} bytes", "give the two bytes that are sent for it")
        else:
            found[int(key, 16)] = sent
    return found


def _check(table: Table | None, layout: tuple[str, ...]) -> Check | None:
    if table is None:
        return None
    kind = table.one_of("kind", tuple(CHECKSUMS), default=None)
    width = CHECKSUMS[kind].width if kind in CHECKSUMS else 1
    return Check(width, _order(table), kind, spread(table.words("over"), layout, "checksum"))


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
        if len(token) != 2 or not is_hex(token):
            table.wrong(key, f"has {token!r}", "use hex bytes, address, checksum and one pair of ( )")
    marks = [token for token in tokens if token in ("(", ")", "checksum")]
    if marks not in ([], ["(", ")", "checksum"], ["(", ")"]):
        table.wrong(key, "has its ( ) and checksum out of order", "write … ( what is covered ) checksum …")
    return tokens


def law(file: str, path: str, d: FrameDescription, needs: tuple[str, ...] = ()) -> list[Mistake]:
    """What must hold between the tables, or a frame could not be read back. `path` is the frame's place in the file."""
    found: list[Mistake] = []

    def wrong(key: str, what: str, remedy: str) -> None:
        found.append(Mistake(file, path + key, what, remedy))

    known = {*FIELDS, *d.fixed}
    for key, names in (("layout", d.layout), *_spans(d)):
        for name in names:
            if name not in known:
                wrong(key, f"names {name!r}", f"use {', '.join(FIELDS)}, a byte as 7E, or a name of [fixed]")
            elif key != "layout" and name not in d.layout:
                wrong(key, f"counts {name!r}, which is not in layout", "add it to layout, or leave it out here")
    if len(set(d.layout)) != len(d.layout):
        wrong("layout", "names a field twice", "name each once; constants get names of their own in [fixed]")
    if d.layout[:1] != ("head",) or not d.head:
        wrong("layout", "does not begin with head", "begin with head: a reader finds a frame by it")
    for name in needs:
        if name not in d.layout:
            wrong("layout", f"has no {name}", f"add {name}")
    if ("tail" in d.layout) != bool(d.tail) or ("tail" in d.layout and d.layout[-1] != "tail"):
        wrong("layout", "and tail do not agree", "give tail bytes and name tail last, or neither")
    tables = {"length": d.length, "command": d.command, "flag": d.flag, "text": d.text, **d.numbers}
    for name, table in tables.items():
        if table and name not in d.layout and name not in needs:
            wrong(name, "is described but not in layout", "add it to layout, or remove its table")
    if any(sent[0] not in d.escape for sent in d.escape.values()):
        wrong("escape", "does not escape its own first byte", "add that byte too, or it could not be read back")
    found += _law_of_size(file, path, d)
    return found


def _law_of_size(file: str, path: str, d: FrameDescription) -> list[Mistake]:
    found: list[Mistake] = []

    def wrong(key: str, what: str, remedy: str) -> None:
        found.append(Mistake(file, path + key, what, remedy))

    open_text = d.text is not None and d.text.width is None
    if d.length and "text" in d.layout and d.layout.index("length") > d.layout.index("text"):
        wrong("layout", "has length behind text", "put length before text")
    if d.length and open_text and "text" not in d.length.counts:
        wrong("length.counts", "leaves out text", "count text, or give text.width")
    if not d.length and open_text and not d.tail:
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
