"""The bench's page and its JSON. It listens on the loopback only and takes nothing but JSON from a press, which another
site's page cannot send. Where a path names no device, the first of its kind is meant."""

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
from devices.bench.bench import Bench, NoDevice
from devices.bench.page import cards
from devices.bench.screen import NoPicture
from devices.camera.simulator import CameraSimulator, picture
from devices.led.simulated import SimulatedSigns
from devices.printer.simulated import SimulatedPrinter
from devices.voice.simulated import SimulatedSpeaker

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
_Word = Annotated[str, msgspec.Meta(max_length=40)]


class FaultBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`device`: its id or its kind. `fault` "" mends all; `on` false mends this one. `address`: of one of many, 0 = all."""

    device: _Word
    fault: _Word
    on: bool = True
    address: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0


class DoBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """{"what": "press", "args": {"address": 1, "key": "next"}}; devices.bench.hands says what there is."""

    what: _Word
    args: dict[str, Any] = {}


@lru_cache(maxsize=1)
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(WEB), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _lang(request: AnyRequest) -> str:
    return "en" if request.query_params.get("lang") == "en" else "zh"


@get("/")
async def page(request: AnyRequest, bench: Bench) -> Response[str]:
    lang = _lang(request)
    html = (
        _pages()
        .get_template("bench.html")
        .render(
            t=lambda key: words.say(lang, key),
            lang=lang,
            other="zh" if lang == "en" else "en",
            columns=cards(bench, lang),
            texts=words.of_page(lang),
            screen=bench.camera.there(),
            display=bench.camera.display,
        )
    )
    return Response(html, media_type=MediaType.HTML, headers=PAGE_HEADERS)


@get("/state")
async def state(request: AnyRequest, bench: Bench) -> Response[bytes]:
    return _state(bench, _lang(request))


def _state(bench: Bench, lang: str) -> Response[bytes]:
    shown = bench.state()
    for device in shown["devices"]:
        names = [words.fault_name(lang, fault) for fault in device["active"]]
        device["state"] = " · ".join(names) or words.say(lang, "ok")
    return Response(msgspec.json.encode(shown), media_type=MediaType.JSON, headers=NO_STORE)


# --- what came out -------------------------------------------------------------------------------------------------


@get(["/paper/{name:str}", "/devices/{device:str}/paper/{name:str}"])
async def paper(bench: Bench, name: str, device: str = "") -> Response[bytes]:
    """`7.png`: the sheet as it looks; `7.escpos`: its bytes."""
    number, kind = _numbered(name, (".png", ".escpos"))
    sheet = bench.find(device, SimulatedPrinter).sheets().get(number)
    if sheet is None:
        raise NotFoundException(f"no paper {number}: it was not printed, or is too long ago")
    if kind == ".escpos":
        headers = NO_STORE | {"Content-Disposition": f'attachment; filename="paper-{number}.escpos"'}
        return Response(sheet.raw, media_type="application/octet-stream", headers=headers)
    png = await asyncio.to_thread(sheet.png)
    return Response(png, media_type=PNG, headers=NO_STORE)


@get(["/sign.png", "/devices/{device:str}/sign.png"])
async def signs(bench: Bench, device: str = "") -> Response[bytes]:
    return await _sign(bench, device, None)


@get(["/sign/{name:str}", "/devices/{device:str}/sign/{name:str}"])
async def sign(bench: Bench, name: str, device: str = "") -> Response[bytes]:
    return await _sign(bench, device, _numbered(name, (".png",))[0])


async def _sign(bench: Bench, device: str, address: int | None) -> Response[bytes]:
    simulator = bench.find(device, SimulatedSigns).simulator
    if not simulator.addresses or (address is not None and address not in simulator.addresses):
        raise NotFoundException(f"no sign {address or ''} was written to yet")
    png = await asyncio.to_thread(simulator.png, address)
    return Response(png, media_type=PNG, headers=NO_STORE)


@get(["/sound/{name:str}", "/devices/{device:str}/sound/{name:str}"])
async def sound(bench: Bench, name: str, device: str = "") -> Response[bytes]:
    number, _ = _numbered(name, (".wav",))
    speaker = bench.find(device, SimulatedSpeaker).simulator
    last, spoken = speaker.heard, speaker.spoken
    if not last - len(spoken) < number <= last:
        raise NotFoundException(f"no sound {number}: it was not said, or is too long ago")
    return Response(spoken[number - last - 1].wav, media_type="audio/wav", headers=NO_STORE)


@get(["/photo.jpg", "/devices/{device:str}/photo.jpg"])
async def photo(bench: Bench, device: str = "") -> Response[bytes]:
    """The last picture it gave."""
    given = bench.find(device, CameraSimulator).pictures
    if not given:
        raise NotFoundException("no picture was taken yet")
    return Response(await asyncio.to_thread(picture, given), media_type="image/jpeg", headers=NO_STORE)


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
    try:
        await asyncio.to_thread(bench.set_fault, data.device, data.fault, data.on, data.address)
    except (NoDevice, ValueError) as error:
        raise HTTPException(status_code=422, detail=str(error)) from error
    return _state(bench, _lang(request))


@post("/devices/{device:str}/do", status_code=200)
async def do(request: AnyRequest, bench: Bench, device: str, data: DoBody) -> Response[bytes]:
    _only_json(request)
    try:
        await asyncio.to_thread(bench.do, device, data.what, data.args)
    except ValueError as error:
        raise HTTPException(status_code=422, detail=str(error)) from error
    return _state(bench, _lang(request))


@post("/take-paper", status_code=200)
async def take_paper(request: AnyRequest, bench: Bench) -> Response[bytes]:
    _only_json(request)
    bench.do("printer", "take", {})
    return _state(bench, _lang(request))


def _only_json(request: AnyRequest) -> None:
    if request.content_type[0] != "application/json":
        raise HTTPException(status_code=415, detail="send Content-Type: application/json")


def not_here(request: AnyRequest, error: NoDevice) -> Response[dict[str, Any]]:
    return Response({"status_code": 404, "detail": str(error)}, status_code=404, headers=NO_STORE)


ROUTES: list[Any] = [
    *(page, state, paper, signs, sign, sound, photo, screen, fault, do, take_paper),
    create_static_files_router("/web", [WEB]),
    create_static_files_router("/fonts", [FONTS]),
]
