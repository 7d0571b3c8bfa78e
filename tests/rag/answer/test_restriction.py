# ruff: noqa: E501 - one row of a table is one line
"""A code, a model or a year in the question restricts what may answer it."""

import pytest

from rag.answer.restriction import Restriction
from rag.types import Chunk, Hit


def hit(text: str, title: str = "", heading: str = "", lang: str = "en") -> Hit:
    return Hit(Chunk("a", "a.txt", 0, len(text), text, lang, heading), 1.0, 1, title=title)


# Question; a passage that may answer it; one that may not: text and title.
CASES = {
    "code-row": ("What does E-217 mean?", ("E-217: pump blocked.", ""), ("E-218: pump hot.", "")),
    "code-glued": ("BX410의 무게는?", ("무게는 4 kg이다.", "공기청정기 BX410"), ("무게는 6 kg이다.", "공기청정기 BX420")),
    "code-joined": ("How heavy is the X-15?", ("The X15 weighs 9 kg.", ""), ("The X16 weighs 9 kg.", "")),
    "model": ("How loud is the Larro 6?", ("It hums.", "Larro 6 loom"), ("It hums.", "Larro 8 loom")),
    "model-ja": ("ツムギ70の重さは？", ("重さは27キロです。", "ツムギ70 織機"), ("重さは31キロです。", "ツムギ80 織機")),
    "model-ru": ("Сколько весит Нива 12?", ("Вес 900 кг.", "Нива 12"), ("Вес 950 кг.", "Нива 14")),
    "year": ("How many came in 2022?", ("In 2022, 400 came.", ""), ("It was 500.", "Report 2023")),
    "year-ko": ("2022년 방문객은 몇 명인가?", ("400명이다.", "2022년 보고서"), ("500명이다.", "2023년 보고서")),
    "year-zh": ("2022年有多少游客？", ("共400人。", "2022年报告"), ("共500人。", "2023年报告")),
    "article": ("What does Article 7 say?", ("Pay in May.", "Article 7"), ("Pay in June.", "Article 8")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_only_what_is_named_may_answer(name: str) -> None:
    """The neighbour of what was asked for is left out, however alike it is."""
    question, *pair = CASES[name]
    hits = [hit(text, title) for text, title in pair]
    restriction = Restriction.of(question, hits)

    assert [restriction.admits(each) for each in hits] == [True, False]
    assert [restriction.admits_sentence(each, 0, len(each.chunk.text)) for each in hits] == [True, False]


def test_the_last_name_before_a_sentence_counts() -> None:
    """A passage may go through several models; each sentence belongs to the one that was named last."""
    text = "Kappa 5\nMaximum pressure 160 bar.\nKappa 6\nMaximum pressure 180 bar."
    found = hit(text, "Kappa pumps: Kappa 5, Kappa 6")
    restriction = Restriction.of("What is the maximum pressure of the Kappa 5?", [found])

    admitted = [restriction.admits_sentence(found, text.find(n) - 17, text.find(n)) for n in ("160", "180")]

    assert admitted == [True, False]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When is the pool open?", "It opened in 2019 and was rebuilt in 2023."),
        ("How many came in 2022?", "The hall seats 500."),
        ("Is lane 4 open at 7?", "Lane 3 is closed for 5 weeks."),
        ("오후 3시에 열려 있나요?", "오전 9시에 연다."),
    ],
)
def test_what_names_nothing_restricts_nothing(question: str, text: str) -> None:
    """Numbers that count or tell the time are no names; a passage without a year may be of any."""
    found = hit(text)

    assert Restriction.of(question, [found]).admits(found)


def test_a_neighbour_alone_does_not_meet_it() -> None:
    """Where only another of the kind is found, the documents do not say; where none is, that is open."""
    other, none = hit("E-218: pump hot."), hit("The pump may run hot.")
    restriction = Restriction.of("What does E-217 mean?", [other, none])

    assert not restriction.is_met([other, none])
    assert restriction.is_met([none])
    assert restriction.is_met([other, hit("E-217: pump blocked.")])


def test_two_models_may_both_answer() -> None:
    """A question that compares takes both."""
    hits = [
        hit("It weighs 4 kg.", "Kestrel 2"),
        hit("It weighs 6 kg.", "Kestrel 3"),
        hit("8 kg.", "Kestrel 4"),
    ]
    restriction = Restriction.of("Which is heavier, the Kestrel 2 or the Kestrel 3?", hits)

    assert [restriction.admits(each) for each in hits] == [True, True, False]
