"""The catalog's keypads and rating pads: options, mistakes, and each on its own simulator."""

from pathlib import Path

import msgspec
import pytest

from devices.catalog import Site
from devices.keypad.kinds import KINDS, PadOptions
from devices.ports import KeypadText, Pressed, Rated
from devices.transport import deadline_in

CONFIG = Path(__file__).parents[3] / "config"
KIND = {str(kind.klass): kind for kind in KINDS}
PADS = [{"counter": 1, "address": 11}, {"counter": 2, "address": 12}]


def site(where: str = "tcp://127.0.0.1:0") -> Site:
    return Site("keypads", where, CONFIG, CONFIG)


def options(**more: object) -> PadOptions:
    return msgspec.convert({"frame": "keypads/polled.toml", "pad": PADS, **more}, PadOptions)


def test_good_options_and_who_sits_where() -> None:
    assert list(KIND["keypad"].check(site(), options())) == []
    assert options().address_of(2) == 12 and options().counter_of(11) == 1 and options().counter_of(99) is None


@pytest.mark.parametrize(
    ("more", "key", "word"),
    [
        ({"frame": "keypads/gone.toml"}, "frame", "No such file"),
        ({"frame": "keypads/rating_polled.toml"}, "frame", "show is missing"),
        ({"pad": []}, "pad", "0 pads"),
        ({"pad": [PADS[0], PADS[0]]}, "pad", "two pads"),
        ({"poll_ms": 10}, "poll_ms", "out of range"),
    ],
)
def test_what_means_nothing_is_said_with_its_remedy(more: dict[str, object], key: str, word: str) -> None:
    slips = list(KIND["keypad"].check(site(), options(**more)))
    assert any(slip.key == key and word in slip.what and slip.remedy for slip in slips), slips


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:0", "pty:"])
@pytest.mark.parametrize("klass", ["keypad", "rating"])
def test_each_kind_works_on_its_own_simulator(klass: str, where: str) -> None:
    kind = KIND[klass]
    given = options() if klass == "keypad" else options(frame="keypads/rating_polled.toml")
    assert kind.simulator is not None
    far = kind.simulator(site(where), given)
    far.start()
    driver = kind.make(site(far.where), given)
    driver.open()
    try:
        if klass == "keypad":
            assert driver.show(KeypadText(11, "A001", 2), 1.0).kind == "done"  # type: ignore[attr-defined]
            assert far.shown()[0] | {"keys": []} == {
                "counter": 1, "address": 11, "text": "A001", "waiting": 2, "asked": 0, "off": False, "keys": []
            }  # fmt: skip
        far.press(12, "next" if klass == "keypad" else "4")  # type: ignore[attr-defined]
        event = driver.listen(deadline_in(2.0))  # type: ignore[attr-defined]
        assert isinstance(event, Pressed) and event.key == "next" if klass == "keypad" else isinstance(event, Rated)
        far.set_fault("dead", address=11)
        assert far.active() == ("dead",) and far.shown()[0]["off"] and not far.shown()[1]["off"]
        far.set_fault("")
        assert far.active() == ()
        with pytest.raises(ValueError, match="no key"):
            far.press(11, "dance")  # type: ignore[attr-defined]
    finally:
        driver.close()
        far.stop()
