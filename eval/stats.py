"""How sure a figure is: bootstrap intervals and paired tests, seeded, in NumPy and the standard library.

Pure functions over per-pair values; which values are compared, and what follows
from a difference, is decided in `rag.eval.gate`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

__all__ = ["Mean", "bootstrap_p", "holm", "mcnemar_p", "mean", "paired_p"]

Key = TypeVar("Key")

_RESAMPLES = 2000
# Rows that are drawn at once: the resamples of 10,000 pairs would take 160 MB.
_BLOCK = 200


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its sample size and its 95 % bootstrap interval."""

    n: int
    value: float
    low: float
    high: float


def mean(values: Sequence[float], seed: int = 0) -> Mean:
    """Return the mean of *values* with a percentile bootstrap interval (Efron 1979), seeded.

    Raises:
        ValueError: *values* is empty, which has no mean.
    """
    if not values:
        raise ValueError("no values have no mean")
    low, high = np.percentile(_resampled_means(values, seed), [2.5, 97.5])
    return Mean(len(values), math.fsum(values) / len(values), float(low), float(high))


def _resampled_means(values: Sequence[float], seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    sample = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(seed)
    blocks = [
        sample[random.integers(0, len(sample), (_BLOCK, len(sample)))].mean(axis=1)
        for _ in range(_RESAMPLES // _BLOCK)
    ]
    return np.concatenate(blocks)


def paired_p(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the one-sided p value of *after* being no worse than *before*, pair by pair.

    McNemar's exact test where every value is 0 or 1, else the paired bootstrap.
    """
    if {*before, *after} <= {0.0, 1.0}:
        lost = sum(b > a for b, a in zip(before, after, strict=True))
        gained = sum(b < a for b, a in zip(before, after, strict=True))
        return mcnemar_p(lost, gained)
    return bootstrap_p(before, after)


def mcnemar_p(lost: int, gained: int) -> float:
    """Return P(X >= *lost*) for X binomial over the pairs that changed, half and half.

    The exact form of McNemar (1947): pairs that did not change say nothing.
    """
    changed = lost + gained
    return sum(math.comb(changed, count) for count in range(lost, changed + 1)) / (1 << changed)


def bootstrap_p(before: Sequence[float], after: Sequence[float], seed: int = 0) -> float:
    """Return the share of resampled mean differences that show no loss (Koehn 2004).

    One is added to both counts, so that no finite sample gives p = 0.
    """
    differences = [a - b for b, a in zip(before, after, strict=True)]
    unharmed = int((_resampled_means(differences, seed) >= 0).sum())
    return (unharmed + 1) / (_RESAMPLES + 1)


def holm(p_values: Mapping[Key, float], alpha: float = 0.05) -> list[Key]:
    """Return the keys that are significant after the step-down correction of Holm (1979).

    Twenty measures tested at 5 % each would cry wolf in two runs of three.
    """
    ordered = sorted(p_values.items(), key=lambda item: item[1])
    rejected: list[Key] = []
    for place, (key, p) in enumerate(ordered):
        # Written so that NaN is never significant; the gate refuses NaN before.
        if not p <= alpha / (len(ordered) - place):
            break
        rejected.append(key)
    return rejected
