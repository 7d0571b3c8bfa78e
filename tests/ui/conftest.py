"""One index and one server for all tests of the service that change neither."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from browser import Visit, launched, visiting
from chatting import Chat, chatting
from served import SETTINGS, listening, service, write_files

from rag import wiring
from rag.index.ingest import ingest
from rag.protocols import Embedder

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """The index of a few documents in six languages."""
    root = tmp_path_factory.mktemp("library")
    settings = SETTINGS.model_copy(update={"index": root / "index"})
    with wiring.writer(settings, embedder) as writer:
        ingest([write_files(root / "docs")], writer, embedder)
    return settings.index


@pytest.fixture(scope="session")
def url(library: Path, embedder: Embedder) -> Iterator[str]:
    """The address of a service over `library`, with no model but the bundled one."""
    with listening(service(library, embedder)) as address:
        yield address


@pytest.fixture
def index(tmp_path: Path, embedder: Embedder) -> Path:
    """An index of a test's own, which it may change."""
    settings = SETTINGS.model_copy(update={"index": tmp_path / "index"})
    with wiring.writer(settings, embedder) as writer:
        ingest([write_files(tmp_path / "docs")], writer, embedder)
    return settings.index


@pytest.fixture
def client(index: Path, embedder: Embedder) -> Iterator[httpx.Client]:
    """A program that talks to a service over `index` that takes files."""
    served = listening(service(index, embedder, serve_upload=True), embedder=embedder)
    with served as url, httpx.Client(base_url=url, timeout=120) as each:
        yield each


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """A browser for the tests of a module."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Chat]:
    """`rag serve` over documents that disagree, with a model that does as a question says."""
    with chatting(tmp_path_factory.mktemp("chat"), embedder) as found:
        yield found


@pytest.fixture
def visit(chromium: "Browser", chat: Chat) -> Iterator[Visit]:
    """`chat`, just opened in a page of its own."""
    with visiting(chromium, chat.url) as found:
        yield found
