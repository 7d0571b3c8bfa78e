"""What Citewise says itself: in the language of the question, and never as part of the answer."""

import pytest
from doubles import EqualEmbedder, memory_index
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.compose import Quoting
from rag.answer.phrases import lead, without_lead
from rag.assistant import Assistant
from rag.eval.facts import shown
from rag.search.debias import UNCHANGED
from rag.search.retrieve import Retriever
from rag.text.languages import detect

LANGS = ("ar", "de", "en", "es", "fr", "he", "ja", "ko", "pt", "ru", "zh")
TEXTS = {
    "ko.md": "달무리 전시관 Moru R2 로봇은 무게가 38kg이다. 🎈",
    "th.txt": "Moru R2 ห้องสมุดปิดเวลาหกโมงเย็น",
}


@pytest.mark.parametrize("lang", LANGS)
def test_the_lead_is_in_the_language_of_the_question(lang: str) -> None:
    """The line that stands above foreign quotations can be read by who asked."""
    assert lang == detect(lead(lang, ["el"]))


@pytest.mark.parametrize(
    ("lang", "quoted"),
    [
        ("ko", ()),
        ("ko", ["en", "ko"]),
        ("pt-BR", ["pt"]),
        ("zh", ["zh-Hant"]),
        ("en", ["und"]),
        ("und", ["en"]),
    ],
)
def test_no_lead_where_a_quotation_may_be_in_the_language_of_the_question(
    lang: str, quoted: list[str]
) -> None:
    """It would be wrong above a quotation that can be read, or whose language nobody knows."""
    assert lead(lang, quoted) == ""


def test_a_language_without_a_line_gets_the_english_one() -> None:
    """Better a line in English than quotations without a word."""
    assert lead("sw", ["ko"]) == lead("en", ["ko"]) != ""


@given(st.text(), st.sampled_from([*LANGS, "sw", "und"]))
def test_taking_the_lead_away_gives_back_the_answer(text: str, lang: str) -> None:
    """Nothing but the lead goes; a text that has none stays as it is."""
    assert without_lead(lead(lang, ["el"]) + text, lang) == text or text.startswith(lead(lang, ["el"]))
    if not text.startswith(lead(lang, ["el"])):
        assert without_lead(text, lang) == text


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("달무리 전시관 Moru R2 로봇은 무게가 얼마입니까?", "ko"),
        ("How heavy is the Moru R2 robot?", "en"),
        ("Moru R2の重さは？", "ja"),
    ],
)
def test_the_lead_is_no_claim_and_says_no_fact(question: str, lang: str) -> None:
    """It stands in front of foreign quotations only, without a marker, and evaluation does not see it."""
    retriever = Retriever(memory_index(TEXTS, EqualEmbedder()), EqualEmbedder(), UNCHANGED)
    answer = Assistant(retriever, Quoting(), 1).ask(question)

    line = lead(answer.lang, {each.lang for each in answer.citations})

    assert answer.answered
    assert lang == answer.lang
    assert (lang == "ko") == (line == "")
    assert answer.text.startswith(line)
    assert "[" not in line
    assert not any(claim.text in line for claim in answer.claims)
    assert not line or line.strip() not in shown(answer)
