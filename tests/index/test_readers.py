"""Each format becomes text with headings, lists and tables, and its furniture is known."""

import io
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

import docx
import pytest
from documents import SAMPLES, pdf
from docx.oxml import OxmlElement
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.pdf import join_lines, page_furniture
from rag.index.readers import read
from rag.index.reading import Block, Reading, Unreadable, compose, content
from rag.text import clean_text

SCRIPTS = {**SAMPLES, "ko-nfd": unicodedata.normalize("NFD", SAMPLES["ko"])}


def masked(reading: Reading) -> list[tuple[str, str]]:
    return [(reading.text[mask.start : mask.end], mask.reason) for mask in reading.masks]


def page(body: str, head: str = "") -> Reading:
    return read(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), ".html")


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
    text, masks = compose(blocks)

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


@settings(max_examples=60)
@given(st.binary(max_size=400) | st.text(alphabet="<>/=\"' abdivpnh1&#;x0\n", max_size=200).map(str.encode))
def test_any_bytes_as_html_give_text_or_a_reason(data: bytes) -> None:
    """Broken markup is read as browsers would, or refused in a sentence."""
    try:
        assert clean_text(read(data, ".html").text) == read(data, ".html").text
    except Unreadable as exc:
        assert str(exc)


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


# --- HTML


def test_headings_lists_and_tables_are_written_as_markdown() -> None:
    """The chunker finds headings at line starts; cells of a row stay together."""
    reading = page(
        "<h1>대여\n안내</h1><p>책은  <b>다섯</b> 권.</p><ul><li>하나<li>둘</ul><h2>요금</h2>"
        "<table><tr><th>종류<th>값</tr><tr><td>책<td><p>0원</p></tr></table><p>끝<br>줄</p>"
    )

    assert reading.text == (
        "# 대여 안내\n\n책은 다섯 권.\n\n- 하나\n- 둘\n\n## 요금\n\n종류 | 값\n책 | 0원\n\n끝\n줄"
    )


def test_a_layout_table_is_no_row_of_values() -> None:
    """Old pages put the whole story into a cell; it keeps its paragraphs."""
    reading = page("<table><tr><td><ul><li>Menu</ul><td><h1>News</h1><p>One.</p><p>Two.</p></table>")

    assert reading.text == "- Menu\n\n# News\n\nOne.\n\nTwo."


def test_furniture_is_masked_with_its_reason() -> None:
    """Menus, headers, asides, footers and buttons stay in the text, marked."""
    reading = page(
        "<header>Site <nav>Home</nav></header><nav>Menu</nav><div role='navigation'>Crumbs</div>"
        "<main><header><h1>Title</h1></header><p>Story.</p><aside><p>Note of the author.</p></aside>"
        "<aside><a href=x>Other stories of today</a></aside><h3><button>Why?</button></h3>"
        "<button>Share</button></main>"
        "<aside>Advert</aside><footer>© Site</footer>"
    )

    assert masked(reading) == [
        ("Site\n\nHome", "html header"),
        ("Menu\n\nCrumbs", "html nav"),
        ("Other stories of today", "html aside"),
        ("Share", "html button"),
        ("Advert", "html aside"),
        ("© Site", "html footer"),
    ]
    assert (
        " ".join(content(reading.text, reading.masks).split())
        == "# Title Story. Note of the author. ### Why?"
    )


def test_what_no_reader_sees_is_left_out() -> None:
    """Scripts, styles and hidden elements are no text of the page: they may carry orders to a model."""
    reading = page(
        "<p>Seen<script>a()</script><style>b{}</style><!-- c --><span hidden>d</span>"
        "<span style='display: none'>e</span><span style='VISIBILITY:hidden'>f</span>"
        "<span aria-hidden=true>g</span><template>h</template><noscript>i</noscript> and after.</p>"
        "<p hidden=until-found>Found.</p><p>漢字<ruby>振<rp>(</rp><rt>ふ</rt><rp>)</rp></ruby>る</p>"
    )

    assert reading.text == "Seen and after.\n\nFound.\n\n漢字振る"


def test_source_line_breaks_are_spaces_only_between_words() -> None:
    """A line break in the source of a Chinese or Japanese page is not a space."""
    reading = page("<p>図書館は\n  毎週休みます。</p><p>도서관은\n쉽니다.</p><p>closed\non Mondays</p>")

    assert reading.text == "図書館は毎週休みます。\n\n도서관은 쉽니다.\n\nclosed on Mondays"


def test_preformatted_text_keeps_its_lines() -> None:
    """Spaces and lines of code mean something."""
    assert page("<pre>a\n  b\n</pre>").text == "a\n  b"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>대여 안내 | 도서관</title>", "<h1>대여 안내</h1>", "대여 안내"),
        ("<title>A | Site</title><meta property=og:title content='A of B'>", "<h1>C</h1>", "A of B"),
        ("<title>Only title</title>", "<p>x", "Only title"),
        ("", "<h1>Only\nheading</h1>", "Only heading"),
    ],
)
def test_a_page_is_named_without_its_site(head: str, body: str, title: str) -> None:
    """The title of the story is wanted, not that of the site around it."""
    assert page(body, head).title == title


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<meta property='article:published_time' content='2025-05-27T10:00:00+09:00'>", ""),
        ("<meta name=DC.date.issued content='2025-05-27'>", "<time datetime=2020-01-01>then</time>"),
        ('<script type=application/ld+json>{"@type":"News","datePublished":"2025-05-27"}</script>', ""),
        ("", "<span itemprop=datePublished content=2025-05-27>May</span>"),
        ("", "<time datetime='2025-05-27T01:00'>today</time> <time datetime='2025-05-27'>again</time>"),
    ],
)
def test_the_date_for_machines_is_taken(head: str, body: str) -> None:
    """Pages state their date of publication in one of five ways."""
    assert page(f"<p>x</p>{body}", head).published[:10] == "2025-05-27"


def test_times_that_differ_date_nothing() -> None:
    """The times of two comments are not the time of the page."""
    assert page("<time datetime=2025-05-27>a</time><time datetime=2025-05-28>b</time>").published == ""


@pytest.mark.parametrize(
    ("lang", "charset"), [("ko", "euc-kr"), ("ja", "Shift_JIS"), ("zh", "gb2312"), ("ru", "koi8-r")]
)
@pytest.mark.parametrize(
    "form", ["<meta charset={}>", "<meta http-equiv=Content-Type content='text/html; charset={}'>"]
)
def test_a_page_may_declare_its_encoding(lang: str, charset: str, form: str) -> None:
    """What a page says about its bytes is believed, if they fit."""
    data = f"<html><head>{form.format(charset)}</head><body><p>{SAMPLES[lang]}</p>".encode(charset)

    reading = read(data, ".html")

    assert (reading.text, reading.doubt) == (SAMPLES[lang], "")


def test_xhtml_with_an_encoding_declaration_is_read() -> None:
    """An XML declaration in a page is neither text nor an error."""
    data = "<?xml version='1.0' encoding='euc-kr'?><html xml:lang='ko'><body><p>가나다 라마바사</p></html>"

    reading = read(data.encode("euc-kr"), ".xhtml")

    assert (reading.text, reading.lang) == ("가나다 라마바사", "ko")


def test_depth_and_length_do_not_break_html() -> None:
    """A page may nest a hundred thousand deep or be one huge text; neither is followed by a crash."""
    deep = read(b"<p>first</p>" + b"<div>" * 100_000, ".html")
    long = read(b"<p>" + b"a " * 6_000_000, ".html")

    assert deep.text == "first"
    assert len(long.text) == 11_999_999


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
