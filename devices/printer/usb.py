"""A printer at USB without the kernel's usblp: "usb://04b8:0202", "usb://0483:5743?port=1-2.3", "usb://04b8:0202?serial=X5A9".

    printer interface (class 7, or a vendor's with both bulk endpoints) → usblp detached → claimed;
    close() releases it and gives usblp back.

Law: nothing is reset and no configuration is changed at open, unless the device has none: a reset loses what the printer
holds, and some models do not come back.

Source: USB Device Class Definition for Printing Devices 1.1 (class 7, subclass 1, protocol 2: bulk OUT and bulk IN).
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl

import usb.core  # type: ignore[import-untyped]
import usb.util  # type: ignore[import-untyped]

from devices.line import BadAddress, Line, LineClosed
from devices.printer.usbline import UsbLine, ours
from devices.transport import Scheme
from devices.wirelog import WireLog

EXAMPLE = "usb://vid:pid?port=1-2.3"
PRINTER, VENDOR = 7, 255  # bInterfaceClass
_GONE = (errno.ENODEV, errno.EIO, errno.ENOENT, errno.ESHUTDOWN, errno.EPROTO)


@dataclass(frozen=True, slots=True)
class Place:
    """Which device is meant; `port` "bus-port.port…" as in /sys/bus/usb/devices, `serial` its serial number; "" for any."""

    vendor: int
    product: int
    port: str = ""
    serial: str = ""


def parse_place(where: str, url: SplitResult) -> Place:
    """Raises BadAddress; opens nothing."""
    mend = f"write {EXAMPLE} or usb://vid:pid?serial=…, as lsusb shows them 请按此格式填写，编号见 lsusb"
    ids = re.fullmatch(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})", url.netloc)
    if ids is None or url.path not in ("", "/"):
        raise BadAddress(
            where, "usb needs the ids of vendor and product, four hex digits each 需要厂商和产品编号", mend
        )
    try:
        given = parse_qsl(url.query, strict_parsing=True) if url.query else []
    except ValueError as error:
        raise BadAddress(where, f"options cannot be read ({error}) 参数无法识别", mend) from error
    options = dict(given)
    unknown = set(options) - {"port", "serial"}
    if unknown or len(given) != len(options):
        raise BadAddress(where, f"unknown or repeated option {', '.join(sorted(unknown))} 参数有误", mend)
    if "port" in options and not re.fullmatch(r"[0-9]+-[0-9]+(\.[0-9]+)*", options["port"]):
        raise BadAddress(where, f"port {options['port']!r} is not like 1-2.3 端口有误", mend)
    return Place(int(ids[1], 16), int(ids[2], 16), options.get("port", ""), options.get("serial", ""))


def open_usb(where: str, url: SplitResult, log: WireLog, backend: Any = None) -> Line:
    """`backend` as of pyusb, None for libusb. Raises LineError: BadAddress when several devices fit, LineClosed when none does
    or another program has it, NoLibusb without the library. A transfer to the device's descriptors is bounded by libusb (1
    s)."""
    place = parse_place(where, url)
    with ours(where):
        device = _find(where, place, backend)
        try:
            return _claim(where, device, log)
        except BaseException:
            usb.util.dispose_resources(device)
            raise


def check_usb(where: str, url: SplitResult) -> None:
    parse_place(where, url)


# The row "usb" of devices.openers.
SCHEME = Scheme(check_usb, open_usb, EXAMPLE)


# --- finding and claiming ------------------------------------------------------------------------------------------


def _find(where: str, place: Place, backend: Any) -> Any:
    found = list(usb.core.find(find_all=True, idVendor=place.vendor, idProduct=place.product, backend=backend))
    fitting = [device for device in found if place.port in ("", _port(device))]
    if place.serial:
        fitting = [device for device in fitting if _serial(device) == place.serial]
    for device in found:  # reading a serial number opens it
        usb.util.dispose_resources(device)
    if not fitting:
        raise LineClosed(
            where, "no such device is plugged in 未找到该设备", "check the cable and the power 请检查线缆和电源"
        )
    if len(fitting) > 1:
        ports = ", ".join(_port(device) for device in fitting)
        raise BadAddress(
            where, f"{len(fitting)} devices are like this, at {ports} 有多个相同设备", "add ?port=… 请注明端口"
        )
    return fitting[0]


def _port(device: Any) -> str:
    return f"{device.bus}-{'.'.join(map(str, device.port_numbers or ()))}"


def _serial(device: Any) -> str:
    try:
        return str(device.serial_number or "")
    except (usb.core.USBError, ValueError):  # no permission, or none at all: then it is not the one that is meant
        return ""


def _claim(where: str, device: Any, log: WireLog) -> Line:
    try:
        configuration = device.get_active_configuration()
    except usb.core.USBError as error:
        if error.errno is not None:
            raise
        device.set_configuration()
        configuration = device.get_active_configuration()
    interface, out, into = _interface(where, configuration)
    number = interface.bInterfaceNumber
    detached = _detach(device, number)
    try:
        usb.util.claim_interface(device, number)
        if interface.bAlternateSetting:
            device.set_interface_altsetting(number, interface.bAlternateSetting)
    except usb.core.USBError:
        _attach(device, number, detached)
        raise
    return UsbLine(where, device, number, out, into, lambda: _let_go(device, number, detached), log)


def _interface(where: str, configuration: Any) -> tuple[Any, Any, Any]:
    """The first interface that prints and answers: of the printer class, else of a vendor's own."""
    for wanted in (PRINTER, VENDOR):
        for interface in configuration:
            ends = {
                usb.util.endpoint_direction(end.bEndpointAddress): end
                for end in interface
                if usb.util.endpoint_type(end.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
            }
            if interface.bInterfaceClass == wanted and len(ends) == 2:
                return interface, ends[usb.util.ENDPOINT_OUT], ends[usb.util.ENDPOINT_IN]
    raise LineClosed(
        where, "no printer that can answer 不是可双向通信的打印机", "use the queue of CUPS (cups:name) 请改用 CUPS 队列"
    )


def _detach(device: Any, number: int) -> bool:
    try:
        if not device.is_kernel_driver_active(number):
            return False
        device.detach_kernel_driver(number)
    except NotImplementedError:  # a system without kernel drivers to detach
        return False
    return True


def _attach(device: Any, number: int, detached: bool) -> None:
    """A device that went away, or is taken by another meanwhile, has no driver to get back."""
    if detached:
        try:
            device.attach_kernel_driver(number)
        except usb.core.USBError as error:
            if error.errno not in (*_GONE, errno.EBUSY):
                raise


def _let_go(device: Any, number: int, detached: bool) -> None:
    try:
        usb.util.release_interface(device, number)
    except usb.core.USBError as error:
        if error.errno not in _GONE:
            raise
    finally:
        try:
            _attach(device, number, detached)
        finally:
            usb.util.dispose_resources(device)
