"""A printer at the other end of a real wire, and the check that nothing stays open when the test ends."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from devices.ports import Columns, Feed, Paper, QRCode, Rule, Text
from devices.printer.driver import EscposPrinter
from devices.printer.simulator import PrinterSimulator

URL = "http://192.168.1.20:8700/t/3f1c9a5e7b2d4c6880a1b2c3d4e5f607#A001"


def ticket(job: str = "t1", number: str = "A001") -> Paper:
    return Paper(
        job,
        (
            Text("光明供电营业厅", "center", 2, True),
            Text("您的号码 Your number", "center"),
            Text(number, "center", 5, True),
            Rule(),
            Columns("前面等候 Ahead", "3 位"),
            Columns("预计等候 Expected wait", "12–18 分钟", True),
            Text("请带好身份证原件，现金￥100 以内。"),
            Feed(1),
            QRCode(URL.replace("A001", number), 5),
        ),
    )


def open_fds() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def make(wire: str, bytes_per_s: int = 0) -> PrinterSimulator:
    return PrinterSimulator.on_pty(bytes_per_s) if wire == "pty" else PrinterSimulator(port=0, bytes_per_s=bytes_per_s)


@pytest.fixture(params=["tcp", "pty"])
def simulator(request: pytest.FixtureRequest) -> Iterator[PrinterSimulator]:
    before, others = open_fds(), set(threading.enumerate())
    simulator = make(request.param)
    simulator.start()
    yield simulator
    simulator.stop()
    assert not [t for t in set(threading.enumerate()) - others if t.name == "printer-simulator"]
    assert open_fds() == before


@pytest.fixture
def printer(simulator: PrinterSimulator) -> Iterator[EscposPrinter]:
    printer = EscposPrinter(simulator.where)
    printer.open()
    yield printer
    printer.close()


def drawing(width: int, height: int, mode: str = "L") -> bytes:
    """A PNG: a frame, a disc and a diagonal, black on white."""
    picture = Image.new(mode, (width, height), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, width - 1, height - 1), outline="black", width=max(2, width // 60))
    pen.ellipse((width * 0.1, height * 0.2, width * 0.1 + height * 0.6, height * 0.8), fill="black")
    pen.line((width * 0.5, height * 0.8, width * 0.9, height * 0.2), fill="black", width=max(2, width // 40))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
