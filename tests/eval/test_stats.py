"""Intervals and tests agree with SciPy, say the same every time, and refuse nothing in silence."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.eval.stats import bootstrap_p, holm, mcnemar_p, mean, paired_p

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(SCORES)
def test_the_interval_holds_within_the_values(values: list[float]) -> None:
    """A resampled mean lies between the least and the greatest value."""
    found = mean(values)

    assert found.n == len(values)
    assert found.value == pytest.approx(sum(values) / len(values))
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert mean(values) == found


def test_the_interval_agrees_with_scipy() -> None:
    """The percentile bootstrap of the same sample, with other random numbers, differs by its noise."""
    bootstrap = pytest.importorskip("scipy.stats").bootstrap
    values = np.random.default_rng(1).binomial(1, 0.7, 200).astype(float)

    theirs = bootstrap((values,), np.mean, method="percentile", rng=2, n_resamples=5000).confidence_interval
    ours = mean(values.tolist())

    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.012)


def test_no_values_have_no_mean() -> None:
    """Zero pairs are a wrong call here and a data error at the border; never a mean of 0."""
    with pytest.raises(ValueError, match="no mean"):
        mean([])


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_the_exact_binomial_test(lost: int, gained: int) -> None:
    """As SciPy's one-sided binomial test over the pairs that changed."""
    binomtest = pytest.importorskip("scipy.stats").binomtest
    expected = binomtest(lost, lost + gained, 0.5, "greater").pvalue if lost + gained else 1.0

    assert mcnemar_p(lost, gained) == pytest.approx(expected)


def test_equal_runs_are_never_a_regression() -> None:
    """Nothing changed, so p is 1, for binary and for graded measures."""
    assert paired_p([1.0, 0.0, 1.0], [1.0, 0.0, 1.0]) == 1.0
    assert bootstrap_p([0.5, 0.25, 1.0], [0.5, 0.25, 1.0]) == 1.0


def test_graded_measures_go_through_the_bootstrap() -> None:
    """A clear fall is significant, the same rise is not."""
    before, after = [0.8, 0.9, 0.7, 0.85] * 10, [0.4, 0.5, 0.3, 0.5] * 10

    assert paired_p(before, after) < 0.01
    assert paired_p(after, before) > 0.99


def test_holm_by_hand() -> None:
    """With five tests the smallest p must be below .01, the next below .0125, and then it stops."""
    p_values = {"a": 0.001, "b": 0.012, "c": 0.02, "d": 0.03, "e": 0.5}

    assert holm(p_values) == ["a", "b"]
    assert holm({"a": math.nan}) == []
    assert holm({}) == []
