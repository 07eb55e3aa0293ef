"""The only opener of lines: TCP, serial (also a pty) and device files, all as one bounded, logged `Line` (devices.line).

A kind of line is a row of OPENERS: how its address is checked, and how it is opened. A package that brings another one makes
a table of its own, `{**OPENERS, "usb": …}`, and gives it to the LineBook of the station.
"""

from __future__ import annotations

import os
import socket
import stat
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

import serial
import serial.rs485

from devices.fdline import FdLine
from devices.line import (
    PIECE,
    BadAddress,
    Line,
    LineClosed,
    LineError,
    LineTimeout,
    deadline_in,
)
from devices.wirelog import WireLog

__all__ = [
    "OPENERS",
    "PIECE",
    "BadAddress",
    "FdLine",
    "Line",
    "LineClosed",
    "LineError",
    "LineTimeout",
    "Scheme",
    "WireLog",
    "check_where",
    "deadline_in",
    "open_line",
    "serial_options",
]

CONNECT_S = 3.0
SERIAL_OPTIONS = {"baud": "9600", "parity": "N", "bits": "8", "stop": "1", "flow": "none", "rs485": "off"}


@dataclass(frozen=True, slots=True)
class Scheme:
    """`check` raises BadAddress and opens nothing; `open` raises LineError and is bounded by CONNECT_S. `example` for people."""

    check: Callable[[str, SplitResult], None]
    open: Callable[[str, SplitResult, WireLog], Line]
    example: str


def open_line(where: str, log: WireLog | None = None, openers: Mapping[str, Scheme] | None = None) -> Line:
    """Open "tcp://host:port", "serial:///dev/…?baud=9600&parity=N&bits=8&stop=1&flow=none" or "file:///dev/usb/lp0".

    Raises BadAddress for a `where` nobody can mean, LineClosed or LineTimeout when nobody answers there. Bounded by CONNECT_S.
    """
    scheme, url = _parse(where, OPENERS if openers is None else openers)
    return scheme.open(where, url, log or WireLog())


def check_where(where: str, openers: Mapping[str, Scheme] | None = None) -> None:
    """Raise BadAddress when `where` cannot be understood; opens nothing (for `kiosk config check`)."""
    _parse(where, OPENERS if openers is None else openers)


def serial_options(where: str) -> dict[str, str]:
    """baud, parity, bits, stop, flow, rs485 of a serial address, with what it does not say filled in. Raises BadAddress."""
    return _serial_options(where, _split(where))


def _split(where: str) -> SplitResult:
    try:
        return urlsplit(where)
    except ValueError as error:
        raise BadAddress(where, f"cannot be read ({error}) 无法识别", "write it anew 请重新填写") from error


def _parse(where: str, openers: Mapping[str, Scheme]) -> tuple[Scheme, SplitResult]:
    url = _split(where)
    scheme = openers.get(url.scheme)
    if scheme is None:
        examples = " or ".join(s.example for s in openers.values())
        raise BadAddress(
            where, f"unknown kind of line {url.scheme!r} 未知的线路类型", f"write {examples} 请按此格式填写"
        )
    scheme.check(where, url)
    return scheme, url


def _check_tcp(where: str, url: SplitResult) -> None:
    mend = "write tcp://host:port 请按此格式填写"
    try:
        port = url.port
    except ValueError as error:
        raise BadAddress(where, f"{error} 端口号有误", mend) from error
    if not url.hostname or not port or url.path or url.query:
        raise BadAddress(where, "tcp needs exactly a host and a port 需要且只需要主机和端口", mend)


def _check_serial(where: str, url: SplitResult) -> None:
    _check_path(where, url)
    _serial_options(where, url)


def _check_file(where: str, url: SplitResult) -> None:
    _check_path(where, url)
    if url.query:
        raise BadAddress(
            where, f"file takes no options, not {url.query!r} 不接受参数", "write file:///dev/usb/lp0 请按此格式填写"
        )


def _check_path(where: str, url: SplitResult) -> None:
    if url.netloc or not url.path.startswith("/") or url.path == "/":
        what = f"{url.scheme} needs a path after three slashes 三个斜杠后需要设备路径"
        raise BadAddress(where, what, f"write {OPENERS[url.scheme].example} 请按此格式填写")


def _open_tcp(where: str, url: SplitResult, log: WireLog) -> Line:
    try:
        sock = socket.create_connection((url.hostname or "", url.port or 0), timeout=CONNECT_S)
    except TimeoutError as error:
        raise LineTimeout(where, "no answer to the connection 连接无应答", "check the network 请检查网络") from error
    except OSError as error:
        raise _not_there(where, error) from error
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A cable pulled out says nothing: let the kernel give up on bytes nobody acknowledged for 10 s, and ask in silence.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 10_000)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return _line(where, sock.fileno(), sock.close, log)


def _serial_options(where: str, url: SplitResult) -> dict[str, str]:
    options = dict(SERIAL_OPTIONS)
    mend = "known are baud, parity N|E|O, bits 7|8, stop 1|2, flow none|xonxoff|rtscts, rs485 off|on 请改用这些取值"
    try:
        given = parse_qsl(url.query, strict_parsing=True, keep_blank_values=True) if url.query else []
    except ValueError as error:
        raise BadAddress(where, f"options cannot be read ({error}) 参数无法识别", mend) from error
    for key, value in given:
        if key not in options:
            raise BadAddress(where, f"unknown option {key!r} 未知参数", mend)
        options[key] = value
    allowed = {"parity": "NEO", "bits": "78", "stop": "12"}
    wrong = [k for k, values in allowed.items() if len(options[k]) != 1 or options[k] not in values]
    if not options["baud"].isascii() or not options["baud"].isdigit() or not 50 <= int(options["baud"]) <= 4_000_000:
        wrong.append("baud")
    if options["flow"] not in ("none", "xonxoff", "rtscts"):
        wrong.append("flow")
    if options["rs485"] not in ("off", "on"):
        wrong.append("rs485")
    if wrong:
        raise BadAddress(where, f"impossible value of {', '.join(wrong)} 参数取值不对", mend)
    return options


def _open_serial(where: str, url: SplitResult, log: WireLog) -> Line:
    options = _serial_options(where, url)
    try:
        port = serial.Serial(
            url.path,
            baudrate=int(options["baud"]),
            bytesize=int(options["bits"]),
            parity=options["parity"],
            stopbits=int(options["stop"]),
            timeout=0,
            write_timeout=0,
            xonxoff=options["flow"] == "xonxoff",
            rtscts=options["flow"] == "rtscts",
            exclusive=True,
        )
        fd = port.fileno()
    except (serial.SerialException, OSError, ValueError, termios.error) as error:
        raise _not_there(where, error) from error
    if options["rs485"] == "on":
        _direct(where, port)
    return _line(where, fd, port.close, log)


def _direct(where: str, port: serial.Serial) -> None:
    """Have the kernel switch the direction (TIOCSRS485): a program is too slow to let go of the wire in time."""
    try:
        port.rs485_mode = serial.rs485.RS485Settings()
    except (OSError, ValueError) as error:
        port.close()
        raise BadAddress(
            where,
            f"this port cannot switch an RS-485 line's direction ({error}) 此串口不支持 RS-485 收发切换",
            "switch rs485 off and use an adapter that does it by itself 请关闭 rs485 选项，改用自动收发的转换器",
        ) from error


def _open_file(where: str, url: SplitResult, log: WireLog) -> Line:
    try:
        fd = os.open(url.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        if not stat.S_ISCHR(os.fstat(fd).st_mode):
            # Whoever may name a line must not write into any file of the station by it.
            os.close(fd)
            mend = "name a device like /dev/usb/lp0 请填写设备文件"
            raise BadAddress(where, "is a file, not a device 不是设备文件", mend)
    except OSError as error:
        raise _not_there(where, error) from error
    return _line(where, fd, lambda: os.close(fd), log, eof_is_closed=False)


def _line(where: str, fd: int, closer: Callable[[], None], log: WireLog, *, eof_is_closed: bool = True) -> Line:
    try:
        return FdLine(where, fd, closer, eof_is_closed=eof_is_closed, log=log)
    except OSError as error:  # no descriptor left; FdLine has freed what it was given
        raise _not_there(where, error) from error


def _not_there(where: str, error: Exception) -> LineClosed:
    return LineClosed(
        where,
        f"cannot be opened 无法打开 ({error})",
        "check the cable, the power and the address 请检查线缆、电源和地址",
    )


OPENERS: Mapping[str, Scheme] = {
    "tcp": Scheme(_check_tcp, _open_tcp, "tcp://host:port"),
    "serial": Scheme(_check_serial, _open_serial, "serial:///dev/…?baud=9600"),
    "file": Scheme(_check_file, _open_file, "file:///dev/usb/lp0"),
}
