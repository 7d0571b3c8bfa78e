"""The dense leg: inner products over all passages, by FAISS.

Decides how vectors are searched, by how many there are, and how the index is turned
into bytes; the bytes are a cache of what SQLite holds, so whether they may be trusted
(SHA-256) and what happens when not is for `rag.index.store` and `rag.index.snapshot`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.types import Matrix, Vector

__all__ = ["EXACT_UP_TO", "DenseIndex", "Transform", "Used"]

Used = npt.NDArray[np.bool_]
"""Which passages may be found, shape ``(n,)``."""

Rows = npt.NDArray[np.int64]
Stored = npt.NDArray[np.float32 | np.float16]

EXACT_UP_TO = 100_000
"""So many passages are compared in full, in about 10 ms; of more, docs/scale.md has the figures."""

# One bit a dimension finds the candidates, 16 bits rank them: half the memory of float32
# and a quarter of its time, with nothing to tune and every filter exact (decision 0019).
_COMPRESSED = "RaBitQ,Refine(SQfp16)"
# Candidates that one bit must find for each of the k, and for how large a k at least.
_SHORTLIST = 16
_LEAST_K = 100
# Candidates beyond k, from which exact scores choose.
_SPARE = 8
# float32 sums of 384 products in another order differ by about 1e-7 of the norms.
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Transform:
    """What is done to stored vectors before they are searched, such as removing language means.

    Attributes:
        name: Changes whenever the result would, so that files of the old one are stale.
        apply: From raw vectors ``(n, dim)`` and the language of each to as many
            rows of the same length. Deterministic for one collection.
        by_row: A row depends on its own vector and language alone, so that a large
            collection can be given in parts.
    """

    name: str
    apply: Callable[[Matrix, Sequence[str]], Matrix]
    by_row: bool = False


class DenseIndex:
    """Rows that can be searched and never change: faiss crashes when searched while added to.

    Row i is the passage at place i of the snapshot, which makes ties fall in reading order.
    """

    def __init__(self, index: Any) -> None:  # noqa: ANN401 (see `_library`)
        self._faiss = index
        self._is_exact = not isinstance(index, _library().IndexRefine)
        self._scanned = index if self._is_exact else _library().downcast_index(index.base_index)
        self._rows = _floats(index) if self._is_exact else _halves(index)
        self._norm = _longest(self._rows) if self._is_exact else 0.0

    @classmethod
    def build(cls, vectors: Matrix, exact_up_to: int = EXACT_UP_TO) -> DenseIndex:
        """Build from rows, shape ``(n, dim)``; see `from_parts`."""
        return cls.from_parts([vectors], len(vectors), vectors, exact_up_to)

    @classmethod
    def from_parts(
        cls, parts: Iterable[Matrix], count: int, sample: Matrix, exact_up_to: int = EXACT_UP_TO
    ) -> DenseIndex:
        """Build from rows that are never all in memory; the same rows give the same bytes.

        Args:
            parts: Rows, shape ``(n, dim)``, at most of unit length where there are more than *exact_up_to*.
            count: How many rows all parts have together.
            sample: Rows whose mean is about that of all.
            exact_up_to: Rows from which on scores are those of half-precision rows, and
                the search may miss one neighbour in a hundred.

        Raises:
            ValueError: A value is not finite: its row would never be found.
        """
        faiss, kind = _library(), "Flat" if count <= exact_up_to else _COMPRESSED
        index = faiss.index_factory(sample.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        index.train(_sound(sample))
        _reserve(index, count)
        for part in parts:
            index.add(_sound(part))
        return cls(index)

    @classmethod
    def from_bytes(cls, data: bytes) -> DenseIndex:
        """Read what `to_bytes` returned; faiss has no checksum, so the caller must have compared one."""
        return cls(_library().deserialize_index(np.frombuffer(data, np.uint8)))

    def save(self, write: Callable[[bytes], object]) -> None:
        """Give the index as the content of a file to *write*, piece by piece."""
        faiss = _library()
        faiss.write_index(self._faiss, faiss.PyCallbackIOWriter(write))

    def to_bytes(self) -> bytes:
        """Return the index as the content of a file."""
        pieces: list[bytes] = []
        self.save(pieces.append)
        return b"".join(pieces)

    def __len__(self) -> int:
        return int(self._faiss.ntotal)

    @property
    def dim(self) -> int:
        """Length of every vector."""
        return int(self._faiss.d)

    def search(self, vector: Vector, k: int, used: Used | None = None) -> list[tuple[int, float]]:
        """Return the *k* nearest ``(row, inner product)``, best first, ties by row.

        Args:
            vector: Shape ``(dim,)``, finite.
            k: At least 1. Fewer come back only when fewer rows may be found.
            used: Rows that may be found; None means all.

        Raises:
            ValueError: The vector has another length or is not finite.
        """
        query = self._checked(vector)
        most = len(self) if used is None else int(np.count_nonzero(used))
        wanted = min(k, most)
        if wanted < 1:
            return []
        find = self._certain if self._is_exact else self._likely
        rows = find(query, wanted, most, used)
        # Whether faiss sums a row alone or four at a time depends on its place, and
        # with it the last bit: equal passages would not tie. In float64 they do.
        scores = (self._rows[rows].astype(np.float64) * query).sum(axis=1)
        best = np.lexsort((rows, -scores))[:wanted]
        return list(zip(rows[best].tolist(), scores[best].tolist(), strict=True))

    def _checked(self, vector: Vector) -> Vector:
        if vector.shape != (self.dim,):
            raise ValueError(
                f"The question vector has shape {vector.shape!r}; the index holds ({self.dim},)."
            )
        if not np.isfinite(vector).all():
            raise ValueError("The question vector holds NaN or infinity; the embedder is broken.")
        return np.ascontiguousarray(vector, np.float32)

    def _certain(self, query: Vector, wanted: int, most: int, used: Used | None) -> Rows:
        """Return rows among which the *wanted* best certainly are."""
        margin = _ROUNDING * self._norm * float(np.linalg.norm(query))
        take = min(most, wanted + _SPARE)
        while True:
            scores, rows = self._search(query, take, used)
            if take == most or scores[wanted - 1] - scores[-1] > margin:
                return rows
            take = min(most, 2 * take)

    def _likely(self, query: Vector, wanted: int, most: int, used: Used | None) -> Rows:
        """Return rows among which 99 in 100 of the *wanted* best are."""
        _, rows = self._search(query, min(most, _SHORTLIST * max(wanted, _LEAST_K)), used)
        return rows

    def _search(self, query: Vector, take: int, used: Used | None) -> tuple[npt.NDArray[np.float32], Rows]:
        # With a selector faiss stays on this thread: 1.2 ms for 20,000 rows, where its
        # OpenMP team took 24 ms on two busy cores. So there always is one.
        if used is None:
            chosen = _library().IDSelectorAll()
        else:
            chosen = _library().IDSelectorBitmap(np.packbits(used, bitorder="little"))
        scores, rows = self._scanned.search(
            query[np.newaxis], take, params=_library().SearchParameters(sel=chosen)
        )
        # faiss says -1 for "no such row", which would index the last passage.
        return scores[0], rows[0][rows[0] >= 0]


def _sound(vectors: Matrix) -> Matrix:
    if not np.isfinite(vectors).all():
        raise ValueError("A passage vector holds NaN or infinity; the embedder or its transform is broken.")
    return np.ascontiguousarray(vectors, np.float32)


def _reserve(index: Any, count: int) -> None:  # noqa: ANN401 (see `_library`)
    """Make room for *count* rows: a vector of C++ that grows holds its content twice."""
    faiss = _library()
    parts = [index]
    if isinstance(index, faiss.IndexRefine):
        parts = [faiss.downcast_index(each) for each in (index.base_index, index.refine_index)]
    for part in parts:
        part.codes.resize(count * part.code_size)
        part.codes.resize(0)


# Both are views of faiss's memory, which `DenseIndex._faiss` keeps.
def _floats(index: Any) -> Stored:  # noqa: ANN401 (see `_library`)
    if not index.ntotal:
        return np.zeros((0, index.d), np.float32)
    rows: Stored = _library().rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
    return rows.reshape(index.ntotal, index.d)


def _halves(index: Any) -> Stored:  # noqa: ANN401 (see `_library`)
    codes = _library().downcast_index(index.refine_index).codes
    rows: Stored = _library().rev_swig_ptr(codes.data(), codes.size()).view("<f2")
    return rows.reshape(index.ntotal, index.d)


def _longest(rows: Stored) -> float:
    return float(np.sqrt(np.max(np.einsum("ij,ij->i", rows, rows), initial=0.0)))


def _library() -> Any:  # noqa: ANN401 (its type hints deny what its wrappers accept)
    """Return faiss, which takes 0.2 s to load and is not needed to show a status."""
    import faiss

    return faiss
