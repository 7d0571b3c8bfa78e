"""Each format becomes text with headings, lists and tables, and its furniture is known."""

import io
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

import docx
import pytest
from documents import SAMPLES, pdf
from docx.oxml import OxmlElement
from hypothesis import given
from hypothesis import strategies as st
from readings import masked

from rag.index.readers import read
from rag.index.readers.pdf import join_lines, page_furniture
from rag.index.reading import Block, Reading, Unreadable, compose, content
from rag.text import clean_text

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


# --- PDF


def test_pdf_lines_become_paragraphs() -> None:
    """Full lines are continued, a divided word is put together, a short line ends the paragraph."""
    lines = [
        "Opening hours",
        "The library is closed on Mondays. A reader may bor-",
        "row up to five books at a time for a period of two weeks",
        "and extend it once.",
        "A card costs nothing at all, and the state-of-the-",
        "art reading room is open to anyone who holds one.",
    ]

    blocks = [block.text for block in join_lines(lines)]

    assert blocks == [
        "Opening hours",
        "The library is closed on Mondays. A reader may borrow up to five books at a time"
        " for a period of two weeks and extend it once.",
        "A card costs nothing at all, and the state-of-the-art reading room is open to anyone who holds one.",
    ]


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["図書館は毎週月曜日に休みます。本は一人", "五冊まで二週間借りられます。"], "本は一人五冊まで"),
        (["图书馆每逢星期一闭馆。每位读者最多可以", "借五本书，借期两周。"], "可以借五本"),
        (["ห้องสมุดปิดทุกวันจันทร์ ผู้อ่านหนึ่งคนยืม", "หนังสือได้ไม่เกินห้าเล่ม"], "ยืมหนังสือ"),
        (["도서관은 매주 월요일에 쉽니다. 책은 한", "사람이 다섯 권까지 빌립니다."], "한 사람이"),
        (["Библиотека закрыта по понедельни-", "кам и в праздники весь день."], "понедельникам"),
    ],
)
def test_lines_are_joined_as_their_script_wants(lines: list[str], joined: str) -> None:
    """Scripts without spaces are joined without one, Korean with one."""
    assert joined in next(iter(join_lines(lines))).text


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
    assert not any(page_furniture(pages).values())


def test_a_pdf_tells_its_title() -> None:
    """The title is the author's, or the first line where a program left its own."""
    lines = ["이용 안내", "도서관은 매주 월요일에 쉽니다. 책은 다섯 권까지 빌릴 수 있습니다."]

    assert read(pdf([lines], title="도서관 규정"), ".pdf").title == "도서관 규정"
    assert read(pdf([lines], title="Microsoft Word - 규정.docx"), ".pdf").title == "이용 안내"


def test_a_pdf_without_text_says_so() -> None:
    """A scan has pages and no letters."""
    with pytest.raises(Unreadable, match="scanned"):
        read(pdf([[], []]), ".pdf")


def test_an_encrypted_pdf_says_so() -> None:
    """A document that asks for a password is named as such; one that asks for none is read."""
    pypdf = pytest.importorskip("pypdf")
    files = {}
    for password in ("secret", ""):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([["도서관 이용 안내"]])))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        out = io.BytesIO()
        writer.write(out)
        files[password] = out.getvalue()

    assert read(files[""], ".pdf").text == "도서관 이용 안내"
    with pytest.raises(Unreadable, match="encrypted"):
        read(files["secret"], ".pdf")


# --- Word


def test_word_gives_the_same_shapes_as_html() -> None:
    """Headings, lists and tables of a docx are written as those of a page; its header is left out."""
    document = docx.Document()
    document.core_properties.title = ""
    document.sections[0].header.paragraphs[0].text = "company header"
    document.add_heading("대여 안내", 0)
    document.add_paragraph("책은 다섯 권.")
    document.add_heading("요금", 2)
    document.add_paragraph("하나", style="List Bullet")
    document.add_paragraph("둘", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(cells(table.rows), ["종류", "값", "책", "0원"], strict=True):
        cell.text = text
    document.add_paragraph("끝.")

    reading = word(document)

    assert reading.text == (
        "# 대여 안내\n\n책은 다섯 권.\n\n## 요금\n\n- 하나\n- 둘\n\n종류 | 값\n책 | 0원\n\n끝."
    )
    assert reading.title == "대여 안내"


def cells(rows: "Iterable[docx.table._Row]") -> "Iterable[docx.table._Cell]":
    return (cell for row in rows for cell in row.cells)


def test_word_is_read_as_its_last_author_accepted_it() -> None:
    """Tracked insertions count, deletions and hidden text do not."""
    document = docx.Document()
    paragraph = document.add_paragraph("It costs ")
    for tag, text in (("w:del", "5 euros"), ("w:ins", "7 euros")):
        change = OxmlElement(tag)
        change.append(paragraph.add_run(text)._r)
        paragraph._p.append(change)
    paragraph.add_run(" a month").font.hidden = True
    paragraph.add_run(".")

    assert word(document).text == "It costs 7 euros."


def test_a_table_of_contents_is_masked() -> None:
    """Its lines repeat the headings and would be found instead of what they point to."""
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("요금 ..... 3", style="toc 1")
    document.add_paragraph("본문입니다.")

    assert masked(word(document)) == [("요금 ..... 3", "table of contents")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted or an old .doc"),
        (b"plain text", "not a docx"),
        (b"PK\x03\x04 broken", "not a docx"),
    ],
)
def test_what_is_not_a_docx_says_what_to_do(data: bytes, reason: str) -> None:
    """Old, encrypted and damaged files are told apart from good ones."""
    with pytest.raises(Unreadable, match=reason):
        read(data, ".docx")
