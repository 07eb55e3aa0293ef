"""What addresses near this box begin with, so that a technician at the screen need not type them letter by letter."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from kiosk.station.tech import network

DOMAIN_MAX = 40  # characters


def beginnings(root: Path = Path("/")) -> tuple[str, ...]:
    """The gateway's address, the box's own net up to its last dot, the network's domain with the dot before it; without what
    is not known. Opens no connection."""
    found = [gateway(root), *(address.address.rpartition(".")[0] + "." for address in network.addresses()[:1])]
    if domain := _domain(root):
        found.append(f".{domain}")
    return tuple(dict.fromkeys(filter(None, found)))


def gateway(root: Path = Path("/")) -> str:
    """Of the default route; "" without one. /proc/net/route writes addresses as little-endian hex (Linux, fib_trie.c)."""
    for line in _lines(root / "proc/net/route")[1:]:
        words = line.split()
        if len(words) > 2 and words[1] == "00000000" and len(words[2]) == 8 and words[2] != "00000000":
            try:
                return socket.inet_ntoa(struct.pack("<I", int(words[2], 16)))
            except ValueError:
                continue  # no number: not a line of this table
    return ""


def _domain(root: Path) -> str:
    """resolv.conf(5): `search` or `domain`, the last of them counts."""
    found = ""
    for line in _lines(root / "etc/resolv.conf"):
        words = line.split()
        if len(words) > 1 and words[0] in ("search", "domain"):
            found = words[1].strip(".")
    usable = found.isascii() and found.replace(".", "").replace("-", "").isalnum() and len(found) <= DOMAIN_MAX
    return found.lower() if usable else ""


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []  # a box without it: nothing is offered
