"""The box on its network, and its way to central. Calls are bounded and run in threads."""

from __future__ import annotations

import fcntl
import socket
import struct
import time
from dataclasses import dataclass

import msgspec

from kiosk import http
from kiosk.domain.commands import Refused
from kiosk.domain.facts import Lines
from kiosk.domain.refusals import refuse
from kiosk.station.doctor.setup import LOOPBACK

CHECK_S = 4.0
PAIR_S = 8.0
SAID_MAX = 300  # characters of central's words
EVERYWHERE = ("", "0.0.0.0", "[::]")
_SIOCGIFADDR = 0x8915  # <linux/sockios.h>


@dataclass(frozen=True, slots=True)
class Address:
    interface: str
    address: str


@dataclass(frozen=True, slots=True)
class Reach:
    """`why` says what is wrong; None when central answered within `ms`."""

    url: str
    reachable: bool
    ms: int | None = None
    why: Lines | None = None


class Token(msgspec.Struct, frozen=True):
    """What central gave for a code."""

    station: str
    name: str
    token: str


def host() -> str:
    return socket.gethostname()


def addresses() -> list[Address]:
    """IPv4 addresses of all interfaces but loopback."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                packed = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue  # an interface without an address
            address = socket.inet_ntoa(packed[20:24])
            if not address.startswith("127."):
                found.append(Address(name, address))
    return found


def lan_host(listen: str, found: list[Address]) -> str:
    """Under which address others on the network reach a station that listens at `listen`; "" when only this box does."""
    host = listen.rpartition(":")[0]
    if host in LOOPBACK or host.startswith("127."):
        return ""
    if host in EVERYWHERE:
        return found[0].address if found else ""
    return host


def reach(url: str) -> Reach:
    """Whether central answers at `url`."""
    if not url:
        return Reach("", False, None, Lines(zh="没有设中心。", en="No central is set."))
    begun = time.monotonic()
    try:
        with http.session() as session:
            answer = http.call(session, "GET", f"{url}/health", deadline_s=CHECK_S, limit_bytes=64 * 1024)
    except http.HttpError as error:
        return Reach(url, False, None, error.text)
    if answer.status != 200:
        why = Lines(zh=f"应答 {answer.status}：不像中心。", en=f"answers {answer.status}: that is no central.")
        return Reach(url, False, None, why)
    return Reach(url, True, round((time.monotonic() - begun) * 1000))


def pair(url: str, code: str, key: str, lang: str = "zh") -> Token:
    """Raises Refused, in central's own words of `lang` where it has some. With the same `key` an answer that was lost can be
    asked for again."""
    if not url.startswith(("http://", "https://")):
        raise _refused(Lines(zh=f"“{url[:80]}”不是地址。", en=f"“{url[:80]}” is no address."), 422)
    if not (len(code) == 8 and code.isascii() and code.isdigit()):
        raise _refused(Lines(zh="配对码是 8 位数字。", en="A code has 8 digits."), 422, "code")
    try:
        with http.session() as session:
            answer = http.call(
                session,
                "POST",
                f"{url}/pair",
                json={"code": code},
                headers={"Idempotency-Key": key, "Accept-Language": lang},
                deadline_s=PAIR_S,
                limit_bytes=64 * 1024,
            )
    except http.HttpError as error:
        raise _refused(error.text, 409) from error
    if answer.status != 200:
        raise _said(answer)
    try:
        return msgspec.json.decode(answer.body, type=Token)
    except msgspec.MsgspecError as error:
        raise _refused(Lines(zh="中心的应答看不懂。", en="Central's answer makes no sense."), 409) from error


class _Problem(msgspec.Struct, frozen=True):
    """The part of central's problem document that is shown."""

    title: str = ""
    detail: str = ""
    remedy: str = ""


def _said(answer: http.Answer) -> Refused:
    if answer.status in (403, 429):
        wait = answer.headers.get("retry-after", "")
        what = Lines(zh="配对码不对、已用过或已过期。", en="The code is wrong, used or too old.")
        if wait.isdigit():
            what = Lines(zh=f"输错太多次，请等 {wait} 秒。", en=f"Too many wrong codes: wait {wait} s.")
        return _refused(what, answer.status, "code")
    try:
        problem = msgspec.json.decode(answer.body, type=_Problem)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        problem = _Problem()
    words = " ".join(f"{problem.detail or problem.title} {problem.remedy}".split())[:SAID_MAX]
    zh, en = f"中心拒绝（{answer.status}）：", f"Central refused ({answer.status}): "
    if not words:
        zh, en = f"中心应答 {answer.status}。", f"Central answered {answer.status}."
    return _refused(Lines(zh=zh + words, en=en + words), 409)


def _refused(what: Lines, status: int, field: str = "url") -> Refused:
    remedy = ("请中心的操作员再生成一个码。", "Ask the operator of central for a new code.")
    if field == "url":
        remedy = ("请检查地址和网络。", "Look at the address and the network.")
    return refuse("pairing", what.zh, what.en, *remedy, field, status)
