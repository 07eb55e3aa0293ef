"""Central's side of signed configuration: it passes envelopes on as they are. It need not hold the key, and cannot make one;
what it can tell without a key (cut off, swapped, for another station, expired) it refuses before a hall sees it.

POST /signed-config   operator   the envelope that `kiosk config sign` made → 201 {"version", "commands": {station: id}}
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
from litestar import Response, post

from kiosk.central.api import now_ms, read_body
from kiosk.central.problems import Asked, Problem
from kiosk.config.signed import LARGEST, SKEW_MS, Envelope, Refused, digest, opened, sha256
from kiosk.domain.facts import Lines

KIND = "signed_config"


@post("/signed-config", status_code=201)
async def send_signed(request: Asked) -> Response[bytes]:
    """The same envelope twice is the same commands."""
    state = request.app.state
    state.access.operator(request, now_ms())
    try:
        passed = look(await read_body(request, LARGEST), state.access.stations, now_ms())
    except Refused as error:
        title = Lines(zh="签名配置不能下发", en="The signed configuration cannot be sent")
        raise Problem(422, title, detail=f"{error.reason}: {error}", remedy=error.text) from error
    ids = {}
    for station in passed.stations:
        key = f"signed-{passed.digest}-{station or 'all'}"
        ids[station or "*"] = await asyncio.to_thread(state.store.order, key, station, KIND, passed.raw, now_ms())
    state.news.ring()
    answer = {"version": passed.version, "commands": ids}
    return Response(msgspec.json.encode(answer), media_type="application/json", status_code=201)


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope that may go down. `stations`: to whom, each a command of its own; ("",) = to all. `raw` goes as it came."""

    version: int
    digest: str
    stations: tuple[str, ...]
    raw: bytes


def look(raw: bytes, known: Iterable[str], now_ms: int) -> Passed:
    """Raises kiosk.config.signed.Refused. `known`: ids of the stations of this central."""
    envelope = opened(raw)
    _whole(envelope)
    if now_ms > envelope.expires + SKEW_MS:
        raise Refused("expired", "这份配置已过期，请重新签名。", "it has expired; sign it anew")
    if "*" in envelope.stations:
        return Passed(version=envelope.version, digest=digest(envelope), stations=("",), raw=raw)
    strangers = sorted(set(envelope.stations) - set(known))
    if strangers:
        raise Refused(
            "other_station",
            f"没有这些站点：{'、'.join(strangers[:5])}。请检查 central.toml。",
            f"there is no station {', '.join(strangers[:5])}; look at central.toml, or sign it for the right ones",
        )
    stations = tuple(sorted(set(envelope.stations)))
    return Passed(version=envelope.version, digest=digest(envelope), stations=stations, raw=raw)


def _whole(envelope: Envelope) -> None:
    for name in sorted({*envelope.files, *envelope.sha256}):
        if name not in envelope.files or envelope.sha256.get(name) != sha256(envelope.files[name]):
            raise Refused(
                "swapped_file",
                f"{name} 与签名里的摘要不符：文件被替换。",
                f"{name} is not the file that was signed: it was swapped, left out or added",
            )


ROUTES = [send_signed]
