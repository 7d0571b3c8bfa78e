"""One document as it is handed to the store, and what must hold of it."""

from dataclasses import dataclass

import numpy as np

from rag.index.schema import chunk_id
from rag.types import Chunk, Document, Matrix

__all__ = ["Entry", "check"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as it is indexed.

    Attributes:
        chunks: In reading order.
        vectors: As the embedder gave them, float32, shape ``(len(chunks), dim)``.
        signs: Of the tokens of each chunk, as `rag.late.pack` made them; may be empty.
        root: Path of the folder that the document belongs to.
    """

    document: Document
    chunks: tuple[Chunk, ...]
    vectors: Matrix
    signs: tuple[bytes, ...]
    root: str = ""


def check(entry: Entry, dim: int) -> None:
    """Raise unless every chunk is a span of its document with a finite vector."""
    document, chunks = entry.document, entry.chunks
    if entry.vectors.shape != (len(chunks), dim) or not np.isfinite(entry.vectors).all():
        raise ValueError(
            f"{document.doc_id!r} has {len(chunks)} chunks and vectors of shape {entry.vectors.shape!r}; "
            f"({len(chunks)}, {dim}) finite numbers are needed."
        )
    if len(entry.signs) != len(chunks) or any(len(signs) * 8 % dim for signs in entry.signs):
        raise ValueError(
            f"{document.doc_id!r}: each chunk needs the signs of its tokens, {dim} bits a token."
        )
    for chunk in chunks:
        name = chunk_id(document.doc_id, chunk.start, chunk.end)
        is_span = document.text[chunk.start : chunk.end] == chunk.text and 0 <= chunk.start < chunk.end
        if not is_span or (chunk.doc_id, chunk.chunk_id) != (document.doc_id, name):
            raise ValueError(f"Chunk {chunk.chunk_id!r} is not the span {name!r} of its document.")
    places = [(chunk.start, chunk.end) for chunk in chunks]
    if places != sorted(set(places)):
        raise ValueError(f"The chunks of {document.doc_id!r} are not in reading order, each once.")
