"""The same story twice is one story; k passages that differ come back while there are k."""

import pytest
from doubles import HashEmbedder, memory_index
from hypothesis import given
from hypothesis import strategies as st

from rag.search.debias import UNCHANGED
from rag.search.duplicates import first_of_each, resemblance, shingles
from rag.search.retrieve import DEPTH, Retriever
from rag.types import Where

STORIES = {
    "ko": "도서관은 다음 주 월요일부터 금요일까지 내부 수리로 문을 닫고 토요일에 다시 연다.",
    "ja": "図書館は来週の月曜日から金曜日まで改修のため休館し、土曜日に再び開館します。",
    "zh": "图书馆下周一至周五因内部装修闭馆，周六重新开放，读者可到分馆借书。",
    "th": "ห้องสมุดจะปิดปรับปรุงตั้งแต่วันจันทร์ถึงวันศุกร์หน้า และเปิดอีกครั้งในวันเสาร์",
    "ar": "ستغلق المكتبة أبوابها من الاثنين إلى الجمعة المقبل للصيانة ثم تفتح يوم السبت",
    "he": "הספרייה תיסגר לשיפוצים מיום שני עד יום שישי הבא ותיפתח שוב בשבת בבוקר",
    "hi": "पुस्तकालय अगले सोमवार से शुक्रवार तक मरम्मत के लिए बंद रहेगा और शनिवार को फिर खुलेगा",
    "el": "Η βιβλιοθήκη θα κλείσει για επισκευές από τη Δευτέρα έως την Παρασκευή και ανοίγει το Σάββατο",
    "ru": "Библиотека закроется на ремонт с понедельника по пятницу и снова откроется в субботу утром",
    "fr": "La bibliothèque fermera pour travaux de lundi à vendredi prochains et rouvrira samedi matin à 9 h",
}


@pytest.mark.parametrize("text", STORIES.values(), ids=STORIES)
def test_a_story_with_a_byline_is_the_same_story(text: str) -> None:
    """A source in front and a copyright line behind do not make another text of it."""
    assert [0] == list(first_of_each([text, f"(AP) {text} © 2026"]))


def test_other_stories_stay() -> None:
    """No two texts in different words are taken for one, whatever they are about."""
    assert list(range(len(STORIES))) == list(first_of_each(STORIES.values()))


@given(st.text(), st.text())
def test_resemblance_is_a_symmetric_share(one: str, other: str) -> None:
    """It lies in [0, 1], does not depend on the order, and is 1 for a text with itself; empty ones too."""
    a, b = shingles(one), shingles(other)

    assert 0.0 <= resemblance(a, b) <= 1.0
    assert resemblance(a, b) == resemblance(b, a)
    assert 1.0 == resemblance(a, a)


def doubled() -> dict[str, str]:
    """Return a made-up collection in which every story stands twice, once under a byline."""
    once = {f"{lang}.txt": text for lang, text in STORIES.items()}
    return once | {f"copy of {name}": f"(AP) {text} © 2026" for name, text in once.items()}


def test_a_doubled_collection_does_not_fill_the_answer_twice() -> None:
    """With collapse the ten stories come back once each; without it five come back twice."""
    embedder = HashEmbedder()
    index = memory_index(doubled(), embedder)

    def stories(collapse: bool) -> list[str]:
        retriever = Retriever(index, embedder, UNCHANGED, collapse)
        found = retriever.retrieve("La bibliothèque, quand? 도서관 월요일 图书馆", 10)
        assert list(range(1, 11)) == [hit.rank for hit in found.hits]
        return [hit.chunk.doc_id.removeprefix("copy of ") for hit in found.hits]

    assert 10 == len(set(stories(collapse=True)))
    assert 10 > len(set(stories(collapse=False)))


def test_copies_without_end_hide_nothing() -> None:
    """Past the copies that fill all candidates, the search goes on until k differ or none is left."""
    copies = {f"copy {number}.txt": STORIES["fr"] for number in range(DEPTH + 20)}
    embedder = HashEmbedder()
    index = memory_index(copies | {"ko.txt": STORIES["ko"], "th.txt": STORIES["th"]}, embedder)
    retriever = Retriever(index, embedder, UNCHANGED, collapse=True)

    found = retriever.retrieve("La bibliothèque fermera pour travaux de lundi à vendredi", 3)
    filtered = retriever.retrieve("La bibliothèque", 3, Where(docs=("copy 7.txt", "copy 8.txt", "th.txt")))

    assert {"ko.txt", "th.txt"} < {hit.chunk.doc_id for hit in found.hits}
    assert 3 == len(found.hits)
    assert {"copy 7.txt", "th.txt"} == {hit.chunk.doc_id for hit in filtered.hits}
