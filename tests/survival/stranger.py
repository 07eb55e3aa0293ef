"""A stranger on the hall's network who asks a thousand times a second. Prints how many answers of each status came.

python -m tests.survival.stranger PORT REQUESTS PER_SECOND
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

LINES = 40
ASKED = (
    b"GET /hall HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /tickets/00000000000000000000000000000000 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n"
    b'{"service":"payment"}',
    b"POST /counters/1/next HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer guess\r\nContent-Length: 0\r\n\r\n",
)


async def one_line(port: int, times: int, pause: float, seen: Counter[str]) -> None:
    """One connection: opened again whenever the station closes it."""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    loop = asyncio.get_running_loop()
    due = loop.time()
    for n in range(times):
        due += pause
        await asyncio.sleep(max(0.0, due - loop.time()))
        try:
            if writer is None or reader is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASKED[n % len(ASKED)])
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            length = next(
                (int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length")), 0
            )
            await asyncio.wait_for(reader.readexactly(length), 10)
            seen[head.split()[1].decode()] += 1
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            seen["no answer"] += 1
            if writer is not None:
                writer.close()
            reader = writer = None
    if writer is not None:
        writer.close()


async def flood(port: int, requests: int, per_second: float) -> None:
    seen: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(one_line(port, requests // LINES, LINES / per_second, seen) for _ in range(LINES)))
    print(json.dumps({"seconds": loop.time() - began, "answers": seen}))


if __name__ == "__main__":
    asyncio.run(flood(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
