"""The interface document, tried by a stranger's tool: whatever fits or does not fit it, no answer is a mistake of ours."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.survival.station import Station

FEW = 30  # requests


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "role",
    [
        "screen",
        "counter",
        pytest.param("anyone", marks=pytest.mark.soak),
        pytest.param("guide", marks=pytest.mark.soak),
    ],
)
def test_no_input_makes_a_5xx(tmp_path: Path, role: str) -> None:
    station = Station(tmp_path)
    station.start()
    try:
        headers = []
        if role == "screen":
            headers = ["-H", f"Authorization: Bearer {station.screen().token}"]
        elif role != "anyone":
            headers = ["-H", f"Authorization: Bearer {station.login(role, 1 if role == 'counter' else None)}"]
        run, tried = run_it(station, headers, tmp_path, seconds=8)
        if run.returncode == 0 and tried <= FEW:  # a busy machine: the document alone took the time
            run, tried = run_it(station, headers, tmp_path, seconds=60)
        assert run.returncode == 0, run.stdout[-3000:]
        assert tried > FEW, run.stdout[-1500:]
    finally:
        station.stop()


def run_it(
    station: Station, headers: list[str], folder: Path, seconds: int
) -> tuple[subprocess.CompletedProcess[str], int]:
    """What it said, and how many requests it made."""
    run = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            f"http://127.0.0.1:{station.port}/schema/openapi.json",
            *("--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--mode", "all"),
            *("--max-examples", "15", "--no-shrink", "--generation-deterministic", "--max-time", str(seconds)),
            *("--exclude-path", "/events", "--request-timeout", "10", "--warnings", "off", "--no-color"),
            *headers,
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=seconds + 60,
    )
    tried = re.search(r"(\d+) generated", run.stdout)
    return run, int(tried[1]) if tried else 0
