from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.journal.blobs import BlobRefused, Blobs
from kiosk.journal.store import Journal
from kiosk.journal.vault import Forgotten, Vault

NAME = "张三丰 13800138000".encode()


@pytest.fixture
def vault(tmp_path: Path):  # type: ignore[no-untyped-def]
    journal = Journal(tmp_path / "data", tmp_path / "data.key")
    journal.open()
    yield Vault(journal.conn, b"k" * 32)
    journal.close()


def test_a_value_is_read_back_and_never_stands_in_the_file(vault: Vault, tmp_path: Path) -> None:
    ref, digest = vault.put("visit", NAME, 99)
    assert vault.get(ref) == NAME
    assert len(digest) == 64
    for file in (tmp_path / "data").iterdir():
        assert NAME not in file.read_bytes()


def test_a_forgotten_visit_is_gone_and_others_stay(vault: Vault) -> None:
    gone, _ = vault.put("one", b"a", 99)
    stays, _ = vault.put("two", b"b", 99)
    vault.forget("one")
    with pytest.raises(Forgotten):
        vault.get(gone)
    assert vault.get(stays) == b"b"


def test_what_has_expired_is_purged_with_its_key(vault: Vault) -> None:
    ref, _ = vault.put("one", b"a", 99)
    vault.purge(100)
    with pytest.raises(Forgotten):
        vault.get(ref)


def test_blobs_are_named_by_their_content_and_checked(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs", quota=10)
    name = blobs.put(b"photo")
    assert blobs.put(b"photo") == name
    assert blobs.get(name) == b"photo"
    with pytest.raises(BlobRefused, match="quota"):
        blobs.put(b"a longer photo")
    (tmp_path / "blobs" / name).write_bytes(b"other")
    with pytest.raises(BlobRefused, match="damaged"):
        blobs.get(name)
