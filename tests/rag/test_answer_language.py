"""An answer is called foreign only where that is sure: names, quotations and short replies are not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.language import foreign

ANSWERS = {
    "ko": "도서관은 평일 오후 여섯 시에 문을 닫고, 주말에는 문을 열지 않습니다. [1]",
    "en": "The library closes at six in the evening on weekdays and stays shut at weekends. [1]",
    "ja": "図書館は平日の午後六時に閉まり、週末は開いていません。[1]",
    "zh": "图书馆工作日晚上六点关门，周末不开放。[1]",
    "de": "Die Bibliothek schließt werktags um sechs Uhr abends und bleibt am Wochenende zu. [1]",
    "es": "La biblioteca cierra a las seis de la tarde entre semana y no abre los fines de semana. [1]",
    "fr": "La bibliothèque ferme à six heures du soir en semaine et reste fermée le week-end. [1]",
    "ar": "تغلق المكتبة أبوابها في السادسة مساء خلال أيام الأسبوع ولا تفتح في عطلة نهاية الأسبوع. [1]",
    "he": "הספרייה נסגרת בשש בערב בימי חול ואינה פתוחה בסוף השבוע. [1]",
    "hi": "पुस्तकालय कार्यदिवसों में शाम छह बजे बंद होता है और सप्ताहांत में नहीं खुलता। [1]",
    "el": "Η βιβλιοθήκη κλείνει στις έξι το απόγευμα τις καθημερινές και δεν ανοίγει το σαββατοκύριακο. [1]",
    "ru": "Библиотека закрывается в шесть часов вечера по будням и не работает в выходные. [1]",
    "th": "ห้องสมุดปิดเวลาหกโมงเย็นในวันธรรมดา และไม่เปิดในวันหยุดสุดสัปดาห์ [1]",
}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("wanted", ANSWERS)
@pytest.mark.parametrize("written", ANSWERS)
def test_a_whole_sentence_shows_its_language(written: str, wanted: str, form: str) -> None:
    """It is foreign to every language but its own."""
    text = unicodedata.normalize(form, ANSWERS[written])  # type: ignore[arg-type]

    assert ("" if written == wanted else written) == foreign(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The company is called 오픈AI코리아. [1]", "en"),
        ("법인명은 OpenAI Korea Limited Liability Company입니다. [1]", "ko"),
        ("代表作は汐路ふみの『夜の網元』です。", "ja"),
        ("代表作是汐路ふみ的《夜の網元》。", "zh"),
        ("Samsung Electronics, SK Hynix", "ko"),
        ("Lee Jae-yong and Chey Tae-won", "de"),
        ("2025-09-12 [1]", "ko"),
        ("9月12日", "ko"),
        ("1,250 °C", "ja"),
        ("Yes. [2]", "ko"),
        ("“The library closes at six on weekdays”라고 적혀 있습니다. [1]", "ko"),
        ("문서에는 “The library closes at six on weekdays and stays shut at weekends”라고 합니다.", "ko"),
        ("규정은 「図書館は平日の午後六時に閉まります」입니다.", "ko"),
        ("설정은 `serve_port = 9000` 이고 https://example.org/guide/the-long-way 를 보십시오.", "ko"),
        ("👩🏽‍🏫🎉", "ko"),
        ("", "ko"),
    ],
)
def test_names_quotations_numbers_and_short_replies_are_not_foreign(text: str, wanted: str) -> None:
    """They keep the language that they come from, and unsure counts as right."""
    assert "" == foreign(text, wanted)


@pytest.mark.parametrize("wanted", ["und", "", "tlh", "yue"])
def test_a_language_that_cannot_be_told_is_never_missed(wanted: str) -> None:
    """Who asks for it gets what the model wrote."""
    assert [""] * len(ANSWERS) == [foreign(text, wanted) for text in ANSWERS.values()]


@pytest.mark.parametrize(("wanted", "written"), [("zh-Hant", "zh"), ("en-GB", "en"), ("pt-BR", "es")])
def test_only_the_language_of_a_tag_is_compared(wanted: str, written: str) -> None:
    """zh-Hant is Chinese; pt-BR is not Spanish."""
    assert ("" if wanted.startswith(written) else written) == foreign(ANSWERS[written], wanted)


def test_the_bulk_of_an_answer_decides() -> None:
    """One foreign sentence is let pass, one right sentence among foreign ones is not enough."""
    korean, english = ANSWERS["ko"], ANSWERS["en"]

    assert "" == foreign(f"{korean} {korean} {english}", "ko")
    assert "en" == foreign(f"{english} {english} {english} {korean}", "ko")


@given(st.text(max_size=200), st.sampled_from([*ANSWERS, "und"]))
def test_any_text_can_be_asked_about(text: str, wanted: str) -> None:
    """The answer is nothing, or a language other than the wanted one."""
    assert wanted != foreign(text, wanted)
