"""What every driver that listens must keep to, whatever it hears."""

from __future__ import annotations

import threading
import time

from devices.line import deadline_in
from devices.ports import Listener


def wakes_at_once(driver: Listener, after_s: float = 0.1, within_s: float = 1.0) -> None:
    """wake() ends a wait that has begun `after_s` ago, and one that begins after it; both within `within_s` together."""
    waker = threading.Timer(after_s, driver.wake)
    waker.start()
    start = time.monotonic()
    assert driver.listen(deadline_in(10)) is None
    waker.join()
    driver.wake()
    assert driver.listen(deadline_in(10)) is None
    assert time.monotonic() - start < within_s
