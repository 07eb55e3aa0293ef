"""Run under gpio.c: the real driver on gpiod, on what it takes for a real chip."""

import json
import os
import sys
import threading
import time

from devices.contact.driver import GpioContacts
from devices.contact.pins import Input
from devices.ports import DeviceError
from devices.transport import deadline_in
from tests.devices.scanner.counting import descriptors

INPUTS = (
    Input(name="front door", line=17, active_low=True, means="door", debounce_ms=30, pull="up"),
    Input(name="drawer", line=4, means="drawer", debounce_ms=5),
)
driver = GpioContacts("gpio://" + os.environ["GPIO_PATH"], INPUTS)


def do(word: str, *rest: float) -> object:
    global driver
    if word == "count":
        return [descriptors(), threading.active_count()]
    if word == "listen":
        change = driver.listen(deadline_in(rest[0]))
        return [getattr(change, "name"), getattr(change, "active")] if change else None  # noqa: B009 (an Event of any kind)
    if word == "wake_soon":
        threading.Timer(rest[0], driver.wake).start()
        return None
    if word == "close_soon":
        threading.Timer(rest[0], driver.close).start()
        return None
    if word == "wrong_line":
        driver = GpioContacts("gpio://" + os.environ["GPIO_PATH"], (Input(name="x", line=99),))
        driver.open()
    said = getattr(driver, word)(*rest)
    return said if isinstance(said, dict) else said and str(said)


for line in sys.stdin:
    start = time.monotonic(), time.thread_time()
    try:
        answer = {"said": do(*json.loads(line))}
    except DeviceError as error:
        answer = {"error": type(error).__name__, "why": str(error)}
    took = {"seconds": time.monotonic() - start[0], "processor": time.thread_time() - start[1]}
    print(json.dumps({**answer, **took}), flush=True)
