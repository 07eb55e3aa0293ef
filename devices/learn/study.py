"""From pieces to a proven description. The law: what is written was learned from two thirds of the frames and held on the
others, each of which must be read and made again byte by byte; what is not sure is said, with the capture that would tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from devices.learn.answers import answers_of, echoes
from devices.learn.bursts import Burst, Talk, bursts_of, gaps_of, talks_of
from devices.learn.capture import Piece
from devices.learn.chain import chained
from devices.learn.fields import CheckAt, LengthAt, checks_of, length_of
from devices.learn.roles import Roles, roles_of
from devices.learn.shape import Shape, escapes, shapes, split_merged, suspects
from devices.learn.write import Findings, toml
from devices.led.checksums import CHECKSUMS
from devices.led.description import BadDescription, FrameDescription, parse
from devices.led.frames import Decoder, FrameError, encode
from devices.ports import DeviceError, SignText

ENOUGH = 8  # different frames
HOLD_BACK = 3  # every third
PROVEN = 0.95  # of the held-back frames that are whole: what is left may be damage on the line
ESCAPES_TRIED = 400
USUAL_ESCAPES = (0x7D, 0xAB, 0xA6, 0x5B, 0xDB, 0x10, 0x1B)


class CannotLearn(DeviceError):
    """Nothing certain came out; the text says what was found and which capture would help."""


@dataclass(frozen=True, slots=True)
class Learned:
    """`proved` of `held_back` frames were read and made again byte by byte; `outside` counts what was no frame (noise, broken
    off); `failed` are held-back frames that were not; `questions` are what is not sure."""

    description: FrameDescription
    toml: str
    frames: int
    held_back: int
    proved: int
    outside: int
    failed: tuple[bytes, ...]
    questions: tuple[str, ...]

    @property
    def sure(self) -> bool:
        return not self.failed and not self.questions


@dataclass(frozen=True, slots=True)
class _Model:
    """A guess at how frames are made, and in how many of `frames` it holds."""

    shape: Shape
    length: LengthAt | None
    check: CheckAt | None
    roles: Roles
    talk: Talk
    held: int
    doubt: str = ""


def learn(pieces: Sequence[Piece], name: str = "learned") -> Learned:
    """Raises CannotLearn."""
    failures: list[str] = []
    best: Learned | None = None
    for talk in _talks(pieces):
        if best is not None and best.proved >= PROVEN * best.held_back and not any(burst.begin for burst in talk.hosts):
            break  # the last resorts are not needed
        learned, why = _of_talk(talk, name)
        failures += why
        if learned is not None and (best is None or _rank(learned) > _rank(best)):
            best = learned
    if best is None or best.proved < PROVEN * max(1, best.held_back):
        told = list(dict.fromkeys(failures))
        if best is not None and best.proved:
            told.insert(
                0,
                f"held-back frames proved: {best.proved} of {best.held_back}, the first that failed: {_hex(best.failed)}",
            )
        raise CannotLearn(
            "没有找到可靠的帧格式 no frame that holds was found:\n  " + "\n  ".join(told[:6] or ["nothing came"])
        )
    return best


def _of_talk(talk: Talk, name: str) -> tuple[Learned | None, list[str]]:
    """The best of one way to take it, and why others were none."""
    teach, test = _parted(talk)
    if len(teach) < ENOUGH:
        return None, [
            f"只有 {len(teach)} 个不同的帧 only {len(teach)} different frames to learn from; capture at least {2 * ENOUGH}: "
            "texts of several lengths, to several signs"
        ]
    best: Learned | None = None
    why: list[str] = []
    for model in _models(teach, talk):
        try:
            learned = _proven(model, talk, test, name)
        except (ValueError, BadDescription) as error:
            why.append(str(error))
            continue
        if best is None or _rank(learned) > _rank(best):
            best = learned
        if best.proved == best.held_back:
            break
    return best, why


def _hex(frames: Sequence[bytes]) -> str:
    return frames[0].hex(" ").upper() if frames else "none"


def _rank(learned: Learned) -> tuple[float, bool, float, bool]:
    """How well it is proved; then whether a checksum bears it; then how little is left over."""
    described = learned.description
    left_over = learned.outside / max(1, learned.frames + learned.outside)
    share = round(learned.proved / max(1, learned.held_back), 2)
    return share, described.checksum is not None, -round(left_over, 1), described.ack is not None


def _talks(pieces: Sequence[Piece]) -> Iterator[Talk]:
    """By pauses; then with what ran together parted; then by a chain of lengths, where there are no pauses at all."""
    by_pauses = [talk for gap in gaps_of(pieces) for talk in talks_of(bursts_of(pieces, gap))]
    yield from by_pauses
    hosts = [piece.data for piece in pieces if piece.way != "<"]
    for frames in (split_merged([burst.data for burst in by_pauses[-1].hosts]), chained(b"".join(hosts))):
        yield Talk(tuple(Burst(data) for data in frames), (None,) * len(frames))


def _parted(talk: Talk) -> tuple[list[bytes], list[bytes]]:
    """Different frames to learn from, and every third held back. A frame that came twice is on one side only."""
    distinct = list(dict.fromkeys(burst.data for burst in talk.hosts))
    test = distinct[HOLD_BACK - 1 :: HOLD_BACK]
    held = set(test)
    return [data for data in distinct if data not in held], test


# --- guesses ---------------------------------------------------------------------------------------------------------


def _models(teach: Sequence[bytes], talk: Talk) -> Iterator[_Model]:
    """Best first: what has a checksum in more frames, then a length."""
    found: list[_Model] = []
    for shape in shapes(teach):
        frames = [frame for frame in teach if shape.fits(frame)]
        if len(frames) >= max(ENOUGH // 2, len(teach) // 2):
            found += _of_shape(shape, frames, talk)
    # Equal ones stay in the order of `shapes`, which tries the likelier heads and tails first.
    yield from sorted(found, key=lambda m: (m.held, m.length is not None), reverse=True)


def _of_shape(shape: Shape, frames: Sequence[bytes], talk: Talk) -> list[_Model]:
    follow = _useful(suspects(shape, frames), frames)
    plain = _model(shape, frames, talk)
    found = [plain] if plain is not None else []
    whole = plain is not None and plain.check is not None and plain.check.held == len(set(frames))
    if whole or not follow:
        return found
    # Frames without a suspected byte show the checksum; those with one then show how bytes are escaped.
    clean = [frame for frame in frames if not any(byte in follow for byte in frame[len(shape.head) :])]
    base = _model(shape, clean, talk) if len(clean) >= ENOUGH // 2 else plain
    escaped: list[_Model] = []
    for escape in islice(escapes(shape, follow), ESCAPES_TRIED):
        guess = replace(shape, escape=escape)
        firsts = {sent[0] for sent in escape.values()}
        touched = [f for f in frames if any(byte in firsts for byte in f[len(shape.head) :])][:12]
        if base is not None and base.check and not _bears(guess, base.check, touched):
            continue
        model = _model(guess, frames, talk)
        if model is not None and model.check is not None:
            escaped.append(model)
    most = max((model.held for model in escaped), default=0)
    best = [model for model in escaped if model.held == most]
    seen = b"".join(frames)
    meanings = {tuple(sorted((b, s) for b, s in model.shape.escape.items() if s in seen)) for model in best}
    if len(meanings) > 1:
        doubt = (
            "转义含义不定 the escaped bytes can be meant in more than one way: capture texts of every length from 1 to 40, "
            "so that the length or the checksum becomes each of them."
        )
        best = [replace(model, doubt=doubt) for model in best[:1]]
    return found + best[:1]


def _useful(follow: dict[int, set[int]], frames: Sequence[bytes]) -> dict[int, set[int]]:
    """The likelier first halves of an escape first: those that makers use, then the rarer; at most six."""
    count = {byte: sum(bytes((byte,)) in frame for frame in frames) for byte in follow}
    kept = sorted(follow, key=lambda byte: (byte not in USUAL_ESCAPES, count[byte], byte))[:6]
    return {byte: follow[byte] for byte in kept}


def _bears(shape: Shape, check: CheckAt, frames: Sequence[bytes]) -> bool:
    right = sum((inner := shape.inner(frame)) is not None and _check_holds(shape, inner, check) for frame in frames)
    return right >= 0.8 * len(frames)


def _model(shape: Shape, frames: Sequence[bytes], talk: Talk) -> _Model | None:
    inners = [inner for frame in frames if (inner := shape.inner(frame))]
    if len(inners) < 3:
        return None
    lengths = length_of(inners)
    length = lengths[0] if lengths else None
    if length is not None:
        # A frame that is not as long as it says was broken off, or is two.
        inners = [i for i in inners if _says(i, length) == len(i) + length.extra]
    checks = checks_of([shape.head + inner for inner in inners], inners, len(shape.head))
    check = checks[0] if checks else None
    if check is not None:
        inners = [i for i in inners if _check_holds(shape, i, check)]
        if length is not None and length.at + length.width > min(map(len, inners)) - check.width:
            return None
    if min(map(len, inners), default=0) < 2:
        return None
    roles = roles_of(inners, length, check, echoes(shape, talk))
    return _Model(shape, length, check, roles, talk, check.held if check else 0)


def _says(inner: bytes, length: LengthAt) -> int:
    return int.from_bytes(inner[length.at : length.at + length.width], length.order)


def _check_holds(shape: Shape, inner: bytes, check: CheckAt) -> bool:
    if len(inner) <= check.width:
        return False
    frame = shape.head + inner
    value = CHECKSUMS[check.kind].of(frame[check.start : len(frame) - check.width])
    return value.to_bytes(check.width, check.order) == frame[len(frame) - check.width :]


# --- proof -----------------------------------------------------------------------------------------------------------


def _proven(model: _Model, talk: Talk, test: Sequence[bytes], name: str) -> Learned:
    """Written as TOML, read back as a driver would, and tried on what was held back. Raises ValueError, BadDescription."""
    place = model.roles.at("address")
    address = (place, model.roles.width("address")) if place is not None else None
    answers = answers_of(model.shape, talk, address, model.check)
    example = max((b.data for b in talk.hosts if model.shape.fits(b.data)), key=len)
    found = Findings(model.shape, model.length, model.check, model.roles, answers, example)
    description = parse(toml(found, name), name)
    outcome = Counter(_try(description, model, frame) for frame in test)
    failed = tuple(frame for frame in test if _try(description, model, frame) == "failed")
    held_back = outcome["proved"] + outcome["failed"]
    outside = sum(_try(description, model, burst.data) == "outside" for burst in talk.hosts) + len(talk.strays)
    questions = (*model.roles.questions, *(answers.questions if answers else ()), *_unsure(model, talk, failed))
    remarks = (
        f"learned from {len(talk.hosts)} frames; proved on {outcome['proved']} of {held_back} held back; "
        f"{outside} pieces were no frames",
        *(f"to be confirmed: {question}" for question in questions),
    )
    text = toml(found, name, remarks)
    return Learned(
        parse(text, name), text, len(talk.hosts), held_back, outcome["proved"], outside, failed, tuple(questions)
    )


def _try(description: FrameDescription, model: _Model, raw: bytes) -> str:
    """proved: read and made again byte by byte. outside: noise, or broken off. failed: a whole frame that is not understood."""
    reader = Decoder(description)
    items = [*reader.feed(raw), *reader.idle()]
    texts = [item for item in items if isinstance(item, SignText)]
    try:
        again = b"".join(encode(description, text) for text in texts)
    except FrameError:
        again = b""
    if texts and again == raw:
        return "proved"
    if texts and raw.find(again) >= 0:
        return "outside"  # a frame with noise around it
    inner = model.shape.inner(raw)
    if inner is None or (
        model.length
        and (len(inner) <= model.length.at or _says(inner, model.length) != len(inner) + model.length.extra)
    ):
        return "outside"
    return "failed"


def _unsure(model: _Model, talk: Talk, failed: Sequence[bytes]) -> Iterator[str]:
    if model.check is None:
        yield "没有找到校验 no checksum was found that holds: capture more frames with different texts."
    if failed:
        yield f"{len(failed)} 个保留帧不符 held-back frames did not fit (damaged on the line?), the first: {_hex(failed)}"
    if model.doubt:
        yield model.doubt
    yield from _unseen(model, talk)


def _unseen(model: _Model, talk: Talk) -> Iterator[str]:
    """What the capture cannot tell about the bytes of head and tail inside a frame."""
    if model.shape.escape:
        seen = b"".join(burst.data for burst in talk.hosts)
        for byte, sent in model.shape.escape.items():
            if sent not in seen:
                yield (
                    f"转义未见 how byte {byte:02X} is sent inside a frame was not seen ({sent.hex(' ').upper()} is a guess): "
                    "capture texts of every length from 1 to 40, to every sign, so that the length or the checksum becomes it."
                )
        return
    figures_only = model.length is None and model.check is not None and model.check.kind.endswith("-hex")
    if figures_only:
        return
    inside = b"".join(inner for burst in talk.hosts if (inner := model.shape.inner(burst.data)))
    if not any(byte in inside for byte in model.shape.head[:1] + model.shape.tail[:1]):
        wanted = " or ".join(f"{byte:02X}" for byte in dict.fromkeys(model.shape.head[:1] + model.shape.tail[:1]))
        yield (
            f"帧内未见 {wanted} stood inside no frame, so whether such a byte is sent otherwise there is not known: capture "
            "texts of every length from 1 to 40, to every sign."
        )
