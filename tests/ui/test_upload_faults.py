"""Files over HTTP when something goes wrong: disks, other writers, many clients, and processes that die."""

import asyncio
import errno
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from documents import SAMPLES
from served import SETTINGS, listening, service
from uploading import STATION, add, coming, ended, kept, post, stage

from rag import wiring
from rag.errors import IndexBusy, StoreFull
from rag.index.ingest import Report
from rag.protocols import Embedder
from rag.ui import index_writing, uploads
from rag.ui.schemas import Problem
from rag.ui.upload_jobs import Job, Jobs
from rag.ui.uploads import FOLDER, Uploads


def test_what_waits_with_its_vectors_is_bounded_by_their_size(
    client: httpx.Client, index: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another run has the index, no file is begun past it; then all of them are put in."""
    monkeypatch.setattr(uploads, "_READY_BYTES", 1)
    settings = SETTINGS.model_copy(update={"index": index})
    with wiring.writer(settings, embedder):
        first = post(client, "first.txt", STATION.encode())
        while stage(client, first) != "publishing":
            time.sleep(0.02)
        second = post(client, "second.txt", STATION.encode())
        for _ in range(20):
            assert stage(client, second) == "queued"
            time.sleep(0.02)

    assert [ended(client, each)["stage"] for each in (first, second)] == ["done"] * 2


def test_a_file_that_ends_the_process_is_not_tried_for_ever(tmp_path: Path) -> None:
    """The third process that died of it was the last; one that was stopped in order does not count."""
    folder = tmp_path / "uploads"
    jobs = Jobs(folder)
    file = jobs.incoming("a.txt")
    with file as (upload_id, stream):
        stream.write(b"Words.")
        jobs.add(Job(upload_id, "a.txt", "client", 6, "0" * 64, "2026-01-01T00:00:00.000+00:00"))
    for _ in range(5):
        jobs.begin(upload_id)
        jobs.change(upload_id, stage="reading")
        jobs.close()
        jobs = Jobs(folder)
        assert jobs.get(upload_id).stage == "queued"

    jobs.close()
    died = f"from rag.ui.upload_jobs import *; import os; Jobs({folder!r}).begin({upload_id!r}); os._exit(1)"
    for expected in ("queued", "queued", "failed"):
        subprocess.run([sys.executable, "-c", f"from pathlib import *; {died}"], check=False)
        jobs = Jobs(folder)
        found = jobs.get(upload_id)
        jobs.close()
        assert found.stage == expected

    assert found.error
    assert list(folder.glob(".jobs/*.txt")) == []


@pytest.mark.parametrize("end", ["done", "failed"])
def test_an_end_that_cannot_be_recorded_is_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """On a full disk an ended job is forgotten with its process, and begun again by none that follows."""
    folder = tmp_path / "uploads"
    jobs = Jobs(folder)
    sha256 = hashlib.sha256(b"Words.").hexdigest()
    with jobs.incoming("a.txt") as (upload_id, stream):
        stream.write(b"Words.")
        jobs.add(Job(upload_id, "a.txt", "client", 6, sha256, "2026-01-01T00:00:00.000+00:00"))
    if end == "done":
        jobs.file(jobs.get(upload_id)).rename(folder / "a.txt")

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", refused_by_a_full_disk)
        assert jobs.change(upload_id, stage=end)
    assert jobs.get(upload_id).stage == end
    jobs.close()

    assert Jobs(folder).unended() == []
    assert (folder / "a.txt").exists() == (end == "done")
    assert [each.name for each in (folder / ".jobs").iterdir()] == ["lock"]


def refused_by_a_full_disk(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("reason", [IndexBusy("Busy."), StoreFull("Full."), RuntimeError("Odd.")])
def test_what_came_to_nothing_in_the_index_is_not_in_its_place(
    client: httpx.Client, index: Path, monkeypatch: pytest.MonkeyPatch, reason: Exception
) -> None:
    """A later run finds no file of a job that failed, or waits and can be given up; each is told once."""
    seen: list[list[str]] = []

    def broken(*_: object, **__: object) -> Report:
        seen.append(kept(index))
        raise reason

    monkeypatch.setattr(index_writing, "ingest", broken)
    sent = post(client, "a.txt")
    upload = f"/uploads/{sent.json()['upload_id']}"
    if isinstance(reason, IndexBusy):
        while len(seen) < 2:
            time.sleep(0.02)
        while client.delete(upload).status_code == 409:
            time.sleep(0.02)
    else:
        assert ended(client, sent)["stage"] == "failed"
        assert len(seen) == 1
    while kept(index):
        time.sleep(0.02)

    assert seen[0] == ["a.txt"]
    monkeypatch.undo()
    assert add(client, "b.txt")["stage"] == "done"
    assert client.get("/documents?q=uploads/").json()["total"] == 1


def test_an_index_that_cannot_be_taken_up_fails_its_files_once(
    index: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not waited for without end: the next file is taken as always."""
    monkeypatch.setattr(index_writing, "_LOOKS", 2)
    served = service(index, embedder, serve_upload=True)
    with listening(served, embedder=embedder) as url, httpx.Client(base_url=url, timeout=60) as client:
        with monkeypatch.context() as blind:
            blind.setattr(served.generations, "taken_up", lambda: 0)
            failed = add(client, "a.txt")
        assert (failed["stage"], failed["error"]["code"]) == ("failed", "internal")
        assert add(client, "b.txt")["stage"] == "done"


def test_one_document_is_removed_whatever_became_of_the_files(client: httpx.Client, index: Path) -> None:
    """A disk that is not mounted takes no other document with it."""
    removed, left = (add(client, f"{name}.txt", SAMPLES[name].encode()) for name in ("th", "he"))
    (index / FOLDER).rename(index.parent / "elsewhere")

    assert client.delete(f"/documents/{removed['doc_ids'][0]}").status_code == 204

    found = client.get("/documents?q=uploads/").json()["documents"]
    assert [each["doc_id"] for each in found] == left["doc_ids"]
    (index.parent / "elsewhere").rename(index / FOLDER)


def test_who_waits_for_the_index_keeps_no_answer_waiting(
    client: httpx.Client, index: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More removals than there are threads: a question and an upload are answered meanwhile."""
    monkeypatch.setattr(uploads, "_TRIES", 1000)
    doc_ids = [add(client, f"{n}.txt", SAMPLES["th"].encode())["doc_ids"][0] for n in range(2)]
    settings = SETTINGS.model_copy(update={"index": index})
    with ThreadPoolExecutor(40) as pool:
        with wiring.writer(settings, embedder):
            waiting = [pool.submit(client.delete, f"/documents/{doc_ids[n % 2]}") for n in range(40)]
            asked = client.post("/ask", json={"question": "When may I open the kiln?"})
            sent = post(client, "new.txt")
            assert not any(each.done() for each in waiting)
        answers = {each.result().status_code for each in waiting}

    assert (asked.status_code, sent.status_code) == (200, 202)
    assert answers <= {204, 404}
    assert client.get("/documents?q=.txt").json()["total"] >= 1


def test_nobody_else_on_the_machine_can_read_what_was_sent(client: httpx.Client, index: Path) -> None:
    """Folders, files and records are their owner's alone, whatever the rights of the process would be."""
    add(client, "a.txt")
    folder = index / FOLDER
    rights = {path: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}

    assert {mode for path, mode in rights.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in rights.items() if path.is_file()} == {0o600}
    assert {path.suffix for path in rights} >= {".txt", ".job"}


def test_a_doubt_stays_with_its_document(client: httpx.Client) -> None:
    """Files that come later do not take it away; it goes with the document."""
    [doc_id] = add(client, "odd.txt", "Words caf\xe9 \x81 and more of them.".encode("latin-1"))["doc_ids"]
    add(client, "even.txt", STATION.encode())
    doubtful = client.get("/documents?state=doubtful").json()
    client.delete(f"/documents/{doc_id}")

    assert [each["doc_id"] for each in doubtful["documents"]] == [doc_id]
    assert client.get("/documents").json()["library"]["problems_total"] == 0


def test_all_clients_together_have_so_many_slots(
    index: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many slow clients are as many as one: who comes after them is told to come back."""
    monkeypatch.setattr(uploads, "_AT_ONCE", 1)
    asked = service(index, embedder, serve_upload=True)
    taking = Uploads(asked.settings, embedder, asked.generations)

    async def endless() -> AsyncIterator[bytes]:
        yield b"Words."
        await asyncio.Event().wait()

    async def whole() -> AsyncIterator[bytes]:
        yield b"Words."

    async def sent() -> str:
        slow = asyncio.create_task(taking.add("192.0.2.1", "a.txt", 9, endless()))
        while not coming(index):
            await asyncio.sleep(0.01)
        with pytest.raises(Problem) as refused:
            await taking.add("192.0.2.2", "b.txt", 6, whole())
        slow.cancel()
        return refused.value.code

    assert asyncio.run(sent()) == "busy"
    taking.close()
