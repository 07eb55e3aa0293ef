"""What a simulator can do besides failing: `press 3 next`, `scan 6901234567892`. Either it has `do(name, *words)`, or methods
whose arguments are texts, numbers and truth values; words of a terminal become these by the methods' own annotations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from devices.catalog import Simulator

CONVERT: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "bool": lambda word: {"on": True, "off": False, "1": True, "0": False, "true": True, "false": False}[word.lower()],
}
NOT_OURS = {"start", "stop", "set_fault", "active", "shown", "has", "push", "wait", "do", "clear_fault"}


def act(simulator: Simulator, name: str, *words: str) -> object:
    """Do it; raises ValueError with what there is instead."""
    do: Callable[..., object] | None = getattr(simulator, "do", None)
    if do is not None:
        return do(name, *words)
    known = dict(_methods(simulator))
    if name not in known:
        raise ValueError(f"there is no command {name!r}; it can: {'; '.join(known.values()) or 'nothing but fail'}")
    method = getattr(simulator, name)
    wanted = list(inspect.signature(method).parameters.values())
    if len(words) > len(wanted) or len(words) < sum(p.default is inspect.Parameter.empty for p in wanted):
        raise ValueError(f"say: {known[name]}")
    try:
        return method(*(CONVERT[str(p.annotation)](word) for p, word in zip(wanted, words, strict=False)))
    except KeyError as error:
        raise ValueError(f"{error}: say: {known[name]}") from error


def commands(simulator: Simulator) -> tuple[str, ...]:
    """How to say what this simulator can besides failing, one line each; what is in [ ] may be left out."""
    do: Callable[..., object] | None = getattr(simulator, "do", None)
    if do is not None:
        return (inspect.getdoc(do) or "…",)
    return tuple(how for _, how in _methods(simulator))


def _methods(simulator: Simulator) -> Iterator[tuple[str, str]]:
    """(name, how to say it) of each method whose arguments can be typed."""
    for name, method in inspect.getmembers(type(simulator), inspect.isfunction):
        if name.startswith(("_", "wait")) or name in NOT_OURS:
            continue
        wanted = list(inspect.signature(method).parameters.values())[1:]
        if wanted and all(str(p.annotation) in CONVERT and p.kind is p.POSITIONAL_OR_KEYWORD for p in wanted):
            yield name, " ".join((name, *map(_typed, wanted)))


def _typed(argument: inspect.Parameter) -> str:
    said = argument.name.upper()
    return said if argument.default is inspect.Parameter.empty else f"[{said}]"
