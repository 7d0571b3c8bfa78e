"""A generation of an index on a Milvus server, to be searched: `rag.protocols.Index` without a folder.

Nothing is held here but the statistics of the tokens and the passages that were asked for last, so a service
needs as much memory for a billion passages as for a thousand. The engine chooses candidates, some more than
are wanted; their scores are computed again here, in the arithmetic of the SQLite index, and so is their
order where they are equal. A view stays what it was for `KEPT_S` after another generation came.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import IndexDamaged, IndexMismatch, LoadError
from rag.index import lexical
from rag.index.dense import Transform
from rag.index.engines import sparse
from rag.index.engines.connection import MOST, Address, Connection
from rag.index.engines.expressions import admitted, alive, key
from rag.index.engines.passages import KEPT, NAMED, SHOWN, Shown, named, raw, shown
from rag.index.engines.tables import Head, Tables
from rag.index.engines.vocabulary import Vocabulary
from rag.index.entry import Entry
from rag.index.schema import Identity, Record, Root, Summary, chunk_id, parsed
from rag.types import Chunk, Document, Matrix, Vector, Where

__all__ = ["MilvusView", "open_view", "published", "required"]

_ANYWHERE = Where()
_STATUS = "See what is with: rag status"
# Passages that are remembered, each with about 15 KB, and numbers of passages, each with about 200 bytes.
_REMEMBERED, _NUMBERED = 2_000, 100_000
# Candidates beyond k, from which exact scores choose. Stored BM25 weights are those of the mean
# length of a passage when they were written.
_SPARE_DENSE, _SPARE_LEXICAL = 8, 100
# float32 sums of 384 products in another order differ by about 1e-7 of the norms.
_ROUNDING = 1e-5
_DOCUMENTS, _NAMED = 16, 64


class MilvusView:
    """One generation. A context manager; `open_view` makes it. Threads may share it."""

    def __init__(self, tables: Tables, head: Head, roots: Sequence[Root]) -> None:
        self._tables = tables
        self._head = head
        self._roots = tuple(roots)
        self._passages = tables.passages(head.build)
        self._alive = alive(head.generation)
        self._numbers: dict[str, int] = {}
        self._shown: dict[str, Shown] = {}
        self._titles: dict[str, str] = {}

    def __enter__(self) -> "MilvusView":
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the server."""
        self._tables.connection.close()

    @property
    def generation(self) -> int:
        """Counts the committed changes of the index: one generation, one content."""
        return self._head.generation

    @property
    def identity(self) -> Identity:
        """What the index was built with."""
        return self._head.identity

    @property
    def updated(self) -> str:
        """When a run last changed the index, ISO 8601 in UTC; empty if none has ended."""
        return self._head.updated

    @property
    def roots(self) -> tuple[Root, ...]:
        """The indexed folders with the problems of their last runs."""
        return self._roots

    def __len__(self) -> int:
        """Count the passages."""
        return self._head.passages

    @property
    def document_count(self) -> int:
        """Count the documents."""
        return self._head.documents

    def documents(self) -> list[Summary]:
        """Return all documents without their texts, in order of id."""
        return [record.summary() for record in self._records]

    def document(self, doc_id: str) -> Document:
        """Return a document with its text. Raises `LoadError` when unknown."""
        record = self._record(doc_id)
        return record.document(self._tables.texts(self._head, [record])[record.first])

    def source(self, doc_id: str) -> Path:
        """Return where the file of a document was when it was indexed. Raises `LoadError` when unknown."""
        record = self._record(doc_id)
        prefix = next(root.prefix for root in self._roots if root.path == record.root)
        root = Path(record.root)
        return root if root.is_file() else root / doc_id.removeprefix(prefix)

    def title(self, doc_id: str) -> str:
        """Return the title of a document. Raises `LoadError` when unknown."""
        return self._titles.get(doc_id) or self._record(doc_id).title

    def langs(self, chunk_ids: Sequence[str]) -> list[str]:
        """Return the language of each passage, BCP 47. Raises `LoadError` when one is unknown."""
        return [each.chunk.lang for each in self._found(chunk_ids)]

    def chunks(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """Return the passages in the order of *chunk_ids*. Raises `LoadError` when one is unknown."""
        return [each.chunk for each in self._found(chunk_ids)]

    def signs(self, chunk_ids: Sequence[str]) -> list[bytes]:
        """Return what is kept of the tokens of each passage. Raises `LoadError` when one is unknown."""
        return [each.signs for each in self._found(chunk_ids)]

    def matches(self, tokens: Sequence[str], chunk_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Return which of *tokens* each passage holds, in its text, heading or title."""
        found = zip(chunk_ids, self._found(chunk_ids), strict=True)
        return {name: lexical.held(each.terms, tokens) for name, each in found}

    def idf(self, tokens: Sequence[str]) -> Mapping[str, float]:
        """Return ``ln((N + 1) / (df + 0.5))`` of each distinct token, N passages, df of which hold it."""
        counts = self._vocabulary.frequencies(tokens)
        return {token: lexical.idf(count, len(self)) for token, count in counts.items()}

    def vectors(self) -> tuple[Matrix, list[str]]:
        """Return all vectors as the embedder gave them, and the language of each, in reading order."""
        entries = list(self.entries())
        rows = [np.zeros((0, self._head.identity.dim), np.float32), *(each.vectors for each in entries)]
        return np.concatenate(rows), [chunk.lang for each in entries for chunk in each.chunks]

    def entries(self) -> Iterator[Entry]:
        """Yield the documents as they were put, in order of id, a few in memory at a time."""
        for start in range(0, len(self._records), _DOCUMENTS):
            records = self._records[start : start + _DOCUMENTS]
            texts = self._tables.texts(self._head, records)
            for record in records:
                yield self._entry(record, texts[record.first])

    def entry(self, record: Record) -> Entry:
        """Return one document as it was put."""
        return self._entry(record, self._tables.texts(self._head, [record])[record.first])

    def dense(self, vector: Vector, k: int, where: Where = _ANYWHERE) -> list[tuple[str, float]]:
        """Return the *k* nearest ``(chunk_id, inner product)``, best first.

        Fewer only when fewer passages satisfy *where*, or when *k* is more than the server gives.

        Raises:
            ValueError: The vector has another length or is not finite.
        """
        dim = self._head.identity.dim
        if vector.shape != (dim,) or not np.isfinite(vector).all():
            raise ValueError(
                f"The question vector has shape {vector.shape!r}; ({dim},) finite numbers are needed."
            )
        take = k + _SPARE_DENSE
        while True:
            rows = self._search("dense", vector, take, where, "dense")
            matrix = np.array([row["dense"] for row in rows], np.float32).reshape(-1, dim)
            scores: list[float] = (matrix.astype(np.float64) * vector).sum(axis=1).tolist()
            best = self._best(rows, scores, k)
            is_certain = len(rows) < min(take, MOST) or best[-1][1] - min(scores) > _ROUNDING
            if is_certain or take >= MOST:
                return best
            take *= 2

    def lexical(self, tokens: Sequence[str], k: int, where: Where = _ANYWHERE) -> list[tuple[str, float]]:
        """Return the *k* best ``(chunk_id, BM25)``, higher is better, best first.

        Fewer only when fewer passages satisfy *where* and hold one of *tokens*.
        """
        counts = self._vocabulary.frequencies(tokens)
        held, rounds = sum(map(bool, counts.values())), 1
        while held:
            chosen = {token: counts[token] for token in lexical.worthwhile(counts, rounds)}
            found = self._scored(chosen, k, where)
            if len(found) >= k or len(chosen) == held:
                return found
            rounds += 1
        return []

    def _scored(self, counts: Mapping[str, int], k: int, where: Where) -> list[tuple[str, float]]:
        vector = sparse.question(counts, len(self))
        rows = self._search("sparse", vector, 2 * k + _SPARE_LEXICAL, where, "body")
        terms = [shown(row).terms.decode().split() for row in rows]
        scores = [sparse.bm25(counts, each, len(self), self._head.mean) for each in terms]
        kept = [place for place, each in enumerate(terms) if not counts.keys().isdisjoint(each)]
        return self._best([rows[place] for place in kept], [scores[place] for place in kept], k)

    def _search(
        self, field: str, vector: object, limit: int, where: Where, more: str
    ) -> list[dict[str, Any]]:
        """Return the candidates with `NAMED` and the field *more*."""
        condition = " and ".join([self._alive, *admitted(where)])
        rows = self._tables.connection.search(self._passages, field, vector, limit, condition, [*NAMED, more])
        if len(self._numbers) > _NUMBERED:
            self._numbers.clear()
        self._numbers.update({chunk_id(*named(row)): int(row["number"]) for row in rows})
        return rows

    def _best(
        self, rows: Sequence[Mapping[str, Any]], scores: Sequence[float], k: int
    ) -> list[tuple[str, float]]:
        """Return the best *k*; equal ones come in reading order."""
        ranked = sorted(zip((-score for score in scores), map(named, rows), strict=True))
        return [(chunk_id(*place), -score) for score, place in ranked[:k]]

    def _found(self, chunk_ids: Sequence[str]) -> list[Shown]:
        """Return passages, those that are not remembered in one call."""
        known = {name: each for name in chunk_ids if (each := self._shown.get(name))}
        missing = [name for name in dict.fromkeys(chunk_ids) if name not in known]
        numbers = [number for name in missing if (number := self._numbers.get(name))]
        rows = list(self._tables.connection.numbered(self._passages, numbers, SHOWN))
        rows += self._looked_up([name for name in missing if name not in self._numbers])
        fresh = {each.chunk.chunk_id: each for each in map(self._read, rows)}
        if lost := [name for name in missing if name not in fresh]:
            raise LoadError(lost[0], f"is no passage of the index. {_STATUS}")
        if len(self._shown) + len(fresh) > _REMEMBERED:
            self._shown.clear()
            self._titles.clear()
        self._shown.update(fresh)
        self._titles.update({each.chunk.doc_id: each.title for each in fresh.values()})
        return [(known | fresh)[name] for name in chunk_ids]

    def _looked_up(self, chunk_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Find passages that no search of this view has found: their names may come from anywhere."""
        places = [
            f'(doc == "{key(doc_id)}" and start == {start} and stop == {end})'
            for doc_id, start, end in filter(None, map(parsed, chunk_ids))
        ]
        for first in range(0, len(places), _NAMED):
            named_here = " or ".join(places[first : first + _NAMED])
            yield from self._tables.connection.query(
                self._passages, f"{self._alive} and ({named_here})", SHOWN
            )

    def _read(self, row: Mapping[str, Any]) -> Shown:
        try:
            return shown(row)
        except ValueError as exc:
            raise self._tables.damaged(str(exc)) from exc

    def _entry(self, record: Record, text: str) -> Entry:
        """Return a document as it was put."""
        numbers = range(record.first, record.first + len(record.passages))
        rows = {row["number"]: row for row in self._tables.connection.numbered(self._passages, numbers, KEPT)}
        if len(rows) != len(numbers):
            raise self._tables.damaged(f"passages of {record.doc_id!r} are missing")
        vectors = [raw(rows[number]) for number in numbers]
        chunks = tuple(record.chunk(place, text) for place in range(len(numbers)))
        if chunks != tuple(self._read(rows[number]).chunk for number in numbers):
            raise self._tables.damaged(f"passages of {record.doc_id!r} are not those of its text")
        return Entry(
            record.document(text),
            chunks,
            np.array(vectors, np.float32).reshape(-1, self._head.identity.dim),
            tuple(self._read(rows[number]).signs for number in numbers),
            record.root,
        )

    def _record(self, doc_id: str) -> Record:
        for record in self._tables.records(self._head, [doc_id]):
            return record
        raise LoadError(doc_id, f"is not in the index. {_STATUS}")

    @cached_property
    def _records(self) -> list[Record]:
        return sorted(self._tables.records(self._head), key=lambda record: record.doc_id)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(row.body for row in self._tables.read("words", self._head))


def open_view(address: Address, identity: Identity | None, transform: Transform | None) -> MilvusView:
    """Open the generation in force for searching; from any machine that reaches the server.

    Args:
        identity: What the index must have been built with; None takes any.
        transform: What is done to vectors before they are searched; None for who does not search.

    Raises:
        IndexMissing: There is none.
        IndexMismatch: It was built under another identity, with another transform, or has another format.
        EngineUnreachable: The server is away.
    """
    tables = Tables(Connection(address))
    try:
        head, roots = _settled(tables)
        if identity is not None:
            required(head, identity, transform, address)
        tables.connection.load(tables.passages(head.build))
        return MilvusView(tables, head, roots)
    except BaseException:
        tables.connection.close()
        raise


def _settled(tables: Tables) -> tuple[Head, list[Root]]:
    """Return the head with its folders: between reading the two a writer may have replaced both."""
    for _ in range(3):
        head = tables.head()
        try:
            return head, [root for _, root in tables.roots(head)]
        except IndexDamaged:
            continue
    return head, [root for _, root in tables.roots(head)]


def published(address: Address) -> Head | None:
    """Return the head, None while a writer is between two publications."""
    tables = Tables(Connection(address))
    try:
        head = tables.head()
    finally:
        tables.connection.close()
    return head if head.published == head.generation else None


def required(head: Head, identity: Identity, transform: Transform | None, address: Address) -> None:
    """Raise `IndexMismatch` when the index was built under another *identity* or *transform*."""
    pairs = [
        *((name, getattr(head.identity, name), getattr(identity, name)) for name in identity.__slots__),
        *([("transform", head.transform, transform.name)] if transform else []),
    ]
    for what, built, wanted in pairs:
        if built != wanted:
            remedy = (
                "rag migrate --from milvus --to milvus --rebuild"
                if what == "transform"
                else "rag index DIR --rebuild"
            )
            raise IndexMismatch(
                f"The index {address} was built with {what} {built!r}; the one in force is {wanted!r}. "
                f"Make it again with: {remedy}"
            )
