"""Run under camera.c: the real driver on what it takes for a real camera."""

import base64
import json
import os
import sys
import threading
import time

from devices.camera.driver import V4l2Camera
from devices.ports import DeviceError
from tests.devices.scanner.counting import descriptors

driver = V4l2Camera("v4l2://" + os.environ["CAMERA_PATH"], warmup=2)


def do(word: str, *rest: float) -> object:
    if word == "count":
        return [descriptors(), threading.active_count()]
    if word == "photo":
        return base64.b64encode(driver.photo(*rest)).decode()
    if word == "close_soon":
        threading.Timer(rest[0], driver.close).start()
        return None
    said = getattr(driver, word)(*rest)
    return said and str(said)


for line in sys.stdin:
    start = time.monotonic()
    try:
        answer = {"said": do(*json.loads(line))}
    except DeviceError as error:
        answer = {"error": type(error).__name__, "why": str(error)}
    print(json.dumps({**answer, "seconds": time.monotonic() - start}), flush=True)
