"""Pairs, answers and an assistant that replies from a table, for tests of the judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.assistant import Assistant
from rag.eval.cached import CachedEmbedder
from rag.eval.pairs import Pair
from rag.types import Answer, Chunk, Citation, Claim, Document, Hit, Turn, Where

TEXT = "Das Haus öffnet um 9 Uhr. 서울 사무소는 12번째 지사다. Tickets cost 7 euros."


def document(doc_id: str = "a.txt", text: str = TEXT) -> Document:
    return Document(doc_id, doc_id, text, "und", None, f"sha of {doc_id} {text}")


def pair(**fields: Any) -> Pair:  # noqa: ANN401
    """Return an answerable pair about `document`, changed by *fields*."""
    plain = {
        "id": "en-number-001",
        "question": "What do tickets cost?",
        "lang": "en",
        "type": "number",
        "facts": [["€7"]],
        "docs": [["a.txt"]],
    }
    return Pair.model_validate({**plain, **fields})


def unanswerable(**fields: Any) -> Pair:  # noqa: ANN401
    plain = {
        "id": "en-unanswerable-001",
        "type": "unanswerable",
        "facts": [],
        "docs": [],
        "answerable": False,
    }
    return pair(**{**plain, **fields})


def citation(quote: str = "Tickets cost 7 euros.", doc_id: str = "a.txt", shift: int = 0) -> Citation:
    start = TEXT.find(quote) + shift
    return Citation(
        1, doc_id, f"{doc_id}#0-{len(TEXT)}", start, start + len(quote), quote, doc_id, None, "en"
    )


def answer(text: str = "Tickets cost 7 euros. [1]", **fields: Any) -> Answer:  # noqa: ANN401
    """Return a right and well cited answer to `pair`, changed by *fields*."""
    chunk = Chunk(f"a.txt#0-{len(TEXT)}", "a.txt", 0, len(TEXT), TEXT, "de")
    plain: dict[str, Any] = {
        "question": "What do tickets cost?",
        "lang": "en",
        "text": text,
        "answered": True,
        "reason": "",
        "abstention": "",
        "faults": (),
        "claims": (Claim("Tickets cost 7 euros.", "verified", (1,)),),
        "citations": (citation(),),
        "conflicts": (),
        "hits": (Hit(chunk, 0.5, 1, {"dense": 1}),),
        "evidence": 0.9,
        "model": "scripted",
        "degraded": False,
        "timings_ms": {"retrieve": 2.0, "compose": 3.0},
        "generation": 1,
    }
    return Answer(**{**plain, **fields})


def refusal(**fields: Any) -> Answer:  # noqa: ANN401
    why = {"answered": False, "reason": "no passage", "abstention": "no_passages"}
    plain = {**why, "claims": (), "citations": (), "evidence": 0.05}
    text = fields.pop("text", "The documents do not answer this question.")
    return answer(text, **{**plain, **fields})


@dataclass(frozen=True)
class Replies:
    """Answers each question from a table; an exception in the table is raised."""

    table: Mapping[str, Answer | Exception]

    def ask(self, question: str, history: Sequence[Turn] = (), where: Where | None = None) -> Answer:
        reply = self.table[question]
        if isinstance(reply, Exception):
            raise reply
        return reply


def quiet(stage: str, done: int, total: int) -> None:
    """Show no progress."""


def remembering(assistant: Assistant, cache: Path) -> Assistant:
    """Let the assistant embed each sentence once: it is read in the passages of many questions."""
    embedder = CachedEmbedder(assistant.retriever.embedder, cache / "eval" / "vectors.sqlite3")
    return replace(assistant, retriever=replace(assistant.retriever, embedder=embedder))
