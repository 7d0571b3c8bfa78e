"""A page becomes text with headings, lists and tables, and what stands around its story is known."""

import pytest
from documents import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import masked

from rag.index.readers import read
from rag.index.reading import Reading, Unreadable, content
from rag.text import clean_text


def page(body: str, head: str = "") -> Reading:
    return read(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), ".html")


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


@settings(max_examples=60)
@given(st.binary(max_size=400) | st.text(alphabet="<>/=\"' abdivpnh1&#;x0\n", max_size=200).map(str.encode))
def test_any_bytes_as_html_give_text_or_a_reason(data: bytes) -> None:
    """Broken markup is read as browsers would, or refused in a sentence."""
    try:
        assert clean_text(read(data, ".html").text) == read(data, ".html").text
    except Unreadable as exc:
        assert str(exc)
