"""Signed configuration: only what the company's key made, for this box, newer than before and in time, is ever in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.config import ConfigError, box
from kiosk.config.accept import accept
from kiosk.config.adopt import adopt, overlay
from kiosk.config.layers import layers, load_box
from kiosk.config.signed import LARGEST, SIGNED_BY, Envelope, Refused, canonical, opened, seal, seen
from kiosk.config.signing import DAY_MS, CannotSign, keygen, public_of, read_key, sign
from tests.config.halls import DEMO, NOW, Failing, PowerGone, copy, hall, small, small_hall, station


class Company:
    """The desk where configuration is signed, and one box that trusts it."""

    def __init__(self, folder: Path, base: Path | None = None) -> None:
        self.key = folder / "company.pem"
        self.public = keygen(self.key)
        self.base = base or copy(folder / "config")
        (self.base / "station.toml").write_text(station(config_keys=f'["{self.public}"]'), "utf-8")
        self.hall = hall if base is None else small_hall
        self.data = folder / "data"
        self.folder = folder

    def sign(self, version: int, limit: int, **more: Any) -> bytes:
        files = self.folder / f"v{version}-{limit}"
        files.mkdir(exist_ok=True)
        (files / "hall.toml").write_text(self.hall(limit), "utf-8")
        said = {"stations": ("S1",), "days": 90, "now_ms": NOW, **more}
        return sign(files, self.key, version=version, **said)

    def take(self, raw: bytes, now_ms: int = NOW) -> object:
        return accept(self.base, self.data, raw, now_ms)

    def refused(self, raw: bytes, now_ms: int = NOW) -> str:
        before = load_box(self.base, self.data).version
        with pytest.raises(Refused) as caught:
            self.take(raw, now_ms)
        assert load_box(self.base, self.data).version == before, "nothing has changed"
        assert caught.value.text.zh
        assert str(caught.value)
        return caught.value.reason

    @property
    def limit(self) -> int:
        return load_box(self.base, self.data).plan.recall_limit


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def changed(raw: bytes, **keys: Any) -> bytes:
    return json.dumps({**json.loads(raw), **keys}).encode()


def test_what_the_company_signed_is_in_force_from_the_next_start(company: Company) -> None:
    assert company.take(company.sign(1, 5)) is not None
    assert company.limit == 5
    assert company.take(company.sign(1, 5)) is None, "offered again, it needs no restart"
    company.take(company.sign(2, 6))
    assert company.limit == 6
    assert layers(company.base, company.data).origin("hall.toml") == "signed"


def test_the_signed_bytes_are_what_any_language_makes_of_the_law(company: Company) -> None:
    envelope = opened(company.sign(3, 5, lock=("hall.toml",), hall="城东供电营业厅"))
    head = {k: v for k, v in msgspec.to_builtins(envelope).items() if k not in ("files", "key", "signature")}
    plain = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(envelope) == SIGNED_BY + plain


def test_an_older_version_never_comes_back(company: Company) -> None:
    old = company.sign(1, 5)
    company.take(old)
    company.take(company.sign(7, 6))
    assert company.refused(old) == "rollback"
    assert company.refused(company.sign(6, 4)) == "rollback"
    assert company.refused(company.sign(7, 4)) == "rollback", "the same version with other content"


def test_not_even_when_the_newer_one_did_not_load(company: Company) -> None:
    company.take(company.sign(1, 5))
    with pytest.raises(ConfigError):
        company.take(company.sign(3, 50))
    assert company.limit == 5
    assert company.refused(company.sign(2, 6)) == "rollback"
    company.take(company.sign(4, 6))
    assert company.limit == 6


def test_expired_counts_only_for_a_clock_that_can_be_believed(company: Company) -> None:
    raw = company.sign(1, 5, days=1)
    assert company.refused(raw, NOW + 2 * DAY_MS) == "expired"
    assert company.refused(raw, NOW - DAY_MS) == "not_yet"
    company.take(raw, 0)
    assert company.limit == 5


def test_one_in_force_stays_when_it_expires(company: Company) -> None:
    company.take(company.sign(1, 5, days=1))
    assert company.limit == 5
    assert company.take(company.sign(1, 5, days=1)) is None


def test_one_for_another_box_or_hall(company: Company) -> None:
    assert company.refused(company.sign(1, 5, stations=("S2", "S3"))) == "other_station"
    assert company.refused(company.sign(1, 5, hall="城西供电营业厅")) == "other_hall"
    company.take(company.sign(1, 5, stations=("*",), hall="城东供电营业厅"))


def test_another_key_and_a_signature_that_does_not_fit(company: Company, tmp_path: Path) -> None:
    (tmp_path / "thief").mkdir()
    thief = Company(tmp_path / "thief")
    stolen = thief.sign(1, 5)
    assert company.refused(stolen) == "wrong_key"
    ours = json.loads(company.sign(1, 5))
    assert company.refused(changed(stolen, key=ours["key"])) == "bad_signature"
    assert company.refused(changed(company.sign(1, 5), version=2)) == "bad_signature"
    assert company.refused(changed(company.sign(1, 5), stations=["*"])) == "bad_signature"
    assert company.refused(changed(company.sign(1, 5), lock=["hall.toml"])) == "bad_signature"
    assert company.refused(changed(company.sign(1, 5), expires=NOW * 2)) == "bad_signature"
    assert company.refused(changed(company.sign(1, 5), signature="not base64!")) == "bad_signature"
    assert company.refused(changed(company.sign(1, 5), signature="")) == "bad_signature"


def test_a_swapped_missing_or_added_file(company: Company) -> None:
    raw = company.sign(1, 5)
    assert company.refused(changed(raw, files={"hall.toml": hall(9)})) == "swapped_file"
    assert company.refused(changed(raw, files={})) == "swapped_file"
    assert company.refused(changed(raw, files={"hall.toml": hall(5), "devices.toml": ""})) == "swapped_file"
    assert company.refused(changed(raw, files={"devices.toml": hall(5)})) == "swapped_file"


@pytest.mark.parametrize("name", ["station.toml", "../hall.toml", "/etc/passwd", "central.toml"])
def test_a_file_that_may_not_come_this_way(company: Company, name: str) -> None:
    assert company.refused(changed(company.sign(1, 5), files={name: "x"})) == "unknown_file"


def test_cut_off_at_any_byte_it_is_damaged(company: Company) -> None:
    raw = company.sign(1, 5)
    for length in range(0, len(raw), 101):
        assert company.refused(raw[:length]) == "damaged"
    assert company.refused(b"[" * 100_000) == "damaged"
    assert company.refused(changed(raw, more=1)) == "damaged", "nothing comes along unsigned"
    assert company.refused(raw + b" " * LARGEST) == "too_large"


def test_every_single_byte_counts(company: Company) -> None:
    raw = company.sign(1, 5)
    for at in range(0, len(raw), 11):
        bent = bytearray(raw)
        bent[at] ^= 1
        try:
            company.take(bytes(bent))
        except Refused:
            continue
        pytest.fail(f"byte {at} may be anything")


def test_a_box_without_keys_takes_none(tmp_path: Path) -> None:
    company = Company(tmp_path)
    with pytest.raises(Refused) as caught:
        accept(DEMO, tmp_path / "data", company.sign(1, 5), NOW)
    assert caught.value.reason == "no_keys"


def test_two_keys_while_one_takes_over_from_the_other(company: Company, tmp_path: Path) -> None:
    public = keygen(tmp_path / "next.pem")
    (company.base / "station.toml").write_text(station(config_keys=f'["{company.public}", "{public}"]'), "utf-8")
    company.take(company.sign(1, 5))
    company.key = tmp_path / "next.pem"
    company.take(company.sign(2, 6))
    assert company.limit == 6


def test_a_key_that_is_none_is_a_mistake_of_the_configuration(company: Company) -> None:
    (company.base / "station.toml").write_text(station(config_keys='["abc"]'), "utf-8")
    with pytest.raises(ConfigError, match="is not a public key"):
        load_box(company.base, company.data)


# --- what wins --------------------------------------------------------------------------------------------------------


def test_the_boxs_own_file_wins_unless_the_company_locks_it(company: Company) -> None:
    company.take(company.sign(1, 5))
    box.put(company.base, company.data, {"hall.toml": hall(7)})
    assert company.limit == 7
    company.take(company.sign(2, 6, lock=("hall.toml",)))
    assert company.limit == 6
    company.take(company.sign(3, 6))
    assert company.limit == 7


def test_devices_can_come_signed_but_never_unsigned(company: Company) -> None:
    files = company.folder / "devices"
    files.mkdir()
    text = (DEMO / "devices.toml").read_text("utf-8").replace("columns = 48", "columns = 32")
    (files / "devices.toml").write_text(text, "utf-8")
    company.take(sign(files, company.key, stations=("S1",), version=1, days=1, now_ms=NOW))
    printer = load_box(company.base, company.data, devices=False).device("printer")
    assert printer is not None
    assert printer.options["columns"] == 32


def test_a_key_that_the_box_added_itself_brings_no_command(company: Company, tmp_path: Path) -> None:
    base, files = copy(tmp_path / "plain"), company.folder / "evil"
    files.mkdir()
    voice = (
        '[[device]]\nid = "evil"\nclass = "voice"\ndriver = "command"\nwhere = "alsa:null"\ncommand = ["sh", "{out}"]\n'
    )
    (files / "devices.toml").write_text((DEMO / "devices.toml").read_text("utf-8") + voice, "utf-8")
    raw = sign(files, company.key, stations=("S1",), version=1, days=1, now_ms=NOW)
    box.put(base, company.data, {"station.toml": station(config_keys=f'["{company.public}"]')})
    with pytest.raises(ConfigError, match="new command cannot come this way"):
        accept(base, company.data, raw, NOW)
    assert "evil" not in [device.id for device in load_box(base, company.data).devices]
    accept(base, company.data, company.sign(2, 6), NOW)
    assert load_box(base, company.data).plan.recall_limit == 6, "all else may come with that key"
    company.take(sign(files, company.key, stations=("S1",), version=3, days=1, now_ms=NOW))
    assert "evil" in [device.id for device in load_box(company.base, company.data).devices], "the base trusts it"


def test_unsigned_files_from_before_count_no_more_once_there_are_keys(company: Company) -> None:
    adopt(DEMO, overlay(company.data), {"hall.toml": hall(5)})
    assert load_box(DEMO, company.data).plan.recall_limit == 5
    assert company.limit == 3


def test_what_the_box_wrote_itself_cannot_replace_the_keys_of_the_base(company: Company, tmp_path: Path) -> None:
    thief = keygen(tmp_path / "thief.pem")
    box.put(company.base, company.data, {"station.toml": station(config_keys=f'["{thief}"]')})
    assert layers(company.base, company.data).keys == (company.public,)
    box.put(company.base, company.data, {"station.toml": (DEMO / "station.toml").read_text("utf-8")})
    assert layers(company.base, company.data).keys == (company.public,)
    box.put(DEMO, company.data, {"station.toml": station(config_keys=f'["{thief}"]')})
    assert layers(DEMO, company.data).keys == (thief,), "a base without keys may get its first from pairing"


def test_an_envelope_changed_on_the_disk_is_not_laid_on_and_said(company: Company) -> None:
    company.take(company.sign(1, 5))
    path = company.data / "signed-config" / "envelope.json"
    path.write_bytes(path.read_bytes().replace(b"recall_limit = 5", b"recall_limit = 9"))
    found = layers(company.base, company.data)
    assert company.limit == 3
    assert "swapped" in found.problems[0]
    company.take(company.sign(1, 5))
    assert company.limit == 5, "the same one, sent again, mends it"


def test_a_rotten_memory_of_versions_refuses_rather_than_guesses(company: Company) -> None:
    company.take(company.sign(4, 5))
    (company.data / "signed-config" / "seen.json").write_bytes(b"{")
    assert company.refused(company.sign(5, 6)) == "damaged"


@pytest.mark.parametrize("how", ["before", "after", "torn", "error"])
def test_whatever_step_is_the_last_old_or_new_is_in_force_and_older_ones_stay_out(tmp_path: Path, how: str) -> None:
    company = Company(tmp_path, small(tmp_path / "config"))
    older, old, new = company.sign(1, 4), company.sign(2, 5), company.sign(3, 6)
    for at in range(20):
        company.data = tmp_path / f"data-{at}"
        company.take(old)
        disk = Failing(at, how)
        try:
            accept(company.base, company.data, new, NOW, disk)
        except (PowerGone, OSError):
            assert company.limit in {5, 6}
        assert company.refused(older) == "rollback"
        company.take(new)
        assert company.limit == 6
        if disk.steps > 0 and disk.steps <= at:
            break
    highest = seen(company.data)
    assert highest is not None
    assert highest.version == 3


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_the_private_key_is_nobody_elses_and_never_written_over(company: Company) -> None:
    assert company.key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CannotSign, match="never written over"):
        keygen(company.key)
    assert public_of(read_key(company.key)) == company.public


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"lock": ("devices.toml",)}, "not among the files"),
        ({"days": 0}, "--days"),
        ({"version": 0}, "--version"),
    ],
)
def test_what_cannot_be_signed_says_why(company: Company, more: dict[str, Any], says: str) -> None:
    version = more.pop("version", 1)
    with pytest.raises(CannotSign, match=says):
        company.sign(version, 5, **more)


def test_a_key_of_another_kind_or_none(company: Company, tmp_path: Path) -> None:
    company.key = tmp_path / "none.pem"
    company.key.write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(CannotSign, match="kiosk config keygen"):
        company.sign(1, 5)


def test_one_sealed_by_hand_is_as_good(company: Company) -> None:
    envelope = opened(company.sign(1, 5))
    again = msgspec.json.decode(seal(envelope.head, envelope.files, read_key(company.key)), type=Envelope)
    assert again.signature == envelope.signature
