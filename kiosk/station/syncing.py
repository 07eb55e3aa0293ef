"""The station's ends of the sync: facts up, commands down, each in a thread of its own; the hall never waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec

from kiosk.config import Config, ConfigError
from kiosk.config.accept import accept
from kiosk.config.adopt import adopt, overlay
from kiosk.config.layers import layers
from kiosk.config.signed import Refused as Unsafe
from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.commands import Refused
from kiosk.domain.facts import Recorded
from kiosk.journal import reader
from kiosk.journal.store import JournalError
from kiosk.station.clock import wall_ms
from kiosk.station.keeper import Keeper
from kiosk.sync.pull import Command, NotNow, Puller, Rejected
from kiosk.sync.push import Pusher

TAKEN_FROM = "central-commands"
TAKE_S = 10.0
RESTART_S = 1.0


class _InMemory:
    """The receiver is the truth; this only saves asking it again while we run."""

    def __init__(self) -> None:
        self._seq = 0

    def get(self) -> int:
        return self._seq

    def set(self, seq: int) -> None:
        self._seq = seq


class _Taken:
    """Commands taken so far: a fact, so it survives with everything else."""

    def __init__(self, sync: Syncing) -> None:
        self._sync = sync

    def get(self) -> int:
        return self._sync.keeper.hall.took.get(TAKEN_FROM, 0)

    def set(self, seq: int) -> None:
        self._sync.on_loop(self._sync.keeper.record(f.TookFrom(store=TAKEN_FROM, seq=seq)))


class _NoticePublish(msgspec.Struct, frozen=True):
    notice: str
    text: f.Lines
    until: str = ""


class _NoticeWithdraw(msgspec.Struct, frozen=True):
    notice: str


class _Files(msgspec.Struct, frozen=True):
    """File name -> its text."""

    files: dict[str, str]


class Syncing:
    def __init__(self, keeper: Keeper, config: Config, data: Path, restart: Callable[[], None]) -> None:
        """`restart` is called on the loop when a configuration from central is to be put in force."""
        self.keeper = keeper
        self._config = config
        self._data = data
        self._restart = restart
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pusher: Pusher | None = None
        self._puller: Puller | None = None
        self._follower: reader.Follower | None = None

    def open(self) -> None:
        """After the keeper: the store id is known then."""
        central = self._config.central
        if not central.url:
            return
        self._loop = asyncio.get_running_loop()
        follower = self._follower = reader.Follower(self.keeper.journal.path)
        self._pusher = Pusher(
            url=central.url,
            token=central.token,
            store=self.keeper.journal.store,
            station=self._config.station.id,
            read=follower.read,
            head=follower.last_seq,
            cursor=_InMemory(),
        )
        self._puller = Puller(
            url=central.url,
            token=central.token,
            store=self.keeper.journal.store,
            take=self._take,
            cursor=_Taken(self),
        )
        self._pusher.start()
        self._puller.start()

    async def close(self) -> None:
        for loop in (self._pusher, self._puller):
            if loop is not None:
                await asyncio.to_thread(loop.stop)
        if self._follower is not None:
            self._follower.close()

    def committed(self, facts: Sequence[Recorded]) -> None:
        if self._pusher is not None:
            self._pusher.wake()

    def status(self) -> dict[str, Any]:
        if self._pusher is None or self._puller is None:
            return {"central": ""}
        return {
            "central": self._config.central.url,
            "push": msgspec.to_builtins(self._pusher.status()),
            "pull": msgspec.to_builtins(self._puller.status()),
        }

    def on_loop(self, work: Any) -> Any:
        """From a sync thread: run on the station's loop and wait, bounded."""
        if self._loop is None:
            raise RuntimeError("sync is not open")
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(TAKE_S)

    def _take(self, command: Command) -> None:
        """In the puller's thread; returns once the command is durable. The key makes a repeat harmless."""
        if command.kind in ("config", "signed_config"):
            return self._take_config(command)
        try:
            self.on_loop(self.keeper.submit(_meaning(command), f"central-{command.id}"))
        except Refused as error:
            raise Rejected(str(error)) from error
        except (JournalError, TimeoutError) as error:
            raise NotNow(str(error)) from error

    def _take_config(self, command: Command) -> None:
        base = self._config.folder
        try:
            if command.kind == "signed_config":
                adopted = accept(base, self._data, bytes(command.body), wall_ms())
            elif layers(base, self._data).keys:
                raise Unsafe("unsigned", "本机只采用签名配置。", "this box takes signed configuration only; sign it")
            else:
                files = msgspec.json.decode(command.body, type=_Files).files
                adopted = adopt(base, overlay(self._data), files)
        except Unsafe as error:
            raise Rejected(f"command {command.id} ({command.kind}): {error.reason}: {error}") from error
        except (msgspec.MsgspecError, ConfigError, ValueError) as error:
            raise Rejected(f"command {command.id} ({command.kind}): {error}") from error
        except OSError as error:
            raise NotNow(f"the configuration could not be written: {error}") from error
        if adopted is not None and self._loop is not None:
            # Late enough for the cursor's own fact; a command that is offered again finds its files in force.
            self._loop.call_soon_threadsafe(self._loop.call_later, RESTART_S, self._restart)


def _meaning(command: Command) -> c.Command:
    try:
        if command.kind == "notice_publish":
            said = msgspec.json.decode(command.body, type=_NoticePublish)
            return c.Publish(notice=said.notice, text=said.text, until=said.until)
        if command.kind == "notice_withdraw":
            return c.Withdraw(notice=msgspec.json.decode(command.body, type=_NoticeWithdraw).notice)
    except msgspec.MsgspecError as error:
        raise Rejected(f"command {command.id} ({command.kind}) does not fit: {error}") from error
    raise Rejected(f"command {command.id}: this release does not know {command.kind}")
