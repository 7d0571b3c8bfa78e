"""A file that is read, cut and embedded before anybody holds the writer of the index.

A long document takes minutes to embed and a moment to store: prepared here, it
keeps no other waiting. What was prepared is used only where it fits what the run
itself finds; the rest is made anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.index.chunk import chunks, embedded_text
from rag.index.load import Problem, Source, load
from rag.index.reading import Options
from rag.index.schema import chunk_id
from rag.protocols import Embedder
from rag.types import Chunk, Document, Matrix, Vector

__all__ = ["Ahead", "Remembering", "prepared"]

Told = Callable[[int, int], None]
"""Called with (passages done, total) between two slices; total is 0 while the file is still being cut.

What it raises ends the work.
"""

_SLICE = 64


@dataclass(frozen=True, slots=True)
class Ahead:
    """A file, made ready.

    Attributes:
        document: None if the file cannot be read; `problems` say why, or what was unsure.
        chunks: Its passages, if nothing of it is masked on account of other documents.
        made: The vector and the signs of each text that is embedded for them, by text and language.
        size: About how many bytes of memory all that takes.
    """

    document: Document | None
    problems: tuple[Problem, ...]
    chunks: tuple[Chunk, ...] = ()
    made: Mapping[tuple[str, str], tuple[Vector, bytes]] | None = None
    size: int = 0

    def named(self, doc_id: str) -> tuple[Document | None, tuple[Problem, ...]]:
        """Return document and problems under the id that the index gives them."""
        document = replace(self.document, doc_id=doc_id) if self.document else None
        problems = (Problem(doc_id, each.reason, each.fatal) for each in self.problems)
        return document, tuple(problems)

    def passages(self, document: Document) -> list[Chunk] | None:
        """Return the passages of *document*, None if it is not the one that was cut."""
        if self.document is None or replace(self.document, doc_id=document.doc_id) != document:
            return None
        name = document.doc_id
        return [
            replace(each, doc_id=name, chunk_id=chunk_id(name, each.start, each.end)) for each in self.chunks
        ]


class Remembering:
    """An embedder that need not embed again what was made ahead."""

    def __init__(self, embedder: Embedder, ahead: Sequence[Ahead]) -> None:
        self._embedder = embedder
        self._made = [each.made for each in ahead if each.made]
        self.dim: int = embedder.dim
        self.fingerprint: str = embedder.fingerprint
        self.max_tokens: int = embedder.max_tokens
        self.count_tokens: Callable[[Sequence[str]], list[int]] = embedder.count_tokens
        self.embed_passages: Callable[[Sequence[str]], Matrix] = embedder.embed_passages
        self.embed_query: Callable[[str], Vector] = embedder.embed_query
        self.read_query: Callable[[str, str], tuple[Vector, Matrix]] = embedder.read_query

    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        """Return what the embedder gives, now or then."""
        keys = list(zip(texts, langs, strict=True))
        known = {key: made[key] for key in keys for made in self._made if key in made}
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        if missing:
            rows, signs = self._embedder.read_passages(*_unzipped(missing))
            known |= dict(zip(missing, zip(rows, signs, strict=True), strict=True))
        vectors = np.array([known[key][0] for key in keys], np.float32).reshape(len(keys), self.dim)
        return vectors, [known[key][1] for key in keys]


def prepared(source: Source, embedder: Embedder, options: Options, told: Told) -> Ahead:
    """Read *source* and embed its passages, a slice at a time."""
    told(0, 0)
    [(_, document, problems)] = load([source], options)
    if document is None:
        return Ahead(None, problems)

    def counted(texts: Sequence[str]) -> list[int]:
        told(0, 0)
        return embedder.count_tokens(texts)

    found = tuple(chunks(document, counted, embedder.max_tokens))
    keys = [(embedded_text(document.title, chunk), chunk.lang) for chunk in found]
    made: dict[tuple[str, str], tuple[Vector, bytes]] = {}
    for start in range(0, len(keys), _SLICE):
        told(start, len(keys))
        part = keys[start : start + _SLICE]
        rows, signs = embedder.read_passages(*_unzipped(part))
        made |= dict(zip(part, zip(rows, signs, strict=True), strict=True))
    told(len(keys), len(keys))
    # A character takes up to four bytes, and stands in the document, in its passage and in what is embedded.
    passages = sum(vector.nbytes + len(signs) for vector, signs in made.values())
    return Ahead(document, problems, found, made, 12 * len(document.text) + passages)


def _unzipped(keys: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [text for text, _ in keys], [lang for _, lang in keys]
