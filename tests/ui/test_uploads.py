"""Files over HTTP: what a body may be, who may send it, and that what is refused leaves nothing."""

import asyncio
import io
import json
import time
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

import httpx
import pytest
import raw
from documents import SAMPLES, pdf
from doubles import HashEmbedder
from pydantic import SecretStr
from served import SETTINGS, TOKEN, listening, service, write_files

from rag.errors import ConfigError, IndexMismatch
from rag.index.ingest import ingest
from rag.index.readers import MAX_BYTES
from rag.protocols import Embedder
from rag.ui import build
from rag.ui.connection import Connection
from rag.ui.uploads import FOLDER, Uploads

FILE = {"Content-Type": "application/octet-stream"}
STATION = "청람역 승강장은 모두 네 개이며 2019년 5월 3일에 개통했다."


class Impatient(Connection):
    receive_s = 0.5
    receive_bytes = 1000


@pytest.fixture
def index(tmp_path: Path, embedder: Embedder) -> Path:
    settings = SETTINGS.model_copy(update={"index": tmp_path / "index"})
    with build.writer(settings, embedder) as writer:
        ingest([write_files(tmp_path / "docs")], writer, embedder)
    return settings.index


@pytest.fixture
def client(index: Path, embedder: Embedder) -> Iterator[httpx.Client]:
    served = listening(service(index, embedder, serve_upload=True), embedder=embedder)
    with served as url, httpx.Client(base_url=url, timeout=120) as each:
        yield each


def post(
    client: httpx.Client, name: str, content: bytes = b"Words.", headers: Mapping[str, str] = FILE
) -> httpx.Response:
    return client.post("/uploads", params={"name": name}, content=content, headers={**FILE, **headers})


def code(response: httpx.Response) -> tuple[int, str]:
    found = response.json()
    assert {"code", "message", "request_id"} == set(found)
    return response.status_code, found["code"]


def kept(index: Path) -> list[str]:
    return sorted(path.name for path in (index / FOLDER).iterdir())


def test_an_uploaded_document_is_answered_from(client: httpx.Client, index: Path) -> None:
    """The reply names it; at once it is cited word for word, beside what was indexed before."""
    name = unicodedata.normalize("NFD", "청람역.txt")
    response = post(client, name, STATION.encode("cp949"))

    added = response.json()
    assert response.status_code == 201
    assert (added["doc_id"], added["title"], added["lang"]) == ("uploads/청람역.txt", "청람역", "ko")
    answer = client.post("/ask", json={"question": "청람역은 언제 개통했나요?"}).json()
    assert [claim["status"] for claim in answer["claims"]] == ["verified"]
    assert (answer["citations"][0]["doc_id"], answer["citations"][0]["quote"]) == (added["doc_id"], STATION)
    listed = [each["doc_id"] for each in client.get("/documents").json()["documents"]]
    assert {"en/kiln.md", "uploads/청람역.txt"} < set(listed)
    assert kept(index) == ["청람역.txt"]


def test_what_was_acknowledged_is_there(client: httpx.Client) -> None:
    """The document can be read and found with the next request, without a moment's wait."""
    for number, lang in enumerate(("ko", "ja", "th", "ar")):
        added = post(client, f"{number}.md", SAMPLES[lang].encode())
        assert added.status_code == 201, added.text
        doc_id = added.json()["doc_id"]
        read = client.get(f"/documents/{doc_id}")
        found = client.post("/search", json={"question": SAMPLES[lang][:200], "where": {"docs": [doc_id]}})
        assert (read.status_code, found.status_code) == (200, 200)
        assert found.json()["hits"]


def test_a_later_run_of_the_index_keeps_uploads(
    client: httpx.Client, index: Path, embedder: Embedder
) -> None:
    """Its folder is a root of the index; deleting the file takes the document back."""
    assert post(client, "a.pdf", pdf([["Ships leave at noon."]])).status_code == 201
    # A folder that is suddenly empty is not believed: another file stays in it.
    assert post(client, "b.md", b"The harbour is closed on Sundays.").status_code == 201
    settings = SETTINGS.model_copy(update={"index": index})

    for folders, left in (([index.parent / "docs"], True), ([], True), ([], False)):
        if not left:
            (index / FOLDER / "a.pdf").unlink()
        with build.writer(settings, embedder) as writer:
            ingest(folders, writer, embedder)
        with build.open_stored(settings) as snapshot:
            assert ("uploads/a.pdf" in {each.doc_id for each in snapshot.documents()}) == left


def test_an_index_inside_the_folder_of_documents_is_not_indexed_twice(
    tmp_path: Path, embedder: Embedder
) -> None:
    """An upload is one document, also if the folder that holds the index is indexed again."""
    settings = SETTINGS.model_copy(update={"index": tmp_path / "index"})
    (tmp_path / "a.txt").write_text("Ships leave at noon.", encoding="utf-8")
    uploads = Uploads(settings, embedder)
    asyncio.run(uploads.add("b.txt", 0, pieces(b"Boats leave at one.")))

    with build.writer(settings, embedder) as writer:
        ingest([tmp_path], writer, embedder)
        found = sorted(each.doc_id for each in writer.documents())

    assert len(found) == 2
    assert {PurePosixPath(each).name for each in found} == {"a.txt", "b.txt"}


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


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


@pytest.mark.parametrize(
    ("name", "content", "refused"),
    [
        ("bomb.docx", bomb(), (422, "unreadable")),
        ("broken.pdf", b"%PDF-1.7 and no more than that", (422, "unreadable")),
        ("empty.txt", b"", (422, "unreadable")),
        ("program.txt", bytes(range(256)) * 64, (422, "unreadable")),
        ("photo.gif", b"\xff\xd8\xff", (415, "unsupported_file")),
        ("x" * 300 + ".md", b"Words.", (422, "bad_name")),
    ],
    ids=["bomb", "broken", "empty", "binary", "kind", "name"],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    client: httpx.Client, index: Path, name: str, content: bytes, refused: tuple[int, str]
) -> None:
    """It is read before it is acknowledged; the error is typed, and the index stays as it was."""
    before = client.get("/ready").json()

    response = post(client, name, content)

    assert code(response) == refused
    assert name not in response.text
    assert kept(index) == []
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
    assert kept(index) == []


def test_all_files_together_have_a_limit(index: Path, embedder: Embedder) -> None:
    """What does not fit beside the others is refused, stated or not, and there is room again without them."""
    full = service(index, embedder, serve_upload=True, serve_upload_mb=1)
    page = f"<p>Boats leave at one.</p><!--{'x' * 600_000}-->".encode()
    with listening(full, embedder=embedder) as url, httpx.Client(base_url=url, timeout=60) as client:
        first = post(client, "one.html", page)
        unstated = client.post("/uploads?name=two.html", content=iter([page]), headers=FILE)
        stated = post(client, "two.html", page)
        (index / FOLDER / "one.html").unlink()
        again = post(client, "two.html", page)

    assert [first.status_code, again.status_code] == [201, 201]
    assert [code(unstated), code(stated)] == [(507, "no_room")] * 2
    assert kept(index) == ["two.html"]


def test_no_file_takes_the_place_of_another(client: httpx.Client, index: Path) -> None:
    """Neither in another normal form, nor in another case, which some systems take for the same."""
    assert post(client, "Café.txt", SAMPLES["fr"].encode()).status_code == 201

    for name in ("Café.txt", unicodedata.normalize("NFD", "Café.txt"), "CAFÉ.TXT"):
        assert code(post(client, name, b"Other words.")) == (409, "exists")
    assert (index / FOLDER / "Café.txt").read_text(encoding="utf-8") == SAMPLES["fr"]
    assert kept(index) == ["Café.txt"]


def test_one_run_writes_the_index_at_a_time(client: httpx.Client, index: Path, embedder: Embedder) -> None:
    """During another run a file is refused for the moment and told when to come back; then it is taken."""
    settings = SETTINGS.model_copy(update={"index": index})
    with build.writer(settings, embedder):
        response = post(client, "a.txt")

    assert code(response) == (503, "index_busy")
    assert int(response.headers["retry-after"]) >= 1
    assert kept(index) == []
    assert post(client, "a.txt").status_code == 201


def test_files_that_come_together_are_all_taken(client: httpx.Client, index: Path) -> None:
    """They are indexed one after the other, each with a generation of its own."""
    texts = [SAMPLES[lang] for lang in ("ko", "ja", "th", "ar")]
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda n: post(client, f"{n}.md", texts[n].encode()), range(4)))

    assert [reply.status_code for reply in replies] == [201] * 4
    assert len({reply.json()["generation"] for reply in replies}) == 4
    assert kept(index) == ["0.md", "1.md", "2.md", "3.md"]


def test_slow_senders_do_not_fill_the_service(client: httpx.Client, index: Path) -> None:
    """Four may be on their way; one more is told to come back, and one that leaves makes room and no file."""
    begun = raw.request(
        "POST",
        b"/uploads?name=a.txt",
        [(b"Content-Type", b"application/octet-stream"), (b"Content-Length", b"90")],
    )
    with ExitStack() as senders:
        for _ in range(4):
            senders.enter_context(raw.connect(str(client.base_url))).sendall(begun + b"Words ")
        while len(kept(index)) < 4:
            time.sleep(0.02)
        assert code(post(client, "b.txt")) == (503, "busy")
    while kept(index):
        time.sleep(0.02)

    assert post(client, "b.txt").status_code == 201


def test_a_large_file_may_take_longer_than_a_question(index: Path, embedder: Embedder) -> None:
    """As long as it keeps coming; a sender that falls silent is cut off."""
    head = [(b"Content-Type", b"application/octet-stream"), (b"Content-Length", b"9000")]
    begun = raw.request("POST", b"/uploads?name=a.txt", head)
    slow = listening(service(index, embedder, serve_upload=True), Impatient, embedder=embedder)
    with slow as url, raw.connect(url) as steady, raw.connect(url) as silent:
        for connection in (steady, silent):
            connection.sendall(begun)
        for _ in range(9):
            steady.sendall(b"Words. \n" * 125)
            time.sleep(0.15)
        taken, cut = raw.receive(steady), raw.receive(silent)

    assert (taken.status, cut.status, cut.json()["code"]) == (201, 408, "timeout")
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
    assert [reply.status_code for reply in replies] == [201, 429, 429]


def test_without_the_option_there_is_no_such_route(url: str, library: Path) -> None:
    """Neither to send to nor in the description of the service, and no folder for it."""
    with httpx.Client(base_url=url) as client:
        assert code(post(client, "a.txt")) == (404, "not_found")
        assert code(client.get("/uploads")) == (404, "not_found")
        assert "/uploads" not in client.get("/openapi.json").json()["paths"]
    assert not (library / FOLDER).exists()


def test_the_route_is_described(client: httpx.Client) -> None:
    """Its name, its body, and every error with its schema."""
    described = client.get("/openapi.json").json()["paths"]["/uploads"]["post"]

    assert "application/octet-stream" in described["requestBody"]["content"]
    assert {"201", "409", "413", "415", "422", "503", "507"} <= set(described["responses"])
    assert "HTTPValidationError" not in json.dumps(described)
    assert "POST /uploads" in client.get("/docs").text


def test_what_was_left_half_received_is_gone_after_a_start(tmp_path: Path) -> None:
    """A process that was killed leaves files that nobody waits for."""
    settings = SETTINGS.model_copy(update={"index": tmp_path / "index"})
    left = tmp_path / "index" / FOLDER / ".incoming-x.txt"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    Uploads(settings, HashEmbedder())

    assert not left.exists()


def test_a_file_that_could_not_be_indexed_is_not_kept(tmp_path: Path) -> None:
    """Another try must not meet a file that was never acknowledged."""
    settings = SETTINGS.model_copy(update={"index": tmp_path / "index"})
    with build.writer(settings, HashEmbedder(fingerprint="another")):
        pass
    uploads = Uploads(settings, HashEmbedder())

    with pytest.raises(IndexMismatch):
        asyncio.run(uploads.add("a.txt", 0, pieces(b"Words.")))

    assert kept(settings.index) == []


def test_a_folder_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    """With the way out of it."""
    (tmp_path / "index").write_bytes(b"a file")

    with pytest.raises(ConfigError, match="--allow-upload"):
        Uploads(SETTINGS.model_copy(update={"index": tmp_path / "index"}), HashEmbedder())
