"""Late interaction: how near a passage is, token by token.

One vector a passage says what it is about; whether it says what was asked for is
told by its tokens. Each token of the question looks for its nearest among those of
the passage, and the mean of these is the score (MaxSim of Khattab and Zaharia 2020,
"ColBERT"), here with a model that was never trained for it: what makes it work is
that the bias of the languages is removed from every token. Of the passages one bit
a value is kept, the sign. Figures: docs/decisions/0022-late-interaction.md.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from rag.types import Matrix

__all__ = ["max_sims", "pack"]

# A product with sixteen columns takes less than half the time of one with fifteen.
_ROUND: Final = 16


def pack(tokens: Matrix) -> bytes:
    """Return the signs of token vectors, shape ``(n, dim)``, *dim* a multiple of 8, eight to a byte."""
    return np.packbits(tokens > 0, axis=1).tobytes()


def max_sims(question: Matrix, packed: Sequence[bytes]) -> list[float]:
    """Return how near each passage is to a question, in [-1, 1]; 0 where either has no token.

    Args:
        question: Unit rows, one a token, shape ``(n, dim)``.
        packed: What `pack` returned for each passage.
    """
    # Equal passages once: how float32 sums are rounded depends on the place of a row, and they would not tie.
    bodies = list(dict.fromkeys(filter(None, packed)))
    if not bodies or not len(question):
        return [0.0] * len(packed)
    dim = question.shape[1]
    bits = np.unpackbits(np.frombuffer(b"".join(bodies), np.uint8)).reshape(-1, dim)
    starts = np.cumsum([0, *(len(body) * 8 // dim for body in bodies[:-1])])
    # (2 bits - 1) @ q = 2 bits @ q - sum(q): the signs need not be written out.
    best = np.maximum.reduceat(bits.astype(np.float32) @ _padded(question).T, starts)[:, : len(question)]
    near = (2 * best.mean(axis=1) - question.sum(axis=1).mean()) / math.sqrt(dim)
    known = dict(zip(bodies, near.tolist(), strict=True))
    return [known.get(body, 0.0) for body in packed]


def _padded(rows: Matrix) -> Matrix:
    return np.pad(rows, ((0, -len(rows) % _ROUND), (0, 0)))
