"""Each format becomes text with headings, lists and tables, and its furniture is known."""

import io
import unicodedata
from itertools import pairwise

import docx
import pytest
from documents import SAMPLES, pdf
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


def test_front_matter_is_masked_and_obeyed() -> None:
    """The fields before a Markdown text are about it, not part of it."""
    reading = read(
        "---\ntitle: '대여 규정'\ndate: 2025-03-01\nlang: ko\n---\n\n# 다른 제목\n\n본문.\n".encode(), ".md"
    )

    assert (reading.title, reading.published, reading.lang) == ("대여 규정", "2025-03-01", "ko")
    assert masked(reading) == [("---\ntitle: '대여 규정'\ndate: 2025-03-01\nlang: ko\n---", "front matter")]


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
    reading = read(text.encode(), ".md")

    assert (reading.title, reading.text, reading.masks) == (title, text, ())


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
