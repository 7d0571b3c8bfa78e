"""Text is cleaned once at the border, and tokens suit every script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.characters import clean_text, fold, tokens

SCRIPTS = {
    "ko": "오픈에이아이가 서울에 지사를 연다",
    "ja": "東京の図書館は午後六時に閉まります",
    "zh": "图书馆晚上六点关门",
    "th": "ห้องสมุดปิดหกโมงเย็น",
    "ar": "تُغلَق المكتبة في الساعة السادسة",
    "he": "הספרייה נסגרת בשעה שש",
    "hi": "पुस्तकालय छह बजे बंद होता है",
    "el": "Η βιβλιοθήκη κλείνει στις έξι",
    "ru": "Библиотека закрывается в шесть",
    "fr": "La bibliothèque ferme à dix-huit heures",
    "emoji": "👩‍👩‍👧 café 🇰🇷 naïve",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_composed_and_decomposed_text_has_the_same_tokens(text: str) -> None:
    """NFC, NFD and full-width forms of a word are found by one another."""
    decomposed = unicodedata.normalize("NFD", text)

    assert tokens(text) == tokens(decomposed)
    assert clean_text(text) == clean_text(decomposed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("한국 법인의", ["한국", "법인", "인의"]),
        ("국", ["국"]),
        ("GPT-4o", ["gpt-4o", "gpt", "4o"]),
        ("C++ and C#", ["c++", "and", "c#"]),
        ("3.5", ["3.5", "3", "5"]),
        ("ＡＰＩ １２", ["api", "12"]),
        ("東京都", ["東京", "京都"]),
        ("Straße Élan", ["strasse", "elan"]),
        ("й и", ["й", "и"]),
        ("مُحَمَّد", ["محمد"]),
        ("हिन्दी", ["हिन्दी"]),
        ("2025년 9월", ["2025", "년", "9", "월"]),
        ("👍 ‍ !", []),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    """Spaced scripts give words and their parts; unspaced ones overlapping bigrams."""
    assert expected == tokens(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\x00b\ufeffc\u200bd\u202ee", "abcde"),
        ("\ud83d\ude00 \ud800", "\U0001f600 "),
        ("안\u1112\u1161\u11ab", "안한"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("9⽉12⽇", "9月12日"),
        ("x\U000e0041\U000e0042y", "xy"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4\U000e0067\U000e0062\U000e007f"),
    ],
)
def test_clean_text(text: str, expected: str) -> None:
    """Controls, lone surrogates and invisible carriers go; joiners that scripts need stay."""
    assert expected == clean_text(text)


@given(st.text(st.characters(codec=None)))
def test_clean_text_is_idempotent_and_encodable(text: str) -> None:
    """Whatever comes in, what comes out can be stored and does not change again."""
    cleaned = clean_text(text)

    assert cleaned == clean_text(cleaned)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)


@given(st.text())
def test_tokens_hold_no_space_and_ignore_composition(text: str) -> None:
    """Tokens survive being joined by spaces, which is how they are stored."""
    cleaned = clean_text(text)
    found = tokens(cleaned)

    assert found == " ".join(found).split()
    assert found == tokens(unicodedata.normalize("NFD", cleaned))


def test_fold_makes_forms_equal() -> None:
    """Width, case, sharp s and spacing do not tell texts apart."""
    assert fold("ＲＡＧ  Straße\n") == fold("rag STRASSE")
