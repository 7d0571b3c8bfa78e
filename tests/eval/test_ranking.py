"""Measures of a ranking, against definitions written out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.eval.ranking import MEASURES, auroc, hit, ndcg, recall, reciprocal_rank

RANKING = ["가", "b", "図", "d", "ж"]
JUDGED = {"図": 2, "ж": 1, "absent": 1, "b": 0}


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (hit(RANKING, JUDGED, 2), 0.0),
        (hit(RANKING, JUDGED, 3), 1.0),
        (recall(RANKING, JUDGED, 3), 1 / 3),
        (recall(RANKING, JUDGED, 5), 2 / 3),
        (reciprocal_rank(RANKING, JUDGED, 10), 1 / 3),
        (reciprocal_rank(RANKING, JUDGED, 2), 0.0),
        (
            ndcg(RANKING, JUDGED, 10),
            (2 / math.log2(4) + 1 / math.log2(6)) / (2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)),
        ),
    ],
)
def test_measures(measured: float, expected: float) -> None:
    """Each measure is what its definition says on a ranking small enough to do by hand."""
    assert measured == pytest.approx(expected)


def test_a_question_without_results_scores_zero() -> None:
    """Nothing found is not nothing asked: it counts."""
    assert {0.0} == {measure([], JUDGED) for measure in MEASURES.values()}


@given(st.permutations(RANKING))
def test_the_best_order_scores_one_and_no_order_more(order: list[str]) -> None:
    """Every measure lies in [0, 1], and the ideal ranking reaches the top."""
    judged = {"図": 2, "ж": 1}
    ideal = ["図", "ж", "가", "b", "d"]

    assert all(0.0 <= measure(order, judged) <= 1.0 for measure in MEASURES.values())
    assert all(measure(ideal, judged) == pytest.approx(1.0) for measure in MEASURES.values())


@pytest.mark.parametrize(
    ("scores", "positive", "expected"),
    [
        ([0.9, 0.8, 0.1], [True, True, False], 1.0),
        ([0.1, 0.9], [True, False], 0.0),
        ([0.5, 0.5], [True, False], 0.5),
        ([0.9, 0.4, 0.6, 0.2], [True, True, False, False], 0.75),
    ],
)
def test_auroc_counts_pairs(scores: list[float], positive: list[bool], expected: float) -> None:
    """The share of (answerable, unanswerable) pairs in the right order, ties half."""
    assert auroc(scores, positive) == pytest.approx(expected)


def test_auroc_of_one_kind_only_is_undefined() -> None:
    """Without both kinds there is nothing to tell apart, and no number pretends otherwise."""
    assert math.isnan(auroc([0.1, 0.2], [True, True]))
