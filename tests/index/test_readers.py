"""Each format becomes text with headings, lists and tables, and its furniture is known."""

import io
import unicodedata
from itertools import pairwise

import docx
import pytest
from documents import SAMPLES, pdf
from hypothesis import given
from hypothesis import strategies as st

from rag.index.readers import read
from rag.index.reading import Block, Reading, compose, content
from rag.text.characters import clean_text

SCRIPTS = {**SAMPLES, "ko-nfd": unicodedata.normalize("NFD", SAMPLES["ko"])}


def word(document: "docx.document.Document") -> Reading:
    out = io.BytesIO()
    document.save(out)
    return read(out.getvalue(), ".docx")


# --- what holds for all formats


@given(
    st.lists(
        st.builds(
            Block,
            st.text(
                alphabet=st.characters() | st.sampled_from("\u0301\u1161\u11a8가é\u3099か\n\r\ud83d\ude00")
            ),
            st.sampled_from(["", "html nav", "html footer"]),
            st.sampled_from(["", "row", "item"]),
        )
    )
)
def test_masks_lie_in_the_text_and_in_order(blocks: list[Block]) -> None:
    """Joined blocks are clean text, and each mask covers whole blocks of its reason."""
    made = compose(blocks)
    text, masks = made.text, made.masks

    assert text == clean_text(text)
    assert all(0 <= mask.start < mask.end <= len(text) for mask in masks)
    assert all(one.end < other.start for one, other in pairwise(masks))
    kept = [clean_text(block.text).strip() for block in blocks if not block.mask]
    assert content(text, masks).split() == " ".join(kept).split()


@pytest.mark.parametrize("lang", SCRIPTS)
@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".pdf", ".docx"])
def test_every_format_holds_every_script(lang: str, suffix: str) -> None:
    """A paragraph comes back as it was written, in NFC, whatever the file around it."""
    text = SCRIPTS[lang]
    if (lang, suffix) == ("emoji", ".pdf"):
        pytest.skip("the writer of the tests shows no characters beyond 16 bits")
    document = docx.Document()
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    data = {
        ".txt": text.encode,
        ".md": f"# A\n\n{text}\n".encode,
        ".html": f"<p>{text}</p>".encode,
        # On the page, and so in the file, Arabic and Hebrew stand from left to right.
        ".pdf": lambda: pdf([[text[::-1] if lang in ("ar", "he") else text]]),
        ".docx": out.getvalue,
    }[suffix]()

    assert clean_text(text) in read(data, suffix).text


# --- plain text and Markdown


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("도서관 이용 안내\n\n도서관은 매주 월요일에 쉽니다.\n", "도서관 이용 안내"),
        ("메뉴 건너뛰기\n\n\n図書館のご案内\n本文です。\n", "図書館のご案内"),
        ("Skip to main content\nOpening hours\nWe open at nine.", "Opening hours"),
        ("The library is closed on Mondays.\nIt opens on Tuesday.", ""),
        ("Only one line", ""),
        ("", ""),
    ],
)
def test_a_title_is_a_short_first_line(text: str, title: str) -> None:
    """The first line is the title if it ends no sentence and something follows."""
    assert read(text.encode(), ".txt").title == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("intro\n\n# Ausleihe #\n\ntext", "Ausleihe"),
        ("```\n# a comment\n```\n\n# 貸出\n", "貸出"),
        ("Réservations\n============\n\ntexte", "Réservations"),
        ("## only a section\n", ""),
        ("---\n\nA rule, not front matter\n", ""),
    ],
)
def test_the_title_of_markdown_is_its_first_heading(text: str, title: str) -> None:
    """Only a heading of the first level outside of code is a title."""
    assert read(text.encode(), ".md").title == title
