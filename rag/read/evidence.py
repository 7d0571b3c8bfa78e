"""Can the retrieved passages answer the question? One probability, from what was read and what was found.

A logistic function of what means the same in every collection and language: how sure
the reader is that one of the passages answers, how sure of the words that do, how near
the nearest passage is, by how much it is nearer than the next by its vector and by its
tokens, and whether passages in the language of the question share hardly a word with it.
The numbers below are printed by ``bench/evidence.py`` from public questions, half of
which have no answer in their collection (docs/decisions/0009-evidence.md).
"""

import math
from collections.abc import Sequence

from rag.search.retrieve import Retrieval
from rag.types import Reading

__all__ = ["HOPELESS", "STATED", "TOUCHED_ON", "features", "probability", "surest"]

_INTERCEPT = -4.711
_COEFFICIENTS = (1.204, -0.125, 5.139, 6.683, 8.673, -5.174)

# Below this the question is not put to any backend. A needless refusal is taken to cost as
# much as nine answers that miss the question, which their quotes show: 1 / (1 + 9).
HOPELESS = 0.1

# Below this the passages are about the question but do not seem to say: nothing is quoted as an
# answer, though a model may still find one. Chosen so that about one in twenty of the questions of
# eval/pairs that have an answer lies below; docs/decisions/0053-reader.md.
STATED = 0.15

# At most so much where another code or model is found instead of the one that is asked for.
TOUCHED_ON = (HOPELESS + STATED) / 2

# A passage that covers more of the question than this is no better evidence for it: near
# misses repeat the words of the question as often as answers do.
_COVERED = 0.25
# Log odds beyond this say no more.
_SURE = 10.0


def surest(readings: Sequence[Reading]) -> float:
    """Return the log odds that the passage that answers most surely does answer; -inf if there is none."""
    return max((reading.answers for reading in readings), default=-math.inf)


def features(retrieval: Retrieval, readings: Sequence[Reading]) -> tuple[float, ...]:
    """Return what is weighed: answers, span, similarity, lead, lead by tokens, words missed.

    The first two are log odds of the passage and of the words that answer most surely, in
    [-10, 10]. Words are missed only by passages in the language of the question: the fewer,
    the less it means; in [0, 0.25].
    """
    spans = [reading.spans[0].score for reading in readings if reading.spans]
    return (
        _bounded(surest(readings)),
        _bounded(max(spans, default=-math.inf)),
        retrieval.similarity,
        retrieval.similarity - retrieval.runners_up,
        retrieval.token_lead,
        max(0.0, _COVERED - retrieval.covered) * retrieval.own_language,
    )


def _bounded(log_odds: float) -> float:
    return min(_SURE, max(-_SURE, log_odds))


def probability(retrieval: Retrieval, readings: Sequence[Reading]) -> float:
    """Return the probability in [0, 1] that the passages answer the question."""
    if not retrieval.hits:
        return 0.0
    weighed = zip(_COEFFICIENTS, features(retrieval, readings), strict=True)
    logit = _INTERCEPT + math.fsum(weight * value for weight, value in weighed)
    return 1.0 / (1.0 + math.exp(-logit))
