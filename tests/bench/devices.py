"""The lines themselves: bytes against line speed, plug-in to ready, what idle devices cost, a full repaint of a long bus."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devices.bus.bus import Rs485Bus
from devices.bus.simulator import BusSimulator
from devices.bus.wire import Timing, timing
from devices.hotplug import HotPlug, LookingSource
from devices.keypad.codec import PadCodec
from devices.keypad.description import PadDescription
from devices.keypad.description import load as load_pads
from devices.keypad.driver import FrameKeypad, FrameRatingPad
from devices.keypad.simulator import PadSimulator
from devices.led.codec import FrameCodec
from devices.led.description import FrameDescription, load, parse
from devices.led.driver import CodecSign
from devices.led.simulator import SignSimulator
from devices.ports import DONE, Health, Outcome, SignText
from devices.printer.driver import EscposPrinter
from devices.printer.simulator import PrinterSimulator
from devices.supervisor import Limits, Supervisor
from devices.transport import deadline_in, open_line
from tests.bench import halls
from tests.bench.figure import Figure
from tests.bench.lines import SlowLine

WAIT_S = 60.0
IDLE = 20
SIGNS = 200
PADS = 10  # of each kind
BAUD = 9600
SUM8 = halls.DEMO / "signs" / "sum8.toml"
KEYPADS = halls.DEMO / "keypads"


# --- bytes to the wire -------------------------------------------------------------------------------------------------


class PacedPty:
    """A UART behind a pty: takes bytes off at `bytes_per_s`; when it has nothing to send, that time is lost."""

    def __init__(self, bytes_per_s: float) -> None:
        self._per_s = bytes_per_s
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.where = f"serial://{os.ttyname(self._slave)}"
        self.done_at = 0.0

    def take(self, n: int) -> None:
        """Until `n` bytes are on the wire: `done_at` is when the last bit was."""
        ready, taken = 0.0, 0
        while taken < n:
            if not ready or not self._waiting():
                select.select([self._master], [], [], WAIT_S)
                ready = max(ready, time.monotonic())
            got = len(os.read(self._master, 8))
            taken += got
            ready += got / self._per_s
            halls.pause(max(0.0, ready - time.monotonic()))
        self.done_at = ready

    def _waiting(self) -> int:
        raw = fcntl.ioctl(self._master, termios.FIONREAD, b"\0" * 4)
        return int(struct.unpack("i", raw)[0])

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)


def speed(baud: int, seconds: float) -> Figure:
    per_s = baud / 10
    n = int(per_s * seconds)
    wire = PacedPty(per_s)
    line = open_line(f"{wire.where}?baud={baud}")
    reader = threading.Thread(target=wire.take, args=(n,))
    reader.start()
    begin = time.monotonic()
    line.write(bytes(n), deadline_in(WAIT_S))
    reader.join(WAIT_S)
    line.close()
    wire.close()
    per = n / (wire.done_at - begin)
    return Figure(f"bytes to the wire, {baud:,} baud", per, "bytes/s", per / per_s, "≥ 0.95×", "the line's speed")


# --- plug-in to ready --------------------------------------------------------------------------------------------------


class Ready:
    """A supervised printer, and when it said that it is ready."""

    def __init__(self, where: str) -> None:
        self._news = threading.Condition()
        self.state, self.at = "", 0.0
        self.supervisor: Supervisor[EscposPrinter, Any] = Supervisor(
            "printer",
            EscposPrinter(where),
            lambda driver, job: DONE,
            self._on_health,
            lambda job, outcome: None,
            jitter=lambda step: 30.0,  # as after a night away
        )

    def _on_health(self, health: Health) -> None:
        with self._news:
            self.state, self.at = health.state, time.monotonic()
            self._news.notify_all()

    def wait(self, state: str) -> float:
        with self._news:
            if not self._news.wait_for(lambda: self.state == state, WAIT_S):
                raise TimeoutError(f"the printer is {self.state}, not {state}")
            return self.at


def plugged(times: int) -> Figure:
    """A pty's link appears where the port was; found by looking, which is the slow way: udev tells at once."""
    taken = []
    for _ in range(times):
        printer = PrinterSimulator.on_pty()
        printer.start()
        path = Path(printer.where.removeprefix("serial://").partition("?")[0])
        printer.set_fault("unplugged")
        ready = Ready(printer.where)
        hot = HotPlug(source=lambda: LookingSource("measured", [path.parent]), look_s=0.05)  # noqa: B023
        hot.watch("printer", printer.where, lambda: ready.supervisor.refresh(if_away=True))  # noqa: B023
        ready.supervisor.start()
        ready.wait("backoff")
        hot.start()
        begin = time.monotonic()
        printer.clear_fault()
        taken.append(ready.wait("ready") - begin)
        hot.stop()
        ready.supervisor.stop()
        printer.stop()
    value = max(taken)
    return Figure(
        "plug-in → ready, the slowest", value, "s", value, "≤ 1 s", "told within 50 ms; a printer away for a night"
    )


# --- idle --------------------------------------------------------------------------------------------------------------


def far_ends() -> None:
    """In a process of its own: half printers, half lines of signs; their addresses on stdout, until stdin ends."""
    ends: list[Any] = [PrinterSimulator("127.0.0.1", 0) for _ in range(IDLE // 2)]
    ends += [SignSimulator("127.0.0.1", 0, load(SUM8)) for _ in range(IDLE - IDLE // 2)]
    for end in ends:
        end.start()
    print(*(end.where for end in ends), flush=True)
    sys.stdin.read()


@contextmanager
def others() -> Iterator[list[str]]:
    code = "from tests.bench.devices import far_ends; far_ends()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=halls.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().split()
        finally:
            process.stdin.close()
            process.terminate()


def idle(seconds: float) -> Figure:
    description = load(SUM8)
    with others() as wheres:
        drivers: list[Any] = [EscposPrinter(where) for where in wheres[: IDLE // 2]]
        drivers += [CodecSign(where, FrameCodec(description)) for where in wheres[IDLE // 2 :]]
        supervisors: list[Supervisor[Any, SignText]] = [
            Supervisor(str(n), driver, _show, lambda health: None, lambda job, outcome: None)
            for n, driver in enumerate(drivers)
        ]
        for supervisor in supervisors:
            supervisor.start()
        for signs in supervisors[IDLE // 2 :]:
            for address in (1, 2, 3, 4):
                signs.keep(address, SignText(address, f"A00{address}"))
        _until(lambda: all(s.health.state == "ready" for s in supervisors), "all devices ready")
        halls.pause(1.0)
        used, begin = time.process_time(), time.monotonic()
        halls.pause(seconds)
        percent = 100 * (time.process_time() - used) / (time.monotonic() - begin)
        for supervisor in supervisors:
            supervisor.stop()
    return Figure(
        f"{IDLE} idle devices", percent, "% of a core", percent, "≤ 2 %", "half printers, half lines of 4 signs"
    )


def _show(driver: Any, text: SignText) -> Outcome:
    outcome: Outcome = driver.show(text, 10.0)
    return outcome


# --- a long bus --------------------------------------------------------------------------------------------------------


@contextmanager
def long_bus(*far_ends: Any) -> Iterator[Rs485Bus]:
    """One wire at BAUD to all of them."""
    hub = BusSimulator("bus", "tcp://127.0.0.1:0")
    hub.start()
    for end in far_ends:
        end.start()
        hub.attach(end.where)
    with SlowLine(int(hub.where.rpartition(":")[2]), BAUD // 10) as slow:
        bus = Rs485Bus(f"tcp://127.0.0.1:{slow.port}", timing(BAUD))
        bus.open()
        yield bus
        bus.close()
    for end in (hub, *far_ends):
        end.stop()


def painted(bus: Rs485Bus, codec: FrameCodec, simulator: SignSimulator, texts: list[SignText]) -> float:
    """Seconds from the moment all signs get another text until the last one shows it."""
    done = _Count()
    supervisor = Supervisor(
        "signs",
        CodecSign("bus:b", codec, lambda where: bus.line(where, "signs"), repaint_s=0),
        _show,
        lambda health: None,
        lambda job, outcome: done.add(outcome),
        limits=Limits(keys=len(texts)),
    )
    supervisor.start()
    _until(lambda: supervisor.health.state == "ready", "the bus")
    begin = time.monotonic()
    for text in texts:
        supervisor.keep(text.address, text)
    if not simulator.wait_for(texts[-1].address, texts[-1].text, WAIT_S):
        raise TimeoutError("the last sign does not show its text")
    taken = time.monotonic() - begin
    done.wait(len(texts))
    supervisor.stop()
    return taken


def repaint(description: FrameDescription, signs: int) -> Figure:
    codec, simulator, texts = _hall(description, signs)
    with long_bus(simulator) as bus:
        taken = painted(bus, codec, simulator, texts)
    ideal = _ideal([frame for text in texts for frame in codec.frames(text)], timing(BAUD))
    name = f"full repaint of {signs} signs on one bus"
    return Figure(name, taken, "s", taken / ideal, "≤ 1.05×", f"the sum of frame times and gaps at {BAUD:,} baud")


def repaint_beside_pads(description: FrameDescription, signs: int) -> Figure:
    """The same, while keypads and rating pads on the wire are polled, each kind by its driver."""
    codec, simulator, texts = _hall(description, signs)
    wire = timing(BAUD)
    keys, scores = load_pads(KEYPADS / "polled.toml"), load_pads(KEYPADS / "rating_polled.toml", rating=True)
    kinds = [(FrameKeypad, keys, signs + 1), (FrameRatingPad, scores, signs + 1 + PADS)]
    far_ends = [PadSimulator("127.0.0.1", 0, pads, range(first, first + PADS)) for _, pads, first in kinds]
    with long_bus(simulator, *far_ends) as bus:
        drivers = [
            make("bus:b", pads, range(first, first + PADS), lambda where: bus.line(where, "pads"))
            for make, pads, first in kinds
        ]
        supervisors: list[Supervisor[Any, Any]] = [
            Supervisor(str(n), driver, _show, lambda health: None, lambda job, outcome: None)
            for n, driver in enumerate(drivers)
        ]
        for supervisor in supervisors:
            supervisor.start()
        _until(lambda: all(s.health.state == "ready" for s in supervisors), "the pads")
        before = [end.polled for end in far_ends]
        taken = painted(bus, codec, simulator, texts)
        polls = [end.polled - was for end, was in zip(far_ends, before, strict=True)]
        for supervisor in supervisors:
            supervisor.stop()
    ideal = _ideal([frame for text in texts for frame in codec.frames(text)], wire)
    ideal += sum(n * _poll_s(pads, first, wire) for n, (_, pads, first) in zip(polls, kinds, strict=True))
    name = f"full repaint of {signs} signs beside {2 * PADS} polled pads of two kinds"
    return Figure(name, taken, "s", taken / ideal, "≤ 1.05×", f"the same and the wire time of {sum(polls)} polls")


def _hall(description: FrameDescription, signs: int) -> tuple[FrameCodec, SignSimulator, list[SignText]]:
    simulator = SignSimulator("127.0.0.1", 0, description, addresses=range(1, signs + 1))
    texts = [SignText(n, f"A{n:03} 请到{n % 9 + 1}号窗口", blink=True) for n in range(1, signs + 1)]
    return FrameCodec(description), simulator, texts


def _poll_s(pads: PadDescription, address: int, wire: Timing) -> float:
    """Question and answer of a pad with no key pressed, each with the gap that follows it."""
    codec = PadCodec(pads)
    assert pads.answer is not None
    nothing = codec.plain(pads.nothing, address) or codec.key(pads.answer, address, pads.none or 0, 0)
    return (len(codec.poll(address)) + len(nothing)) * wire.character_s + 2 * wire.gap_s


def _ideal(frames: list[bytes], wire: Timing) -> float:
    """Every frame, and the gap before the next one."""
    return sum(map(len, frames)) * wire.character_s + (len(frames) - 1) * wire.gap_s


class _Count:
    def __init__(self) -> None:
        self._news = threading.Condition()
        self._outcomes: list[str] = []

    def add(self, outcome: Outcome) -> None:
        with self._news:
            self._outcomes.append(outcome.kind)
            self._news.notify_all()

    def wait(self, n: int) -> None:
        with self._news:
            if not self._news.wait_for(lambda: len(self._outcomes) >= n, WAIT_S) or set(self._outcomes) != {"done"}:
                raise TimeoutError(f"of {n} texts: {self._outcomes}")


def _until(true: Any, what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not true():
        if time.monotonic() >= end:
            raise TimeoutError(f"{what}: not within {WAIT_S:.0f} s")
        halls.pause(0.01)


def work(quick: bool) -> list[Figure]:
    text = SUM8.read_text("utf-8")
    mute = parse(text[: text.index("# What the sign answers")], "mute.toml")
    return [
        *(speed(baud, 1.0 if quick else 3.0) for baud in (9_600, 115_200)),
        plugged(3 if quick else 7),
        idle(3.0 if quick else 10.0),
        repaint(mute, 20 if quick else SIGNS),
        repaint_beside_pads(mute, 60 if quick else SIGNS),  # so long that pads are polled at all
    ]
