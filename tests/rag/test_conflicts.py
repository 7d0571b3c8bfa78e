# ruff: noqa: E501 - one row of a table is one line
"""Sources that disagree are shown side by side, and only those."""

from datetime import date

import pytest
from doubles import HashEmbedder

from rag.answer.asked import asked
from rag.answer.conflicts import find_conflicts, is_same_document, with_conflicts
from rag.search.debias import UNCHANGED
from rag.types import Chunk, Conflict, Document, Hit
from rag.verify.citations import Citations, Cited
from rag.verify.nearness import VectorScorer

SCORER = VectorScorer(HashEmbedder(dim=256), UNCHANGED)
OLD, NEW = date(2023, 4, 1), date(2025, 3, 1)
RULE = "The visitor limit of the Larch garden is {} people a day."
LIMIT = "How many people a day is the visitor limit of the Larch garden?"


class Shelf:
    """Documents by id; the only part of an index that is asked here."""

    generation = 1

    def __init__(self, *documents: Document) -> None:
        self.documents = {each.doc_id: each for each in documents}

    def document(self, doc_id: str) -> Document:
        return self.documents[doc_id]


def document(
    doc_id: str, text: str, published: date | None, title: str = "Garden rules", lang: str = "en"
) -> Document:
    return Document(doc_id, title, text, lang, published, "")


def hits(*documents: Document) -> tuple[Hit, ...]:
    return tuple(
        Hit(Chunk(each.doc_id, each.doc_id, 0, len(each.text), each.text, each.lang), 1.0, rank)
        for rank, each in enumerate(documents, start=1)
    )


def conflicts(question: str, *documents: Document, lang: str = "en") -> tuple[Conflict, ...]:
    citations = Citations(Shelf(*documents))  # type: ignore[arg-type]
    return find_conflicts(question, lang, hits(*documents), citations, SCORER)


def test_sides_stand_newest_first_with_value_statement_and_date() -> None:
    """Each side says what it is worth: its value, its sentence, its source and day."""
    old, new = document("old", RULE.format(40), OLD), document("new", RULE.format(60), NEW)

    (found,) = conflicts(LIMIT, old, new)

    assert [("60 people", NEW), ("40 people", OLD)] == [(side.value, side.date) for side in found.sides]
    assert [RULE.format(60), RULE.format(40)] == [side.statement for side in found.sides]


def test_undated_sources_come_last() -> None:
    """What has no date is not taken for new."""
    (found,) = conflicts(LIMIT, document("x", RULE.format(40), None), document("new", RULE.format(60), NEW))

    assert [NEW, None] == [side.date for side in found.sides]


@pytest.mark.parametrize(
    "other",
    [
        RULE.format("forty"),
        RULE.format("40"),
        "The visitor limit of the Birch garden near the sea is 90 people a week in summer.",
        "In 2019 there were benches.",
    ],
)
def test_the_same_value_and_another_subject_do_not_disagree(other: str) -> None:
    """Words or digits, the same limit; another garden, another limit."""
    title = "Garden rules" if "Larch" in other else "Birch garden by the sea"

    assert () == conflicts(LIMIT, document("a", RULE.format(40), OLD), document("b", other, NEW, title))


def test_years_of_a_series_do_not_disagree() -> None:
    """Last year's figure and this year's are two facts."""
    old = document("old", "In 2023 the garden sold 400 tickets worth 9,000 euros.", OLD)
    new = document("new", "In 2024 the garden sold 500 tickets worth 12,000 euros.", NEW)

    assert () == conflicts("How much is the price of garden tickets?", old, new)


def test_one_document_does_not_disagree_with_itself() -> None:
    """Two values in one source are its own affair."""
    text = f"{RULE.format(40)} {RULE.format(60)}"

    assert () == conflicts(LIMIT, document("a", text, OLD))


def test_the_answer_tells_the_conflict_in_the_language_of_the_question() -> None:
    """Newer first, the older version named as older, each side with a citation that exists."""
    old = document("old", "하루 입장 인원은 40명이다.", OLD, "낙엽송 정원 규정 제1판", "ko")
    new = document("new", "하루 입장 인원은 60명이다.", NEW, "낙엽송 정원 규정 제2판", "ko")
    index, found = Shelf(old, new), hits(old, new)
    citations = Citations(index)  # type: ignore[arg-type]
    marker = citations.cite((found[0].chunk, 0, len(old.text))).marker
    cited = Cited(f"{old.text} [{marker}]", (), citations.all())

    after, told = with_conflicts(cited, "하루 입장 인원은 몇 명인가요?", "ko", found, index, SCORER)  # type: ignore[arg-type]

    assert 1 == len(told)
    assert after.text.splitlines()[-3:] == [
        "출처마다 다릅니다:",
        "- 60명 (낙엽송 정원 규정 제2판, 2025-03-01, 새 판) [2]",
        "- 40명 (낙엽송 정원 규정 제1판, 2023-04-01, 옛 판) [1]",
    ]
    assert [1, 2] == [each.marker for each in after.citations]


def test_an_answer_without_citations_is_left_alone() -> None:
    """Where nothing was answered there is nothing to disagree about."""
    cited = Cited("", (), ())
    documents = (document("old", RULE.format(40), OLD), document("new", RULE.format(60), NEW))

    assert (cited, ()) == with_conflicts(cited, LIMIT, "en", hits(*documents), Shelf(*documents), SCORER)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("몇 위인가요?", "ordinal"),
        ("How many people came?", "number"),
        ("料金はいくらですか", "money"),
        ("图书馆几点关门？", "time"),
        ("Wann öffnet das Bad?", "time"),
        ("¿Qué días abre?", "weekday"),
        ("할인율은 몇 퍼센트인가요?", "percent"),
    ],
)
def test_the_question_tells_what_is_asked_for(question: str, kind: str) -> None:
    """Question words decide which values can be an answer."""
    assert kind in asked(question).kinds


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (
            "Fern Foods does have offices in 11 cities.",
            "Fern Foods does have offices, the twelfth in Rome.",
            True,
        ),
        (
            "Fern Foods does have offices in 11 cities.",
            "Fern Foods does have offices, the third in Rome.",
            False,
        ),
    ],
)
def test_a_rank_beyond_the_count_disagrees_with_it(first: str, second: str, *, told: bool) -> None:
    """The twelfth office is not one of eleven; the third is."""
    documents = (
        document("a", first, OLD, "Fern Foods offices"),
        document("b", second, NEW, "Fern Foods offices"),
    )

    assert told is bool(conflicts("In how many cities does Fern Foods have offices?", *documents))


@pytest.mark.parametrize(
    ("question", "lang", "first", "second"),
    [
        ("Who is the president of Fern Foods?", "en", "Fern Foods president Ann Lee spoke.", "Max Roth, president of Fern Foods, left."),
        ("Who is the director of the Fern museum?", "en", "Ann Lee is director of the Fern museum.", "The Fern museum is without a director."),
        ("고사리 재단 대표는 누구인가요?", "ko", "고사리 재단 대표는 문태오 대표이다.", "고사리 재단 대표 자리는 비어 있다."),
        ("Where is the headquarters of Fern Foods?", "en", "The headquarters of Fern Foods is in Rotterdam.", "The headquarters of Fern Foods moved to Antwerp."),
    ],
)  # fmt: skip
def test_persons_vacancies_and_places_disagree(question: str, lang: str, first: str, second: str) -> None:
    """Two holders of an office, a holder and a vacant post, two places."""
    assert conflicts(
        question, document("a", first, OLD, lang=lang), document("b", second, NEW, lang=lang), lang=lang
    )


def test_one_person_in_two_scripts_is_no_conflict() -> None:
    """강민석 and Kang Min-seok are one."""
    first = document("a", "고사리 재단 강민석 대표가 기념사를 했다.", OLD, "고사리 재단", "ko")
    second = document(
        "b", "Kang Min-seok, the chief executive of the Fern Trust, thanked the staff.", NEW, "Fern Trust"
    )

    assert () == conflicts("고사리 재단의 대표는 누구인가요?", first, second, lang="ko")


def test_who_and_whether_are_asked_too() -> None:
    """A holder of an office, and yes or no."""
    assert "president" == asked("대통령은 누구인가요?").role
    assert asked("Is the pool open in winter?").yes_no
    assert not asked("Why is the pool closed?").yes_no


def test_versions_differ_by_their_numbers_only() -> None:
    """규정 (제1판) and 규정 (제2판) are one document; two gardens are two."""
    assert is_same_document("출장비 규정 (제1판)", "출장비 규정 (제2판)")
    assert is_same_document("Travel policy 2022", "Travel policy, version 2 (2025)")
    assert not is_same_document("Larch garden", "Birch garden")


def test_a_table_of_promised_and_measured_disagrees_with_the_promise() -> None:
    """A row that says both says more than the leaflet; a row with the leaflet's value alone agrees."""
    leaflet = document("leaflet", "The range of the Wren bicycle is 80 km.", OLD)
    both = document("test", "| range of the Wren bicycle | 80 km | 58 km |", NEW)
    same = document("test", "| range of the Wren bicycle | 80 km | 899 euros |", NEW)
    question = "How many km is the range of the Wren bicycle?"

    (found,) = conflicts(question, leaflet, both)

    assert ["80 km | 58 km", "80 km"] == [side.value for side in found.sides]
    assert () == conflicts(question, leaflet, same)
