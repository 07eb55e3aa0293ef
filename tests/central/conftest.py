from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from .server import Server, Wire


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One central for a whole file; each test brings a store of its own."""
    made = Server(tmp_path_factory.mktemp("central"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    with Wire(server.url) as made:
        yield made


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """A store id of this test's own."""
    return hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:32]
