"""The printer of the bench and of `kiosk simulate`: a PrinterSimulator behind the words of devices.catalog.Simulator."""

from __future__ import annotations

from typing import Any

from devices.catalog import Fronted
from devices.printer.simulator import PrinterSimulator, Sheet

PAPERS_SHOWN = 12
TRIES = 5


class SimulatedPrinter(Fronted[PrinterSimulator]):
    """Sheets are numbered from 1 since the start and keep their number; `taken` is the last one a hand took."""

    kind = "printer"

    def __init__(self, id: str, simulator: PrinterSimulator) -> None:
        super().__init__(id, simulator)
        self.taken = 0

    def sheets(self) -> dict[int, Sheet]:
        """number -> sheet, oldest first, as many as the simulator keeps."""
        for _ in range(TRIES):  # a sheet may be cut between the two looks
            last = self.simulator.state.sheets
            kept = self.simulator.sheets
            if self.simulator.state.sheets == last:
                break
        return {last - len(kept) + 1 + i: sheet for i, sheet in enumerate(kept)}

    def take(self) -> None:
        self.taken = self.simulator.state.sheets

    def shown(self) -> dict[str, Any]:
        """{"presented": a sheet hangs out, "papers": [{"n", "at" (ms since the epoch), "bytes", "taken"}, …] newest first}"""
        sheets = self.sheets()
        latest = sorted(sheets, reverse=True)[:PAPERS_SHOWN]
        return {
            "presented": bool(latest) and latest[0] > self.taken,
            "papers": [
                {"n": n, "at": round(sheets[n].at * 1000), "bytes": len(sheets[n].raw), "taken": n <= self.taken}
                for n in latest
            ],
        }
