"""A configuration sent by central is in force after the next start; one that does not load changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.config import ConfigError, load
from kiosk.config.adopt import adopt, overlay

DEMO = Path(__file__).parents[2] / "config"


def hall(limit: str) -> str:
    return (DEMO / "hall.toml").read_text("utf-8").replace("recall_limit = 3", f"recall_limit = {limit}")


def test_what_central_sends_stands_before_the_boxs_own(tmp_path: Path) -> None:
    over = overlay(tmp_path)
    before = load(DEMO, over)
    config = adopt(DEMO, over, {"hall.toml": hall("5")})
    assert config is not None
    assert load(DEMO, over).plan.recall_limit == 5
    assert config.version != before.version
    assert adopt(DEMO, over, {"hall.toml": hall("5")}) is None, "offered again, it needs no restart"
    adopt(DEMO, over, {"hall.toml": hall("6")})
    assert load(DEMO, over).plan.recall_limit == 6


def test_one_that_does_not_load_is_refused_whole_and_the_old_one_stays(tmp_path: Path) -> None:
    over = overlay(tmp_path)
    adopt(DEMO, over, {"hall.toml": hall("5")})
    with pytest.raises(ConfigError, match="recall_limit"):
        adopt(DEMO, over, {"hall.toml": hall("50")})
    assert load(DEMO, over).plan.recall_limit == 5


@pytest.mark.parametrize("name", ["devices.toml", "station.toml", "../hall.toml", "/etc/passwd"])
def test_the_boxs_own_files_never_come_this_way(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="belongs to the box"):
        adopt(DEMO, overlay(tmp_path), {name: ""})
    assert not overlay(tmp_path).exists()
