"""Where the edges come from: GPIO lines of this machine (by gpiod), or the same events over TCP from a simulator.

A request's file descriptor becomes a `Line`: waiting, waking, closing and the log are those of every other device. libgpiod's
errors end here.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from devices.ports import DeviceError, NotReady
from devices.transport import BadAddress, FdLine, Line, LineClosed, open_line

if TYPE_CHECKING:
    import gpiod

SCHEME = "gpio://"
PLACE = "gpio:///dev/gpiochip0"
CONSUMER = "yitai"


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the chip. `active_low`: a closed contact to ground means active (open door, pressed button). `pull`: the
    chip's own resistor, "" = as it is."""

    name: str
    line: int
    active_low: bool = False
    means: Literal["door", "drawer", "button"] = "door"
    debounce_ms: int = 30
    pull: Literal["", "up", "down", "none"] = ""


@dataclass(frozen=True, slots=True)
class Pins:
    """`values`: line -> active, now; None when only edges tell. Raises DeviceError."""

    line: Line
    values: Callable[[], dict[int, bool]] | None


def open_pins(where: str, inputs: Sequence[Input], opener: Callable[[str], Line] = open_line) -> Pins:
    """Open "gpio:///dev/gpiochip0", or "tcp://host:port" where a simulator sends events.

    Raises BadAddress, LineClosed, NotReady when another program has a line, DeviceError for a line the chip does not have."""
    if where.startswith("tcp://"):
        return Pins(opener(where), None)
    path = where.removeprefix(SCHEME)
    if not where.startswith(SCHEME) or not path.startswith("/"):
        raise BadAddress(where, "no path of a GPIO chip 不是 GPIO 芯片路径", f"write {PLACE} 请按此格式填写")
    import gpiod  # 40 ms, and only where there is such a chip

    try:
        with gpiod.Chip(path) as chip:
            request = chip.request_lines({i.line: _settings(i) for i in inputs}, CONSUMER)
    except (OSError, ValueError) as error:
        raise _meaning(where, error) from error
    os.set_blocking(request.fd, False)
    return Pins(FdLine(where, request.fd, request.release), lambda: _values(where, request))


def _settings(wanted: Input) -> gpiod.LineSettings:
    import gpiod
    from gpiod.line import Bias, Direction, Edge

    pulls = {"": Bias.AS_IS, "up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "none": Bias.DISABLED}
    return gpiod.LineSettings(
        direction=Direction.INPUT,
        edge_detection=Edge.BOTH,
        bias=pulls[wanted.pull],
        active_low=wanted.active_low,
        debounce_period=timedelta(milliseconds=wanted.debounce_ms),
    )


def _values(where: str, request: gpiod.LineRequest) -> dict[int, bool]:
    from gpiod import RequestReleasedError
    from gpiod.line import Value

    try:
        values = request.get_values()
    except (OSError, RequestReleasedError) as error:
        raise _meaning(where, error) from error
    return {line: value is Value.ACTIVE for line, value in zip(request.offsets, values, strict=True)}


def _meaning(where: str, error: Exception) -> DeviceError:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EBUSY:
        return NotReady(
            f"{where}: another program has one of these lines 引脚已被占用; stop it, or use other lines 请停用它或换引脚"
        )
    if number == errno.EINVAL or isinstance(error, ValueError):
        return DeviceError(
            f"{where}: the chip does not have one of these lines, or cannot do what is asked 芯片没有此引脚或不支持 ({error}); "
            "compare with gpioinfo, or set debounce_ms = 0 请与 gpioinfo 核对，或设 debounce_ms = 0"
        )
    return LineClosed(
        where,
        f"the GPIO chip is not there GPIO 芯片不在 ({error})",
        "check its name (gpiodetect), and that the station may use it (group gpio) 请检查名称和权限（gpio 组）",
    )
