"""`kiosk pin`: from a PIN to the hash that stands in station.toml. The PIN itself is never shown, stored or logged."""

from __future__ import annotations

import argparse
import getpass
import re
import sys

from argon2 import PasswordHasher

# OWASP's smallest argon2id setting: about 20 ms and 19 MiB a try, which a kiosk box can afford and a thief feels.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

_PIN = re.compile(r"[0-9]{4,8}", re.ASCII)


class BadPin(Exception):
    """Not a PIN; the text says what one is."""


def hash_pin(pin: str) -> str:
    """4 to 8 digits -> an argon2id hash with a salt of its own; raises BadPin."""
    if not _PIN.fullmatch(pin):
        raise BadPin("PIN 应为 4 到 8 位数字 · a PIN is 4 to 8 digits, for example 2468")
    return HASHER.hash(pin)


def _ask() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(64).rstrip("\n")
    pin = getpass.getpass("PIN: ")
    if getpass.getpass("再输一次 · again: ") != pin:
        raise BadPin("两次输入不同 · the two are not the same; nothing was made")
    return pin


def main(args: argparse.Namespace) -> int:
    del args
    try:
        print(hash_pin(_ask()))
    except BadPin as error:
        print(f"kiosk pin: {error}", file=sys.stderr)
        return 1
    return 0
