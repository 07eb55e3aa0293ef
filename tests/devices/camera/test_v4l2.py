"""A V4L2 camera whose kernel side is played by camera.c: photos, and each fault with its outcome."""

from __future__ import annotations

import base64
import ctypes
import io
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from devices.camera import v4l2
from devices.camera.driver import V4l2Camera
from devices.camera.kinds import KINDS, V4l2Options
from devices.camera.simulator import picture
from devices.catalog import Site
from devices.transport import BadAddress, LineClosed
from tests.devices.scanner.shims import Played, build, played

HERE = Path(__file__).parent
STRIDE = 2 * 160 + 32


@dataclass
class Bench:
    camera: Played
    fault: Path
    frames: Path
    log: Path

    def photo(self, deadline_s: float = 2.0) -> Any:
        return self.camera.do("photo", deadline_s)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    library = build(HERE / "camera.c", tmp_path)
    fault, frames, log = tmp_path / "fault", tmp_path / "frames", tmp_path / "log"
    write(frames, [picture(number) for number in range(6)])
    environment = {
        "CAMERA_PATH": str(tmp_path / "pci-0000-video-index0"),
        "CAMERA_FAULT": str(fault),
        "CAMERA_FRAMES": str(frames),
        "CAMERA_LOG": str(log),
    }
    with played(HERE / "play_camera.py", library, environment) as camera:
        yield Bench(camera, fault, frames, log)


def write(path: Path, frames: list[bytes]) -> None:
    path.write_bytes(b"".join(struct.pack("=I", len(frame)) + frame for frame in frames))


def image(answer: Any) -> Image.Image:
    assert "said" in answer, answer
    shown = Image.open(io.BytesIO(base64.b64decode(answer["said"])))
    shown.load()
    return shown


def test_the_structs_and_numbers_are_those_of_the_kernels_header(tmp_path: Path) -> None:
    names = ["v4l2_capability", "v4l2_format", "v4l2_requestbuffers", "v4l2_buffer"]
    calls = ["QUERYCAP", "S_FMT", "REQBUFS", "QUERYBUF", "QBUF", "DQBUF", "STREAMON", "STREAMOFF"]
    values = [f"sizeof(struct {name})" for name in names] + [f"(unsigned int)VIDIOC_{call}" for call in calls]
    values += ["offsetof(struct v4l2_buffer, m)", "offsetof(struct v4l2_format, fmt)"]
    source = tmp_path / "sizes.c"
    prints = "".join(f'printf("%lu\\n", (unsigned long){value});' for value in values)
    source.write_text(
        f"#include <stddef.h>\n#include <stdio.h>\n#include <linux/videodev2.h>\nint main(void) {{ {prints} }}"
    )
    subprocess.run(["gcc", "-o", str(tmp_path / "sizes"), str(source)], check=True)
    said = subprocess.run([str(tmp_path / "sizes")], check=True, capture_output=True, text=True).stdout.split()
    ours = [ctypes.sizeof(s) for s in (v4l2.Capability, v4l2.Format, v4l2.RequestBuffers, v4l2.Buffer)]
    ours += [getattr(v4l2, f"VIDIOC_{call}") for call in calls] + [v4l2.Buffer.m.offset, v4l2.Format.fmt.offset]
    assert [int(value) for value in said] == ours


def test_a_photo_is_a_whole_frame_after_the_warm_up_and_everything_is_given_back(bench: Bench) -> None:
    assert "said" in bench.camera.do("open")
    before = bench.camera.do("count")["said"]
    jpeg = base64.b64decode(bench.photo()["said"])
    assert jpeg == picture(2)  # two frames are dropped
    for _ in range(5):
        assert image(bench.photo()).size == (160, 120)
    assert bench.log.read_text().split("\n")[:4] == ["REQBUFS 4", "STREAMON 0", "STREAMOFF 0", "REQBUFS 0"]
    assert bench.camera.do("count")["said"] == before
    assert "ready" in bench.camera.do("probe")["said"]


@pytest.mark.parametrize("fault", ["padded", "flagged"])
def test_padding_is_cut_and_frames_the_kernel_calls_broken_are_passed_over(bench: Bench, fault: str) -> None:
    bench.fault.write_text(fault)
    bench.camera.do("open")
    jpeg = base64.b64decode(bench.photo()["said"])
    assert jpeg in [picture(number) for number in range(2, 6)]


def test_yuyv_becomes_a_jpeg_of_the_same_colours(bench: Bench) -> None:
    bench.fault.write_text("yuyv")
    red = (81, 90, 240)  # Y, Cb, Cr of pure red (ITU-T T.871)
    row = bytes((red[0], red[1], red[0], red[2])) * 80 + b"\xee" * 32
    write(bench.frames, [row * 120] * 3)
    bench.camera.do("open")
    shown = image(bench.photo())
    r, g, b = shown.convert("RGB").getpixel((80, 60))  # type: ignore[misc]
    assert shown.size == (160, 120) and r > 200 and g < 40 and b < 40


@pytest.mark.parametrize(
    ("fault", "error", "why"),
    [
        ("no_frames", "LineTimeout", "no picture in time"),
        ("gone", "LineClosed", "not there"),
        ("gone_later", "LineClosed", "not there"),
        ("busy", "NotReady", "another program uses it"),
        ("truncated", "DeviceError", "10 broken frames in a row"),
        ("empty", "DeviceError", "10 broken frames in a row"),
    ],
)
def test_each_fault_of_a_photo_has_its_error_in_time_and_leaves_nothing(
    bench: Bench, fault: str, error: str, why: str
) -> None:
    bench.camera.do("open")
    before = bench.camera.do("count")["said"]
    bench.fault.write_text(fault)
    said = bench.photo(0.5)
    assert (said["error"], why in said["why"]) == (error, True), said
    assert said["seconds"] < 1.0
    assert bench.camera.do("count")["said"] == before
    bench.fault.write_text("")
    if fault == "gone":
        bench.camera.do("close")
        assert "said" in bench.camera.do("open")
    assert image(bench.photo()).size == (160, 120)


@pytest.mark.parametrize(
    ("fault", "error", "why"),
    [
        ("gone", "LineClosed", "not there"),
        ("no_camera", "DeviceError", "this is no camera"),
        ("metadata", "DeviceError", "name its first node"),
        ("wrong_format", "DeviceError", "it gives only GREY"),
        ("busy_format", "NotReady", "another program uses it"),
    ],
)
def test_each_fault_of_opening_has_its_error_and_leaves_nothing(bench: Bench, fault: str, error: str, why: str) -> None:
    bench.camera.do("open")
    bench.camera.do("close")
    before = bench.camera.do("count")["said"]  # the played kernel keeps some of its own once it was opened
    bench.fault.write_text(fault)
    said = bench.camera.do("open")
    assert (said["error"], why in said["why"]) == (error, True), said
    assert bench.camera.do("count")["said"] == before
    bench.fault.write_text("")
    assert "said" in bench.camera.do("open")


def test_close_from_another_thread_ends_a_photo_that_waits(bench: Bench) -> None:
    bench.camera.do("open")
    bench.fault.write_text("no_frames")
    bench.camera.do("close_soon", 0.2)
    said = bench.photo(30)
    assert said["error"] == "LineClosed" and said["seconds"] < 2
    assert "absent" in bench.camera.do("probe")["said"]


def test_addresses_and_options_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAddress):
        V4l2Camera("tcp://camera").open()
    with pytest.raises(LineClosed, match="group video"):
        V4l2Camera("v4l2:///dev/v4l/by-path/none").open()
    kind = KINDS[0]
    moving = Site("c", "v4l2:///dev/video0", tmp_path, tmp_path)
    slips = kind.check(moving, V4l2Options(width=1, height=99999, warmup=-1))
    assert [slip.key for slip in slips] == ["where", "width", "height", "warmup"]
    assert not list(kind.check(Site("c", "v4l2:///dev/v4l/by-path/x-video-index0", tmp_path, tmp_path), V4l2Options()))
