"""Passages with the date and the page they are from, as a model and a program are told them."""

from collections.abc import Sequence
from dataclasses import replace

from rag.pages import page_at
from rag.protocols import Index
from rag.types import Hit

__all__ = ["sourced"]


def sourced(hits: Sequence[Hit], index: Index) -> tuple[Hit, ...]:
    """Return *hits* with the date of their document and the label of the page on which each begins."""
    documents = {hit.chunk.doc_id: index.document(hit.chunk.doc_id) for hit in hits}
    return tuple(
        replace(
            hit,
            published=documents[hit.chunk.doc_id].date,
            place=page_at(documents[hit.chunk.doc_id].pages, hit.chunk.start).label,
        )
        for hit in hits
    )
