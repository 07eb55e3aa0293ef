"""The bench itself works: two cheap figures come out in the shape that is promised. Nothing here is timed."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.figure import Figure
from tests.bench.halls import ROOT


def test_each_figure_is_one_json_object_a_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "decide", "disk", "--quick"],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(figures) == 8, done.stderr
    for figure in figures:
        assert list(figure) == ["name", "value", "unit", "ratio", "limit", "against"]
        assert figure["value"] > 0
        assert (figure["ratio"] is None) == (figure["limit"] == "reported")


def test_a_figure_knows_whether_its_limit_is_reached() -> None:
    assert Figure("a", 1, "ms", 1.49, "≤ 1.5×").kept is True
    assert Figure("a", 1, "ms", 1.51, "≤ 1.5×").kept is False
    assert Figure("a", 1, "1/s", 0.79, "≥ 0.8×").kept is False
    assert Figure("a", 1, "s", 0.2, "≤ 1 s").kept is True
    assert Figure("a", 1, "MiB").kept is None
