"""The catalog's kinds of sign: old configuration stays valid, mistakes get a key and a remedy, simulators fit their drivers."""

from pathlib import Path

import msgspec
import pytest

from devices.catalog import Site
from devices.hours import Hour
from devices.led.kinds import KINDS, FrameOptions
from devices.ports import DONE, SignText

CONFIG = Path(__file__).parents[3] / "config"
KIND = {kind.driver: kind for kind in KINDS}


def site(where: str = "tcp://127.0.0.1:0") -> Site:
    return Site("signs", where, CONFIG, CONFIG)


def test_the_demos_options_are_read_and_good() -> None:
    options = msgspec.convert({"frame": "signs/sum8.toml"}, FrameOptions)
    assert list(KIND["frame"].check(site(), options)) == []
    assert options.rows == 1 and options.repaint_s == 60.0


@pytest.mark.parametrize(
    ("driver", "options", "key", "word"),
    [
        ("frame", {"frame": "signs/gone.toml"}, "frame", "No such file"),
        ("frame", {"frame": "signs/crc16.toml", "rows": 4}, "rows", "no row"),
        ("frame", {"frame": "signs/crc16.toml", "hours": [{"from": "07:00", "level": 80}]}, "hours", "no brightness"),
        ("frame", {"frame": "signs/sum8.toml", "rows": 9}, "rows", "out of range"),
        ("frame", {"frame": "signs/sum8.toml", "repaint_s": 1}, "repaint_s", "out of range"),
        ("onbon", {"columns": 100}, "columns", "no width"),
        ("modbus", {"width": 3}, "width", "ticket"),
        ("modbus", {"register": 65535}, "register", "65536"),
        ("modbus", {"hours": [{"from": "07:00", "level": 80}]}, "hours", "no register"),
        ("alpha", {"hours": [{"from": "07:00", "level": 80}]}, "hours", "no brightness"),
        ("onbon", {"hours": [{"from": "7:00", "level": 80}]}, "hours", "no time of day"),
    ],
)
def test_what_means_nothing_is_said_with_its_remedy(
    driver: str, options: dict[str, object], key: str, word: str
) -> None:
    kind = KIND[driver]
    slips = list(kind.check(site(), msgspec.convert(options, kind.options)))
    assert any(slip.key == key and word in slip.what and slip.remedy for slip in slips), slips


def test_a_mistake_inside_the_frames_file_is_told_with_file_and_key(tmp_path: Path) -> None:
    good = (CONFIG / "signs" / "sum8.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(good.replace('kind = "sum8"', 'kind = "sum9"'))
    (slip,) = KIND["frame"].check(Site("signs", "tcp://x:1", tmp_path, tmp_path), FrameOptions(frame="mine.toml"))
    assert slip.key == "frame" and slip.what.startswith("mine.toml: checksum.kind is 'sum9'") and "sum8" in slip.remedy


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:0", "pty:"])
@pytest.mark.parametrize("driver", ["frame", "onbon", "modbus", "alpha"])
def test_each_kind_shows_on_its_own_simulator(driver: str, where: str) -> None:
    kind = KIND[driver]
    given = {"frame": "signs/sum8.toml"} if driver == "frame" else {}
    if driver == "modbus":
        given["framing"] = "rtu"
    options = msgspec.convert(given, kind.options)
    assert kind.simulator is not None
    far = kind.simulator(site(where), options)
    far.start()
    sign = kind.make(site(far.where), options)
    sign.open()
    try:
        assert sign.show(SignText(7, "A012", blink=driver == "frame"), 2.0) == DONE  # type: ignore[attr-defined]
        assert far.simulator.wait_for(7, "A012")  # type: ignore[attr-defined]
        (shown,) = far.shown()
        assert shown["address"] == 7 and shown["text"] == "A012" and not shown["off"]
        far.set_fault("dead", address=7)
        assert far.active() == ("dead",) and far.shown()[0]["off"]
        far.set_fault("dead", on=False)
        assert far.active() == ()
        with pytest.raises(ValueError, match="unknown fault"):
            far.set_fault("paper_end")
    finally:
        sign.close()
        far.stop()


def test_hours_are_options() -> None:
    options = msgspec.convert({"hours": [{"from": "07:00", "level": 80}]}, KIND["onbon"].options)
    assert options.hours == [Hour(from_="07:00", level=80)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("driver", ["onbon", "modbus", "alpha"])
def test_the_samples_of_a_kind_are_read(driver: str) -> None:
    for samples in KIND[driver].samples:
        for raw in samples.frames:
            assert samples.decode(raw)
