"""PDF is read as a person reads the page: in order, whole, and only what can be seen."""

import unicodedata
from typing import Literal

import pytest
from documents import SAMPLES, pdf
from hardpdf import visual
from readings import masked

from rag.index.readers import read
from rag.index.readers.pdf.furniture import Line, page_furniture
from rag.index.reading import Unreadable, content
from rag.text.characters import clean_text


@pytest.mark.parametrize(
    ("lang", "form"), [*((lang, "NFC") for lang in SAMPLES if lang != "emoji"), ("ko", "NFD"), ("hi", "NFD")]
)
def test_a_page_in_any_script_is_read(lang: str, form: Literal["NFC", "NFD"]) -> None:
    """What is written from right to left stands on the page as it is seen; Hangul may be taken apart."""
    said = SAMPLES[lang].split(". ")[0]
    drawn = visual(said) if lang in ("ar", "he") else said

    assert clean_text(said) in read(pdf([[unicodedata.normalize(form, drawn)]]), ".pdf").text


def test_headers_and_page_numbers_are_masked() -> None:
    """What recurs at the edges of pages is furniture; what stands there once is not."""
    stories = ["도서관은 매주 월요일에 쉽니다.", "책은 다섯 권까지 빌립니다.", "카드는 거저 드립니다."]
    reading = read(
        pdf([["이용 안내", story, story[:3], f"- {n} -"] for n, story in enumerate(stories, start=1)]),
        ".pdf",
    )

    assert {text for text, _ in masked(reading)} == {"이용 안내", "- 1 -", "- 2 -", "- 3 -"}
    assert all(story in content(reading.text, reading.masks) for story in stories)


@pytest.mark.parametrize(
    "pages",
    [
        [["Step 1", "Open the box.", "x", "y"], ["Step 2", "Close the box.", "z", "w"]],
        [["A heading", "text", "more"]],
        [[], []],
    ],
)
def test_first_lines_that_differ_are_content(pages: list[list[str]]) -> None:
    """Two slides may begin alike and differ by a number; one page repeats nothing."""
    assert not any(page_furniture([[Line(text) for text in lines] for lines in pages]).values())


def test_a_fact_in_the_footer_stays_where_it_is_first() -> None:
    """A telephone number that stands at the foot of every page is content once."""
    lines = [[Line("a"), Line(f"b{n}"), Line("c"), Line("Caretaker: extension 6128")] for n in range(3)]

    found = page_furniture(lines)

    assert [3 in found[n] for n in range(3)] == [False, True, True]


def test_a_pdf_tells_its_title() -> None:
    """The title is the author's, or the first line where a program left its own."""
    lines = ["이용 안내", "도서관은 매주 월요일에 쉽니다. 책은 다섯 권까지 빌릴 수 있습니다."]

    assert read(pdf([lines], title="도서관 규정"), ".pdf").title == "도서관 규정"
    assert read(pdf([lines], title="Microsoft Word - 규정.docx"), ".pdf").title == "이용 안내"


def test_a_pdf_without_text_says_so() -> None:
    """Blank pages are no text."""
    with pytest.raises(Unreadable, match="holds no text: its pages are blank"):
        read(pdf([[], []]), ".pdf")


def test_a_blank_page_costs_only_itself() -> None:
    """The others are read under their own numbers, and the blank one is named."""
    reading = read(pdf([["도서관은 월요일에 쉽니다."], [], ["The library is closed."]]), ".pdf")

    assert reading.text == "도서관은 월요일에 쉽니다.\n\nThe library is closed."
    assert [page.number for page in reading.pages] == [1, 3]
    assert reading.left_out == ("page 2: blank",)
