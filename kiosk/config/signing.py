"""Making keys and envelopes, at the company's desk. The private key lies in a PEM file (PKCS 8) that nobody else reads."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.config.signed import LARGEST, MAY_COME, Head, seal, sha256

DAY_MS = 86_400_000


class CannotSign(Exception):
    """The text says what is missing."""


def keygen(path: Path) -> str:
    """Writes a new private key to `path` (0600, never over an old one) -> the public key as `config_keys` takes it."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CannotSign(f"{path} is there already; a key is never written over: name another file") from error
    with os.fdopen(fd, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return public_of(key)


def public_of(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def read_key(path: Path) -> Ed25519PrivateKey:
    """Raises CannotSign."""
    try:
        key = s.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise CannotSign(
            f"{path} is no private key ({error}); make one with `kiosk config keygen --key FILE`"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotSign(f"{path} is a key of another kind; make one with `kiosk config keygen --key FILE`")
    return key


def sign(
    folder: Path,
    key: Path,
    *,
    stations: tuple[str, ...],
    version: int,
    days: int,
    now_ms: int,
    lock: tuple[str, ...] = (),
    hall: str = "",
) -> bytes:
    """The envelope with every file of `folder` that may come from central. Raises CannotSign."""
    files = {name: (folder / name).read_text("utf-8") for name in MAY_COME if (folder / name).is_file()}
    if not files:
        raise CannotSign(f"{folder} holds none of {', '.join(MAY_COME)}")
    if strangers := sorted(set(lock) - set(files)):
        raise CannotSign(f"--lock {strangers[0]}: not among the files of this envelope ({', '.join(files)})")
    if not 1 <= days <= 3660 or not 1 <= version <= 2**53:
        raise CannotSign("--days goes from 1 to 3660, --version from 1")
    head = Head(
        version=version,
        stations=stations,
        hall=hall,
        not_before=now_ms,
        expires=now_ms + days * DAY_MS,
        lock=lock,
        sha256={name: sha256(text) for name, text in files.items()},
    )
    raw = seal(head, files, read_key(key))
    if len(raw) > LARGEST:
        raise CannotSign(f"{len(raw)} bytes: an envelope has at most {LARGEST}; leave files out")
    return raw
