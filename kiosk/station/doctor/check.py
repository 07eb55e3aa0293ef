"""One check of a box: what was found, and what to do about it, in both languages; and how many of them run at once, each within
its own time."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any, Literal

import msgspec

from kiosk.config import Config
from kiosk.config.layers import Layers
from kiosk.domain.facts import Lines

State = Literal["ok", "warn", "fail"]
ROOT = Path(__file__).resolve().parents[3]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is a stable word; `remedy` None where there is nothing to do."""

    id: str
    state: State
    what: Lines
    remedy: Lines | None = None


def ok(id: str, zh: str, en: str) -> Check:
    return Check(id=id, state="ok", what=Lines(zh=zh, en=en))


def warn(id: str, zh: str, en: str, mend_zh: str, mend_en: str) -> Check:
    return Check(id=id, state="warn", what=Lines(zh=zh, en=en), remedy=Lines(zh=mend_zh, en=mend_en))


def fail(id: str, zh: str, en: str, mend_zh: str, mend_en: str) -> Check:
    return Check(id=id, state="fail", what=Lines(zh=zh, en=en), remedy=Lines(zh=mend_zh, en=mend_en))


@dataclass(frozen=True)
class Scene:
    """What the checks look at. `root` is where /dev, /proc, /run, /sys and /usr lie; `project` holds the lock and the assets;
    `health` is the running station's own word (GET /health), None when none runs."""

    base: Path
    data: Path
    config: Config | None
    layers: Layers
    health: Mapping[str, Any] | None = None
    quick: bool = False
    root: Path = Path("/")
    project: Path = ROOT
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000

    def run(self, *argv: str, seconds: float = 2.0) -> str | None:
        """What a program says; None when it is not there, fails or takes longer."""
        program = which(argv[0], path=self.env.get("PATH", os.defpath))
        if program is None:
            return None
        try:
            done = subprocess.run(
                [program, *argv[1:]], capture_output=True, timeout=seconds, env=dict(self.env), check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


Look = Callable[[Scene], Iterable[Check]]


@dataclass(frozen=True, slots=True)
class Task:
    """`seconds`: the longest it may take; then it is left to itself and counts as failed."""

    id: str
    look: Look
    seconds: float = 5.0


def run_all(scene: Scene, tasks: Sequence[Task]) -> list[Check]:
    """Every task's checks, in the order of the tasks, after at most the longest task's time: a late one is not waited for."""
    done: queue.Queue[tuple[int, list[Check]]] = queue.Queue()
    begin = time.monotonic()
    for nth, task in enumerate(tasks):
        # Daemons: a call that hangs in the kernel must not keep the doctor from ending.
        threading.Thread(target=_run, args=(scene, task, nth, done), name=f"doctor-{task.id}", daemon=True).start()
    found: dict[int, list[Check]] = {}
    while waiting := {nth: begin + task.seconds for nth, task in enumerate(tasks) if nth not in found}:
        left = min(waiting.values()) - time.monotonic()
        try:
            nth, checks = done.get(timeout=left) if left > 0 else done.get_nowait()
        except queue.Empty:
            now = time.monotonic()
            found |= {nth: [_too_slow(tasks[nth])] for nth, until in waiting.items() if until <= now}
        else:
            found[nth] = checks
    return [check for nth in range(len(tasks)) for check in found[nth]]


def _run(scene: Scene, task: Task, nth: int, done: queue.Queue[tuple[int, list[Check]]]) -> None:
    try:
        checks = list(task.look(scene))
    except Exception as error:  # noqa: BLE001 (one check's mistake must not hide what the others found; it is shown as its result)
        checks = [
            fail(
                task.id,
                f"检查本身出错：{type(error).__name__}: {error}",
                f"the check itself failed: {type(error).__name__}: {error}",
                "请把诊断包发给开发者。",
                "Send the diagnostic bundle to the developers.",
            )
        ]
    done.put((nth, checks))


def _too_slow(task: Task) -> Check:
    return fail(
        task.id,
        f"{task.seconds:g} 秒内没有结果。",
        f"no result within {task.seconds:g} s",
        "多半是磁盘或网络卡住：查看 dmesg，检查网线。",
        "A disk or the network probably hangs: look at dmesg, check the cable.",
    )
