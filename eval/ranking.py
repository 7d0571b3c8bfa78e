"""Measures of a ranking against judgements. Pure functions, each with its source.

A query without results scores 0 and counts. Relevance above 0 is relevant;
grades matter to nDCG only.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import numpy as np

__all__ = ["MEASURES", "auroc", "hit", "ndcg", "recall", "reciprocal_rank"]

Judged = Mapping[str, int]


def hit(ranking: Sequence[str], judged: Judged, k: int) -> float:
    """Return 1 if a relevant document is among the first *k*, else 0 (success@k)."""
    return float(any(judged.get(doc, 0) > 0 for doc in ranking[:k]))


def recall(ranking: Sequence[str], judged: Judged, k: int) -> float:
    """Return the share of the relevant documents that are among the first *k*."""
    relevant = {doc for doc, grade in judged.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant)


def reciprocal_rank(ranking: Sequence[str], judged: Judged, k: int) -> float:
    """Return 1 / rank of the first relevant document, 0 past *k* (Voorhees 1999)."""
    return next((1 / rank for rank, doc in enumerate(ranking[:k], start=1) if judged.get(doc, 0) > 0), 0.0)


def ndcg(ranking: Sequence[str], judged: Judged, k: int) -> float:
    """Return the discounted cumulative gain over the best possible one.

    Linear gain and log2 discount (Järvelin and Kekäläinen 2002), as trec_eval's ndcg_cut.
    """
    best = sorted(judged.values(), reverse=True)
    return _dcg([judged.get(doc, 0) for doc in islice(ranking, k)]) / _dcg(best[:k])


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


MEASURES: Mapping[str, Callable[[Sequence[str], Judged], float]] = {
    "hit@1": lambda ranking, judged: hit(ranking, judged, 1),
    "recall@5": lambda ranking, judged: recall(ranking, judged, 5),
    "recall@10": lambda ranking, judged: recall(ranking, judged, 10),
    "MRR@10": lambda ranking, judged: reciprocal_rank(ranking, judged, 10),
    "nDCG@10": lambda ranking, judged: ndcg(ranking, judged, 10),
}


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Return the probability that a positive outscores a negative, ties counting half.

    The area under the ROC curve by the Mann-Whitney statistic (Hanley and McNeil
    1982); NaN when all are positive or none is.
    """
    values, labels = np.asarray(scores, np.float64), np.asarray(positive, bool)
    above = values[labels][:, np.newaxis] - values[~labels][np.newaxis]
    return float(((above > 0) + 0.5 * (above == 0)).mean()) if above.size else math.nan
