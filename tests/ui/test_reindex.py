"""All folders indexed again over HTTP: one run at a time, followed, and told its end."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from served import SETTINGS, TOKEN, listening, service, write_files
from uploading import STATION, code, ended, post, stage

from rag import wiring
from rag.errors import StoreFull
from rag.index.ingest import Report, ingest
from rag.protocols import Embedder
from rag.ui import index_writing


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs")


@pytest.fixture
def client(docs: Path, embedder: Embedder) -> Iterator[httpx.Client]:
    settings = SETTINGS.model_copy(update={"index": docs.parent / "index"})
    with wiring.writer(settings, embedder) as writer:
        ingest([docs], writer, embedder)
    served = listening(service(settings.index, embedder, serve_upload=True), embedder=embedder)
    with served as url, httpx.Client(base_url=url, timeout=60) as each:
        yield each


def finished(client: httpx.Client) -> dict[str, Any]:
    """Return the last run, when it has ended."""
    while (run := client.get("/reindex").json())["stage"] in ("reading", "embedding"):
        time.sleep(0.02)
    found: dict[str, Any] = run
    return found


class Held:
    """An `ingest` that does not begin before it is let go; then it tells of progress until it may end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        monkeypatch.setattr(index_writing, "ingest", self)

    def __call__(self, *arguments: Any, **options: Any) -> Report:  # noqa: ANN401
        self.begun.set()
        while not self.may_end.wait(0.02):
            options["progress"]("embedding", 1, 2)
        return ingest(*arguments, **options)


def test_what_changed_in_the_folders_is_in_service_when_it_is_done(client: httpx.Client, docs: Path) -> None:
    """What came, what went, and what cannot be read; the folder is known to the index, nobody names one."""
    assert client.get("/reindex").json()["stage"] == "none"
    (docs / "청람역.txt").write_text(STATION, encoding="utf-8")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (docs / "zh" / "茶.txt").unlink()

    begun = client.post("/reindex")
    run = finished(client)

    assert (begun.status_code, begun.headers["location"]) == (202, "reindex")
    assert (run["stage"], run["error"]) == ("done", None)
    assert [run[name] for name in ("added", "changed", "removed", "left_out", "withheld")] == [1, 0, 1, 1, 0]
    listed = [each["doc_id"] for each in client.get("/documents").json()["documents"]]
    assert ("청람역.txt" in listed, "zh/茶.txt" in listed) == (True, False)


def test_a_folder_that_is_gone_keeps_its_documents(client: httpx.Client, docs: Path) -> None:
    """It may be a disk that is not there; where it was is nobody's business."""
    docs.rename(docs.parent / "moved")

    assert client.post("/reindex").status_code == 202
    run = finished(client)

    assert (run["stage"], run["withheld"], run["removed"]) == ("done", 1, 0)
    assert str(docs.parent) not in str(run)
    assert client.get("/documents").json()["total"] == 6


def test_a_second_run_is_refused_and_uploads_wait(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions are answered meanwhile; the activity is told, and what waited is put in afterwards."""
    held = Held(monkeypatch)
    assert client.post("/reindex").json()["stage"] == "reading"
    held.begun.wait()

    refused = client.post("/reindex")
    sent = post(client, "청람역.txt", STATION.encode())
    while stage(client, sent) != "publishing" or client.get("/reindex").json()["stage"] != "embedding":
        time.sleep(0.02)
    asked = client.post("/ask", json={"question": "When may I open the kiln?"})
    told = client.get("/documents").json()["library"]["activity"]
    held.may_end.set()

    assert code(refused) == (409, "indexing")
    assert (asked.status_code, told["stage"], told["done"]) == (200, "embedding", 1)
    assert (finished(client)["stage"], ended(client, sent)["stage"]) == ("done", "done")


def test_it_is_refused_while_another_process_indexes(
    client: httpx.Client, docs: Path, embedder: Embedder
) -> None:
    """At once, with a sentence; the last run is not forgotten for it."""
    settings = SETTINGS.model_copy(update={"index": docs.parent / "index"})
    with wiring.writer(settings, embedder):
        refused = client.post("/reindex")

    assert code(refused) == (409, "indexing")
    assert client.get("/reindex").json()["stage"] == "none"
    assert client.post("/reindex").status_code == 202


def test_a_run_that_fails_says_so_and_the_next_one_may_begin(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In our words: what a library says of it is in the log."""

    def broken(*_: object, **__: object) -> Report:
        raise StoreFull("/secret/place is full")

    with monkeypatch.context() as full:
        full.setattr(index_writing, "ingest", broken)
        client.post("/reindex")
        failed = finished(client)
    client.post("/reindex")

    assert (failed["stage"], failed["error"]["code"]) == ("failed", "no_room")
    assert "secret" not in str(failed)
    assert finished(client)["stage"] == "done"


def test_a_service_that_ends_does_not_wait_for_the_run(
    docs: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended between two documents, and the index is free for the next process."""
    settings = SETTINGS.model_copy(update={"index": docs.parent / "index"})
    with wiring.writer(settings, embedder) as writer:
        ingest([docs], writer, embedder)
    held = Held(monkeypatch)
    served = listening(service(settings.index, embedder, serve_upload=True), embedder=embedder)
    with served as url:
        assert httpx.post(f"{url}/reindex").status_code == 202

    assert held.begun.is_set()
    with wiring.writer(settings, embedder) as writer:
        assert len(writer.known()) == 6


def test_it_is_guarded_as_uploads_are(docs: Path, embedder: Embedder) -> None:
    """By token, Origin, media type and rate; it begins no index, and without the option there is no route."""
    index = docs.parent / "none"
    guarded = service(index, embedder, serve_upload=True, serve_token=SecretStr(TOKEN), serve_rate=4)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with listening(guarded, embedder=embedder) as url, httpx.Client(base_url=url) as client:
        assert code(client.post("/reindex")) == (401, "unauthorized")
        client.headers = httpx.Headers(bearer)
        assert code(client.post("/reindex", headers={"Origin": "http://evil.example"})) == (403, "bad_origin")
        form = client.post("/reindex", data={"a": "b"})
        assert code(form) == (415, "unsupported_media_type")
        assert code(client.post("/reindex")) == (503, "no_index")
        assert code(client.put("/reindex")) == (405, "method_not_allowed")
        assert client.get("/reindex").json()["stage"] == "none"
        described = client.get("/openapi.json").json()["paths"]["/reindex"]
        assert {"202", "409", "429", "503"} <= set(described["post"]["responses"])
        assert code(client.post("/reindex")) == (429, "rate_limited")

    plain = service(docs.parent / "none", embedder)
    with listening(plain) as url, httpx.Client(base_url=url) as client:
        assert [code(client.post("/reindex")), code(client.get("/reindex"))] == [(404, "not_found")] * 2
