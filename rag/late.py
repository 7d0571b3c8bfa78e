"""Late interaction: how near a passage is, token by token.

One vector a passage says what it is about; whether it says what was asked for is
told by its tokens. Each token of the question looks for its nearest among those of
the passage, and the mean of these is the score (MaxSim of Khattab and Zaharia 2020,
"ColBERT"), here with a model that was never trained for it: what makes it work is
that the bias of the languages is removed from every token. Of the passages one bit
a value is kept, the sign. Figures: docs/decisions/0022-late-interaction.md.
"""

import math

import numpy as np

from rag.types import Matrix

__all__ = ["max_sim", "pack"]


def pack(tokens: Matrix) -> bytes:
    """Return the signs of token vectors, shape ``(n, dim)``, *dim* a multiple of 8, eight to a byte."""
    return np.packbits(tokens > 0, axis=1).tobytes()


def max_sim(question: Matrix, packed: bytes) -> float:
    """Return how near a passage is to a question, in [-1, 1]; 0 if either has no token.

    Args:
        question: Unit rows, one a token, shape ``(n, dim)``.
        packed: What `pack` returned for the passage.
    """
    dim = question.shape[1]
    if not len(question) or not packed:
        return 0.0
    bits = np.unpackbits(np.frombuffer(packed, np.uint8).reshape(-1, dim // 8), axis=1)
    # (2 bits - 1) @ q = 2 bits @ q - sum(q): the signs need not be written out.
    near = 2 * (question @ bits.T.astype(np.float32)).max(axis=1) - question.sum(axis=1)
    return float(near.mean()) / math.sqrt(dim)
