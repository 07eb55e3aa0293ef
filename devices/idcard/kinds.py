"""The kinds of identity card reader."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from devices.catalog import Kind, Question, Samples, Site, Slip
from devices.idcard.card import BadCard, decode, encode
from devices.idcard.driver import SerialIdCardReader
from devices.idcard.frames import FIND, FOUND, OK, READ_TEXT_AND_PHOTO, STATUS, Answer, Decoder, frame, request
from devices.idcard.simulator import IdCardSimulator
from devices.ports import IdCard


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`poll_ms`: how often a card is looked for. `again_ms`: the same card counts as left when it was not seen for so long."""

    poll_ms: int = 300
    again_ms: int = 2000


def _make(site: Site, options: Options) -> SerialIdCardReader:
    return SerialIdCardReader(site.where, poll_ms=options.poll_ms, again_ms=options.again_ms, opener=site.opener)


def _check(site: Site, options: Options) -> Iterable[Slip]:
    if not 100 <= options.poll_ms <= 5000:
        yield Slip("poll_ms", f"{options.poll_ms} is out of range.", "Use 100 to 5000 ms.")
    if not options.poll_ms < options.again_ms <= 60_000:
        yield Slip("again_ms", f"{options.again_ms} is out of range.", "Use more than poll_ms, at most 60000 ms.")


def _simulator(site: Site, options: Options) -> IdCardSimulator:
    return IdCardSimulator(site.id, site.where)


def _is_reader(data: bytes) -> bool:
    return any(isinstance(item, Answer) for item in Decoder().feed(data))


def read_answer(data: bytes) -> IdCard | None:
    """The card in the first whole answer among `data`, None when there is none. Raises BadCard."""
    answers = [item for item in Decoder().feed(data) if isinstance(item, Answer) and item.status == OK]
    return decode(answers[0].data) if answers else None


# Nobody's: 110101 is a real district, the day and the number are made up.
NOBODY = IdCard(
    name="样本",
    number="11010119491001001X",
    sex="female",
    born="1949-10-01",
    address="北京市东城区示例路1号",
    valid_until="long",
)
SAMPLES = Samples(
    (
        frame(bytes((0, 0, OK))),
        frame(bytes((0, 0, FOUND)) + bytes(4)),
        frame(bytes((0, 0, OK)) + encode(NOBODY, photo=b"")),
        request(FIND) + request(READ_TEXT_AND_PHOTO),
    ),
    read_answer,
    (BadCard,),
)

KINDS = (
    Kind(
        "idcard",
        "serial",
        "身份证阅读器",
        "identity card reader (SAM-V)",
        _make,
        options=Options,
        check=_check,
        simulator=_simulator,
        ask=(Question(request(STATUS), _is_reader, bauds=(115200, 57600, 38400, 19200, 9600)),),
        samples=(SAMPLES,),
    ),
)
