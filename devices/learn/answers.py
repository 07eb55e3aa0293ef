"""What the sign says to a frame, as tokens of a description's [ack]. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from devices.learn.bursts import Talk
from devices.learn.fields import CheckAt
from devices.learn.shape import Shape
from devices.led.checksums import CHECKSUMS

ENOUGH = 3  # answers of a kind


@dataclass(frozen=True, slots=True)
class Answers:
    ok: str
    refused: str
    within_ms: int
    questions: tuple[str, ...] = ()


def plain(shape: Shape, raw: bytes) -> bytes:
    """An answer with its escapes undone, where it is of the frames' shape."""
    inner = shape.inner(raw)
    return raw if inner is None else shape.head + inner + shape.tail


def echoes(shape: Shape, talk: Talk) -> frozenset[int]:
    """Places behind the head whose byte, different from frame to frame, stands in every answer."""
    pairs = _pairs(shape, talk)
    if len(pairs) < ENOUGH:
        return frozenset()
    found = set()
    for at in range(min(16, min(len(inner) for inner, _ in pairs))):
        if len({inner[at] for inner, _ in pairs}) < 2:
            continue
        for place in range(min(len(answer) for _, answer in pairs)):
            if sum(answer[place] == inner[at] for inner, answer in pairs) >= 0.9 * len(pairs):
                found.add(at)
    return frozenset(found)


def _pairs(shape: Shape, talk: Talk) -> list[tuple[bytes, bytes]]:
    """(the frame between head and tail, the whole answer), of the answers of the usual size."""
    both = [
        (inner, plain(shape, answer.data))
        for host, answer in zip(talk.hosts, talk.answers, strict=True)
        if answer is not None and (inner := shape.inner(host.data)) is not None
    ]
    sizes = Counter(len(answer) for _, answer in both)
    return [pair for pair in both if len(pair[1]) == sizes.most_common(1)[0][0]]


def answers_of(shape: Shape, talk: Talk, address: tuple[int, int] | None, check: CheckAt | None) -> Answers | None:
    """`address`: (place behind the head, width). None when nothing answers, or not in words of a description."""
    pairs = _pairs(shape, talk)
    if len(pairs) < ENOUGH:
        return None
    size = len(pairs[0][1])
    where = _address_in(pairs, address) if address else None
    tail = len(shape.tail) if all(answer.endswith(shape.tail) for _, answer in pairs) else 0
    covered = _checksum_in([answer for _, answer in pairs], check, size - tail) if check else None
    known = set(range(where, where + address[1])) if where is not None and address else set()
    if covered is not None and check is not None:
        known |= set(range(covered[1], covered[1] + check.width))
    forms = Counter(bytes(0 if i in known else b for i, b in enumerate(answer)) for _, answer in pairs)
    usual = [form for form, count in forms.most_common(2) if count >= (2 if forms.total() > 20 else 1)]
    if not usual or sum(forms[form] for form in usual) < 0.8 * forms.total():
        return None
    words = [_tokens(form, where, address[1] if address else 0, covered, check) for form in usual]
    questions: tuple[str, ...] = ()
    if len(words) == 2:
        questions = (
            f"两种应答 two answers: {words[0]} is taken for yes, {words[1]} for no; send a text the sign must refuse, "
            "to be sure.",
        )
    return Answers(words[0], words[1] if len(words) == 2 else "", _within_ms(talk), questions)


def _address_in(pairs: Sequence[tuple[bytes, bytes]], address: tuple[int, int] | None) -> int | None:
    if address is None or len({inner[address[0] : sum(address)] for inner, _ in pairs}) < 2:
        return None
    for place in range(len(pairs[0][1]) - address[1] + 1):
        held = sum(answer[place : place + address[1]] == inner[address[0] : sum(address)] for inner, answer in pairs)
        if held >= 0.9 * len(pairs):
            return place
    return None


def _checksum_in(answers: Sequence[bytes], check: CheckAt | None, end: int) -> tuple[int, int] | None:
    """(where what it covers begins, where it stands)."""
    if check is None or end - check.width < 1:
        return None
    at, of = end - check.width, CHECKSUMS[check.kind].of
    for start in sorted(range(at), key=lambda s: (s != check.start, s)):
        held = sum(
            of(answer[start:at]).to_bytes(check.width, check.order) == answer[at : at + check.width]
            for answer in answers
        )
        if held >= 0.9 * len(answers) and len(set(answers)) > 1:
            return start, at
    return None


def _tokens(form: bytes, where: int | None, width: int, covered: tuple[int, int] | None, check: CheckAt | None) -> str:
    words: list[str] = []
    at = 0
    while at < len(form):
        if covered and at == covered[0]:
            words.append("(")
        if covered and check and at == covered[1]:
            words += [")", "checksum"]
            at += check.width
        elif where is not None and at == where:
            words.append("address")
            at += width
        else:
            words.append(f"{form[at]:02X}")
            at += 1
    return " ".join(words)


def _within_ms(talk: Talk) -> int:
    """Three times the slowest answer that was seen, 200 to 3000 ms; 500 where nobody noted times."""
    took = [
        answer.begin - host.end
        for host, answer in zip(talk.hosts, talk.answers, strict=True)
        if answer is not None and answer.begin is not None and host.end is not None
    ]
    return min(3000, max(200, round(max(took) * 30) * 100)) if took else 500
