"""How many passages hold each token: exact for every generation, kept as what each commit changed.

A token is 64 bits of a digest and a number of 32, so a million tokens take 12 MB. A commit writes the
numbers that it changes; a reader adds up the blocks that its generation has.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from rag.index.engines.sparse import digest

__all__ = ["Vocabulary", "pack"]

_ROW = np.dtype([("token", "<u8"), ("count", "<i4")])


def pack(changes: Mapping[str, int]) -> bytes:
    """Return one block: by how much the number of each token changes."""
    pairs = [(digest(token), count) for token, count in changes.items() if count]
    return np.array(pairs, _ROW).tobytes()


class Vocabulary:
    """The sum of some blocks."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        rows = np.frombuffer(b"".join(blocks), _ROW)
        tokens, places = np.unique(rows["token"], return_inverse=True)
        counts = np.bincount(places, weights=rows["count"], minlength=len(tokens)).astype(np.int64)
        self._tokens: npt.NDArray[np.uint64] = tokens[counts != 0]
        self._counts: npt.NDArray[np.int64] = counts[counts != 0]

    def frequencies(self, wanted: Sequence[str]) -> dict[str, int]:
        """Return how many passages hold each distinct token, in the order given."""
        distinct = list(dict.fromkeys(wanted))
        digests = np.array([digest(token) for token in distinct], np.uint64)
        places = np.searchsorted(self._tokens, digests)
        found = [
            int(self._counts[place]) if place < len(self._tokens) and self._tokens[place] == each else 0
            for place, each in zip(places.tolist(), digests, strict=True)
        ]
        return dict(zip(distinct, found, strict=True))

    def packed(self) -> bytes:
        """Return the sum as one block."""
        rows = np.empty(len(self._tokens), _ROW)
        rows["token"], rows["count"] = self._tokens, self._counts
        return rows.tobytes()
