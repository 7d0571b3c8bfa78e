"""The same index on a server: moved there, asked, changed, examined and served."""

from pathlib import Path

import pytest
from engines import Server

from rag import wiring
from rag.errors import ConfigError, EngineUnreachable
from rag.index.activity import Announcement
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui import doctor
from rag.ui.indexing import Indexing
from rag.ui.migrating import move
from rag.ui.schemas import problem_of
from rag.ui.serving import Service

TEXTS = {
    "도서관.md": "시립 도서관은 월요일에 쉰다.",
    "図書館/案内.md": "市立図書館は月曜日に休みます。",
    "library.md": "The city library is closed on Mondays.",
    "המגדל.md": "גובה המגדל הוא 41 מטרים.",
    "ราคา.md": "ตั๋วราคา 120 บาท",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TEXTS.items():
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def local(folder: Path, milvus_server: Server) -> Settings:
    name = f"t_{folder.name}"
    return Settings(index=folder / "index", engine_url=milvus_server.url, engine_collection=name)


@pytest.fixture
def remote(local: Settings, folder: Path) -> Settings:
    """As another machine has it: the address and the name, and a folder with nothing in it."""
    return local.model_copy(update={"engine": "milvus", "index": folder / "elsewhere"})


def index(settings: Settings, embedder: Embedder, *folders: Path) -> int:
    settings.index.mkdir(exist_ok=True)
    return Indexing(settings, embedder, folders).run(lambda *_: None, Announcement(settings.index)).generation


def found(settings: Settings) -> list[object]:
    with wiring.open_retriever(settings) as retriever:
        asked = ("When is the library closed?", "도서관은 언제 쉬어?", "ราคาตั๋ว", "גובה המגדל")
        return [retriever.retrieve(question, 3) for question in asked]


def test_a_moved_index_answers_the_same_everywhere(
    local: Settings, remote: Settings, folder: Path, embedder: Embedder
) -> None:
    """Retrieval on a machine that has the address alone equals that of the folder, after each change too."""
    index(local, embedder, folder / "docs")
    assert move(local, "sqlite", "milvus", rebuild=False)[0] == len(TEXTS)
    assert found(remote) == found(local)
    with pytest.raises(ConfigError, match="--rebuild"):
        move(local, "sqlite", "milvus", rebuild=False)
    checks = {each.name: each for each in doctor.examine(remote)}
    assert checks["index"].ok, checks["index"].detail

    service = Service(remote, wiring.generations(remote, embedder))
    service.start()
    try:
        with service.generations.hold() as opened:
            before = opened.index.generation
        (folder / "docs" / "new.md").write_text("The library is closed in August as well.", encoding="utf-8")
        (folder / "docs" / "library.md").unlink()
        index(remote, embedder)
        index(local, embedder)
        service.generations.look()
        with service.generations.hold() as opened:
            assert opened.index.generation > before
            assert opened.index.document_count == len(TEXTS)
    finally:
        service.close()
    assert found(remote) == found(local)
    assert move(remote, "milvus", "milvus", rebuild=True)[0] == len(TEXTS)
    assert found(remote) == found(local)


def test_a_server_that_is_away_is_no_fault_of_the_service(remote: Settings) -> None:
    """Commands name the address; a request gets 503, and is told to come back."""
    away = remote.model_copy(update={"engine_url": "http://127.0.0.1:9", "engine_timeout_s": 0.2})
    with pytest.raises(EngineUnreachable, match=r"127\.0\.0\.1:9") as caught:
        wiring.open_stored(away)
    problem = problem_of(caught.value)
    assert (problem.status, problem.code) == (503, "engine_away")
    assert problem.headers["Retry-After"]


def test_an_engine_needs_an_address(remote: Settings) -> None:
    """The message names the variable."""
    with pytest.raises(ConfigError, match="CITEWISE_ENGINE_URL"):
        wiring.open_stored(remote.model_copy(update={"engine_url": ""}))
