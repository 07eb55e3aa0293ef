"""One wire, several devices: turns, gaps, echo, and a lost adapter that everybody hears of. The bytes are real."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from devices.bus.bus import BusLine, Rs485Bus, quarantine_of
from devices.bus.simulator import BusSimulator
from devices.bus.wire import timing
from devices.fdline import FdLine
from devices.led.codec import FrameCodec
from devices.led.description import load
from devices.led.driver import CodecSign
from devices.led.simulator import SignSimulator
from devices.line import LineClosed, LineTimeout, deadline_in
from devices.ports import DONE, SignText
from devices.transport import open_line

SUM8 = load(Path(__file__).parents[3] / "config" / "signs" / "sum8.toml")
FAST = timing(115_200)


def open_fds() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Far:
    """The far end of the wire, held by the test: a pty whose master it reads and writes."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        self.line = open_line(f"serial://{os.ttyname(self._slave)}?baud=115200")  # sets the tty raw
        self.line.close()
        self.where = f"serial://{os.ttyname(self._slave)}?baud=115200"

    def read(self, n: int) -> bytes:
        data = b""
        while len(data) < n:
            data += os.read(self.master, n - len(data))
        return data

    def say(self, data: bytes) -> None:
        os.write(self.master, data)

    def answer(self, n: int, data: bytes) -> threading.Thread:
        """As soon as `n` bytes have come, say `data`."""

        def work() -> None:
            self.read(n)
            self.say(data)

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def close(self) -> None:
        os.close(self._slave)
        os.close(self.master)


@pytest.fixture
def far() -> Iterator[Far]:
    before = open_fds()
    far = Far()
    yield far
    far.close()
    assert open_fds() == before


def bus_on(far: Far, echo: bool = False) -> Rs485Bus:
    bus = Rs485Bus(far.where, FAST, echo)
    bus.open()
    return bus


@pytest.fixture
def bus(far: Far) -> Iterator[Rs485Bus]:
    bus = bus_on(far)
    yield bus
    bus.close()


def within(seconds: float, true: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not true() and time.monotonic() < end:
        pause.wait(0.005)
    return true()


# --- two drivers at work ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:0", "pty:"])
def test_two_drivers_share_the_wire_and_neither_takes_the_others_answer(where: str) -> None:
    fds, threads = open_fds(), threading.active_count()
    simulators = [SignSimulator("127.0.0.1", 0, SUM8, addresses=(1, 2)), SignSimulator("", 0, SUM8, addresses=(3, 4))]
    wire = BusSimulator("bus", where)
    for simulator in simulators:
        simulator.start()
    wire.start()
    for simulator in simulators:
        wire.attach(simulator.where)
    bus = Rs485Bus(wire.where, FAST)
    bus.open()
    drivers = [CodecSign("bus:b", FrameCodec(SUM8), partial(bus.line, device=f"signs{n}")) for n in (0, 1)]
    outcomes: list[object] = []

    def paint(n: int) -> None:
        drivers[n].open()
        for round in range(6):
            for address in simulators[n].addresses:
                outcomes.append(drivers[n].show(SignText(address, f"A{round}{address}"), 2.0))

    painters = [threading.Thread(target=paint, args=(n,)) for n in (0, 1)]
    for painter in painters:
        painter.start()
    for painter in painters:
        painter.join(20)
    assert outcomes == [DONE] * 24
    assert [s.showing for s in simulators] == [{1: "A51", 2: "A52"}, {3: "A53", 4: "A54"}]
    assert bus.probe().state == "ready"
    for driver in drivers:
        driver.close()
    bus.close()
    wire.stop()
    for simulator in simulators:
        simulator.stop()
    assert (open_fds(), threading.active_count()) == (fds, threads)


def test_who_holds_its_turn_keeps_the_others_off_until_it_gives_it_back(bus: Rs485Bus, far: Far) -> None:
    first, second = bus.line("bus:b", "first"), bus.line("bus:b", "second")
    order: list[str] = []

    def other() -> None:
        second.write(b"2", deadline_in(5))
        order.append("second wrote")

    with first.turn(deadline_in(1)):
        first.write(b"1", deadline_in(1))
        thread = threading.Thread(target=other)
        thread.start()
        far.say(b"a")
        assert first.read(1, deadline_in(1)) == b"a"
        far.say(b"b")
        assert first.read(1, deadline_in(1)) == b"b"
        order.append("first is done")
    thread.join(5)
    assert order == ["first is done", "second wrote"]
    assert far.read(2) == b"12"
    assert [entry.split(" ", 1)[1] for entry in first.hex_log()] == ["> 31", "< 61", "< 62"]


def test_a_driver_that_knows_no_turns_keeps_the_wire_while_its_answer_comes(bus: Rs485Bus, far: Far) -> None:
    first, second = bus.line("bus:b", "first"), bus.line("bus:b", "second")
    first.write(b"1", deadline_in(1))
    thread = threading.Thread(target=second.write, args=(b"2", deadline_in(5)))
    thread.start()
    far.say(b"ab")
    assert first.read(2, deadline_in(1)) == b"ab"
    thread.join(5)
    assert second.read_some(deadline_in(0.05)) == b""  # not the answer to the first
    assert far.read(2) == b"12"


def test_a_turn_that_does_not_come_is_said_and_nothing_was_written(bus: Rs485Bus, far: Far) -> None:
    first, second = bus.line("bus:b", "first"), bus.line("bus:b", "second")
    with first.turn(deadline_in(1)), pytest.raises(LineTimeout, match="busy") as caught:
        second.write(b"2", deadline_in(0.05))
    assert caught.value.written == 0


def test_an_old_answer_is_not_taken_for_the_next_one(bus: Rs485Bus, far: Far) -> None:
    first, second = bus.line("bus:b", "first"), bus.line("bus:b", "second")
    with first.turn(deadline_in(1)):
        first.write(b"1", deadline_in(1))
    far.read(1)
    far.say(b"late")
    with second.turn(deadline_in(1)):
        second.write(b"2", deadline_in(1))
        thread = far.answer(1, b"ok")
        assert second.read(2, deadline_in(1)) == b"ok"
    thread.join(5)


# --- the wire --------------------------------------------------------------------------------------------------------


def test_between_two_frames_the_wire_is_silent_for_the_gap(far: Far) -> None:
    bus = Rs485Bus(far.where, timing(9600, gap_ms=30))
    bus.open()
    line = bus.line("bus:b", "signs")
    frame = bytes(20)
    begin = time.monotonic()
    for _ in range(3):
        line.write(frame, deadline_in(2))
    taken = time.monotonic() - begin
    assert taken >= 3 * 20 * 10 / 9600 + 2 * 0.030
    bus.close()


def test_the_gap_is_three_and_a_half_characters_but_never_below_the_floor() -> None:
    assert timing(9600).gap_s == pytest.approx(3.5 * 10 / 9600)
    assert timing(9600, 8, "E", 1).character_s == pytest.approx(11 / 9600)
    assert timing(115_200).gap_s == 0.00175
    assert timing(9600, gap_ms=20).gap_s == 0.020


def test_the_own_echo_is_removed(far: Far) -> None:
    bus = bus_on(far, echo=True)
    line = bus.line("bus:b", "signs")
    for _ in range(4):
        thread = far.answer(5, b"hello" + b"\x06")
        line.write(b"hello", deadline_in(1))
        assert line.read(1, deadline_in(1)) == b"\x06"
        thread.join(5)
    assert bus.probe().state == "ready"
    bus.close()


def test_an_echo_that_is_missing_costs_no_answer_and_is_said(far: Far) -> None:
    bus = bus_on(far, echo=True)
    line = bus.line("bus:b", "signs")
    for _ in range(4):
        thread = far.answer(5, b"\x06")
        line.write(b"hello", deadline_in(1))
        assert line.read(1, deadline_in(1)) == b"\x06"
        thread.join(5)
    assert bus.probe().reasons == ("no_echo",)
    assert "echo = false" in bus.probe().detail
    bus.close()


def test_an_echo_nobody_spoke_of_is_said_but_an_answer_that_repeats_the_question_is_none(
    bus: Rs485Bus, far: Far
) -> None:
    line = bus.line("bus:b", "signs")

    def ask(answer: bytes) -> None:
        thread = far.answer(5, answer)
        with line.turn(deadline_in(2)):
            line.write(b"hello", deadline_in(1))
            assert line.read(len(answer), deadline_in(1)) == answer
        thread.join(5)

    for _ in range(4):
        ask(b"hello")  # as Modbus 06 answers
    assert bus.probe().state == "ready"
    for _ in range(4):
        ask(b"hello\x06")
    assert bus.probe().reasons == ("echo",)


# --- listening, waking, closing ----------------------------------------------------------------------------------------


def test_what_a_device_says_unasked_is_heard_by_who_listens(bus: Rs485Bus, far: Far) -> None:
    ear, sign = bus.line("bus:b", "keypads"), bus.line("bus:b", "sign")
    heard: list[bytes] = []
    thread = threading.Thread(target=lambda: heard.append(ear.read_some(deadline_in(5))))
    thread.start()
    assert within(5, lambda: bus.turns.holds(ear))
    begin = time.monotonic()
    sign.write(b"paint", deadline_in(1))  # calls the listener away
    assert time.monotonic() - begin < 0.5
    assert far.read(5) == b"paint"
    assert sign.read_some(deadline_in(0.01)) == b""
    assert within(5, lambda: bus.turns.holds(ear))
    far.say(b"key")
    thread.join(5)
    assert heard == [b"key"]


@pytest.mark.parametrize("call", ["wake", "close", "bus"])
@pytest.mark.parametrize("asked", [True, False])
def test_a_waiting_read_ends_at_once(bus: Rs485Bus, far: Far, call: str, asked: bool) -> None:
    line = bus.line("bus:b", "keypads")
    ended: list[object] = []

    def read() -> None:
        if asked:
            line.write(b"?", deadline_in(1))
        try:
            ended.append(line.read_some(deadline_in(30)))
        except LineClosed as error:
            ended.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    if asked:
        far.read(1)
    assert within(5, lambda: bool(line._in_call) and bus.turns.holds(line))
    begin = time.monotonic()
    {"wake": line.wake, "close": line.close, "bus": bus.close}[call]()
    thread.join(5)
    assert time.monotonic() - begin < 1.0
    assert ended == [b""] if call == "wake" else isinstance(ended[0], LineClosed)
    assert within(1, lambda: bus.turns.free)


def test_a_wake_does_not_end_a_read_of_so_many_bytes_nor_make_it_spin(bus: Rs485Bus, far: Far) -> None:
    line = bus.line("bus:b", "keypads")
    line.wake()
    used = time.thread_time()
    with pytest.raises(LineTimeout, match="0 of 2"):
        line.read(2, deadline_in(0.2))
    assert time.thread_time() - used < 0.05
    far.say(b"ab")
    assert line.read(2, deadline_in(1)) == b"ab"


@pytest.mark.parametrize("between", ["nothing", "a read of so many bytes"])
def test_a_wake_between_two_calls_ends_the_next_read(bus: Rs485Bus, far: Far, between: str) -> None:
    line = bus.line("bus:b", "keypads")
    line.write(b"?", deadline_in(1))
    line.wake()
    if between != "nothing":
        far.say(b"ab")
        assert line.read(2, deadline_in(1)) == b"ab"
    begin = time.monotonic()
    assert line.read_some(deadline_in(3)) == b""
    assert time.monotonic() - begin < 1.0
    assert line.read_some(deadline_in(0.05)) == b"" and time.monotonic() - begin >= 0.05  # it is forgotten by then


def test_a_wake_does_not_keep_back_bytes_that_lie_on_a_free_wire(bus: Rs485Bus, far: Far) -> None:
    line = bus.line("bus:b", "keypads")
    assert bus._wire is not None and isinstance(bus._wire.line, FdLine)
    far.say(b"key")
    assert select.select([bus._wire.line._fd], [], [], 5.0)[0]
    line.wake()
    assert line.read_some(deadline_in(3)) == b"key"
    assert line.read_some(deadline_in(30)) == b""  # the wake still counts
    assert bus.turns.free


def test_a_wake_is_not_held_up_by_a_wire_that_another_has(bus: Rs485Bus) -> None:
    line, other = bus.line("bus:b", "keypads"), bus.line("bus:b", "sign")
    with other.turn(deadline_in(1)):
        line.wake()
        begin = time.monotonic()
        assert line.read_some(deadline_in(30)) == b""
        assert time.monotonic() - begin < 1.0


def test_a_lost_adapter_is_lost_for_all_and_new_lines_work_when_it_is_back() -> None:
    before = open_fds()
    wire = BusSimulator()
    wire.start()
    bus = Rs485Bus(wire.where, FAST)
    bus.open()
    lines = [bus.line("bus:b", str(n)) for n in range(3)]
    wire.set_fault("unplugged")
    with pytest.raises(LineClosed):
        bus.probe()
    for line in lines:
        with pytest.raises(LineClosed, match="bus was lost") as caught:
            line.write(b"x", deadline_in(1))
        assert caught.value.reason == "unplugged"
        with pytest.raises(LineClosed):
            line.drain_input()
    with pytest.raises(LineClosed, match="not there"):
        bus.line("bus:b", "new")
    with pytest.raises(LineClosed):
        bus.open()
    wire.set_fault("")
    bus.open()
    with pytest.raises(LineClosed):
        lines[0].read_some(deadline_in(1))
    bus.line("bus:b", "new").write(b"x", deadline_in(1))
    bus.close()
    wire.stop()
    assert open_fds() == before


def test_a_loss_that_a_driver_notices_is_told_by_the_bus(far: Far) -> None:
    bus = bus_on(far)
    line = bus.line("bus:b", "signs")
    os.close(far._slave)
    os.close(far.master)
    with pytest.raises(LineClosed):
        line.read_some(deadline_in(1))
    with pytest.raises(LineClosed):
        bus.probe()
    bus.close()
    far.master, far._slave = os.openpty()


def test_closing_one_line_leaves_the_others_and_the_bus(bus: Rs485Bus, far: Far) -> None:
    first, second = bus.line("bus:b", "first"), bus.line("bus:b", "second")
    first.write(b"1", deadline_in(1))
    first.close()
    first.close()
    assert first.closed
    with pytest.raises(LineClosed, match="this end is closed"):
        first.write(b"1", deadline_in(1))
    second.write(b"2", deadline_in(1))
    assert far.read(2) == b"12"


def test_the_bus_says_who_does_not_answer(bus: Rs485Bus) -> None:
    line = bus.line("bus:b", "signs")
    for _ in range(3):
        quarantine_of(line).silent(7)
    health = bus.probe()
    assert (health.state, health.reasons) == ("degraded", ("silent",))
    assert "signs 7" in health.detail
    line.close()
    assert bus.probe().state == "ready"


def test_a_plain_line_has_a_quarantine_of_the_drivers_own(far: Far) -> None:
    line = open_line(far.where)
    assert isinstance(line, FdLine)
    assert quarantine_of(line) is not quarantine_of(line)
    with line.turn(deadline_in(1)):
        line.write(b"x", deadline_in(1))
    line.close()


def test_lines_are_bounded(bus: Rs485Bus) -> None:
    lines = [bus.line("bus:b", str(n)) for n in range(64)]
    with pytest.raises(LineClosed, match="more than 64"):
        bus.line("bus:b", "one more")
    lines[0].close()
    assert isinstance(bus.line("bus:b", "now"), BusLine)


def test_a_bus_that_is_not_open_is_absent() -> None:
    bus = Rs485Bus("tcp://127.0.0.1:1", FAST)
    assert bus.probe().state == "absent"
    bus.close()
