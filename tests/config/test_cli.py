"""`kiosk config` as a person types it: what it says, and its exit status for scripts."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.config import box
from kiosk.config.accept import accept
from kiosk.config.layers import load_box
from tests.config.halls import DEMO, NOW, Machine, copy, hall, station
from tests.survival.station import free_port

Kiosk = Callable[..., int]


class Place:
    def __init__(self, folder: Path) -> None:
        self.base, self.data, self.new = copy(folder / "config"), folder / "data", folder / "new"
        self.new.mkdir()
        self.data.mkdir()
        self.port = free_port()
        text = (self.base / "station.toml").read_text("utf-8").replace("127.0.0.1:8600", f"127.0.0.1:{self.port}")
        (self.base / "station.toml").write_text(text, "utf-8")

    def kiosk(self, *words: str | Path) -> int:
        return main(["config", *map(str, words), "--config", str(self.base), "--data", str(self.data)])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr("kiosk.config.boot.now", lambda: made.boot)
    return made


def test_show_says_where_each_file_comes_from_and_which_keys_differ(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    box.put(place.base, place.data, {"hall.toml": hall(5).replace("head_start_min = 10", "head_start_min = 15")})
    assert place.kiosk("show") == 0
    out = capsys.readouterr().out
    assert "box: hall.recall_limit: 3 -> 5" in out
    assert "box: class.returning.head_start_min: 10 -> 15" in out
    assert out.count(" base ") == 5
    assert place.kiosk("show", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {f["file"]: f["origin"] for f in told["files"]}["hall.toml"] == "box"
    assert told["trial"] is None


def test_show_never_tells_a_secret(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    text = (place.base / "station.toml").read_text("utf-8")
    box.put(place.base, place.data, {"station.toml": text.replace("demo-station-token", "another-secret-token")})
    assert place.kiosk("show") == 0
    out = capsys.readouterr().out
    assert "central.token" in out
    assert "another-secret" not in out
    assert "demo-station-token" not in out


def test_check_looks_at_the_layers_too(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    box.put(place.base, place.data, {"hall.toml": hall(5)})
    (place.base / "counters.toml").unlink()
    assert place.kiosk("check", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["good"]
    assert any("counters.toml" in m["file"] for m in told["mistakes"])


def test_diff_is_0_for_the_same_and_1_for_a_difference(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.kiosk("diff") == 0
    assert place.kiosk("diff", DEMO / "hall.toml") == 0
    (place.new / "hall.toml").write_text(hall(6), "utf-8")
    assert place.kiosk("diff", place.new) == 1
    out = capsys.readouterr().out
    assert "-recall_limit = 3 " in out
    assert "+recall_limit = 6 " in out
    box.put(place.base, place.data, {"hall.toml": hall(5)})
    assert place.kiosk("diff") == 1
    out = capsys.readouterr().out
    assert "--- base/hall.toml" in out
    assert "+++ box/hall.toml" in out
    assert place.kiosk("diff", place.new / "nothing.toml") == 2


def test_a_trial_without_a_station_waits_for_its_start(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.new / "hall.toml").write_text(hall(6), "utf-8")
    assert place.kiosk("try", "--no-wait", place.new) == 0
    out = capsys.readouterr().out
    assert "No station runs" in out
    assert "试用到" in out
    assert place.kiosk("show") == 0
    assert "no station has started with it yet" in capsys.readouterr().out
    assert place.kiosk("confirm") == 1, "nothing ran with it yet"
    assert "not started" in capsys.readouterr().err
    assert box.settle(place.base, place.data).on_trial
    assert place.kiosk("show") == 0
    assert re.search(r"on trial: hall.toml, rolled back in \d\d s \(at [0-9:]{8}\) unless", capsys.readouterr().out)
    assert place.kiosk("confirm") == 0
    assert load_box(place.base, place.data).plan.recall_limit == 6
    assert place.kiosk("try", place.new / "hall.toml") == 1, "it is in force"
    assert place.kiosk("rollback") == 1, "there is no trial"
    capsys.readouterr()
    assert place.kiosk("rollback", "--last") == 0
    assert "its next start takes the set before" in capsys.readouterr().out
    assert load_box(place.base, place.data).plan.recall_limit == 3


# --- waiting for what becomes of a trial --------------------------------------------------------------------------------


class Waiting:
    """`kiosk config try` at a terminal of its own, until it says what became of the trial."""

    def __init__(self, place: Place, *words: str | Path) -> None:
        self.status: list[int] = []
        self.thread = threading.Thread(target=lambda: self.status.append(place.kiosk("try", *words)))
        self.thread.start()
        assert until(lambda: box.trial(place.data) is not None)

    def ended(self) -> int:
        self.thread.join(20)
        return self.status[0]


def until(holds: Callable[[], bool]) -> bool:
    return any(holds() or threading.Event().wait(0.02) for _ in range(500)) and holds()


def test_try_waits_until_somebody_confirms(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.new / "hall.toml").write_text(hall(6), "utf-8")
    waiting = Waiting(place, place.new)
    assert box.settle(place.base, place.data).on_trial
    box.confirm(place.data)
    assert waiting.ended() == 0
    assert "confirmed: this is the good configuration now (hall.toml)" in capsys.readouterr().out


def test_try_says_who_ended_it_and_show_says_so_later(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.new / "hall.toml").write_text(hall(6), "utf-8")
    waiting = Waiting(place, place.new, "--json")
    assert box.settle(place.base, place.data).on_trial
    box.rollback(place.data)
    assert waiting.ended() == 1
    assert json.loads(capsys.readouterr().out)["outcome"] == "rolled_back"
    assert place.kiosk("show") == 0
    assert "the last trial (hall.toml)" in capsys.readouterr().out
    box.put(place.base, place.data, {"hall.toml": hall(5)})
    assert place.kiosk("show") == 0
    assert "the last trial" not in capsys.readouterr().out, "something else was put in force since"


def test_a_minute_that_nobody_used_is_told_with_what_went_with_it(
    place: Place, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.new / "hall.toml").write_text(hall(6), "utf-8")
    waiting = Waiting(place, place.new)
    assert box.settle(place.base, place.data).on_trial
    machine.after(61)
    assert waiting.ended() == 1
    assert "nobody confirmed it in time: the configuration before is back (hall.toml)" in capsys.readouterr().out
    for _ in range(2):  # before and after the station wrote it down
        assert place.kiosk("show", "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["trial"] is None
        assert (told["ended"]["why"], told["ended"]["files"]) == ("expired", ["hall.toml"])
        assert {f["file"]: f["origin"] for f in told["files"]}["hall.toml"] == "base"
        box.expire(place.data)


def test_what_is_only_stored_is_told_from_what_is_in_force(
    place: Place,
    running: list[tuple[str, str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (place.data / "tech.token").write_text("tech-secret\n")
    assert place.kiosk("show") == 0
    assert "in force: the station runs with it" in capsys.readouterr().out
    box.put(place.base, place.data, {"hall.toml": hall(5)})
    assert place.kiosk("rollback", "--last") == 0
    assert running[-1][2] == {"last": True}
    assert "the station starts again with the set before" in capsys.readouterr().out
    before = load_box(place.base, place.data).version
    monkeypatch.setattr(Answers, "version", before)
    (place.base / "hall.toml").write_text(hall(4), "utf-8")
    assert place.kiosk("show") == 0
    assert f"stored only: the station still runs with {before}" in capsys.readouterr().out


def test_what_does_not_load_is_not_even_tried(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.new / "hall.toml").write_text(hall(60), "utf-8")
    assert place.kiosk("try", place.new, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["mistakes"][0]["remedy"] == {"zh": "请用 1 到 9。", "en": "Use 1 to 9."}
    assert told["mistakes"][0]["file"] == str(place.new / "hall.toml"), "the one that was named"
    assert box.trial(place.data) is None


def test_a_file_of_the_boxs_own_can_be_dropped(place: Place) -> None:
    box.put(place.base, place.data, {"hall.toml": hall(5)})
    assert place.kiosk("try", "--no-wait", "--drop", "hall.toml") == 0
    assert box.settle(place.base, place.data).on_trial
    assert load_box(place.base, place.data).plan.recall_limit == 3


@pytest.mark.parametrize("words", [("try",), ("try", "nowhere"), ("sign",), ("keygen",), ("schema", "x.toml")])
def test_wrongly_asked_is_2_with_how_to_ask(place: Place, words: tuple[str, ...]) -> None:
    assert place.kiosk(*words) == 2


# --- a station that runs ----------------------------------------------------------------------------------------------


class Answers(BaseHTTPRequestHandler):
    """The technician's API as it is agreed, with the real box behind it."""

    place: Place
    asked: list[tuple[str, str, Any]]
    version = ""  # it was started with; "" = what is stored

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._say(200, {"version": self.version or load_box(self.place.base, self.place.data).version})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], body))
        if self.headers["Authorization"] != "Bearer tech-secret":
            self._say(401, {"title": "Log in", "remedy": "Use the token."})
        elif self.path == "/tech/config/try":
            until = box.try_files(self.place.base, self.place.data, body["files"], NOW).until_ms
            box.settle(self.place.base, self.place.data)
            self._say(200, {"confirm_by_ms": until})
        else:
            if body.get("last"):
                box.previous(self.place.base, self.place.data)
            else:
                {"/tech/config/confirm": box.confirm, "/tech/config/rollback": box.rollback}[self.path](self.place.data)
            self._say(200, {})

    def _say(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def running(place: Place) -> Iterator[list[tuple[str, str, Any]]]:
    asked: list[tuple[str, str, Any]] = []
    handler = type("Bound", (Answers,), {"place": place, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", place.port), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_running_station_is_asked_with_its_own_token(
    place: Place, running: list[tuple[str, str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    (place.new / "hall.toml").write_text(hall(6), "utf-8")
    assert place.kiosk("try", place.new) == 2
    assert "tech.token" in capsys.readouterr().err
    (place.data / "tech.token").write_text("tech-secret\n")
    assert place.kiosk("try", "--no-wait", place.new, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"confirm_by_ms": NOW + 60_000, "station": True}
    assert running[-1] == ("/tech/config/try", "Bearer tech-secret", {"files": {"hall.toml": hall(6)}})
    assert place.kiosk("confirm") == 0
    assert load_box(place.base, place.data).plan.recall_limit == 6


def test_what_the_station_refuses_is_shown_with_its_remedy(
    place: Place, running: list[tuple[str, str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    (place.data / "tech.token").write_text("wrong")
    assert place.kiosk("rollback") == 1
    assert "Use the token." in capsys.readouterr().err


# --- schemas and signing ----------------------------------------------------------------------------------------------


def test_schemas_for_the_editor(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.kiosk("schema", "--out", place.new) == 0
    assert f"#:schema {place.new / 'hall.schema.json'}" in capsys.readouterr().out
    assert len(list(place.new.glob("*.schema.json"))) == 6
    assert place.kiosk("schema", "devices.toml") == 0
    assert "oneOf" in capsys.readouterr().out


def test_from_the_key_to_a_hall_that_takes_it(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    key, out = place.new / "company.pem", place.new / "envelope.json"
    assert place.kiosk("keygen", "--key", key, "--json") == 0
    public = json.loads(capsys.readouterr().out)["public"]
    (place.new / "hall.toml").write_text(hall(6), "utf-8")
    words = ("sign", place.new, "--key", key, "--station", "S1", "--version", "1", "--out", out)
    assert place.kiosk(*words, "--lock", "hall.toml", "--days", "30") == 0
    (place.base / "station.toml").write_text(station(config_keys=f'["{public}"]'), "utf-8")
    assert accept(place.base, place.data, out.read_bytes(), 0) is not None
    assert place.kiosk("show") == 0
    shown = capsys.readouterr().out
    assert "(locked)" in shown
    assert "signed: hall.recall_limit: 3 -> 6" in shown
    assert place.kiosk("keygen", "--key", key) == 2, "never over an old one"


def test_a_whole_folder_with_mistakes_is_not_signed(place: Place, tmp_path: Path) -> None:
    folder = copy(tmp_path / "company")
    (folder / "hall.toml").write_text(hall(60), "utf-8")
    key = place.new / "company.pem"
    assert place.kiosk("keygen", "--key", key) == 0
    words = ("sign", folder, "--key", key, "--station", "S1", "--version", "1", "--out", place.new / "e.json")
    assert place.kiosk(*words) == 1
    assert not (place.new / "e.json").exists()
