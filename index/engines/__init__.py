"""Where an index may live: in a folder (SQLite and FAISS, `rag.index.store`), or on a Milvus server.

Both kinds have what these protocols say, and give the same results for the same documents.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from rag.index.entry import Entry, Known
from rag.index.schema import Identity, Root, Summary
from rag.protocols import Index
from rag.types import Document, Matrix, Vector, Where

if TYPE_CHECKING:
    from rag.index.folder import Problem

__all__ = ["View", "Writer"]

_ANYWHERE = Where()


class View(Index, Protocol):
    """One generation of an index, to be searched and listed. A context manager; threads may share it."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *raised: object) -> None: ...

    def __len__(self) -> int:
        """Count the passages."""
        ...

    def dense(self, vector: Vector, k: int, where: Where = _ANYWHERE) -> list[tuple[str, float]]:
        """Do as `Index.dense`, anywhere unless said otherwise."""
        ...

    def lexical(self, tokens: Sequence[str], k: int, where: Where = _ANYWHERE) -> list[tuple[str, float]]:
        """Do as `Index.lexical`, anywhere unless said otherwise."""
        ...

    @property
    def identity(self) -> Identity:
        """What the index was built with."""
        ...

    @property
    def updated(self) -> str:
        """When a run last changed the index, ISO 8601 in UTC; empty if none has ended."""
        ...

    @property
    def roots(self) -> tuple[Root, ...]:
        """The indexed folders with the problems of their last runs."""
        ...

    @property
    def document_count(self) -> int:
        """Count the documents."""
        ...

    def documents(self) -> list[Summary]:
        """Return all documents without their texts, in order of id."""
        ...

    def source(self, doc_id: str) -> Path:
        """Return where the file of a document was when it was indexed. Raises `LoadError` when unknown."""
        ...

    def vectors(self) -> tuple[Matrix, list[str]]:
        """Return all vectors as the embedder gave them, and the language of each."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Yield the documents as they were put, in order of id, one in memory at a time."""
        ...

    def close(self) -> None:
        """Let go of the generation."""
        ...


class Writer(Protocol):
    """The one process that changes an index. A context manager.

    When `put`, `move`, `remove`, `relocate` or `forget` returns, the change is kept, and whoever
    opens the index sees it. Each of them is done whole or not at all.
    """

    def __enter__(self) -> Self: ...
    def __exit__(self, *raised: object) -> None: ...

    def close(self) -> None:
        """Let the next writer in."""
        ...

    @property
    def path(self) -> Path:
        """Folder of the index, absolute: on an engine it holds the lock and uploaded files."""
        ...

    def known(self) -> Mapping[str, Known]:
        """Return what is indexed, by document id."""
        ...

    def documents(self) -> Iterator[Document]:
        """Yield the indexed documents with their text, one in memory at a time, in order of id."""
        ...

    def document(self, doc_id: str) -> Document:
        """Return an indexed document with its text."""
        ...

    @property
    def is_settled(self) -> bool:
        """False if a run was ended before it had masked again what its documents changed in others."""
        ...

    def roots(self) -> Mapping[str, str]:
        """Return the indexed folders with the prefix of their document ids."""
        ...

    def add_root(self, path: str, prefix: str) -> None:
        """Remember an indexed folder. Its prefix cannot change: document ids hold it."""
        ...

    def problems(self, root: str) -> Sequence["Problem"]:
        """Return what the runs over a folder could not read, or not for sure."""
        ...

    def set_problems(self, root: str, problems: Sequence["Problem"]) -> None:
        """Remember what the last run over a folder could not read, in place of the run before."""
        ...

    def relocate(self, old: str, new: str) -> None:
        """Say that the folder *old* is at *new* now; its documents keep their ids."""
        ...

    def forget(self, root: str) -> None:
        """Remove a folder and its documents."""
        ...

    def put(self, entries: Sequence[Entry]) -> None:
        """Add documents, or replace those of the same id. Raises `ValueError` if one does not fit."""
        ...

    def move(self, old: str, new: str, root: str | None = None) -> None:
        """Give a document another id, and with it its passages. Raises `ValueError` if that cannot be."""
        ...

    def remove(self, doc_ids: Sequence[str]) -> None:
        """Remove documents; ids that are not indexed are none already."""
        ...

    def publish(self) -> int:
        """Make opening fast and services take it up; return the generation."""
        ...
