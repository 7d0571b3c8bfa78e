"""Engines for the tests of the store: each rule holds of both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import SQLITE, Engine, Milvus, Server, running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server for a test that kills it."""
    yield from running(tmp_path)


@pytest.fixture(params=["sqlite", "milvus"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    if request.param == "sqlite":
        return SQLITE
    server: Server = request.getfixturevalue("milvus_server")
    return Milvus(server.url)
