"""`kiosk devices …` and `kiosk simulate …`: the technician's shell.

While the station runs it owns every line: the words go to it (GET/POST /tech/…, with the token of DATA/tech.token). When it
does not, `list` reads the configuration, and `ports`, `detect`, `log` and `learn` use the line themselves.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from devices.catalog import catalog
from devices.learn.capture import Piece, listen, read_capture, write_capture
from devices.learn.study import learn
from devices.ports import DeviceError
from devices.tools import find as finding
from devices.tools.choose import Known, choose, loopback
from devices.tools.listing import owner_of, places
from devices.tools.new import new
from devices.tools.simulate import Session, read_script
from devices.tools.verify import verify
from devices.transport import open_line
from devices.trying import TESTS, WAIT_S, WAITS
from kiosk import http
from kiosk.config import Config, ConfigError, load

LISTEN_S = 600.0
ANSWERS = 3  # how often a person may type what stands on the sign
FOLLOW_S = 0.5  # how often a running station is asked for what came meanwhile
CALL_S = 2 * WAIT_S  # a test waits WAIT_S for somebody to press or scan
Print = Callable[[str], None]


class Away(Exception):
    """The station does not run here (or nobody may ask it); the text says why."""


class Refused(DeviceError):
    """The station answered no."""


def main(args: argparse.Namespace) -> int:
    """`kiosk devices WHAT …`; 0 = well, 1 = not, each with what, where and how to mend it."""
    works = {
        "list": _list,
        "ports": _ports,
        "test": _test,
        "log": _log,
        "detect": _detect,
        "restart": _restart,
        "volume": _level,
        "brightness": _level,
        "new": _new,
        "verify": _verify,
        "learn": _learn,
    }
    try:
        return works[args.what](args, lambda text: print(text, flush=True))
    except (DeviceError, ConfigError, http.HttpError) as error:
        print(f"kiosk devices {args.what}: {error}", file=sys.stderr)
    except Away as away:
        print(f"kiosk devices {args.what}: 站点程序未运行 the station does not run: {away}", file=sys.stderr)
    return 1


# --- the station ---------------------------------------------------------------------------------------------------


def _ask(args: argparse.Namespace, config: Config, method: str, path: str, body: object = None) -> Any:
    """The station's JSON. Raises Away, Refused."""
    token = Path(args.data) / "tech.token"
    try:
        word = token.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Away(f"{token}: {error.strerror}; start it, or name its folder with --data") from error
    host, _, port = config.station.listen.rpartition(":")
    url = f"http://{'127.0.0.1' if host in ('', '0.0.0.0') else host}:{port}{path}"
    with contextlib.closing(http.session(token=word)) as session:
        try:
            headers = {"Accept-Language": "zh" if os.environ.get("LANG", "").startswith("zh") else "en"}
            answer = http.call(session, method, url, json=body, headers=headers, deadline_s=CALL_S)
        except http.Unreachable as error:
            raise Away(error.text.en) from error
    try:
        found: Any = msgspec.json.decode(answer.body) if answer.body else {}
    except msgspec.DecodeError as error:
        raise Refused(f"{url} answered {answer.status} without JSON; is it the station?") from error
    if answer.status >= 400:
        said = found if isinstance(found, dict) else {}
        words = str(said.get("detail") or said.get("title") or f"{url}: {answer.status}")
        remedy = str(said.get("remedy") or "")
        raise Refused(words if remedy in words else f"{words} {remedy}")
    return found


def _show(args: argparse.Namespace, say: Print, found: Any, lines: Iterator[str]) -> None:
    if args.json:
        say(json.dumps(found, ensure_ascii=False))
    else:
        for line in lines:
            say(line)


def _config(args: argparse.Namespace) -> Config:
    return load(Path(args.config))


def _known(config: Config) -> list[Known]:
    return [Known(d.id, d.klass, d.driver, d.where, d.options) for d in config.devices]


def _device(args: argparse.Namespace, config: Config) -> Known:
    if not args.name:
        raise DeviceError(f"{args.what}: 请写设备名 · name a device; `kiosk devices list` shows them")
    found = next((device for device in _known(config) if device.id == args.name), None)
    if found is None:
        ids = ", ".join(device.id for device in config.devices)
        raise DeviceError(
            f"没有设备 there is no device {args.name!r} in {args.config}/devices.toml; one of {ids or 'none'}"
        )
    return found


# --- what there is ---------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace, say: Print) -> int:
    config = _config(args)
    try:
        found = _ask(args, config, "GET", "/tech/devices")
    except Away:
        rows = [{"id": d.id, "class": d.klass, "driver": d.driver, "where": d.where} for d in config.devices]
        found = {"devices": [{**row, "state": "unknown", "reasons": []} for row in rows], "station": "away"}
        if not args.json:
            say("站点程序未运行，仅列出配置 · the station does not run: as configured")
    _show(args, say, found, (_row(device) for device in found["devices"]))
    return 0


def _row(device: dict[str, Any]) -> str:
    why = ", ".join(device["reasons"])
    detail = device.get("detail") or ""
    kind = f"{device['class']}/{device['driver']}"
    return f"{device['id']:<12} {kind:<18} {device['state']:<9} {device['where']}  {why} {detail}".rstrip()


def _ports(args: argparse.Namespace, say: Print) -> int:
    config = _config(args)
    try:
        found = _ask(args, config, "GET", "/tech/ports")
    except Away:
        found = {"ports": [asdict(place) for place in places(_known(config))]}
    rows = (f"{p['where']:<60} {p['name']}  {p['taken_by'] or '空闲 free'}" for p in found["ports"])
    _show(args, say, found, rows)
    if not found["ports"] and not args.json:
        say("没有串口或打印机 no serial port or printer is plugged in; look at the cables and at `dmesg`")
    return 0


def _detect(args: argparse.Namespace, say: Print) -> int:
    config = _config(args)
    if not args.name:
        raise DeviceError(
            "detect: 请写线路 · name a line, such as serial:///dev/ttyUSB0; `kiosk devices ports` lists them"
        )
    try:
        found = _ask(args, config, "POST", f"/tech/detect{'/numbers' * args.numbers}", {"where": args.name})
    except Away:
        if (owner := owner_of(args.name, _known(config))) and not args.json:
            say(f"该端口配置给 this port is configured for {owner}")
        person = None if args.json else lambda zh, en: say(f"{zh} · {en}")
        folder = Path(args.config)
        found = finding.numbers(args.name, folder) if args.numbers else finding.look(args.name, folder, person)
    _show(args, say, found, finding.shown(found) if args.numbers else finding.detected(found))
    if args.numbers and found["offers"] and not found["found"] and not args.json and sys.stdin.isatty():
        _read_off(found, say)
        return 0
    return 0 if found["found"] or (args.numbers and found["offers"]) else 1


def _read_off(found: dict[str, Any], say: Print) -> None:
    """Asks which number stands on the sign, and says its table. Raises DeviceError when nobody answers with one of them."""
    for left in reversed(range(ANSWERS)):
        try:
            answer = input("> ")
        except (EOFError, KeyboardInterrupt):
            say("")  # off the line of the question
            raise DeviceError(
                "没有输入号码，什么也没有选；请重新运行，再输入屏上的号码"
                " · no number was typed, so nothing is chosen; run it again and type what stands on the sign"
            ) from None
        try:
            for line in finding.read(found, answer):
                say(line)
            return
        except DeviceError as none:
            if not left:
                raise
            say(f"{none} 请再输入 · type it again")


# --- one device ------------------------------------------------------------------------------------------------------


def _test(args: argparse.Namespace, say: Print) -> int:
    config = _config(args)
    device = _device(args, config)
    what = args.value or TESTS.get(device.klass, ("show",))[0]
    if what in WAITS and not args.json:
        print(f"请在 {WAIT_S:.0f} 秒内操作设备 · use the device within {WAIT_S:.0f} s", file=sys.stderr)
    found = _ask(args, config, "POST", f"/tech/devices/{device.id}/test", {"what": what})
    if isinstance(found.get("seen"), dict) and "jpeg" in found["seen"] and not args.json:
        found["seen"] = {"jpeg": f"{len(found['seen']['jpeg']) * 3 // 4} bytes"}
    seen = json.dumps(found.get("seen"), ensure_ascii=False) if found.get("seen") else ""
    _show(args, say, found, iter([f"{device.id} {what}: {found['outcome']} {found.get('detail', '')} {seen}".rstrip()]))
    return 0 if found["outcome"] == "done" else 1


def _log(args: argparse.Namespace, say: Print) -> int:
    """What the station keeps, and what comes within `--seconds`; without a station what comes on the line itself."""
    device = _device(args, config := _config(args))
    path = f"/tech/devices/{device.id}/log?all={'true' if args.all else 'false'}"
    try:
        found = _ask(args, config, "GET", path)
    except Away:
        say(f"直接监听 the station does not run: listening at {device.where}; Ctrl-C ends")
        _heard(device.where, args.seconds, say)
        return 0
    until = time.monotonic() + (args.seconds or 0.0)
    with _until_signal() as over:
        while True:
            _show(args, say, found, iter(found["lines"]))
            if over() or (left := until - time.monotonic()) <= 0:
                return 0
            time.sleep(min(left, FOLLOW_S))
            found = _ask(args, config, "GET", f"{path}&after={found['count']}")


def _heard(where: str, seconds: float | None, say: Print) -> list[Piece]:
    """Opens the line and shows what comes, until `seconds` passed or Ctrl-C."""
    line, seconds = open_line(where), LISTEN_S if seconds is None else seconds
    with _until_signal() as over, contextlib.closing(line):
        return listen(line, seconds, over, lambda piece: say(write_capture([piece]).rstrip()))


@contextlib.contextmanager
def _until_signal() -> Iterator[Callable[[], bool]]:
    over = False

    def end(*_: object) -> None:
        nonlocal over
        over = True

    before = [(number, signal.signal(number, end)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield lambda: over
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _restart(args: argparse.Namespace, say: Print) -> int:
    config = _config(args)
    found = _ask(args, config, "POST", f"/tech/devices/{_device(args, config).id}/restart")
    _show(args, say, found, iter([f"{args.name}: {found['state']}"]))
    return 0


def _level(args: argparse.Namespace, say: Print) -> int:
    """volume and brightness, 0 to 100."""
    config = _config(args)
    if not (args.value or "").isascii() or not (args.value or "").isdigit() or not 0 <= int(args.value) <= 100:
        raise DeviceError(f"{args.what} {args.value or ''}: 应为 0 到 100 · give a number from 0 to 100")
    body = {"level": int(args.value)}
    found = _ask(args, config, "POST", f"/tech/devices/{_device(args, config).id}/{args.what}", body)
    _show(args, say, found, iter([f"{args.name}: {args.what} {args.value}"]))
    return 0


# --- for those who write drivers -------------------------------------------------------------------------------------


def _new(args: argparse.Namespace, say: Print) -> int:
    written = new(args.name or "", args.klass, Path(args.dir))
    _show(args, say, {"files": [str(path) for path in written]}, (str(path) for path in written))
    if not args.json:
        say(f"下一步 next: pip install -e {Path(args.dir) / args.name}; kiosk devices verify {args.klass}/{args.name}")
    return 0


def _verify(args: argparse.Namespace, say: Print) -> int:
    chosen = _choose(args)
    verdicts = verify(chosen, lambda verdict: None if args.json else say(str(verdict)))
    good = all(verdict.ok for verdict in verdicts)
    if args.json:
        say(
            json.dumps(
                {"kind": chosen.kind.name, "ok": good, "checks": [asdict(v) for v in verdicts]}, ensure_ascii=False
            )
        )
    else:
        failed = sum(not verdict.ok for verdict in verdicts)
        say(
            f"{chosen.kind.name}: {'全部通过 all well' if good else f'{failed} 项未通过 of {len(verdicts)} checks failed'}"
        )
    return 0 if good else 1


def _choose(args: argparse.Namespace) -> Any:
    folder = Path(args.config)
    known = _known(load(folder)) if (folder / "devices.toml").is_file() else []
    return choose(args.name or "", catalog(), known, folder, args.option or [])


def _learn(args: argparse.Namespace, say: Print) -> int:
    if (args.listen is None) == (args.capture is None):
        raise DeviceError("learn: give --listen WHERE or --capture FILE")
    pieces = _heard(args.listen, args.seconds, say) if args.listen else _captured(args.capture)
    if args.listen and args.keep:
        Path(args.keep).write_text(write_capture(pieces), encoding="ascii")
    name = Path(args.out).stem if args.out else "learned"
    found = learn(pieces, name)
    if args.out:
        Path(args.out).write_text(found.toml, encoding="utf-8")
    report = {
        "frames": found.frames,
        "held_back": found.held_back,
        "proved": found.proved,
        "outside": found.outside,
        "questions": list(found.questions),
        "toml": found.toml,
    }
    _show(args, say, report, _learned(args, report))
    return 0


def _captured(path: Path) -> list[Piece]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceError(f"{path}: {error}; name a text file with lines like 12.345 > 7E 01 0D") from error
    return read_capture(text, str(path))


def _learned(args: argparse.Namespace, report: dict[str, Any]) -> Iterator[str]:
    if not args.out:
        yield report["toml"]
    yield (
        f"共 {report['frames']} 帧，验证 {report['proved']}/{report['held_back']} · {report['frames']} frames heard; "
        f"{report['proved']} of {report['held_back']} held back were read and made again byte by byte; "
        f"{report['outside']} pieces were no frames"
    )
    for question in report["questions"]:
        yield f"? {question}"
    if args.out:
        yield f"{args.out}: 放到 config/signs/ · put it into config/signs/ and name it in devices.toml (frame = …)"


# --- kiosk simulate ----------------------------------------------------------------------------------------------------


def simulate(args: argparse.Namespace) -> int:
    """`kiosk simulate NAME`: until end of input, `quit` or a signal."""
    try:
        chosen = _choose(args)
        steps = read_script(args.script) if args.script else []
        where = args.where or chosen.where or loopback(chosen.kind)
        simulator = chosen.simulator("pty:" if where.startswith("serial:") else where, Path(args.data))
        session = Session(simulator, lambda text: print(f"{time.strftime('%H:%M:%S')} {text}", flush=True), steps, 0)
        with _until_signal() as over:
            session.run(args.fault or "", over)
    except (DeviceError, ConfigError, ValueError) as error:
        print(f"kiosk simulate: {error}", file=sys.stderr)
        return 1
    return 0
