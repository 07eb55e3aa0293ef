"""After any storm of faults every driver works again: 20 faults here, 1,000 in the soak."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devices.catalog import Site, catalog
from devices.led.alpha import AlphaCodec
from devices.led.codec import FrameCodec
from devices.led.description import load
from devices.led.driver import CodecSign
from devices.led.modbus import ModbusCodec, Registers
from devices.led.onbon import OnbonCodec, Screen
from devices.ports import Klass, Outcome, Paper, SignText, Text
from devices.tools.intents import INTENTS
from tests.devices.stuck import Storm, storm

CONFIG = Path(__file__).parents[2] / "config"
SIGN_S = PRINT_S = 2.0


@dataclass(frozen=True)
class Case:
    """`kind` of the catalog gives the simulator, and the driver unless `make` does. `where` as for a simulator. `without`:
    faults that this simulator cannot mend (a pty that was cut has another name afterwards)."""

    kind: str
    job: Callable[[Any, int], Outcome]
    deadline_s: float
    options: dict[str, Any]
    make: Callable[[str], Any] | None = None
    where: str = "tcp://127.0.0.1:0"
    without: tuple[str, ...] = ()


def sign(where: str) -> CodecSign:
    """Its quarantine passes thirty times as fast: that a dead sign is left alone for a minute is no fault."""
    return CodecSign(where, FrameCodec(load(CONFIG / "signs" / "sum8.toml")), clock=lambda: time.monotonic() * 30)


def show(driver: Any, number: int) -> Outcome:
    outcome: Outcome = driver.show(SignText(1 + number % 3, f"A{number:03}"), SIGN_S)
    return outcome


def print_one(driver: Any, number: int) -> Outcome:
    outcome: Outcome = driver.print(Paper(f"job-{number}", (Text(f"A{number:03}"),)), PRINT_S)
    return outcome


def tried(klass: Klass) -> Callable[[Any, int], Outcome]:
    return INTENTS[klass].use


def quick_sign(codec: Any) -> Callable[[str], CodecSign]:
    return lambda where: CodecSign(where, codec, clock=lambda: time.monotonic() * 30)


PAD = [{"counter": 1, "address": 1}]
INPUT = [{"name": "door", "line": 17}]
CASES = {
    "frame sign, tcp": Case("sign/frame", show, SIGN_S, {"frame": "signs/sum8.toml"}, sign),
    "frame sign, pty": Case("sign/frame", show, SIGN_S, {"frame": "signs/sum8.toml"}, sign, "pty:", ("unplugged",)),
    "printer, tcp": Case("printer/escpos", print_one, PRINT_S, {}),
    "printer, pty": Case("printer/escpos", print_one, PRINT_S, {}, None, "pty:"),
    "Onbon sign": Case("sign/onbon", show, SIGN_S, {}, quick_sign(OnbonCodec(Screen()))),
    "Modbus sign": Case("sign/modbus", show, SIGN_S, {}, quick_sign(ModbusCodec(Registers(), "tcp"))),
    "Alpha sign": Case("sign/alpha", show, SIGN_S, {}, quick_sign(AlphaCodec())),
    "keypad": Case("keypad/frame", tried("keypad"), SIGN_S, {"frame": "keypads/polled.toml", "pad": PAD}),
    "rating pad": Case("rating/frame", tried("rating"), SIGN_S, {"frame": "keypads/rating_polled.toml", "pad": PAD}),
    "scanner": Case("scanner/serial", tried("scanner"), SIGN_S, {}),
    "card reader": Case("idcard/serial", tried("idcard"), SIGN_S, {}),
    "network camera": Case("camera/mjpeg", tried("camera"), 4.0, {}),
    "contacts": Case("contact/gpio", tried("contact"), SIGN_S, {"input": INPUT}),
    "voice": Case("voice/espeak", tried("voice"), 8.0, {}),
}


def run(case: Case, n: int, seed: int, folder: Path) -> Storm:
    klass, _, driver = case.kind.partition("/")
    kind = catalog().get(klass, driver)
    assert kind is not None and kind.simulator is not None
    options = msgspec.convert(case.options, kind.options)
    simulator = kind.simulator(Site("storm", case.where, CONFIG, folder), options)
    make = case.make or (lambda where: kind.make(Site("storm", where, CONFIG, folder), options))
    return storm(make, simulator, case.job, n, seed, deadline_s=case.deadline_s, without=case.without)


def check(found: Storm) -> None:
    assert found.recovered_s is not None, found
    assert (found.leaked_fds, found.leaked_threads) == (0, 0), found


@pytest.mark.parametrize("name", CASES)
def test_a_driver_is_not_stuck_after_twenty_faults(name: str, tmp_path: Path) -> None:
    check(run(CASES[name], 20, 7, tmp_path))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", CASES)
def test_a_driver_is_not_stuck_after_a_thousand_faults(name: str, tmp_path: Path) -> None:
    for seed in range(10):
        check(run(CASES[name], 100, seed, tmp_path))


def test_a_driver_that_is_stuck_is_found(tmp_path: Path) -> None:
    class Stubborn(CodecSign):
        """Once silent, never to be spoken to again."""

        def show(self, text: Any, deadline_s: float) -> Outcome:
            return Outcome("unknown", "stuck")

    def make(where: str) -> CodecSign:
        return Stubborn(where, FrameCodec(load(CONFIG / "signs" / "sum8.toml")))

    case = Case("sign/frame", show, 0.2, {"frame": "signs/sum8.toml"}, make)
    found = run(case, 3, 1, tmp_path)
    assert found.recovered_s is None
    assert "stuck" in found.stuck
