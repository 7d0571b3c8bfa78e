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
import numpy.typing as npt

from rag.index.database import Database, refused
from rag.index.dense import DenseIndex, Transform
from rag.index.schema import Record, State
from rag.types import Matrix

__all__ = ["build", "fault", "is_current", "load", "remove_others", "vectors", "write"]

logger: logging.Logger = logging.getLogger(__name__)

_NEW = ".tmp"
# Vectors that are in memory at a time, and of how many the mean is taken for that of all.
_PART = 4096
_SAMPLE = 16_384


def _file(path: Path, generation: int) -> Path:
    return path / f"dense-{generation}.faiss"


def build(database: Database, records: Sequence[Record], dim: int, transform: Transform) -> DenseIndex:
    """Build the index of *records* from the stored vectors, in the order of their passages."""
    if not transform.by_row:
        return DenseIndex.build(transform.apply(*vectors(database, records, dim)))
    numbers, langs = _wanted(database, records)

    def rows(places: slice) -> Matrix:
        return transform.apply(_stored(database, numbers[places], dim), langs[places])

    sample = rows(slice(0, None, len(numbers) // _SAMPLE + 1))
    return DenseIndex.from_parts(map(rows, _parts(numbers)), len(numbers), sample)


def vectors(database: Database, records: Sequence[Record], dim: int) -> tuple[Matrix, list[str]]:
    """Return the stored vectors of *records* in the order of their passages, and the language of each."""
    numbers, langs = _wanted(database, records)
    matrix = np.empty((len(numbers), dim), np.float32)
    for places in _parts(numbers):
        matrix[places] = _stored(database, numbers[places], dim)
    return matrix, langs


def _wanted(database: Database, records: Sequence[Record]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return the number and the language of each passage; raise if there are other vectors than these."""
    counts = [len(record.passages) for record in records]
    places = (record.first + place for record in records for place in range(len(record.passages)))
    numbers = np.fromiter(places, np.int64, count=sum(counts))
    ((count,),) = database.rows("SELECT count(*) FROM vectors")
    if count != len(numbers):
        raise database.damaged(f"{count} vectors are there for {len(numbers)} passages")
    return numbers, [passage.lang for record in records for passage in record.passages]


def _parts(numbers: npt.NDArray[np.int64]) -> list[slice]:
    return [slice(start, start + _PART) for start in range(0, len(numbers), _PART)]


def _stored(database: Database, numbers: npt.NDArray[np.int64], dim: int) -> Matrix:
    rows = dict(database.read("vectors", numbers.tolist()))
    matrix: Matrix = np.frombuffer(b"".join(map(rows.__getitem__, numbers.tolist())), "<f4")
    return matrix.reshape(len(numbers), dim)


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
    if not _is_due(state, transform):
        return None
    try:
        data = _file(path, state.generation).read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == _sha256(state) else None


def _is_due(state: State, transform: Transform) -> bool:
    """Tell whether a file was written for this generation."""
    return state.dense is not None and state.dense[:2] == (state.generation, transform.name)


def _sha256(state: State) -> str:
    return state.dense[2] if state.dense else ""


def is_current(path: Path, state: State, transform: Transform) -> bool:
    """Tell whether the file of this generation is there and whole."""
    if not _is_due(state, transform):
        return False
    try:
        with _file(path, state.generation).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == _sha256(state)
    except OSError:
        return False


def fault(path: Path, state: State, transform: Transform) -> str:
    """Say what is wrong with the file; empty when nothing is, or when none is due yet."""
    if not _is_due(state, transform) or is_current(path, state, transform):
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
    digest = hashlib.sha256()
    file = _file(path, generation)
    new = file.with_name(file.name + _NEW)
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:

            def keep(piece: bytes) -> None:
                digest.update(piece)
                stream.write(piece)

            index.save(keep)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)
        _sync_folder(path)
    except OSError as exc:
        new.unlink(missing_ok=True)
        raise refused(path, exc) from exc
    return digest.hexdigest()


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
