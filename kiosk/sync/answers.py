"""An answer of the receiver becomes a value, or a failure whose text says what to do."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from kiosk.domain.facts import Lines
from kiosk.http import Answer
from kiosk.sync.loop import Failed

T = TypeVar("T")


class _Problem(msgspec.Struct):
    """The part of an RFC 9457 document that is shown."""

    title: str = ""
    detail: str = ""


def read(answer: Answer, kind: type[T]) -> T:
    """Raises Failed unless this is a 200 with a body that fits `kind`."""
    if answer.status != 200:
        raise Failed(_refused(answer))
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Failed(
            Lines(
                zh="应答的内容无法理解。请确认地址指向中心服务器。",
                en=f"the answer cannot be understood ({str(error)[:120]}); check that the address is the central server's",
            )
        ) from error


def _refused(answer: Answer) -> Lines:
    said = _said(answer)
    if answer.status in (401, 403):
        return Lines(
            zh=f"中心拒绝了本站的令牌（{answer.status}）{said}。请核对 station.toml 的 [central].token 与中心的 central.toml。",
            en=f"the receiver refused this station's token ({answer.status}){said}; compare [central].token of station.toml "
            "with central.toml at the receiver",
        )
    if answer.status >= 500:
        return Lines(
            zh=f"中心出错（{answer.status}）{said}，稍后重试。",
            en=f"the receiver failed ({answer.status}){said}; it will be tried again",
        )
    return Lines(
        zh=f"中心拒绝了请求（{answer.status}）{said}。请检查两边的版本。",
        en=f"the receiver refused the request ({answer.status}){said}; compare the releases on both sides",
    )


def _said(answer: Answer) -> str:
    try:
        problem = msgspec.json.decode(answer.body, type=_Problem)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return ""
    text = " ".join((problem.detail or problem.title).split())
    return f": {text[:160]}" if text else ""
