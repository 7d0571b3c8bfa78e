"""A searchable view of an index that stays what it was when it was opened.

Implements `rag.protocols.Index` over SQLite and FAISS. Decides which passages a
`Where` admits and in which order equals come: reading order, by document id and
place, so that an answer does not depend on the history of the index.

The view is one SQLite read transaction, open until `close`. A writer goes on
undisturbed; SQLite only cannot empty its log for so long, so a service should open
a new snapshot and close the old one when a generation is published.
"""

import bisect
import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.errors import LoadError
from rag.index import cache, lexical
from rag.index.database import Database, open_reader
from rag.index.dense import DenseIndex, Transform, Used
from rag.index.entry import Entry
from rag.index.schema import (
    Identity,
    Record,
    Root,
    State,
    Summary,
    check_header,
    chunk_id,
    parsed,
    read_records,
    read_roots,
    read_state,
    read_text,
    require,
)
from rag.types import Chunk, Document, Matrix, Vector, Where

__all__ = ["Snapshot", "open_snapshot", "published"]

_ANYWHERE = Where()
# Remembered at a time: as many as may be on their way at once.
_QUESTIONS = 64
_PASSAGES = 200 * _QUESTIONS


class Snapshot:
    """One generation of an index. A context manager; `open_snapshot` makes it.

    Threads may share it.
    """

    def __init__(
        self,
        database: Database,
        state: State,
        records: Sequence[Record],
        roots: Sequence[Root],
        transform: Transform,
    ) -> None:
        self._database = database
        self._state = state
        self._roots = tuple(roots)
        self._transform = transform
        self._records = sorted(records, key=lambda record: record.doc_id)
        self._places = {record.doc_id: place for place, record in enumerate(self._records)}
        # Row i of the snapshot is the i-th passage in reading order; the passages of
        # document d are the rows from _starts[d] on.
        counts = [len(record.passages) for record in self._records]
        self._starts = np.cumsum([0, *counts])
        firsts = np.repeat(np.array([record.first for record in self._records], np.int64), counts)
        self._numbers = firsts + np.arange(len(firsts)) - np.repeat(self._starts[:-1], counts)
        self._by_number = np.argsort(self._numbers)
        self._dense: DenseIndex | None = None
        self._loading = threading.Lock()
        self._last: tuple[Where, Used | None] = (_ANYWHERE, None)
        # Both `lexical` and `idf` need them, for the same question.
        self._frequencies = lru_cache(_QUESTIONS)(partial(lexical.frequencies, database.rows))
        # Each passage of a question is looked up for its language, its tokens and its text.
        self._located = lru_cache(_PASSAGES)(self._locate)

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the generation."""
        self._database.close()

    @property
    def generation(self) -> int:
        """Counts the committed changes of the index: one generation, one content."""
        return self._state.generation

    @property
    def identity(self) -> Identity:
        """What the index was built with."""
        return self._state.identity

    @property
    def updated(self) -> str:
        """When a run last changed the index, ISO 8601 in UTC; empty if none has ended."""
        return self._state.updated

    @property
    def roots(self) -> tuple[Root, ...]:
        """The indexed folders with the problems of their last runs."""
        return self._roots

    def __len__(self) -> int:
        """Count the passages."""
        return len(self._numbers)

    @property
    def document_count(self) -> int:
        """Count the documents."""
        return len(self._records)

    def documents(self) -> list[Summary]:
        """Return all documents without their texts, in order of id."""
        return [record.summary() for record in self._records]

    def document(self, doc_id: str) -> Document:
        """Return a document with its text.

        Raises:
            LoadError: It is not in the index.
            IndexDamaged: Its text is not what was written.
        """
        record = self._record(doc_id)
        return record.document(read_text(self._database, record))

    def source(self, doc_id: str) -> Path:
        """Return where the file of a document was when it was indexed. Raises `LoadError` when unknown."""
        record = self._record(doc_id)
        prefix = next(root.prefix for root in self._roots if root.path == record.root)
        root = Path(record.root)
        return root if root.is_file() else root / doc_id.removeprefix(prefix)

    def title(self, doc_id: str) -> str:
        """Return the title of a document. Raises `LoadError` when unknown."""
        return self._record(doc_id).title

    def langs(self, chunk_ids: Sequence[str]) -> list[str]:
        """Return the language of each passage, BCP 47. Raises as `document` does."""
        found = (self._located(name) for name in chunk_ids)
        return [record.passages[place].lang for record, place in found]

    def chunks(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """Return the passages in the order of *chunk_ids*. Raises as `document` does."""
        found = [self._located(name) for name in chunk_ids]
        firsts = list({record.first: None for record, _ in found})
        texts = {first: body.decode() for first, body in self._database.read("texts", firsts)}
        return [record.chunk(place, texts[record.first]) for record, place in found]

    def signs(self, chunk_ids: Sequence[str]) -> list[bytes]:
        """Return what is kept of the tokens of each passage. Raises as `document` does."""
        found = (self._located(name) for name in chunk_ids)
        numbers = [record.first + place for record, place in found]
        held = dict(self._database.read("signs", numbers))
        return [held[number] for number in numbers]

    def vectors(self) -> tuple[Matrix, list[str]]:
        """Return all vectors as stored, in reading order, and the language of each."""
        return cache.vectors(self._database, self._records, self._state.identity.dim)

    def entries(self) -> Iterator[Entry]:
        """Yield the documents as they were put, in order of id, one in memory at a time."""
        dim = self._state.identity.dim
        for record in self._records:
            numbers = list(range(record.first, record.first + len(record.passages)))
            text = read_text(self._database, record)
            chunks = tuple(record.chunk(place, text) for place in range(len(numbers)))
            rows = b"".join(body for _, body in self._database.read("vectors", numbers))
            signs = tuple(body for _, body in self._database.read("signs", numbers))
            vectors = np.frombuffer(rows, "<f4").reshape(-1, dim)
            yield Entry(record.document(text), chunks, vectors, signs, record.root)

    def dense(self, vector: Vector, k: int, where: Where = _ANYWHERE) -> list[tuple[str, float]]:
        """Return the *k* nearest ``(chunk_id, inner product)``, best first.

        Fewer only when fewer passages satisfy *where*.
        """
        found = self._vectors().search(vector, k, self._used_by(where))
        names = self._chunk_ids([row for row, _ in found])
        return [(name, score) for name, (_, score) in zip(names, found, strict=True)]

    def lexical(self, tokens: Sequence[str], k: int, where: Where = _ANYWHERE) -> list[tuple[str, float]]:
        """Return the *k* best ``(chunk_id, BM25)``, higher is better, best first.

        Fewer only when fewer passages satisfy *where* and hold one of *tokens*.
        """
        counts = self._frequencies(tuple(tokens))
        held = sum(map(bool, counts.values()))
        for rounds in itertools.count(1):
            chosen = lexical.worthwhile(counts, rounds)
            rows, scores = self._lexical(chosen, where)
            if len(rows) >= k or len(chosen) == held:
                break
        best = np.lexsort((rows, -scores))[:k]
        return list(zip(self._chunk_ids(rows[best].tolist()), scores[best].tolist(), strict=True))

    def idf(self, tokens: Sequence[str]) -> Mapping[str, float]:
        """Return ``ln((N + 1) / (df + 0.5))`` of each distinct token, N passages, df of which hold it."""
        counts = self._frequencies(tuple(tokens))
        return {token: lexical.idf(count, len(self)) for token, count in counts.items()}

    def matches(self, tokens: Sequence[str], chunk_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Return which of *tokens* each passage holds, in its text, heading or title."""
        found = [self._located(name) for name in chunk_ids]
        numbers = {record.first + place: name for name, (record, place) in zip(chunk_ids, found, strict=True)}
        return {
            numbers[number]: lexical.held(body, tokens)
            for number, body in self._database.read("terms", list(numbers))
        }

    def _vectors(self) -> DenseIndex:
        with self._loading:
            if self._dense is None:
                self._dense = cache.load(self._database, self._state, self._records, self._transform)
            return self._dense

    def _lexical(
        self, tokens: Sequence[str], where: Where
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the rows that may be found and hold one of *tokens*, with their scores."""
        numbers, scores = lexical.search(self._database.rows, tokens)
        rows = self._by_number[np.searchsorted(self._numbers, numbers, sorter=self._by_number)]
        used = self._used_by(where)
        return (rows, scores) if used is None else (rows[used[rows]], scores[used[rows]])

    def _used_by(self, where: Where) -> Used | None:
        """Return which rows *where* admits, None for all; the last answer is kept for the other leg."""
        if where == _ANYWHERE:
            return None
        known, used = self._last
        if known != where:
            used = np.fromiter(self._admitted(where), np.bool_, count=len(self))
            self._last = (where, used)
        return used

    def _admitted(self, where: Where) -> Iterator[bool]:
        for record in self._records:
            is_admitted = _admits_document(where, record)
            for passage in record.passages:
                yield is_admitted and _admits_lang(where, passage.lang)

    def _record(self, doc_id: str) -> Record:
        try:
            return self._records[self._places[doc_id]]
        except KeyError:
            raise LoadError(doc_id, "is not in the index. See what is with: rag status") from None

    def _locate(self, name: str) -> tuple[Record, int]:
        """Return the document of a passage, and its place in it."""
        if found := parsed(name):
            doc_id, start, end = found
            record = self._record(doc_id)
            place = bisect.bisect_left(record.passages, (start, end))
            if place < len(record.passages) and record.passages[place][:2] == (start, end):
                return record, place
        raise LoadError(name, "is no passage of the index. See what is with: rag status")

    def _chunk_ids(self, rows: Sequence[int]) -> list[str]:
        names = []
        owners = np.searchsorted(self._starts, rows, side="right") - 1
        for row, owner, first in zip(rows, owners.tolist(), self._starts[owners].tolist(), strict=True):
            record = self._records[owner]
            start, end, _, _ = record.passages[row - first]
            names.append(chunk_id(record.doc_id, start, end))
        return names


def _admits_document(where: Where, record: Record) -> bool:
    if where.docs and record.doc_id not in where.docs:
        return False
    if where.folders and not any(_is_below(record.doc_id, folder) for folder in where.folders):
        return False
    if where.since is None and where.until is None:
        return True
    return record.date is not None and (where.since or date.min) <= record.date <= (where.until or date.max)


def _is_below(doc_id: str, folder: str) -> bool:
    """Tell whether a document lies in *folder*; "notes" does not hold "notes-old/a.md"."""
    return doc_id.startswith(f"{folder.rstrip('/')}/") or not folder.strip("/")


def _admits_lang(where: Where, lang: str) -> bool:
    """Tell whether a language is asked for; "zh" asks for "zh-Hant" too (RFC 4647, basic filtering)."""
    return not where.langs or any(
        f"{lang}-".casefold().startswith(f"{wanted}-".casefold()) for wanted in where.langs
    )


def open_snapshot(path: Path, identity: Identity | None, transform: Transform) -> Snapshot:
    """Open the index in *path* for searching, on a read-only disk as well.

    Args:
        identity: What the index must have been built with; None takes any.
        transform: What is done to the stored vectors before they are searched.

    Raises:
        IndexMissing: There is none.
        IndexMismatch: It was built under another identity or has another format.
        IndexDamaged: It is not what was written.
        LoadError: It may not be read.
    """
    database = open_reader(path)
    try:
        check_header(database)
        state = read_state(database)
        if identity is not None:
            require(state, identity, database)
        records = read_records(database, state)
        return Snapshot(database, state, records, read_roots(database, state), transform)
    except BaseException:
        database.close()
        raise


def published(path: Path) -> State | None:
    """Return the state of the index in *path*, None while a writer is between two publications."""
    database = open_reader(path)
    try:
        check_header(database)
        state = read_state(database)
    finally:
        database.close()
    return state if state.dense and state.dense[0] == state.generation else None
