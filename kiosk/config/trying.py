"""A trial as the shell tells of it: how long it still has, what became of it, and whether the station runs with what is stored.
Every text has both languages, Chinese first."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.config import ConfigError, box
from kiosk.config.box import Outcome, left_s
from kiosk.config.layers import load_box
from kiosk.config.running import answering
from kiosk.config.sets import Ended, Trial

LOOK_S = 0.5

BECAME: dict[Outcome, str] = {
    "confirmed": "已确认，长期有效 · confirmed: this is the good configuration now",
    "expired": "没有人确认，已自动撤回，原来的配置生效 · nobody confirmed it in time: the configuration before is back",
    "crashed": "站点程序没有正常运行，已撤回，原来的配置生效 · the station did not survive it: the configuration before is back",
    "refused": "启动时已不能用，已自动撤回，原来的配置生效 · it did not load any more: the configuration before is back",
    "rolled_back": "已被撤回，原来的配置生效 · it was taken back: the configuration before is back",
    "replaced": "已被另一份配置取代 · another configuration was put in force instead",
}


def clock(ms: int) -> str:
    """The time of day of a wall clock, for people at this machine."""
    return time.strftime("%H:%M:%S", time.localtime(ms / 1000))


def wait(data: Path, tried: Trial) -> Outcome:
    """Until somebody confirms it, takes it back, or its time is over: one minute at most. At a terminal the seconds count down.
    Raises BoxError when the box's own state cannot be read."""
    counts = sys.stderr.isatty()
    while not (became := box.outcome(data, tried)):
        if counts:
            print(f"\r还剩 {left_s(tried)} 秒 · {left_s(tried)} s left ", end="", file=sys.stderr, flush=True)
        time.sleep(LOOK_S)
    if counts:
        print(file=sys.stderr)
    return became


def told_outcome(became: Outcome, tried: Trial) -> str:
    return f"{BECAME[became]} ({', '.join(tried.files)})"


def told_running(tried: Trial) -> str:
    files, left, at = ", ".join(tried.files), left_s(tried), clock(tried.until_ms)
    if not tried.started:
        return (
            f"等待试用：{files}；站点程序还没有用它启动，剩 {left} 秒\n"
            f"waiting to be tried: {files}; no station has started with it yet, {left} s left"
        )
    return (
        f"正在试用：{files}，还剩 {left} 秒（到 {at}），不确认就自动撤回；kiosk config confirm 保留\n"
        f"on trial: {files}, rolled back in {left} s (at {at}) unless confirmed: `kiosk config confirm` keeps it"
    )


def told_ended(ended: Ended) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(ended.at_ms / 1000))
    zh, _, en = BECAME[ended.why].partition(" · ")
    files = ", ".join(ended.files)
    return f"最近一次试用（{files}）：{at} {zh}\nthe last trial ({files}): {at}, {en}"


class InForce(msgspec.Struct, frozen=True):
    """Whether a station runs with what is on the disk."""

    state: Literal["running", "stored", "no_station"]
    text: str


def in_force(base: Path, data: Path) -> InForce:
    station = answering(base, data)
    if station is None:
        return InForce(
            "no_station",
            "没有站点程序在运行：以上从下次启动起生效 · no station runs: this is what its next start takes",
        )
    try:
        stored = load_box(base, data, devices=False).version
    except ConfigError:
        stored = ""
    if station.version == stored:
        return InForce(
            "running", f"已生效：站点程序正在使用（{stored}） · in force: the station runs with it ({stored})"
        )
    return InForce(
        "stored",
        f"只存盘、未生效：站点程序仍用 {station.version}，重启后才用以上（{stored}）\n"
        f"stored only: the station still runs with {station.version}; a restart takes what is shown here ({stored})",
    )
