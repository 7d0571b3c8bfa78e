"""The list behind the library: what is found, in which order, and what is said of a document."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from documents import pdf
from served import SETTINGS, listening, service, write_files

from rag import wiring
from rag.index.engines import View
from rag.index.ingest import ingest
from rag.protocols import Embedder
from rag.ui.library import Wanted, documents

NOTE = "# 가마 안내\n\n2024-05-01 게시\n\n- 장갑\n\nGlaze: Celadon; Hours: 11\nGlaze: Shino; Hours: 14\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("library")


@pytest.fixture(scope="module")
def client(root: Path, embedder: Embedder) -> Iterator[httpx.Client]:
    """A service over documents with dates, pages and doubts, two files of which cannot be read."""
    docs = write_files(root / "docs")
    (docs / "2023-02-01 note.md").write_text("Ships leave at noon.", encoding="utf-8")
    (docs / unicodedata.normalize("NFD", "가마.md")).write_text(NOTE, encoding="utf-8")
    (docs / "plan.pdf").write_bytes(pdf([["Boats leave at one."], ["Boats are back at two."]]))
    (docs / "odd.txt").write_bytes("Words caf\xe9 \x81 and more of them.".encode("latin-1"))
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    settings = SETTINGS.model_copy(update={"index": root / "index"})
    with wiring.writer(settings, embedder) as writer:
        ingest([docs], writer, embedder)
    with listening(service(settings.index, embedder)) as url, httpx.Client(base_url=url, timeout=60) as each:
        yield each


def listed(client: httpx.Client, **wanted: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    response = client.get("/documents", params=wanted)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["documents"]
    return found


@pytest.mark.parametrize(
    ("q", "doc_id"),
    [
        ("가마 안내", "가마.md"),
        (unicodedata.normalize("NFD", "가마"), "가마.md"),
        ("ＫＩＬＮ hk-55", "en/kiln.md"),
        ("DE/BROT", "de/brot #1?.txt"),
        ("متحف", "ar/متحف.txt"),
        ("港", "ja/港.txt"),
    ],
)
def test_documents_are_found_by_title_and_path(client: httpx.Client, q: str, doc_id: str) -> None:
    """In any normal form, width and case; all words count."""
    assert [each["doc_id"] for each in listed(client, q=q)] == [doc_id]
    assert listed(client, q=f"{q} absent") == []


class Counted:
    """A view that counts how often all its documents are asked for."""

    def __init__(self, view: View) -> None:
        self.view, self.asked = view, 0

    def __len__(self) -> int:
        return len(self.view)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        self.asked += name == "documents"
        return getattr(self.view, name)


def test_titles_are_folded_once_a_generation(client: httpx.Client, root: Path, embedder: Embedder) -> None:
    """A hundred thousand of them take longer than all the rest of a search; a new generation begins anew."""
    settings = SETTINGS.model_copy(update={"index": root / "index"})
    for _ in range(2):
        with wiring.open_index(settings, embedder) as view:
            counted = Counted(view)
            totals = [
                documents(cast("View", counted), settings.index, Wanted(q, "title"), "").total
                for q in ("kiln", "港", "")
            ]
        assert (totals, counted.asked) == ([1, 1, 10], 1)


def test_each_order_has_what_it_lacks_at_its_end(client: httpx.Client) -> None:
    """Dates and pages from either end, documents without them last in both; pages of the list join up."""
    dates = [[each["date"] for each in listed(client, sort="date", order=order)] for order in ("asc", "desc")]
    pages = [each["pages"] for each in listed(client, sort="pages", order="asc")]
    titles = [
        each["title"] for n in range(0, 12, 3) for each in listed(client, sort="title", offset=n, limit=3)
    ]
    ids = [each["doc_id"] for each in listed(client, order="desc")]

    assert [each[:2] for each in dates] == [["2023-02-01", "2024-05-01"], ["2024-05-01", "2023-02-01"]]
    assert all(set(each[2:]) == {None} for each in dates)
    assert (pages[0], set(pages[1:])) == (2, {0})
    assert len(titles) == len(set(titles)) == 10
    assert titles == sorted(titles, key=lambda title: unicodedata.normalize("NFKC", title).casefold())
    assert ids == sorted(ids, reverse=True)


def test_doubts_and_problems_are_told(client: httpx.Client) -> None:
    """Of a document in the list, and of files that are in no list; nothing is called uploaded."""
    [odd] = listed(client, state="doubtful")
    problems = client.get("/documents").json()["library"]["problems"]

    assert (odd["doc_id"], odd["state"], len(odd["doubts"])) == ("odd.txt", "doubtful", 1)
    assert listed(client, sort="state", order="asc")[0]["state"] == "doubtful"
    assert [each["doc_id"] for each in problems if each["fatal"]] == ["broken.pdf"]
    assert not any(each["uploaded"] for each in listed(client))


def test_a_document_is_drawn_in_blocks(client: httpx.Client) -> None:
    """With what the list says of it; a stretch ends with a line, and the stretches are the whole."""
    kinds, start = [], 0
    while True:
        params: dict[str, str | int] = {"form": "blocks", "start": start, "limit": 40}
        found = client.get("/documents/가마.md", params=params).json()
        kinds += [block["kind"] for block in found["blocks"]]
        start = found["end"]
        if start == found["length"]:
            break
    plan = client.get("/documents/plan.pdf", params={"form": "blocks"}).json()
    plain = client.get("/documents/plan.pdf").json()

    assert list(dict.fromkeys(kinds)) == ["heading", "paragraph", "list", "table"]
    assert (plan["pages_total"], plan["uploaded"], plan["text"]) == (2, False, plain["text"])
    assert plain["blocks"] == []


@pytest.mark.parametrize(
    "params", ["sort=rank", "order=up", "state=lost", "limit=0", "q=" + "x" * 201, "form=html"]
)
def test_what_is_no_order_is_refused(client: httpx.Client, params: str) -> None:
    """By the name of the field, without an echo."""
    path = "/documents/plan.pdf" if params.startswith("form") else "/documents"
    response = client.get(f"{path}?{params}")

    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert response.json()["message"].startswith(params.partition("=")[0])


def test_without_uploads_nothing_can_be_removed(client: httpx.Client) -> None:
    """There is no such method."""
    assert client.delete("/documents/plan.pdf").status_code == 405
