"""What the page has for each device, in columns: paper, signs and sounds, keypads, and everything else."""

from __future__ import annotations

from typing import Any

from devices.bench import words
from devices.bench.bench import Bench
from devices.bench.hands import CARDS, HANDS
from devices.bench.wiring import Wired

COLUMNS: dict[str, tuple[str, ...]] = {
    "papers": ("printer",),
    "signs": ("signs", "speaker"),
    "pads": ("keypads",),
    "rest": ("ratings",),  # and whatever has no place above
}
# Faults that lines have, whatever stands at their end. The page folds them away, and a device's own beyond the first few.
WIRE = {
    *("silent", "slow", "one_byte", "wrong_checksum", "echo", "half_close", "unplugged"),
    *("unplug", "deaf", "accepts_never_answers"),
}
IN_SIGHT = 4


def cards(bench: Bench, lang: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """(column, its cards from top to bottom); columns without any are not there."""
    order = [(column, kind) for column, kinds in COLUMNS.items() for kind in kinds]
    found: dict[str, list[dict[str, Any]]] = {column: [] for column in COLUMNS}
    place = {kind: n for n, (_, kind) in enumerate(order)}
    for wired in sorted(bench.wired, key=lambda w: place.get(w.simulator.kind, len(order))):
        n = place.get(wired.simulator.kind)
        found["rest" if n is None else order[n][0]].append(_card(wired, lang))
    return [(column, of_column) for column, of_column in found.items() if of_column]


def _card(wired: Wired, lang: str) -> dict[str, Any]:
    simulator = wired.simulator
    known = simulator.kind in HANDS
    title = words.say(lang, simulator.kind) if known else (wired.en if lang == "en" else wired.zh)
    own = [fault for fault in simulator.faults if fault not in WIRE][:IN_SIGHT]
    names = {fault: words.fault_name(lang, fault) for fault in simulator.faults}
    card: dict[str, Any] = {
        "id": simulator.id,
        "kind": simulator.kind if known else "other",
        "title": title or simulator.kind,
        "where": simulator.where,
        "line": wired.bus or simulator.where.rpartition(":")[2],
        "faults": {fault: name for fault, name in names.items() if fault in own},
        "more": {fault: name for fault, name in names.items() if fault not in own},
    }
    if simulator.kind == "idcard":
        card["cards"] = [{"n": n, "name": card.name, "number": card.number} for n, card in CARDS.items()]
    if simulator.kind == "contact":
        card["inputs"] = [
            {"name": name, "means": means, "what": words.say(lang, f"means.{means}")}
            for name, means in wired.means.items()
        ]
    return card
