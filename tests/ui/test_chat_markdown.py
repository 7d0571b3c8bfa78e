"""Lists, tables and code of a model are drawn as such in the chat, out of text alone."""

import json
from typing import TYPE_CHECKING

from browser import Visit

from rag.answer.markdown import blocks
from rag.types import Claim
from rag.ui.render import as_json

if TYPE_CHECKING:
    from playwright.sync_api import Route

ANSWER = {
    "question": "",
    "lang": "en",
    "text": "",
    "answered": False,
    "reason": "Not for people.",
    "abstention": "unverified",
    "faults": [],
    "claims": [],
    "citations": [],
    "conflicts": [],
    "hits": [],
    "evidence": 0,
    "model": "m1",
    "degraded": True,
    "timings_ms": {},
    "generation": 1,
    "request_id": "0",
}

CLAIMS = (
    Claim("**도서관**은 여섯 시에 <b>닫는다</b>.", "verified", (1,)),
    Claim("- 월요일에 쉰다.", "unverified", (), "date"),
    Claim("| 요일 | 시간 |", "unverified", (), "meaning"),
    Claim("| `월` | 9시 |", "verified", (1,)),
)
TEXT = "**도서관**은 여섯 시에 <b>닫는다</b>. [1]\n- 월요일에 쉰다.\n| 요일 | 시간 |\n| `월` | 9시 | [1]"
CITATION = {
    "marker": 1,
    "doc_id": "a.md",
    "chunk_id": "a.md#0-9",
    "start": 0,
    "end": 9,
    "quote": "x",
    "title": "안내",
    "date": None,
    "lang": "ko",
    "page": 0,
    "place": "",
}


def test_a_models_markdown_is_drawn(visit: Visit) -> None:
    """Each claim keeps its marker or its flag, in an item and in a cell; HTML stays text."""
    answer = {
        **ANSWER,
        "answered": True,
        "abstention": "",
        "model": "m1",
        "lang": "ko",
        "text": TEXT,
        "claims": as_json(CLAIMS),
        "citations": [CITATION],
        "blocks": as_json(blocks(TEXT, CLAIMS)),
    }

    def fulfil(route: "Route") -> None:
        text = f"event: answer\ndata: {json.dumps(answer)}\n\n"
        route.fulfill(status=200, content_type="text/event-stream", body=text)

    visit.page.route("**/ask", fulfil)
    visit.ask("도서관은 몇 시에 닫나요?")

    claims = visit.page.locator(".claims")
    assert claims.locator("p strong").first.text_content() == "도서관"
    assert "<b>닫는다</b>" in (claims.locator("p").first.text_content() or "")
    assert claims.locator("b").count() == 0
    assert claims.locator("li .claim.unverified").text_content() == "월요일에 쉰다."
    assert claims.locator("li .flag").count() == 1
    assert claims.locator("td code").text_content() == "월"
    assert claims.locator("td .marker").count() == 1
    assert claims.locator("th .flag").count() == 1
    assert claims.locator(".marker").count() == 2
