"""Events to screens and pages: each listener has a bounded queue; one that does not keep up is cut off and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from kiosk.domain import facts as f
from kiosk.domain.facts import Recorded

LISTENERS_MAX = 200
WAITING_MAX = 100
ALIVE_S = 15.0


class TooManyListeners(Exception):
    pass


class Events:
    """Fed with committed facts on the event loop; an event says that something changed, the reader fetches what."""

    def __init__(self, number_of: Callable[[str], str]) -> None:
        """`number_of(ticket id)`: ids are secrets of their holders and never leave by an event."""
        self._number_of = number_of
        self._listeners: set[asyncio.Queue[bytes | None]] = set()

    def committed(self, facts: Sequence[Recorded]) -> None:
        if not self._listeners:
            return
        parts = [p for p in map(self._event, facts) if p]
        parts.append(_sse("hall", {"seq": facts[-1].seq}))
        self.send(b"".join(parts))

    def poke(self, seq: int) -> None:
        """Something that is seen but not on record has changed: look again."""
        self.send(_sse("hall", {"seq": seq}))

    def send(self, data: bytes) -> None:
        for queue in list(self._listeners):
            try:
                queue.put_nowait(data)
            except asyncio.QueueFull:
                self._listeners.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)

    def _event(self, recorded: Recorded) -> bytes:
        fact = recorded.fact
        if isinstance(fact, f.TicketCalled | f.TicketRecalled):
            nth = fact.nth if isinstance(fact, f.TicketRecalled) else 1
            return _sse("call", {"number": self._number_of(fact.ticket), "counter": fact.counter, "nth": nth})
        if isinstance(fact, f.PrintEnded):
            return _sse("job", {"job": fact.job, "outcome": fact.outcome, "detail": fact.detail})
        return b""

    def end(self) -> None:
        """Ends every stream, so that the server can stop."""
        for queue in list(self._listeners):
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(None)
        self._listeners.clear()

    async def listen(self, seq: int) -> AsyncIterator[bytes]:
        """Server-sent events from now on, the hall's `seq` first; raises TooManyListeners."""
        if len(self._listeners) >= LISTENERS_MAX:
            raise TooManyListeners
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING_MAX)
        self._listeners.add(queue)
        try:
            yield b"retry: 2000\n\n" + _sse("hall", {"seq": seq})
            while True:
                try:
                    data = await asyncio.wait_for(queue.get(), ALIVE_S)
                except TimeoutError:
                    data = b": alive\n\n"
                if data is None:
                    return
                yield data
        finally:
            self._listeners.discard(queue)


def _sse(event: str, data: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event.encode(), msgspec.json.encode(data))
