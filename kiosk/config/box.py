"""A change of the configuration is tried: the station starts again with it, and goes back by itself unless a person says
within 60 s that it is well. What was good before stays whole all the time.

    try_files   checks, writes the set, begins the trial       settle    at every start of a station: which set counts
    confirm     the set on trial is the good one from now on   expire    now and then: ends a trial whose time has passed
    rollback    ends the trial; the good one counts            put       no trial: in force from the next start

The law of a trial: it lives in one boot of the machine, by a clock that runs evenly (a wrong date neither confirms nor
keeps it), and in one start of the station. A second start means that the first one did not survive it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.config import Config, Source
from kiosk.config import boot as boots
from kiosk.config.boot import Boot
from kiosk.config.checker import ConfigError, mistake
from kiosk.config.durable import FILES as DISK
from kiosk.config.durable import Files
from kiosk.config.files import FILES
from kiosk.config.layers import layers, load_layers, over, sources
from kiosk.config.sets import (
    Damaged,
    Ended,
    State,
    Trial,
    alone,
    clear,
    name_of,
    read_state,
    write_set,
    write_state,
)
from kiosk.config.words import both
from kiosk.domain.facts import Lines

__all__ = [
    "BoxError",
    "Settled",
    "Trial",
    "check",
    "confirm",
    "ended",
    "expire",
    "left_s",
    "outcome",
    "previous",
    "put",
    "rollback",
    "running",
    "settle",
    "trial",
    "try_files",
]

TRIAL_MS = 60_000
LARGEST = 256 * 1024  # bytes of one file

Why = Literal["", "expired", "crashed", "refused"]


class BoxError(Exception):
    """Nothing was changed. `reason` is a word for programs, `text` is for people."""

    def __init__(self, reason: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason, self.text = reason, Lines(zh=zh, en=en)


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What a start begins with. `why`: for what a trial was ended just now ("" = none was); `detail` is for the log."""

    on_trial: bool
    why: Why = ""
    detail: str = ""


def try_files(
    base: Path,
    data: Path,
    files: Mapping[str, str],
    now_ms: int,
    *,
    drop: Collection[str] = (),
    boot: Boot | None = None,
    disk: Files = DISK,
) -> Trial:
    """Puts the good set with `files` (name -> text) instead of its own, without those in `drop` (the lower layer shows again),
    on trial: the next start of a station takes it. `now_ms`: wall clock. Raises ConfigError with every mistake, BoxError when
    there is a trial already or nothing to try; then nothing has changed."""
    now = boot or boots.now()
    with alone(data):
        state = _state(data)
        _no_other(state, now)
        texts = _checked(base, data, state, files, drop)
        name = name_of(texts)
        if name == state.good:
            raise BoxError("nothing", "与现用配置相同，无需试用。", "this is what is in force already: nothing to try")
        clear(data, state, disk)
        write_set(data, texts, disk)
        begun = Trial(
            set=name,
            until_ms=now_ms + TRIAL_MS,
            boot=now.id,
            from_boot_ms=now.ms,
            until_boot_ms=now.ms + TRIAL_MS,
            files=(*sorted(files), *(f"-{file}" for file in sorted(drop))),
        )
        write_state(data, msgspec.structs.replace(state, trial=begun, ended=None), disk)
        return begun


def put(
    base: Path,
    data: Path,
    files: Mapping[str, str],
    *,
    drop: Collection[str] = (),
    boot: Boot | None = None,
    disk: Files = DISK,
) -> str:
    """In force from the next start, without a trial: for the wizard, which tests each thing itself. -> name of the set.
    Raises as `try_files`; putting what is in force is well."""
    with alone(data):
        state = _state(data)
        _no_other(state, boot or boots.now())
        texts = _checked(base, data, state, files, drop)
        clear(data, state, disk)
        name = write_set(data, texts, disk)
        if name != state.good:
            write_state(data, State(good=name, before=state.good), disk)
        return name


def confirm(data: Path, *, boot: Boot | None = None, disk: Files = DISK) -> None:
    """The set on trial is the good one; the one before is kept. Raises BoxError: no trial, too late, not started with yet."""
    with alone(data):
        state = _state(data)
        if state.trial is None:
            raise _no_trial()
        if over(state.trial, boot or boots.now()):
            write_state(data, _ended(state, "expired"), disk)
            raise BoxError(
                "too_late",
                "试用时间已过，已恢复原来的配置。请重新试用。",
                "the time of the trial has passed and the configuration before is back; try it again",
            )
        if not state.trial.started:
            raise BoxError(
                "not_started",
                "站点程序还没有用这份配置启动，请稍候再确认。",
                "the station has not started with it yet; wait until it has, look, then confirm",
            )
        write_state(data, State(good=state.trial.set, before=state.good), disk)


def rollback(data: Path, *, disk: Files = DISK) -> None:
    """Ends the trial: the good set counts from the next start. Raises BoxError when there is none."""
    with alone(data):
        state = _state(data)
        if state.trial is None:
            raise _no_trial()
        write_state(data, _ended(state, "rolled_back"), disk)


def previous(base: Path, data: Path, *, boot: Boot | None = None, disk: Files = DISK) -> None:
    """Back to the set that was good before the latest one (which then is the one before), from the next start. Raises BoxError,
    also while there is a trial, and ConfigError."""
    with alone(data):
        state = _state(data)
        _no_other(state, boot or boots.now())
        if state.before == state.good:
            raise BoxError("nothing", "没有更早的配置可恢复。", "there is no set before this one")
        _load(base, data, _set(data, state.before))
        write_state(data, State(good=state.before, before=state.good), disk)


def trial(data: Path) -> Trial | None:
    """The trial that runs or is about to; None when there is none or its state cannot be read (the start says so)."""
    try:
        return read_state(data).trial
    except Damaged:
        return None


def running(data: Path, *, boot: Boot | None = None) -> Trial | None:
    """The trial that still has time."""
    found = trial(data)
    return None if found is None or over(found, boot or boots.now()) else found


def left_s(tried: Trial) -> int:
    """Seconds until a trial is rolled back, by the clock that counts."""
    return max(0, (tried.until_boot_ms - boots.now().ms) // 1000)


Outcome = Literal["", "confirmed", "expired", "crashed", "refused", "rolled_back", "replaced"]


def outcome(data: Path, tried: Trial, *, boot: Boot | None = None) -> Outcome:
    """What became of a trial; "" while it goes on. Raises BoxError when the state cannot be read."""
    state = _state(data)
    if state.trial is not None and state.trial.set == tried.set and state.trial.until_boot_ms == tried.until_boot_ms:
        return "expired" if over(tried, boot or boots.now()) else ""
    if state.good == tried.set:
        return "confirmed"
    return state.ended.why if state.ended is not None and state.ended.set == tried.set else "replaced"


def ended(data: Path, *, boot: Boot | None = None) -> Ended | None:
    """The last trial, if it came to an end without being confirmed and nothing was put in force since."""
    try:
        state = read_state(data)
    except Damaged:
        return None
    if state.trial is not None and over(state.trial, boot or boots.now()):
        return _ended(state, "expired").ended
    return state.ended


def _ended(state: State, why: Literal["expired", "crashed", "refused", "rolled_back"]) -> State:
    """Without its trial, and what became of it. One that ran out did so when it was due, whenever that is written down."""
    if (tried := state.trial) is None:
        return state
    at_ms = tried.until_ms if why == "expired" else time.time_ns() // 1_000_000
    told = Ended(why=why, at_ms=at_ms, set=tried.set, files=tried.files)
    return msgspec.structs.replace(state, trial=None, ended=told)


def expire(data: Path, now_ms: int = 0, *, boot: Boot | None = None, disk: Files = DISK) -> bool:
    """For the station's timer: ends a trial whose time has passed -> True: start again, with the good set. The wall clock
    `now_ms` has no say in it."""
    del now_ms
    found = trial(data)
    if found is None or not over(found, boot or boots.now()):
        return False
    with alone(data):
        state = _state(data)
        if state.trial != found:
            return False
        write_state(data, _ended(state, "expired"), disk)
    return True


def settle(base: Path, data: Path, now_ms: int = 0, *, boot: Boot | None = None, disk: Files = DISK) -> Settled:
    """Once at every start of a station, before it loads: begins with the trial, or ends one that is over, that the start
    before did not survive, or that does not load any more. Raises BoxError when the box's own state cannot be read."""
    del now_ms
    found = trial(data)
    if found is None:
        return Settled(on_trial=False)
    with alone(data):
        state = _state(data)
        if state.trial is None:
            return Settled(on_trial=False)
        why, detail = _unfit(base, data, state.trial, boot or boots.now())
        if why:
            write_state(data, _ended(state, why), disk)
            return Settled(on_trial=False, why=why, detail=detail)
        started = msgspec.structs.replace(state.trial, started=True)
        write_state(data, msgspec.structs.replace(state, trial=started), disk)
        return Settled(on_trial=True)


def _no_other(state: State, now: Boot) -> None:
    if state.trial is not None and not over(state.trial, now):
        raise BoxError(
            "on_trial",
            "已有一份配置在试用：请先确认（kiosk config confirm）或撤回（kiosk config rollback）。",
            "there is a trial already: `kiosk config confirm` or `kiosk config rollback` it first",
        )


def _unfit(base: Path, data: Path, trial: Trial, now: Boot) -> tuple[Why, str]:
    if trial.started:
        return "crashed", "a station started with the trial and ended before anybody confirmed it"
    if over(trial, now):
        return "expired", "nobody confirmed the trial in time"
    try:
        _load(base, data, _set(data, trial.set))
    except (ConfigError, BoxError) as error:
        return "refused", str(error)
    return "", ""


def check(base: Path, data: Path, files: Mapping[str, Source], *, drop: Collection[str] = ()) -> Config:
    """What `try_files` would put on trial, looked at only. A mistake bears the path that its Source has. Raises ConfigError,
    BoxError."""
    state = _state(data)
    return _load(base, data, _laid(data, state, files, drop))


def _checked(base: Path, data: Path, state: State, files: Mapping[str, str], drop: Collection[str]) -> dict[str, str]:
    """The texts of the new set. Raises ConfigError."""
    laid = _laid(data, state, {name: Source(Path(name), text) for name, text in files.items()}, drop)
    _load(base, data, laid)
    return {name: source.text or "" for name, source in laid.items()}


def _laid(data: Path, state: State, files: Mapping[str, Source], drop: Collection[str]) -> dict[str, Source]:
    """The good set with `files` instead of its own, without those in `drop`. Raises ConfigError for what is no file of ours."""
    mistakes = [
        mistake(
            files[name].path if name in files else name,
            1,
            "is not a file of the configuration.",
            f"Known: {', '.join(FILES)}.",
        )
        for name in {*files, *drop}
        if name not in FILES
    ]
    sizes = {source.path: len((source.text or "").encode()) for source in files.values()}
    mistakes += [
        mistake(path, 1, f"has {size} bytes.", f"At most {LARGEST} are taken.")
        for path, size in sizes.items()
        if size > LARGEST
    ]
    if mistakes:
        raise ConfigError(mistakes)
    return {name: source for name, source in (_set(data, state.good) | dict(files)).items() if name not in drop}


def _load(base: Path, data: Path, box: Mapping[str, Source]) -> Config:
    return load_layers(layers(base, data, box=box))


def _state(data: Path) -> State:
    try:
        return read_state(data)
    except Damaged as error:
        raise _damaged(error) from error


def _set(data: Path, name: str) -> dict[str, Source]:
    try:
        return sources(data, name)
    except Damaged as error:
        raise _damaged(error) from error


def _damaged(error: Damaged) -> BoxError:
    text = f"{error.path}：{both(error.text).zh}"
    return BoxError("damaged", f"本机配置损坏：{text}", f"the box's own configuration is damaged: {error}")


def _no_trial() -> BoxError:
    return BoxError("no_trial", "没有正在试用的配置。", "no configuration is on trial")
