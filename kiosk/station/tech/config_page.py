"""The configuration page: look at a file, try a change, keep it or go back."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import get, post

from kiosk.config import ConfigError
from kiosk.domain.commands import Refused
from kiosk.station.pages_render import Page, PageRequest, field, language, press_key
from kiosk.station.tech import on_trial, service
from kiosk.station.tech.frame import TECH, page
from kiosk.station.tech.service import Tech


@get("/tech/page/config", opt=TECH)
async def config_shown(request: PageRequest, tech: Tech) -> Page:
    return await _config(request, tech, request.query_params.get("file", ""))


@post("/tech/page/config", opt=TECH, status_code=200)
async def config_press(request: PageRequest, tech: Tech) -> Page:
    form = await request.form()
    file, verb = field(form, "file"), field(form, "verb")
    text = form.get("text", "")
    text = text.replace("\r\n", "\n") if isinstance(text, str) else ""
    try:
        if verb == "confirm":
            await tech.confirm()
            return await _config(request, tech, file, said="cfg.confirmed")
        if verb == "rollback":
            await tech.rollback()
            return await _config(request, tech, file, said="cfg.back")
        await tech.once.run(press_key(request, form), ["try", file, text], lambda: tech.try_files({file: text}))
    except ConfigError as error:
        return await _config(request, tech, file, text, service.mistakes_of(error, language(request)))
    except Refused as refused:
        return await _config(request, tech, file, text, refused=refused)
    return await _config(request, tech, file, text, said="cfg.restarting")


async def _config(
    request: PageRequest,
    tech: Tech,
    file: str,
    text: str = "",
    mistakes: list[dict[str, Any]] | None = None,
    said: str = "",
    refused: Refused | None = None,
) -> Page:
    files = await asyncio.to_thread(tech.files)
    chosen = next((one for one in files if one.file == file), files[0])
    shown = {
        "here": "config",
        "files": files,
        "chosen": chosen,
        "text": text or chosen.text,
        "mistakes": mistakes or [],
        "ended": await asyncio.to_thread(on_trial.told_ended, tech, language(request)),
        "said": said,
    }
    return await page(request, "tech/config.html", shown, 422 if mistakes else 200, refused)
