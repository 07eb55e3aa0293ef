"""Everything a technician asks of the box, in one place: the API, the page and the wizard call it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

import kiosk
from kiosk.config import Config, ConfigError
from kiosk.config import boot as boots
from kiosk.config import box as boxes
from kiosk.config.durable import put
from kiosk.config.files import FILES
from kiosk.config.layers import layers, over, text_of
from kiosk.domain import facts as f
from kiosk.domain import tongue
from kiosk.domain.commands import Refused
from kiosk.domain.facts import Lines
from kiosk.domain.refusals import refuse
from kiosk.station import doctor, views
from kiosk.station.bundle import bundle
from kiosk.station.keeper import Keeper
from kiosk.station.tech import network
from kiosk.station.tech.desk import DeviceDesk, Seen, Tried
from kiosk.station.tech.once import Once
from kiosk.station.tech.toml_text import put as set_key

RESTART_S = 0.6  # so that the answer is out first
REACH_KEPT_S = 5.0  # a page that asks every two seconds does not knock at central each time

Matrix = tuple[float, float, float, float, float, float]


_matrix = msgspec.json.Decoder(Matrix | None).decode


@dataclass(frozen=True, slots=True)
class InForce:
    """A file of the configuration as it counts now, and the layer it comes from."""

    file: str
    origin: str
    text: str


class Tech:
    """Owned by the station's event loop. `restart` ends this process, which whoever started it starts again."""

    def __init__(
        self,
        keeper: Keeper,
        config: Config,
        data: Path,
        desk: DeviceDesk,
        sync_status: Callable[[], dict[str, Any]],
        restart: Callable[[], None],
    ) -> None:
        self.keeper, self.config, self.data, self.desk = keeper, config, data, desk
        self.once = Once()
        self.restarting = False
        self._sync_status, self._restart = sync_status, restart
        self.screen_restarts = 0  # asked for since this station started; the screen looks at it once a second
        self._reach: tuple[float, network.Reach] | None = None

    async def acted(self, what: str, device: str = "", detail: str = "") -> None:
        await self.keeper.record(f.TechActed(what=what, device=device, detail=detail[:200]))

    # --- devices ---

    async def test(self, id: str, what: str, lang: str) -> Tried:
        result = await self.desk.test(id, what, lang)
        await self.acted("test", id, f"{what} {result.outcome.kind}")
        return result

    async def set_level(self, id: str, what: Literal["volume", "brightness"], level: int) -> Tried:
        set_it = self.desk.set_volume if what == "volume" else self.desk.set_brightness
        outcome = await set_it(id, level)
        await self.acted(what, id, str(level))
        return Tried(outcome)

    async def restart_device(self, id: str) -> str:
        state = await self.desk.restart(id)
        await self.acted("restart", id)
        return state

    # --- network ---

    async def reach(self) -> network.Reach:
        """Central as it is now, asked at most every REACH_KEPT_S."""
        now = asyncio.get_running_loop().time()
        if self._reach is None or now - self._reach[0] > REACH_KEPT_S:
            self._reach = (now, await asyncio.to_thread(network.reach, self.config.central.url))
        return self._reach[1]

    async def pair(self, url: str, code: str, lang: str = "zh") -> network.Token:
        """Asks central, keeps its token in the box's configuration, and starts the station again with it. Raises Refused."""
        self._refuse_on_trial()  # before central counts the code as used
        url = url.strip().rstrip("/")
        token = await asyncio.to_thread(network.pair, url, code, self.pair_key(code), lang)
        texts = self.station_text({("station", "id"): token.station, **_central(url, token.token)})
        try:
            await self._box(lambda: boxes.put(self.config.folder, self.data, {"station.toml": texts}))
        except ConfigError as error:
            raise _not_kept(error) from error
        await self.acted("paired", "", f"{token.station} {url}")
        self.restart_soon()
        return token

    def _refuse_on_trial(self) -> None:
        trial = self.trial()
        if trial is not None and not over(trial, boots.now()):
            raise refuse(
                "on_trial",
                "已有一份配置在试用，现在不能配对。",
                "A configuration is on trial: pairing must wait.",
                "请先在配置页确认或撤回，再用同一个码配对。",
                "Confirm it or take it back on the configuration page, then pair with the same code.",
                "files",
            )

    def pair_key(self, code: str) -> str:
        """The same for the same box and code: an answer that was lost is asked for again."""
        return hashlib.sha256(f"{self.keeper.journal.store} {code}".encode()).hexdigest()[:32]

    # --- configuration ---

    def files(self) -> list[InForce]:
        found = layers(self.config.folder, self.data)
        return [InForce(file, found.origin(file), text_of(found.stack(file)[-1][1]) or "") for file in FILES]

    def text(self, file: str) -> str:
        return next(one.text for one in self.files() if one.file == file)

    def station_text(self, changes: Mapping[tuple[str | int, ...], Any]) -> str:
        text = self.text("station.toml")
        for path, value in changes.items():
            text = set_key(text, path, value)
        return text

    def trial(self) -> boxes.Trial | None:
        return boxes.trial(self.data)

    async def try_files(self, files: Mapping[str, str], drop: Collection[str] = ()) -> boxes.Trial:
        """Raises ConfigError with every mistake, Refused when there is a trial already or nothing changed."""
        trial: boxes.Trial = await self._box(
            lambda: boxes.try_files(self.config.folder, self.data, files, self.keeper.now(), drop=drop)
        )
        await self.acted("config_tried", "", ", ".join([*sorted(files), *(f"-{file}" for file in sorted(drop))]))
        self.restart_soon()
        return trial

    async def confirm(self) -> None:
        await self._box(lambda: boxes.confirm(self.data))
        await self.acted("config_confirmed")

    async def rollback(self, *, last: bool = False) -> None:
        """Ends the trial, or with `last` goes back to the set before the good one; the station starts again where it runs with
        another. Raises Refused, and ConfigError when the set before does not load any more."""
        if last:
            await self._box(lambda: boxes.previous(self.config.folder, self.data))
            await self.acted("config_rolled_back", "", "to the set before")
            self.restart_soon()
            return
        started = (trial := self.trial()) is not None and trial.started
        await self._box(lambda: boxes.rollback(self.data))
        await self.acted("config_rolled_back")
        if started:
            self.restart_soon()

    async def _box(self, work: Callable[[], Any]) -> Any:
        try:
            return await asyncio.to_thread(work)
        except boxes.BoxError as error:
            remedy = Lines(zh="请看配置页的说明。", en="See what the configuration page says.")
            raise Refused(error.reason, error.text, remedy, "files", 409) from error

    # --- the box ---

    def restart_soon(self) -> None:
        self.restarting = True
        asyncio.get_running_loop().call_later(RESTART_S, self._restart)

    async def restart_part(self, what: Literal["station", "screen"]) -> None:
        await self.acted("restart", what)
        if what == "station":
            self.restart_soon()
        else:
            self.screen_restarts += 1

    def calibration(self) -> Matrix | None:
        try:
            found: Matrix | None = _matrix((self.data / "calibration.json").read_bytes())
            return found
        except (OSError, msgspec.MsgspecError):
            return None

    async def set_calibration(self, matrix: Matrix | None) -> None:
        data = msgspec.json.encode(matrix)
        await asyncio.to_thread(put, self.data / "calibration.json", data)
        await self.acted("calibrated")

    async def checks(self) -> list[doctor.Check]:
        """The checks of `kiosk doctor`, of the running station: bounded by 15 s."""
        shown = await self.keeper.read(views.health_view)
        health = {"release": kiosk.__version__, **shown, "sync": self._sync_status()}
        return await asyncio.to_thread(lambda: doctor.checks(self.config.folder, self.data, quick=True, health=health))

    def _both_logs(self, id: str) -> list[str]:
        """Folded, which reaches back far, then every piece, with its own time."""
        return [*self.desk.log(id)[1], "", *self.desk.log(id, all=True)[1]]

    async def bundle(self) -> bytes:
        seen = self.desk.devices()
        shown = await self.keeper.read(views.health_view)
        view = {
            "health": {"release": kiosk.__version__, **shown, "sync": self._sync_status()},
            "devices": [device_view(one) for one in seen],
            "logs": {one.device.id: self._both_logs(one.device.id) for one in seen},
        }
        return await asyncio.to_thread(bundle, self.config, self.data, view)


def device_view(seen: Seen, lang: str = "") -> dict[str, Any]:
    """`lang`: the detail in that language alone; "" = as the driver said it."""
    account = seen.account
    return {
        "id": seen.device.id,
        "class": seen.device.klass,
        "driver": seen.device.driver,
        "where": seen.device.where,
        "state": seen.state,
        "reasons": list(seen.reasons),
        "detail": tongue.lines(seen.detail).get(lang) if lang else seen.detail,
        "since": account.since_ms,
        "ready_s": round(account.ready_s + account.degraded_s, 1),
        "busy_s": round(account.busy_s, 1),
        "fault_s": round(account.fault_s, 1),
        "lost": account.lost,
        "tests": list(seen.tests),
        "volume": seen.volume,
        "brightness": seen.brightness,
    }


def _not_kept(error: ConfigError) -> Refused:
    """What is wrong with the box's configuration, so that the token of a pairing could not be put into it."""
    return refuse(
        "config",
        f"配对成功，但本机配置有误，没有存下：{error.told('zh')}",
        f"Paired, but not kept, since this box's configuration is wrong: {error.told('en')}",
        "请按提示改好，再用同一个码配对。",
        "Mend it as it says, then pair with the same code again.",
        "files",
        422,
    )


def _central(url: str, token: str) -> dict[tuple[str | int, ...], Any]:
    return {("central", "url"): url, ("central", "token"): token}


def mistakes_of(error: ConfigError, lang: str) -> list[dict[str, Any]]:
    """Every mistake with its place, for programs (`key`) and pages (`place`)."""
    return [
        {
            "file": Path(m.file).name,
            "line": m.line,
            "key": m.key,
            "place": m.place,
            "what": m.what.get(lang),
            "remedy": m.remedy.get(lang),
        }
        for m in error.mistakes
    ]
