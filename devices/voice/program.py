"""Other people's programs (espeak-ng, aplay, arecord, a configured synthesiser): run as programs, never loaded as libraries.

Law: a program gets a session of its own and ends with everything it started, at its own end, at its deadline, or when stop()
is called from another thread; its pipes are read while it runs, and LIMIT of them remembered; a file that it writes ends at
FILE_LIMIT. Nothing of it is left: no process, no thread, no descriptor. Even when this process is killed (kill -9, out of memory)
the kernel ends the program with it; what that started in turn it does not reach, but the control group of a systemd unit does.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devices.ports import DeviceError

LIMIT = 16_384  # bytes of each of its pipes that are remembered
FILE_LIMIT = 64 * 1024 * 1024
# What holds before the program begins; each becomes the next, so there is one process. setpriv is util-linux's, which every
# Debian has: the program is killed when the thread that started it ends, which is the one that waits for it in run(). The shell
# looks whether that was too late: $0 is who should be its parent.
BOUND = ("/usr/bin/setpriv", "--pdeathsig", "KILL")
LIMITED = ("/bin/sh", "-c", f'ulimit -f {FILE_LIMIT // 512}; [ "$PPID" = "$0" ] && exec "$@"')
READS_AFTER = 32  # of what its pipes still hold when it has ended
REAP_S = 2.0  # a killed process is gone by then, unless the kernel holds it


class ProgramError(DeviceError):
    """It could not be started; the text says why."""


@dataclass(frozen=True, slots=True)
class Ended:
    """`late`: it was killed at its deadline. `code`: as of subprocess, negative for a signal."""

    code: int
    late: bool
    out: str
    why: str  # the last line it complained with, or its exit code
    seconds: float

    @property
    def well(self) -> bool:
        return self.code == 0 and not self.late


class Programs:
    """Those that run now, so that another thread can end them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, argv: Sequence[str], deadline_s: float, data: bytes = b"", cwd: Path | None = None) -> Ended:
        """Start it with `data` as its input, wait until it ends. Raises ProgramError."""
        begin = time.monotonic()
        process = self._start(argv, data, cwd)
        pipes = _Pipes(process)
        late = True
        try:
            late = not pipes.follow(begin + deadline_s)
        except OSError as error:
            raise ProgramError(f"{argv[0]} cannot be waited for 无法等待其结束: {error}") from error
        finally:
            self._end(process)
            pipes.close()
        out, err = pipes.heard()
        return Ended(process.returncode or 0, late, out, _why(err, process.returncode), time.monotonic() - begin)

    def stop(self) -> None:
        """Kill all that run now; each run() returns at once."""
        with self._lock:
            for process in self._running:
                _kill(process, signal.SIGKILL)

    def ask_to_end(self) -> None:
        """Whoever records closes his file properly. Not SIGINT, which a process begun in the background ignores."""
        with self._lock:
            for process in self._running:
                _kill(process, signal.SIGTERM)

    def _start(self, argv: Sequence[str], data: bytes, cwd: Path | None) -> subprocess.Popen[bytes]:
        # Its input lies in memory: a program that does not read cannot hold us, and a full disk does not silence the hall.
        try:
            feed = os.memfd_create("yitai-input", os.MFD_CLOEXEC)
        except OSError as error:
            raise ProgramError(f"{argv[0]}: no memory for its input 内存不足: {error}") from error
        try:
            if os.pwrite(feed, data, 0) != len(data):
                raise ProgramError(f"{argv[0]}: no memory for its input 内存不足")
            with self._lock:
                process = subprocess.Popen(
                    [*BOUND, *LIMITED, str(os.getpid()), _found(argv[0], cwd), *argv[1:]],
                    stdin=feed,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    cwd=cwd,
                    start_new_session=True,
                )
                self._running.add(process)
        except (OSError, ValueError) as error:  # ValueError: a zero byte in an argument
            raise ProgramError(f"{argv[0]} cannot be run 无法运行: {error}") from error
        finally:
            os.close(feed)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        _kill(process, signal.SIGKILL)  # before it is reaped: until then its number is nobody else's
        with self._lock:
            self._running.discard(process)
        with contextlib.suppress(
            subprocess.TimeoutExpired
        ):  # held by the kernel; subprocess reaps it with the next one
            process.wait(REAP_S)


class _Pipes:
    """stdout and stderr of a process, and its end, in one place to wait."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._end = -1
        self._poll = select.poll()
        self._pipes = [pipe for pipe in (process.stdout, process.stderr) if pipe is not None]
        self._heard = {pipe.fileno(): bytearray() for pipe in self._pipes}
        for fd in self._heard:
            self._poll.register(fd, select.POLLIN)

    def follow(self, end: float) -> bool:
        """Read until it ends; False when it did not in time. Who writes on after its end is not waited for. Raises OSError."""
        self._end = os.pidfd_open(self._process.pid)
        self._poll.register(self._end, select.POLLIN)
        over = 0
        while (left := end - time.monotonic()) > 0:
            ready = [fd for fd, _ in self._poll.poll(left * 1000)]
            over += self._end in ready
            if ready == [self._end] or over > READS_AFTER:
                return True
            for fd in ready:
                if fd != self._end:
                    self._take(fd)
        return False

    def _take(self, fd: int) -> None:
        piece = os.read(fd, LIMIT)
        if not piece:
            self._poll.unregister(fd)
        kept = self._heard[fd]
        kept += piece
        del kept[: -2 * LIMIT]

    def heard(self) -> tuple[str, str]:
        out, err = (bytes(kept[-LIMIT:]).decode("utf-8", "replace") for kept in self._heard.values())
        return out, err

    def close(self) -> None:
        if self._end >= 0:
            os.close(self._end)
        for pipe in self._pipes:
            pipe.close()


def _found(name: str, cwd: Path | None) -> str:
    """As a shell in `cwd` finds it. Raises ProgramError."""
    found = shutil.which(cwd / name if cwd is not None and "/" in name else name)
    if found is None:
        raise ProgramError(f"{name} cannot be run 无法运行: it is not there, or is no program 找不到或不可执行")
    return found


def _kill(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # Nobody is left of its group, or it runs as another user by now: then there is nothing that we may do.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _why(err: str, code: int | None) -> str:
    lines = err.strip().splitlines()
    return lines[-1].strip()[-300:] if lines else f"exit code {code}"
