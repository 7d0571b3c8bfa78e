"""Sentences end where readers of each language would end them."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.paragraphs import is_heading, is_list_item, is_table_row, paragraphs
from rag.text.sentences import sentences

CASES = [
    line.partition(": ")[::2]
    for line in (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
MULTISCRIPT = st.text(
    st.one_of(
        st.sampled_from('\n\n  \t.。!?؟।…,、;:"“”「」『』()（）-#|*_1２'),
        st.sampled_from("aZéßñ가힣각か漢字ไก็ابّשאक्षαЖ👩‍🚒🇰🇷e\u0301\u1112\u1161\u11ab\U00020000"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=120,
)


def cut(text: str, lang: str = "und") -> list[str]:
    return [text[start:end] for start, end in sentences(text, lang)]


@pytest.mark.parametrize("known", [True, False], ids=["language given", "language unknown"])
@pytest.mark.parametrize(("lang", "marked"), CASES)
def test_sentences_of_each_language(lang: str, marked: str, known: bool) -> None:
    """Quotations, abbreviations, dates and numbers do not end a sentence; its end does."""
    expected = [sentence.strip() for sentence in marked.split("¦")]

    assert expected == cut(marked.replace("¦", ""), lang if known else "und")


@given(MULTISCRIPT, st.sampled_from(["und", "ko", "ja", "zh", "th", "en", "de"]))
def test_every_character_is_in_one_sentence(text: str, lang: str) -> None:
    """Spans are in order, do not overlap, begin and end with ink, and lose no character."""
    spans = sentences(text, lang)

    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert "".join(text.split()) == "".join("".join(text[start:end].split()) for start, end in spans)


@given(MULTISCRIPT)
def test_every_character_is_in_one_paragraph(text: str) -> None:
    """Paragraphs lose no character either."""
    assert "".join(text.split()) == "".join("".join(text[a:b].split()) for a, b in paragraphs(text))


def test_a_blank_line_ends_a_sentence_without_a_full_stop() -> None:
    """A headline is not the beginning of the text below it."""
    assert ["방문 2주 만에 다시", "협력이 빨라진다."] == cut("방문 2주 만에 다시\n\n협력이 빨라진다.")


def test_hard_wrapped_lines_are_one_sentence() -> None:
    """A line break that was made for its width ends nothing."""
    text = (
        "The lighthouse keeper wrote down the weather every morning for thirty\n"
        "years, and when the station was finally closed his notebooks filled an\n"
        "entire shelf. Nobody had asked him to do it. He said that he would have\n"
        "felt idle otherwise."
    )

    assert 3 == len(sentences(text, "en"))


def test_hard_wrapped_japanese_is_one_sentence() -> None:
    """Without spaces a wrapped line is full up to a character or two."""
    text = (
        "灯台守は三十年のあいだ毎朝かならず天気を書きとめ、灯台が閉じられたときには\n"
        "その帳面が棚をひとつ埋めつくしていたが、それを頼んだ人は町にも役所にも誰ひ\n"
        "とりいなかった。"
    )

    assert 1 == len(sentences(text, "ja"))


@pytest.mark.parametrize(
    "text",
    [
        "- 사과\n- 배\n- 감",
        "1. Sweep the flue.\n2. Check the dampers\n3. Close the door",
        "| 区分 | 料金 |\n| 大人 | 900円 |\n| 子供 | 400円 |",
        "Name\tPrice\nTea\t3\nCake\t4",
        "# Κεφάλαιο\nΗ αρχή\n# Τέλος",
        "Kim Minsu\nLee Jiwon\nPark Soyeon",
        "① 신청\n② 심사\n③ 통보",
    ],
)
def test_items_rows_headings_and_short_lines_stand_alone(text: str) -> None:
    """Each line of a list, table or outline is one sentence."""
    assert text.split("\n") == cut(text)


def test_a_list_item_may_be_wrapped() -> None:
    """A list item goes on in the lines below it, up to the next bullet."""
    text = (
        "- The first rule of the workshop concerns the saw, which nobody may ever\n"
        "  leave running while the guard is lifted, and also the planer, which is\n"
        "  older than it looks\n"
        "- The second rule is short"
    )

    assert 2 == len(sentences(text, "en"))


def test_thai_is_cut_at_spaces_into_phrases() -> None:
    """Thai has no full stop; long text becomes phrases that can be quoted."""
    phrases = "ชาวบ้านช่วยกันสร้างห้องสมุดอยู่แปดเดือน ไม้ทั้งหมดมาจากบ้านเก่าที่รื้อทิ้งแล้ว "

    spans = sentences(phrases * 6, "th")

    assert len(spans) > 3
    assert all(60 <= end - start <= 160 for start, end in spans)


def test_a_long_quotation_is_cut_into_its_sentences() -> None:
    """A quotation of many sentences is not one: each of them can be cited."""
    text = f"그는 이렇게 말했다. “{'우리는 올해도 나무를 심는다. ' * 40}그것이 약속이다.”고 전했다."

    found = cut(text, "ko")

    assert len(found) > 40
    assert found[-1].endswith("고 전했다.")


@pytest.mark.parametrize(
    "hostile",
    [
        "a",
        " ",
        ".",
        '"',
        "(",
        "ก",
        "“a. ",
        "「行くよ。」と",
        "!?",
        "a\n",
        "\n",
        "- ",
        "1. ",
        "e\u0301",
        "a|",
        "2025. ",
    ],
)
def test_no_text_is_too_odd(hostile: str) -> None:
    """100,000 characters of anything are cut, and no sentence is endless.

    (A pattern that backtracks, or a splitter that is quadratic, would hit the time limit.)
    """
    text = hostile * (100_000 // len(hostile))

    spans = sentences(text)

    assert all(end - start <= 4000 for start, end in spans)


def test_lines_are_known_by_their_marks() -> None:
    """A heading needs a space, a list item a bullet, a table row two cells."""
    assert is_heading("## Τίτλος") and not is_heading("#hashtag #two")
    assert is_list_item("3) Öffnen") and is_list_item("・項目") and not is_list_item("3.5 km")
    assert is_table_row("a\tb") and is_table_row("| a | b |") and not is_table_row("a or b")
