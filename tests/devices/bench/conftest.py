"""One bench for all of its tests: what they leave behind is mended by those that set it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devices.bench.running import TABLES, Running, folder_with


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(folder_with(TABLES, tmp_path_factory.mktemp("bench"))) as running:
        yield running
