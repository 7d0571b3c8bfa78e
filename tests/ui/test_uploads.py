"""Files over HTTP: what a body may be, who may send it, and that what is refused leaves nothing."""

import asyncio
import io
import json
import time
import unicodedata
import zipfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path, PurePosixPath

import httpx
import pytest
import raw
from documents import SAMPLES, pdf
from doubles import HashEmbedder
from pydantic import SecretStr
from served import SETTINGS, TOKEN, command, listening, service
from uploading import FILE, STATION, add, code, coming, ended, kept, post

from rag import wiring
from rag.errors import ConfigError
from rag.index.ingest import ingest
from rag.index.readers import MAX_BYTES
from rag.protocols import Embedder
from rag.ui.connection import Connection
from rag.ui.schemas import Problem
from rag.ui.upload_jobs import Job, Jobs
from rag.ui.uploads import FOLDER, Uploads


class Impatient(Connection):
    receive_s = 0.5
    receive_bytes = 1000


def test_an_uploaded_document_is_answered_from(client: httpx.Client, index: Path) -> None:
    """The reply names it; at once it is cited word for word, beside what was indexed before."""
    name = unicodedata.normalize("NFD", "청람역.txt")
    response = post(client, name, STATION.encode("cp949"))
    added = ended(client, response)

    assert response.headers["location"] == f"uploads/{added['upload_id']}"
    assert (added["stage"], added["error"], added["doc_ids"]) == ("done", None, ["uploads/청람역.txt"])
    assert (added["done"], added["total"], added["name"]) == (1, 1, "청람역.txt")
    answer = client.post("/ask", json={"question": "청람역은 언제 개통했나요?"}).json()
    assert [claim["status"] for claim in answer["claims"]] == ["verified"]
    assert (answer["citations"][0]["doc_id"], answer["citations"][0]["quote"]) == (
        added["doc_ids"][0],
        STATION,
    )
    listed = [each["doc_id"] for each in client.get("/documents").json()["documents"]]
    assert {"en/kiln.md", "uploads/청람역.txt"} < set(listed)
    assert (kept(index), coming(index)) == (["청람역.txt"], [])


def test_what_was_acknowledged_is_there(client: httpx.Client) -> None:
    """The document can be read and found with the next request, without a moment's wait."""
    for number, lang in enumerate(("ko", "ja", "th", "ar")):
        [doc_id] = add(client, f"{number}.md", SAMPLES[lang].encode())["doc_ids"]
        read = client.get(f"/documents/{doc_id}")
        found = client.post("/search", json={"question": SAMPLES[lang][:200], "where": {"docs": [doc_id]}})
        assert (read.status_code, found.status_code) == (200, 200)
        assert found.json()["hits"]


def test_a_later_run_of_the_index_keeps_uploads(
    client: httpx.Client, index: Path, embedder: Embedder
) -> None:
    """Its folder is a root of the index; deleting the file takes the document back."""
    assert add(client, "a.pdf", pdf([["Ships leave at noon."]]))["stage"] == "done"
    # A folder that is suddenly empty is not believed: another file stays in it.
    assert add(client, "b.md", b"The harbour is closed on Sundays.")["stage"] == "done"
    settings = SETTINGS.model_copy(update={"index": index})

    for folders, left in (([index.parent / "docs"], True), ([], True), ([], False)):
        if not left:
            (index / FOLDER / "a.pdf").unlink()
        with wiring.writer(settings, embedder) as writer:
            ingest(folders, writer, embedder)
        with wiring.open_stored(settings) as snapshot:
            assert ("uploads/a.pdf" in {each.doc_id for each in snapshot.documents()}) == left


def test_an_index_inside_the_folder_of_documents_is_not_indexed_twice(
    tmp_path: Path, embedder: Embedder
) -> None:
    """An upload is one document, also if the folder that holds the index is indexed again."""
    settings = SETTINGS.model_copy(update={"index": tmp_path / "index"})
    (tmp_path / "a.txt").write_text("Ships leave at noon.", encoding="utf-8")
    served = listening(service(settings.index, embedder, serve_upload=True), embedder=embedder)
    with served as url, httpx.Client(base_url=url, timeout=60) as client:
        assert add(client, "b.txt", b"Boats leave at one.")["stage"] == "done"

    with wiring.writer(settings, embedder) as writer:
        ingest([tmp_path], writer, embedder)
        found = sorted(each.doc_id for each in writer.documents())

    assert len(found) == 2
    assert {PurePosixPath(each).name for each in found} == {"a.txt", "b.txt"}


def bomb() -> bytes:
    """A docx that unpacks to a thousand times as much."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("word/document.xml", "w") as part,
    ):
        for _ in range(64):
            part.write(b" " * (1 << 20))
    return out.getvalue()


def test_what_cannot_be_read_is_refused_and_leaves_nothing(client: httpx.Client, index: Path) -> None:
    """At once by its name, or when it was read, with a typed error; the index stays as it was."""
    before = client.get("/ready").json()
    at_once = {"photo.gif": (415, "unsupported_file"), "x" * 300 + ".md": (422, "bad_name")}
    unread = {
        "bomb.docx": bomb(),
        "broken.pdf": b"%PDF-1.7 and no more than that",
        "empty.txt": b"",
        "program.txt": bytes(range(256)) * 64,
    }

    for name, refused in at_once.items():
        response = post(client, name, b"\xff\xd8\xff")
        assert code(response) == refused
        assert name not in response.text
    sent = [post(client, name, content) for name, content in unread.items()]
    jobs = [ended(client, response) for response in sent]

    assert [(job["stage"], job["error"]["code"]) for job in jobs] == [("failed", "unreadable")] * len(unread)
    assert len({job["error"]["message"] for job in jobs}) > 1
    assert (kept(index), coming(index)) == ([], [])
    assert client.get("/ready").json()["generation"] == before["generation"]


def test_a_file_is_counted_while_it_comes(client: httpx.Client, index: Path) -> None:
    """Too large is told by the stated length before a byte is read, and chunked as soon as it is too much."""
    url = str(client.base_url)
    head = [(b"Content-Type", b"application/octet-stream")]
    large = b"%d" % (MAX_BYTES[".txt"] + 1)
    stated = raw.request("POST", b"/uploads?name=a.txt", [*head, (b"Content-Length", large)])
    piece = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    endless = (
        raw.request("POST", b"/uploads?name=a.txt", [*head, (b"Transfer-Encoding", b"chunked")]) + piece * 60
    )

    replies = [raw.send(url, data, timeout_s=60) for data in (stated, endless)]

    assert [(reply.status, reply.json()["code"]) for reply in replies] == [(413, "too_large")] * 2
    assert "50,000,000" in replies[0].json()["message"]
    assert (kept(index), coming(index)) == ([], [])


def test_all_files_together_have_a_limit(index: Path, embedder: Embedder) -> None:
    """What does not fit beside the others is refused, stated or not, and there is room again without them."""
    full = service(index, embedder, serve_upload=True, serve_upload_mb=1)
    page = f"<p>Boats leave at one.</p><!--{'x' * 600_000}-->".encode()
    with listening(full, embedder=embedder) as url, httpx.Client(base_url=url, timeout=60) as client:
        first = add(client, "one.html", page)
        unstated = client.post("/uploads?name=two.html", content=iter([page]), headers=FILE)
        stated = post(client, "two.html", page)
        assert client.delete(f"/documents/{first['doc_ids'][0]}").status_code == 204
        again = add(client, "two.html", page)

    assert [first["stage"], again["stage"]] == ["done", "done"]
    assert [code(unstated), code(stated)] == [(507, "no_room")] * 2
    assert kept(index) == ["two.html"]


def test_no_file_takes_the_place_of_another(client: httpx.Client, index: Path) -> None:
    """Neither in another normal form, nor in another case, which some systems take for the same."""
    assert add(client, "Café.txt", SAMPLES["fr"].encode())["stage"] == "done"

    for name in ("Café.txt", unicodedata.normalize("NFD", "Café.txt"), "CAFÉ.TXT"):
        assert code(post(client, name, b"Other words.")) == (409, "exists")
    assert (index / FOLDER / "Café.txt").read_text(encoding="utf-8") == SAMPLES["fr"]
    assert kept(index) == ["Café.txt"]


def test_one_run_writes_the_index_at_a_time(client: httpx.Client, index: Path, embedder: Embedder) -> None:
    """During another run files wait, and no name is taken twice; then all are published at once."""
    settings = SETTINGS.model_copy(update={"index": index})
    with wiring.writer(settings, embedder):
        sent = [post(client, f"{lang}.md", SAMPLES[lang].encode()) for lang in ("ko", "ja", "th", "ar")]
        assert code(post(client, "KO.md")) == (409, "exists")
        ids = [response.json()["upload_id"] for response in sent]
        while {client.get(f"/uploads/{each}").json()["stage"] for each in ids} != {"publishing"}:
            time.sleep(0.02)
    jobs = [ended(client, response) for response in sent]

    assert [job["stage"] for job in jobs] == ["done"] * 4
    assert len({job["generation"] for job in jobs}) == 1
    assert kept(index) == ["ar.md", "ja.md", "ko.md", "th.md"]


def test_slow_senders_do_not_fill_the_service(client: httpx.Client, index: Path) -> None:
    """Four of a client may be on their way; others are let in, and one that leaves makes room and no file."""
    begun = raw.request(
        "POST",
        b"/uploads?name=a.txt",
        [(b"Content-Type", b"application/octet-stream"), (b"Content-Length", b"90")],
    )
    others = httpx.HTTPTransport(local_address="127.0.0.9")
    with ExitStack() as senders, httpx.Client(base_url=client.base_url, transport=others) as other:
        for _ in range(4):
            senders.enter_context(raw.connect(str(client.base_url))).sendall(begun + b"Words ")
        while len(coming(index)) < 4:
            time.sleep(0.02)
        assert code(post(client, "b.txt")) == (503, "busy")
        assert post(other, "c.txt").status_code == 202
    while coming(index):
        time.sleep(0.02)

    assert add(client, "b.txt")["stage"] == "done"


def test_a_large_file_may_take_longer_than_a_question(index: Path, embedder: Embedder) -> None:
    """As long as it keeps coming; a sender that falls silent is cut off."""
    head = [(b"Content-Type", b"application/octet-stream"), (b"Content-Length", b"9000")]
    begun = raw.request("POST", b"/uploads?name=a.txt", head)
    slow = listening(service(index, embedder, serve_upload=True), Impatient, embedder=embedder)
    with (
        slow as url,
        httpx.Client(base_url=url) as client,
        raw.connect(url) as steady,
        raw.connect(url) as silent,
    ):
        for connection in (steady, silent):
            connection.sendall(begun)
        for _ in range(9):
            steady.sendall(b"Words. \n" * 125)
            time.sleep(0.15)
        taken, cut = raw.receive(steady), raw.receive(silent)
        while client.get(f"/uploads/{taken.json()['upload_id']}").json()["stage"] != "done":
            time.sleep(0.02)

    assert (taken.status, cut.status, cut.json()["code"]) == (202, 408, "timeout")
    assert kept(index) == ["a.txt"]


@pytest.mark.parametrize("media", ["multipart/form-data; boundary=x", "text/plain", "application/json", ""])
def test_a_form_of_another_page_adds_nothing(client: httpx.Client, index: Path, media: str) -> None:
    """What a page may send without asking is refused by its kind, and any page of another origin by that."""
    assert code(post(client, "a.txt", headers={"Content-Type": media})) == (415, "unsupported_media_type")
    for origin in ("http://evil.example", "null"):
        assert code(post(client, "a.txt", headers={"Origin": origin})) == (403, "bad_origin")
    assert code(post(client, "a.txt", headers={"Content-Encoding": "gzip"})) == (
        415,
        "unsupported_media_type",
    )
    assert code(post(client, "a.txt", headers={"Host": "evil.example"})) == (400, "bad_host")
    assert kept(index) == []


def test_files_are_guarded_as_questions_are(index: Path, embedder: Embedder) -> None:
    """By the token and by the rate of a client."""
    guarded = service(index, embedder, serve_upload=True, serve_token=SecretStr(TOKEN), serve_rate=2)
    with listening(guarded, embedder=embedder) as url, httpx.Client(base_url=url, timeout=60) as client:
        without = post(client, "a.txt")
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        replies = [post(client, f"{n}.txt", headers=bearer) for n in range(3)]

    assert code(without) == (401, "unauthorized")
    assert [reply.status_code for reply in replies] == [202, 429, 429]


def test_without_the_option_there_is_no_such_route(url: str, library: Path) -> None:
    """Neither to send to nor in the description of the service, and no folder for it."""
    with httpx.Client(base_url=url) as client:
        assert code(post(client, "a.txt")) == (404, "not_found")
        assert code(client.get("/uploads")) == (404, "not_found")
        assert "/uploads" not in client.get("/openapi.json").json()["paths"]
    assert not (library / FOLDER).exists()


def test_the_route_is_described(client: httpx.Client) -> None:
    """Its name, its body, and every error with its schema."""
    paths = client.get("/openapi.json").json()["paths"]
    described = paths["/uploads"]["post"]

    assert "application/octet-stream" in described["requestBody"]["content"]
    assert {"202", "409", "413", "415", "422", "429", "503", "507"} <= set(described["responses"])
    assert "HTTPValidationError" not in json.dumps(described)
    assert {"get", "delete"} <= paths["/uploads/{upload_id}"].keys()
    assert "delete" in paths["/documents/{doc_id}"]
    assert "POST /uploads" in client.get("/docs").text


def test_what_was_left_half_received_is_gone_after_a_start(index: Path, embedder: Embedder) -> None:
    """A process that was killed leaves files without a record, which nobody was promised anything about."""
    left = index / FOLDER / ".jobs" / f"{'0' * 32}.txt"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    left.with_suffix(".job").write_text("{", encoding="utf-8")

    with listening(service(index, embedder, serve_upload=True), embedder=embedder):
        assert [path.name for path in left.parent.iterdir()] == ["lock"]


@pytest.mark.parametrize(
    "values",
    [
        {"upload_id": "../../../thesis"},
        {"upload_id": "1" * 32},
        {"name": "../../run.sh"},
        {"name": "notes.exe"},
        {"size": "large"},
        {"stage": "soon"},
        {"doc_ids": [[[]]]},
    ],
)
def test_records_of_somebody_else_move_and_remove_nothing(tmp_path: Path, values: dict[str, object]) -> None:
    """An index may come from anywhere; what lies in its folder of jobs is believed if it is one of ours."""
    folder = tmp_path / "index" / "uploads"
    jobs = folder / ".jobs"
    jobs.mkdir(parents=True)
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("Years of work.", encoding="utf-8")
    stem = "0" * 32
    (jobs / f"{stem}.txt").write_text("Words.", encoding="utf-8")
    record = asdict(Job(stem, "a.txt", "127.0.0.1", 6, "0" * 64, "2026-01-01T00:00:00.000+00:00"))
    (jobs / f"{stem}.job").write_text(json.dumps({**record, **values}), encoding="utf-8")
    (jobs / "mine.txt").write_text("Put here by hand.", encoding="utf-8")

    found = Jobs(folder)

    assert found.unended() == []
    assert sorted(each.name for each in jobs.iterdir()) == ["lock", "mine.txt"]
    assert thesis.exists()
    assert not found.change(stem, stage="failed")
    found.close()


@pytest.mark.parametrize("linked", ["uploads", "uploads/.jobs"])
def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path, linked: str) -> None:
    """The sweep would remove what lies at its other end."""
    other = tmp_path / "other"
    other.mkdir()
    (other / f"{'0' * 32}.txt").write_text("Years of work.", encoding="utf-8")
    link = tmp_path / linked
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(other)

    with pytest.raises(ConfigError, match="is a link"):
        Jobs(tmp_path / "uploads")
    assert (other / f"{'0' * 32}.txt").exists()


def test_a_file_that_could_not_be_indexed_is_not_kept(index: Path, embedder: Embedder) -> None:
    """Another try must not meet a file that came to nothing; what went wrong inside is not told."""
    served = listening(service(index, embedder, serve_upload=True), embedder=HashEmbedder())
    with served as url, httpx.Client(base_url=url, timeout=60) as client:
        job = add(client, "a.txt")

    assert (job["stage"], job["error"]["code"]) == ("failed", "internal")
    assert (kept(index), coming(index)) == ([], [])


def test_a_folder_that_cannot_be_used_is_told_at_the_start(
    index: Path, embedder: Embedder, tmp_path: Path
) -> None:
    """With the way out of it: it cannot be written, or another service takes files there."""
    (tmp_path / "file").write_bytes(b"a file")
    with pytest.raises(ConfigError, match="--allow-upload"):
        refused = service(tmp_path / "file", embedder, serve_upload=True)
        Uploads(refused.settings, embedder, refused.generations)

    with listening(service(index, embedder, serve_upload=True), embedder=embedder):
        second = service(index, embedder, serve_upload=True)
        with pytest.raises(ConfigError, match="Another service"):
            Uploads(second.settings, embedder, second.generations)


def test_a_small_file_is_not_held_up_by_a_large_one(client: httpx.Client) -> None:
    """Nor does a question wait; the large one can be cancelled while it is embedded, and leaves nothing."""
    large = post(client, "large.txt", large_text())
    upload = f"/uploads/{large.json()['upload_id']}"
    while client.get(upload).json()["stage"] == "queued":
        time.sleep(0.02)

    small = add(client, "청람역.txt", STATION.encode())
    asked = client.post("/ask", json={"question": "청람역은 언제 개통했나요?"}).json()

    assert (small["stage"], asked["citations"][0]["doc_id"]) == ("done", "uploads/청람역.txt")
    assert client.get(upload).json()["stage"] in ("reading", "embedding")
    assert client.delete(upload).status_code == 204
    assert [code(client.get(upload)), code(client.delete(upload))] == [(404, "not_found")] * 2
    assert client.get("/documents?q=large").json()["total"] == 0


def test_a_file_that_failed_can_be_forgotten(client: httpx.Client) -> None:
    """And until then it says why."""
    failed = add(client, "damaged.xml", b"<open>")
    upload = f"/uploads/{failed['upload_id']}"

    assert [each["error"]["code"] for each in client.get("/uploads").json()["uploads"]] == ["unreadable"]
    assert client.delete(upload).status_code == 204
    assert code(client.get(upload)) == (404, "not_found")
    assert client.get("/uploads").json()["uploads"] == []


def large_text() -> bytes:
    """Return a text of the slow lane, which takes minutes to embed."""
    return "\n\n".join(
        f"Ferry {n} leaves quay {n % 7} at noon, and is back by {n}." for n in range(15_000)
    ).encode()


def test_a_file_can_be_given_up_at_every_stage(client: httpx.Client, index: Path, embedder: Embedder) -> None:
    """Queued, being read, embedded, or waiting for the index; not when it is there: then it is a document."""
    settings = SETTINGS.model_copy(update={"index": index})
    first, queued = (post(client, f"{name}.txt", large_text()) for name in ("first", "queued"))
    with wiring.writer(settings, embedder):
        ready = post(client, "ready.txt", STATION.encode())
        sent = {
            response.json()["upload_id"]: stage
            for response, stage in ((queued, "queued"), (first, "embedding"), (ready, "publishing"))
        }
        for upload_id, stage in sent.items():
            while (now := client.get(f"/uploads/{upload_id}").json()["stage"]) != stage:
                assert now not in ("done", "failed"), now
                time.sleep(0.02)
            assert client.delete(f"/uploads/{upload_id}").status_code == 204
    done = add(client, "ready.txt", STATION.encode())

    assert code(client.delete(f"/uploads/{done['upload_id']}")) == (409, "too_late")
    assert [each["stage"] for each in client.get("/uploads").json()["uploads"]] == ["done"]
    assert (kept(index), coming(index)) == (["ready.txt"], [])
    assert code(client.get(f"/uploads/{'0' * 32}")) == (404, "not_found")
    assert code(client.delete("/uploads/..%2fx")) == (404, "not_found")
    assert code(client.get("/uploads/xq")) == (422, "invalid")


def test_a_client_sees_its_own_files_and_has_so_many(index: Path, embedder: Embedder) -> None:
    """Of several clients each is counted alone; who knows the id may follow a file from elsewhere."""
    settings = SETTINGS.model_copy(update={"index": index})
    served = listening(service(index, embedder, serve_upload=True), embedder=embedder)
    others = httpx.HTTPTransport(local_address="127.0.0.9")
    with (
        served as url,
        httpx.Client(base_url=url, timeout=60) as one,
        httpx.Client(base_url=url, timeout=60, transport=others) as other,
        wiring.writer(settings, embedder),
    ):
        taken = [post(one, f"{n}.txt", b"Words.") for n in range(101)]
        theirs = post(other, "theirs.txt", b"Words.")
        listed = [each["name"] for each in other.get("/uploads").json()["uploads"]]
        followed = one.get(f"/uploads/{theirs.json()['upload_id']}")

    assert {response.status_code for response in taken[:100]} == {202}
    assert code(taken[100]) == (429, "too_many_uploads")
    assert int(taken[100].headers["retry-after"]) >= 1
    assert (listed, followed.json()["name"]) == (["theirs.txt"], "theirs.txt")


def test_a_disk_that_is_nearly_full_takes_no_file(index: Path, embedder: Embedder) -> None:
    """The index grows by more than the file: what would end in the middle is not begun."""
    asked = service(index, embedder, serve_upload=True)
    uploads = Uploads(asked.settings, embedder, asked.generations, free=lambda _: 49_000_000)

    with pytest.raises(Problem) as refused:
        asyncio.run(uploads.add("client", "a.txt", 6, pieces(b"Words.")))

    uploads.close()
    assert refused.value.code == "no_room"


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def padded_page() -> bytes:
    """Return a page of the slow lane that is soon embedded."""
    rows = "".join(f"<p>Ferry {n} leaves quay {n % 7} at noon, and is back by {n}.</p>" for n in range(600))
    return f"{rows}<!--{'x' * 250_000}-->".encode()


@pytest.mark.parametrize("stage", ["embedding", "publishing"])
def test_a_killed_service_goes_on_where_a_client_left(
    index: Path, embedder: Embedder, tmp_path: Path, stage: str
) -> None:
    """What was acknowledged outlives client and process; the same job is done by the next one."""
    settings = SETTINGS.model_copy(update={"index": index})
    ids = []
    with ExitStack() as stack:
        served = stack.enter_context(command(index, tmp_path / "first", "--allow-upload"))
        if stage == "publishing":
            stack.enter_context(wiring.writer(settings, embedder))
        contents = {"청람역.txt": STATION.encode(), "large.html": padded_page()}
        for name, content in contents.items():
            with httpx.Client(base_url=served.url, timeout=60) as client:
                ids.append(post(client, name, content).json()["upload_id"])
        watched = ids[1] if stage == "embedding" else ids[0]
        while httpx.get(f"{served.url}/uploads/{watched}").json()["stage"] != stage:
            time.sleep(0.02)
        served.process.kill()
        served.process.wait()

    with (
        command(index, tmp_path / "second", "--allow-upload") as again,
        httpx.Client(base_url=again.url, timeout=60) as client,
    ):
        for upload_id in ids[: 2 if stage == "embedding" else 1]:
            while client.get(f"/uploads/{upload_id}").json()["stage"] != "done":
                time.sleep(0.05)
            [doc_id] = client.get(f"/uploads/{upload_id}").json()["doc_ids"]
            assert client.get(f"/documents/{doc_id}").status_code == 200


def test_a_file_that_had_its_place_when_the_service_was_killed_is_not_lost(
    index: Path, embedder: Embedder
) -> None:
    """Between the rename and the end of the run: the next process does the job, once."""
    settings = SETTINGS.model_copy(update={"index": index})
    served = listening(service(index, embedder, serve_upload=True), embedder=embedder)
    with wiring.writer(settings, embedder), served as url, httpx.Client(base_url=url, timeout=60) as client:
        upload = f"/uploads/{post(client, '청람역.txt', STATION.encode()).json()['upload_id']}"
        while client.get(upload).json()["stage"] != "publishing":
            time.sleep(0.02)
    (index / FOLDER / ".jobs" / coming(index)[0]).rename(index / FOLDER / "청람역.txt")

    again = listening(service(index, embedder, serve_upload=True), embedder=embedder)
    with again as url, httpx.Client(base_url=url, timeout=60) as client:
        while client.get(upload).json()["stage"] != "done":
            time.sleep(0.02)
        assert client.get("/documents?q=청람역").json()["total"] == 1
    assert (kept(index), coming(index)) == (["청람역.txt"], [])


def test_only_what_was_uploaded_can_be_taken_back(client: httpx.Client, index: Path) -> None:
    """The last one too; other documents are not the browser's to remove."""
    [doc_id] = add(client, "उत्सव.md", SAMPLES["hi"].encode())["doc_ids"]
    listed = {each["doc_id"]: each["uploaded"] for each in client.get("/documents").json()["documents"]}

    assert code(client.delete("/documents/en/kiln.md")) == (409, "not_uploaded")
    assert code(client.delete("/documents/absent.md")) == (404, "not_found")
    assert client.delete(f"/documents/{doc_id}").status_code == 204

    assert (listed[doc_id], listed["en/kiln.md"]) == (True, False)
    assert code(client.get(f"/documents/{doc_id}")) == (404, "not_found")
    assert kept(index) == []
