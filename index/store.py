"""The writer of an index: one at a time, one transaction a step, nothing acknowledged lost.

Decides when a change is on the disk, and who may write. What the rows look like is
for `rag.index.schema`, the FAISS file for `rag.index.cache`; which documents
changed is for `rag.index.ingest`.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import IndexBusy, IndexDamaged, IndexMismatch, RagError
from rag.index import cache, lexical
from rag.index.database import DOCUMENT_TABLES, STORE, Database, open_writable, refused
from rag.index.dense import Transform
from rag.index.entry import Entry, Known, check
from rag.index.schema import (
    Identity,
    Record,
    Root,
    State,
    check_header,
    create,
    is_blank,
    read_records,
    read_roots,
    read_state,
    read_text,
    require,
    write_record,
    write_root,
    write_state,
)
from rag.text.characters import tokens
from rag.types import Document

if TYPE_CHECKING:
    from rag.index.folder import Problem

__all__ = ["Entry", "Identity", "Transform", "Writer", "locked", "open_writer"]


class Writer:
    """Changes an index. A context manager; `open_writer` makes it.

    When `put`, `move` or `remove` returns, the change is on the disk and whoever
    opens a snapshot sees it; `publish` at the end of a run makes opening fast.
    After an error the writer stands where it stood before the call.
    """

    def __init__(self, database: Database, lock: int, state: State, transform: Transform) -> None:
        self._database = database
        self._lock = lock
        self._state = state
        self._transform = transform
        self._records = {record.doc_id: record for record in read_records(database, state)}
        self._roots = {root.path: root for root in read_roots(database, state)}
        self._next = max((record.after for record in self._records.values()), default=1)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the next writer in."""
        if not self._state.lexicon:
            with suppress(RagError):  # then the next writer makes the lexicon anew
                self._save(replace(self._state, lexicon=lexical.digest(self._database.rows)))
        self._database.close()
        os.close(self._lock)

    def known(self) -> Mapping[str, Known]:
        """Return what is indexed, by document id."""
        return {doc_id: Known(record.sha256, record.root) for doc_id, record in self._records.items()}

    def documents(self) -> Iterator[Document]:
        """Yield the indexed documents with their text, one in memory at a time, in order of id."""
        for doc_id in sorted(self._records):
            yield self.document(doc_id)

    def document(self, doc_id: str) -> Document:
        """Return an indexed document with its text."""
        record = self._records[doc_id]
        return record.document(read_text(self._database, record))

    @property
    def path(self) -> Path:
        """Folder of the index, absolute."""
        return self._database.path.resolve()

    @property
    def is_settled(self) -> bool:
        """False if a run was ended before it had masked again what its documents changed in others."""
        return self._state.settled

    def roots(self) -> Mapping[str, str]:
        """Return the indexed folders with the prefix of their document ids."""
        return {root.path: root.prefix for root in self._roots.values()}

    def add_root(self, path: str, prefix: str) -> None:
        """Remember an indexed folder. Its prefix cannot change: document ids hold it."""
        if path in self._roots:
            raise ValueError(f"The folder {path!r} is in the index already.")
        self._save_root(Root(path, prefix))

    def problems(self, root: str) -> Sequence["Problem"]:
        """Return what the runs over a folder could not read, or not for sure."""
        return self._roots[root].problems

    def set_problems(self, root: str, problems: Sequence["Problem"]) -> None:
        """Remember what the last run over a folder could not read, in place of the run before."""
        changed = replace(self._roots[root], problems=tuple(problems))
        if changed != self._roots[root]:
            self._save_root(changed)

    def _save_root(self, root: Root) -> None:
        roots = self._roots | {root.path: root}
        state = replace(self._state, roots=len(roots), updated=_now())
        with self._database.transaction():
            write_root(self._database, list(roots).index(root.path), root)
            write_state(self._database, state)
        self._roots, self._state = roots, state

    def relocate(self, old: str, new: str) -> None:
        """Say that the folder *old* is at *new* now; its documents keep their ids."""
        with self._changing() as records:
            for doc_id, record in records.items():
                if record.root == old:
                    records[doc_id] = replace(record, root=new)
                    write_record(self._database, records[doc_id])
            roots = {new if path == old else path: root for path, root in self._roots.items()}
            roots[new] = replace(roots[new], path=new)
            write_root(self._database, list(roots).index(new), roots[new])
        self._roots = roots

    def forget(self, root: str) -> None:
        """Remove a folder and its documents."""
        kept = [each for each in self._roots.values() if each.path != root]
        with self._changing(roots=len(kept)) as records:
            for doc_id in [doc_id for doc_id, record in records.items() if record.root == root]:
                self._erase(records, doc_id)
            self._database.delete("roots", 0, len(self._roots))
            for number, each in enumerate(kept):
                write_root(self._database, number, each)
        self._roots = {each.path: each for each in kept}

    def put(self, entries: Sequence[Entry]) -> None:
        """Add documents, or replace those of the same id, all or none.

        Raises:
            ValueError: Chunks and vectors do not fit their document; the message names it.
            StoreFull: The disk refused it.
        """
        for entry in entries:
            check(entry, self._state.identity.dim)
        if entries:
            with self._changing() as records:
                for entry in entries:
                    self._erase(records, entry.document.doc_id)
                    records[entry.document.doc_id] = self._insert(entry)

    def move(self, old: str, new: str, root: str | None = None) -> None:
        """Give a document another id, and with it its passages; *root* if the folder is another.

        Raises:
            ValueError: There is no *old*, or there is a *new*.
        """
        if old not in self._records or new in self._records:
            raise ValueError(f"Cannot move {old!r} to {new!r}: the first must be indexed, the second not.")
        with self._changing() as records:
            record = records.pop(old)
            moved = replace(record, doc_id=new, root=record.root if root is None else root)
            write_record(self._database, moved)
            records[new] = moved

    def remove(self, doc_ids: Sequence[str]) -> None:
        """Remove documents, all or none; ids that are not indexed are none already."""
        present = [doc_id for doc_id in dict.fromkeys(doc_ids) if doc_id in self._records]
        if present:
            with self._changing() as records:
                for doc_id in present:
                    self._erase(records, doc_id)

    def publish(self) -> int:
        """Write the FAISS file if it is not current, drop older ones, and return the generation.

        Raises:
            StoreFull: The disk refused the file; all documents are safe.
        """
        is_current = cache.is_current(self._database.path, self._state, self._transform)
        if not (is_current and self._state.settled):
            self._publish()
        cache.remove_others(self._database.path, self._state.generation)
        return self._state.generation

    def _publish(self) -> None:
        records = sorted(self._records.values(), key=lambda record: record.doc_id)
        index = cache.build(self._database, records, self._state.identity.dim, self._transform)
        generation = self._state.generation
        digest = cache.write(self._database.path, generation, index)
        dense = (generation, self._transform.name, digest)
        lexicon = self._state.lexicon or lexical.digest(self._database.rows)
        self._save(replace(self._state, lexicon=lexicon, dense=dense, settled=True, updated=_now()))
        # Readers with a snapshot open keep the log from being emptied; passive does not wait for them.
        self._database.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def _save(self, state: State) -> None:
        with self._database.transaction():
            write_state(self._database, state)
        self._state = state

    def _insert(self, entry: Entry) -> Record:
        document, first = entry.document, self._next
        record = entry.record(first)
        write_record(self._database, record)
        self._database.write("texts", first, document.text.encode())
        vectors = np.ascontiguousarray(entry.vectors, "<f4")
        rows = zip(entry.chunks, vectors, entry.signs, strict=True)
        for number, (chunk, vector, signs) in enumerate(rows, start=first):
            terms = lexical.pack(tokens(f"{document.title}\n{chunk.heading}\n{chunk.text}"))
            self._database.write("terms", number, terms)
            self._database.write("vectors", number, vector.tobytes())
            self._database.write("signs", number, signs)
            lexical.add(self._database.rows, number, terms)
        self._next = record.after
        return record

    def _erase(self, records: dict[str, Record], doc_id: str) -> None:
        record = records.pop(doc_id, None)
        if record is None:
            return
        numbers = list(range(record.first, record.first + len(record.passages)))
        for number, terms in self._database.read("terms", numbers):
            lexical.remove(self._database.rows, number, terms)
        for table in DOCUMENT_TABLES:
            self._database.delete(table, record.first, record.after)

    @contextmanager
    def _changing(self, roots: int | None = None) -> Iterator[dict[str, Record]]:
        """Run one transaction; what it does to the yielded records holds once it is committed."""
        records = dict(self._records)
        with self._database.transaction():
            yield records
            state = replace(
                self._state,
                generation=self._state.generation + 1,
                settled=False,
                roots=self._state.roots if roots is None else roots,
                documents=len(records),
                passages=sum(len(record.passages) for record in records.values()),
                # To read it whole in each of many steps would take the square of their number.
                lexicon="",
            )
            write_state(self._database, state)
        self._records, self._state = records, state


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def open_writer(path: Path, identity: Identity, transform: Transform, *, rebuild: bool = False) -> Writer:
    """Open the index in *path* for writing; make it if there is none.

    Args:
        rebuild: Begin with no documents. Indexed folders are remembered, unless
            the store is damaged or of another format; then it is replaced.

    Raises:
        IndexBusy: Another process is writing it.
        IndexMismatch: It was built under another identity.
        IndexDamaged: It is not what was written.
        StoreFull: The folder cannot be written to.
    """
    lock = locked(path)
    try:
        try:
            return _opened(path, lock, identity, transform, rebuild=rebuild)
        except (IndexDamaged, IndexMismatch):
            if not rebuild:
                raise
            _discard(path)
            return _opened(path, lock, identity, transform, rebuild=rebuild)
    except BaseException:
        os.close(lock)
        raise


def locked(path: Path) -> int:
    """Take the lock of the index, which the kernel gives back when the process dies."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise refused(path, exc) from exc
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(lock)
        raise IndexBusy(
            f"Another process is writing the index in {str(path)!r}. Run the command again when it is done."
        ) from exc
    return lock


def _opened(path: Path, lock: int, identity: Identity, transform: Transform, *, rebuild: bool) -> Writer:
    database = open_writable(path)
    try:
        if is_blank(database):
            with database.transaction():
                create(database, identity)
        check_header(database)
        _check_structure(database)
        state = read_state(database)
        if rebuild:
            state = _emptied(database, state, identity)
        require(state, identity, database)
        if not state.lexicon:
            state = _lexicon_anew(database, state)
        return Writer(database, lock, state, transform)
    except BaseException:
        database.close()
        raise


def _check_structure(database: Database) -> None:
    """Raise when the pages of the file contradict each other: writing would make it worse."""
    found = database.rows("PRAGMA quick_check(1)")
    if found != [("ok",)]:
        raise database.damaged(str(found[0][0]))


def _emptied(database: Database, state: State, identity: Identity) -> State:
    """Remove all documents in one transaction: readers see the old index or the empty one."""
    with database.transaction():
        for table in DOCUMENT_TABLES:
            database.rows(f"DELETE FROM {table}")  # noqa: S608 (our own names)
        lexical.clear(database.rows)
        lexical.flush(database.rows)
        emptied = State(
            identity,
            generation=state.generation + 1,
            roots=state.roots,
            lexicon=lexical.digest(database.rows),
        )
        write_state(database, emptied)
    return emptied


def _lexicon_anew(database: Database, state: State) -> State:
    """Make the lexicon of a run that was ended, from the terms: it has no seal, they have theirs."""
    with database.transaction():
        lexical.clear(database.rows)
        for number, terms in database.read("terms"):
            lexical.add(database.rows, number, terms)
        lexical.flush(database.rows)
        state = replace(state, lexicon=lexical.digest(database.rows))
        write_state(database, state)
    return state


def _discard(path: Path) -> None:
    # The database first: SQLite would merge the log of a dead one into a new one.
    for suffix in ("", "-wal", "-shm"):
        (path / f"{STORE}{suffix}").unlink(missing_ok=True)
