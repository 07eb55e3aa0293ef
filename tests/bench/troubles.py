"""From a hand that opens the printer's cover to the words on the customer's screen."""

from __future__ import annotations

import time
from statistics import median

from devices.printer.simulator import PrinterSimulator
from tests.bench import glass, halls
from tests.bench.figure import Figure

DEVICES = '[[device]]\nid = "printer"\nclass = "printer"\ndriver = "escpos"\nwhere = "{}"\nasb = {}\n'


def work(quick: bool) -> list[Figure]:
    """With automatic status the printer tells by itself; without, it is asked every few seconds. The screen looks each second."""
    return [_figure(asb, 3 if quick else 7) for asb in (True, False)]


def _figure(asb: bool, times: int) -> Figure:
    printer = PrinterSimulator("127.0.0.1", 0)
    printer.start()
    try:
        with halls.scratch("troubles") as folder:
            devices = DEVICES.format(printer.where, str(asb).lower())
            config, data = halls.config(folder / "config", devices=devices), folder / "data"
            display = glass.Display(folder)
            try:
                with halls.station(config, data) as station, halls.floor("echo", folder) as floor:
                    url = f"http://127.0.0.1:{station.port}"
                    seen = glass.Glass(folder, display, config, data, url, floor.port)
                    took = _times(seen, printer, times)
            finally:
                display.close()
    finally:
        printer.stop()
    told = "automatic status" if asb else "asked for its status"
    return Figure(f"cover open → the screen says it, {told}", median(took) * 1000, "ms")


def _times(seen: glass.Glass, printer: PrinterSimulator, times: int) -> list[float]:
    window = seen.screen()
    try:
        window.shown(("attract",))
        at = seen.display.touch(*window.middle("start", window.began))
        window.shown(("home",), at)
        took = []
        for _ in range(times):
            halls.pause(1.3)
            begin = time.monotonic()
            printer.set_fault("cover_open")
            took.append(window.shown(("home",), begin) - begin)
            halls.pause(0.5)
            mended = time.monotonic()
            printer.clear_fault()
            window.shown(("home",), mended)
        return took
    finally:
        window.close()
