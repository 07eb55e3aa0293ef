"""Signed configuration: an envelope that only the holder of the company's key can make, for this box, for some time.

    {"format": "yitai-config/1", "version": 7, "stations": ["S1"], "hall": "", "not_before": ms, "expires": ms,
     "lock": ["hall.toml"], "sha256": {"hall.toml": hex}, "files": {"hall.toml": text}, "key": id, "signature": base64}

Signed (Ed25519, RFC 8032) are the bytes of `SIGNED_BY` and then everything but files, key and signature as JSON with sorted
keys, no spaces, UTF-8; each file is bound by its SHA-256. `key` is the first 16 hex digits of the SHA-256 of the public key.

Checked in this order, each with its own word: size and shape, key, signature, files, station, hall, version, time. The
highest version that passed is on the disk before anything else happens, so an older one never comes back.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kiosk.config.durable import FILES as DISK
from kiosk.config.durable import Files, put
from kiosk.domain.facts import Lines

LARGEST = 1024 * 1024  # bytes of an envelope
SIGNED_BY = b"yitai-config/1\0"
MAY_COME = ("hall.toml", "services.toml", "counters.toml", "triage.toml", "devices.toml")
# A clock that shows a time before this release, or 20 years after it, knows nothing of expiry.
RELEASED_MS = 1_763_000_000_000
BELIEVED_MS = 20 * 366 * 86_400_000
SKEW_MS = 5 * 60_000

Word = Literal[
    "too_large", "damaged", "no_keys", "wrong_key", "bad_signature", "unknown_file", "swapped_file", "other_station",
    "other_hall", "rollback", "expired", "not_yet", "unsigned",
]  # fmt: skip


class Refused(Exception):
    """The envelope is not taken, and nothing has changed. `reason` is a stable word."""

    def __init__(self, reason: Word, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason, self.text = reason, Lines(zh=zh, en=en)


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed. Times in milliseconds since 1970 UTC; `stations`: ids, or "*"; `hall`: its Chinese name, "" = any."""

    format: Literal["yitai-config/1"] = "yitai-config/1"
    version: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    stations: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=1000)]
    hall: str = ""
    not_before: int
    expires: int
    lock: tuple[str, ...] = ()
    sha256: dict[str, str]


class Envelope(Head, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`files`: name -> text."""

    files: dict[str, str]
    key: str
    signature: str

    @property
    def head(self) -> Head:
        return Head(**{name: getattr(self, name) for name in Head.__struct_fields__})


class Seen(msgspec.Struct, frozen=True):
    """The highest version that came with a good signature, and what was in it."""

    version: int
    digest: str


def key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def canonical(head: Head) -> bytes:
    """The bytes that are signed."""
    plain = Head(**{name: getattr(head, name) for name in Head.__struct_fields__})
    return SIGNED_BY + msgspec.json.encode(msgspec.to_builtins(plain), order="sorted")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def seal(head: Head, files: dict[str, str], key: Ed25519PrivateKey) -> bytes:
    """-> the envelope as it travels."""
    public = key.public_key().public_bytes_raw()
    parts = {name: getattr(head, name) for name in Head.__struct_fields__}
    signature = base64.b64encode(key.sign(canonical(head))).decode()
    return msgspec.json.encode(Envelope(**parts, files=files, key=key_id(public), signature=signature))


# --- looking ----------------------------------------------------------------------------------------------------------


def opened(raw: bytes) -> Envelope:
    """The envelope in `raw`, its shape and its files checked, nothing else. Raises Refused."""
    if len(raw) > LARGEST:
        raise Refused(
            "too_large",
            f"签名配置超过 {LARGEST // 1024} KiB，未采用。",
            f"the signed configuration has more than {LARGEST // 1024} KiB and was not taken; send fewer files",
        )
    try:
        envelope = msgspec.json.decode(raw, type=Envelope)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Refused(
            "damaged",
            f"签名配置不完整或已损坏（{str(error)[:120]}），未采用。请重新发送。",
            f"the signed configuration is cut off or damaged ({str(error)[:120]}); send it again",
        ) from error
    for name in (*envelope.files, *envelope.sha256, *envelope.lock):
        if name not in MAY_COME:
            raise Refused(
                "unknown_file",
                f"“{name[:60]}”不能由中心下发；可用：{'、'.join(MAY_COME)}。",
                f"“{name[:60]}” may not come this way; use {', '.join(MAY_COME)}",
            )
    return envelope


def verify(envelope: Envelope, keys: Sequence[str]) -> None:
    """Key, signature, and each file's hash. Raises Refused."""
    known = {key_id(public): public for public in (base64.b64decode(key) for key in keys)}
    if not known:
        raise Refused(
            "no_keys",
            "本机没有配置公钥（station.toml 的 config_keys），不能采用签名配置。",
            "this box has no config_keys in station.toml, so it cannot take signed configuration",
        )
    if (public := known.get(envelope.key)) is None:
        raise Refused(
            "wrong_key",
            f"签名配置用的密钥 {envelope.key[:16]} 不是本机信任的（{'、'.join(known)}）。",
            f"signed with key {envelope.key[:16]}, but this box trusts {', '.join(known)}; sign with that one",
        )
    try:
        signature = base64.b64decode(envelope.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, canonical(envelope))
    except (InvalidSignature, ValueError) as error:
        raise Refused(
            "bad_signature",
            "签名不对：内容被改动，或不是用该密钥签的。",
            "the signature does not fit: the envelope was changed, or another key made it; sign it again",
        ) from error
    names = {*envelope.sha256, *envelope.files}
    for name in sorted(names):
        if name not in envelope.files or envelope.sha256.get(name) != sha256(envelope.files[name]):
            raise Refused(
                "swapped_file",
                f"{name} 与签名里的摘要不符：文件被替换。",
                f"{name} is not the file that was signed: it was swapped, left out or added",
            )


def check(envelope: Envelope, *, station: str, hall: str, now_ms: int, seen: Seen | None) -> None:
    """For this box, newer than what was seen, and in its time. Raises Refused."""
    if "*" not in envelope.stations and station not in envelope.stations:
        said = ", ".join(envelope.stations[:5])
        raise Refused("other_station", f"这份配置给 {said}，本机是 {station}。", f"made for {said}; this is {station}")
    if envelope.hall and envelope.hall != hall:
        raise Refused(
            "other_hall",
            f"这份配置给“{envelope.hall}”，本厅是“{hall}”。",
            f"made for “{envelope.hall}”; this is “{hall}”",
        )
    if seen is not None and (
        envelope.version < seen.version or (envelope.version == seen.version and digest(envelope) != seen.digest)
    ):
        raise Refused(
            "rollback",
            f"版本 {envelope.version} 不比已有的 {seen.version} 新（或同号异文）。请用更大的版本号重新签名。",
            f"version {envelope.version} is older than {seen.version}, or the same with other content; "
            "sign it with a higher version",
        )
    if not RELEASED_MS <= now_ms <= RELEASED_MS + BELIEVED_MS:
        return  # a clock in 1970 knows of no expiry; the version still guards against an old one
    if now_ms > envelope.expires + SKEW_MS:
        raise Refused("expired", "这份配置已过期，请重新签名。", "it has expired; sign it anew")
    if now_ms < envelope.not_before - SKEW_MS:
        raise Refused("not_yet", "这份配置尚未生效，请到期再发。", "it is not valid yet; send it when it is")


def digest(envelope: Head) -> str:
    return hashlib.sha256(canonical(envelope)).hexdigest()


# --- what the box holds -----------------------------------------------------------------------------------------------


def folder_of(data: Path) -> Path:
    return data / "signed-config"


def held(data: Path, keys: Sequence[str]) -> Envelope | None:
    """The envelope in force, verified anew; None = there is none. It stays in force when it expires: a hall does not lose
    its configuration because central was quiet. Raises Refused when it was changed on the disk, or its key is gone."""
    try:
        raw = (folder_of(data) / "envelope.json").read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused("damaged", f"无法读取：{error}", f"cannot be read: {error}") from error
    envelope = opened(raw)
    verify(envelope, keys)
    return envelope


def seen(data: Path) -> Seen | None:
    """The highest version ever. Raises Refused when its file is damaged: then nobody can say what is old."""
    path = folder_of(data) / "seen.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Seen)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(
            "damaged",
            f"{path} 损坏（{error}）。确认中心将发送的版本后删除它。",
            f"{path} is damaged ({error}); make sure of the version central sends, then remove the file",
        ) from error


def note(data: Path, envelope: Envelope, files: Files = DISK) -> None:
    """This version has been seen, for good."""
    put(folder_of(data) / "seen.json", msgspec.json.encode(Seen(envelope.version, digest(envelope))), files)


def keep(data: Path, raw: bytes, files: Files = DISK) -> None:
    """In force from the next start."""
    put(folder_of(data) / "envelope.json", raw, files)
