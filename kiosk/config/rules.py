"""What a configuration must mean: ranges, references, and a triage that always ends. A rule says nothing of what is UNKNOWN."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from kiosk.config.checker import UNKNOWN, Checker, KeyPath, column
from kiosk.config.files import NodeTable


def _check_hall(check: Checker, read: dict[str, Any]) -> None:
    hall, classes = read["hall.toml"].hall, read["hall.toml"].klass
    check.between("hall.toml", ("hall", "reset_hour"), hall.reset_hour, 0, 23)
    check.between("hall.toml", ("hall", "utc_offset_min"), hall.utc_offset_min, -720, 840)
    check.between("hall.toml", ("hall", "recall_limit"), hall.recall_limit, 1, 9)
    check.between("hall.toml", ("hall", "return_window_min"), hall.return_window_min, 0, 720)
    check.unique("hall.toml", ("class",), classes)
    check.known("hall.toml", ("class",), "ordinary", column(classes, lambda k: k.id), "class")
    for index, klass in enumerate(classes):
        check.between("hall.toml", ("class", index, "head_start_min"), klass.head_start_min, 0, 240)
    asked = [k for k in classes if k.ask]
    if len(asked) > 6:
        check.wrong("hall.toml", ("class",), f"{len(asked)} classes are asked for.", "At most 6 fit on the screen.")


def _check_services(check: Checker, read: dict[str, Any]) -> None:
    file, services = "services.toml", read["services.toml"].service
    check.unique(file, ("service",), services)
    if services is not UNKNOWN and not 1 <= len(services) <= 6:
        check.wrong(file, ("service",), f"there are {len(services)} services.", "The home page holds 1 to 6.")
    letters: dict[str, int] = {}
    nodes = column(read["triage.toml"].node, lambda node: node.id)
    counters = read["counters.toml"].counter
    for index, service in enumerate(services):
        at: KeyPath = ("service", index)
        if service.series is UNKNOWN:
            pass
        elif not _is_series(service.series):
            remedy = "Use one or two capital letters, A to Z."
            check.wrong(file, (*at, "series"), f"“{service.series}” is not a series.", remedy)
        elif (first := letters.setdefault(service.series, index)) != index:
            what = f"“{service.series}” is used by {services[first].id} too."
            check.wrong(file, (*at, "series"), what, "Give each service its own letter.")
        check.between(file, (*at, "minutes"), service.minutes, 0.5, 240)
        check.between(file, (*at, "day_cap"), service.day_cap, 1, 100_000)
        if service.triage:
            check.known(file, (*at, "triage"), service.triage, nodes, "triage node")
        if counters is not UNKNOWN and service.id is not UNKNOWN and not _is_served(service.id, counters):
            remedy = "Add it to a counter's serves in counters.toml."
            check.wrong(file, (*at, "id"), f"no counter serves “{service.id}”.", remedy)


def _is_series(text: str) -> bool:
    return len(text) <= 2 and text.isascii() and text.isalpha() and text.isupper()


def _is_served(service: str, counters: Any) -> bool:
    """A counter that names none serves all."""
    return any(not counter.serves or service in counter.serves for counter in counters)


def _check_counters(check: Checker, read: dict[str, Any]) -> None:
    file, counters = "counters.toml", read["counters.toml"].counter
    check.unique(file, ("counter",), counters)
    services = column(read["services.toml"].service, lambda service: service.id)
    signs = column(read["devices.toml"].device, lambda d: d.id if d.klass in ("sign", UNKNOWN) else None)
    for index, counter in enumerate(counters):
        check.between(file, ("counter", index, "id"), counter.id, 1, 99)
        for service in counter.serves:
            check.known(file, ("counter", index, "serves"), service, services, "service")
        if counter.sign:
            device, _, address = counter.sign.partition(":")
            check.known(file, ("counter", index, "sign"), device, signs, "sign device")
            if not (address.isascii() and address.isdigit()):
                remedy = "Write device:address, like signs:3."
                check.wrong(file, ("counter", index, "sign"), f"“{counter.sign}” has no address.", remedy)


def _check_devices(check: Checker, read: dict[str, Any]) -> None:
    """What every device has in common; what its kind demands is looked at by `kiosk.config.kinds`."""
    file, devices = "devices.toml", read["devices.toml"].device
    check.unique(file, ("device",), devices)
    lines: dict[str, int] = {}
    buses = column(devices, lambda d: d.id if d.klass in ("bus", UNKNOWN) else None)
    for index, device in enumerate(devices):
        at: KeyPath = ("device", index)
        if device.where is UNKNOWN:
            continue
        if device.where.startswith("bus:"):
            check.known(file, (*at, "where"), device.where[4:], buses, "bus")
        elif (first := lines.setdefault(device.where.split("?")[0], index)) != index:
            remedy = "Two devices never share a line; several on one RS-485 line stand on a bus."
            check.wrong(file, (*at, "where"), f"the line is used by {devices[first].id} too.", remedy)


def _check_station(check: Checker, read: dict[str, Any]) -> None:
    file, it = "station.toml", read["station.toml"]
    listen, id, url = it.station.listen, it.station.id, it.central.url
    if listen is not UNKNOWN and not _is_listen(listen):
        remedy = "Write host:port, like 127.0.0.1:8600."
        check.wrong(file, ("station", "listen"), f"“{listen}” is not an address.", remedy)
    if id is not UNKNOWN and not (id.isascii() and id.isalnum() and len(id) <= 16):
        check.wrong(file, ("station", "id"), f"“{id}” is not a name.", "Use up to 16 letters and digits.")
    if url and not url.startswith(("http://", "https://")):
        remedy = "Begin with https:// (http:// on loopback)."
        check.wrong(file, ("central", "url"), f"“{url}” is not an address.", remedy)
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
        pin = getattr(it.pins, name)
        if pin is not UNKNOWN and not pin.startswith("$argon2id$"):
            check.wrong(file, ("pins", name), "is not an argon2id hash.", "Make one with `kiosk pin`.")


def _is_listen(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    return bool(host and colon and port.isdigit() and 0 < int(port) < 65536)


def is_public_key(text: str) -> bool:
    """Ed25519: 32 bytes in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except ValueError:
        return False


def _check_triage(check: Checker, read: dict[str, Any]) -> None:
    file, nodes = "triage.toml", read["triage.toml"].node
    check.unique(file, ("node",), nodes)
    ids = column(nodes, lambda node: node.id)
    services = column(read["services.toml"].service, lambda service: service.id)
    for index, node in enumerate(nodes):
        if node.kind is not UNKNOWN and node.choice is not UNKNOWN:
            _check_node(check, index, node, ids, services)
    _check_loops(check, nodes)


def _check_node(check: Checker, index: int, node: Any, ids: Any, services: Any) -> None:
    file, at = "triage.toml", ("node", index)
    if node.kind == "question":
        if not 2 <= len(node.choice) <= 6:
            check.wrong(file, at, f"“{node.id}” has {len(node.choice)} choices.", "A question has 2 to 6.")
        check.unique(file, (*at, "choice"), node.choice)
        for i, choice in enumerate(node.choice):
            check.known(file, (*at, "choice", i, "goto"), choice.goto, ids, "node")
    elif node.choice:
        what = f"a {node.kind} ends the triage and has no choices."
        check.wrong(file, (*at, "choice"), what, "Remove them, or make it a question.")
    else:
        check.known(file, (*at, "service"), node.service, services, "service")
    if node.kind == "papers" and not node.papers and node.papers is not UNKNOWN:
        check.wrong(file, at, f"“{node.id}” names no papers.", "Add papers = [ … ].")
    if node.kind == "self_service" and node.body is None:
        check.wrong(file, at, f"“{node.id}” does not say what to do.", "Add body = { zh = …, en = … }.")


def _check_loops(check: Checker, nodes: tuple[NodeTable, ...]) -> None:
    leads = {n.id: [c.goto for c in n.choice if c.goto is not UNKNOWN] for n in nodes}
    index = {n.id: i for i, n in enumerate(nodes)}
    done: set[str] = set()

    def walk(id: str, trail: tuple[str, ...]) -> None:
        if id in trail:
            loop = " → ".join((*trail[trail.index(id) :], id))
            what = f"the questions go round: {loop}."
            check.wrong("triage.toml", ("node", index[trail[-1]]), what, "Lead on to an end.")
            return
        if id in done or id not in leads:
            return
        for goto in leads[id]:
            walk(goto, (*trail, id))
        done.add(id)

    for node in nodes:
        if node.id is not UNKNOWN:
            walk(node.id, ())


RULES: dict[str, Callable[[Checker, dict[str, Any]], None]] = {
    "hall.toml": _check_hall,
    "services.toml": _check_services,
    "counters.toml": _check_counters,
    "devices.toml": _check_devices,
    "station.toml": _check_station,
    "triage.toml": _check_triage,
}
