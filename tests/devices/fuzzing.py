"""The common fuzzer of codecs: what no bytes may do is raise an undeclared exception, take too long, or take much memory.

    python -m tests.devices.fuzzing --n 10_000_000        (make fuzz) every codec, in parallel processes, with progress
    python -m tests.devices.fuzzing --case onbon --seed 7 --n 1000
    python -m tests.devices.fuzzing --case onbon --replay "A5 A5 5A"     one frame again, with its traceback

Each codec's builder writes `tests/devices/<class>/fuzz_cases.py` with `CASES: tuple[FuzzCase, ...]`. A run is a function of
its seed: a failure names case, seed and the frame in hex.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import multiprocessing
import os
import queue
import random
import sys
import time
import tracemalloc
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from devices.tools.mutate import FRAME_LIMIT, mutate, one_byte_changes

__all__ = ["Fault", "FuzzCase", "Result", "all_cases", "mutate", "one_byte_changes", "run"]

SLOW_S = 0.050  # of processor time; a decode counts as too slow above this …
SLOW_S_PER_BYTE = 0.000_1  # … and this for each byte, a tenth of its time on a line of 9600 baud …
SLOW_TIMES = 50  # … when it also takes this many times the median
MEMORY_BASE = 1 << 20  # bytes one decode may have at its peak, whatever the frame …
MEMORY_PER_BYTE = 2048  # … and for each of its bytes
MEMORY_FRAMES = 300  # frames whose memory is looked at: tracemalloc makes everything some times slower
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class FuzzCase:
    """`decode` takes any bytes; it may raise `declared` and nothing else. `samples` are good frames, each shape at least once."""

    name: str
    samples: tuple[bytes, ...]
    decode: Callable[[bytes], object]
    declared: tuple[type[Exception], ...] = ()


class Fault(AssertionError):
    """A codec did what it must not; the text has what is needed to see it again."""


@dataclass(frozen=True, slots=True)
class Result:
    frames: int
    seconds: float
    worst_s: float
    peak_bytes: int


# --- running -------------------------------------------------------------------------------------------------------


def run(case: FuzzCase, n: int = 50_000, seed: int = 1, *, every_byte: bool = True) -> Result:
    """`n` mutated frames and (with `every_byte`) all one-byte changes of the samples; raises Fault, naming the frame."""
    begun = time.monotonic()
    rng = random.Random(f"{case.name}/{seed}")
    took = array("d")
    _feed(case, case.samples, seed, took)
    done = 0
    while done < n:
        step = min(BATCH, n - done)
        _feed(case, (mutate(rng, case.samples) for _ in range(step)), seed, took)
        done += step
    if every_byte:
        for sample in case.samples:
            _feed(case, one_byte_changes(sample), seed, took)
    peak = _memory(case, rng, seed)
    return Result(len(took), time.monotonic() - begun, max(took), peak)


def _feed(case: FuzzCase, frames: Iterable[bytes], seed: int, took: array[float]) -> None:
    """Decode each; the time law is looked at when a median is known, and a slow frame is timed again: once may be the machine."""
    clock, decode, declared = time.thread_time, case.decode, case.declared
    slow: list[bytes] = []
    for frame in frames:
        start = clock()
        try:
            decode(frame)
        except declared:
            pass
        except Exception as error:
            raise Fault(_what(case, seed, frame, f"{type(error).__name__}: {error}")) from error
        spent = clock() - start
        took.append(spent)
        if spent > SLOW_S:
            slow.append(frame)
    for frame in slow[:20]:
        again = min(_seconds(case, frame) for _ in range(3))
        median = sorted(took[:: max(1, len(took) // 1001)])[min(500, len(took) // 2)]
        if again > max(SLOW_S + SLOW_S_PER_BYTE * len(frame), SLOW_TIMES * median):
            raise Fault(
                _what(case, seed, frame, f"took {again * 1000:.0f} ms, {again / max(median, 1e-9):.0f} × the median")
            )


def _seconds(case: FuzzCase, frame: bytes) -> float:
    gc.collect()
    start = time.thread_time()
    _decode(case, frame)
    return time.thread_time() - start


def _decode(case: FuzzCase, frame: bytes) -> object:
    try:
        return case.decode(frame)
    except case.declared as error:
        return error


def _memory(case: FuzzCase, rng: random.Random, seed: int) -> int:
    """The highest peak of one decode in bytes; raises Fault above the bound."""
    frames = [mutate(rng, case.samples) for _ in range(MEMORY_FRAMES)]
    frames += [(sample * (FRAME_LIMIT // max(1, len(sample)) + 1))[:FRAME_LIMIT] for sample in case.samples[:5]]
    highest = 0
    _decode(case, frames[0])  # what is made once (tables, caches) is not the frame's
    tracemalloc.start()
    try:
        for frame in frames:
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            _decode(case, frame)
            peak = tracemalloc.get_traced_memory()[1] - before
            highest = max(highest, peak)
            if peak > MEMORY_BASE + MEMORY_PER_BYTE * len(frame):
                raise Fault(_what(case, seed, frame, f"took {peak} bytes of memory for {len(frame)} bytes"))
    finally:
        tracemalloc.stop()
    return highest


def _what(case: FuzzCase, seed: int, frame: bytes, what: str) -> str:
    shown = frame[:512].hex(" ").upper()
    cut = f" … ({len(frame)} bytes)" if len(frame) > 512 else ""
    return f"{case.name}, seed {seed}: {what}\n  frame: {shown}{cut}"


# --- the cases there are -------------------------------------------------------------------------------------------


def case_modules() -> list[str]:
    """tests.devices.<class>.fuzz_cases of every class that has one."""
    return [
        f"tests.devices.{path.parent.name}.fuzz_cases" for path in sorted(Path(__file__).parent.glob("*/fuzz_cases.py"))
    ]


def all_cases() -> tuple[FuzzCase, ...]:
    """Raises ValueError when two have one name: a failure could not be told apart."""
    cases = tuple(case for module in case_modules() for case in importlib.import_module(module).CASES)
    names = [case.name for case in cases]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"fuzz cases of one name: {', '.join(sorted(twice))}; give each its own")
    return cases


# --- make fuzz -----------------------------------------------------------------------------------------------------


def _work(name: str, n: int, seed: int, out: multiprocessing.Queue[tuple[str, int, str]]) -> None:
    os.nice(19)  # in the background: a person who works here does not feel it
    case = next(case for case in all_cases() if case.name == name)
    done, step = 0, 0
    try:
        while done < n:
            size = min(100_000, n - done)
            run(case, size, seed * 1_000_003 + step, every_byte=step == 0)
            done, step = done + size, step + 1
            out.put((name, done, ""))
    except Fault as fault:
        out.put((name, done, str(fault)))


def fuzz(cases: list[str], n: int, seed: int, jobs: int, say: Callable[[str], None]) -> list[str]:
    """`n` frames for each case in at most `jobs` processes; -> the faults."""
    out: multiprocessing.Queue[tuple[str, int, str]] = multiprocessing.Queue()
    waiting, running, faults = list(cases), dict[str, multiprocessing.Process](), list[str]()
    begun, total, state = time.monotonic(), n * len(cases), dict.fromkeys(cases, 0)
    while waiting or running:
        while waiting and len(running) < jobs:
            name = waiting.pop(0)
            running[name] = multiprocessing.Process(target=_work, args=(name, n, seed, out), daemon=True)
            running[name].start()
        try:
            name, done, fault = out.get(timeout=5.0)
        except queue.Empty:
            for name in [name for name, process in running.items() if process.exitcode not in (None, 0)]:
                faults.append(f"{name}, seed {seed}: the process ended with {running.pop(name).exitcode}")
            continue
        state[name] = done
        if fault:
            faults.append(fault)
            say(f"FAIL {fault}")
        if fault or done >= n:
            running.pop(name).join()
        spent = time.monotonic() - begun
        rate = sum(state.values()) / spent if spent else 0.0
        left = (total - sum(state.values())) / rate / 60 if rate else 0.0
        say(f"{name}: {done:,} of {n:,}  ({rate:,.0f} frames/s, about {left:.0f} min left)")
    return faults


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description="Mutated frames for every codec.")
    parser.add_argument("--n", type=lambda text: int(text.replace("_", "")), default=10_000_000, help="frames a case")
    parser.add_argument("--seed", type=int, default=None, help="default: the time, printed")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--case", action="append", help="only this one; may be given again")
    parser.add_argument("--replay", metavar="HEX", help="decode this one frame and show what happens")
    args = parser.parse_args(argv)
    cases = {case.name: case for case in all_cases()}
    if unknown := [name for name in args.case or [] if name not in cases]:
        parser.error(f"there is no case {', '.join(unknown)}; one of {', '.join(cases)}")
    chosen = args.case or list(cases)
    if args.replay is not None:
        for name in chosen:
            print(f"{name}: {_decode(cases[name], bytes.fromhex(args.replay))!r}")
        return 0
    seed = args.seed if args.seed is not None else int(time.time())
    print(f"fuzz: {len(chosen)} codecs × {args.n:,} frames, seed {seed}, {args.jobs} processes", flush=True)
    faults = fuzz(chosen, args.n, seed, args.jobs, lambda text: print(text, flush=True))
    print(json.dumps({"seed": seed, "cases": len(chosen), "faults": len(faults)}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
