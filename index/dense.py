"""The dense leg: exact inner products over all passages, by FAISS.

Decides how vectors are searched and how the index is turned into bytes; the bytes
are a cache of what SQLite holds, so whether they may be trusted (SHA-256) and what
happens when not is for `rag.index.store` and `rag.index.snapshot`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.types import Matrix, Vector

__all__ = ["DenseIndex", "Transform", "Used"]

Used = npt.NDArray[np.bool_]
"""Which passages may be found, shape ``(n,)``."""

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
            rows of the same length. Deterministic, row by row.
    """

    name: str
    apply: Callable[[Matrix, Sequence[str]], Matrix]


class DenseIndex:
    """Rows that can be searched and never change: faiss crashes when searched while added to.

    Row i is the passage at place i of the snapshot, which makes ties fall in reading order.
    """

    def __init__(self, index: Any) -> None:  # noqa: ANN401 (see `_library`)
        self._faiss = index
        rows = self._rows()
        self._norm = float(np.sqrt(np.max(np.einsum("ij,ij->i", rows, rows), initial=0.0)))

    @classmethod
    def build(cls, vectors: Matrix) -> DenseIndex:
        """Build from rows, shape ``(n, dim)``.

        Raises:
            ValueError: A value is not finite: its row would never be found.
        """
        if not np.isfinite(vectors).all():
            raise ValueError(
                "A passage vector holds NaN or infinity; the embedder or its transform is broken."
            )
        index = _library().IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    @classmethod
    def from_bytes(cls, data: bytes) -> DenseIndex:
        """Read what `to_bytes` returned; faiss has no checksum, so the caller must have compared one."""
        return cls(_library().deserialize_index(np.frombuffer(data, np.uint8)))

    def to_bytes(self) -> bytes:
        """Return the index as the content of a file."""
        return bytes(_library().serialize_index(self._faiss))

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
        rows = self._candidates(query, wanted, most, used)
        # Whether faiss sums a row alone or four at a time depends on its place, and
        # with it the last bit: equal passages would not tie. In float64 they do.
        scores = (self._rows()[rows].astype(np.float64) * query).sum(axis=1)
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

    def _candidates(self, query: Vector, wanted: int, most: int, used: Used | None) -> npt.NDArray[np.int64]:
        """Return rows among which the *wanted* best certainly are."""
        margin = _ROUNDING * self._norm * float(np.linalg.norm(query))
        take = min(most, wanted + _SPARE)
        while True:
            scores, rows = self._search(query, take, used)
            if take == most or scores[wanted - 1] - scores[-1] > margin:
                # faiss says -1 for "no such row", which would index the last passage.
                return rows[rows >= 0]
            take = min(most, 2 * take)

    def _search(
        self, query: Vector, take: int, used: Used | None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        # With a selector faiss stays on this thread: 1.2 ms for 20,000 rows, where its
        # OpenMP team took 24 ms on two busy cores. So there always is one.
        if used is None:
            chosen = _library().IDSelectorAll()
        else:
            chosen = _library().IDSelectorBitmap(np.packbits(used, bitorder="little"))
        scores, rows = self._faiss.search(
            query[np.newaxis], take, params=_library().SearchParameters(sel=chosen)
        )
        return scores[0], rows[0]

    def _rows(self) -> Matrix:
        if not len(self):
            return np.zeros((0, self.dim), np.float32)
        view: Matrix = _library().rev_swig_ptr(self._faiss.get_xb(), len(self) * self.dim)
        return view.reshape(len(self), self.dim)


def _library() -> Any:  # noqa: ANN401 (its type hints deny what its wrappers accept)
    """Return faiss, which takes 0.2 s to load and is not needed to show a status."""
    import faiss

    return faiss
