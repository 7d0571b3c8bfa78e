"""Passages with the date they are from, as a model and a program are told them."""

from collections.abc import Sequence
from dataclasses import replace

from rag.protocols import Index
from rag.types import Hit

__all__ = ["sourced"]


def sourced(hits: Sequence[Hit], index: Index) -> tuple[Hit, ...]:
    """Return *hits* with the date of their document."""
    dates = {doc_id: index.document(doc_id).date for doc_id in {hit.chunk.doc_id for hit in hits}}
    return tuple(replace(hit, published=dates[hit.chunk.doc_id]) for hit in hits)
