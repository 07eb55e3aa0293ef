"""Capture → TOML → the driver drives the very sign that the capture came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.catalog import Catalog, Site
from devices.learn.capture import read_capture, write_capture
from devices.learn.study import learn
from devices.led.kinds import KINDS
from devices.led.simulator import SignSimulator
from devices.ports import SignText
from tests.devices.learn.captures import description, talk


@pytest.mark.parametrize("name", ["sum8", "crc16 escaped", "7E escaped", "STX ETX", "EB90 ccitt"])
def test_a_learned_sign_shows_what_it_is_told(name: str, tmp_path: Path) -> None:
    capture = write_capture(talk(description(name), n=300))
    (tmp_path / "learned.toml").write_text(learn(read_capture(capture), "learned.toml").toml, encoding="utf-8")
    simulator = SignSimulator("127.0.0.1", 0, description(name))
    simulator.start()
    catalog = Catalog()
    for kind in KINDS:
        catalog.add(kind, "test")
    kind = catalog.get("sign", "frame")
    assert kind is not None
    options = kind.options(frame="learned.toml")
    site = Site("signs", simulator.where, tmp_path, tmp_path)
    assert list(kind.check(site, options)) == []
    sign = kind.make(site, options)
    sign.open()
    try:
        for address, text in ((1, "A001 请到3号"), (4, "暂停服务"), (2, ""), (3, "B999")):
            outcome = sign.show(SignText(address, text), 3.0)
            assert outcome.kind == "done", outcome
            assert simulator.wait_for(address, text)
    finally:
        sign.close()
        simulator.stop()
