"""Facts are found by value and by word, in any notation, and never in a piece of something else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged import answer

from rag.eval.facts import holds, shown
from rag.types import Conflict, Side

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]


@pytest.mark.parametrize("case", CASES, ids=[f"{each['lang']}-{n}" for n, each in enumerate(CASES, start=1)])
def test_the_verdict_of_each_case(case: dict[str, Any]) -> None:
    """An answer holds a fact group exactly if a person would say that it does."""
    held = all(any(holds(case["answer"], fact) for fact in group) for group in case["facts"])

    assert held == case["verdict"]


def test_there_are_cases_enough() -> None:
    """At least 300 cases in ten languages, of both verdicts in each."""
    langs = {case["lang"] for case in CASES}

    assert len(CASES) >= 300
    assert len(langs) >= 10
    assert {(case["lang"], case["verdict"]) for case in CASES} == {
        (lang, v) for lang in langs for v in (True, False)
    }


WORDS = st.sampled_from(
    [
        "카카오",
        "오픈AI코리아",
        "Straße",
        "Ελλάδα",
        "Москва",
        "القاهرة",
        "ירושלים",
        "दिल्ली",
        "กรุงเทพ",
        "東京",
        "北京市",
        "Begoña",
        "🎉",
    ]
)


@given(WORDS, WORDS, WORDS)
def test_a_text_holds_each_of_its_words(before: str, fact: str, after: str) -> None:
    """A word with white space around it is found, whatever its script."""
    assert holds(f"{before} {fact} {after}", fact)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_two_numbers_are_the_same_fact_only_if_they_are_equal(said: int, asked: int) -> None:
    """No number is found in another one, grouped by commas or not."""
    assert holds(f"There are {said:,} seats.", str(asked)) == (said == asked)


@given(st.integers(1, 28), st.integers(1, 12), st.integers(1, 28), st.integers(1, 12))
def test_a_date_is_its_day_and_its_month(day: int, month: int, other_day: int, other_month: int) -> None:
    """A date is held if day and month are the same, Korean asked of Japanese."""
    same = (day, month) == (other_day, other_month)

    assert holds(f"会議は{month}月{day}日です。", f"{other_month}월 {other_day}일") == same


def test_a_marker_is_no_word_of_the_answer() -> None:
    """The n of [n] is ours: it must not pass for the fact "1"."""
    assert not holds(shown(answer("It rains. [1]")), "1")


def test_the_sides_of_a_conflict_are_shown() -> None:
    """A person sees them, so they count as said."""
    sides = (Side("9 €", "La entrada cuesta 9 euros.", 1, None), Side("7 €", "It costs €7.", 2, None))

    assert holds(shown(answer("It depends.", conflicts=(Conflict(sides),))), "€9")


def test_nothing_holds_nothing() -> None:
    """An empty answer states no fact, and an empty fact is stated by no answer."""
    assert not holds("", "7")
    assert not holds("7", "")
