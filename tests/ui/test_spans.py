"""Spans reach a collector that the standard variables name, and hold nothing that was asked."""

from pathlib import Path

import httpx
import pytest
from collector import collecting
from served import FILES, command, write_files

from rag import wiring
from rag.index.ingest import ingest
from rag.protocols import Embedder
from rag.settings import Settings

pytest.importorskip("opentelemetry.sdk", reason="needs the extra otel")

ASKED = "도서관은 몇 시에 닫나요, 홍길동이 묻습니다?"
TOKEN = "t0ken-for-the-collector"


def test_spans_arrive_without_the_question(tmp_path: Path, embedder: Embedder) -> None:
    """One for each request, with route and status; no question, answer, document or token in any byte."""
    settings = Settings(index=tmp_path / "index")
    with wiring.writer(settings, embedder) as writer:
        ingest([write_files(tmp_path / "docs")], writer, embedder)
    with collecting() as collector:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_SERVICE_NAME": "citewise-test",
            "CITEWISE_SERVE_TOKEN": TOKEN,
        }
        with command(settings.index, tmp_path / "log", **environ) as served:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            with httpx.Client(base_url=served.url, timeout=60, headers=headers) as client:
                answer = client.post("/ask", json={"question": ASKED})
                document = client.get("/documents/ko/도서관.txt", params={"limit": 7})
                missing = client.get("/nothing/홍길동")
            served.stop()

    assert [200, 200, 404] == [each.status_code for each in (answer, document, missing)]
    spans = {name: (attributes, resource) for name, attributes, resource in collector.spans}
    attributes, resource = spans["POST /ask"]
    assert "citewise-test" in resource["service.name"]
    assert "/ask" in attributes["http.route"]
    assert "200" in attributes["http.response.status_code"]
    assert {"/v1/traces"} == {path for path, _ in collector.received}
    whole = b"".join(body for _, body in collector.received)
    secrets = (ASKED, "홍길동", TOKEN, answer.json()["text"], *FILES)
    assert [] == [each for each in secrets if each.encode() in whole]
