"""The same Idempotency-Key and request get the same answer, also while the first is still at work; another request with that key
is refused. Kept in memory only, unlike a command's answer in the journal: a test's answer may show what a camera or scanner saw,
which must not lie on a disk, and what a technician does is harmless to do once more after a restart."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from kiosk.domain.refusals import key_reused

KEPT = 64


class Once:
    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[bytes, asyncio.Future[Any]]] = OrderedDict()

    async def run(self, key: str, request: object, work: Callable[[], Awaitable[Any]]) -> Any:
        """-> what `work` returned, or raised, the first time. `request`: anything msgspec encodes."""
        if not key:
            return await work()
        digest = hashlib.sha256(msgspec.json.encode(request)).digest()
        known = self._known.get(key)
        if known is None:
            while len(self._known) >= KEPT:
                self._known.popitem(last=False)
            task = asyncio.ensure_future(work())
            task.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # told to whoever asks, if anybody
            self._known[key] = known = (digest, task)
        elif known[0] != digest:
            raise key_reused()
        return await asyncio.shield(known[1])
