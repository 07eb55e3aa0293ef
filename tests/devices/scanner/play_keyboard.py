"""Run under keyboard.c: the real driver on what it takes for a real keyboard."""

import json
import os
import sys

from devices.ports import DeviceError
from devices.scanner.wedge import WedgeScanner
from devices.transport import deadline_in

driver = WedgeScanner("input://" + os.environ["KEYBOARD_FIFO"])
for line in sys.stdin:
    word, *rest = json.loads(line)
    try:
        if word == "listen":
            event = driver.listen(deadline_in(rest[0]))
            said = getattr(event, "text", None)
        else:
            said = getattr(driver, word)()
        print(json.dumps(said and str(said)), flush=True)
    except DeviceError as error:
        print(json.dumps(f"{type(error).__name__}: {error}"), flush=True)
