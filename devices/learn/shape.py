"""Where frames begin and end, and which bytes are sent as two inside them. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations

MAJORITY = 0.75
PREFIX_LIMIT = 10
SUFFIX_LIMIT = 4
PAIRS = (b"\xaa\x55", b"\x55\xaa", b"\xeb\x90", b"\x5a\xa5", b"\xa5\x5a", b"\xfe\xfe", b"\x0d\x0a")


@dataclass(frozen=True, slots=True)
class Shape:
    """`escape` maps a byte to the two that are sent for it, between head and tail."""

    head: bytes
    tail: bytes
    escape: dict[int, bytes] = field(default_factory=dict)

    def fits(self, raw: bytes) -> bool:
        return len(raw) >= len(self.head) + len(self.tail) + 1 and raw.startswith(self.head) and raw.endswith(self.tail)

    def inner(self, raw: bytes) -> bytes | None:
        """What stands between head and tail, as meant; None when it cannot have been escaped like that."""
        if not self.fits(raw):
            return None
        body = raw[len(self.head) : len(raw) - len(self.tail)]
        return body if not self.escape else _meant(body, self.escape)


def _meant(body: bytes, escape: dict[int, bytes]) -> bytes | None:
    back = {sent: byte for byte, sent in escape.items()}
    out, at = bytearray(), 0
    while at < len(body):
        pair = body[at : at + 2]
        if pair in back:
            out.append(back[pair])
            at += 2
        elif body[at] in escape:
            return None
        else:
            out.append(body[at])
            at += 1
    return bytes(out)


def common_prefix(frames: Sequence[bytes], limit: int = PREFIX_LIMIT) -> bytes:
    """The bytes that most frames begin with."""
    prefix = b""
    while len(prefix) < limit:
        at = len(prefix)
        votes = Counter(frame[at] for frame in frames if len(frame) > at and frame.startswith(prefix))
        if not votes:
            break
        byte, count = votes.most_common(1)[0]
        if count < MAJORITY * len(frames):
            break
        prefix += bytes((byte,))
    return prefix


def common_suffix(frames: Sequence[bytes], limit: int = SUFFIX_LIMIT) -> bytes:
    return common_prefix([frame[::-1] for frame in frames], limit)[::-1]


def split_merged(frames: Sequence[bytes]) -> list[bytes]:
    """Several frames in one burst, parted where the usual end meets the usual beginning."""
    head, tail = common_prefix(frames, 2)[:1], common_suffix(frames, 2)
    if not head or not tail:
        return list(frames)
    parted: list[bytes] = []
    for frame in frames:
        pieces = frame.split(tail + head)
        whole = [
            (head if i else b"") + piece + (tail if i < len(pieces) - 1 else b"") for i, piece in enumerate(pieces)
        ]
        parted += whole
    return parted


def shapes(frames: Sequence[bytes]) -> Iterator[Shape]:
    """Heads and tails to try, likelier first; none when most frames do not begin alike."""
    prefix, suffix = common_prefix(frames), common_suffix(frames)
    heads = list(dict.fromkeys(_heads(prefix)))
    for head in heads:
        for tail in dict.fromkeys(_tails(suffix)):
            yield Shape(head, tail)


def _heads(prefix: bytes) -> Iterator[bytes]:
    if not prefix:
        return
    run = len(prefix) - len(prefix.lstrip(prefix[:1]))
    if run > 1:
        yield prefix[:run]
    if prefix[:2] in PAIRS:
        yield prefix[:2]
    yield prefix[:1]
    if len(prefix) >= 2:
        yield prefix[:2]


def _tails(suffix: bytes) -> Iterator[bytes]:
    if suffix[-2:] in PAIRS:
        yield suffix[-2:]
    if suffix:
        yield suffix[-1:]
    if len(suffix) >= 2:
        yield suffix[-2:]
    yield b""


# --- escapes ---------------------------------------------------------------------------------------------------------


def specials(shape: Shape) -> list[int]:
    """The bytes of head and tail, which may not stand bare inside where bytes are escaped."""
    return list(dict.fromkeys(shape.head + shape.tail))


def suspects(shape: Shape, frames: Sequence[bytes]) -> dict[int, set[int]]:
    """byte -> what follows it, for bytes that may be the first half of an escape: always one of a few follow them."""
    body = [frame[len(shape.head) : len(frame) - len(shape.tail)] for frame in frames if shape.fits(frame)]
    forbidden = set(specials(shape))
    follow: dict[int, Counter[int]] = defaultdict(Counter)
    for inner in body:
        at = 0
        while at < len(inner):
            follow[inner[at]][inner[at + 1] if at + 1 < len(inner) else -1] += 1
            at += 1
    hdlc = {byte ^ 0x20 for byte in forbidden}
    small = set(range(6))
    found = {}
    for byte, counts in follow.items():
        after = set(counts)
        if byte in forbidden or sum(counts.values()) < 1:
            continue
        if after <= hdlc | {byte ^ 0x20} or after <= small:
            found[byte] = after
    return found


def escapes(shape: Shape, follow: dict[int, set[int]]) -> Iterator[dict[int, bytes]]:
    """Ways the suspected pairs may be meant; each maps a byte to its two."""
    forbidden = specials(shape)
    for first, after in follow.items():
        styled = {byte: bytes((first, byte ^ 0x20)) for byte in (*forbidden, first)}
        if after <= {sent[1] for sent in styled.values()}:
            yield styled
        if len(after) <= len(forbidden) + 1:
            for meant in permutations(
                (first, *forbidden), len(after)
            ):  # the usual numbers: 01 for itself, 02 for the other
                yield _completed(
                    {byte: bytes((first, second)) for byte, second in zip(meant, sorted(after), strict=True)},
                    (first, *forbidden),
                    first,
                )
    for a, b in permutations(follow, 2):
        if len(forbidden) == 2 and follow[a] | follow[b] <= {1, 2}:
            for own, other in ((1, 2), (2, 1)):
                yield {
                    forbidden[0]: bytes((a, other)),
                    a: bytes((a, own)),
                    forbidden[1]: bytes((b, other)),
                    b: bytes((b, own)),
                }


def _completed(known: dict[int, bytes], all_bytes: Sequence[int], first: int) -> dict[int, bytes]:
    """Bytes that never came get the numbers that are left, in order: to be confirmed by a further capture."""
    used = {sent[1] for sent in known.values()}
    free = iter(n for n in (1, 2, 3, 4, 5, 0) if n not in used)
    return {byte: known.get(byte) or bytes((first, next(free))) for byte in all_bytes}
