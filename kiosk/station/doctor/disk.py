"""What must last: room, a disk that syncs in time, the journal, secrets that only their owner reads, logs that do not grow."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.domain.fold import apply
from kiosk.domain.hall import Hall
from kiosk.domain.ticket import IllegalFact
from kiosk.journal.store import Damaged, Journal, JournalError
from kiosk.station.doctor.check import Check, Scene, fail, ok, warn

MIB = 1024 * 1024
LOW, FULL = 2048 * MIB, 500 * MIB
UNSEEN = 100  # facts; a few may be written while we look
LOGS = 500 * MIB
SLOW_MS, STUCK_MS = 50.0, 500.0
JOURNAL_S = 8.0  # for reading it all; then the rest is left for another time
MEND = "Keep a copy of the file and restore the last good one, or the station from central."
MEND_ZH = "先复制一份，再恢复最近的完好备份，或从中心恢复。"
SECRET_FILES = ("screen.token", "session.key", "tech.token")


def space(scene: Scene) -> Iterator[Check]:
    here = _existing(scene.data)
    free = shutil.disk_usage(here).free
    told = f"{free // MIB} MiB"
    mend = ("清理磁盘：data/logs、旧备份；或换更大的盘。", "Make room: data/logs, old backups; or a larger disk.")
    if free < FULL:
        yield fail("space", f"{here} 所在磁盘只剩 {told}", f"only {told} free on the disk of {here}", *mend)
    elif free < LOW:
        yield warn("space", f"{here} 所在磁盘剩余 {told}", f"{told} free on the disk of {here}", *mend)
    else:
        yield ok("space", f"磁盘剩余 {told}", f"{told} free on the disk of {here}")


def _existing(path: Path) -> Path:
    return next((p for p in (path, *path.parents) if p.exists()), Path("/"))


def fsync(scene: Scene) -> Iterator[Check]:
    """A commit waits for one fsync; each touch waits for a commit."""
    if not scene.data.is_dir():
        yield ok("fsync", "数据目录尚未建立", f"{scene.data} is not there yet: the first start makes it")
        return
    path = scene.data / f".doctor-{os.getpid()}"
    took = []
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            for _ in range(5 if scene.quick else 20):
                os.write(fd, bytes(4096))
                begin = time.perf_counter()
                os.fsync(fd)
                took.append((time.perf_counter() - begin) * 1000)
        finally:
            os.close(fd)
            path.unlink()
    except OSError as error:
        yield fail(
            "fsync", f"{scene.data} 不能写：{error}", f"{scene.data} cannot be written: {error}",
            "检查权限、只读挂载和磁盘（dmesg）。", "Check permissions, a read-only mount, the disk (dmesg).",
        )  # fmt: skip
        return
    middle, worst = statistics.median(took), max(took)
    zh, en = f"写盘 {middle:.1f} ms（最慢 {worst:.0f} ms）", f"a sync takes {middle:.1f} ms (slowest {worst:.0f} ms)"
    mend = ("换用更好的固态盘；不要用 SD 卡。", "Use a better SSD, never an SD card; look at dmesg for errors.")
    if middle > STUCK_MS:
        yield fail("fsync", zh, en, *mend)
    elif middle > SLOW_MS:
        yield warn("fsync", zh, en, *mend)
    else:
        yield ok("fsync", zh, en)


def secrets(scene: Scene) -> Iterator[Check]:
    files = [scene.data / name for name in SECRET_FILES] + [key_of(scene.data)]
    there = [path for path in files if path.exists()]
    loose = [path for path in there if path.stat().st_mode & 0o077]
    for path in loose:
        yield fail(
            "secrets", f"{path} 其他用户也能读。", f"{path} can be read by others",
            f"chmod 600 {path}", f"chmod 600 {path}; then have new tokens made if others have been on this machine.",
        )  # fmt: skip
    if (scene.data / "journal.db").exists() and not key_of(scene.data).exists():
        yield fail(
            "secrets", f"缺少日志密钥 {key_of(scene.data)}。", f"the journal's key {key_of(scene.data)} is missing",
            "从备份恢复它；没有它日志不能继续写。", "Restore it from the backup; without it the journal cannot go on.",
        )  # fmt: skip
    elif not loose:
        yield ok(
            "secrets", f"{len(there)} 个密钥文件只有本用户可读", f"{len(there)} secret files, for their owner only"
        )


def key_of(data: Path) -> Path:
    return data.with_name(data.name + ".key")


def logs(scene: Scene) -> Iterator[Check]:
    folder = scene.data / "logs"
    size = sum(p.stat().st_size for p in folder.glob("*") if p.is_file()) if folder.is_dir() else 0
    told = f"{size / MIB:.1f} MiB"
    if size > LOGS:
        mend = (
            f"清空 {folder} 里的旧文件，并启用 logrotate。",
            f"Empty the old files in {folder}, and set up logrotate.",
        )
        yield warn("logs", f"日志共 {told}", f"the logs have {told}", *mend)
    else:
        yield ok("logs", f"日志共 {told}", f"the logs have {told}")


def journal(scene: Scene) -> Iterator[Check]:
    if not (scene.data / "journal.db").exists():
        yield ok("journal", "还没有日志", f"no journal in {scene.data} yet: the first start makes one")
        return
    book = Journal(scene.data, key_of(scene.data))
    try:
        book.open_to_read()
    except JournalError as error:
        yield fail("journal", f"日志打不开：{error}", str(error), MEND_ZH, MEND)
        return
    if book.missing:
        told = (book.missing, book.seq + book.missing)
        yield fail(
            "journal", "日志末尾缺 {} 条（曾写到第 {} 条），站点程序不会启动。".format(*told),
            "the last {} facts of the journal are gone (it went up to {}); the station does not start".format(*told),
            "恢复较新的日志；确实没有时，按站点程序启动时的提示确认。",
            "Put the newer journal back; if there is none, do what the station says when it starts.",
        )  # fmt: skip
    yield from _witness(book)
    try:
        yield from _day(scene, book)
        if not scene.quick:
            yield _whole(book)
    except (Damaged, IllegalFact) as error:
        yield fail("journal", f"日志损坏：{error}", str(error), MEND_ZH, MEND)
    finally:
        book.close()


def _witness(book: Journal) -> Iterator[Check]:
    path = book.witness.path
    if book.unseen > UNSEEN:
        yield warn(
            "witness", f"{path} 没有跟上日志（差 {book.unseen} 条），日志末尾丢失时将无法发现",
            f"{path} does not follow the journal ({book.unseen} facts behind): a cut-off end would not be noticed",
            f"让站点程序的用户可以写 {path}（所有者、磁盘空间、只读），然后重启站点程序。",
            f"Let the station's user write {path} (owner, space, read-only), then start the station again.",
        )  # fmt: skip
    for store, last in book.witness.others().items():
        if store != book.store:
            other = f"{path}.{store}"
            yield warn(
                "witness", f"本机还写过另一份日志（{store}，到第 {last} 条）",
                f"this machine also wrote another journal (store {store}, up to fact {last})",
                f"如果数据盘没有挂上或数据文件夹被清空，请停下站点程序并放回原来的数据；属正常更换则删除 {other}。",
                f"If the data disk is not mounted or the folder was emptied, stop the station and put the data back; "
                f"if it was replaced on purpose, remove {other}.",
            )  # fmt: skip


def _day(scene: Scene, book: Journal) -> Iterator[Check]:
    """The open day is what the next start folds."""
    if scene.config is None:
        return
    hall = Hall(scene.config.plan)
    for recorded in book.open_day():
        apply(hall, recorded)
    told = f"day {hall.ordinal} ({hall.label}): {len(hall.tickets)} tickets fold"
    yield ok("day", f"第 {hall.ordinal} 天（{hall.label}）：{len(hall.tickets)} 张号票可恢复", told)


def _whole(book: Journal) -> Check:
    until, count = time.monotonic() + JOURNAL_S, 0
    for _ in book.facts():
        count += 1
        if count % 1000 == 0 and time.monotonic() > until:
            zh = f"日志 {book.store}：时间所限，核对了前 {count} 条（共 {book.seq} 条），均完好"
            en = f"journal of store {book.store}: in the time given the first {count} of {book.seq} facts, each as it was written"
            return ok("journal", zh, en)
    zh = f"日志 {book.store}：{count} 条记录，均完好"
    return ok("journal", zh, f"journal of store {book.store}: {count} facts, each as it was written")
