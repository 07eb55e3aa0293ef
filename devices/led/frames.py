"""Frames of described signs and pads: values → bytes, and back, one byte at a time if the line is like that. Pure.

The law: `Reader(d).feed(build(d, …))` gives the values back (as the charset and the fields hold them), however the
bytes are cut into pieces; other bytes give BadFrame, never an exception, and never swallow the good frame behind them
for longer than one frame's length. Of several frames the first that fits is the one that was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from devices.led.checksums import CHECKSUMS
from devices.led.description import Field, FrameDescription, Number
from devices.ports import DeviceError, SignText


class FrameError(DeviceError):
    """Our mistake: this text or number cannot be put in this frame."""


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Bytes that are no frame, and why: expected and got."""

    raw: bytes
    why: str


@dataclass(frozen=True, slots=True)
class Read:
    """One frame as it was read; `numbers` by the names of description.NUMBERS."""

    frame: FrameDescription
    numbers: dict[str, int] = field(default_factory=dict)
    text: str = ""
    blink: bool = False


def encode(d: FrameDescription, text: SignText, row: int = 0) -> bytes:
    """The bytes that make the sign show it. Characters that the charset has not become "?"; text that does not fit is
    cut between characters. Raises FrameError for an address that does not fit."""
    return build(d, {"address": text.address, "row": row}, text.text, blink=text.blink)


def build(d: FrameDescription, numbers: Mapping[str, int], text: str = "", *, blink: bool = False) -> bytes:
    """The frame's bytes; `numbers` needs those of its layout. Raises FrameError for a number that does not fit."""
    parts: dict[str, bytes] = {"head": d.head, "tail": d.tail, "text": text_bytes(d, text), **d.fixed}
    for name, number in d.numbers.items():
        parts[name] = _field(number, name, numbers[name])
    for name, switch in (("command", d.command), ("flag", d.flag)):
        if switch:
            parts[name] = switch.blink if blink and switch.blink else switch.plain
    if d.length:
        parts["length"] = bytes(d.length.width)
        count = sum(len(parts[name]) for name in d.length.counts if name != "checksum")
        count += d.checksum.width if d.checksum and "checksum" in d.length.counts else 0
        parts["length"] = _number(d.length, count + d.length.add, "length")
    if d.checksum:
        parts["checksum"] = checksum(d, b"".join(parts[name] for name in d.layout if name in d.checksum.over))
    inner = b"".join(parts[name] for name in d.layout if name not in ("head", "tail"))
    return d.head + escaped(d, inner) + d.tail


def ack(d: FrameDescription, address: int, *, ok: bool) -> bytes:
    """What the sign at `address` answers; empty when the description has no such answer."""
    tokens = () if d.ack is None else d.ack.ok if ok else d.ack.refused
    out, covered, inside, was_inside = bytearray(), bytearray(), False, False
    for token in tokens:
        if token in "()":
            inside, was_inside = token == "(", True
            continue
        if token == "checksum":
            piece = checksum(d, bytes(covered))
        elif token == "address":
            piece = _field(d.numbers["address"], "address", address) if "address" in d.numbers else b""
        else:
            piece = bytes.fromhex(token)
        if inside:
            covered += piece
        out += escaped(d, piece) if inside or (was_inside and token == "checksum") else piece
    return bytes(out)


def text_bytes(d: FrameDescription, text: str) -> bytes:
    """The text field: cut between characters, padded to its width."""
    if d.text is None:
        return b""
    room = d.text.width or d.text.max_bytes
    out = bytearray()
    for char in text:
        piece = char.encode(d.text.charset, "replace")
        if len(out) + len(piece) > room:
            break
        out += piece
    return bytes(out).ljust(d.text.width or 0, d.text.pad)


def checksum(d: FrameDescription, span: bytes) -> bytes:
    assert d.checksum is not None
    return CHECKSUMS[d.checksum.kind].of(span).to_bytes(d.checksum.width, d.checksum.order)


def escaped(d: FrameDescription, data: bytes) -> bytes:
    return b"".join(d.escape.get(byte, bytes((byte,))) for byte in data) if d.escape else data


def _number(number: Number, value: int, what: str) -> bytes:
    try:
        return value.to_bytes(number.width, number.order)
    except OverflowError:
        raise FrameError(
            f"{what} {value} does not fit in {number.width} byte(s): check the description 数值超出帧格式范围"
        ) from None


def _field(number: Field, name: str, value: int) -> bytes:
    what = "sign address" if name == "address" else name
    wire = round(value * number.top / 100) if name == "level" else value
    wire += number.offset
    if number.coding == "binary":
        return _number(number, wire, what)
    figures = f"{wire:0{number.width * (2 if number.coding == 'bcd' else 1)}d}"
    if wire < 0 or len(figures) > number.width * (2 if number.coding == "bcd" else 1):
        raise FrameError(
            f"{what} {wire} does not fit in {number.width} byte(s): check the description 数值超出帧格式范围"
        )
    out = bytes.fromhex(figures) if number.coding == "bcd" else figures.encode()
    return out if number.order == "big" else out[::-1]


class _Bad(Exception):
    """Inside the reader only: these bytes can never become this frame."""


def _value(number: Field, name: str, raw: bytes) -> int:
    if number.coding == "binary":
        wire = int.from_bytes(raw, number.order)
    else:
        ordered = raw if number.order == "big" else raw[::-1]
        figures = ordered.hex() if number.coding == "bcd" else ordered.decode("latin-1")
        if not (figures.isascii() and figures.isdigit()):
            raise _Bad(f"{name}: expected figures, got {raw.hex(' ')}")
        wire = int(figures)
    wire -= number.offset
    return round(wire * 100 / number.top) if name == "level" else wire


class Reader:
    """Takes bytes as they come, gives frames and BadFrames in order. Holds at most one frame's bytes."""

    def __init__(self, *descriptions: FrameDescription) -> None:
        self._parsers = [_Parser(d) for d in descriptions]
        self._heads = {d.head for d in descriptions}
        self._buffer = b""
        self._limit = max(parser.limit for parser in self._parsers)

    @property
    def begun(self) -> bool:
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Read | BadFrame]:
        self._buffer += data
        return self._run(idle=False)

    def idle(self) -> list[Read | BadFrame]:
        """The line has been silent for longer than a gap inside a frame: what is left is no beginning of one."""
        return self._run(idle=True)

    def _run(self, *, idle: bool) -> list[Read | BadFrame]:
        found: list[Read | BadFrame] = []
        while self._buffer:
            done, waiting, why = self._try()
            if done is not None:
                read, used = done
                self._buffer = self._buffer[used:]
                found.append(read)
            elif waiting and not idle and len(self._buffer) <= self._limit:
                break
            else:
                found.append(self._drop(why or "the frame does not end"))
        return found

    def _try(self) -> tuple[tuple[Read, int] | None, bool, str]:
        """(frame and the bytes it took, whether more bytes may make one, why not)"""
        waiting, why = False, ""
        window = self._buffer[: self._limit + 1]
        for parser in self._parsers:
            head = parser.head
            if not window.startswith(head):
                waiting = waiting or head.startswith(window)
                why = why or "no head"
                continue
            try:
                done = parser.parse(window[len(head) :])
            except _Bad as bad:
                why = str(bad) if why in ("", "no head") else why
                continue
            if done is not None:
                return (done[0], len(head) + done[1]), False, ""
            waiting = True
        return None, waiting, "" if waiting else why

    def _drop(self, why: str) -> BadFrame:
        """Throws away up to the next thing that may be a head."""
        at = min(self._next(head) for head in self._heads)
        raw, self._buffer = self._buffer[:at], self._buffer[at:]
        return BadFrame(raw, why)

    def _next(self, head: bytes) -> int:
        found = self._buffer.find(head, 1)
        if found >= 0:
            return found
        tail = range(max(1, len(self._buffer) - len(head) + 1), len(self._buffer))
        return next((at for at in tail if head.startswith(self._buffer[at:])), len(self._buffer))


class Decoder:
    """The reader of one sign's frame, giving texts."""

    def __init__(self, description: FrameDescription) -> None:
        self._reader = Reader(description)

    def feed(self, data: bytes) -> list[SignText | BadFrame]:
        return [_sign_text(item) for item in self._reader.feed(data)]

    def idle(self) -> list[SignText | BadFrame]:
        return [_sign_text(item) for item in self._reader.idle()]


def _sign_text(item: Read | BadFrame) -> SignText | BadFrame:
    return item if isinstance(item, BadFrame) else SignText(item.numbers.get("address", 0), item.text, item.blink)


class _Parser:
    """One frame behind its head."""

    def __init__(self, description: FrameDescription) -> None:
        self._d = description
        self.head = description.head
        self._unescape = {sent: byte for byte, sent in description.escape.items()}
        self._sizes = _sizes(description)
        self._total = sum(self._sizes.values())
        self._known = 0 if description.text is None else description.text.width
        self._room = description.text.max_bytes if description.text else 0
        self.limit = (
            2 * (self._total + max(self._room, self._known or 0)) + len(description.head) + len(description.tail)
        )
        self._length_at = self._others = 0
        self._counts_text = False
        if length := description.length:
            sizes = {**self._sizes, "head": len(description.head), "tail": len(description.tail)}
            before = description.layout[: description.layout.index("length")]
            self._length_at = sum(self._sizes.get(name, 0) for name in before)
            self._others = length.add + sum(sizes.get(name, 0) for name in length.counts)
            self._counts_text = "text" in length.counts

    def parse(self, raw: bytes) -> tuple[Read, int] | None:
        """`raw` begins behind the head. None = more bytes are needed."""
        inner, ends = self._unescaped(raw)
        size = self._text_size(inner)
        if size is None:
            return None
        if size < 0:
            return self._to_tail(raw, inner, ends)
        total = self._total + size
        if len(inner) < total:
            if self._broken(raw[ends[-1] :]):
                raise _Bad(f"length says {total} bytes, the frame broke off after {len(inner)}")
            return None
        end = ends[total]
        if not raw[end : end + len(self._d.tail)] == self._d.tail[: len(raw) - end]:
            raise _Bad(f"tail: expected {self._d.tail.hex(' ')}, got {raw[end : end + len(self._d.tail)].hex(' ')}")
        if len(raw) < end + len(self._d.tail):
            return None
        return self._read(inner[:total], size), end + len(self._d.tail)

    def _to_tail(self, raw: bytes, inner: bytes, ends: Sequence[int]) -> tuple[Read, int] | None:
        """Neither length nor width: the first tail behind which the checksum is right ends the frame."""
        at = raw.find(self._d.tail)
        why: _Bad | None = None
        while at >= 0:
            size = (ends.index(at) if at in ends else -1) - self._total
            if size >= 0:
                try:
                    return self._read(inner[: ends.index(at)], size), at + len(self._d.tail)
                except _Bad as bad:
                    why = bad
            at = raw.find(self._d.tail, at + 1)
        if why and self._d.escape:
            raise why
        return None

    def _unescaped(self, raw: bytes) -> tuple[bytes, Sequence[int]]:
        """The bytes meant, and for each count of them how many raw bytes that took. Stops at a tail or a cut escape."""
        if not self._d.escape:
            return raw, range(len(raw) + 1)
        inner, ends, at = bytearray(), [0], 0
        while at < len(raw):
            pair = raw[at : at + 2]
            if pair in self._unescape:
                inner.append(self._unescape[pair])
                at += 2
            elif raw[at] in self._d.escape:
                break
            else:
                inner.append(raw[at])
                at += 1
            ends.append(at)
        return bytes(inner), ends

    def _broken(self, rest: bytes) -> bool:
        """A byte that must be escaped came bare, and is not the first half of a pair still on its way."""
        half = len(rest) == 1 and any(sent[0] == rest[0] for sent in self._unescape)
        return bool(rest) and not half

    def _text_size(self, inner: bytes) -> int | None:
        """Bytes of the text field; -1 = only the tail can say; None = the length has not come yet."""
        d, known = self._d, self._known
        if d.length is None:
            return -1 if known is None else known
        field = inner[self._length_at : self._length_at + d.length.width]
        if len(field) < d.length.width:
            return None
        value = int.from_bytes(field, d.length.order)
        if known is not None:
            expected = self._others + (known if self._counts_text else 0)
            if value != expected:
                raise _Bad(f"length: expected {expected}, got {value}")
            return known
        size = value - self._others
        if not 0 <= size <= self._room:
            raise _Bad(f"length: expected a text of 0 to {self._room} bytes, got {size}")
        return size

    def _read(self, inner: bytes, size: int) -> Read:
        d, parts, at = self._d, {"head": self._d.head, "tail": self._d.tail}, 0
        for name in d.layout:
            if name in ("head", "tail"):
                continue
            width = size if name == "text" else self._sizes[name]
            parts[name] = inner[at : at + width]
            at += width
        for name, value in d.fixed.items():
            if name in parts and parts[name] != value:
                raise _Bad(f"{name}: expected {value.hex(' ')}, got {parts[name].hex(' ')}")
        if d.checksum:
            expected = checksum(d, b"".join(parts[name] for name in d.layout if name in d.checksum.over))
            if parts["checksum"] != expected:
                raise _Bad(f"{d.checksum.kind}: expected {expected.hex(' ')}, got {parts['checksum'].hex(' ')}")
        numbers = {name: _value(number, name, parts[name]) for name, number in d.numbers.items()}
        return Read(d, numbers, self._shown(parts.get("text", b"")), self._blinks(parts))

    def _blinks(self, parts: dict[str, bytes]) -> bool:
        blinks = False
        for name, switch in (("command", self._d.command), ("flag", self._d.flag)):
            if not switch:
                continue
            if parts[name] not in (switch.plain, switch.blink):
                raise _Bad(f"{name}: expected {switch.plain.hex(' ')}, got {parts[name].hex(' ')}")
            blinks = blinks or (parts[name] == switch.blink and switch.blink != switch.plain)
        return blinks

    def _shown(self, raw: bytes) -> str:
        text = self._d.text
        if text is None:
            return ""
        if text.width:
            raw = raw.rstrip(text.pad)
        return raw.decode(text.charset, "replace")


def _sizes(d: FrameDescription) -> dict[str, int]:
    """Bytes of every field between head and tail but the text."""
    sizes = {name: len(value) for name, value in d.fixed.items() if name in d.layout}
    for name, number in (*d.numbers.items(), ("length", d.length), ("checksum", d.checksum)):
        if number and name in d.layout:
            sizes[name] = number.width
    for name, switch in (("command", d.command), ("flag", d.flag)):
        if switch and name in d.layout:
            sizes[name] = len(switch.plain)
    return sizes
