"""The routes as clients use them, over real HTTP: answers, events, documents, feedback, figures."""

import json
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from served import FILES, listening, service

from rag.protocols import Embedder
from rag.ui.render import as_json


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=60) as each:
        yield each


def events(response: httpx.Response) -> list[tuple[str, Any]]:
    """Return the server-sent events of a whole response."""
    found = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@pytest.mark.parametrize(
    ("question", "doc_id"),
    [
        ("도서관은 몇 시에 닫나요?", "ko/도서관.txt"),
        (unicodedata.normalize("NFD", "도서관은 몇 시에 닫나요?"), "ko/도서관.txt"),
        ("フェリーは何時に出ますか", "ja/港.txt"),
        ("How hot should the water for green tea be?", "zh/茶.txt"),
        ("Wann öffnet das Museum?", "ar/متحف.txt"),
        ("Wie lange ruht der Teig?", "de/brot #1?.txt"),
    ],
)
def test_an_answer_quotes_a_document_at_exact_offsets(
    client: httpx.Client, question: str, doc_id: str
) -> None:
    """What is cited over HTTP can be looked up over HTTP, in any script, code point by code point."""
    response = client.post("/ask", json={"question": question})

    answer = response.json()
    assert (response.status_code, answer["answered"]) == (200, True)
    assert doc_id in [each["doc_id"] for each in answer["citations"]]
    for citation in answer["citations"]:
        start, end = citation["start"], citation["end"]
        path = f"/documents/{quote(citation['doc_id'])}?start={start}&limit={end - start}"
        page = client.get(path).json()
        assert (page["text"], page["start"], page["end"]) == (citation["quote"], start, end)
    assert response.headers["x-request-id"] == answer["request_id"]
    assert set(answer["timings_ms"]) >= {"wait", "retrieve", "compose"}


def test_the_fields_are_those_of_the_command_line(client: httpx.Client, library: Path) -> None:
    """docs/json.md describes both; HTTP adds the request_id."""
    documented = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")

    answer = client.post("/ask", json={"question": "When may the kiln be opened?"}).json()

    assert [name for name in answer if f"`{name}`" not in documented] == []


def test_a_question_the_documents_do_not_answer_is_no_error(client: httpx.Client) -> None:
    """Not knowing is a result: status 200, `answered` false, and why."""
    response = client.post("/ask", json={"question": "Which team won the football match yesterday?"})

    answer = response.json()
    assert (response.status_code, answer["answered"], answer["citations"]) == (200, False, [])
    assert "low_evidence" == answer["abstention"]
    assert answer["reason"].startswith("evidence ")


@pytest.mark.parametrize(
    ("body", "headers"),
    [({"stream": True}, {}), ({}, {"Accept": "text/event-stream"})],
)
def test_a_stream_ends_with_the_answer(
    client: httpx.Client, body: dict[str, Any], headers: dict[str, str]
) -> None:
    """Events are retrieved, tokens, answer; the answer is the one that comes without streaming."""
    question = {"question": "フェリーは何時に出ますか"}
    plain = client.post("/ask", json=question).json()

    response = client.post("/ask", json=question | body, headers=headers)

    assert response.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in events(response)]
    assert names[0] == "retrieved"
    assert (names[-1], set(names[1:-1])) == ("answer", {"token"})
    answer = events(response)[-1][1]
    for each in (answer, plain):
        del each["timings_ms"], each["request_id"]
    assert answer == plain


def test_filters_and_k_reach_the_search(client: httpx.Client) -> None:
    """`where` restricts by folder and language, `k` bounds the passages."""
    body = {"question": "opening hours", "k": 2, "where": {"folders": ["ar", "ko"], "langs": ["ar"]}}

    hits = client.post("/search", json=body).json()["hits"]

    assert [hit["chunk"]["doc_id"] for hit in hits] == ["ar/متحف.txt"]
    assert len(client.post("/search", json={"question": "opening hours", "k": 2}).json()["hits"]) == 2


def test_days_bound_the_search(client: httpx.Client) -> None:
    """Undated documents are left out as soon as a day is asked for; other forms of a day are refused."""
    question = {"question": "opening hours"}

    dated = client.post("/search", json=question | {"where": {"since": "2020-01-01", "until": None}})
    refused = [
        client.post("/search", json=question | {"where": {"since": day}})
        for day in ("2020-13-01", "20200101", "2020-W01-1", "2020-01-01T00:00:00", 0, 1e9, True)
    ]

    assert (dated.status_code, dated.json()["hits"]) == (200, [])
    assert {each.status_code for each in refused} == {422}
    assert all("2020" not in each.text for each in refused)


def test_the_language_of_the_answer_can_be_asked_for(client: httpx.Client) -> None:
    """What is not known is said in that language, and the answer names it in its usual form."""
    nowhere = {"question": "When does it open?", "where": {"docs": ["absent.txt"]}}

    answer = client.post("/ask", json=nowhere | {"lang": "KO"}).json()

    assert (answer["answered"], answer["lang"]) == (False, "ko")
    assert "문서" in answer["text"]
    assert client.post("/ask", json={"question": "왜?", "lang": "../ko"}).status_code == 422


def test_history_makes_a_follow_up_understood(client: httpx.Client) -> None:
    """The turn before names the subject."""
    turn = {"question": "How hot does the kiln get?", "answer": "1,250 degrees."}

    answer = client.post("/ask", json={"question": "And the lid?", "history": [turn]}).json()

    assert answer["hits"][0]["chunk"]["doc_id"] == "en/kiln.md"


def test_documents_are_listed_in_pages(client: httpx.Client) -> None:
    """Pages follow each other without gap or overlap, in order of id, and say nothing of the disk."""
    pages = [client.get("/documents", params={"offset": n, "limit": 4}) for n in (0, 4, 8)]

    listed = [each["doc_id"] for page in pages for each in page.json()["documents"]]
    assert listed == sorted(FILES)
    assert {page.json()["total"] for page in pages} == {len(FILES)}
    assert all(str(Path.home()) not in page.text and "/docs" not in page.text for page in pages)


@pytest.mark.parametrize(
    "path", ["/documents/absent.txt", "/documents/../../etc/passwd", "/nothing", "/ask/"]
)
def test_what_is_not_there_is_404(client: httpx.Client, path: str) -> None:
    """An id is looked up, never opened as a path."""
    response = client.get(httpx.URL("/").copy_with(raw_path=path.encode()))

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_feedback_is_a_line_with_the_question_it_is_about(client: httpx.Client, library: Path) -> None:
    """The line holds what `rag eval new` asks for; an answer that nobody gave cannot be rated."""
    answer = client.post("/ask", json={"question": "녹차는 몇 도의 물로 우리나요?"}).json()
    rating = {"request_id": answer["request_id"], "rating": "down", "comment": "온도가 빠졌어요"}

    given = client.post("/feedback", json=rating)
    unknown = client.post("/feedback", json=rating | {"request_id": "0" * 32})

    assert (given.status_code, given.content, unknown.status_code) == (204, b"", 404)
    lines = (library / "feedback.jsonl").read_text(encoding="utf-8").splitlines()
    line = json.loads(lines[-1])
    assert rating.items() <= line.items()
    assert (line["question"], line["answer"]) == (answer["question"], answer["text"])
    assert (library / "feedback.jsonl").stat().st_mode & 0o077 == 0


def test_a_rating_that_cannot_be_kept_is_told(library: Path, embedder: Embedder, tmp_path: Path) -> None:
    """On a read-only index all works but this; a folder in place of the file stands for it."""
    index = tmp_path / "index"
    shutil.copytree(library, index, ignore=shutil.ignore_patterns("feedback.jsonl"))
    (index / "feedback.jsonl").mkdir()
    with listening(service(index, embedder)) as url, httpx.Client(base_url=url, timeout=60) as client:
        answer = client.post("/ask", json={"question": "Wie lange ruht der Teig?"}).json()

        refused = client.post("/feedback", json={"request_id": answer["request_id"], "rating": "up"})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_kept")
    assert {"code", "message", "request_id"} == set(refused.json())
    assert str(tmp_path) not in refused.text


def test_figures_tell_what_happened(client: httpx.Client) -> None:
    """Prometheus gets latencies by route and stage, outcomes, and the size of the index."""
    client.post("/ask", json={"question": "Wie lange ruht der Teig?"})

    page = client.get("/metrics")

    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    figures = dict(line.rsplit(" ", 1) for line in page.text.splitlines() if not line.startswith("#"))
    assert float(figures['citewise_requests_total{route="/ask",status="200"}']) >= 1
    assert float(figures['citewise_stage_seconds_count{stage="retrieve"}']) >= 1
    assert float(figures['citewise_answers_total{outcome="answered"}']) >= 1
    assert float(figures["citewise_index_documents"]) == len(FILES)
    assert float(figures["citewise_active"]) == 0


def test_figures_are_listed_as_text_alone(client: httpx.Client) -> None:
    """The description names the one media type that is sent; errors stay JSON."""
    responses = client.get("/openapi.json").json()["paths"]["/metrics"]["get"]["responses"]

    assert {"text/plain"} == set(responses["200"]["content"])
    assert {"application/json"} == {
        kind for code, each in responses.items() if code != "200" for kind in each["content"]
    }


def test_the_documentation_needs_nothing_from_outside(client: httpx.Client) -> None:
    """The page has no script, names every route, and links to no other host."""
    page = client.get("/docs")
    openapi = client.get("/openapi.json").json()

    assert all(path in page.text for path in openapi["paths"])
    assert "<script" not in page.text
    assert "://" not in page.text.replace("http://www.w3.org", "")


def test_every_route_documents_its_errors(client: httpx.Client) -> None:
    """Each error status has the one schema, on /v1 that of OpenAI; FastAPI's own form occurs nowhere."""
    openapi = client.get("/openapi.json").json()

    for path, methods in openapi["paths"].items():
        form = "/Failed" if path.startswith("/v1") else "/Error"
        for operation in methods.values():
            errors = {s: each for s, each in operation["responses"].items() if int(s) >= 400}
            assert {"400", "403", "408", "431", "500"} <= set(errors)
            for each in errors.values():
                assert each["content"]["application/json"]["schema"]["$ref"].endswith(form)
    assert "HTTPValidationError" not in openapi["components"]["schemas"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/docs", 200),
        ("GET", "/nothing", 404),
        ("POST", "/ask", 422),
        ("DELETE", "/ask", 405),
        ("GET", "/metrics", 200),
    ],
)
def test_every_response_has_the_security_headers(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    """Errors and pages too."""
    response = client.request(method, path, json={} if method == "POST" else None)

    assert response.status_code == status
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"].startswith(("application/json", "text/"))
    assert "server" not in response.headers


def test_who_comes_by_tls_is_told_to_stay_with_it(
    client: httpx.Client, library: Path, embedder: Embedder
) -> None:
    """Only the word of a proxy that is believed counts; without TLS the header would mean nothing."""
    by_tls = {"X-Forwarded-Proto": "https"}
    with listening(service(library, embedder, serve_proxy="127.0.0.1")) as url:
        told = [httpx.get(f"{url}{path}", headers=by_tls) for path in ("/health", "/docs", "/nothing")]
        plain = httpx.get(f"{url}/health")
    unbelieved = client.get("/health", headers=by_tls)

    assert {each.headers["strict-transport-security"] for each in told} == {"max-age=15552000"}
    assert not [each for each in (plain, unbelieved) if "strict-transport-security" in each.headers]


def test_without_an_index_the_service_is_alive_but_not_ready(tmp_path: Path, embedder: Embedder) -> None:
    """An index that is made later is taken up; until then questions are told to come back."""
    with listening(service(tmp_path / "none", embedder)) as url, httpx.Client(base_url=url) as client:
        statuses = [
            client.get("/health"),
            client.get("/ready"),
            client.post("/ask", json={"question": "왜?"}),
        ]

    assert [each.status_code for each in statuses] == [200, 503, 503]
    assert [each.json().get("code") for each in statuses] == [None, "no_index", "no_index"]
    assert statuses[2].headers["retry-after"]


def test_json_holds_a_lone_surrogate_as_its_escape() -> None:
    """Half a character, which a model can send, cannot stop an answer."""
    from rag.ui.schemas import encode

    assert encode({"text": "가\ud800"}) == b'{"text":"\xea\xb0\x80\\ud800"}'
    assert json.loads(encode({"text": "가\ud800"})) == as_json({"text": "가\ud800"})
