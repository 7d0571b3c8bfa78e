"""Which passages are read for a question, and how likely they answer it."""

import math
from collections.abc import Sequence

from rag.protocols import Reader
from rag.types import Hit, Passage, Reading

__all__ = ["READ", "answers", "passage_of", "read_hits"]

# Passages that are read; those further down hold the answer in 2 of 100 questions.
READ = 8


def passage_of(hit: Hit) -> Passage:
    """Return *hit* as the reader takes it: title and heading above the text, nothing said twice."""
    above = [part for part in (hit.title, hit.chunk.heading) if part and part not in hit.chunk.text[:160]]
    return Passage("\n".join(dict.fromkeys(above)), hit.chunk.text)


def read_hits(reader: Reader, question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
    """Return what is read of *question* in each of the first `READ` passages."""
    return tuple(reader.read(question, [passage_of(hit) for hit in hits[:READ]]))


def answers(readings: Sequence[Reading]) -> float:
    """Return the probability in [0, 1] that one of the passages answers, by the reader alone."""
    best = max((reading.answers for reading in readings), default=-math.inf)
    return 1 / (1 + math.exp(-best)) if best > -700 else 0.0
