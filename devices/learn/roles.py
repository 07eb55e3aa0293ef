"""What the bytes of a frame mean: constants, the sign's address, a flag, the text. Pure.

A place of the frame that never changes is a constant. One that changes is the address if the answers repeat it or if it
takes the most values among small numbers; it is a flag if it takes two; the text is what is left, up to the trailer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from devices.learn.fields import CheckAt, LengthAt

HEADER_LIMIT = 16
TRAILER_LIMIT = 3
CONSTANT = 0.97  # of the frames
CONTROL = 0x20  # below: no text
DIGITS = range(0x30, 0x3A)
PADS = (0x20, 0x00, 0xFF, 0x30)


@dataclass(frozen=True, slots=True)
class Part:
    """`name`: const, address, flag, odd (changes, nobody knows why), length, text, checksum. `values` by how often."""

    name: str
    width: int
    values: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class TextAt:
    charset: str  # "" = no text that anybody can read
    width: int | None
    pad: int = 0x20
    longest: int = 0
    always_ascii: bool = False


@dataclass(frozen=True, slots=True)
class Roles:
    """`parts` in wire order behind the head, up to the tail."""

    parts: tuple[Part, ...]
    text: TextAt
    questions: tuple[str, ...] = field(default=())

    def at(self, name: str) -> int | None:
        """Bytes behind the head of the first part of that name in front of the text."""
        place = 0
        for part in self.parts:
            if part.name == name:
                return place
            if part.name == "text":
                return None
            place += part.width
        return None

    def width(self, name: str) -> int:
        return next((part.width for part in self.parts if part.name == name), 0)


def roles_of(
    inners: Sequence[bytes], length: LengthAt | None, check: CheckAt | None, echoed: frozenset[int] = frozenset()
) -> Roles:
    """`echoed`: places behind the head whose byte the sign's answer repeats."""
    width = check.width if check else 0
    bodies = [inner[: len(inner) - width] for inner in inners]
    header = _header(bodies, length, echoed)
    start = sum(part.width for part in header)
    trailer = _trailer(bodies, start)
    end = sum(part.width for part in trailer)
    texts = [body[start : len(body) - end] for body in bodies]
    text = text_of(texts)
    header, questions = _named(header, echoed)
    questions += _edges(header, texts, text)
    parts = (*header, Part("text", text.width or 0), *trailer, *([Part("checksum", width)] if width else []))
    return Roles(parts, text, tuple(questions))


def _values(bodies: Sequence[bytes], at: int) -> Counter[int]:
    return Counter(body[at] for body in bodies)


def _constant(values: Counter[int]) -> bool:
    return values.most_common(1)[0][1] >= CONSTANT * values.total()


def _header(bodies: Sequence[bytes], length: LengthAt | None, echoed: frozenset[int]) -> list[Part]:
    shortest = min(map(len, bodies))
    parts: list[Part] = []
    at = 0
    while at < min(shortest, HEADER_LIMIT):
        if length and at == length.at:
            parts.append(Part("length", length.width))
            at += length.width
            continue
        values = _values(bodies, at)
        if not _constant(values) and at not in echoed and _is_text(bodies, at, values, length, echoed):
            break
        ranked = tuple(bytes((byte,)) for byte, _ in values.most_common())
        parts.append(Part("const" if _constant(values) else "odd", 1, ranked))
        at += 1
    # A constant in front of the text that begins a Chinese character belongs to the text.
    while parts and parts[-1].name == "const" and parts[-1].values[0][0] >= 0x81 and _leads(bodies, at - 1):
        parts.pop()
        at -= 1
    return parts


def _leads(bodies: Sequence[bytes], at: int) -> bool:
    """Whether every text becomes readable only with the byte at `at`."""
    try:
        return all(not _unreadable(body[at:].rstrip(b"\x00\xff").decode("gbk")) for body in bodies[:20])
    except UnicodeDecodeError:
        return False


def _is_text(
    bodies: Sequence[bytes], at: int, values: Counter[int], length: LengthAt | None, echoed: frozenset[int]
) -> bool:
    if length and at < length.at:
        return False
    if any(place > at for place in echoed):
        return False
    # Something that no text holds follows: so this stands in front of the text too.
    near = range(at + 1, min(at + 4, min(map(len, bodies))))
    for place in near:
        ahead = _values(bodies, place)
        byte = ahead.most_common(1)[0][0]
        if _constant(ahead) and (
            0 < byte < CONTROL or (chr(byte).isalpha() and byte < 0x7F and set(values) <= set(DIGITS))
        ):
            return False
    small = len(values) <= 64 and all(byte < CONTROL for byte in values)
    return not small


def _trailer(bodies: Sequence[bytes], start: int) -> list[Part]:
    """Constants between text and checksum that no text holds."""
    room = min(map(len, bodies)) - start
    one_size = len({len(body) for body in bodies}) == 1
    parts: list[Part] = []
    for back in range(1, min(TRAILER_LIMIT, room) + 1):
        values = _values(bodies, -back)
        byte = values.most_common(1)[0][0]
        if not _constant(values) or byte >= CONTROL or (one_size and byte in PADS):
            break
        parts.insert(0, Part("const", 1, (bytes((byte,)),)))
    return parts


# --- the text --------------------------------------------------------------------------------------------------------


def text_of(texts: Sequence[bytes]) -> TextAt:
    longest = max(map(len, texts))
    if not longest:
        return TextAt("", None)
    width = longest if len({len(text) for text in texts}) == 1 and longest else None
    pad = _pad(texts) if width else 0x20
    bare = [text.rstrip(bytes((pad,))) for text in texts] if width else list(texts)
    for charset in ("ascii", "utf-8", "gbk", "gb18030"):
        try:
            read = [text.decode(charset) for text in bare]
        except UnicodeDecodeError:
            continue
        if not any(_unreadable(text) for text in read):
            return TextAt(charset, width, pad, longest, charset == "ascii")
    return TextAt("", width, pad, longest)


def _pad(texts: Sequence[bytes]) -> int:
    last = Counter(text[-1] for text in texts)
    byte, count = last.most_common(1)[0]
    return byte if byte in PADS and (count > 1 or len(texts) == 1) else 0x20


def _unreadable(text: str) -> bool:
    return any(ord(char) < CONTROL or 0x7F <= ord(char) < 0xA0 or 0xE000 <= ord(char) < 0xF900 for char in text)


# --- names -----------------------------------------------------------------------------------------------------------


def _named(parts: list[Part], echoed: frozenset[int]) -> tuple[list[Part], list[str]]:
    """Which of the places that change is the address, which is a flag; -> parts and what is not sure."""
    questions: list[str] = []
    places: dict[int, int] = {}
    at = 0
    for index, part in enumerate(parts):
        places[index] = at
        at += part.width
    odd = [index for index, part in enumerate(parts) if part.name == "odd"]
    address = max(odd, key=lambda i: (places[i] in echoed, len(parts[i].values)), default=None)
    if address is not None and (len(parts[address].values) > 2 or places[address] in echoed or len(odd) == 1):
        parts[address] = replace(parts[address], name="address")
        odd.remove(address)
        if not any(place in echoed for place in places.values()) and len(parts[address].values) == 2:
            questions.append(
                f"可能是地址或闪烁标志 byte {places[address] + 1} behind the head takes 2 values: address or flag? "
                "Capture texts to a third sign."
            )
    elif address is None:
        questions.append(
            "只有一个地址 every frame went to one sign, so the address is not known: capture texts to two more signs."
        )
    flags = [index for index in odd if len(parts[index].values) == 2]
    if flags:
        index = flags[0]
        parts[index] = replace(parts[index], name="flag")
        odd.remove(index)
        plain, other = (value.hex().upper() for value in parts[index].values)
        questions.append(
            f"标志位 byte {places[index] + 1} behind the head is {plain} or {other}: {other} is taken for blinking; "
            "look at the sign."
        )
    for index in odd:
        values = " ".join(value.hex().upper() for value in parts[index].values[:6])
        questions.append(
            f"含义不明 byte {places[index] + 1} behind the head changes ({values}) and nobody knows why; it is written as "
            f"{parts[index].values[0].hex().upper()}. Capture one text several times with one setting changed."
        )
    return _digits(parts), questions


def _digits(parts: list[Part]) -> list[Part]:
    """An address in figures of ASCII takes the constant figures beside it."""
    index = next((i for i, part in enumerate(parts) if part.name == "address"), None)
    if index is None or not all(value[0] in DIGITS for value in parts[index].values):
        return parts
    first = index
    while first and parts[first - 1].name in ("const", "odd", "flag") and parts[first - 1].values[0][0] in DIGITS:
        first -= 1
    whole = Part(
        "address",
        index - first + 1,
        tuple(b"".join(p.values[0] for p in parts[first:index]) + v for v in parts[index].values),
    )
    return [*parts[:first], whole, *parts[index + 1 :]]


def _edges(header: list[Part], texts: Sequence[bytes], text: TextAt) -> list[str]:
    questions: list[str] = []
    last = header[-1] if header else None
    first = {text[:1] for text in texts}
    # Texts that begin very differently leave no doubt.
    told = b"" in first or (len(first) > 5 and any(byte >= b"\x81" for byte in first))
    if last is not None and last.name == "const" and 0x30 <= last.values[0][0] < 0x7F and not told:
        questions.append(
            f"文字前字节不变 the byte {last.values[0].hex().upper()} in front of the text never changes: command, or the first "
            "letter of every text? Capture a text that begins with another letter, and an empty one."
        )
    ends = {bytes(t[-2:]) for t in texts if t}
    if not text.width and len(texts) > 3 and len(ends) == 1:
        questions.append(
            "文字结尾相同 every text ends alike: capture one that ends otherwise, to be sure where the text ends."
        )
    if text.always_ascii:
        questions.append("只有 ASCII only ASCII was seen: capture a Chinese text, to know the charset (gbk or utf-8).")
    if not text.charset:
        questions.append(
            "内容不是文字 what changes is no text: numbers in binary, or dots. A description cannot hold it; capture shorter and "
            "longer contents, and ask the maker."
        )
    return questions
