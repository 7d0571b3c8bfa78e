"""Every measure means what its definition says, and is absent where it does not apply."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged import answer, citation, document, pair, refusal, unanswerable

from rag.eval.measures import MEASURES, crashed, exact_match, measure, token_f1
from rag.types import Claim, Conflict, Side

DOCUMENTS = {"a.txt": document()}


def test_a_right_answer_scores_one_in_everything() -> None:
    """All facts, nothing forbidden, cited, verified, exact quotes, in the language of the question."""
    asked = pair(**{"not": ["€17"]}, reference="Tickets cost 7 euros")

    verdict = measure(asked, answer(), DOCUMENTS)

    assert set(verdict.values.values()) == {1.0}
    assert set(verdict.values) == set(MEASURES) - {
        "abstention_precision",
        "abstention_recall",
        "conflict_recall",
    }
    assert verdict.missing == ()


def test_what_is_missing_is_named() -> None:
    """The explanation holds the fact with all its wordings, and the document."""
    asked = pair(facts=[["€9", "9 euros"]], docs=[["b.txt"]])

    verdict = measure(asked, answer(), DOCUMENTS)

    assert "missing fact: €9 | 9 euros" in verdict.missing
    assert "not cited: b.txt" in verdict.missing
    assert verdict.values["correct"] == verdict.values["facts"] == verdict.values["citation_recall"] == 0.0


def test_half_of_the_facts_is_half_and_not_correct() -> None:
    """`facts` is a share, `correct` is all or nothing."""
    verdict = measure(pair(facts=[["€7"], ["noon"]]), answer(), DOCUMENTS)

    assert (verdict.values["facts"], verdict.values["correct"]) == (0.5, 0.0)


def test_a_forbidden_string_makes_an_answer_wrong() -> None:
    """Even if every fact is there."""
    verdict = measure(pair(**{"not": ["euros"]}), answer(), DOCUMENTS)

    assert verdict.values["clean"] == verdict.values["correct"] == 0.0
    assert verdict.missing == ("forbidden: euros",)


def test_abstention_is_precision_over_refusals_and_recall_over_what_has_no_answer() -> None:
    """Each of the four outcomes counts where it belongs."""
    needless = measure(pair(), refusal(), DOCUMENTS).values
    right = measure(unanswerable(), refusal(), DOCUMENTS).values
    invented = measure(unanswerable(), answer(), DOCUMENTS).values

    assert (needless["correct"], needless["answered"], needless["abstention_precision"]) == (0.0, 0.0, 0.0)
    assert "abstention_recall" not in needless
    assert (right["correct"], right["abstention_precision"], right["abstention_recall"]) == (1.0, 1.0, 1.0)
    assert (invented["correct"], invented["abstention_recall"]) == (0.0, 0.0)
    assert "abstention_precision" not in invented


@pytest.mark.parametrize(
    "wrong", [citation(shift=1), replace(citation(), doc_id="gone.txt"), replace(citation(), quote="")]
)
def test_a_quote_is_exact_or_it_is_not(wrong: object) -> None:
    """Off by one, in no document, or empty: each is a broken quote, and none crashes."""
    assert measure(pair(), answer(citations=(wrong,)), DOCUMENTS).values["quotes_exact"] == 0.0


def test_citation_precision_counts_citations_and_recall_documents() -> None:
    """One of two citations, one of two documents."""
    asked = pair(docs=[["a"], ["b"]])
    cited = answer(citations=(citation(), citation(doc_id="c.txt")))

    values = measure(asked, cited, DOCUMENTS).values

    assert (values["citation_precision"], values["citation_recall"]) == (0.5, 0.5)


def test_claims_count_by_their_status() -> None:
    """A share of all claims, absent where there is none."""
    claims = (Claim("a", "verified", (1,)), Claim("b", "unverified", ()))

    assert measure(pair(), answer(claims=claims), DOCUMENTS).values["claims_verified"] == 0.5
    assert "claims_verified" not in measure(pair(), answer(claims=()), DOCUMENTS).values


KOREAN = "입장료는 7유로이고 어린이는 무료로 들어간다. [1]"
FRENCH = "Le billet coûte 7 euros pour les adultes et les enfants. [1]"
THAI = "ค่าเข้าชมคือ 7 ยูโรสำหรับผู้ใหญ่ [1]"


@pytest.mark.parametrize(
    ("langs", "text", "language", "correct"),
    [
        ([], KOREAN, 0.0, 1.0),
        (["ko"], KOREAN, 1.0, 1.0),
        (["en", "ko"], KOREAN, 1.0, 1.0),
        (["ko-KR"], KOREAN, 1.0, 1.0),
        (["fr"], KOREAN, 0.0, 0.0),
        (["fr"], FRENCH, 1.0, 1.0),
        (["th", "ja"], THAI, 1.0, 1.0),
        (["ja"], "Tickets cost 7 euros. [1]", 0.0, 0.0),
        (["ja"], "7 € [1]", None, 1.0),
    ],
)
def test_a_pair_may_ask_for_the_language_of_the_answer(
    langs: list[str], text: str, language: float | None, correct: float
) -> None:
    """Then an answer in another one is wrong, and one that is allowed does not fail `language`."""
    verdict = measure(pair(answer_langs=langs), answer(text), DOCUMENTS)

    assert (verdict.values.get("language"), verdict.values["correct"]) == (language, correct)
    assert any(each.startswith("the answer is not in ") for each in verdict.missing) == (language == 0)


def test_a_refusal_is_held_to_the_language_too() -> None:
    """Who must be answered in Japanese must be refused in Japanese."""
    asked = unanswerable(answer_langs=["ja"])

    assert measure(asked, refusal(), DOCUMENTS).values["correct"] == 0.0
    assert (
        measure(asked, refusal(text="この質問への答えは文書の中にありません。"), DOCUMENTS).values["correct"]
        == 1.0
    )


def test_a_region_is_no_other_language() -> None:
    """What tells languages apart tells no regions."""
    asked = unanswerable(lang="pt-BR")

    assert measure(asked, refusal(text="Os documentos não respondem a esta pergunta."), DOCUMENTS).values[
        "language"
    ]


@pytest.mark.parametrize(
    ("lang", "text", "score"),
    [
        ("ko", "이 질문에 대한 답은 문서에 없습니다.", 1.0),
        ("ko", "The documents do not answer this question.", 0.0),
        ("ja", "この質問への答えは文書の中にありません。", 1.0),
        ("he", "המסמכים אינם עונים על השאלה הזאת.", 1.0),
        ("en", "42", None),
    ],
)
def test_the_answer_should_be_in_the_language_of_the_question(
    lang: str, text: str, score: float | None
) -> None:
    """Where the language can be told; a bare number has none."""
    assert measure(unanswerable(lang=lang), refusal(text=text), DOCUMENTS).values.get("language") == score


def test_a_conflict_is_recalled_by_the_values_that_one_conflict_shows() -> None:
    """Values spread over two conflicts are not set against each other."""
    asked = pair(type="conflict", facts=[["€7"], ["€9"]])
    seven, nine = Side("€7", "It costs €7.", 1, None), Side("9 €", "La entrada cuesta 9 euros.", 2, None)

    def recall(*conflicts: Conflict) -> float:
        return measure(asked, answer(conflicts=conflicts), DOCUMENTS).values["conflict_recall"]

    assert recall(Conflict((seven, nine))) == 1.0
    assert recall(Conflict((seven, seven)), Conflict((nine, nine))) == 0.5
    assert recall() == 0.0


def test_a_crash_scores_zero_wherever_a_score_was_due() -> None:
    """So that a crash lowers every mean that it takes part in, and raises none."""
    asked = pair(type="conflict", reference="7 euros", **{"not": ["€9"]})
    due = measure(asked, answer(), DOCUMENTS).values

    zeros = crashed(asked)

    assert set(zeros.values()) == {0.0}
    assert set(zeros) <= set(due)
    assert crashed(unanswerable()) == {"correct": 0.0, "abstention_recall": 0.0, "backend": 0.0}


@pytest.mark.parametrize(
    ("text", "reference", "match", "f1"),
    [
        ("김경훈", "김경훈", 1.0, 1.0),
        ("김경훈이다", "김경훈", 0.0, 0.75),
        ("ＯＰＥＮＡＩ　코리아", "OpenAI코리아!", 1.0, 1.0),
        ("東京都", "東京", 0.0, 0.8),
        ("the Four Seasons", "Four Seasons", 0.0, 0.8),
        ("กรุงเทพ", "กรุงเทพ", 1.0, 1.0),
        ("Сеул", "Москва", 0.0, 0.0),
        ("القاهرة", "القاهرة.", 1.0, 1.0),
        ("", "x", 0.0, 0.0),
        ("the the the", "the cat", 0.0, 0.4),
    ],
)
def test_exact_match_and_f1_in_any_script(text: str, reference: str, match: float, f1: float) -> None:
    """Characters are the tokens of unspaced scripts and Hangul; punctuation, case and width do not count."""
    assert exact_match(text, reference) == match
    assert token_f1(text, reference) == pytest.approx(f1)


@given(st.text(max_size=30), st.text(max_size=30))
def test_f1_is_symmetric_and_one_for_equal_texts(some: str, other: str) -> None:
    """A harmonic mean of precision and recall has no side."""
    assert token_f1(some, other) == token_f1(other, some)
    assert token_f1(some, some) == exact_match(some, some) or not token_f1(some, some)
