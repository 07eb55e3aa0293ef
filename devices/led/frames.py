"""Frames of described signs: SignText → bytes, and back, one byte at a time if the line is like that. Pure.

The law: `Decoder(d).feed(encode(d, text))` gives `text` back (as the charset and the field hold it), however the
bytes are cut into pieces; other bytes give BadFrame, never an exception, and never swallow the good frame behind them
for longer than one frame's length.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.led.checksums import CHECKSUMS
from devices.led.description import FrameDescription, Number
from devices.ports import DeviceError, SignText


class FrameError(DeviceError):
    """Our mistake: this text cannot be put in this sign's frame."""


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Bytes that are no frame, and why: expected and got."""

    raw: bytes
    why: str


def encode(d: FrameDescription, text: SignText) -> bytes:
    """The bytes that make the sign show it. Characters that the charset has not become "?"; text that does not fit is
    cut between characters. Raises FrameError for an address that does not fit."""
    parts: dict[str, bytes] = {"head": d.head, "tail": d.tail, "text": text_bytes(d, text.text), **d.fixed}
    if d.address:
        parts["address"] = _address(d, text.address)
    for name, switch in (("command", d.command), ("flag", d.flag)):
        if switch:
            parts[name] = switch.blink if text.blink and switch.blink else switch.plain
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
        else:
            piece = _address(d, address) if token == "address" else bytes.fromhex(token)
        if inside:
            covered += piece
        out += escaped(d, piece) if inside or (was_inside and token == "checksum") else piece
    return bytes(out)


def text_bytes(d: FrameDescription, text: str) -> bytes:
    """The text field: cut between characters, padded to its width."""
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


def _number(field: Number, value: int, what: str) -> bytes:
    try:
        return value.to_bytes(field.width, field.order)
    except OverflowError:
        raise FrameError(
            f"{what} {value} does not fit in {field.width} byte(s): check the sign's description"
        ) from None


def _address(d: FrameDescription, address: int) -> bytes:
    return _number(d.address, address + d.address.offset, "sign address") if d.address else b""


class _Bad(Exception):
    """Inside the decoder only: these bytes can never become a frame."""


class Decoder:
    """Takes bytes as they come, gives texts and BadFrames in order. Holds at most one frame's bytes."""

    def __init__(self, description: FrameDescription) -> None:
        self._d = description
        self._buffer = b""
        self._unescape = {sent: byte for byte, sent in description.escape.items()}
        self._sizes = _sizes(description)
        self._limit = 2 * (sum(self._sizes.values()) + description.text.max_bytes) + len(description.head)

    def feed(self, data: bytes) -> list[SignText | BadFrame]:
        self._buffer += data
        return self._run(idle=False)

    def idle(self) -> list[SignText | BadFrame]:
        """The line has been silent for longer than a gap inside a frame: what is left is no beginning of one."""
        return self._run(idle=True)

    def _run(self, *, idle: bool) -> list[SignText | BadFrame]:
        found: list[SignText | BadFrame] = []
        while self._buffer:
            if not self._buffer.startswith(self._d.head):
                if self._d.head.startswith(self._buffer) and not idle:
                    break
                found.append(self._drop("no head"))
                continue
            try:
                done = self._parse(self._buffer[len(self._d.head) :])
            except _Bad as why:
                found.append(self._drop(str(why)))
                continue
            if done is not None:
                text, used = done
                self._buffer = self._buffer[len(self._d.head) + used :]
                found.append(text)
            elif idle or len(self._buffer) > self._limit:
                found.append(self._drop("the frame does not end"))
            else:
                break
        return found

    def _drop(self, why: str) -> BadFrame:
        """Throws away up to the next thing that may be a head."""
        at = next((i for i in range(1, len(self._buffer)) if self._may_begin(self._buffer[i:])), len(self._buffer))
        raw, self._buffer = self._buffer[:at], self._buffer[at:]
        return BadFrame(raw, why)

    def _may_begin(self, rest: bytes) -> bool:
        return rest.startswith(self._d.head) or self._d.head.startswith(rest)

    def _parse(self, raw: bytes) -> tuple[SignText, int] | None:
        """`raw` begins behind the head. None = more bytes are needed."""
        inner, ends = self._unescaped(raw)
        size = self._text_size(inner)
        if size is None:
            return None
        if size >= 0:
            total = sum(self._sizes.values()) + size
            if len(inner) < total:
                if self._broken(raw[ends[-1] :]):
                    raise _Bad(f"length says {total} bytes, the frame broke off after {len(inner)}")
                return None
            end = ends[total]
            if not raw[end : end + len(self._d.tail)] == self._d.tail[: len(raw) - end]:
                raise _Bad(f"tail: expected {self._d.tail.hex(' ')}, got {raw[end : end + len(self._d.tail)].hex(' ')}")
            if len(raw) < end + len(self._d.tail):
                return None
            return self._text(inner[:total], size), end + len(self._d.tail)
        return self._to_tail(raw, inner, ends)

    def _to_tail(self, raw: bytes, inner: bytes, ends: list[int]) -> tuple[SignText, int] | None:
        """Neither length nor width: the first tail behind which the checksum is right ends the frame."""
        at = raw.find(self._d.tail)
        why: _Bad | None = None
        while at >= 0:
            size = (ends.index(at) if at in ends else -1) - sum(self._sizes.values())
            if size >= 0:
                try:
                    return self._text(inner[: ends.index(at)], size), at + len(self._d.tail)
                except _Bad as bad:
                    why = bad
            at = raw.find(self._d.tail, at + 1)
        if why and self._d.escape:
            raise why
        return None

    def _unescaped(self, raw: bytes) -> tuple[bytes, list[int]]:
        """The bytes meant, and for each count of them how many raw bytes that took. Stops at a tail or a cut escape."""
        if not self._d.escape:
            return raw, list(range(len(raw) + 1))
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
        d = self._d
        if d.length is None:
            return d.text.width or -1
        start = self._offset("length")
        if len(inner) < start + d.length.width:
            return None
        value = int.from_bytes(inner[start : start + d.length.width], d.length.order)
        others = sum(
            len(d.head) if n == "head" else len(d.tail) if n == "tail" else self._sizes.get(n, 0)
            for n in d.length.counts
        )
        size = value - d.length.add - others if "text" in d.length.counts else (d.text.width or 0)
        if d.text.width is not None and size != d.text.width:
            raise _Bad(f"length: the text must have {d.text.width} bytes, got {size}")
        if not 0 <= size <= (d.text.width or d.text.max_bytes):
            raise _Bad(f"length: expected a text of 0 to {d.text.max_bytes} bytes, got {size}")
        return size

    def _offset(self, field: str) -> int:
        before = self._d.layout[: self._d.layout.index(field)]
        return sum(self._sizes.get(name, 0) for name in before)

    def _text(self, inner: bytes, size: int) -> SignText:
        d, parts, at = self._d, {"head": self._d.head, "tail": self._d.tail}, 0
        for name in d.layout:
            if name in ("head", "tail"):
                continue
            width = size if name == "text" else self._sizes[name]
            parts[name] = inner[at : at + width]
            at += width
        if d.checksum:
            expected = checksum(d, b"".join(parts[name] for name in d.layout if name in d.checksum.over))
            if parts["checksum"] != expected:
                raise _Bad(f"{d.checksum.kind}: expected {expected.hex(' ')}, got {parts['checksum'].hex(' ')}")
        for name, value in d.fixed.items():
            if name in parts and parts[name] != value:
                raise _Bad(f"{name}: expected {value.hex(' ')}, got {parts[name].hex(' ')}")
        return SignText(self._address_of(parts), self._shown(parts["text"]), self._blinks(parts))

    def _address_of(self, parts: dict[str, bytes]) -> int:
        field = self._d.address
        return int.from_bytes(parts["address"], field.order) - field.offset if field else 0

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
        if self._d.text.width:
            raw = raw.rstrip(self._d.text.pad)
        return raw.decode(self._d.text.charset, "replace")


def _sizes(d: FrameDescription) -> dict[str, int]:
    """Bytes of every field between head and tail but the text."""
    sizes = {name: len(value) for name, value in d.fixed.items() if name in d.layout}
    for name, number in (("address", d.address), ("length", d.length), ("checksum", d.checksum)):
        if number and name in d.layout:
            sizes[name] = number.width
    for name, switch in (("command", d.command), ("flag", d.flag)):
        if switch and name in d.layout:
            sizes[name] = len(switch.plain)
    return sizes
