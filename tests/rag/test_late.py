"""A passage is as near as its tokens are to each token of the question."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rag.protocols import Embedder
from rag.search.fusion import refine
from rag.search.late import max_sims, pack
from rag.types import Matrix

DIM = 16
values = st.floats(-1, 1, width=32)


def matrices(least: int) -> st.SearchStrategy[Matrix]:
    return st.integers(least, 6).flatmap(lambda n: arrays(np.float32, (n, DIM), elements=values))


@given(matrices(1), matrices(1))
def test_it_is_the_mean_of_each_tokens_best_match(question: Matrix, passage: Matrix) -> None:
    """As a loop over signs says: 1 where a value is above zero, else -1, divided by their length."""
    signs = [[1.0 if value > 0 else -1.0 for value in row] for row in passage.tolist()]
    best = [
        max(sum(a * b for a, b in zip(token, sign, strict=True)) / DIM**0.5 for sign in signs)
        for token in question.tolist()
    ]

    assert max_sims(question, [pack(passage)]) == pytest.approx([sum(best) / len(best)], abs=1e-5)


@given(matrices(1), matrices(1), matrices(1))
def test_more_text_never_makes_a_passage_farther(question: Matrix, passage: Matrix, more: Matrix) -> None:
    """A token is added; none that matched is gone."""
    shorter, longer = max_sims(question, [pack(passage), pack(passage) + pack(more)])

    assert longer >= shorter


@given(matrices(1))
def test_without_tokens_nothing_is_near(tokens: Matrix) -> None:
    """An empty question or passage is at 0, neither near nor far."""
    assert max_sims(tokens[:0], [pack(tokens)]) == [0.0] == max_sims(tokens, [b""])
    assert max_sims(tokens, []) == []


@given(matrices(1), st.lists(matrices(0), max_size=5), matrices(1))
def test_a_passage_is_as_near_among_others_as_alone(
    question: Matrix, others: list[Matrix], passage: Matrix
) -> None:
    """Whatever stands beside it; and equal passages tie to the last bit."""
    packed = [pack(passage), *map(pack, others), pack(passage)]

    found = max_sims(question, packed)

    assert found == pytest.approx([max_sims(question, [each])[0] for each in packed], abs=1e-5)
    assert found[0] == found[-1]


@given(st.lists(st.floats(-1, 1), max_size=8), st.lists(st.floats(-1, 1), max_size=12))
def test_refining_loses_nobody_and_leaves_the_rest_behind(near: list[float], scores: list[float]) -> None:
    """The passages compared by tokens come first, the others follow as they stood; no score falls."""
    ranked = [(f"p{place:02}", score) for place, score in enumerate(sorted(scores, reverse=True))]

    found = refine(ranked, scores, near[: len(ranked)])

    first = len(near[: len(ranked)])
    assert sorted(found[:first]) == sorted((key, dict(found)[key]) for key, _ in ranked[:first])
    assert found[first:] == ranked[first:]
    assert all(dict(found)[key] >= score for key, score in ranked)


def test_tokens_decide_between_passages_that_are_as_near() -> None:
    """Two passages about the same thing: the one whose words answer wins."""
    ranked = [("about", 1.0), ("answers", 0.98), ("other", 0.1)]

    assert ["answers", "about", "other"] == [key for key, _ in refine(ranked, [0.8, 0.79, 0.3], [0.3, 0.4])]


ANSWERS = {
    "ko": (
        "도서관은 몇 시에 닫나요?",
        "도서관은 오후 여덟 시에 닫습니다.",
        "도서관은 1952년에 지어졌습니다.",
    ),
    "en": ("When does the library close?", "The library closes at eight.", "The library was built in 1952."),
    "ja": (
        "図書館は何時に閉まりますか。",
        "図書館は夜八時に閉まります。",
        "図書館は1952年に建てられました。",
    ),
    "zh": ("图书馆几点关门？", "图书馆晚上八点关门。", "图书馆建于1952年。"),
    "th": ("ห้องสมุดปิดกี่โมง", "ห้องสมุดปิดเวลาสองทุ่ม", "ห้องสมุดสร้างขึ้นในปี 1952"),
    "ar": ("متى تغلق المكتبة؟", "تغلق المكتبة في الثامنة مساء.", "بنيت المكتبة عام 1952."),
    "he": ("מתי הספרייה נסגרת?", "הספרייה נסגרת בשמונה בערב.", "הספרייה נבנתה בשנת 1952."),
    "hi": ("पुस्तकालय कब बंद होता है?", "पुस्तकालय शाम आठ बजे बंद होता है।", "पुस्तकालय 1952 में बना था।"),
    "el": ("Πότε κλείνει η βιβλιοθήκη;", "Η βιβλιοθήκη κλείνει στις οκτώ.", "Η βιβλιοθήκη χτίστηκε το 1952."),
    "ru": (
        "Когда закрывается библиотека?",
        "Библиотека закрывается в восемь.",
        "Библиотеку построили в 1952 году.",
    ),
    "fr": (
        "À quelle heure ferme la bibliothèque ?",
        "Elle ferme à vingt heures 📚.",
        "Elle fut bâtie en 1952.",
    ),
}


@pytest.mark.parametrize("asked", ANSWERS)
def test_the_passage_that_answers_is_nearer_in_every_language(embedder: Embedder, asked: str) -> None:
    """Than one about the same thing, whatever the language of either; composed or not."""
    question, _, _ = ANSWERS[asked]
    langs = list(ANSWERS)
    answers, others = (
        embedder.read_passages([ANSWERS[lang][side] for lang in langs], langs)[1] for side in (1, 2)
    )
    composed, apart = (
        embedder.read_query(unicodedata.normalize(form, question), asked)[1] for form in ("NFC", "NFD")
    )

    near = zip(max_sims(composed, answers), max_sims(composed, others), strict=True)
    nearer = [yes > no for yes, no in near]

    assert sum(nearer) >= 10
    assert (composed == apart).all()


def test_what_is_read_is_what_is_embedded(embedder: Embedder) -> None:
    """The vectors are the same bytes; there are as many tokens as the text has, prefix and marks left out."""
    texts, langs = [each[1] for each in ANSWERS.values()], list(ANSWERS)

    vectors, signs = embedder.read_passages(texts, langs)
    query, tokens = embedder.read_query(texts[0], "ko")

    assert (vectors == embedder.embed_passages(texts)).all()
    assert (query == embedder.embed_query(texts[0])).all()
    empty = embedder.count_tokens([""])[0]
    counted = [count - empty for count in embedder.count_tokens(texts)]
    assert counted == [len(each) * 8 // embedder.dim for each in signs]
    assert len(tokens) == counted[0]
    assert np.linalg.norm(tokens, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert embedder.read_passages([""], ["und"])[1] == [b""]
