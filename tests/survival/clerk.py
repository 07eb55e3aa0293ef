"""One clerk in a process of its own, with two tabs open on the same counter; whatever goes wrong is pressed again with
the same key. Prints each acknowledged call as a line of JSON.

    python -m tests.survival.clerk PORT TOKEN COUNTER CALLS
"""

from __future__ import annotations

import http.client
import json
import secrets
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.survival.station import Line, Said

GIVE_UP_S = 60.0


def press(line: Line, path: str, body: object, key: str) -> Said:
    """Until there is an answer: the station may be killed before, during and after."""
    until = time.monotonic() + GIVE_UP_S
    pause = threading.Event()
    while time.monotonic() < until:
        try:
            said = line.call("POST", path, body, key)
        except (OSError, http.client.HTTPException):
            pause.wait(0.05)
            continue
        if said.status != 503:
            return said
        pause.wait(0.05)
    raise AssertionError(f"no answer to {path} for {GIVE_UP_S} s")


def work(port: int, token: str, counter: int, calls: int) -> None:
    tabs = [Line(port, token), Line(port, token)]
    here = f"/counters/{counter}"
    press(tabs[0], f"{here}/open", {}, secrets.token_hex(8))
    holding: str | None = None
    pause = threading.Event()
    with ThreadPoolExecutor(2) as hands:
        while calls > 0:
            body = {"holding": holding}
            both = [hands.submit(press, tab, f"{here}/next", body, secrets.token_hex(8)) for tab in tabs]
            answers = [one.result() for one in both]
            seen = {_ticket(said) for said in answers}
            assert all(said.status == 200 for said in answers), answers
            called = seen - {(None, None)}
            assert len(called) <= 1, f"two tabs, one press, and {called}"
            id, number = called.pop() if called else (None, None)
            if number is None or number == holding:
                holding = number
                pause.wait(0.02)
                continue
            holding = number
            calls -= 1
            print(json.dumps({"counter": counter, "ticket": id, "number": number}), flush=True)


def _ticket(said: Said) -> tuple[Any, Any]:
    ticket = said.body.get("ticket") if isinstance(said.body, dict) else None
    return (ticket["id"], ticket["number"]) if ticket else (None, None)


if __name__ == "__main__":
    work(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
