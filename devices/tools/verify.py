"""`kiosk devices verify`: what every driver must bear before it counts, tried against its simulator.

The law, for each fault of the simulator: the intent ends within 2 × its deadline in an Outcome (or a DeviceError);
"done" only if the effect is there to see, "not_done" only if it is not; after mending the driver is ready again;
threads and file descriptors are as many as before. A device that never answers is taken at its word: there "done" is right once
its bytes are written.
"""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from devices.catalog import Samples, Simulator
from devices.ports import DeviceError, Outcome
from devices.tools.choose import Chosen, loopback
from devices.tools.intents import INTENTS, hear, in_thread
from devices.tools.mutate import mutate, one_byte_changes
from devices.tools.relay import Babbler, Trickle
from devices.tools.statics import declares, imports, makes
from devices.tools.trial import (
    WORKING,
    Bench,
    Failed,
    as_before,
    bug,
    census,
    effect,
    open_driver,
    shows_effect,
)
from devices.transport import deadline_in

RECONNECTS = 20
RECOVER_S = 15.0
MUTATED = 2_000
ENDS_WITHIN_S = 2.0  # after close() from another thread


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the report; `remedy` is empty when it is well."""

    check: str
    ok: bool
    what: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return f"{'ok  ' if self.ok else 'FAIL'} {self.check}" + (
            f": {self.what}; {self.remedy}" if not self.ok else ""
        )


def verify(
    chosen: Chosen, say: Callable[[Verdict], None] = lambda verdict: None, only: tuple[str, ...] = ("",)
) -> list[Verdict]:
    """Every check in order, about a minute; `say` is given each verdict as it comes; `only`
    those whose name begins so. Raises DeviceError for a kind that has no
    simulator."""
    verdicts: list[Verdict] = []
    if chosen.kind.klass not in INTENTS:
        raise DeviceError(
            f"{chosen.kind.name}: nothing is known to try with class {chosen.kind.klass}; test it by hand"
        )

    def check(name: str, work: Callable[[], object]) -> bool:
        if not name.startswith(only):
            return True
        try:
            work()
            verdict = Verdict(name, True)
        except Failed as failed:
            verdict = Verdict(name, False, failed.what, failed.remedy)
        except OSError as error:
            verdict = Verdict(name, False, f"{type(error).__name__}: {error}", "look at the simulator's line")
        except Exception as error:  # noqa: BLE001 (the driver under test may do anything; it is told, with its remedy)
            wrong = bug(name, error)
            verdict = Verdict(name, False, wrong.what, wrong.remedy)
        verdicts.append(verdict)
        say(verdict)
        return verdict.ok

    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        bench = Bench(chosen, Path(folder))
        probe = chosen.simulator(loopback(chosen.kind), bench.data)
        check("declares what it is 声明完整", lambda: declares(bench))
        check("importing it opens nothing 导入无副作用", lambda: imports(bench))
        check("making it opens nothing 构造无副作用", lambda: makes(bench))
        if check("opens, probes, works, closes 打开、探测、工作、关闭", lambda: _works(bench)):
            check("open and close twice are once 重复打开关闭", lambda: _twice(bench))
            if bench.listens:
                check("its events arrive 事件到达", lambda: _events(bench))
                check("wake ends listening 可唤醒", lambda: _wakes(bench))
            for fault in probe.faults:
                check(f"fault {fault} 故障", partial(_fault, bench, fault))
            check("close ends a running call 关闭即返回", lambda: _closes(bench, probe.faults))
            check("one byte at a time 逐字节", lambda: _trickles(bench))
            check("noise for an answer 应答为噪声", lambda: _noise(bench))
            check(f"{RECONNECTS} reconnections 反复重连", lambda: _reconnects(bench))
        for number, samples in enumerate(chosen.kind.samples, 1):
            check(f"codec {number}: mutated frames 变异帧", partial(_codec, samples))
    return verdicts


# --- with the simulator --------------------------------------------------------------------------------------------


def _works(bench: Bench) -> None:
    before = census()
    with bench.simulator() as simulator:
        driver = bench.driver(simulator.where)
        open_driver(driver)
        seen = simulator.shown()
        outcome = bench.use(driver)
        if not isinstance(outcome, Outcome) or outcome.kind != "done":
            raise Failed(f"a healthy device gives {outcome}", "return DONE when the device confirmed")
        if shows_effect(bench) and not effect(simulator, seen):
            raise Failed("said done, but the simulator shows nothing new", "DONE only after the device's answer")
        logs = [entry for line in bench.lines for entry in line.hex_log()]
        bench.hears = not logs or any(" < " in entry for entry in logs)
        driver.close()
    as_before(before)


def _twice(bench: Bench) -> None:
    before = census()
    with bench.simulator() as simulator:
        driver = bench.driver(simulator.where)
        driver.close()
        open_driver(driver)
        driver.close()
        driver.close()
        try:
            health = driver.probe()
            if health.state in WORKING:
                raise Failed(f"probe after close says {health.state}", "say absent, or raise DeviceError")
        except DeviceError:
            pass  # as good an answer as "absent"
        outcome = bench.use(driver) if not bench.listens else None
        if isinstance(outcome, Outcome) and outcome.kind != "not_done":
            raise Failed(f"an intent after close gives {outcome.kind}", "not_done: nothing was sent")
        open_driver(driver)
        driver.close()
    as_before(before)


def _events(bench: Bench) -> None:
    with bench.simulator() as simulator:
        driver = bench.driver(simulator.where)
        open_driver(driver)
        try:
            bench.use(driver)  # a pad takes keys when it has been told what it shows
            arrived = hear(driver, simulator, bench.intent)
        finally:
            driver.close()
    if arrived is None:
        words = " or ".join(" ".join(event) for event in bench.intent.events)
        raise Failed("the simulator cannot make an event", f"give it do(name, *words) with {words}")
    if not arrived:
        raise Failed("listen did not return the event within 3 s", "listen returns at the first event")


def _wakes(bench: Bench) -> None:
    with bench.simulator() as simulator:
        driver = bench.driver(simulator.where)
        open_driver(driver)
        for end in (driver.wake, driver.close):
            thread, out = in_thread(lambda: driver.listen(deadline_in(30.0)))
            threading.Event().wait(0.3)
            end()
            thread.join(ENDS_WITHIN_S)
            if thread.is_alive():
                raise Failed(f"{end.__name__}() does not end listen()", "wait in slices, or on a pipe that it rings")
            if not (out[0] is None or isinstance(out[0], DeviceError)):
                raise Failed(f"after {end.__name__}() listen gave {out[0]!r}", "None, or a DeviceError after close")


def _fault(bench: Bench, fault: str) -> None:
    before = census()
    with bench.simulator() as simulator:
        driver = bench.driver(simulator.where)
        open_driver(driver)
        try:
            simulator.set_fault(fault)
            _judge(bench, simulator, driver, fault)
            _probe_under(driver)
            simulator.set_fault("")
            _recover(bench, driver, fault)
        finally:
            driver.close()
    as_before(before)


def _judge(bench: Bench, simulator: Simulator, driver: Any, fault: str) -> None:
    seen = simulator.shown()
    outcome = bench.use(driver)
    if not shows_effect(bench) or isinstance(outcome, DeviceError):
        return
    if outcome.kind == "done" and bench.hears and not effect(simulator, seen):
        raise Failed("said done, but nothing happened at the device", "DONE only after the device's confirmation")
    if outcome.kind == "not_done" and effect(simulator, seen, 0.3) and _real_effect(bench, simulator, seen):
        raise Failed("said not_done, but it happened", "say unknown once bytes have left and nobody refused them")


def _real_effect(bench: Bench, simulator: Simulator, seen: Any) -> bool:
    """Some simulators show their own fault too; a sign or keypad must show the very text."""
    return f"{bench.count % 1000:03d}" in json.dumps(simulator.shown(), default=str, ensure_ascii=False)


def _probe_under(driver: Any) -> None:
    try:
        driver.probe()
    except DeviceError:
        return
    except Exception as error:
        raise bug("probe", error) from error


def _recover(bench: Bench, driver: Any, fault: str) -> None:
    """As the supervisor does: probe, and open again whatever was lost. Raises Failed."""
    end, last = deadline_in(RECOVER_S), "nothing"
    while time.monotonic() < end:
        try:
            health = driver.probe()
            last = str(health)
            if health.state in WORKING:
                outcome = bench.use(driver)
                last = str(outcome)
                if isinstance(outcome, Outcome) and outcome.kind == "done":
                    return
        except DeviceError as error:
            last = str(error)
            driver.close()
            try:
                driver.open()
            except DeviceError as again:
                last = str(again)
        threading.Event().wait(0.1)
    raise Failed(f"not working {RECOVER_S:g} s after {fault} was mended: {last}", "open() begins with a clean state")


def _closes(bench: Bench, faults: tuple[str, ...]) -> None:
    """A call that waits for a silent device ends when another thread closes the driver."""
    before = census()
    fault = next((f for f in ("silent", "deaf", "mute", "slow") if f in faults), None)
    if fault is None:
        raise Failed(
            "the simulator has no fault silent", "give it one: a device that says nothing is the usual failure"
        )
    with bench.simulator() as simulator:
        driver = bench.driver(simulator.where)
        open_driver(driver)
        simulator.set_fault(fault)
        thread, out = in_thread(lambda: bench.intent.use(driver, 1))
        threading.Event().wait(0.15)
        driver.close()
        thread.join(max(ENDS_WITHIN_S, bench.intent.deadline_s / 2))
        if thread.is_alive():
            raise Failed("close() from another thread does not end a running call", "use devices.transport's Line")
        if out and isinstance(out[0], Exception) and not isinstance(out[0], DeviceError):
            raise bug("the call that was closed", out[0])
    as_before(before)


def _trickles(bench: Bench) -> None:
    with bench.simulator() as simulator:
        if not simulator.where.startswith("tcp://"):
            return
        with Trickle(simulator.where) as relay:
            driver = bench.driver(relay.where)
            open_driver(driver)
            try:
                outcome = bench.use(driver)
                if not isinstance(outcome, Outcome) or outcome.kind != "done":
                    raise Failed(f"byte by byte gives {outcome}", "collect bytes until a frame is whole")
                if bench.listens and hear(driver, simulator, bench.intent) is False:
                    raise Failed("an event in single bytes is lost", "keep the beginning of a frame between calls")
            finally:
                driver.close()


def _noise(bench: Bench) -> None:
    """Whatever answers, nothing undeclared leaves the driver."""
    if "tcp://" not in bench.chosen.kind.schemes:
        return
    with Babbler() as babbler:
        driver = bench.driver(babbler.where)
        try:
            driver.open()
            driver.probe()
        except DeviceError:
            pass  # it noticed at once
        except Exception as error:
            raise bug("open with noise", error) from error
        try:
            bench.use(driver)
            if bench.listens:
                driver.listen(deadline_in(0.3))
        except DeviceError:
            pass  # what a listener may say of a lost line
        finally:
            driver.close()


def _reconnects(bench: Bench) -> None:
    with bench.simulator() as simulator:
        driver = bench.driver(simulator.where)
        open_driver(driver)
        driver.close()
        before = census()
        for _ in range(RECONNECTS):
            open_driver(driver)
            driver.close()
        as_before(before)


def _codec(samples: Samples) -> None:
    rng = random.Random(1)
    frames = [mutate(rng, samples.frames) for _ in range(MUTATED)]
    frames += [changed for frame in samples.frames for changed in one_byte_changes(frame[:64])]
    for frame in frames:
        try:
            samples.decode(frame)
        except samples.declared:
            continue
        except Exception as error:
            raise Failed(
                f"{type(error).__name__}: {error} for {frame[:40].hex(' ')}", "check the length before indexing"
            ) from error
