"""The kernel's side of devices this machine does not have: small C libraries under LD_PRELOAD."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def build(source: Path, folder: Path) -> Path:
    """Compile `source` → a shared library in `folder`."""
    library = folder / f"{source.stem}.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return library


class Played:
    """A Python script that runs under a shim and does one thing for each line of JSON it is given."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def do(self, *words: object) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the script ended"
        return json.loads(line)


@contextmanager
def played(script: Path, library: Path, environment: dict[str, str]) -> Iterator[Played]:
    env = {**os.environ, **environment, "LD_PRELOAD": str(library), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            yield Played(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(timeout=10) == 0
