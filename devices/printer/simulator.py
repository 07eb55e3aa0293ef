"""A receipt printer at the other end of the wire, over TCP or a pty: real bytes, real faults, and the paper to look at.

It reads as a printer does: real-time commands are obeyed on arrival, also in the middle of a job; everything else goes
through a buffer in order; out of paper, an open cover or a jammed knife stop the buffer, not the answers, and what the
buffer holds is printed when the fault is mended, unless the host had it cleared. A lost connection loses no buffer.

Automatic status (GS a) is told when the sensors change, until the next ESC @.

Faults (`set_fault`), each now or after so many more bytes of jobs were printed:
    paper_low, paper_end, cover_open, cutter, jam, hot   as the sensors report them
    paper_end_mid_job        the roll ends within the next job
    silent                   takes everything, prints nothing, answers nothing
    accepts_never_answers    prints, answers nothing (also "mute")
    one_byte                 answers one byte at a time (also "trickle")
    slow                     takes 2,000 bytes a second and answers late
    echo                     what is sent comes back, and the answers with it
    half_close               says no more, and tells so, but goes on reading (TCP only)
    unplugged                closes the line and cannot be opened
    deaf                     reads nothing: the sender's buffers fill

    simulator = PrinterSimulator("127.0.0.1", 8611); simulator.start(); …; simulator.sheets[-1].png(); simulator.stop()
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from dataclasses import dataclass

from devices.printer import asb
from devices.printer.answers import CLEARED
from devices.printer.commands import CLEAR_BUFFER, Command, RealTimeEar, parse
from devices.printer.escpos import TEAR
from devices.printer.faults import FAULTS, Faults
from devices.printer.render import sheet_png
from devices.printer.status import Status
from devices.printer.wires import PtyWire, TcpWire, Wire

SHEETS_KEPT = 200
BUFFER_LIMIT = 1 << 18  # bytes not yet printed; then the printer stops reading, as with a full buffer
SHEET_LIMIT = 1 << 20
OUTBOX_LIMIT = 1 << 16
UNKNOWN_KEPT = 50
TICK_S = 0.01  # pacing, one byte at a time
IDLE_S = 0.2
SLOW_BYTES_PER_S, SLOW_ANSWER_S = 2000, 0.15
NO_INK = ("DLE EOT", "DLE ENQ", "DLE DC4", "GS r", "GS a", "GS I")  # leave no trace on paper
CUTS = ("GS V", "ESC i", "ESC m")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What lay between two cuts. `at`: seconds since the epoch, when it was cut; `raw`: its bytes without status questions."""

    at: float
    raw: bytes
    columns: int = 48

    def png(self) -> bytes:
        """The sheet as a picture, PNG with transparent edges; drawn anew at each call (0.1 s or so)."""
        return sheet_png(self.raw, self.columns)


@dataclass(frozen=True, slots=True)
class SimulatorState:
    """`printed`, `received` in bytes; `waiting`: bytes in the buffer; `hanging`: bytes printed but not cut; `unknown`: commands
    it did not know, as hex."""

    faults: tuple[str, ...]
    connected: bool
    received: int
    printed: int
    waiting: int
    hanging: int
    sheets: int
    unknown: tuple[str, ...]


class PrinterSimulator:
    """`port` 0 takes a free one; `where` then tells it. `bytes_per_s` is the speed of the line, 0 without limit. Without
    `knife` a sheet ends where the paper is fed to be torn off."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 8611, bytes_per_s: int = 0, columns: int = 48, knife: bool = True
    ) -> None:
        self._wire: Wire = TcpWire(host, port)
        self._bytes_per_s = bytes_per_s
        self._columns = columns
        self._knife = knife
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._faults = Faults()
        self._sheets: deque[Sheet] = deque(maxlen=SHEETS_KEPT)
        self._unknown: deque[str] = deque(maxlen=UNKNOWN_KEPT)
        self._ear = RealTimeEar()
        self._tail = b""  # received, but not yet a whole command
        self._buffer: deque[Command] = deque()
        self._waiting = self._received = self._printed = self._cut = 0
        self._hanging = bytearray()
        self._held = b""
        self._outbox = bytearray()
        self._allowance = 0.0
        self._answer_from = 0.0  # not earlier than that: slow
        self._automatic = 0  # n of GS a
        self._told: Status | None = None

    @classmethod
    def on_pty(cls, bytes_per_s: int = 0, columns: int = 48, knife: bool = True) -> PrinterSimulator:
        """At the end of a pseudo-terminal; `where` is a serial:// address that stays the same over unplugging."""
        simulator = cls(bytes_per_s=bytes_per_s, columns=columns, knife=knife)
        simulator._wire = PtyWire()
        return simulator

    # --- for the owner, from any thread ------------------------------------------------------------------------------

    @property
    def where(self) -> str:
        """What to write in the configuration of the driver; known after start()."""
        return self._wire.where

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError("the simulator is already started")
        self._stopping = False
        self._wire.plug()
        self._thread = threading.Thread(target=self._main, name="printer-simulator", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping = True
            self._wire.wake()
            thread.join(5.0)
        self._wire.close()

    @property
    def sheets(self) -> list[Sheet]:
        """The last SHEETS_KEPT sheets, oldest first."""
        with self._lock:
            return list(self._sheets)

    @property
    def hanging(self) -> Sheet:
        """What is printed but not cut."""
        with self._lock:
            return Sheet(time.time(), bytes(self._hanging), self._columns)

    @property
    def state(self) -> SimulatorState:
        with self._lock:
            return SimulatorState(
                faults=self._faults.active(),
                connected=self._wire.connected,
                received=self._received,
                printed=self._printed,
                waiting=self._waiting + len(self._tail),
                hanging=len(self._hanging),
                sheets=self._cut,
                unknown=tuple(self._unknown),
            )

    @property
    def faults(self) -> tuple[str, ...]:
        """Those it can have on its wire."""
        return tuple(fault for fault in FAULTS if fault != "half_close" or not isinstance(self._wire, PtyWire))

    def active(self) -> tuple[str, ...]:
        return self.state.faults

    def set_fault(self, fault: str = "", *, on: bool = True, address: int = 0, after_bytes: int = 0) -> None:
        """Have `fault` strike now, or when so many more bytes of jobs were printed; or mend it, by "" all. Raises ValueError for
        a fault it does not have, with those it has."""
        if not fault:
            self.clear_fault()
            return
        if not on:
            if fault not in self.faults:
                raise ValueError(f"there is no fault {fault!r}: one of {', '.join(self.faults)}")
            self.clear_fault(fault)
            return
        if fault == "half_close" and fault not in self.faults:
            raise ValueError(f"fault {fault!r}: a pty has no halves; expected one of {', '.join(self.faults)}")
        with self._lock:
            self._faults.set(fault, after_bytes)
            self._changed.notify_all()
        self._wire.wake()

    def clear_fault(self, *faults: str) -> None:
        """Mend these faults, without argument all of them; a printer that stopped goes on."""
        with self._lock:
            self._faults.clear(*faults)
            self._changed.notify_all()
        self._wire.wake()

    def wait_sheets(self, n: int, timeout_s: float = 5.0) -> bool:
        """Whether `n` sheets were cut since the start, within `timeout_s` seconds."""
        with self._lock:
            return self._changed.wait_for(lambda: self._cut >= n, timeout_s)

    # --- the thread --------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            last = time.monotonic()
            while not self._stopping:
                now = time.monotonic()
                speed = self._speed()
                self._allowance = min(speed * 0.1, self._allowance + speed * (now - last))
                last = now
                self._turn()
        finally:
            self._wire.unplug()

    def _turn(self) -> None:
        with self._lock:
            self._plug()
            self._print()
            self._tell()
            answering = bool(self._outbox)
            room = self._room()
            paced = bool(self._speed()) and room < 1
        events = self._wire.wait(IDLE_S if not answering and not paced else TICK_S, reading=room >= 1)
        if events & select.POLLIN and room >= 1:
            chunk = self._wire.read(min(4096, room))
            with self._lock:
                self._allowance -= len(chunk)
                self._receive(chunk)
                self._print()
        with self._lock:
            self._tell()
            self._answer()

    def _speed(self) -> int:
        return SLOW_BYTES_PER_S if self._is("slow") else self._bytes_per_s

    def _plug(self) -> None:
        if self._is("unplugged"):
            self._wire.unplug()
            self._outbox.clear()
            self._automatic = 0
        else:
            self._wire.plug()
            if self._is("half_close"):
                self._wire.half_close()

    def _room(self) -> int:
        if self._is("deaf") or self._waiting + len(self._tail) >= BUFFER_LIMIT:
            return 0
        # Not past the byte at which the next fault strikes: what comes after it comes to a printer that has the fault.
        most = self._faults.room() or 4096
        return min(most, int(self._allowance)) if self._speed() else most

    def _answer(self) -> None:
        if self._is("unplugged") or not self._wire.connected:
            self._outbox.clear()
        if self._outbox and time.monotonic() >= self._answer_from:
            sent = self._wire.write(bytes(self._outbox[:1] if self._is("one_byte") else self._outbox))
            del self._outbox[:sent]

    # --- receiving -------------------------------------------------------------------------------------------------

    def _receive(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._is("echo"):
            self._say(chunk)
        if self._is("silent"):
            return
        # A clear-buffer that comes in two reads must not be taken for the end of a command that broke off before it.
        chunk = self._held + chunk
        kept = next((n for n in range(len(CLEAR_BUFFER) - 1, 0, -1) if chunk.endswith(CLEAR_BUFFER[:n])), 0)
        chunk, self._held = chunk[: len(chunk) - kept], chunk[len(chunk) - kept :]
        at = 0
        for command, end in self._ear.hear(chunk):
            # What came before it is printed first; its own bytes must not complete a command that broke off.
            own = max(at, end - len(command))
            self._tail += chunk[at:own]
            self._take_commands()
            self._print()
            at = end if command == CLEAR_BUFFER else own
            if command == CLEAR_BUFFER:
                self._forget()
                self._say(CLEARED)
            elif command[:2] == b"\x10\x04":
                state = self._faults.status()
                self._say(bytes(((state.n1, state.n2, state.n3, state.n4)[command[2] - 1],)))
            elif command[2] == 2:  # DLE ENQ 2: go on after an error, forgetting the job
                self._faults.clear("cutter", "jam")
                self._forget()
        self._tail += chunk[at:]
        self._take_commands()

    def _take_commands(self) -> None:
        at = 0
        while (command := parse(self._tail[at:])) is not None:
            at += len(command.raw)
            if command.name not in ("DLE EOT", "DLE ENQ"):  # obeyed on arrival
                self._buffer.append(command)
                self._waiting += len(command.raw)
        self._tail = self._tail[at:]

    def _forget(self) -> None:
        self._buffer.clear()
        self._tail = b""
        self._waiting = 0

    def _say(self, answer: bytes) -> None:
        if not self._is("accepts_never_answers") and len(self._outbox) + len(answer) <= OUTBOX_LIMIT:
            if not self._outbox and self._is("slow"):
                self._answer_from = time.monotonic() + SLOW_ANSWER_S
            self._outbox += answer

    def _tell(self) -> None:
        """Automatic status: the present state once it is switched on, then every other one."""
        state = self._faults.status()
        if self._automatic and state != self._told and not self._is("silent"):
            self._told = state
            self._say(asb.encode(state))

    # --- printing ----------------------------------------------------------------------------------------------------

    def _print(self) -> None:
        """Work through the buffer in order until it is empty or a fault stops it."""
        while self._buffer and not self._faults.stopped:
            command = self._buffer.popleft()
            self._waiting -= len(command.raw)
            if command.name in NO_INK:
                self._obey(command)
                continue
            if command.name == "ESC @":
                self._automatic = 0
            limit = self._faults.room() or len(command.raw)
            if command.name == "text" and limit < len(command.raw):
                # The paper ends within a line: what is left of it comes out when the roll was changed.
                rest = command.raw[limit:]
                self._buffer.appendleft(Command("text", (), rest, rest))
                self._waiting += len(rest)
                command = Command("text", (), command.raw[:limit], command.raw[:limit])
            self._to_paper(command)

    def _obey(self, command: Command) -> None:
        if command.name == "GS r":
            low, end = self._is("paper_low"), self._is("paper_end")
            self._say(bytes((0x03 * low | 0x0C * end,)))
        elif command.name == "GS a":
            self._automatic, self._told = command.args[0], None

    def _to_paper(self, command: Command) -> None:
        size = len(command.raw)
        self._printed += size
        self._faults.printed(size)
        if command.name == "unknown":
            self._unknown.append(command.raw.hex(" "))
        if len(self._hanging) + size <= SHEET_LIMIT:
            self._hanging += command.raw
        if command.name in CUTS if self._knife else command.raw == TEAR:
            self._sheets.append(Sheet(time.time(), bytes(self._hanging), self._columns))
            self._hanging.clear()
            self._cut += 1
            self._changed.notify_all()

    def _is(self, fault: str) -> bool:
        return self._faults.there(fault)
