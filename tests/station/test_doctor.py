"""`kiosk doctor`: what is wrong is named with its remedy, what is well is not complained of, and it always ends in time."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.__main__ import main as kiosk_main
from kiosk.config import box, load
from kiosk.config.accept import accept
from kiosk.config.layers import layers
from kiosk.config.signing import keygen, sign
from kiosk.domain import facts as f
from kiosk.journal.store import Entry, Journal, recorded
from kiosk.pin import hash_pin
from kiosk.station.doctor import TASKS, checks, devices, disk, machine, network, page, setup, software, state_of
from kiosk.station.doctor.check import ROOT, Check, Scene, Task, ok, run_all
from tests.central.server import TOKEN, Server
from tests.config.halls import DEMO, NOW, copy, hall, station


class Bench:
    """A box that can be made worse in one point at a time."""

    def __init__(self, folder: Path) -> None:
        self.base, self.data, self.root = copy(folder / "config"), folder / "data", folder / "root"
        self.change("devices.toml", (self.base / "devices.toml").read_text("utf-8"), "")
        self.change("counters.toml", 'sign = "signs:', 'sign = "" # "', every=True)

    def change(self, file: str, old: str, new: str, *, every: bool = False) -> None:
        text = (self.base / file).read_text("utf-8")
        assert old in text
        (self.base / file).write_text(text.replace(old, new) if every else text.replace(old, new, 1), "utf-8")

    def scene(self, **more: Any) -> Scene:
        found = layers(self.base, self.data)
        return Scene(
            **{
                "base": self.base,
                "data": self.data,
                "config": load(self.base),
                "layers": found,
                "root": self.root,
                **more,
            }
        )

    def journal(self) -> Journal:
        journal = Journal(self.data, self.data.with_name("data.key"))
        journal.open()
        day = f.DayOpened(ordinal=1, label="2026-11-22", by="clock", carry=f.Carry())
        journal.commit([Entry(recorded(0, NOW, [day, f.CounterOpened(counter=1)]))])
        return journal

    def file(self, name: str, text: str = "") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def one(found: Iterator[Check], id: str = "") -> Check:
    checks_ = [c for c in found if not id or c.id == id]
    assert len(checks_) == 1, checks_
    assert checks_[0].what.zh
    assert checks_[0].state == "ok" or checks_[0].remedy, "what to do"
    return checks_[0]


# --- the whole --------------------------------------------------------------------------------------------------------


def test_all_of_it_on_one_page_within_its_time(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    journal = bench.journal()
    begin = time.monotonic()
    status = kiosk_main(["doctor", "--config", str(bench.base), "--data", str(bench.data)])
    assert time.monotonic() - begin < 15
    out = capsys.readouterr().out
    assert "2 facts, each as it was written" in out, "also while the journal is open elsewhere"
    assert status == (1 if "MEND" in out else 2), "the demo's PINs are always something to look at"
    assert "still the demo's PIN" in out
    journal.close()


def test_as_json_for_programs(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    status = kiosk_main(["doctor", "--json", "--quick", "--config", str(bench.base), "--data", str(bench.data)])
    told = json.loads(capsys.readouterr().out)
    assert {"ok": 0, "fail": 1, "warn": 2}[told["state"]] == status
    for check in told["checks"]:
        assert set(check) == {"id", "state", "what", "remedy"}
        assert set(check["what"]) == {"zh", "en"}
        assert (check["remedy"] is None) == (check["state"] == "ok")


def test_the_exit_status_is_the_worst() -> None:
    good, bad = ok("a", "好", "good"), Check(id="b", state="fail", what=f.Lines(zh="坏", en="bad"))
    look = msgspec.structs.replace(bad, state="warn")
    assert [state_of(x) for x in ([], [good], [good, look], [look, bad, good])] == ["ok", "ok", "warn", "fail"]


def test_what_must_be_mended_comes_first(bench: Bench) -> None:
    told = page([ok("a", "好", "fine"), Check(id="b", state="fail", what=f.Lines(zh="坏", en="bad"))])
    assert told.index("bad") < told.index("fine")
    assert "1 to mend" in told


def test_a_check_that_hangs_or_breaks_hides_no_other(bench: Bench) -> None:
    stop = threading.Event()

    def hangs(scene: Scene) -> Iterator[Check]:
        stop.wait(30)
        yield ok("hangs", "", "")

    def breaks(scene: Scene) -> Iterator[Check]:
        raise ZeroDivisionError("a bug")

    def well(scene: Scene) -> Iterator[Check]:
        yield ok("well", "好", "good")

    begin = time.monotonic()
    found = run_all(bench.scene(), [Task("hangs", hangs, 0.3), Task("breaks", breaks), Task("well", well)])
    stop.set()
    assert time.monotonic() - begin < 3
    assert [(c.id, c.state) for c in found] == [("hangs", "fail"), ("breaks", "fail"), ("well", "ok")]
    assert "a bug" in found[1].what.en


def test_no_check_may_take_longer_than_all_may() -> None:
    assert max(task.seconds for task in TASKS) + network.ASK_S < 15
    assert len({task.id for task in TASKS}) == len(TASKS)


def test_a_configuration_with_mistakes_is_no_reason_to_stay_silent(bench: Bench) -> None:
    bench.change("hall.toml", "recall_limit = 3", "recall_limit = 30")
    found = checks(bench.base, bench.data, quick=True, root=bench.root)
    wrong = [c for c in found if c.id == "config"]
    assert [c.state for c in wrong] == ["fail"]
    assert "hall.toml:" in wrong[0].what.en
    assert wrong[0].remedy is not None
    assert "Use 1 to 9" in wrong[0].remedy.en
    assert {"space", "clock", "python"} <= {c.id for c in found}


# --- software ---------------------------------------------------------------------------------------------------------


def test_packages_are_compared_with_the_lock(bench: Bench, tmp_path: Path) -> None:
    assert one(software.packages(bench.scene(project=ROOT))).state == "ok"
    (tmp_path / "requirements.lock").write_text("msgspec==0.0.1 \\\n    --hash=sha256:00\nnever-heard-of==1\n")
    check = one(software.packages(bench.scene(project=tmp_path)))
    assert check.state == "fail"
    assert "msgspec" in check.what.en
    assert "never-heard-of" not in check.what.en, "what only developers need may be missing"
    assert one(software.packages(bench.scene(project=tmp_path / "nowhere"))).state == "warn"
    assert one(software.python(bench.scene())).state == "ok"


def test_a_font_that_is_no_font_and_an_icon_nobody_drew(bench: Bench, tmp_path: Path) -> None:
    assert one(software.assets(bench.scene())).state == "ok"
    bench.change("services.toml", 'icon = "pay"', 'icon = "unicorn"')
    assert "unicorn" in one(software.assets(bench.scene())).what.en
    (tmp_path / "assets" / "fonts").mkdir(parents=True)
    (tmp_path / "assets" / "fonts" / software.FONTS[0]).write_bytes(b"<html>")
    assert software.FONTS[0] in one(software.assets(bench.scene(project=tmp_path))).what.en


def test_the_voice_is_asked_how_it_says_please(bench: Bench) -> None:
    assert "no voice" in one(software.speech(bench.scene())).what.en
    assert one(software.speech(bench.scene(config=load(DEMO)))).state == "ok"


# --- setup ------------------------------------------------------------------------------------------------------------


def test_demo_pins_are_a_warning_on_this_machine_and_a_fault_on_the_network(bench: Bench) -> None:
    check = one(setup.pins(bench.scene()), "pins")
    assert check.state == "warn"
    assert "counter, guide, tech, central" in check.what.en
    bench.change("station.toml", "127.0.0.1:8600", "0.0.0.0:8600")
    check = one(setup.pins(bench.scene()), "pins")
    assert check.state == "fail"
    assert "open to the network" in check.what.en


def test_own_pins_are_well(bench: Bench) -> None:
    (bench.base / "central.toml").unlink()
    for role in ("counter", "guide", "tech"):
        config = load(bench.base)
        bench.change("station.toml", getattr(config.pins, role), hash_pin("8642"))
    assert one(setup.pins(bench.scene()), "pins").state == "ok"
    assert one(setup.pins(bench.scene()), "token").state == "warn"


def test_layers_trials_and_signatures_are_told(bench: Bench, tmp_path: Path) -> None:
    public = keygen(tmp_path / "key.pem")
    (bench.base / "station.toml").write_text(station(config_keys=f'["{public}"]'), "utf-8")
    (tmp_path / "signed").mkdir()
    (tmp_path / "signed" / "hall.toml").write_text(hall(5), "utf-8")
    raw = sign(tmp_path / "signed", tmp_path / "key.pem", stations=("*",), version=4, days=1, now_ms=NOW)
    accept(bench.base, bench.data, raw, NOW)
    assert "signed: hall" in one(setup.layering(bench.scene(now_ms=lambda: NOW))).what.en
    late = bench.scene(now_ms=lambda: NOW + 10 * setup.DAY_MS)
    assert "expired; it stays in force" in one(setup.layering(late), "signed").what.en
    envelope = bench.data / "signed-config" / "envelope.json"
    envelope.write_bytes(envelope.read_bytes()[:-30])
    assert one(setup.layering(bench.scene()), "signed").state == "fail"
    box.try_files(bench.base, bench.data, {"hall.toml": hall(6)}, NOW)
    box.settle(bench.base, bench.data)
    assert one(setup.layering(bench.scene()), "trial").state == "warn"


def test_the_time_zone_is_the_halls(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert one(setup.time_zone(bench.scene())).state == "ok"
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
        assert one(setup.time_zone(bench.scene())).state == "warn"
    finally:
        monkeypatch.undo()
        time.tzset()


# --- disk -------------------------------------------------------------------------------------------------------------


def test_a_damaged_row_is_named_with_what_to_do(bench: Bench) -> None:
    bench.journal().close()
    with sqlite3.connect(bench.data / "journal.db") as conn:
        conn.execute("UPDATE facts SET body = '{\"counter\":2}' WHERE seq = 2")
    check = one(disk.journal(bench.scene()))
    assert check.state == "fail"
    assert "fact 2" in check.what.en
    assert check.remedy is not None
    assert "restore" in check.remedy.en


def test_facts_that_are_gone_from_the_end_are_told_with_what_to_do(bench: Bench) -> None:
    book = bench.journal()
    count = book.seq
    book.close()
    with sqlite3.connect(bench.data / "journal.db") as conn:
        conn.execute("DELETE FROM facts WHERE seq = ?", (count,))
    check = next(disk.journal(bench.scene()))
    assert check.state == "fail"
    assert f"the last 1 facts of the journal are gone (it went up to {count})" in check.what.en


def test_a_witness_that_does_not_follow_and_another_journal_are_told(bench: Bench) -> None:
    book = bench.journal()
    facts = [f.TicketExpired(ticket=f"t{n}") for n in range(disk.UNSEEN)]
    witness = bench.data.with_name(f"{bench.data.name}.seq")
    witness.with_name(f"{witness.name}.0123abcd").write_text("0123abcd 00000000000000000042\n")
    (other,) = [check for check in disk.journal(bench.scene(quick=True)) if check.id == "witness"]
    assert "0123abcd" in other.what.en
    assert other.state == "warn"
    book.commit([Entry(recorded(book.seq, NOW, facts))])
    book.close()
    witness.write_text("")
    behind = next(check for check in disk.journal(bench.scene(quick=True)) if check.id == "witness")
    assert f"{len(facts) + 2} facts behind" in behind.what.en
    assert behind.remedy is not None


def test_a_journal_without_its_key_or_none_at_all(bench: Bench) -> None:
    assert one(disk.journal(bench.scene())).state == "ok", "the first start makes one"
    bench.journal().close()
    assert {c.id for c in disk.journal(bench.scene())} == {"day", "journal"}
    assert {c.id for c in disk.journal(bench.scene(quick=True))} == {"day"}
    disk.key_of(bench.data).unlink()
    assert one(disk.secrets(bench.scene())).state == "fail"
    assert one(disk.journal(bench.scene())).state == "fail"


def test_secrets_that_others_can_read(bench: Bench) -> None:
    bench.journal().close()
    assert one(disk.secrets(bench.scene())).state == "ok"
    token = bench.data / "tech.token"
    token.write_text("x")
    token.chmod(0o644)
    check = one(disk.secrets(bench.scene()))
    assert check.state == "fail"
    assert check.remedy is not None
    assert f"chmod 600 {token}" in check.remedy.en


def test_the_disk_is_timed_and_nothing_is_left_behind(bench: Bench) -> None:
    assert "first start" in one(disk.fsync(bench.scene())).what.en
    bench.data.mkdir()
    assert "ms" in one(disk.fsync(bench.scene())).what.en
    assert list(bench.data.iterdir()) == []


def test_a_disk_that_is_full_slow_or_full_of_logs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    free = disk._existing(bench.data)
    assert free.is_dir()
    for low, full, state in ((2**60, 0, "warn"), (2**60, 2**60, "fail"), (0, 0, "ok")):
        monkeypatch.setattr(disk, "LOW", low)
        monkeypatch.setattr(disk, "FULL", full)
        assert one(disk.space(bench.scene())).state == state
    bench.data.mkdir()
    for slow, stuck, state in ((0.0, 1e9, "warn"), (0.0, 0.0, "fail")):
        monkeypatch.setattr(disk, "SLOW_MS", slow)
        monkeypatch.setattr(disk, "STUCK_MS", stuck)
        assert one(disk.fsync(bench.scene())).state == state
    (bench.data / "logs").mkdir()
    (bench.data / "logs" / "station.log").write_bytes(bytes(10))
    assert one(disk.logs(bench.scene())).state == "ok"
    monkeypatch.setattr(disk, "LOGS", 5)
    assert one(disk.logs(bench.scene())).state == "warn"


def test_a_journal_too_long_for_the_time_says_how_far_it_was_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = bench.journal()
    facts = [f.CounterOpened(counter=1) for _ in range(2500)]
    journal.commit([Entry(recorded(journal.seq, NOW, facts))])
    journal.close()
    monkeypatch.setattr(disk, "JOURNAL_S", 0.0)
    assert "the first 1000 of 2502 facts" in one(disk.journal(bench.scene()), "journal").what.en


# --- the machine ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [0, 86_400_000, NOW + 40 * 365 * 86_400_000])
def test_a_clock_that_cannot_be_right(bench: Bench, now: int) -> None:
    assert one(machine.clock(bench.scene(now_ms=lambda: now))).state == "fail"


def test_a_clock_before_the_last_fact(bench: Bench) -> None:
    bench.journal().close()
    assert one(machine.clock(bench.scene(now_ms=lambda: NOW + 1000))).state == "ok"
    check = one(machine.clock(bench.scene(now_ms=lambda: NOW - 3 * 86_400_000)))
    assert check.state == "fail"
    assert "before the journal's last fact" in check.what.en


def test_the_time_server_is_asked_of_who_knows(bench: Bench, tmp_path: Path) -> None:
    nobody = bench.scene(env={"PATH": str(tmp_path / "bin")})
    assert one(machine.time_server(nobody)).state == "warn"
    bench.file("run/systemd/timesync/synchronized")
    assert one(machine.time_server(nobody)).state == "ok"
    program = tmp_path / "bin" / "timedatectl"
    program.parent.mkdir()
    for said, state in (("yes", "ok"), ("no", "warn")):
        program.write_text(f"#!/bin/sh\necho {said}\n")
        program.chmod(0o755)
        assert one(machine.time_server(nobody)).state == state
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    begin = time.monotonic()
    assert one(machine.time_server(nobody)).state == "ok", "it hangs: the file says it"
    assert time.monotonic() - begin < 5


def test_what_draws_the_screen(bench: Bench) -> None:
    assert "libGL.so.1" in one(machine.display(bench.scene())).what.en
    bench.file("usr/lib/x86_64-linux-gnu/libGL.so.1")
    bench.file("usr/lib/x86_64-linux-gnu/libEGL.so.1")
    dark = {c.id: c.state for c in machine.display(bench.scene(env={}))}
    assert dark == {"graphics": "warn", "display": "warn"}
    bench.file("dev/dri/renderD128")
    bench.file("tmp/.X11-unix/X0")
    bench.file("sys/bus/pci/drivers/i915/x")
    card = bench.root / "sys/class/drm/card0/device"
    card.mkdir(parents=True)
    (card / "driver").symlink_to(bench.root / "sys/bus/pci/drivers/i915")
    bench.file("sys/class/drm/card0-HDMI-A-1/status", "connected\n")
    bench.file("sys/class/drm/card0-HDMI-A-1/modes", "1920x1080\n1280x720\n")
    check = one(machine.display(bench.scene(env={})))
    assert (check.id, check.state) == ("graphics", "ok")
    assert "i915" in check.what.en
    bench.change("station.toml", "width = 1080", "width = 800")
    assert "800x1920" in one(machine.display(bench.scene(env={})), "panel").what.en


def test_memory_and_open_files(bench: Bench) -> None:
    bench.file("proc/meminfo", "MemTotal: 2000000 kB\nMemAvailable:    90000 kB\n")
    assert one(machine.memory(bench.scene())).state == "fail"
    bench.file("proc/meminfo", "MemTotal: 2000000 kB\nMemAvailable:  900000 kB\n")
    assert one(machine.memory(bench.scene())).state == "ok"
    assert one(machine.limits(bench.scene())).id == "limits"


# --- who can be reached -----------------------------------------------------------------------------------------------


def test_the_running_station_is_believed(bench: Bench) -> None:
    assert one(network.station(bench.scene())).state == "warn"
    assert one(network.station(bench.scene(health={"release": "0.0.9"}))).state == "warn"
    scene = bench.scene(config=load(DEMO), health={"devices": [
        {"id": "printer", "state": "fault", "reasons": ["paper_end"], "detail": "no paper"},
        {"id": "signs", "state": "degraded", "reasons": [], "detail": ""},
        {"id": "voice", "state": "ready"},
    ]})  # fmt: skip
    found = {c.id: c for c in devices.devices(scene)}
    states = {"device:printer": "fail", "device:signs": "warn", "device:voice": "ok"}
    assert {id: c.state for id, c in found.items() if id in states} == states
    # One that the running station says nothing of is not there for it.
    assert found["device:keypads"].state == "fail"
    assert "paper_end; no paper" in found["device:printer"].what.en


def test_central_its_token_and_what_is_only_here(bench: Bench, tmp_path: Path) -> None:
    bench.journal().close()
    central = Server(tmp_path / "central")
    bench.change("station.toml", "http://127.0.0.1:8700", central.url)
    assert one(network.central(bench.scene())).state == "warn", "not there: the hall goes on"
    central.start()
    try:
        check = one(network.central(bench.scene()))
        assert check.state == "fail"
        assert "token" in check.what.en
        bench.change("station.toml", "demo-station-token", TOKEN)
        found = {c.id: c for c in network.central(bench.scene())}
        assert {id: c.state for id, c in found.items()} == {"central": "ok", "copy": "ok"}
        assert "2 to go" in found["copy"].what.en
    finally:
        central.stop()


def test_without_central_somebody_must_make_copies(bench: Bench) -> None:
    bench.change("station.toml", "http://127.0.0.1:8700", "")
    assert one(network.central(bench.scene()), "copy").state == "warn"


# --- devices ----------------------------------------------------------------------------------------------------------


def with_printer(bench: Bench, where: str) -> Scene:
    (bench.base / "devices.toml").write_text(
        f'[[device]]\nid = "printer"\nclass = "printer"\ndriver = "escpos"\nwhere = "{where}"\n', "utf-8"
    )
    return bench.scene()


def test_a_port_that_is_not_there_or_not_allowed(bench: Bench) -> None:
    scene = with_printer(bench, "serial:///dev/serial/by-path/usb-1?baud=9600")
    check = one(devices.ports(scene), "ports")
    assert check.state == "fail"
    assert "there is no port" in check.what.en
    there = bench.file("dev/serial/by-path/usb-2")
    check = one(devices.ports(scene), "ports")
    assert check.remedy is not None
    assert "/dev/serial/by-path/usb-2" in check.remedy.en
    there.rename(there.with_name("usb-1"))
    assert one(devices.ports(scene), "ports").state == "ok"


def test_a_line_that_opens_and_one_that_does_not(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as printer:
        scene = with_printer(bench, f"tcp://127.0.0.1:{printer.getsockname()[1]}")
        answered = threading.Thread(target=_says_well, args=(printer,), daemon=True)
        answered.start()
        assert one(devices.devices(scene)).state == "ok"
    check = one(devices.devices(scene))
    assert check.state == "fail"
    assert "127.0.0.1" in check.what.en


def _says_well(server: socket.socket) -> None:
    """A printer that answers every status question with "all is well"."""
    line, _ = server.accept()
    with line:
        while line.recv(64):
            line.sendall(b"\x12")


def test_the_doctor_loads_no_server(tmp_path: Path) -> None:
    code = "import sys, kiosk.station.doctor; print({'kivy', 'litestar', 'uvicorn'} & {n.split('.')[0] for n in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert done.stdout.strip() == "set()"
