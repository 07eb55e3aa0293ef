"""Who can be reached: the station of this box, and central with its token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

import kiosk
from kiosk import http
from kiosk.config import Config
from kiosk.journal import reader
from kiosk.journal.store import Journal, JournalError
from kiosk.station.doctor.check import Check, Scene, fail, ok, warn
from kiosk.station.doctor.disk import key_of
from kiosk.sync.push import digest_of

ASK_S = 3.0


def health(config: Config) -> Mapping[str, Any] | None:
    """What the station that runs here says of itself; None when none answers."""
    host, _, port = config.station.listen.rpartition(":")
    url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}/health"
    with http.session() as line:
        try:
            answer = http.call(line, "GET", url, deadline_s=ASK_S)
            said = msgspec.json.decode(answer.body) if answer.status == 200 else None
        except (http.HttpError, msgspec.MsgspecError):
            return None
    return said if isinstance(said, dict) else None


def station(scene: Scene) -> Iterator[Check]:
    if scene.config is None:
        return
    if scene.health is None:
        yield warn(
            "station", "本机的站点程序没有运行。", f"no station answers at {scene.config.station.listen}",
            "启动它：systemctl start yitai-station，或 kiosk station。",
            "Start it: systemctl start yitai-station, or `kiosk station`.",
        )  # fmt: skip
        return
    release = str(scene.health.get("release", "?"))
    if release != kiosk.__version__:
        yield warn(
            "station", f"运行中的站点程序是 {release} 版，磁盘上是 {kiosk.__version__} 版。",
            f"release {release} runs, {kiosk.__version__} is installed",
            "重启站点程序。", "Start the station again.",
        )  # fmt: skip
    else:
        yield ok("station", f"站点程序 {release} 正在运行", f"a station of release {release} runs")


class _Through(msgspec.Struct):
    through: int
    digest: str = ""


def central(scene: Scene) -> Iterator[Check]:
    if scene.config is None:
        return
    url, token = scene.config.central.url.rstrip("/"), scene.config.central.token
    if not url:
        yield ok("central", "没有配置中心", "no central is configured")
        yield warn(
            "copy", "没有中心，数据只在这块盘上。", "without central, what happened is on this disk only",
            f"每晚把 {scene.data} 和 {key_of(scene.data)} 一起备份到别处。",
            f"Copy {scene.data} together with {key_of(scene.data)} to another place every night.",
        )  # fmt: skip
        return
    store = _store(scene)
    path = f"/facts/through?store={store}" if store else "/health"
    with http.session(token=token) as line:
        try:
            answer = http.call(line, "GET", url + path, deadline_s=ASK_S)
        except http.HttpError as error:
            zh, en = f"中心 {url} 连不上：{error.text.zh}", f"central {url}: {error.text.en}"
            yield warn("central", zh, en, "营业不受影响，数据会补传。", "The hall goes on; facts are sent later.")
            return
    if answer.status in (401, 403):
        yield fail(
            "central", f"中心 {url} 不认本机的令牌（{answer.status}）。",
            f"central {url} does not accept this box's token (status {answer.status})",
            "在中心生成配对码，在本机重新配对。", "Make a pairing code at central and pair this box again.",
        )  # fmt: skip
    elif answer.status != 200:
        yield warn(
            "central", f"中心 {url} 应答 {answer.status}。", f"central {url} answers with status {answer.status}",
            "检查地址，看中心的日志。", "Check the address; look at central's log.",
        )  # fmt: skip
    else:
        yield ok(
            "central", f"中心 {url} 可达，令牌有效" if store else f"中心 {url} 可达", f"central {url} can be reached"
        )
        if store:
            yield _copy(scene, answer.body)


def _store(scene: Scene) -> str:
    """This journal's id; "" when there is none to read."""
    if not (scene.data / "journal.db").exists():
        return ""
    book = Journal(scene.data, key_of(scene.data))
    try:
        book.open_to_read()
        return book.store
    except JournalError:
        return ""  # the check of the journal says why
    finally:
        book.close()


def _copy(scene: Scene, body: bytes) -> Check:
    """What a lost disk would lose; and whether this disk has lost what central has. The journal is read after central
    has answered: a station that runs meanwhile only gets longer."""
    path = scene.data / "journal.db"
    try:
        known = msgspec.json.decode(body, type=_Through)
    except msgspec.MsgspecError:
        known = _Through(through=0)
    head = reader.last_seq(path)
    if known.through > head or not _same(path, known):
        return fail(
            "copy", f"中心已有本机 {known.through} 条记录，与这里的日志（{head} 条）不符：日志被旧备份替换，或末尾丢失。",
            f"central has {known.through} facts of this box that do not match the journal here ({head} facts): it was "
            "replaced by an old backup, or its end is lost",
            f"把 {scene.data} 和 {key_of(scene.data)} 另存一份。有更新的备份：停站后放回，再启动。没有：停业后停站，把 "
            "journal.db 和 journal.db-wal 移走再启动，即开始新日志；中心两份都保留。",
            f"Keep a copy of {scene.data} and {key_of(scene.data)}. If there is a newer copy of the journal: stop the "
            "station, put it back, start. If not: after closing time stop the station, move journal.db and "
            "journal.db-wal away and start; a new journal begins, and central keeps both.",
        )  # fmt: skip
    behind = head - known.through
    if behind > 1000:
        return warn(
            "copy", f"还有 {behind} 条记录只在本机。", f"{behind} facts are on this disk only",
            "查看网络；未补传前不要更换磁盘。", "Look at the network; do not change the disk before they are sent.",
        )  # fmt: skip
    return ok("copy", f"记录已备份到中心（差 {behind} 条）", f"central has a copy of the facts ({behind} to go)")


def _same(path: Path, known: _Through) -> bool:
    """Is central's last fact of this box the one that stands here?"""
    if not known.through or not known.digest:
        return True
    row = next(iter(reader.read(path, known.through - 1, 1)), None)
    return row is not None and digest_of(row) == known.digest
