"""What was found, as the `[[device]]` a person copies into devices.toml. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def table(klass: str, driver: str, where: str, options: Mapping[str, Any]) -> str:
    """Its id is the class: whoever has two of them gives the second another one."""
    lines = [f'id = "{klass}"', f'class = "{klass}"', f'driver = "{driver}"', f'where = "{where}"']
    return "\n".join(("[[device]]", *lines, *(f"{key} = {_value(value)}" for key, value in options.items())))


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_value(one)}' for key, one in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)
