"""Two sheets for the technician: the test sheet of a printer, and the acceptance of a box that begins its service. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from devices.ports import Columns, Feed, Paper, PaperItem, QRCode, Rule, Text
from kiosk.domain.facts import Lines

WORDS: dict[str, Lines] = {
    "test": Lines(zh="打印测试", en="PRINT TEST"),
    "sizes": Lines(zh="字号 {n} 号码 A001", en="Size {n} No. A001"),
    "ruler": Lines(zh="一行 {n} 字", en="{n} to a line"),
    "scan": Lines(zh="扫一扫应显示设备和时间", en="The code says device and time"),
    "accept": Lines(zh="设备验收单", en="Acceptance"),
    "hall": Lines(zh="营业厅", en="Hall"),
    "station": Lines(zh="站号", en="Station"),
    "release": Lines(zh="软件版本", en="Release"),
    "config": Lines(zh="配置版本", en="Configuration"),
    "central": Lines(zh="中心", en="Central"),
    "no_central": Lines(zh="不连中心", en="none"),
    "devices": Lines(zh="设备", en="Devices"),
    "ticket": Lines(zh="测试票", en="Test ticket"),
    "date": Lines(zh="日期", en="Date"),
    "sign": Lines(zh="签字", en="Signed"),
    "yes": Lines(zh="合格", en="works"),
    "no": Lines(zh="不合格", en="fails"),
    "skip": Lines(zh="未测", en="not tested"),
    "": Lines(zh="未测", en="not tested"),
}
RULERS = (48, 32)
SCALES = (1, 2, 3, 4)
PANGRAM = "The quick brown fox jumps over the lazy dog 0123456789 ¥￥、，。〇"


@dataclass(frozen=True, slots=True)
class Judged:
    """A device and what the person said of its test: yes, no, skip or "" (never asked)."""

    name: Lines
    id: str
    said: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`at`: ms since 1970 UTC. `ticket`: number and verdict of the test ticket, ("", "") without one."""

    hall: Lines
    station: str
    name: str
    release: str
    config: str
    central: str
    devices: Sequence[Judged]
    ticket: tuple[str, str]
    at: int
    utc_offset_min: int


def _say(word: str, lang: str, **values: object) -> str:
    return WORDS[word].get(lang).format(**values)


def _clock(at: int, utc_offset_min: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC) + timedelta(minutes=utc_offset_min):%Y-%m-%d %H:%M}"


def trial_sheet(job: str, device: str, at: int, utc_offset_min: int, lang: str) -> Paper:
    """Device and time, every size, rulers of 48 and 32 columns (the one that fills the line is the right one), both languages,
    a code."""
    moment = _clock(at, utc_offset_min)
    items: list[PaperItem] = [
        Text(_say("test", lang), "center", 2, bold=True),
        Columns(device, moment),
        Rule(),
    ]
    items += [Text(_say("sizes", lang, n=n), scale=n) for n in SCALES]
    items += [Rule(), Text("春夏秋冬 东南西北 电费缴纳 曌喆", bold=True), Text(PANGRAM), Rule()]
    for columns in RULERS:
        items += [Text(_say("ruler", lang, n=columns)), Text(ruler(columns))]
    items += [Rule(), QRCode(f"yitai {device} {moment}"), Text(_say("scan", lang), "center"), Feed()]
    return Paper(job, tuple(items))


def ruler(columns: int) -> str:
    """1234567890… with the tens marked, exactly so long."""
    return "".join(str(n % 10) if n % 10 else str(n // 10 % 10) for n in range(1, columns + 1))


def acceptance_sheet(job: str, it: Acceptance, lang: str) -> Paper:
    items: list[PaperItem] = [
        Text(it.hall.get(lang), "center", 2, bold=True),
        Text(_say("accept", lang), "center", 2, bold=True),
        Rule(),
        Columns(_say("station", lang), " ".join(filter(None, (it.station, it.name))), bold=True),
        Columns(_say("release", lang), it.release),
        Columns(_say("config", lang), it.config),
        Columns(_say("central", lang), it.central or _say("no_central", lang)),
        Columns(_say("date", lang), _clock(it.at, it.utc_offset_min)),
        Rule(),
        Text(_say("devices", lang), bold=True),
    ]
    for device in it.devices:
        mark = "[√]" if device.said == "yes" else "[×]" if device.said == "no" else "[ ]"
        items.append(Columns(f"{mark} {device.name.get(lang)} ({device.id})", _say(device.said, lang)))
    number, said = it.ticket
    if number:
        items.append(Columns(f"{'[√]' if said == 'yes' else '[ ]'} {_say('ticket', lang)} {number}", _say(said, lang)))
    items += [Rule(), Feed(2), Text(f"{_say('sign', lang)} ____________________"), Feed(1)]
    return Paper(job, tuple(items))
