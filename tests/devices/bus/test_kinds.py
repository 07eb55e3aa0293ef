"""The bus in the configuration, and its simulator."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from devices.bus.kinds import KINDS, Rs485Options
from devices.bus.simulator import BusSimulator
from devices.catalog import Site
from devices.line import BadAddress, LineClosed, deadline_in
from devices.transport import open_line

KIND = KINDS[0]


def site(where: str) -> Site:
    return Site("rs485", where, Path("/nowhere"), Path("/nowhere"))


def slips(where: str, **options: object) -> list[str]:
    return [slip.key for slip in KIND.check(site(where), Rs485Options(**options))]  # type: ignore[arg-type]


def test_what_means_nothing_is_named() -> None:
    assert slips("serial:///dev/ttyS1?baud=19200") == []
    assert slips("tcp://10.0.0.9:4001", baud=19200, gap_ms=20, echo=True) == []
    assert slips("tcp://10.0.0.9:4001", baud=1, gap_ms=-1, kernel_rs485=True) == ["baud", "gap_ms", "kernel_rs485"]
    assert slips("serial:///dev/ttyS1", baud=19200) == ["baud"]
    assert slips("serial:///dev/ttyS1?speed=1") == ["where"]


def test_a_port_that_cannot_switch_the_direction_says_so_when_it_is_opened() -> None:
    master, slave = os.openpty()
    try:
        bus = KIND.make(site(f"serial://{os.ttyname(slave)}?baud=19200"), Rs485Options(kernel_rs485=True))
        with pytest.raises(BadAddress, match="direction"):
            bus.open()
        bus.close()
    finally:
        os.close(slave)
        os.close(master)


def test_every_device_on_the_wire_hears_every_byte_and_the_host_hears_all_of_them() -> None:
    assert KIND.simulator is not None
    wire = KIND.simulator(site("tcp://127.0.0.1:0"), Rs485Options())
    assert isinstance(wire, BusSimulator)
    wire.start()
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    for server in servers:
        wire.attach(f"tcp://127.0.0.1:{server.getsockname()[1]}")
    devices = [server.accept()[0] for server in servers]
    host = open_line(wire.where)
    host.write(b"who", deadline_in(1))
    assert [device.recv(3, socket.MSG_WAITALL) for device in devices] == [b"who", b"who"]
    devices[1].sendall(b"me")
    assert host.read(2, deadline_in(2)) == b"me"
    assert wire.shown()["to_host"] == 2
    for end in (*servers, *devices):
        end.close()
    host.close()
    wire.stop()


def test_the_faults_of_the_wire() -> None:
    wire = BusSimulator(echo=True)
    wire.start()
    host = open_line(wire.where)
    host.write(b"abc", deadline_in(1))
    assert host.read(3, deadline_in(1)) == b"abc"
    wire.set_fault("one_byte")
    host.write(b"abc", deadline_in(1))
    assert host.read_some(deadline_in(1)) == b"a"
    assert host.read(2, deadline_in(1)) == b"bc"
    wire.set_fault("unplugged")
    assert wire.active() == ("unplugged", "one_byte")
    with pytest.raises(LineClosed):
        host.read_some(deadline_in(1))
    with pytest.raises(LineClosed):
        open_line(wire.where)
    wire.set_fault("unplugged", on=False)
    open_line(wire.where).close()
    with pytest.raises(ValueError, match="one of unplugged"):
        wire.set_fault("burning")
    host.close()
    wire.stop()


def test_a_device_that_comes_later_is_found() -> None:
    wire = BusSimulator()
    wire.start()
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    wire.attach(where)
    assert wire.shown()["members"] == {where: False}
    with socket.create_server(("127.0.0.1", int(where.rpartition(":")[2]))) as server:
        server.settimeout(5)
        server.accept()[0].close()
    wire.stop()
