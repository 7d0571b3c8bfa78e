"""Can the retrieved passages answer the question? One probability, from five features.

A logistic function of what means the same in every collection and language: how near
the nearest passage is, by how much it is nearer than the next by its vector and by its
tokens, whether passages in the language of the question share hardly a word with it,
and, where a number, a price or a date is asked for, how far down the first passage is
that has one.
The numbers below are printed by ``bench/evidence.py`` from public questions, half of
which have no answer in their collection (docs/decisions/0009-evidence.md).
"""

import math

from rag.asked import asked
from rag.candidates import holds
from rag.retrieve import Retrieval

__all__ = ["HOPELESS", "features", "probability"]

_INTERCEPT = -4.910
_COEFFICIENTS = (7.779, 5.521, 15.772, -10.888, -2.468)

# Below this the question is not put to any backend. A needless refusal is taken to cost as
# much as nine answers that miss the question, which their quotes show: 1 / (1 + 9).
HOPELESS = 0.1

# A passage that covers more of the question than this is no better evidence for it: near
# misses repeat the words of the question as often as answers do.
_COVERED = 0.25
# Passages that are searched for a value of the kind that is asked for.
_READ = 8


def features(retrieval: Retrieval) -> tuple[float, ...]:
    """Return what is weighed: similarity, lead, lead by tokens, words missed, and how late a value comes.

    Words are missed only by passages in the language of the question: the fewer, the less it means.

    The last two are in [0, 0.25] and [0, 1], and zero where they cannot be judged.
    """
    return (
        retrieval.similarity,
        retrieval.similarity - retrieval.runners_up,
        retrieval.token_lead,
        max(0.0, _COVERED - retrieval.covered) * retrieval.own_language,
        _lateness(retrieval),
    )


def _lateness(retrieval: Retrieval) -> float:
    """Return which passage is the first with what is asked for: 0 for the best, 1 if none has it."""
    wanted = asked(retrieval.question)
    if not wanted.kinds:
        return 0.0
    for place, hit in enumerate(retrieval.hits[:_READ]):
        if holds(hit.chunk.text, hit.chunk.lang, wanted, retrieval.question):
            return place / _READ
    return 1.0


def probability(retrieval: Retrieval) -> float:
    """Return the probability in [0, 1] that the passages answer the question."""
    if not retrieval.hits:
        return 0.0
    weighed = zip(_COEFFICIENTS, features(retrieval), strict=True)
    logit = _INTERCEPT + math.fsum(weight * value for weight, value in weighed)
    return 1.0 / (1.0 + math.exp(-logit))
