"""The lexical leg counts by how much of the question it can see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.fusion import coverage, fuse

KO = dict.fromkeys(["a", "b", "c", "near", "mid", "far"], "ko")
scores = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(-1, 1), max_size=20)


def test_a_blind_lexical_leg_leaves_the_dense_order() -> None:
    """When no passage shares a token with the question, dense decides alone."""
    dense = {"a": 0.9, "b": 0.8, "c": 0.1}

    ranked = fuse(dense, dict.fromkeys(dense, 0.0), KO)

    assert ["a", "b", "c"] == [key for key, _ in ranked]


def test_a_passage_that_holds_the_rare_words_wins_over_a_nearer_one() -> None:
    """A part number that stands in one passage only decides."""
    ranked = fuse({"near": 0.9, "mid": 0.8, "far": 0.3}, {"near": 0.1, "mid": 0.95, "far": 0.1}, KO)

    assert "mid" == ranked[0][0]


def test_a_lexical_only_candidate_counts_as_the_last_dense_one() -> None:
    """A passage that the dense leg did not return gets its lowest score, not a bonus."""
    ranked = dict(fuse({"a": 0.9, "b": 0.5}, {"a": 0.0, "b": 0.0, "c": 0.3}, KO))

    assert ["a", "c", "b"] == sorted(ranked, key=lambda key: -ranked[key])
    assert ranked["c"] - ranked["b"] == pytest.approx(1.5 * 0.3)


def test_function_words_of_one_language_are_no_evidence() -> None:
    """Passages that share only what all of their language share do not pass a nearer one."""
    dense = {"en": 0.9, "ko1": 0.8, "ko2": 0.7}
    langs = {"en": "en", "ko1": "ko", "ko2": "ko"}

    ranked = fuse(dense, {"en": 0.0, "ko1": 0.6, "ko2": 0.6}, langs)

    assert ["en", "ko1", "ko2"] == [key for key, _ in ranked]


def test_a_language_with_one_candidate_keeps_most_of_its_coverage() -> None:
    """The one passage with the part number wins, though nothing in its language can be compared."""
    dense = {"en1": 0.9, "en2": 0.8, "ko": 0.7, "en3": 0.5}
    langs = {"en1": "en", "en2": "en", "en3": "en", "ko": "ko"}

    ranked = fuse(dense, {"en1": 0.0, "en2": 0.0, "en3": 0.0, "ko": 0.9}, langs)

    assert "ko" == ranked[0][0]


@pytest.mark.parametrize(
    ("idf", "matched", "expected"),
    [
        ({"rare": 3.0, "common": 1.0}, ["rare"], 0.75),
        ({"rare": 3.0, "common": 1.0}, [], 0.0),
        ({}, [], 0.0),
        ({"unseen": 9.0, "seen": 1.0}, ["seen"], 0.1),
    ],
)
def test_coverage_is_a_share_of_idf(idf: dict[str, float], matched: list[str], expected: float) -> None:
    """Words that no passage holds count in the whole."""
    assert coverage(idf, matched) == pytest.approx(expected)


@given(scores)
def test_fusion_does_not_depend_on_the_order_of_its_input(dense: dict[str, float]) -> None:
    """The same scores in another order give the same ranking."""
    covered = {key: abs(value) for key, value in dense.items()}
    langs = {key: ("ko", "en")[len(key) % 2] for key in dense}

    forward = fuse(dense, covered, langs)
    backward = fuse(dict(reversed(dense.items())), dict(reversed(covered.items())), langs)

    assert forward == backward
