"""The wizard in a browser: from its step to what the template draws, and from a form back to an answer. Pure."""

from __future__ import annotations

from typing import Any

from litestar.datastructures import FormMultiDict


def _now(view: dict[str, Any]) -> dict[str, Any]:
    step: dict[str, Any] = next(s for s in view["steps"] if s["id"] == view["step"])
    return step


def given(view: dict[str, Any], form: FormMultiDict) -> dict[str, Any]:
    """The answer in a form; fields that are not in it keep their default, a calibration stays as it is."""
    answer: dict[str, Any] = {}
    for field in _now(view)["fields"]:
        value = form.get(field["id"])
        if field["kind"] == "confirm":
            answer[field["id"]] = value is not None
        elif field["kind"] != "points" and isinstance(value, str):
            answer[field["id"]] = value[:400]
    return answer


def shown(view: dict[str, Any], lang: str, typed: dict[str, Any]) -> dict[str, Any]:
    step = _now(view)
    fields = [
        {
            **field,
            "title": field["title"][lang],
            "help": field["help"][lang],
            "value": "" if field["secret"] else typed.get(field["id"], field["default"]),
            "choices": [{"id": c["id"], "text": c[lang]} for c in field["choices"]],
        }
        for field in step["fields"]
    ]
    return {
        "step": step["id"],
        "title": step["title"][lang],
        "help": step["help"][lang],
        "button": step["button"][lang],
        "back": step["back"],
        "notes": [{"state": n["state"], "text": n[lang]} for n in step["notes"]],
        "fields": fields,
        "answers": fields[0] if [f["kind"] for f in fields] == ["choice"] else None,
        "hand": any(n["state"] == "wait" for n in step["notes"]),
        "waiting": view["restarting"] or (not fields and step["id"] != "done"),
        "nth": 1 + [s["id"] for s in view["steps"]].index(step["id"]),
        "count": len(view["steps"]),
        "steps": [{"state": s["state"], "title": s["title"][lang]} for s in view["steps"]],
    }
