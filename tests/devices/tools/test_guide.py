"""The guide's example is what `kiosk devices new` writes, file by file, and its words exist."""

from __future__ import annotations

import re
from pathlib import Path

from devices.tools.new import new
from kiosk.__main__ import build_parser

GUIDE = Path(__file__).parents[3] / "docs/drivers.md"


def test_the_example_of_the_guide_is_what_is_generated(tmp_path: Path) -> None:
    new("acme-sign", "sign", tmp_path)
    shown = re.findall(r"### `acme_sign/(\w+\.py)`\n.*?```python\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    assert [name for name, _ in shown] == ["codec.py", "device.py", "driver.py", "simulator.py", "kinds.py"]
    for name, text in shown:
        assert text == (tmp_path / "acme-sign/acme_sign" / name).read_text("utf-8"), f"run the guide's {name} anew"


def test_every_command_of_the_guide_is_understood() -> None:
    found = re.findall(r"^    (kiosk (?:devices|simulate) [^#\n]+)", GUIDE.read_text("utf-8"), re.M)
    assert len(found) >= 4
    for words in found:
        build_parser().parse_args([word.strip('"') for word in words.split()[1:]])
