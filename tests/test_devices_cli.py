"""`kiosk devices` and `kiosk simulate` as a technician types them: real processes, real lines, a station that is there or not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devices.learn.capture import write_capture
from devices.printer.simulator import PrinterSimulator
from devices.transport import deadline_in, open_line
from tests.devices.learn.captures import description, talk

ROOT = Path(__file__).resolve().parent.parent


def kiosk(*words: str, timeout: float = 60, typed: int | None = None) -> subprocess.CompletedProcess[str]:
    """`typed`: the terminal it reads from."""
    command = [sys.executable, "-m", "kiosk", *words]
    return subprocess.run(command, stdin=typed, capture_output=True, text=True, timeout=timeout, cwd=ROOT, check=False)


# --- a station that answers as the contract says, and remembers what it was asked ------------------------------------


class Station:
    """The Tech API's addresses the shell uses; its answers are those of the contract, without devices behind them."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[tuple[str, str, Any, str]] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        station = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                station.answer(self, None)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                station.answer(self, json.loads(body) if body else None)

            def log_message(self, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.config, self.data = folder / "config", folder / "data"
        shutil.copytree(ROOT / "config", self.config)
        self.data.mkdir()
        (self.data / "tech.token").write_text("secret-word\n", encoding="ascii")
        station_toml = self.config / "station.toml"
        listen = f"127.0.0.1:{self.server.server_address[1]}"
        text = station_toml.read_text("utf-8").replace("0.0.0.0:8600", listen).replace("127.0.0.1:8600", listen)
        assert listen in text
        station_toml.write_text(text, encoding="utf-8")
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def answer(self, request: BaseHTTPRequestHandler, body: Any) -> None:
        self.asked.append((request.command, request.path, body, request.headers.get("Authorization", "")))
        status, found = self.answers.get(request.path, (404, {"title": "no such thing", "status": 404}))
        data = json.dumps(found).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def ask(self, *words: str, typed: int | None = None) -> subprocess.CompletedProcess[str]:
        return kiosk("devices", *words, "--config", str(self.config), "--data", str(self.data), typed=typed)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path)
    yield station
    station.stop()


DEVICE = {"id": "printer", "class": "printer", "driver": "escpos", "where": "tcp://127.0.0.1:8611", "state": "fault"}


def test_the_running_station_is_asked_with_the_word_of_its_folder(station: Station) -> None:
    listed = {"devices": [{**DEVICE, "reasons": ["paper_end"], "detail": "缺纸 out of paper"}]}
    station.answers["/tech/devices"] = (200, listed)
    done = station.ask("list")
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("printer/escpos", "fault", "paper_end", "out of paper"):
        assert word in done.stdout
    assert station.asked == [("GET", "/tech/devices", None, "Bearer secret-word")]
    assert json.loads(station.ask("list", "--json").stdout) == listed


@pytest.mark.parametrize(
    ("words", "asked", "answer", "status"),
    [
        (("test", "printer"), ("/tech/devices/printer/test", {"what": "print"}), {"outcome": "done", "seen": None}, 0),
        (("test", "signs"), ("/tech/devices/signs/test", {"what": "show"}), {"outcome": "unknown", "detail": "silent"}, 1),
        (("test", "voice", "speak"), ("/tech/devices/voice/test", {"what": "speak"}), {"outcome": "done", "detail": ""}, 0),
        (("volume", "voice", "60"), ("/tech/devices/voice/volume", {"level": 60}), {}, 0),
        (("brightness", "signs", "0"), ("/tech/devices/signs/brightness", {"level": 0}), {}, 0),
        (("restart", "signs"), ("/tech/devices/signs/restart", None), {"state": "starting"}, 0),
    ],
)  # fmt: skip
def test_each_word_becomes_its_request(
    station: Station, words: tuple[str, ...], asked: tuple[str, Any], answer: Any, status: int
) -> None:
    station.answers[asked[0]] = (200, answer)
    done = station.ask(*words)
    assert done.returncode == status, done.stderr
    assert station.asked == [("POST", asked[0], asked[1], "Bearer secret-word")]


def test_the_log_of_a_running_station_goes_on_as_long_as_was_asked(station: Station) -> None:
    path = "/tech/devices/printer/log?all=false"
    station.answers[path] = (200, {"count": 7, "lines": ["08:15:02.345 > 10 04 01"]})
    station.answers[f"{path}&after=7"] = (200, {"count": 9, "lines": ["08:15:03.000 > 1B 40"]})
    station.answers[f"{path}&after=9"] = (200, {"count": 9, "lines": []})
    assert station.ask("log", "printer").stdout.splitlines() == ["08:15:02.345 > 10 04 01"]
    done = station.ask("log", "printer", "--seconds", "1.2")
    assert done.stdout.splitlines() == ["08:15:02.345 > 10 04 01", "08:15:03.000 > 1B 40"]
    every = "/tech/devices/printer/log?all=true"
    station.answers[every] = (200, {"count": 1, "lines": ["08:15:02.345 < 12"]})
    assert station.ask("log", "printer", "--all").stdout == "08:15:02.345 < 12\n"


def test_what_the_station_refuses_is_told_with_its_remedy(station: Station) -> None:
    problem = {"title": "busy", "detail": "The printer prints.", "remedy": "Wait."}
    station.answers["/tech/devices/printer/restart"] = (409, problem)
    done = station.ask("restart", "printer")
    assert (done.returncode, done.stdout) == (1, "")
    for word in ("The printer prints.", "Wait."):
        assert done.stderr.count(word) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("restart", "toaster"), "one of printer, signs, voice"),
        (("volume", "voice", "loud"), "0 to 100"),
        (("brightness", "signs", "101"), "0 to 100"),
        (("learn",), "--listen WHERE or --capture FILE"),
        (("verify", "sign/none"), "sign/frame"),
    ],
)
def test_a_slip_is_told_before_anything_is_asked(station: Station, words: tuple[str, ...], told: str) -> None:
    done = station.ask(*words)
    assert done.returncode == 1
    assert told in done.stderr
    assert station.asked == []


def test_without_a_station_the_list_is_the_configuration(tmp_path: Path) -> None:
    done = kiosk("devices", "list", "--data", str(tmp_path))
    assert done.returncode == 0
    assert "the station does not run" in done.stdout
    assert "sign/frame" in done.stdout
    found = json.loads(kiosk("devices", "list", "--json", "--data", str(tmp_path)).stdout)
    assert {device["state"] for device in found["devices"]} == {"unknown"}


def test_without_a_station_a_restart_says_that_it_is_away(tmp_path: Path) -> None:
    done = kiosk("devices", "restart", "signs", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "tech.token" in done.stderr


def test_a_printer_is_detected_and_its_table_written(tmp_path: Path) -> None:
    simulator = PrinterSimulator("127.0.0.1", 0)
    simulator.start()
    try:
        done = kiosk("devices", "detect", simulator.where, "--data", str(tmp_path))
        told = json.loads(kiosk("devices", "detect", simulator.where, "--json", "--data", str(tmp_path)).stdout)
    finally:
        simulator.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "> 10 04 01" in done.stdout
    assert f'driver = "escpos"\nwhere = "{simulator.where}"' in done.stdout
    assert told["found"][0]["class"] == "printer"


def test_a_capture_becomes_a_description_that_the_configuration_takes(tmp_path: Path) -> None:
    capture, out = tmp_path / "tool.txt", tmp_path / "learned.toml"
    capture.write_text(write_capture(talk(description("sum8"), n=120)), encoding="ascii")
    done = kiosk("devices", "learn", "--capture", str(capture), "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "held back were read and made again" in done.stdout
    assert "? " in done.stdout  # blinking is a guess
    config = tmp_path / "config"
    shutil.copytree(ROOT / "config", config)
    shutil.copy(out, config / "signs/sum8.toml")
    assert kiosk("config", "check", "--config", str(config), "--data", str(tmp_path / "d")).returncode == 0
    capture.write_text("7E 01 02\nhello\n", encoding="ascii")
    done = kiosk("devices", "learn", "--capture", str(capture))
    assert done.returncode == 1
    assert "tool.txt:2" in done.stderr


def test_a_sign_is_found_by_test_numbers_and_its_table_written(tmp_path: Path) -> None:
    sign = Simulated("signs", "--where", "tcp://127.0.0.1:0")
    where = sign.line_with("listening").split()[-1]
    done = kiosk("devices", "detect", where, "--numbers", "--data", str(tmp_path))
    assert sign.ended() == 0
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'frame = "signs/sum8.toml"' in done.stdout
    assert "signs/sum8.toml: sign 1" in done.stdout


def test_what_cannot_be_known_is_said_with_the_next_step(tmp_path: Path) -> None:
    sign = Simulated("signs", "--where", "tcp://127.0.0.1:0", "--fault", "silent")
    where = sign.line_with("listening").split()[-1]
    shown = kiosk("devices", "detect", where, "--numbers", "--data", str(tmp_path))
    assert sign.ended() == 0
    assert "what number stands on the sign?" in shown.stdout
    assert "signs/sum8.toml" in shown.stdout and "signs/crc16.toml" in shown.stdout


@pytest.mark.parametrize(
    ("typed", "status", "told", "failed"),
    [
        ("1203\n", 0, "address of the sign: 3", ""),
        ("99\n1201\n", 0, "type it again", ""),
        ("99\n98\n\n", 1, "type it again", "None of these numbers"),
        ("\x04", 1, "what number stands", "no number was typed"),
    ],
)
def test_what_a_person_read_from_the_sign_is_asked_for_until_it_is_one(
    station: Station, typed: str, status: int, told: str, failed: str
) -> None:
    offer = {"class": "sign", "driver": "frame", "where": "tcp://127.0.0.1:8612", "name": "a sign"}
    offers = [{**offer, "number": n, "options": {"frame": f"signs/{f}.toml"}} for n, f in ((11, "sum8"), (12, "crc16"))]
    shown = {"found": [], "offers": offers, "log": [], "complete": True}
    station.answers["/tech/detect/numbers"] = (200, shown)
    keys, terminal = os.openpty()
    try:
        os.write(keys, typed.encode())
        done = station.ask("detect", offer["where"], "--numbers", typed=terminal)
    finally:
        os.close(terminal)
        os.close(keys)
    assert done.returncode == status, done.stderr
    assert told in done.stdout
    assert failed in done.stderr and bool(done.stderr) == bool(failed)
    assert "Traceback" not in done.stderr
    assert ('frame = "signs/crc16.toml"' in done.stdout) == (status == 0)


# --- kiosk simulate --------------------------------------------------------------------------------------------------


class Simulated:
    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "kiosk", "simulate", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def line_with(self, word: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if word in line:
                return line.strip()
        raise AssertionError(f"ended without {word!r}: {self.process.stderr and self.process.stderr.read()}")

    def say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def ended(self) -> int:
        self.process.communicate(timeout=20)
        return self.process.returncode


def test_a_simulated_printer_fails_and_mends_on_word() -> None:
    printer = Simulated("printer/escpos", "--fault", "paper_low")
    where = printer.line_with("listening").split()[-1]
    line = open_line(where)
    printer.line_with("shows")

    def status(n: int) -> int:
        line.write(bytes((0x10, 0x04, n)), deadline_in(2.0))
        return line.read(1, deadline_in(5.0))[0]

    assert status(4) & 0x0C
    printer.say("fault paper_end")
    printer.line_with("fault paper_end")
    assert status(4) & 0x60
    printer.say("fault on_fire")
    assert "paper_end" in printer.line_with("error")
    printer.say("mend")
    printer.line_with("mended everything")
    assert status(4) & 0x6C == 0
    line.close()
    assert printer.ended() == 0  # end of input


def test_the_console_lists_its_commands_and_faults() -> None:
    pads = Simulated("keypads", "--where", "tcp://127.0.0.1:0")
    pads.line_with("type help")
    pads.say("help")
    pads.line_with("命令")
    assert "this list" in pads.line_with("help ")
    assert pads.line_with("press") == "press ADDRESS KEY [TIMES]"
    assert "lost_ack" in pads.line_with("FAULT 故障")
    pads.say("press 11 next")
    pads.line_with("press 11 next")
    assert pads.ended() == 0


def test_a_script_has_its_moments_and_a_signal_ends_cleanly(tmp_path: Path) -> None:
    script = tmp_path / "bad-day.txt"
    script.write_text("# a bad day\nat 0.2 fault silent\nat 0.4 mend\nat 0.5 faults\n", encoding="utf-8")
    sign = Simulated("signs", "--where", "tcp://127.0.0.1:0", "--script", str(script))
    sign.line_with("listening tcp://127.0.0.1:")
    sign.line_with("fault silent")
    sign.line_with("mended everything")
    assert "active: none" in sign.line_with("faults:")
    os.kill(sign.process.pid, signal.SIGINT)
    assert sign.ended() == 0


@pytest.mark.parametrize(
    ("script", "told"),
    [("at noon fault silent", "bad.txt:1"), ("fault silent", "at 2.5 fault paper_end")],
)
def test_a_script_that_is_none_is_told_with_its_line(tmp_path: Path, script: str, told: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(script, encoding="utf-8")
    done = kiosk("simulate", "signs", "--where", "tcp://127.0.0.1:0", "--script", str(path))
    assert done.returncode == 1
    assert told in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    simulator = PrinterSimulator("127.0.0.1", 0)
    simulator.start()
    try:
        done = kiosk("simulate", "printer/escpos", "--where", simulator.where)
    finally:
        simulator.stop()
    assert done.returncode == 1
    assert "choose another port" in done.stderr
