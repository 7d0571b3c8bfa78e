"""Sources whose words for what was asked cannot be the same are shown side by side, and only those."""

from collections.abc import Sequence
from datetime import date

import pytest

from rag.answer.conflicts import find_conflicts, is_same_document, with_conflicts
from rag.cite import Citations, Cited
from rag.prompt import Passages
from rag.types import Chunk, Conflict, Document, Hit, Reading, Span

OLD, NEW = date(2023, 4, 1), date(2025, 3, 1)
RULE = "The visitor limit of the Larch garden is {} people a day."


class Shelf:
    """Documents by id; the only part of an index that is asked here."""

    generation = 1

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = {each.doc_id: each for each in documents}

    def document(self, doc_id: str) -> Document:
        return self.documents[doc_id]


def told(
    text: str, words: str, day: date | None = OLD, title: str = "Rules", lang: str = "en", sure: float = 3.0
) -> tuple[Document, Reading]:
    """Return a document of *text*, and a reading that marks *words* in it."""
    start = text.index(words)
    reading = Reading((Span(start, start + len(words), 2 * sure),), sure, sure)
    return Document(f"{title}-{day}-{words}-{text}", title, text, lang, day, ""), reading


def prompt(*read: tuple[Document, Reading], lang: str = "en") -> tuple[Passages, Shelf]:
    hits = tuple(
        Hit(Chunk(each.doc_id, each.doc_id, 0, len(each.text), each.text, each.lang), 1.0, rank)
        for rank, (each, _) in enumerate(read, start=1)
    )
    readings = tuple(reading for _, reading in read)
    return Passages("?", lang, hits, readings=readings), Shelf([each for each, _ in read])


def conflicts(*read: tuple[Document, Reading]) -> tuple[Conflict, ...]:
    asked, shelf = prompt(*read)
    return find_conflicts(asked, Citations(shelf))  # type: ignore[arg-type]


def test_sides_stand_newest_first_with_value_statement_and_date() -> None:
    """Each side says what it is worth: its words, its sentence, its source and day; undated ones last."""
    (found,) = conflicts(
        told(RULE.format(40), "40 people", OLD),
        told(RULE.format(80), "80 people", None),
        told(RULE.format(60), "60 people", NEW),
    )

    assert [("60 people", NEW), ("40 people", OLD), ("80 people", None)] == [
        (side.value, side.date) for side in found.sides
    ]
    assert found.sides[0].statement == RULE.format(60)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("It is 40 people a day.", "40 people"), ("Forty people may enter.", "Forty people")),
        (("It weighs 1.5 kg.", "1.5 kg"), ("It weighs 1,500 g.", "1,500 g")),
        (("하루 9천 명이 찾는다.", "9천 명"), ("9,000 people come daily.", "9,000 people")),
        (("It opens at 9 am.", "9 am"), ("오전 9시에 연다.", "오전 9시")),
        (("It cost about 340,000 euros.", "340,000 euros"), ("It cost 338,900 euros.", "338,900 euros")),
        (("강민석 대표가 말했다.", "강민석"), ("Kang Min-seok heads it.", "Kang Min-seok")),
    ],
)
def test_the_same_in_other_words_is_no_conflict(first: tuple[str, str], second: tuple[str, str]) -> None:
    """Words or digits, other units, round figures, another script."""
    assert conflicts(told(*first, OLD), told(*second, NEW)) == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("It is 40 people a day.", "40 people"), ("Sixty people may enter.", "Sixty people")),
        (("하루 입장 인원은 40명이다.", "40명"), ("하루 입장 인원은 60명이다.", "60명")),
        (("定員は30人です。", "30人"), ("The room holds 45 people.", "45 people")),
        (("票价为20元。", "20元"), ("票价为35元。", "35元")),
        (("Der Eintritt kostet 7 Euro.", "7 Euro"), ("Der Eintritt kostet 9 Euro.", "9 Euro")),
        (("Ann Lee is its director.", "Ann Lee"), ("Max Roth is its director.", "Max Roth")),
    ],
)
def test_other_values_and_other_names_disagree(first: tuple[str, str], second: tuple[str, str]) -> None:
    """In one language or across."""
    assert len(conflicts(told(*first, OLD), told(*second, NEW))) == 1


def test_years_of_a_series_do_not_disagree() -> None:
    """Last year's figure and this year's are two facts."""
    old = told("In 2023 the garden sold 400 tickets.", "400 tickets", OLD)
    new = told("In 2024 the garden sold 500 tickets.", "500 tickets", NEW)

    assert conflicts(old, new) == ()


def test_one_document_does_not_disagree_with_itself() -> None:
    """Of two passages of one document the one that answers more surely speaks for it."""
    document, reading = told(RULE.format(40), "40 people")
    other = Reading((Span(0, 3, 4.0),), 2.0, 2.0)

    assert conflicts((document, reading), (document, other)) == ()


def test_what_does_not_answer_is_no_side() -> None:
    """A value that the reader does not take for the answer belongs to something else."""
    unsure = told(RULE.format(60), "60 people", NEW, sure=-2.0)

    assert conflicts(told(RULE.format(40), "40 people"), unsure) == ()


def test_the_answer_tells_the_conflict_in_the_language_of_the_question() -> None:
    """Newer first, the older version named as older, each side with a citation that exists."""
    old = told("하루 입장 인원은 40명이다.", "40명", OLD, "낙엽송 정원 규정 제1판", "ko")
    new = told("하루 입장 인원은 60명이다.", "60명", NEW, "낙엽송 정원 규정 제2판", "ko")
    asked, shelf = prompt(old, new, lang="ko")
    citations = Citations(shelf)  # type: ignore[arg-type]
    marker = citations.cite((asked.hits[0].chunk, 0, len(old[0].text))).marker
    cited = Cited(f"{old[0].text} [{marker}]", (), citations.all())

    after, found = with_conflicts(cited, asked, shelf)  # type: ignore[arg-type]

    assert len(found) == 1
    assert after.text.splitlines()[-3:] == [
        "출처마다 다릅니다:",
        "- 60명 (낙엽송 정원 규정 제2판, 2025-03-01, 새 판) [2]",
        "- 40명 (낙엽송 정원 규정 제1판, 2023-04-01, 옛 판) [1]",
    ]
    assert [each.marker for each in after.citations] == [1, 2]
    assert with_conflicts(Cited("", (), ()), asked, shelf) == (Cited("", (), ()), ())  # type: ignore[arg-type]


def test_versions_differ_by_their_numbers_only() -> None:
    """규정 (제1판) and 규정 (제2판) are one document; two gardens are two."""
    assert is_same_document("출장비 규정 (제1판)", "출장비 규정 (제2판)")
    assert is_same_document("Travel policy 2022", "Travel policy, version 2 (2025)")
    assert not is_same_document("Larch garden", "Birch garden")
