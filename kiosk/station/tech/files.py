"""From the wizard's answers to the files of the box's configuration. The same answers over their own result change nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

from kiosk.flows.wizard import PINS, Proposal, State
from kiosk.station.tech.toml_text import put, write

HEADER = "# Written by the wizard; change it on the technician's page or with `kiosk config try`.\n"


def wanted(state: State, text_of: Callable[[str], str]) -> dict[str, str]:
    """`text_of(file)`: the text in force. -> the files that say what was answered."""
    hall = state.answers.get("hall", {})
    files = {"hall.toml": text_of("hall.toml")}
    if hall:
        files["hall.toml"] = put(files["hall.toml"], ("hall", "name"), {"zh": hall["name_zh"], "en": hall["name_en"]})
    files["station.toml"] = _station(state, text_of("station.toml"))
    files["devices.toml"] = _devices(state, text_of("devices.toml"))
    files["counters.toml"] = _counters(state, text_of("counters.toml"))
    return files


def _station(state: State, text: str) -> str:
    text = put(text, ("station", "id"), state.station)
    text = put(text, ("central", "url"), state.central)
    if state.token:
        text = put(text, ("central", "token"), state.token)
    for role in PINS:
        if role in state.pins:
            text = put(text, ("pins", role), state.pins[role])
    return text


def _devices(state: State, text: str) -> str:
    """Left as a person wrote it while it says the same."""
    there = {p.id for p in state.found}
    tables = [
        {"id": p.id, "class": p.klass, "driver": p.driver, "where": p.where, **_options(p, there)} for p in state.found
    ]
    now = tomllib.loads(text).get("device", [])
    if _said(now) == _said(tables):
        return text
    return HEADER + write({"device": tables})


def _options(proposal: Proposal, there: set[str]) -> dict[str, Any]:
    """Without what is not set, and without a stand-in that was left out."""
    gone = "standin" if proposal.options.get("standin") not in there else ""
    return {key: value for key, value in proposal.options.items() if value is not None and key != gone}


def _said(tables: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    return [(t.get("id", ""), t.get("class", ""), t.get("driver", ""), t.get("where", "")) for t in tables]


def _counters(state: State, text: str) -> str:
    """A counter whose sign is not there any more has none. The first signs of a hall stand above the counters by number."""
    there = {p.id for p in state.found if p.klass == "sign"}
    counters = tomllib.loads(text).get("counter", [])
    if len(there) == 1 and not any(counter.get("sign") for counter in counters):
        for index, counter in enumerate(counters):
            text = put(text, ("counter", index, "sign"), f"{next(iter(there))}:{counter['id']}")
        return text
    for index, counter in enumerate(counters):
        sign = counter.get("sign", "")
        if sign and sign.partition(":")[0] not in there:
            text = put(text, ("counter", index, "sign"), None)
    return text
