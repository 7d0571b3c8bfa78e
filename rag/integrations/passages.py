"""What every framework gets of a passage."""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.answer.sourced import sourced
from rag.assistant import Assistant
from rag.types import Where

__all__ = ["Found", "passages"]


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with what a citation needs: document, title, date, page, offsets.

    Attributes:
        score: In [0, 1], as in `rag search --json`.
    """

    id: str
    text: str
    score: float
    metadata: dict[str, str | int | None]


def passages(assistant: Assistant, question: str, k: int, where: Where | None) -> Iterator[Found]:
    """Yield the passages for *question*, best first."""
    retriever = assistant.retriever
    for hit in sourced(retriever.retrieve(question, k, where).hits, retriever.index):
        chunk = hit.chunk
        yield Found(
            chunk.chunk_id,
            chunk.text,
            hit.score,
            {
                "source": chunk.doc_id,
                "title": hit.title,
                "heading": chunk.heading,
                "date": str(hit.published) if hit.published else None,
                "lang": chunk.lang,
                "page": chunk.page or None,
                "place": chunk.place,
                "start": chunk.start,
                "end": chunk.end,
            },
        )
