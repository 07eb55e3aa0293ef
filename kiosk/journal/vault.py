"""Personal values of a visit: names, phones, form fields. Facts hold references only.

Each visit has its own AES-256-GCM key, itself sealed with the vault key (kept outside the data folder, like the
journal's). Forgetting a visit drops its key: what remains can never be read again.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Forgotten(KeyError):
    """The value is not there any more, or its visit has been forgotten."""


class Vault:
    def __init__(self, conn: sqlite3.Connection, key: bytes) -> None:
        self._conn = conn
        self._root = AESGCM(hashlib.sha256(b"vault" + key).digest())

    def put(self, visit: str, value: bytes, expires: int) -> tuple[str, str]:
        """-> (reference, SHA-256 of the ciphertext for the fact that names it). `expires` is wall-clock ms."""
        ref = secrets.token_hex(16)
        sealed = _seal(AESGCM(self._visit_key(visit, create=True)), value, ref.encode())
        self._conn.execute("INSERT INTO vault VALUES (?, ?, ?, ?)", (ref, visit, sealed, expires))
        return ref, hashlib.sha256(sealed).hexdigest()

    def get(self, ref: str) -> bytes:
        row = self._conn.execute("SELECT visit, ciphertext FROM vault WHERE ref = ?", (ref,)).fetchone()
        if row is None:
            raise Forgotten(ref)
        try:
            return _unseal(AESGCM(self._visit_key(row[0], create=False)), row[1], ref.encode())
        except InvalidTag as error:
            raise Forgotten(ref) from error

    def forget(self, visit: str) -> None:
        self._conn.execute("DELETE FROM vault_keys WHERE visit = ?", (visit,))

    def purge(self, now: int) -> None:
        """Drop what has expired, and the keys of visits that have nothing left."""
        self._conn.execute("DELETE FROM vault WHERE expires < ?", (now,))
        self._conn.execute("DELETE FROM vault_keys WHERE visit NOT IN (SELECT visit FROM vault)")

    def _visit_key(self, visit: str, *, create: bool) -> bytes:
        row = self._conn.execute("SELECT sealed_key FROM vault_keys WHERE visit = ?", (visit,)).fetchone()
        if row is not None:
            return _unseal(self._root, row[0], visit.encode())
        if not create:
            raise Forgotten(visit)
        key = AESGCM.generate_key(256)
        self._conn.execute("INSERT INTO vault_keys VALUES (?, ?)", (visit, _seal(self._root, key, visit.encode())))
        return key


def _seal(cipher: AESGCM, value: bytes, name: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + cipher.encrypt(nonce, value, name)


def _unseal(cipher: AESGCM, sealed: bytes, name: bytes) -> bytes:
    return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], name)
