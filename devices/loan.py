"""A device's line, lent to somebody else for a moment: detection must hear what speaks on a port, and nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from devices.ports import DeviceError
from devices.supervising import Clock

LEND_S = 60.0  # a lent line is taken back after this


@dataclass(slots=True)
class _Loan:
    """`until`: the latest moment it is taken back, known once it is given."""

    hold_s: float
    until: float | None = None


class LoanDesk:
    """Between one borrower (any thread) and the supervisor's thread; `lock` is the supervisor's."""

    def __init__(self, name: str, lock: threading.Condition, clock: Clock) -> None:
        self._name, self._lock, self._clock = name, lock, clock
        self._loan: _Loan | None = None

    @property
    def wanted(self) -> bool:
        """Somebody has it, or waits for it; the lock is held."""
        return self._loan is not None

    @contextmanager
    def borrow(
        self, timeout_s: float, hold_s: float, *, gone: Callable[[], bool], ring: Callable[[], None]
    ) -> Iterator[None]:
        """`gone`: no supervisor's thread has it. `ring` is called with the lock held when it is asked for and given back."""
        loan = _Loan(hold_s)
        with self._lock:
            if self._loan is not None:
                raise DeviceError(
                    f"{self._name}: the line is lent already 线路已被借用; try again in a minute 请稍后再试"
                )
            self._loan = loan
            ring()
            given = self._lock.wait_for(lambda: loan.until is not None or gone(), timeout_s)
        try:
            if not given:
                what = f"still at work after {timeout_s:.0f} s 设备正忙"
                raise DeviceError(f"{self._name}: {what}; try again in a minute 请稍后再试")
            yield
        finally:
            with self._lock:
                if self._loan is loan:
                    self._loan = None
                ring()

    def serve(self, let_go: Callable[[], None], wake_at: Callable[[], list[float]]) -> bool:
        """In the supervisor's thread: False when nobody wants it; else let go of it, and sleep until something happens."""
        with self._lock:
            loan = self._loan
        if loan is None:
            return False
        if loan.until is None:
            let_go()
        with self._lock:
            now = self._clock.now()
            if loan.until is None:
                loan.until = now + loan.hold_s
                self._lock.notify_all()
            if self._loan is loan and now >= loan.until:
                self._loan = None  # kept too long
            elif self._loan is loan and (pause := min([loan.until, *wake_at()]) - now) > 0:
                self._clock.wait(self._lock, pause)
        return True
