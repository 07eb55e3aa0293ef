"""A network camera that speaks real HTTP: photos, and each fault with its outcome, in time, nothing left behind."""

from __future__ import annotations

import http.server
import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from devices.camera.kinds import KINDS, MjpegOptions
from devices.camera.network import MjpegCamera
from devices.camera.simulator import CameraSimulator, picture
from devices.catalog import Site
from devices.ports import Camera, DeviceError
from devices.transport import Line, LineClosed, LineError, open_line
from tests.devices.scanner.counting import nothing_left

Pair = tuple[CameraSimulator, MjpegCamera]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with nothing_left():
        simulator = CameraSimulator("c", "tcp://127.0.0.1:0", "/video")
        simulator.start()
        driver = MjpegCamera(simulator.where, path="/video")
        driver.open()
        yield simulator, driver
        driver.close()
        simulator.stop()


def test_a_photo_is_the_second_picture_of_the_stream(pair: Pair) -> None:
    simulator, driver = pair
    port: Camera = driver
    assert port.photo(2) == picture(2)
    assert Image.open(io.BytesIO(port.photo(2))).size == (160, 120)
    assert simulator.requests == ["GET /video HTTP/1.0"] * 2 and port.probe().state == "ready"


@pytest.mark.parametrize("fault", ["slow", "one_byte", "without_length", "snapshot"])
def test_difficult_lines_and_other_makes_still_give_a_photo(pair: Pair, fault: str) -> None:
    simulator, driver = pair
    simulator.set_fault(fault)
    assert driver.photo(3) in (picture(1), picture(2))


@pytest.mark.parametrize(
    ("fault", "error", "why"),
    [
        ("silent", "LineTimeout", "in time"),
        ("no_frames", "LineTimeout", "in time"),
        ("truncated", "LineTimeout", "do not begin and end as a JPEG"),
        ("refused", "NotReady", "set user and password"),
        ("wrong_type", "DeviceError", "'text/html'"),
        ("half_close", "DeviceError", "no whole picture came"),
        ("unplugged", "LineClosed", "cannot be opened"),
    ],
)
def test_each_fault_has_its_error_in_time_and_passes(pair: Pair, fault: str, error: str, why: str) -> None:
    simulator, driver = pair
    simulator.set_fault(fault)
    start = time.monotonic()
    with pytest.raises(DeviceError) as caught:
        driver.photo(0.5)
    assert (type(caught.value).__name__, why in str(caught.value)) == (error, True), caught.value
    assert time.monotonic() - start < 1
    simulator.set_fault("")
    assert driver.photo(2)


def test_a_path_that_is_not_there_says_so(pair: Pair) -> None:
    other = MjpegCamera(pair[0].where, path="/other")
    other.open()
    with pytest.raises(DeviceError, match="set path as its manual says"):
        other.photo(2)
    other.close()


def test_a_camera_that_went_is_noticed_by_the_probe_which_knocks_seldom(pair: Pair) -> None:
    simulator, _ = pair
    now = [100.0]
    driver = MjpegCamera(simulator.where, now=lambda: now[0])
    driver.open()
    simulator.set_fault("unplugged")
    assert driver.probe().state == "ready"
    now[0] += 15
    with pytest.raises(LineClosed):
        driver.probe()
    driver.close()
    with pytest.raises(LineError):
        driver.open()
    assert driver.probe().state == "absent"


def test_close_from_another_thread_ends_a_photo_that_waits(pair: Pair) -> None:
    simulator, driver = pair
    simulator.set_fault("no_frames")
    closer = threading.Timer(0.2, driver.close)
    closer.start()
    start = time.monotonic()
    with pytest.raises(LineClosed):
        driver.photo(30)
    closer.join()
    assert time.monotonic() - start < 2


def test_no_picture_is_in_the_log_of_the_line(pair: Pair) -> None:
    lines: list[Line] = []

    def opener(where: str) -> Line:
        lines.append(open_line(where))
        return lines[-1]

    driver = MjpegCamera(pair[0].where, path="/video", opener=opener)
    driver.open()
    assert driver.photo(2)
    driver.close()
    log = lines[-1].hex_log()
    assert log and all("personal" in line for line in log)


def test_an_independent_server_that_asks_for_a_password() -> None:
    """Python's own HTTP server, which shares no code with the simulator."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Authorization"] != "Basic YWRtaW46c2VjcmV0":
                self.send_error(401)
                return
            jpeg = picture(7)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(jpeg)))
            self.end_headers()
            self.wfile.write(jpeg)

        def log_message(self, *words: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        where = f"tcp://127.0.0.1:{server.server_port}"
        known, unknown = MjpegCamera(where, user="admin", password="secret"), MjpegCamera(where)
        for driver in (known, unknown):
            driver.open()
        assert known.photo(2) == picture(7)
        with pytest.raises(DeviceError, match="HTTP 401"):
            unknown.photo(2)
        server.shutdown()
        thread.join()


def test_options_that_mean_nothing_are_named(tmp_path: Path) -> None:
    kind = KINDS[1]
    site = Site("c", "tcp://127.0.0.1:0", tmp_path, tmp_path)
    assert not list(kind.check(site, MjpegOptions()))
    for path in ("video", "/a b", "/视频", "/a\r\nX: y"):
        assert [slip.key for slip in kind.check(site, MjpegOptions(path=path))] == ["path"]
    assert kind.simulator is not None
    simulator = kind.simulator(site, MjpegOptions(path="/x"))
    simulator.start()
    driver = kind.make(Site("c", simulator.where, tmp_path, tmp_path), MjpegOptions(path="/x"))
    driver.open()
    assert driver.photo(2).startswith(b"\xff\xd8")  # type: ignore[attr-defined]
    driver.close()
    simulator.stop()
