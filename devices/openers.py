"""Every kind of line there is, for the station and for the tools that open lines of any device."""

from __future__ import annotations

from collections.abc import Mapping

from devices.printer.usb import SCHEME as USB
from devices.scanner.wedge import INPUT
from devices.transport import OPENERS, Scheme

ALL_OPENERS: Mapping[str, Scheme] = {**OPENERS, "usb": USB, "input": INPUT}
