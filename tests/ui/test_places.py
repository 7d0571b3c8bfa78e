"""Where a quote was seen, and what was not read: told by the commands and over HTTP."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from commands import as_json, run
from documents import pdf
from doubles import HashEmbedder
from served import SETTINGS, listening, service
from stores import IDENTITY, TRANSFORM, entry, reopened

from rag import wiring
from rag.index.ingest import Report, ingest
from rag.index.store import open_writer
from rag.protocols import Embedder
from rag.types import Page
from rag.ui.render import omissions, render_report, report_json

FOOTER = "Tarnwick ferry report"
PAGES = [
    [
        "The company was founded by seven fishermen and a",
        "baker, who paid for the boat together.",
        FOOTER,
    ],
    ["The ferry Osprey carries ninety passengers and", "twelve cars across the sound every hour.", FOOTER],
    ["The library on board is closed on Mondays.", FOOTER],
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("places")
    (root / "docs").mkdir()
    (root / "docs" / "report.pdf").write_bytes(pdf(PAGES, "Ferry report"))
    note = "<title>Notes</title><meta name='author' content='Orla Venn'>{}"
    (root / "docs" / "note.html").write_text(note.format("<p>The kiosk sells tea.</p>"), encoding="utf-8")
    assert as_json("index", "docs", cwd=root)["added"] == ["note.html", "report.pdf"]
    return root


def test_an_answer_says_the_page(home: Path) -> None:
    """In JSON by number and label, on the terminal behind the name of the file."""
    question = "How many passengers does the ferry Osprey carry?"
    quoted = next(c for c in as_json("ask", question, cwd=home)["citations"] if "ninety" in c["quote"])
    shown = run("ask", question, cwd=home).stdout

    assert (quoted["page"], quoted["place"]) == (2, "p. 2")
    assert "report.pdf, p. 2, " in shown


def test_a_passage_says_the_page(home: Path) -> None:
    """The passages of `rag search` too."""
    hit = as_json("search", "When is the library on board closed?", cwd=home)["hits"][0]

    assert (hit["chunk"]["page"], hit["chunk"]["place"]) == (3, "p. 3")


def test_the_report_lists_what_is_masked_with_its_page(home: Path) -> None:
    """A footer is named on each page that has it."""
    report = as_json("index", "docs", "--report", cwd=home)
    footers = [each for each in report["masked"] if each["text"] == FOOTER]

    assert [each["place"] for each in footers] == ["p. 1", "p. 2", "p. 3"]
    assert report["left_out"] == []


def test_what_a_reader_left_out_is_kept_and_reported(tmp_path: Path) -> None:
    """The index remembers it, so that the report of a later run names it too."""
    made = entry("그림.pdf", "1")
    pages, left_out = (
        (Page(0, 1, "p. 1"), Page(3, 3, "p. 3")),
        ("page 2: blank", "page 3: white text"),
    )
    with open_writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        document = replace(made.document, pages=pages, left_out=left_out, author="Ines Okoro", boilerplate=())
        writer.put([replace(made, document=document)])
        writer.publish()
    with reopened(tmp_path) as snapshot:
        found = snapshot.document("그림.pdf")
        omitted = omissions([found])

    assert (found.pages, found.left_out, found.author) == (pages, left_out, "Ines Okoro")
    assert json.dumps(report_json(Report(), omitted)).count("page 2: blank") == 1
    assert "left out of 그림.pdf: page 2: blank" in render_report(Report(), omitted).splitlines()
    assert "page 2" not in render_report(Report())


def test_the_report_names_each_page_and_span_that_is_not_searched(tmp_path: Path) -> None:
    """With its reason: a blank page, a menu, a file that cannot be read; as JSON for programs."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "역.pdf").write_bytes(pdf([["청람역 승강장은 네 개이다."], [], ["切符は窓口で買えます。"]]))
    (docs / "page.html").write_text("<nav>Home News</nav><p>The kiosk sells tea.</p>", encoding="utf-8")
    (docs / "torn.pdf").write_bytes(b"%PDF-1.7 and no more")
    with open_writer(tmp_path / "index", IDENTITY, TRANSFORM) as writer:
        report = ingest([docs], writer, HashEmbedder(dim=IDENTITY.dim))
        found = report_json(report, omissions(writer.documents()))

    told = json.loads(json.dumps(found))
    assert told["left_out"] == [{"doc_id": "역.pdf", "reason": "page 2: blank"}]
    assert [(each["doc_id"], each["reason"], each["text"]) for each in told["masked"]] == [
        ("page.html", "html nav", "Home News")
    ]
    assert [(each["doc_id"], each["fatal"]) for each in told["problems"]] == [("torn.pdf", True)]


@pytest.fixture(scope="module")
def client(home: Path, embedder: Embedder) -> Iterator[httpx.Client]:
    settings = SETTINGS.model_copy(update={"index": home / "served"})
    with wiring.writer(settings, embedder) as writer:
        ingest([home / "docs"], writer, embedder)
    with listening(service(settings.index, embedder)) as url, httpx.Client(base_url=url, timeout=60) as each:
        yield each


def test_a_document_tells_its_pages_and_its_author(client: httpx.Client) -> None:
    """The pages that a stretch of the text touches, and no others."""
    whole = client.get("/documents/report.pdf").json()
    third = whole["pages"][2]
    part = client.get(f"/documents/report.pdf?start={third['start']}&limit=5").json()
    listed = client.get("/documents").json()["documents"]

    assert [page["label"] for page in whole["pages"]] == ["p. 1", "p. 2", "p. 3"]
    assert whole["text"][third["start"] :].startswith("The library")
    assert part["pages"] == [third]
    assert [each["author"] for each in listed] == ["Orla Venn", ""]


def test_an_answer_over_http_says_the_page(client: httpx.Client) -> None:
    """In `/ask` and in the field of a chat completion that holds the citations."""
    question = "How many passengers does the ferry Osprey carry?"
    asked = client.post("/ask", json={"question": question}).json()
    message = [{"role": "user", "content": question}]
    chatted = client.post("/v1/chat/completions", json={"model": "citewise", "messages": message}).json()

    for citations in (asked["citations"], chatted["citewise"]["citations"]):
        assert "p. 2" in [each["place"] for each in citations if "ninety" in each["quote"]]


def test_a_page_is_drawn_with_the_boxes_of_a_quote(client: httpx.Client, home: Path) -> None:
    """As PNG, while the file is the one that was indexed; else the reason is told, not an old picture."""
    text = client.get("/documents/report.pdf").json()["text"]
    start = text.index("ninety passengers")
    path = "/documents/report.pdf/pages/2"

    plain = client.get(path)
    marked = client.get(path, params={"start": start, "end": start + len("ninety passengers")})
    boxes = json.loads(marked.headers["citewise-boxes"])
    refused = [client.get(f"/documents/{name}") for name in ("report.pdf/pages/9", "note.html/pages/1")]
    file = home / "docs" / "report.pdf"
    whole = file.read_bytes()
    file.write_bytes(whole + b"\n")
    changed = client.get(path)
    file.unlink()
    gone = client.get(path)
    file.write_bytes(whole)

    assert (plain.status_code, plain.headers["content-type"]) == (200, "image/png")
    assert plain.content.startswith(b"\x89PNG") and json.loads(plain.headers["citewise-boxes"]) == []
    assert boxes and all(0 <= side <= 1 for box in boxes for side in box)
    assert "default-src 'none'" in plain.headers["content-security-policy"]
    assert [(each.status_code, each.json()["code"]) for each in refused] == [(404, "not_found")] * 2
    assert "a page 9 of 'report.pdf'" in refused[0].json()["message"]
    assert "'note.html': only pages of PDFs are drawn" in refused[1].json()["message"]
    assert (changed.status_code, changed.json()["code"]) == (409, "changed")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
