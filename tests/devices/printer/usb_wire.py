"""The other end of a USB cable: a pyusb backend whose bulk endpoints are the wire of the real PrinterSimulator.

What libusb does is done here as libusb does it: a transfer returns what went before its timeout, a timeout of 0 would last
for ever (and is refused), an unplugged device is errno 19 for everything, a stalled endpoint errno 32 until its halt is cleared.
"""

from __future__ import annotations

import errno
import select
import socket
from array import array
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import usb.backend  # type: ignore[import-untyped]
from usb.core import USBError, USBTimeoutError  # type: ignore[import-untyped]

OUT, IN = 0x01, 0x82
STRINGS = {3: "X5A9-000123"}


@dataclass
class Plugged:
    """One device. `klass` 7 is a printer; `interfaces` before the printer's own belong to other functions of it."""

    at: str  # the simulator's tcp:// address
    vendor: int = 0x04B8
    product: int = 0x0202
    bus: int = 1
    ports: tuple[int, ...] = (2, 3)
    klass: int = 7
    protocol: int = 2
    storage_first: bool = False
    configured: bool = True
    usblp: bool = True
    unplugged: bool = False
    taken: bool = False  # by another program
    forbidden: bool = False
    stalled: set[int] = field(default_factory=set)
    stalls_again: bool = False
    empty_packets: bool = False
    told: list[str] = field(default_factory=list)  # what was done to it, in order
    wire: socket.socket | None = None

    @property
    def number(self) -> int:
        return 1 if self.storage_first else 0


class Bus(usb.backend.IBackend):  # type: ignore[misc]
    def __init__(self, *devices: Plugged) -> None:
        self.devices = list(devices)

    # --- descriptors ---

    def enumerate_devices(self) -> list[Plugged]:
        return [device for device in self.devices if not device.unplugged]

    def get_device_descriptor(self, dev: Plugged) -> Any:
        return SimpleNamespace(
            **dict.fromkeys(
                ("bLength", "bDescriptorType", "bcdUSB", "bDeviceSubClass", "bDeviceProtocol", "bcdDevice"), 0
            ),
            **dict.fromkeys(("bDeviceClass", "iManufacturer", "iProduct", "address", "speed"), 0),
            bMaxPacketSize0=64,
            idVendor=dev.vendor,
            idProduct=dev.product,
            iSerialNumber=3,
            bNumConfigurations=1,
            bus=dev.bus,
            port_number=dev.ports[-1],
            port_numbers=dev.ports,
        )

    def get_configuration_descriptor(self, dev: Plugged, config: int) -> Any:
        if config:
            raise IndexError(config)
        return SimpleNamespace(
            **dict.fromkeys(("bLength", "bDescriptorType", "wTotalLength", "iConfiguration", "bmAttributes"), 0),
            bNumInterfaces=dev.number + 1,
            bConfigurationValue=1,
            bMaxPower=50,
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, dev: Plugged, intf: int, alt: int, config: int) -> Any:
        if intf > dev.number or alt or config:
            raise IndexError(intf)
        printer = intf == dev.number
        return SimpleNamespace(
            **dict.fromkeys(("bLength", "bDescriptorType", "bAlternateSetting", "iInterface"), 0),
            bInterfaceNumber=intf,
            bNumEndpoints=1 if printer and dev.protocol == 1 else 2,
            bInterfaceClass=dev.klass if printer else 8,
            bInterfaceSubClass=1,
            bInterfaceProtocol=dev.protocol,
            extra_descriptors=[],
        )

    def get_endpoint_descriptor(self, dev: Plugged, ep: int, intf: int, alt: int, config: int) -> Any:
        addresses = (OUT, IN) if intf == dev.number else (0x03, 0x84)
        return SimpleNamespace(
            **dict.fromkeys(("bLength", "bDescriptorType", "bInterval", "bRefresh", "bSynchAddress"), 0),
            bEndpointAddress=addresses[ep],
            bmAttributes=2,
            wMaxPacketSize=64,
            extra_descriptors=[],
        )

    # --- the device ---

    def open_device(self, dev: Plugged) -> Plugged:
        self._there(dev)
        if dev.forbidden:
            raise USBError("Access denied", -3, errno.EACCES)
        dev.told.append("open")
        return dev

    def close_device(self, dev_handle: Plugged) -> None:
        dev_handle.told.append("close")

    def get_configuration(self, dev_handle: Plugged) -> int:
        self._there(dev_handle)
        return int(dev_handle.configured)

    def set_configuration(self, dev_handle: Plugged, config_value: int) -> None:
        dev_handle.told.append(f"configure {config_value}")
        dev_handle.configured = True

    def reset_device(self, dev_handle: Plugged) -> None:
        dev_handle.told.append("reset")

    def is_kernel_driver_active(self, dev_handle: Plugged, intf: int) -> bool:
        self._there(dev_handle)
        return dev_handle.usblp and intf == dev_handle.number

    def detach_kernel_driver(self, dev_handle: Plugged, intf: int) -> None:
        dev_handle.told.append(f"detach {intf}")
        dev_handle.usblp = False

    def attach_kernel_driver(self, dev_handle: Plugged, intf: int) -> None:
        self._there(dev_handle)
        dev_handle.told.append(f"attach {intf}")
        dev_handle.usblp = True

    def claim_interface(self, dev_handle: Plugged, intf: int) -> None:
        self._there(dev_handle)
        if dev_handle.usblp or dev_handle.taken:
            raise USBError("Resource busy", -6, errno.EBUSY)
        dev_handle.told.append(f"claim {intf}")
        parts = urlsplit(dev_handle.at)
        dev_handle.wire = socket.create_connection((parts.hostname or "", parts.port or 0), 2)
        dev_handle.wire.setblocking(False)

    def release_interface(self, dev_handle: Plugged, intf: int) -> None:
        if dev_handle.wire is not None:
            dev_handle.wire.close()
            dev_handle.wire = None
        self._there(dev_handle)
        dev_handle.told.append(f"release {intf}")

    def clear_halt(self, dev_handle: Plugged, ep: int) -> None:
        self._there(dev_handle)
        dev_handle.told.append(f"clear {ep:02x}")
        if not dev_handle.stalls_again:
            dev_handle.stalled.discard(ep)

    def ctrl_transfer(
        self, dev_handle: Plugged, request_type: int, request: int, value: int, index: int, data: Any, timeout: int
    ) -> int:
        """GET_DESCRIPTOR of a string."""
        self._there(dev_handle)
        text = STRINGS.get(value & 0xFF, "\u0409").encode("utf-16-le")
        answer = bytes((len(text) + 2, 3)) + text
        data[: len(answer)] = array("B", answer)
        return len(answer)

    # --- the wire ---

    def bulk_write(self, dev_handle: Plugged, ep: int, intf: int, data: Any, timeout: int) -> int:
        wire = self._ready(dev_handle, ep, timeout, select.POLLOUT)
        try:
            return wire.send(data.tobytes())
        except BlockingIOError:
            raise USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT) from None
        except OSError:
            raise USBError("No such device", -4, errno.ENODEV) from None

    def bulk_read(self, dev_handle: Plugged, ep: int, intf: int, buff: Any, timeout: int) -> int:
        if dev_handle.empty_packets:
            self._there(dev_handle)
            dev_handle.empty_packets = False
            return 0
        wire = self._ready(dev_handle, ep, timeout, select.POLLIN)
        try:
            read = wire.recv(len(buff))
        except BlockingIOError:
            raise USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT) from None
        except OSError:
            read = b""
        if not read:
            raise USBError("No such device", -4, errno.ENODEV)
        buff[: len(read)] = array("B", read)
        return len(read)

    def _ready(self, dev: Plugged, ep: int, timeout: int, event: int) -> socket.socket:
        self._there(dev)
        assert timeout > 0, "libusb would wait for ever"
        if ep in dev.stalled:
            raise USBError("Pipe error", -9, errno.EPIPE)
        assert dev.wire is not None
        poll = select.poll()
        poll.register(dev.wire, event)
        if not poll.poll(timeout):
            raise USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        return dev.wire

    def _there(self, dev: Plugged) -> None:
        if dev.unplugged:
            raise USBError("No such device", -4, errno.ENODEV)
