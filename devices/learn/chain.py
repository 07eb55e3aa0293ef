"""Frames in a stream without pauses: the length whose chain goes on longest. Pure."""

from __future__ import annotations

from collections import Counter

from devices.learn.fields import WIDTHS

STREAM_LIMIT = 20_000  # bytes looked at
PLACES = 6
FRAME_LIMIT = 600
COVERS = 0.8  # of the stream


def chained(stream: bytes) -> list[bytes]:
    """The frames, when one head and one length explain most of the stream; else nothing."""
    stream = stream[:STREAM_LIMIT]
    best: list[bytes] = []
    for head, _ in Counter(stream[i : i + 1] for i in range(len(stream))).most_common(12):
        for at in range(1, PLACES + 1):
            for width, order in WIDTHS:
                for extra in _extras(stream, head, at, width, order):
                    frames = _walk(stream, head, at, width, order, extra)
                    if len(frames) > 5 and sum(map(len, frames)) >= COVERS * len(stream) and len(frames) > len(best):
                        best = frames
    return best


def _extras(stream: bytes, head: bytes, at: int, width: int, order: str) -> list[int]:
    """How many bytes a frame has beyond its length's value, judged by the first heads that follow one another."""
    votes: Counter[int] = Counter()
    place = stream.find(head)
    for _ in range(30):
        if place < 0 or place + at + width > len(stream):
            break
        value = int.from_bytes(stream[place + at : place + at + width], "big" if order == "big" else "little")
        votes.update(
            extra for extra in range(at, at + 12) if stream[place + value + extra : place + value + extra + 1] == head
        )
        place = stream.find(head, place + 1)
    return [extra for extra, count in votes.most_common(2) if count >= 4]


def _walk(stream: bytes, head: bytes, at: int, width: int, order: str, extra: int) -> list[bytes]:
    frames: list[bytes] = []
    place = stream.find(head)
    while place >= 0 and place + at + width <= len(stream):
        size = int.from_bytes(stream[place + at : place + at + width], "big" if order == "big" else "little") + extra
        following = stream[place + size : place + size + 1]
        if size <= FRAME_LIMIT and (following == head or place + size == len(stream)):
            frames.append(stream[place : place + size])
            place += size
        else:
            place = stream.find(head, place + 1)
    return frames
