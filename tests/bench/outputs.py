"""From a touch or a press to the last byte on paper, the text on the sign, the first sound; against the line alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devices.led.codec import FrameCodec
from devices.led.description import load as load_description
from devices.led.simulator import SignSimulator
from devices.ports import SignText
from devices.printer.simulator import PrinterSimulator
from devices.transport import deadline_in, open_line
from devices.voice.players import NetworkPlayer
from devices.voice.simulator import SpeakerSimulator
from devices.voice.sound import from_wav, seconds
from tests.bench import halls
from tests.bench.figure import Figure, in_turns
from tests.bench.lines import SlowLine
from tests.bench.requests import ISSUE, Desk, _key
from tests.bench.wire import Wire

PRINTER_BYTES_S = 11_520  # 115,200 baud 8N1
SIGN_BYTES_S = 960  # 9600 baud 8N1
WAIT_S = 30.0

DEVICES = """
[[device]]
id = "printer"
class = "printer"
driver = "escpos"
where = "tcp://127.0.0.1:{printer}"

[[device]]
id = "signs"
class = "sign"
driver = "frame"
where = "tcp://127.0.0.1:{signs}"
frame = "signs/sum8.toml"

[[device]]
id = "voice"
class = "voice"
driver = "espeak"
where = "{voice}"
volume = 80
"""


class Far:
    """The other ends of the wires, and a hall on this side."""

    def __init__(self, folder: Path) -> None:
        self.printer = PrinterSimulator("127.0.0.1", 0)
        self.bare = PrinterSimulator("127.0.0.1", 0)  # a printer hears one host only
        self.description = load_description(halls.DEMO / "signs" / "sum8.toml")
        self.signs = SignSimulator("127.0.0.1", 0, self.description)
        self.speaker = SpeakerSimulator("127.0.0.1", 0, speed=0, clock=time.monotonic)
        self.folder = folder

    @contextmanager
    def hall(self) -> Iterator[Hall]:
        for simulator in (self.printer, self.bare, self.signs, self.speaker):
            simulator.start()
        try:
            with (
                SlowLine(_port(self.signs.where), SIGN_BYTES_S) as line,
                SlowLine(_port(self.printer.where), PRINTER_BYTES_S) as paper,
                SlowLine(_port(self.bare.where), PRINTER_BYTES_S) as bare,
            ):
                devices = DEVICES.format(printer=paper.port, signs=line.port, voice=self.speaker.where)
                config = halls.config(self.folder / "config", devices=devices, signs=True)
                data = self.folder / "data"
                with halls.station(config, data) as station:
                    hall = Hall(self, station.port, (data / "screen.token").read_text().strip(), line.port, bare.port)
                    try:
                        yield hall
                    finally:
                        hall.close()
        finally:
            for simulator in (self.printer, self.bare, self.signs, self.speaker):
                simulator.stop()


class Hall:
    def __init__(self, far: Far, port: int, token: str, sign_port: int, bare_port: int) -> None:
        self.far, self.sign_port, self.bare_port = far, sign_port, bare_port
        self.screen = Wire(port, token)
        self.desk = Desk(port, halls.login(port, 1)[0], 1)
        self.looker = Wire(port)
        self.await_ready()

    def close(self) -> None:
        for wire in (self.screen, self.desk.wire, self.looker):
            wire.close()

    def await_ready(self) -> None:
        """All three devices known to work, and nothing left to do."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            states = {d["id"]: d["state"] for d in self.looker.json("/hall")["devices"]}
            if len(states) == 3 and set(states.values()) <= {"ready", "degraded"}:
                return
            halls.pause(0.05)
        raise halls.NotUp(f"the devices did not come up: {states}")

    # --- paper ---

    def paper_s(self) -> float:
        """From the touch to the cut. The sheet's time is the wall clock's, so is the touch's."""
        count = self.far.printer.state.sheets
        begin = time.time()
        self.screen.post("/tickets", ISSUE, _key())
        _must(self.far.printer.wait_sheets(count + 1, WAIT_S), "a sheet of paper")
        taken = self.far.printer.sheets[-1].at - begin
        halls.pause(0.3)  # the driver hears that it is done; the next one is not to wait for that
        return taken

    def bare_paper_s(self) -> float:
        """The same bytes written straight to a printer of the same speed, after asking it once how it is."""
        raw, bare = self.far.printer.sheets[-1].raw, self.far.bare
        count = bare.state.sheets
        line = open_line(f"tcp://127.0.0.1:{self.bare_port}")
        try:
            halls.pause(0.3)
            begin = time.time()
            line.write(b"\x10\x04\x01", deadline_in(WAIT_S))
            _must(bool(line.read_some(deadline_in(WAIT_S))), "the printer's status")
            line.write(raw, deadline_in(WAIT_S))
            _must(bare.wait_sheets(count + 1, WAIT_S), "a bare sheet of paper")
            return bare.sheets[-1].at - begin
        finally:
            line.close()

    # --- sign and sound ---

    def call(self) -> tuple[float, float]:
        """-> seconds from the press to the sign's new text, and to the first sound."""
        self.screen.post("/tickets", ISSUE, _key())
        halls.pause(1.5)  # it is printed, and its sound is made
        said = len(self.far.speaker.spoken)
        begin = time.monotonic()
        self.desk.next()
        text = f"{self.desk.holding} 请到1号窗口"
        _must(self.far.signs.wait_for(1, text, WAIT_S), f"the sign to show {text!r}")
        shown = time.monotonic() - begin
        spoken = self.far.speaker
        _must(spoken.wait_spoken(said + 1, WAIT_S), "the call to be spoken")
        heard = spoken.spoken[-1].at - begin
        halls.pause(0.2)
        return shown, heard

    def bare_sign_s(self) -> float:
        """The frame alone down a line of the same speed to a sign of its own."""
        codec = FrameCodec(self.far.description)
        number = f"B{int(time.monotonic() * 1000) % 900 + 100}"
        text = SignText(2, f"{number} 请到2号窗口", blink=True)
        line = open_line(f"tcp://127.0.0.1:{self.sign_port}")
        try:
            halls.pause(0.05)
            begin = time.monotonic()
            line.write(codec.encode(text), deadline_in(WAIT_S))
            _must(self.far.signs.wait_for(2, text.text, WAIT_S), "the bare sign")
            return time.monotonic() - begin
        finally:
            line.close()

    def bare_sound_s(self) -> float:
        """A player and the whole sound from a file, nothing else."""
        file = self.far.folder / "call.wav"
        file.write_bytes(self.far.speaker.spoken[-1].wav)
        player = NetworkPlayer(self.far.speaker.where)
        player.open()
        try:
            player.play(file.read_bytes(), 1.0, WAIT_S)  # the line is as warm as the hall's own
            halls.pause(0.05)
            begin = time.monotonic()
            wav = file.read_bytes()
            player.play(wav, seconds(from_wav(wav)), WAIT_S)
            return self.far.speaker.spoken[-1].at - begin
        finally:
            player.close()


def _port(where: str) -> int:
    return int(where.rpartition(":")[2])


def _must(true: bool, what: str) -> None:
    if not true:
        raise TimeoutError(f"{what}: not within {WAIT_S:.0f} s")


def work(quick: bool) -> list[Figure]:
    times = 3 if quick else 7
    with halls.scratch() as folder, Far(folder).hall() as hall:
        paper = in_turns(hall.paper_s, hall.bare_paper_s, times)
        shown: list[float] = []

        def sign() -> float:
            moment, heard = hall.call()
            shown.append(heard)
            return moment

        signs = in_turns(sign, hall.bare_sign_s, times)
        sounds = in_turns(lambda: hall.call()[1], hall.bare_sound_s, times)
    return [
        Figure(
            "touch → last byte at the printer", paper.value * 1000, "ms", paper.ratio, "≤ 1.2×",
            "the same bytes at the line's speed (115,200 baud) + one answer",
        ),
        Figure(
            "next → sign", signs.value * 1000, "ms", signs.ratio, "≤ 1.2×",
            "the same frame at the line's speed (9600 baud)",
        ),
        Figure(
            "next → first sound", sounds.value * 1000, "ms", sounds.ratio, "≤ 1.2×", "player of the cached file alone"
        ),
    ]  # fmt: skip
