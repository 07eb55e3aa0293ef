"""Plugged and unplugged: heard, or found by looking; and the device that waits for it is tried at once."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pyudev  # type: ignore[import-untyped]

from devices import hotplug
from devices.hotplug import Change, HotPlug, LookingSource, best_source, change_of, ports, stands_on
from devices.ports import DeviceError, Health
from devices.supervisor import Supervisor
from tests.devices.test_supervisor import Radio, unplugged

PLUGGED = Change("plugged", "/dev/ttyUSB0", ("/dev/serial/by-path/usb-0:1:1.0-port0",), "usb-0:1")


class Injected:
    """A source the test speaks through: a pipe, as readable as a netlink socket."""

    health = Health("ready")

    def __init__(self) -> None:
        self.fd, self._in = os.pipe()
        self.waiting: list[Change | Exception] = []

    def send(self, *changes: Change | Exception) -> None:
        self.waiting += changes
        os.write(self._in, b"!")

    def receive(self) -> list[Change]:
        os.read(self.fd, 64)
        waiting, self.waiting = self.waiting, []
        for item in waiting:
            if isinstance(item, Exception):
                raise item
        return [item for item in waiting if isinstance(item, Change)]

    def close(self) -> None:
        os.close(self.fd)
        os.close(self._in)


def within(seconds: float, true: Callable[[], bool]) -> bool:
    end, pause = time.monotonic() + seconds, threading.Event()
    while not true() and time.monotonic() < end:
        pause.wait(0.005)
    return true()


class News:
    def __init__(self) -> None:
        self._news = threading.Condition()
        self.heard: list[object] = []

    def __call__(self, what: object = "came") -> None:
        with self._news:
            self.heard.append(what)
            self._news.notify_all()

    def wait(self, true: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(true, 5.0), self.heard


@pytest.fixture
def plug() -> Iterator[tuple[HotPlug, Injected, News]]:
    source, news = Injected(), News()
    plug = HotPlug(news, lambda: source)
    before = threading.active_count()
    plug.start()
    yield plug, source, news
    plug.stop()
    plug.stop()
    assert threading.active_count() == before


def test_what_is_plugged_in_is_told_and_who_stands_there_is_called(plug: tuple[HotPlug, Injected, News]) -> None:
    hot, source, news = plug
    came, other = News(), News()
    hot.watch("scanner", f"serial://{PLUGGED.links[0]}?baud=9600", came)
    hot.watch("signs", "serial:///dev/ttyS9", other)
    hot.watch("printer", "tcp://10.0.0.9:9100", other)
    source.send(Change("unplugged", PLUGGED.node, PLUGGED.links), PLUGGED)
    came.wait(lambda: came.heard == ["came"])
    assert [change.what for change in news.heard if isinstance(change, Change)] == ["unplugged", "plugged"]
    hot.forget("scanner")
    source.send(PLUGGED)
    news.wait(lambda: len(news.heard) == 3)
    assert (came.heard, other.heard) == (["came"], [])


def test_a_device_away_for_long_is_ready_as_soon_as_it_is_plugged_in(plug: tuple[HotPlug, Injected, News]) -> None:
    hot, source, _ = plug
    radio, states = Radio(), News()
    radio.open_error = unplugged()
    supervisor: Supervisor[Radio, str] = Supervisor(
        "radio", radio, lambda r, job: r.run(job), lambda h: states(h.state), lambda j, o: None, jitter=lambda s: 600.0
    )
    hot.watch("radio", "serial:///dev/ttyUSB0", lambda: supervisor.refresh(if_away=True))
    supervisor.start()
    states.wait(lambda: states.heard[-1:] == ["backoff"])
    radio.open_error = None
    source.send(PLUGGED)
    states.wait(lambda: states.heard[-1:] == ["ready"])
    supervisor.stop()


def test_a_mistake_is_shown_and_the_next_message_is_heard() -> None:
    source, news = Injected(), News()
    hot = HotPlug(news, lambda: source, look_s=0.01)
    assert hot.health.state == "absent"
    hot.start()
    with pytest.raises(RuntimeError):
        hot.start()
    source.send(OSError(105, "No buffer space available"))
    assert within(5.0, lambda: hot.health.state == "fault")
    assert "No buffer space" in hot.health.detail
    source.send(PLUGGED)
    news.wait(lambda: news.heard == [PLUGGED])
    assert within(5.0, lambda: hot.health.state == "ready")
    hot.stop()


def murmur(data: bytes) -> int:
    """MurmurHash2 with seed 0: udev's socket filter compares it with the hash of the subsystem (systemd, sd-device)."""
    m, mask, h, at = 0x5BD1E995, 0xFFFFFFFF, len(data), 0
    for at in range(0, len(data) - 3, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        h = (h * m & mask) ^ ((k ^ k >> 24) * m & mask)
    if rest := data[len(data) // 4 * 4 :]:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def udev_says(**properties: str) -> None:
    """What udevd multicasts when it has named a device (systemd, src/libsystemd/sd-device/device-monitor.c). Needs root."""
    body = b"".join(f"{key}={value}".encode() + b"\0" for key, value in properties.items())
    head = b"libudev\0" + struct.pack("!I", 0xFEEDCAFE) + struct.pack("=III", 40, 40, len(body))
    head += struct.pack("!IIII", murmur(properties["SUBSYSTEM"].encode()), 0, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15) as netlink:  # NETLINK_KOBJECT_UEVENT
        netlink.bind((0, 0))
        try:
            netlink.sendto(head + body, (0, 2))  # the group of udev's listeners
        except PermissionError:
            pytest.skip("only root may speak as udevd")


def test_a_real_netlink_message_of_udev_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    control = tmp_path / "control"
    control.touch()
    monkeypatch.setattr(hotplug, "UDEV", control)
    before = len(list(Path("/proc/self/fd").iterdir()))
    news, came = News(), News()
    hot = HotPlug(news, hotplug.UdevSource)
    hot.watch("scanner", "serial:///dev/serial/by-path/pci-9-port0?baud=9600", came)
    hot.start()
    assert hot.health.state == "ready"
    says = {"DEVPATH": "/devices/virtual/tty/ttyUSB97", "SEQNUM": "4711", "DEVNAME": "/dev/ttyUSB97", "MAJOR": "188"}
    links = "/dev/serial/by-path/pci-9-port0"
    udev_says(ACTION="change", SUBSYSTEM="tty", MINOR="97", **says)
    udev_says(ACTION="add", SUBSYSTEM="block", MINOR="97", **says)
    udev_says(ACTION="add", SUBSYSTEM="tty", MINOR="97", ID_PATH="pci-9", DEVLINKS=links, **says)
    news.wait(lambda: news.heard == [Change("plugged", "/dev/ttyUSB97", (links,), "pci-9")])
    came.wait(lambda: came.heard == ["came"])
    hot.stop()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_where_udev_does_not_speak_it_is_looked_and_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hotplug, "UDEV", tmp_path / "missing")
    with pytest.raises(DeviceError, match="udevd does not run"):
        hotplug.UdevSource()
    source = best_source()
    assert isinstance(source, LookingSource)
    assert source.health.reasons == ("looking",)
    assert "every 2 s" in source.health.detail

    def refuse(context: object, source: str) -> object:
        raise OSError(1, "Operation not permitted")

    (tmp_path / "missing").touch()
    monkeypatch.setattr(pyudev.Monitor, "from_netlink", refuse)
    assert "not permitted" in best_source().health.detail


def test_looking_finds_what_came_went_and_was_changed_for_another(tmp_path: Path) -> None:
    folder = tmp_path / "by-path"
    dev = tmp_path / "dev"
    dev.mkdir()
    source = LookingSource("no udev", [folder, tmp_path / "usb"])
    assert source.receive() == []
    folder.mkdir()
    for name in ("ttyUSB0", "ttyUSB1"):
        (dev / name).touch()
    link = folder / "pci-usb-0:1"
    link.symlink_to(dev / "ttyUSB0")
    assert source.receive() == [Change("plugged", str(dev / "ttyUSB0"), (str(link),), "pci-usb-0:1")]
    assert source.receive() == []
    link.unlink()
    link.symlink_to(dev / "ttyUSB1")
    assert [(c.what, Path(c.node).name) for c in source.receive()] == [
        ("unplugged", "ttyUSB0"),
        ("plugged", "ttyUSB1"),
    ]
    link.unlink()
    assert [c.what for c in source.receive()] == ["unplugged"]


def test_the_looking_thread_tells_too(tmp_path: Path) -> None:
    news, came = News(), News()
    hot = HotPlug(news, lambda: LookingSource("no udev", [tmp_path]), look_s=0.01)
    hot.watch("printer", f"file://{tmp_path}/lp0", came)
    hot.start()
    (tmp_path / "lp0").touch()
    came.wait(lambda: came.heard == ["came"])
    hot.stop()


class FromUdev:
    """The four things used of a pyudev.Device, which cannot be made."""

    def __init__(self, action: str | None, node: str | None) -> None:
        self.action, self.device_node = action, node
        self.device_links = ["/dev/serial/by-path/p"]
        self.properties = {"ID_PATH": "p"}


def test_only_what_has_a_device_file_and_came_or_went_is_a_change() -> None:
    links = ("/dev/serial/by-path/p",)
    assert change_of(FromUdev("add", "/dev/ttyUSB0")) == Change("plugged", "/dev/ttyUSB0", links, "p")
    assert change_of(FromUdev("remove", "/dev/ttyUSB0")) == Change("unplugged", "/dev/ttyUSB0", links, "p")
    assert change_of(FromUdev("add", None)) is None
    assert change_of(FromUdev("bind", "/dev/ttyUSB0")) is None


def test_a_real_device_of_udev_has_what_is_used_of_it() -> None:
    device = next(iter(pyudev.Context().list_devices(subsystem="tty")))
    assert change_of(device) is None  # listed, neither came nor went
    assert device.device_node.startswith("/dev/")
    assert list(device.device_links) is not None
    assert device.properties.get("ID_PATH", "") is not None


@pytest.mark.parametrize(
    ("where", "there"),
    [
        ("serial:///dev/ttyUSB0?baud=9600", True),
        ("file:///dev/ttyUSB0", True),
        ("serial:///dev/serial/by-path/usb-0:1:1.0-port0", True),
        ("serial:///dev/ttyUSB1", False),
        ("tcp://10.0.0.1:1", False),
        ("bus:rs485", False),
    ],
)
def test_a_where_stands_on_what_has_its_name(where: str, there: bool) -> None:
    assert stands_on(where, PLUGGED) is there


def test_a_where_stands_on_what_its_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "kiosk-printer").symlink_to(tmp_path / "ttyUSB0")
    change = Change("plugged", str((tmp_path / "ttyUSB0").resolve()))
    assert stands_on(f"serial://{tmp_path}/kiosk-printer", change)


# --- what ports there are ------------------------------------------------------------------------------------------------


def build(root: Path) -> tuple[Path, Path]:
    """A box with a USB serial adapter, a real and a phantom port, a printer, a scanner, a camera and a GPIO chip."""
    dev, sys = root / "dev", root / "sys"
    usb = sys / "devices/usb1/1-1"
    (usb / "1-1:1.0/ttyUSB0").mkdir(parents=True)
    for name, text in {"idVendor": "1a86", "idProduct": "7523", "product": "USB Serial"}.items():
        (usb / name).write_text(f"{text}\n")
    lp = sys / "devices/usb1/1-2"
    (lp / "1-2:1.0").mkdir(parents=True)
    for name, text in {"idVendor": "04b8", "manufacturer": "EPSON", "product": "TM-T88V", "serial": "X1"}.items():
        (lp / name).write_text(f"{text}\n")
    keyboard = sys / "devices/input/input5"
    keyboard.mkdir(parents=True)
    (keyboard / "name").write_text("Barcode Reader\n")
    platform = sys / "devices/platform/serial8250"
    platform.mkdir(parents=True)
    for place, target, kind in (
        ("class/tty/ttyUSB0", usb / "1-1:1.0/ttyUSB0", ""),
        ("class/tty/ttyS0", platform, "4"),
        ("class/tty/ttyS10", platform, "4"),
        ("class/tty/ttyS2", platform, "4"),
        ("class/tty/ttyS1", platform, "0"),
        ("class/usbmisc/lp0", lp / "1-2:1.0", ""),
        ("class/input/event5", keyboard, ""),
    ):
        (sys / place).mkdir(parents=True)
        (sys / place / "device").symlink_to(target)
        if kind:
            (sys / place / "type").write_text(f"{kind}\n")
    files = ("ttyUSB0", "ttyS0", "ttyS1", "ttyS2", "ttyS10", "usb/lp0", "input/event5", "video0", "gpiochip0", "tty1")
    for name in files:
        (dev / name).parent.mkdir(parents=True, exist_ok=True)
        (dev / name).touch()
    (dev / "serial/by-path").mkdir(parents=True)
    (dev / "serial/by-path/pci-usb-0:1").symlink_to("../../ttyUSB0")
    return dev, sys


def test_the_ports_of_a_box_are_listed_with_place_and_names(tmp_path: Path) -> None:
    dev, sys = build(tmp_path)
    found = {port.name: port for port in ports(dev, sys)}
    assert list(found) == ["ttyS0", "ttyS2", "ttyS10", "ttyUSB0", "lp0", "event5", "video0", "gpiochip0"]
    adapter = found["ttyUSB0"]
    assert adapter.where == f"serial://{dev}/serial/by-path/pci-usb-0:1"
    assert (adapter.vendor, adapter.product, adapter.serial) == ("1a86", "USB Serial", "")
    printer = found["lp0"]
    assert printer.where == f"file://{dev}/usb/lp0"
    assert (printer.vendor, printer.product, printer.serial) == ("EPSON", "TM-T88V", "X1")
    assert found["event5"].product == "Barcode Reader"
    assert found["ttyS0"].where == f"serial://{dev}/ttyS0"


def test_the_ports_of_this_machine_can_be_listed() -> None:
    for port in ports():
        assert port.where.startswith(("serial:///dev/", "file:///dev/"))
