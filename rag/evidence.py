"""Can the retrieved passages answer the question? One probability, from few features.

A logistic function of features that mean the same in every collection: how near
the nearest passage is, by how much it is nearer than what is usual for this
question, and how much of the question the passages cover, which says nothing
when they are in another language. The numbers below are printed by
``bench/evidence.py`` from public questions, half of which have no answer in their
collection (docs/decisions/0009-evidence.md).
"""

import math

from rag.retrieve import Retrieval

__all__ = ["HOPELESS", "features", "probability"]

_INTERCEPT = -4.901
_COEFFICIENTS = (7.507, 13.603, 7.857, -4.190)

# Below this the question is not put to any backend: of the questions with an
# answer, 1 in 100 falls below, of those without one 3 in 4 (one language) or 1 in 8
# (across languages).
HOPELESS = 0.1


def features(retrieval: Retrieval) -> tuple[float, ...]:
    """Return what is weighed: similarity, margin over the usual, coverage, and whether it can be judged."""
    same = retrieval.is_same_language
    return (
        retrieval.similarity,
        retrieval.similarity - retrieval.usual,
        retrieval.covered if same else 0.0,
        float(same),
    )


def probability(retrieval: Retrieval) -> float:
    """Return the probability in [0, 1] that the passages answer the question."""
    if not retrieval.hits:
        return 0.0
    weighed = zip(_COEFFICIENTS, features(retrieval), strict=True)
    logit = _INTERCEPT + math.fsum(weight * value for weight, value in weighed)
    return 1.0 / (1.0 + math.exp(-logit))
