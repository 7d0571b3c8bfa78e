"""Tests meet the installed distribution, as users do."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from canary import Canary
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
# `python -m pytest` puts the checkout first on sys.path, where rag/ would hide
# the installed package and rag.index (kept in index/) would not be found.
sys.path[:] = [p for p in sys.path if Path(p).resolve() != ROOT]

from rag.index.embed import open_embedder  # noqa: E402
from rag.protocols import Embedder  # noqa: E402

if TYPE_CHECKING:
    from engines import Server

# A slow machine is not a wrong program.
settings.register_profile("citewise", deadline=None)
settings.load_profile("citewise")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files instead of comparing")
    parser.addoption("--canary", action="store_true", help="fail if a key shows in any log, output or file")


# Before the plugin that opens the log file.
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--canary"):
        log = Path(tempfile.mkdtemp(prefix="citewise-canary-")) / "debug.log"
        config.pluginmanager.register(Canary(config, log))


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model, built once per user."""
    return open_embedder("bundled")


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Server]":
    """A Milvus server for all tests that leave it alone."""
    from engines import running

    yield from running(tmp_path_factory.mktemp("milvus"))
