"""What `test_power_cut` traces: a keeper on a real journal, the secrets of a station, a blob. Each thing that somebody
is told of is written to the pipe at that moment, as one line of JSON.

    python -m tests.survival.writer FOLDER SYNCHRONOUS BURSTS
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from pathlib import Path

from kiosk.domain import commands as c
from kiosk.journal.blobs import Blobs
from kiosk.journal.store import Journal
from kiosk.station.keeper import Keeper
from kiosk.station.roles import _secret_file
from tests.domain.hall_of import PLAN

SECRET = "s" * 43


def tell(**what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


async def work(folder: Path, synchronous: str, bursts: int) -> None:
    rng = random.Random(5)
    keeper = Keeper(Journal(folder / "data", folder / "data.key"), PLAN)
    await keeper.open()
    tell(seq=keeper.journal.seq)
    _secret_file(folder / "data" / "screen.token", SECRET)
    keeper.journal.conn.execute(f"PRAGMA synchronous={synchronous}")
    keeper.journal.conn.execute("PRAGMA wal_autocheckpoint=40")  # many checkpoints in a short run
    keeper.subscribe(lambda facts: tell(seq=facts[-1].seq))
    await keeper.submit(c.OpenCounter(counter=1), "open")
    for burst in range(bursts):
        await asyncio.gather(*(press(keeper, f"{burst}.{i}", rng) for i in range(rng.randrange(1, 5))))
        if burst % 10 == 5:
            tell(blob=Blobs(folder / "data" / "blobs").put(rng.randbytes(3000)))
    await keeper.close()


async def press(keeper: Keeper, key: str, rng: random.Random) -> None:
    if rng.random() < 0.7:
        command: c.Command = c.Issue(ticket=f"t{key}", service=rng.choice(("pay", "ask", "new")))
    else:
        held = keeper.hall.ticket_at(1)
        command = c.Next(counter=1, holding=held.number if held else None)
    answer = await keeper.submit(command, key, lambda hall, at: {"seq": hall.seq, "at": at})
    tell(key=key, answer=answer.decode())


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
