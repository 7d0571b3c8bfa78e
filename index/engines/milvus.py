"""The writer of an index on a Milvus server: one at a time, one commit a step, nothing acknowledged lost.

A commit first adds and ends rows for a generation that is not in force yet, where no reader looks, and then
puts it in force by one row (`rag.index.engines.tables`). A writer or a server that dies before that leaves
rows that the next writer removes; the generation that stood is untouched. What ended stays `KEPT_S` for the
views that were opened before.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing
from rag.index.dense import Transform
from rag.index.engines.change import Change, undo
from rag.index.engines.connection import Address, Connection
from rag.index.engines.lease import Lease
from rag.index.engines.tables import Head, Tables
from rag.index.engines.view import MilvusView, required
from rag.index.entry import Entry, Known, check
from rag.index.schema import Identity, Root, encode_root
from rag.index.store import locked
from rag.types import Document

if TYPE_CHECKING:
    from rag.index.folder import Problem

__all__ = ["KEPT_S", "MilvusWriter", "open_milvus"]

KEPT_S = 600.0
"""How long a generation can be read after the next one came."""

# Passages after which the server is asked to write out what it has; it may not be asked often.
_FLUSHED = 1_000
_DOCUMENTS = 16


class MilvusWriter:
    """Changes an index. A context manager; `open_milvus` makes it.

    When `put`, `move` or `remove` returns, the change is on the server and whoever opens a view sees it.
    After an error of the server nobody knows whether the step was done: the writer does no more, and the
    next one finds the index before or after it.
    """

    def __init__(
        self,
        folder: Path,
        tables: Tables,
        lease: Lease,
        lock: int,
        head: Head,
        transform: Transform,
        *,
        staged: bool,
    ) -> None:
        self._folder = folder
        self._staged = staged
        self._tables = tables
        self._lease = lease
        self._lock = lock
        self._head = head
        self._transform = transform
        self._records = {record.doc_id: record for record in tables.records(head)}
        self._roots = {root.path: (number, root) for number, root in tables.roots(head)}
        self._written = 0
        self._failed = False

    def __enter__(self) -> "MilvusWriter":
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the next writer in."""
        self._lease.release()
        self._tables.connection.close()
        os.close(self._lock)

    @property
    def path(self) -> Path:
        """Folder of the lock and of uploaded files, absolute."""
        return self._folder.resolve()

    def known(self) -> Mapping[str, Known]:
        """Return what is indexed, by document id."""
        return {doc_id: Known(record.sha256, record.root) for doc_id, record in self._records.items()}

    def documents(self) -> Iterator[Document]:
        """Yield the indexed documents with their text, a few in memory at a time, in order of id."""
        names = sorted(self._records)
        for start in range(0, len(names), _DOCUMENTS):
            records = [self._records[name] for name in names[start : start + _DOCUMENTS]]
            texts = self._tables.texts(self._head, records)
            for record in records:
                yield record.document(texts[record.first])

    def document(self, doc_id: str) -> Document:
        """Return an indexed document with its text."""
        record = self._records[doc_id]
        return record.document(self._tables.texts(self._head, [record])[record.first])

    @property
    def is_settled(self) -> bool:
        """False if a run was ended before it had masked again what its documents changed in others."""
        return self._head.settled

    def roots(self) -> Mapping[str, str]:
        """Return the indexed folders with the prefix of their document ids."""
        return {path: root.prefix for path, (_, root) in self._roots.items()}

    def add_root(self, path: str, prefix: str) -> None:
        """Remember an indexed folder. Its prefix cannot change: document ids hold it."""
        if path in self._roots:
            raise ValueError(f"The folder {path!r} is in the index already.")
        self._save_root(Root(path, prefix))

    def problems(self, root: str) -> Sequence["Problem"]:
        """Return what the runs over a folder could not read, or not for sure."""
        return self._roots[root][1].problems

    def set_problems(self, root: str, problems: Sequence["Problem"]) -> None:
        """Remember what the last run over a folder could not read, in place of the run before."""
        _, known = self._roots[root]
        changed = replace(known, problems=tuple(problems))
        if changed != known:
            self._save_root(changed)

    def _save_root(self, root: Root) -> None:
        with self._working():
            change = Change(self._head, self._records)
            roots = self._roots | {root.path: _added(change, root)}
            self._tables.connection.upsert(self._tables.rows, change.rows)
            self._head = self._commit(replace(change.head, roots=_numbers(roots), updated=_now()))
        self._roots = roots

    def relocate(self, old: str, new: str) -> None:
        """Say that the folder *old* is at *new* now; its documents keep their ids."""
        with self._changing() as change:
            for record in [record for record in self._records.values() if record.root == old]:
                change.rewrite(replace(record, root=new))
            moved = _added(change, replace(self._roots[old][1], path=new))
            roots = {
                new if path == old else path: moved if path == old else each
                for path, each in self._roots.items()
            }
            change.head = replace(change.head, roots=_numbers(roots))
        self._roots = roots

    def forget(self, root: str) -> None:
        """Remove a folder and its documents."""
        roots = {path: each for path, each in self._roots.items() if path != root}
        with self._changing() as change:
            for doc_id in [doc_id for doc_id, record in self._records.items() if record.root == root]:
                change.end(doc_id)
            change.head = replace(change.head, roots=_numbers(roots))
        self._roots = roots

    def put(self, entries: Sequence[Entry]) -> None:
        """Add documents, or replace those of the same id, all or none.

        Raises:
            ValueError: Chunks and vectors do not fit their document; the message names it.
            EngineUnreachable: The server is away.
        """
        for entry in entries:
            check(entry, self._head.identity.dim)
        if entries:
            with self._changing() as change:
                for entry in entries:
                    change.add(entry)

    def move(self, old: str, new: str, root: str | None = None) -> None:
        """Give a document another id, and with it its passages; *root* if the folder is another.

        Raises:
            ValueError: There is no *old*, or there is a *new*.
        """
        if old not in self._records or new in self._records:
            raise ValueError(f"Cannot move {old!r} to {new!r}: the first must be indexed, the second not.")
        entry = self._stored().entry(self._records[old]).renamed(new, root)
        with self._changing() as change:
            change.end(old)
            change.add(entry)

    def remove(self, doc_ids: Sequence[str]) -> None:
        """Remove documents, all or none; ids that are not indexed are none already."""
        present = [doc_id for doc_id in dict.fromkeys(doc_ids) if doc_id in self._records]
        if present:
            with self._changing() as change:
                for doc_id in present:
                    change.end(doc_id)

    def publish(self) -> int:
        """Let services take the generation up, clear away what nobody can read any more, and return it."""
        if self._staged or self._head.published != self._head.generation or not self._head.settled:
            with self._working():
                if self._written >= _FLUSHED:
                    self._tables.connection.flush(self._tables.passages(self._head.build))
                    self._tables.connection.flush(self._tables.rows)
                    self._written = 0
                published = replace(self._head, published=self._head.generation, settled=True, updated=_now())
                self._staged = False
                self._head = self._commit(self._cleared(published))
        return self._head.generation

    def _cleared(self, head: Head) -> Head:
        """Remove the rows that ended too long ago for any view."""
        limit = time.time() - KEPT_S
        old = [generation for generation, since in head.superseded if since < limit]
        if old:
            for collection in (self._tables.rows, self._tables.passages(head.build)):
                self._tables.connection.delete(collection, f"died > 0 and died <= {max(old) + 1}")
            kept = ", ".join(map(str, head.roots)) or "0"
            self._tables.connection.delete(self._tables.rows, f'kind == "root" and first not in [{kept}]')
        return replace(head, superseded=tuple(each for each in head.superseded if each[1] >= limit))

    def _stored(self) -> MilvusView:
        return MilvusView(self._tables, self._head, [])

    @contextmanager
    def _changing(self) -> Iterator[Change]:
        """Carry out what is done to the yielded change, as the next generation."""
        with self._working():
            before = self._head
            superseded = (*before.superseded, (before.generation, time.time()))
            head = replace(before, generation=before.generation + 1, settled=False, superseded=superseded)
            change = Change(head, dict(self._records))
            yield change
            self._head = self._commit(change.carry_out(self._tables, before, self._transform))
        self._records = change.records
        self._written += sum(len(entry.chunks) for entry, _, _ in change.entries)

    def _commit(self, head: Head) -> Head:
        self._lease.check()
        return head if self._staged else self._tables.commit(head)

    @contextmanager
    def _working(self) -> Iterator[None]:
        if self._failed:
            raise IndexBusy("The last step failed, and nobody knows how far it went. Run the command again.")
        self._lease.check()
        self._failed = True
        yield
        self._failed = False


def _added(change: Change, root: Root) -> tuple[int, Root]:
    """Make the row of a folder, and return it with its number."""
    number = change.head.next_row
    change.make("root", number, encode_root(root))
    return number, root


def _numbers(roots: Mapping[str, tuple[int, Root]]) -> tuple[int, ...]:
    return tuple(number for number, _ in roots.values())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def open_milvus(
    address: Address,
    folder: Path,
    identity: Identity,
    transform: Transform,
    *,
    rebuild: bool = False,
    staged: bool = False,
) -> MilvusWriter:
    """Open the index at *address* for writing; make it if there is none.

    Args:
        folder: Of this machine, for the lock.
        rebuild: Begin with no documents, in a new collection of passages. Indexed folders are remembered,
            unless the index is damaged or of another format.
        staged: The same, but what is there stays in force until `publish`, and for good if that never comes.

    Raises:
        IndexBusy: Another process is writing it.
        IndexMismatch: It was built under another identity or transform.
        EngineUnreachable: The server is away.
    """
    lock = locked(folder)
    connection = Connection(address)
    lease: Lease | None = None
    try:
        tables = Tables(connection)
        tables.create()
        lease = Lease(tables, folder)
        head = _prepared(tables, identity, transform, rebuild=rebuild, staged=staged)
        return MilvusWriter(folder, tables, lease, lock, head, transform, staged=staged)
    except BaseException:
        if lease:
            lease.release()
        connection.close()
        os.close(lock)
        raise


def _prepared(
    tables: Tables, identity: Identity, transform: Transform, *, rebuild: bool, staged: bool
) -> Head:
    """Return the head to go on from, once what killed writers left is gone."""
    try:
        before = tables.head()
    except IndexMissing:
        before = None
    except (IndexDamaged, IndexMismatch):
        if not (rebuild or staged):
            raise
        before = None
    if before is None or rebuild or staged:
        fresh = _begun(tables, identity, transform, before)
        return fresh if staged else tables.commit(fresh)
    required(before, identity, transform, tables.connection.address)
    for build in tables.builds():
        if build != before.build:
            tables.connection.drop(tables.passages(build))
    tables.connection.delete(tables.rows, f'build != {before.build} and kind != "root" and kind != "writer"')
    tables.connection.load(tables.passages(before.build))
    undo(tables, before)
    return before


def _begun(tables: Tables, identity: Identity, transform: Transform, before: Head | None) -> Head:
    """Make a collection of passages, and return the head that puts it in force, empty."""
    build = max([*tables.builds(), 0]) + 1
    fresh = Head(identity, transform.name, tables.connection.address.index_type, build)
    if before:
        since = (*before.superseded, (before.generation, time.time()))
        fresh = replace(
            fresh,
            generation=before.generation + 1,
            next_row=before.next_row,
            roots=before.roots,
            superseded=since,
        )
    else:
        tables.connection.delete(tables.rows, 'kind != "writer"')
    tables.create_passages(build, identity.dim)
    return fresh
