"""One document as it is handed to a store, what must hold of it, and what a store tells of it."""

from dataclasses import dataclass, replace
from sys import intern

import numpy as np

from rag.index.schema import Passage, Record, chunk_id
from rag.types import Chunk, Document, Matrix

__all__ = ["Entry", "Known", "check"]


@dataclass(frozen=True, slots=True)
class Known:
    """What tells whether a file has changed since it was indexed."""

    sha256: str
    root: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as it is indexed.

    Attributes:
        chunks: In reading order.
        vectors: As the embedder gave them, float32, shape ``(len(chunks), dim)``.
        signs: Of the tokens of each chunk, as `rag.search.late.pack` made them; may be empty.
        root: Path of the folder that the document belongs to.
    """

    document: Document
    chunks: tuple[Chunk, ...]
    vectors: Matrix
    signs: tuple[bytes, ...]
    root: str = ""

    def renamed(self, doc_id: str, root: str | None) -> "Entry":
        """Return the same under another id, and in another folder if *root* is given."""
        chunks = tuple(
            replace(chunk, doc_id=doc_id, chunk_id=chunk_id(doc_id, chunk.start, chunk.end))
            for chunk in self.chunks
        )
        document = replace(self.document, doc_id=doc_id)
        return replace(self, document=document, chunks=chunks, root=self.root if root is None else root)

    def record(self, first: int) -> Record:
        """Return what the index lists of the document, its passages numbered from *first*."""
        document = self.document
        spans = [(each.start, each.end, intern(each.lang), each.heading) for each in self.chunks]
        return Record(
            first,
            document.doc_id,
            self.root,
            document.title,
            document.lang,
            document.date,
            document.sha256,
            document.boilerplate,
            document.author,
            document.pages,
            document.left_out,
            tuple(Passage(*span) for span in spans),
        )


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
