"""A scanner that plays a keyboard (HID "keyboard wedge"), read from /dev/input and taken away from the desktop.

EVIOCGRAB (Linux uapi/linux/input.h) gives its keys to this program alone, so that a code never types into the screen. Nothing
in a device's description tells a scanner from a keyboard that people type on: whoever names a real keyboard here loses its
keys to this program, so the path is that of the port the scanner is plugged into.

Chinese does not come through a keyboard: set the scanner to its serial (virtual COM port) mode and use driver "serial".
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult

from devices.ports import NotReady
from devices.scanner.driver import LineScanner
from devices.scanner.keys import KeyDecoder, KeySuffix
from devices.transport import BadAddress, FdLine, Line, LineClosed, Scheme, WireLog, open_line

SCHEME = "input://"
INPUT_MAJOR = 13  # Documentation/admin-guide/devices.txt
EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int)
BY_PATH = "input:///dev/input/by-path/…-event-kbd"


def check_input(where: str, url: SplitResult) -> None:
    if url.netloc or url.query or not url.path.startswith("/") or url.path == "/":
        raise BadAddress(where, "no path of an input device 不是输入设备路径", f"write {BY_PATH} 请按此格式填写")


def open_input(where: str, url: SplitResult, log: WireLog) -> Line:
    """Open the device and grab it. Raises LineClosed, or NotReady when another program has it.

    Only a real input device can be grabbed; a FIFO there is taken as it is."""
    try:
        fd = os.open(url.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise LineClosed(
            where,
            f"cannot be opened 无法打开 ({error})",
            "check the cable, and that the station may read it (group input) 请检查线缆和权限（input 组）",
        ) from error
    try:
        _grab(where, fd)
    except BaseException:
        os.close(fd)
        raise
    return FdLine(where, fd, lambda: os.close(fd), log=log)


INPUT = Scheme(check_input, open_input, BY_PATH)


def open_wedge(where: str) -> Line:
    return open_line(where, openers={"input": INPUT})


def _grab(where: str, fd: int) -> None:
    about = os.fstat(fd)
    if not stat.S_ISCHR(about.st_mode) or os.major(about.st_rdev) != INPUT_MAJOR:
        return
    try:
        fcntl.ioctl(fd, EVIOCGRAB, 1)
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise NotReady(
                f"{where}: another program holds it 已被其他程序占用; stop that program, or name another port 请停用它或换端口"
            ) from error
        raise LineClosed(
            where,
            f"cannot be taken from the desktop 无法独占 ({error})",
            "plug the scanner in again 请重新插拔扫码器",
        ) from error


def steady(where: str) -> bool:
    """Whether the name stays the same when the devices are found in another order at the next start."""
    path = Path(where.removeprefix(SCHEME))
    return not (path.parent == Path("/dev/input") and path.name.startswith("event"))


class WedgeScanner(LineScanner):
    """A `ports.Scanner`: a keyboard wedge."""

    def __init__(
        self,
        where: str,
        *,
        suffix: KeySuffix = "enter",
        prefix: str = "",
        again_ms: int = 1000,
        opener: Callable[[str], Line] = open_wedge,
    ) -> None:
        super().__init__(
            where,
            lambda: KeyDecoder(suffix, prefix),
            again_ms / 1000,
            opener,
            "the keys are no code 按键内容不是条码; set the scanner to the US keyboard and end by Enter, or use its serial mode "
            "请将扫码器设为美式键盘、回车结束，或改用串口模式",
        )
