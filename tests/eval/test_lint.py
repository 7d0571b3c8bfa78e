"""Pairs that are doubtful themselves are found, and good ones are left alone."""

from collections.abc import Sequence

import pytest
from judged import document, pair, unanswerable

from rag.eval.lint import lint
from rag.eval.pairs import Pair

DOCUMENTS = {"a.txt": document(), "b.txt": document("b.txt", "開館は1994年11月3日です。")}


def messages(*pairs: Pair) -> Sequence[str]:
    """Return what is found about single pairs; a few pairs are never balanced."""
    return [f"{each.pair_id}: {each.message}" for each in lint(pairs, DOCUMENTS) if each.pair_id]


def test_good_pairs_have_no_findings() -> None:
    """A fact may stand in the corpus in another notation."""
    assert messages(pair(), pair(id="b", question="いつ？", facts=[["3 November 1994"]], docs=[["b"]])) == []


def test_a_fact_must_occur_in_a_document_that_is_asked_for() -> None:
    """Nowhere at all is told apart from elsewhere."""
    assert messages(pair(facts=[["€8"]])) == ["en-number-001: fact '€8' occurs nowhere in the corpus"]
    assert messages(pair(docs=[["b"]])) == [
        "en-number-001: fact '€7' occurs only in documents that `docs` does not name"
    ]


def test_a_question_must_not_give_its_fact_away() -> None:
    """In any notation: whoever repeats the question would be right."""
    assert messages(pair(question="Is it seven euros?")) == [
        "en-number-001: the question gives away the fact '€7'"
    ]


def test_what_is_forbidden_must_not_be_a_fact() -> None:
    """No answer could be right."""
    assert messages(pair(**{"not": ["7 euros"]})) == [
        "en-number-001: '7 euros' is forbidden and a fact at once"
    ]


def test_near_duplicates_are_found_in_any_script() -> None:
    """Unless earlier turns or the filter make another question of it."""
    question = "한국 법인의 대표는 지금 누구인가요"

    assert messages(pair(id="a", question=question), pair(id="b", question=question + "?")) == [
        "b: asks nearly the same as a"
    ]
    assert (
        messages(pair(id="a", question=question), pair(id="b", question=question, where={"langs": ["ko"]}))
        == []
    )
    assert messages(pair(id="a", question="그럼 내일은?"), pair(id="b", question="그럼 겨울에는?")) == []


def test_a_follow_up_needs_something_to_follow() -> None:
    """Without history it asks nothing."""
    assert messages(pair(type="follow-up")) == ["en-number-001: a follow-up without history"]


@pytest.mark.parametrize(("pairs", "advice"), [(49, True), (50, False)])
def test_a_small_set_is_only_advised(pairs: int, *, advice: bool) -> None:
    """What concerns the whole set is no finding while it is being written; a bad pair always is."""
    few = [pair(id=f"e{n}", question=f"{n}" * 5, facts=[["€8"]]) for n in range(pairs)]

    found = lint(few, DOCUMENTS)

    assert {each.is_advice for each in found if not each.pair_id} == {advice}
    assert {each.is_advice for each in found if each.pair_id} == {False}


def test_languages_should_be_balanced() -> None:
    """Too few for a mean, or none without an answer."""
    many = [pair(id=f"e{n}", question=f"{n}" * 5) for n in range(12)]
    few = [unanswerable(id="k", lang="ko", question="몇 시?")]

    found = [each.message for each in lint([*many, *few], DOCUMENTS) if not each.pair_id]

    assert found == [
        "ko has 1 pairs; below 10 a mean says little",
        "en has no question that has no answer: abstention is not measured in it",
    ]
