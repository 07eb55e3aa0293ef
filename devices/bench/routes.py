"""The bench's page and its JSON. It listens on the loopback only and takes nothing but JSON from a press, which another
site's page cannot send."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.static_files import create_static_files_router

from devices.bench import words
from devices.bench.bench import Bench
from devices.bench.parts import Part, UnknownFault
from devices.bench.screen import NoPicture

WEB = Path(__file__).parent / "web"
FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
PAGE_HEADERS = NO_STORE | {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
    )
}
PNG = "image/png"

AnyRequest = Request[Any, Any, Any]


class FaultBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`device`: its id or its kind. `fault` "" mends all; `on` false mends this one. `address`: of one sign, 0 = all."""

    device: Annotated[str, msgspec.Meta(max_length=40)]
    fault: Annotated[str, msgspec.Meta(max_length=40)]
    on: bool = True
    address: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0


@lru_cache(maxsize=1)
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(WEB), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _fault_name(lang: str, part: Part, fault: str) -> dict[str, str]:
    return {"id": fault, "name": words.fault_name(lang, fault)}


@get("/")
async def page(request: AnyRequest, bench: Bench) -> Response[str]:
    lang = "en" if request.query_params.get("lang") == "en" else "zh"
    devices = [
        {"kind": p.kind, "where": p.where, "faults": [_fault_name(lang, p, fault) for fault in (*p.faults, "")]}
        for p in bench.parts
    ]
    html = (
        _pages()
        .get_template("bench.html")
        .render(
            t=lambda key: words.say(lang, key),
            lang=lang,
            other="zh" if lang == "en" else "en",
            devices=devices,
            screen=bench.camera.there(),
            display=bench.camera.display,
        )
    )
    return Response(html, media_type=MediaType.HTML, headers=PAGE_HEADERS)


@get("/state")
async def state(request: AnyRequest, bench: Bench) -> Response[bytes]:
    lang = "en" if request.query_params.get("lang") == "en" else "zh"
    shown = bench.state()
    for device in shown["devices"]:
        names = [words.fault_name(lang, fault) for fault in device["active"]]
        device["state"] = " · ".join(names) or words.say(lang, "ok")
    return Response(msgspec.json.encode(shown), media_type=MediaType.JSON, headers=NO_STORE)


# --- what came out -------------------------------------------------------------------------------------------------


@get("/paper/{name:str}")
async def paper(bench: Bench, name: str) -> Response[bytes]:
    """`7.png`: the sheet as it looks; `7.escpos`: its bytes."""
    number, kind = _numbered(name, (".png", ".escpos"))
    sheet = bench.printer.sheets().get(number) if bench.printer else None
    if sheet is None:
        raise NotFoundException(f"no paper {number}: it was not printed, or is too long ago")
    if kind == ".escpos":
        headers = NO_STORE | {"Content-Disposition": f'attachment; filename="paper-{number}.escpos"'}
        return Response(sheet.raw, media_type="application/octet-stream", headers=headers)
    png = await asyncio.to_thread(sheet.png)
    return Response(png, media_type=PNG, headers=NO_STORE)


@get("/sign.png")
async def signs(bench: Bench) -> Response[bytes]:
    return await _sign(bench, None)


@get("/sign/{name:str}")
async def sign(bench: Bench, name: str) -> Response[bytes]:
    return await _sign(bench, _numbered(name, (".png",))[0])


async def _sign(bench: Bench, address: int | None) -> Response[bytes]:
    part = bench.signs
    if part is None or (address is not None and address not in part.simulator.addresses):
        raise NotFoundException(f"no sign {address or ''} on this bench")
    png = await asyncio.to_thread(part.simulator.png, address)
    return Response(png, media_type=PNG, headers=NO_STORE)


@get("/sound/{name:str}")
async def sound(bench: Bench, name: str) -> Response[bytes]:
    number, _ = _numbered(name, (".wav",))
    spoken = bench.speaker.sounds().get(number) if bench.speaker else None
    if spoken is None:
        raise NotFoundException(f"no sound {number}: it was not said, or is too long ago")
    return Response(spoken.wav, media_type="audio/wav", headers=NO_STORE)


@get("/screen.png")
async def screen(bench: Bench) -> Response[bytes]:
    try:
        png = await asyncio.to_thread(bench.camera.picture)
    except NoPicture as error:
        raise NotFoundException(str(error)) from error
    return Response(png, media_type=PNG, headers=NO_STORE)


def _numbered(name: str, kinds: tuple[str, ...]) -> tuple[int, str]:
    """ "7.png" -> (7, ".png"); raises NotFoundException."""
    stem, dot, ending = name.rpartition(".")
    if dot + ending not in kinds or not (stem.isascii() and stem.isdigit() and len(stem) < 10):
        raise NotFoundException(f"{name}: expected a number and one of {', '.join(kinds)}")
    return int(stem), dot + ending


# --- a hand on the devices -----------------------------------------------------------------------------------------


@post("/fault", status_code=200)
async def fault(request: AnyRequest, bench: Bench, data: FaultBody) -> Response[bytes]:
    _only_json(request)
    part = bench.part(data.device)
    if part is None:
        known = ", ".join(p.id for p in bench.parts)
        raise HTTPException(status_code=422, detail=f"no device {data.device!r} on this bench: one of {known}")
    try:
        await asyncio.to_thread(part.set_fault, data.fault, data.on, data.address)
    except UnknownFault as error:
        raise HTTPException(status_code=422, detail=str(error)) from error
    return Response(msgspec.json.encode(bench.state()), media_type=MediaType.JSON, headers=NO_STORE)


@post("/take-paper", status_code=200)
async def take_paper(request: AnyRequest, bench: Bench) -> Response[bytes]:
    _only_json(request)
    if bench.printer is not None:
        bench.printer.take()
    return Response(msgspec.json.encode(bench.state()), media_type=MediaType.JSON, headers=NO_STORE)


def _only_json(request: AnyRequest) -> None:
    if request.content_type[0] != "application/json":
        raise HTTPException(status_code=415, detail="send Content-Type: application/json")


ROUTES: list[Any] = [
    *(page, state, paper, signs, sign, sound, screen, fault, take_paper),
    create_static_files_router("/web", [WEB]),
    create_static_files_router("/fonts", [FONTS]),
]
