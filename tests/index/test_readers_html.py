"""A page becomes text with headings, lists and tables, and what stands around its story is known."""

import pytest
from documents import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import masked

from rag.index.readers import read
from rag.index.reading import Reading, Unreadable, content
from rag.text.characters import clean_text


def page(body: str, head: str = "") -> Reading:
    return read(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), ".html")


def test_headings_lists_and_tables_are_written_as_markdown() -> None:
    """The chunker finds headings at line starts; cells of a row stay together."""
    reading = page(
        "<h1>대여\n안내</h1><p>책은  <b>다섯</b> 권.</p><ul><li>하나<li>둘</ul><h2>요금</h2>"
        "<table><tr><th>종류<th>값</tr><tr><td>책<td><p>0원</p></tr></table><p>끝<br>줄</p>"
    )

    assert reading.text == (
        "# 대여 안내\n\n책은 다섯 권.\n\n- 하나\n- 둘\n\n## 요금\n\n종류: 책; 값: 0원\n\n끝\n줄"
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
    ("head", "body"),
    [
        (
            "<meta property=article:modified_time content=2025-05-27><meta name=date content=2023>",
            "",
        ),
        (
            '<script type=application/ld+json>{"@graph":[{"@type":"Article","datePublished":"2023-01-01",'
            '"dateModified":"2025-05-27","comment":{"dateModified":"2025-06-01"}}]}</script>',
            "",
        ),
        ('<script type=application/ld+json>{"dateModified":"2025-05-27", broken</script>', ""),
        (
            "<meta name=date content='2023-01-01'>",
            "<time itemprop=dateModified datetime=2025-05-27>May</time>",
        ),
    ],
)
def test_the_last_change_goes_before_the_first_publication(head: str, body: str) -> None:
    """What the page says is as of its last change; what happened to a comment is not asked."""
    assert page(f"<p>x</p>{body}", head).published == "2025-05-27"


@pytest.mark.parametrize(
    "body",
    [
        "<p>Born <time datetime=1968-06-17>17 June 1968</time></p>",
        "<table><tr><th>설립<td><time datetime=1967-04-02>1967년 4월 2일</time></table>",
        "<dl><dt>Gegründet<dd><time datetime=1934-05-22>1934</time></dl>",
        f"<p>{'The mill burned down and was sold. ' * 7}<time datetime=1934-05-22>then</time></p>",
    ],
)
def test_a_time_of_something_else_is_not_the_time_of_the_page(body: str) -> None:
    """Of a birth, a founding, or in the middle of a story."""
    assert page(body).published == ""


@pytest.mark.parametrize(
    ("head", "body", "author"),
    [
        ("<meta name=author content='Orla Venn'>", "", "Orla Venn"),
        (
            "<meta name=citation_author content=A.B.><meta name=citation_author content=가람>",
            "",
            "A.B., 가람",
        ),
        (
            "<meta property=article:author content='https://x.example/ann'>",
            "<a rel=author href=x>Ann</a>",
            "Ann",
        ),
        (
            '<script type="application/ld+json">{"author":[{"name":"青木 涼"},{"name":"Jo"}]}</script>',
            "",
            "青木 涼, Jo",
        ),
        ("", "<p class='byline small'>By <b>Ann Lee</b></p>", "Ann Lee"),
        ("", "<span itemprop=author><span itemprop=name>ليلى</span>, editor</span>", "ليلى"),
        ("", "<p>Ann Lee</p>", ""),
    ],
)
def test_a_page_may_name_its_author(head: str, body: str, author: str) -> None:
    """For machines or in a byline."""
    assert page(f"<p>x</p>{body}", head).author == author


SPANS = """<table><caption>요금</caption>
<tr><th rowspan=2>시설<th colspan=2>평일<th rowspan=2>비고</tr><tr><th>오전<th>오후</tr>
<tr><td rowspan=2>탁구대<td>3,000원<td>4,500원<td><ul><li>라켓<li>공</ul></tr>
<tr><td colspan=2>무료<td><p>수요일.</p><p>예약제.</p></tr></table>"""


def test_cells_that_span_stand_in_each_row_and_column() -> None:
    """Every value stands beside all its headers; a list in a cell is one value of several."""
    assert page(SPANS).text.splitlines() == [
        "요금",
        "",
        "시설: 탁구대; 평일 / 오전: 3,000원; 평일 / 오후: 4,500원; 비고: 라켓, 공",
        "시설: 탁구대; 평일 / 오전, 평일 / 오후: 무료; 비고: 수요일. 예약제.",
    ]


def test_rows_of_labels_need_no_header_row() -> None:
    """Each label at the left is the header of its value, as in the box beside an article."""
    box = (
        "<table class=infobox><tr><th colspan=2>Brücke</th></tr><tr><td colspan=2><img src=x></td></tr>"
        "<tr><th>Länge</th><td>1,240&nbsp;m<sup class=reference><a>[2]</a></sup></td></tr>"
        "<tr><th>Last</th><td>10<sup>6</sup> kg</td></tr></table>"
    )

    assert page(box).text.splitlines() == ["Brücke", "Länge: 1,240 m", "Last: 10⁶ kg"]


@pytest.mark.parametrize("span", ["0", "999999999", "-3", "x", "9" * 30])
def test_spans_that_are_no_size_fill_no_memory(span: str) -> None:
    """A page may claim any number of rows and columns."""
    table = f"<table><tr><th>A<th>B</tr><tr><td rowspan={span} colspan={span}>x<td>y</tr><tr><td>z</table>"

    assert len(page(table * 20).text) < 100_000


def test_furniture_that_tells_something_is_content() -> None:
    """Opening hours, a telephone and an address stand in no other place; rights and links are no facts."""
    reading = page(
        "<header><p>Orders: 0555 271 849</p><p>Home of good bread</p></header>"
        "<main><p>We bake.</p><p>Closed on Sunday and on all holidays.</p></main>"
        "<footer><h2>Hours</h2><p>Tuesday to Friday 6:30 to 17:00</p><h3>Pages</h3><ul><li><a>Jobs</a></ul>"
        "<p>서울시 솔마루구 물레길 31<br>전화: 02-555-0192<br>© 2024 Oakum. All rights reserved.</p>"
        "<p>Closed on Sunday and on all holidays.</p><p>This site uses cookies to know you better.</p>"
        "<p><a href=x>See all of our stories of the year 2024 here.</a></p></footer>"
        "<div id=cookie-banner><p>Cookies: we keep 12 of them, from 9:00 to 17:00.</p></div>"
    )

    kept = [line for line in content(reading.text, reading.masks).splitlines() if line]
    assert kept == [
        "Orders: 0555 271 849",
        "We bake.",
        "Closed on Sunday and on all holidays.",
        "## Hours",
        "Tuesday to Friday 6:30 to 17:00",
        "전화: 02-555-0192",
    ]


def test_definitions_stand_with_their_terms() -> None:
    """Each one is a line; a question keeps its own."""
    reading = page(
        "<dl><dt>뜸<dd>한 시간.<dt>Maß<dd>1 l<dd>2 l<dt>When?<dd><p>At six.</p><p>Or later.</p></dl>"
        "<details><summary>열쇠</summary>관리인에게.</details>"
    )

    assert [line for line in reading.text.splitlines() if line] == [
        *("뜸: 한 시간.", "Maß: 1 l", "Maß: 2 l", "When?", "At six.", "Or later.", "열쇠", "관리인에게."),
    ]


def test_raised_and_lowered_signs_are_told_from_digits() -> None:
    """A mark of a note goes, an exponent stays one."""
    reading = page(
        "<p>8,400<sup>3</sup> of 10<sup>6</sup> m<sup>2</sup>, H<sub>2</sub>O,"
        " the 2<sup>nd</sup>; 인구 5,480<sup>[2]</sup>명</p>"
    )

    assert reading.text == "8,400 of 10⁶ m², H₂O, the 2nd; 인구 5,480명"


def test_code_is_fenced_and_lists_count() -> None:
    """So that both are known in the text."""
    reading = page(
        "<ol start=3><li>Öffnen<li>닫기<ul><li>천천히</ul></ol>"
        "<pre><code class=language-sh># no heading\n\nls</code></pre>"
    )

    assert reading.text == "3. Öffnen\n4. 닫기\n- 천천히\n\n```sh\n# no heading\n\nls\n```"


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
