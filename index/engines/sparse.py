"""The lexical leg on a vector engine: BM25 as an inner product of sparse vectors.

The weight of a token in a passage is stored, that of the question is its idf in the generation that is
searched. The mean length of a passage changes with the collection while stored weights do not; so the
engine only chooses candidates, and what it chose is scored again from the tokens themselves, operation
for operation as SQLite's FTS5 does it. Tokens share 2³² - 2 dimensions: two that meet in one are told
apart then, too.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence

__all__ = ["NOTHING", "bm25", "digest", "document", "question"]

_K1, _B = 1.2, 0.75
_DIMENSIONS = 2**32 - 2
NOTHING = {_DIMENSIONS: 1.0}
"""Vector of a passage without tokens, which no question has: engines refuse an empty one."""


def digest(token: str) -> int:
    """Return 64 bits that stand for *token*."""
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "little")


def document(terms: Sequence[str], mean: float) -> dict[int, float]:
    """Return the vector of a passage that holds *terms*, where passages hold *mean* of them."""
    found: dict[int, float] = {}
    for token, count in Counter(terms).items():
        place = digest(token) % _DIMENSIONS
        found[place] = found.get(place, 0.0) + _weight(count, len(terms), mean)
    return found or NOTHING


def question(counts: Mapping[str, int], passages: int) -> dict[int, float]:
    """Return the vector of a question; *counts* says how many of *passages* hold each token."""
    return {digest(token) % _DIMENSIONS: _idf(count, passages) for token, count in counts.items()}


def bm25(counts: Mapping[str, int], terms: Sequence[str], passages: int, mean: float) -> float:
    """Return the score of a passage that holds *terms*; 0 if it holds no token of *counts*."""
    held = Counter(terms)
    return sum(
        (_idf(count, passages) * _weight(held[token], len(terms), mean))
        for token, count in counts.items()
        if held[token]
    )


def _weight(count: int, length: int, mean: float) -> float:
    return (count * (_K1 + 1.0)) / (count + _K1 * (1 - _B + _B * length / mean))


def _idf(count: int, passages: int) -> float:
    found = math.log((passages - count + 0.5) / (count + 0.5))
    return found if found > 0 else 1e-6
