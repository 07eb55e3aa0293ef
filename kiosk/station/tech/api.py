"""The technician's HTTP interface, all under /tech: role tech, by the PIN's cookie or the bearer token of DATA/tech.token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import QueryParameter

from kiosk.config import ConfigError
from kiosk.domain import tongue
from kiosk.domain.commands import Refused
from kiosk.domain.refusals import refuse
from kiosk.station.api import Body, Key, json_answer
from kiosk.station.pages_render import PageRequest
from kiosk.station.problems import PROBLEM, language
from kiosk.station.tech import network, on_trial, service
from kiosk.station.tech.desk import Tried
from kiosk.station.tech.service import Matrix, Tech
from kiosk.station.tech.wizard import Wizard

Where = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=256 * 1024)]
Number = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]
FileName = Annotated[str, msgspec.Meta(max_length=64)]
CONFIG_MAX = 1024 * 1024
After = Annotated[int, QueryParameter(ge=0, le=2**53)]


class TryBody(Body, frozen=True, kw_only=True):
    what: Annotated[str, msgspec.Meta(max_length=16)]


class LevelBody(Body, frozen=True, kw_only=True):
    level: Annotated[int, msgspec.Meta(ge=0, le=100)]


class WhereBody(Body, frozen=True, kw_only=True):
    where: Where


class PairBody(Body, frozen=True, kw_only=True):
    url: Where
    code: Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")]


class FilesBody(Body, frozen=True, kw_only=True):
    """`drop`: files of the box's own that go, so that the layer below shows again."""

    files: Annotated[dict[FileName, Text], msgspec.Meta(max_length=8)]
    drop: Annotated[tuple[FileName, ...], msgspec.Meta(max_length=8)] = ()


class RollbackBody(Body, frozen=True, kw_only=True):
    """`last`: not the end of a trial, but back to the set that was good before this one."""

    last: bool = False


class RestartBody(Body, frozen=True, kw_only=True):
    what: Literal["station", "screen"]


class MatrixBody(Body, frozen=True, kw_only=True):
    matrix: tuple[Number, Number, Number, Number, Number, Number] | None


class AnswerBody(Body, frozen=True, kw_only=True):
    step: Annotated[str, msgspec.Meta(max_length=80)]
    answer: Annotated[dict[str, Any], msgspec.Meta(max_length=32)]


class NoBody(Body, frozen=True, kw_only=True):
    pass


def tried_view(tried: Tried, lang: str) -> dict[str, Any]:
    return {"outcome": tried.outcome.kind, "detail": tongue.lines(tried.outcome.detail).get(lang), "seen": tried.seen}


def network_view(found: network.Reach, addresses: list[network.Address], listen: str) -> dict[str, Any]:
    """`lan`: under which address others on the network open the pages; "" = this box listens to itself only."""
    return {
        "host": network.host(),
        "lan": network.lan_host(listen, addresses),
        "addresses": [{"interface": a.interface, "address": a.address} for a in addresses],
        "central": {"url": found.url, "reachable": found.reachable, "ms": found.ms, "why": found.why},
    }


def config_view(tech: Tech) -> dict[str, Any]:
    files = [{"file": one.file, "origin": one.origin, "text": one.text} for one in tech.files()]
    return {"files": files, **on_trial.view(tech)}


def _no_files() -> Refused:
    return refuse(
        "no_files",
        "没有要试用的文件。",
        "There is no file to try.",
        "请给出至少一个文件，或要去掉的文件（drop）。",
        "Give at least one file, or one to drop.",
        "files",
        400,
    )


async def _once(tech: Tech, key: str, request: object, work: Callable[[], Awaitable[Any]]) -> Response[bytes]:
    return json_answer(await tech.once.run(key, request, work))


async def _level(
    request: PageRequest, id: str, what: Literal["volume", "brightness"], level: int, tech: Tech, key: str
) -> Response[bytes]:
    lang = language(request)

    async def work() -> dict[str, Any]:
        return tried_view(await tech.set_level(id, what, level), lang) | {"level": level}

    return await _once(tech, key, [what, id, level], work)


class TechRoutes(Controller):
    path = "/tech"
    opt = {"roles": ("tech",)}  # noqa: RUF012

    # --- devices ---

    @get("/devices")
    async def devices(self, request: PageRequest, tech: Tech) -> Response[bytes]:
        lang = language(request)
        return json_answer({"devices": [service.device_view(seen, lang) for seen in tech.desk.devices()]})

    @post("/devices/{id:str}/test", status_code=200)
    async def test(self, request: PageRequest, id: str, data: TryBody, tech: Tech, key: Key = "") -> Response[bytes]:
        lang = language(request)

        async def work() -> dict[str, Any]:
            return tried_view(await tech.test(id, data.what, lang), lang)

        return await _once(tech, key, ["test", id, data], work)

    @get("/devices/{id:str}/log")
    async def log(self, id: str, tech: Tech, all: bool = False, after: After = 0) -> Response[bytes]:
        """Folded, or `all`: every piece with its own time. `after`: only what began after the `count` told before."""
        count, lines = tech.desk.log(id, after, all=all)
        return json_answer({"count": count, "lines": lines})

    @post("/devices/{id:str}/restart", status_code=200)
    async def restart_device(self, id: str, tech: Tech, key: Key = "", data: NoBody | None = None) -> Response[bytes]:
        async def work() -> dict[str, Any]:
            return {"state": await tech.restart_device(id)}

        return await _once(tech, key, ["restart", id], work)

    @post("/devices/{id:str}/volume", status_code=200)
    async def volume(
        self, request: PageRequest, id: str, data: LevelBody, tech: Tech, key: Key = ""
    ) -> Response[bytes]:
        return await _level(request, id, "volume", data.level, tech, key)

    @post("/devices/{id:str}/brightness", status_code=200)
    async def brightness(
        self, request: PageRequest, id: str, data: LevelBody, tech: Tech, key: Key = ""
    ) -> Response[bytes]:
        return await _level(request, id, "brightness", data.level, tech, key)

    @get("/ports")
    async def ports(self, tech: Tech) -> Response[bytes]:
        found = await asyncio.to_thread(tech.desk.ports)
        return json_answer({"ports": [{"where": p.where, "name": p.name, "taken_by": p.taken_by} for p in found]})

    @post("/detect", status_code=200)
    async def look(self, data: WhereBody, tech: Tech, key: Key = "") -> Response[bytes]:
        async def work() -> dict[str, Any]:
            return (await tech.desk.detect(data.where)).view(data.where)

        return await _once(tech, key, ["detect", data], work)

    @post("/detect/numbers", status_code=200)
    async def show_numbers(self, data: WhereBody, tech: Tech, key: Key = "") -> Response[bytes]:
        """Every described frame shows a number of its own on that line; a person reads which one the sign understood."""

        async def work() -> dict[str, Any]:
            return (await tech.desk.numbers(data.where)).view()

        return await _once(tech, key, ["numbers", data], work)

    # --- network ---

    @get("/network")
    async def network(self, tech: Tech) -> Response[bytes]:
        addresses = await asyncio.to_thread(network.addresses)
        return json_answer(network_view(await tech.reach(), addresses, tech.config.station.listen))

    @post("/pair", status_code=200)
    async def pair(self, request: PageRequest, data: PairBody, tech: Tech, key: Key = "") -> Response[bytes]:
        lang = language(request)

        async def work() -> dict[str, Any]:
            token = await tech.pair(data.url, data.code, lang)
            return {"station": token.station, "name": token.name}

        return await _once(tech, key, ["pair", data], work)

    # --- checks and configuration ---

    @get("/doctor")
    async def doctor(self, tech: Tech) -> Response[bytes]:
        found = await tech.checks()
        return json_answer(
            {"checks": [{"id": c.id, "state": c.state, "what": c.what, "remedy": c.remedy} for c in found]}
        )

    @get("/bundle")
    async def bundle(self, tech: Tech) -> Response[bytes]:
        name = f"yitai-{tech.config.station.id}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(await tech.bundle(), media_type="application/zip", headers=headers)

    @get("/config")
    async def config(self, tech: Tech) -> Response[bytes]:
        return json_answer(await asyncio.to_thread(config_view, tech))

    @get("/config/trial")
    async def config_trial(self, tech: Tech) -> Response[bytes]:
        """What a page that shows something else asks for every two seconds."""
        return json_answer(await asyncio.to_thread(on_trial.view, tech))

    @post("/config/try", status_code=200, request_max_body_size=CONFIG_MAX)
    async def try_config(self, request: PageRequest, data: FilesBody, tech: Tech, key: Key = "") -> Response[bytes]:
        if not data.files and not data.drop:
            raise _no_files()

        async def work() -> dict[str, Any]:
            return {"confirm_by_ms": (await tech.try_files(data.files, data.drop)).until_ms}

        try:
            return await _once(tech, key, ["try", data], work)
        except ConfigError as error:
            return mistaken(request, error)

    @post("/config/confirm", status_code=200)
    async def confirm(self, tech: Tech, key: Key = "", data: NoBody | None = None) -> Response[bytes]:
        async def work() -> dict[str, Any]:
            await tech.confirm()
            return {}

        return await _once(tech, key, ["confirm"], work)

    @post("/config/rollback", status_code=200)
    async def rollback(
        self, request: PageRequest, tech: Tech, key: Key = "", data: RollbackBody | None = None
    ) -> Response[bytes]:
        last = data is not None and data.last

        async def work() -> dict[str, Any]:
            await tech.rollback(last=last)
            return {}

        try:
            return await _once(tech, key, ["rollback", last], work)
        except ConfigError as error:
            return mistaken(request, error)

    # --- the box ---

    @post("/restart", status_code=200)
    async def restart(self, data: RestartBody, tech: Tech, key: Key = "") -> Response[bytes]:
        async def work() -> dict[str, Any]:
            await tech.restart_part(data.what)
            return {"what": data.what}

        return await _once(tech, key, ["restart", data], work)

    @get("/calibration", opt={"roles": ("tech", "screen")})  # the touchscreen applies it
    async def calibration(self, tech: Tech) -> Response[bytes]:
        return json_answer({"matrix": await asyncio.to_thread(tech.calibration)})

    @put("/calibration")
    async def calibrate(self, data: MatrixBody, tech: Tech) -> Response[bytes]:
        matrix: Matrix | None = data.matrix
        await tech.set_calibration(matrix)
        return json_answer({"matrix": matrix})

    # --- the wizard ---

    @get("/wizard")
    async def wizard(self, wizard: Wizard) -> Response[bytes]:
        return json_answer(await wizard.view())

    @post("/wizard", status_code=200)
    async def answer(self, data: AnswerBody, wizard: Wizard) -> Response[bytes]:
        """No key is needed: an answer to a step that is over changes nothing."""
        return json_answer(await wizard.answer(data.step, data.answer))

    @post("/wizard/restart", status_code=200)
    async def wizard_anew(
        self, tech: Tech, wizard: Wizard, key: Key = "", data: NoBody | None = None
    ) -> Response[bytes]:
        return await _once(tech, key, ["wizard"], wizard.restart)


def mistaken(request: PageRequest, error: ConfigError) -> Response[bytes]:
    """Every mistake of a configuration, as a problem document."""
    lang = language(request)
    count = len(error.mistakes)
    title = (
        f"The configuration has {count} mistake(s); nothing was changed."
        if lang == "en"
        else f"配置有 {count} 处错误，没有改动。"
    )
    body = {
        "type": "urn:yitai:problem:config",
        "title": title,
        "status": 422,
        "detail": error.told(lang),
        "remedy": "Mend each line as it says." if lang == "en" else "请按提示逐条修改。",
        "field": "files",
        "mistakes": service.mistakes_of(error, lang),
    }
    return Response(msgspec.json.encode(body), status_code=422, media_type=PROBLEM, headers={"Content-Language": lang})
