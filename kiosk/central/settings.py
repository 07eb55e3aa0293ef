"""config/central.toml → frozen settings; every mistake found is in one error, with its key and remedy."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import msgspec

from kiosk.domain.facts import Lines

_ID = re.compile(r"[A-Za-z0-9]{1,16}")
_HASH = re.compile(r"[0-9a-f]{64}")
_LISTEN = re.compile(r"(?P<host>[0-9A-Za-z.:\[\]-]+):(?P<port>[0-9]{1,5})")


class Station(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A station that may bring facts: the SHA-256 of its pairing token, never the token."""

    id: str
    token_sha256: str
    name: Lines | None = None


class Central(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`pin`: argon2id hash of the operator's PIN; "" = nobody may give commands."""

    listen: str = "127.0.0.1:8700"
    pin: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    central: Central = Central()
    station: tuple[Station, ...] = ()

    @property
    def host(self) -> str:
        return self.central.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.central.listen.rpartition(":")[2])


class BadSettings(Exception):
    """The file cannot be used; the text lists every mistake."""


class _StationId(msgspec.Struct, frozen=True):
    id: str


class _StationToken(msgspec.Struct, frozen=True):
    token: str = ""


class _StationFile(msgspec.Struct, frozen=True):
    """What matters here of a station.toml."""

    station: _StationId
    central: _StationToken = _StationToken()


def token_hash(token: str) -> str:
    """SHA-256, hex: enough for a token of 128 random bits, which has no dictionary."""
    return hashlib.sha256(token.encode()).hexdigest()


def load(folder: Path) -> Settings:
    """`folder`/central.toml; without it, the token of the station.toml beside it is accepted and nobody is operator.
    Raises BadSettings."""
    path = folder / "central.toml"
    if not path.exists():
        return _beside(folder / "station.toml")
    try:
        settings = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Settings)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadSettings(f"{path}: {error}") from error
    mistakes = _mistakes(settings)
    if mistakes:
        raise BadSettings("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    return settings


def _mistakes(settings: Settings) -> list[str]:
    found: list[str] = []
    listen = _LISTEN.fullmatch(settings.central.listen)
    if listen is None or not 0 <= int(listen["port"]) <= 65535:
        found.append(f"[central] listen: expected host:port, got {settings.central.listen!r}")
    if settings.central.pin and not settings.central.pin.startswith("$argon2id$"):
        found.append("[central] pin: expected an argon2id hash; make one with `kiosk pin`")
    for place, station in enumerate(settings.station, 1):
        if not _ID.fullmatch(station.id):
            found.append(f"[[station]] {place} id: expected 1 to 16 letters and digits, got {station.id!r}")
        if not _HASH.fullmatch(station.token_sha256):
            found.append(
                f"[[station]] {place} token_sha256: expected 64 hex digits; make them with `printf %s TOKEN | sha256sum`"
            )
    for what, values in (
        ("id", [station.id for station in settings.station]),
        ("token_sha256", [station.token_sha256 for station in settings.station]),
    ):
        if len(set(values)) != len(values):
            found.append(f"[[station]] {what}: each may occur once; give every station its own")
    return found


def _beside(path: Path) -> Settings:
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _StationFile)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadSettings(
            f"{path.parent}: no central.toml, and {path.name} beside it cannot be used: {error}"
        ) from error
    if not found.central.token:
        return Settings()
    return Settings(station=(Station(id=found.station.id, token_sha256=token_hash(found.central.token)),))
