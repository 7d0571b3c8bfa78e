"""The FAISS file: derived from the vectors in SQLite, believed only after its SHA-256.

Decides where the file lies, when it is trusted and how it comes to be. Missing,
stale, cut short or flipped, it costs time and never an answer: a reader builds the
index again in memory, the next writer writes the file.
"""

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.index.database import Database, refused
from rag.index.dense import DenseIndex, Transform
from rag.index.schema import Record, State
from rag.types import Matrix

__all__ = ["build", "fault", "is_current", "load", "remove_others", "vectors", "write"]

logger = logging.getLogger(__name__)

_NEW = ".tmp"


def _file(path: Path, generation: int) -> Path:
    return path / f"dense-{generation}.faiss"


def build(database: Database, records: Sequence[Record], dim: int, transform: Transform) -> DenseIndex:
    """Build the index of *records* from the stored vectors, in the order of their passages."""
    return DenseIndex.build(transform.apply(*vectors(database, records, dim)))


def vectors(database: Database, records: Sequence[Record], dim: int) -> tuple[Matrix, list[str]]:
    """Return the stored vectors of *records* in the order of their passages, and the language of each."""
    rows = dict(database.read("vectors"))
    wanted = [record.first + place for record in records for place in range(len(record.passages))]
    if rows.keys() != set(wanted):
        raise database.damaged(f"{len(rows)} vectors are there for {len(wanted)} passages")
    matrix: Matrix = np.frombuffer(b"".join(rows[number] for number in wanted), "<f4").reshape(-1, dim)
    return matrix, [passage.lang for record in records for passage in record.passages]


def load(database: Database, state: State, records: Sequence[Record], transform: Transform) -> DenseIndex:
    """Return the index from its file, or built again where the file cannot be believed."""
    data = _read(database.path, state, transform)
    if data is not None:
        return DenseIndex.from_bytes(data)
    logger.info("Building the vector index of %s in memory: there is no valid file of it.", database.path)
    return build(database, records, state.identity.dim, transform)


def _read(path: Path, state: State, transform: Transform) -> bytes | None:
    """Return the file of this generation if its bytes are what was written.

    faiss has no checksum of its own; nearly a quarter of damaged files load and
    answer wrongly. So the bytes that were hashed are the bytes that are loaded.
    """
    if state.dense is None or state.dense[:2] != (state.generation, transform.name):
        return None
    try:
        data = _file(path, state.generation).read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == state.dense[2] else None


def is_current(path: Path, state: State, transform: Transform) -> bool:
    """Tell whether the file of this generation is there and whole."""
    return _read(path, state, transform) is not None


def fault(path: Path, state: State, transform: Transform) -> str:
    """Say what is wrong with the file; empty when nothing is, or when none is due yet."""
    is_due = state.dense is not None and state.dense[:2] == (state.generation, transform.name)
    if not is_due or is_current(path, state, transform):
        return ""
    file = _file(path, state.generation)
    what = "is not what was written" if file.exists() else "is missing"
    return (
        f"{str(file)!r} {what}. Answers stay right, every start is slower. "
        f"Write it again with: rag index --index {path}"
    )


def write(path: Path, generation: int, index: DenseIndex) -> str:
    """Write the file of *generation* whole or not at all, and return its SHA-256.

    Raises:
        StoreFull: The disk refused it; what was there before still is.
    """
    data = index.to_bytes()
    file = _file(path, generation)
    new = file.with_name(file.name + _NEW)
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)
        _sync_folder(path)
    except OSError as exc:
        new.unlink(missing_ok=True)
        raise refused(path, exc) from exc
    return hashlib.sha256(data).hexdigest()


def _sync_folder(path: Path) -> None:
    """Make a rename last: it is an entry of the folder, which is a file of its own."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_others(path: Path, generation: int) -> None:
    """Remove what killed writers left, and the files of all generations but one."""
    for file in [*path.glob("dense-*.faiss"), *path.glob(f"dense-*{_NEW}")]:
        if file != _file(path, generation):
            file.unlink(missing_ok=True)
