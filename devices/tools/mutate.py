"""Bytes made wrong, for codecs that must bear it. Pure; a function of the random source it is given."""

from __future__ import annotations

import random
from collections.abc import Iterator

FRAME_LIMIT = 4096  # bytes of a mutated frame
INTERESTING = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x0A, 0x0D, 0x02, 0x03, 0x1B, 0x7E, 0x5A, 0xA5, 0xAA, 0x55)


def mutate(rng: random.Random, samples: tuple[bytes, ...]) -> bytes:
    """One to six small wounds to a sample (one time in fifty: plain noise), at most FRAME_LIMIT bytes."""
    if rng.random() < 0.02:
        return rng.randbytes(rng.randrange(64))
    data = bytearray(rng.choice(samples))
    for _ in range(1 + (rng.random() < 0.5) * rng.randrange(6)):
        _wound(rng, data, samples)
    return bytes(data[:FRAME_LIMIT])


def _wound(rng: random.Random, data: bytearray, samples: tuple[bytes, ...]) -> None:
    kind, n = rng.randrange(10), len(data)
    at = rng.randrange(n) if n else 0
    if kind == 0 or not n:
        data.insert(at, rng.randrange(256))
    elif kind == 1:
        data[at] ^= 1 << rng.randrange(8)
    elif kind == 2:
        data[at] = rng.choice(INTERESTING)
    elif kind == 3:
        data[at] = (data[at] + rng.choice((-1, 1))) & 0xFF
    elif kind == 4:
        del data[at : at + rng.randrange(1, 5)]
    elif kind == 5:
        del data[at:]  # the line broke off
    elif kind == 6:
        piece = data[at : at + rng.randrange(1, 33)]
        data[at:at] = piece * rng.choice((1, 1, 2, 30))
    elif kind == 7:
        other = rng.choice(samples)
        data[at:] = other[rng.randrange(len(other) + 1) :]
    elif kind == 8:
        data += rng.choice(samples)  # two frames in one read
    else:
        width = rng.choice((2, 4))  # a length or a count that cannot be
        data[at : at + width] = rng.choice((b"\xff" * width, bytes(width), b"\x7f" + b"\xff" * (width - 1)))


def one_byte_changes(sample: bytes) -> Iterator[bytes]:
    """Every frame that differs from `sample` in one byte: 255 × len."""
    for at, old in enumerate(sample):
        before, after = sample[:at], sample[at + 1 :]
        for value in range(256):
            if value != old:
                yield before + bytes((value,)) + after
