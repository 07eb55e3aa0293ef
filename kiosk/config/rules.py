"""What a configuration must mean: ranges, references, and a triage that always ends."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from kiosk.config.checker import Checker, KeyPath
from kiosk.config.files import NodeTable


def _check_hall(check: Checker, read: dict[str, Any]) -> None:
    hall, classes = read["hall.toml"].hall, read["hall.toml"].klass
    check.between("hall.toml", ("hall", "reset_hour"), hall.reset_hour, 0, 23)
    check.between("hall.toml", ("hall", "utc_offset_min"), hall.utc_offset_min, -720, 840)
    check.between("hall.toml", ("hall", "recall_limit"), hall.recall_limit, 1, 9)
    check.between("hall.toml", ("hall", "return_window_min"), hall.return_window_min, 0, 720)
    check.unique("hall.toml", "class", classes)
    check.known("hall.toml", ("class",), "ordinary", [k.id for k in classes], "class")
    for index, klass in enumerate(classes):
        check.between("hall.toml", ("class", index, "head_start_min"), klass.head_start_min, 0, 240)
    asked = [k for k in classes if k.ask]
    if len(asked) > 6:
        check.wrong("hall.toml", ("class",), f"{len(asked)} classes are asked for.", "At most 6 fit on the screen.")


def _check_services(check: Checker, read: dict[str, Any]) -> None:
    file, services = "services.toml", read["services.toml"].service
    check.unique(file, "service", services)
    if not 1 <= len(services) <= 6:
        check.wrong(file, ("service",), f"there are {len(services)} services.", "The home page holds 1 to 6.")
    letters: dict[str, str] = {}
    nodes = read["triage.toml"].node if read["triage.toml"] is not None else None
    counters = read["counters.toml"].counter if read["counters.toml"] is not None else None
    for index, service in enumerate(services):
        at: KeyPath = ("service", index)
        if not (
            len(service.series) <= 2
            and service.series.isascii()
            and service.series.isalpha()
            and service.series.isupper()
        ):
            check.wrong(
                file, (*at, "series"), f"“{service.series}” is not a series.", "Use one or two capital letters, A to Z."
            )
        elif letters.setdefault(service.series, service.id) != service.id:
            taken = letters[service.series]
            check.wrong(
                file,
                (*at, "series"),
                f"“{service.series}” is used by {taken} too.",
                "Give each service its own letter.",
            )
        check.between(file, (*at, "minutes"), service.minutes, 0.5, 240)
        check.between(file, (*at, "day_cap"), service.day_cap, 1, 100_000)
        if service.triage and nodes is not None:
            check.known(file, (*at, "triage"), service.triage, [n.id for n in nodes], "triage node")
        if counters is not None and not any(not c.serves or service.id in c.serves for c in counters):
            check.wrong(
                file,
                (*at, "id"),
                f"no counter serves “{service.id}”.",
                "Add it to a counter's serves in counters.toml.",
            )


def _check_counters(check: Checker, read: dict[str, Any]) -> None:
    file, counters = "counters.toml", read["counters.toml"].counter
    check.unique(file, "counter", counters)
    services = [s.id for s in read["services.toml"].service] if read["services.toml"] is not None else None
    devices = read["devices.toml"].device if read["devices.toml"] is not None else None
    for index, counter in enumerate(counters):
        check.between(file, ("counter", index, "id"), counter.id, 1, 99)
        for service in counter.serves if services is not None else ():
            check.known(file, ("counter", index, "serves"), service, services or (), "service")
        if counter.sign and devices is not None:
            device, _, address = counter.sign.partition(":")
            check.known(
                file, ("counter", index, "sign"), device, [d.id for d in devices if d.klass == "sign"], "sign device"
            )
            if not (address.isascii() and address.isdigit()):
                check.wrong(
                    file,
                    ("counter", index, "sign"),
                    f"“{counter.sign}” has no address.",
                    "Write device:address, like signs:3.",
                )


def _check_devices(check: Checker, read: dict[str, Any]) -> None:
    """What every device has in common; what its kind demands is looked at by `kiosk.config.kinds`."""
    file, devices = "devices.toml", read["devices.toml"].device
    check.unique(file, "device", devices)
    lines: dict[str, str] = {}
    buses = [d.id for d in devices if d.klass == "bus"]
    for index, device in enumerate(devices):
        at: KeyPath = ("device", index)
        if device.where.startswith("bus:"):
            check.known(file, (*at, "where"), device.where[4:], buses, "bus")
        elif lines.setdefault(device.where.split("?")[0], device.id) != device.id:
            taken = lines[device.where.split("?")[0]]
            remedy = "Two devices never share a line; several on one RS-485 line stand on a bus."
            check.wrong(file, (*at, "where"), f"the line is used by {taken} too.", remedy)


def _check_station(check: Checker, read: dict[str, Any]) -> None:
    file, it = "station.toml", read["station.toml"]
    host, colon, port = it.station.listen.rpartition(":")
    if not (host and colon and port.isdigit() and 0 < int(port) < 65536):
        check.wrong(
            file,
            ("station", "listen"),
            f"“{it.station.listen}” is not an address.",
            "Write host:port, like 127.0.0.1:8600.",
        )
    if not (it.station.id.isascii() and it.station.id.isalnum() and len(it.station.id) <= 16):
        check.wrong(file, ("station", "id"), f"“{it.station.id}” is not a name.", "Use up to 16 letters and digits.")
    if it.central.url and not it.central.url.startswith(("http://", "https://")):
        check.wrong(
            file,
            ("central", "url"),
            f"“{it.central.url}” is not an address.",
            "Begin with https:// (http:// on loopback).",
        )
    for key in it.central.config_keys:
        if not is_public_key(key):
            remedy = "Copy the line that `kiosk config keygen` printed."
            check.wrong(file, ("central", "config_keys"), f"“{key[:60]}” is not a public key.", remedy)
    for name in ("width", "height"):
        check.between(file, ("screen", name), getattr(it.screen, name), 600, 7680)
    check.between(file, ("screen", "diagonal_inch"), it.screen.diagonal_inch, 7, 100)
    for name in ("idle_s", "warn_s", "result_s"):
        check.between(file, ("screen", name), getattr(it.screen, name), 5, 600)
    for name in ("counter", "guide", "tech"):
        if not getattr(it.pins, name).startswith("$argon2id$"):
            check.wrong(file, ("pins", name), "is not an argon2id hash.", "Make one with `kiosk pin`.")


def is_public_key(text: str) -> bool:
    """Ed25519: 32 bytes in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except ValueError:
        return False


def _check_triage(check: Checker, read: dict[str, Any]) -> None:
    file, nodes = "triage.toml", read["triage.toml"].node
    check.unique(file, "node", nodes)
    ids = [n.id for n in nodes]
    services = [s.id for s in read["services.toml"].service] if read["services.toml"] is not None else None
    for index, node in enumerate(nodes):
        at: KeyPath = ("node", index)
        if node.kind == "question":
            if not 2 <= len(node.choice) <= 6:
                check.wrong(file, at, f"“{node.id}” has {len(node.choice)} choices.", "A question has 2 to 6.")
            check.unique(file, f"node.{index + 1}.choice", node.choice)
            for i, choice in enumerate(node.choice):
                check.known(file, (*at, "choice", i, "goto"), choice.goto, ids, "node")
        elif node.choice:
            check.wrong(
                file,
                (*at, "choice"),
                f"a {node.kind} ends the triage and has no choices.",
                "Remove them, or make it a question.",
            )
        elif services is not None:
            check.known(file, (*at, "service"), node.service, services, "service")
        if node.kind == "papers" and not node.papers:
            check.wrong(file, at, f"“{node.id}” names no papers.", "Add papers = [ … ].")
        if node.kind == "self_service" and node.body is None:
            check.wrong(file, at, f"“{node.id}” does not say what to do.", "Add body = { zh = …, en = … }.")
    _check_loops(check, nodes)


def _check_loops(check: Checker, nodes: tuple[NodeTable, ...]) -> None:
    leads = {n.id: [c.goto for c in n.choice] for n in nodes}
    index = {n.id: i for i, n in enumerate(nodes)}
    done: set[str] = set()

    def walk(id: str, trail: tuple[str, ...]) -> None:
        if id in trail:
            loop = " → ".join((*trail[trail.index(id) :], id))
            check.wrong(
                "triage.toml", ("node", index[trail[-1]]), f"the questions go round: {loop}.", "Lead on to an end."
            )
            return
        if id in done or id not in leads:
            return
        for goto in leads[id]:
            walk(goto, (*trail, id))
        done.add(id)

    for node in nodes:
        walk(node.id, ())


RULES: dict[str, Callable[[Checker, dict[str, Any]], None]] = {
    "hall.toml": _check_hall,
    "services.toml": _check_services,
    "counters.toml": _check_counters,
    "devices.toml": _check_devices,
    "station.toml": _check_station,
    "triage.toml": _check_triage,
}
