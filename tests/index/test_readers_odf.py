"""OpenDocument texts, workbooks and presentations are read like their Office siblings."""

# ruff: noqa: E501

import pytest
from office import package

from rag.index.readers import read
from rag.index.reading import Reading, Unreadable

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style", "meta": "meta",
        "presentation": "presentation", "manifest": "manifest",
    }.items()
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip


def file_of(kind: str, body: str, styles: str = "", margins: str = "", meta: str = "") -> Reading:
    parts = {
        "content.xml": f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        "styles.xml": f"<office:document-styles {SPACES}><office:master-styles>{margins}</office:master-styles></office:document-styles>",
        "meta.xml": f"<office:document-meta {SPACES}><office:meta>{meta}</office:meta></office:document-meta>",
    }
    return read(package(parts), {"text": ".odt", "spreadsheet": ".ods", "presentation": ".odp"}[kind])


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def cells(*texts: str) -> str:
    made = "".join(
        each if each.startswith("<") else f"<table:table-cell>{p(each)}</table:table-cell>" for each in texts
    )
    return f"<table:table-row>{made}</table:table-row>"


def test_a_text_is_read_with_notes_comments_and_boxes() -> None:
    """What hangs on a paragraph stands below it, marked; deleted text is gone."""
    note = "<text:note><text:note-citation>7</text:note-citation><text:note-body><text:p>각주이다.</text:p></text:note-body></text:note>"
    comment = f"<office:annotation><dc:creator>이서연</dc:creator>{p('Really?')}</office:annotation>"
    box = f"<draw:frame><draw:text-box>{p('In a box.')}</draw:text-box></draw:frame>"
    body = (
        f"<text:tracked-changes>{p('deleted')}</text:tracked-changes>"
        '<text:h text:outline-level="2">Título</text:h>'
        f"{p(f'성벽은<text:s/> 1,820미터{note}이다.{comment}<text:line-break/>둘째 줄{box}')}"
    )

    found = file_of(
        "text", body, meta="<dc:title>보고</dc:title><meta:initial-creator>김해솔</meta:initial-creator>"
    )

    assert found.text == (
        "## Título\n\n성벽은  1,820미터이다.\n둘째 줄\n\n7) 각주이다.\n\nComment by 이서연: Really?\n\nIn a box."
    )
    assert (found.title, found.author) == ("보고", "김해솔")


def test_lists_and_headings_carry_their_numbers() -> None:
    """Numbers are counted by level, go on where the list says so, and are bullets where it has none."""
    styles = (
        '<text:list-style style:name="L">'
        '<text:list-level-style-number text:level="1" style:num-prefix="제" style:num-suffix="조" style:num-format="1"/>'
        '<text:list-level-style-number text:level="2" style:num-suffix="." style:num-format="가, 나, 다, ..."/>'
        '<text:list-level-style-bullet text:level="3" text:bullet-char="•"/></text:list-style>'
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>'
    )

    def item(text: str, inner: str = "") -> str:
        return f"<text:list-item>{p(text)}{inner}</text:list-item>"

    inner = f"<text:list>{item('갑')}{item('을', '<text:list>' + item('점') + '</text:list>')}</text:list>"
    again = f'<text:list text:style-name="L" text:continue-numbering="true">{item("총회")}</text:list>'
    body = (
        '<text:h text:outline-level="1">총칙</text:h><text:h text:outline-level="2">목적</text:h>'
        f'<text:list text:style-name="L">{item("회원", inner)}{item("회비")}</text:list>'
        f'{p("사이")}{again}<text:list text:style-name="L">{item("새로")}</text:list>'
    )

    assert file_of("text", body, styles).text == (
        "# I. 총칙\n\n## I.1 목적\n\n제1조 회원\n가. 갑\n나. 을\n- 점\n제2조 회비\n\n사이\n\n제3조 총회\n제1조 새로"
    )


def test_tables_of_a_text_are_rows_with_their_headers() -> None:
    """Merged cells count in all their rows; a header row is one whatever it says."""
    head = f"<table:table-header-rows>{cells('2023', '2024', '2025')}</table:table-header-rows>"
    down = f'<table:table-cell table:number-rows-spanned="2">{p("7")}</table:table-cell>'
    body = f"<table:table>{head}{cells(down, '8', '9')}{cells('<table:covered-table-cell/>', '18', '19')}</table:table>{p('End.')}"

    assert file_of("text", body).text == "2023: 7; 2024: 8; 2025: 9\n2023: 7; 2024: 18; 2025: 19\n\nEnd."


def test_headers_footers_indexes_and_styles() -> None:
    """Margins stand once at the end, an index is masked, hidden text is none, raised marks are notes."""
    styles = (
        '<style:style style:name="U"><style:text-properties style:text-position="super 58%"/></style:style>'
        '<style:style style:name="V" style:parent-style-name="U"/>'
        '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="S" style:parent-style-name="Heading_20_1"/>'
        '<style:style style:name="Heading_20_1" style:default-outline-level="1"/>'
    )
    margins = (
        f'<style:master-page><style:header>{p("문서번호 17")}</style:header><style:footer>{p("<text:page-number>3</text:page-number>/9")}</style:footer></style:master-page>'
        f'<style:master-page><style:header>{p("문서번호 17")}</style:header></style:master-page>'
    )  # fmt: skip
    span = "<text:span text:style-name='{}'>{}</text:span>".format
    body = (
        f"<text:table-of-content><text:index-body>{p('Rooms ... 3')}</text:index-body></text:table-of-content>"
        '<text:p text:style-name="S">Rooms</text:p>'
        f"{p('8,400' + span('V', '3') + ' seats' + span('H', ' secret') + '.')}"
    )

    reading = file_of("text", body, styles, margins)

    assert reading.text == "Rooms ... 3\n\n# Rooms\n\n8,400 seats.\n\n문서번호 17\n\n/9"
    assert [reading.text[mask.start : mask.end] for mask in reading.masks] == ["Rooms ... 3", "/9"]


def test_workbooks_are_read_as_displayed() -> None:
    """What a cell shows is saved with it; filling up to the end of the sheet costs nothing."""
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    filling = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    repeated = f'<table:table-cell table:number-columns-repeated="2">{p("½")}</table:table-cell>'
    comment = f"<table:table-cell><office:annotation><dc:creator>Lee</dc:creator>{p('old')}</office:annotation>{p('24.5%')}</table:table-cell>"
    body = (
        f'<table:table table:name="요금">{cells("Item", "Share", "From", "To")}{cells("책", comment, repeated)}{filling}</table:table>'
        f'<table:table table:name="x" table:style-name="ta2">{cells("secret")}</table:table>'
    )

    reading = file_of("spreadsheet", body, styles)

    assert reading.text == "# 요금\n\nItem: 책; Share: 24.5%; From: ½; To: ½\n\nComment by Lee: old"
    assert [(page.number, page.label) for page in reading.pages] == [(1, "요금")]
    assert reading.left_out == ("sheet 'x': hidden",)


def test_presentations_are_read_slide_by_slide() -> None:
    """Slides are places; titles are headings; notes belong to their slide."""

    def frame(kind: str, text: str) -> str:
        return (
            f'<draw:frame presentation:class="{kind}"><draw:text-box>{p(text)}</draw:text-box></draw:frame>'
        )

    notes = f"<presentation:notes>{frame('notes', 'Say slowly.')}</presentation:notes>"
    styles = '<style:style style:name="dp2"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    body = (
        f"<draw:page>{frame('title', '계획')}{frame('outline', '첫째')}{frame('page-number', '1')}{notes}</draw:page>"
        f"<draw:page draw:style-name='dp2'>{frame('title', 'secret')}</draw:page><draw:page>{frame('subtitle', '끝')}</draw:page>"
    )

    reading = file_of("presentation", body, styles)

    assert reading.text == "# 계획\n\n첫째\n\nSay slowly.\n\n끝"
    assert [page.label for page in reading.pages] == ["slide 1", "slide 3"]
    assert reading.left_out == ("slide 2: hidden",)


def test_encrypted_files_say_so() -> None:
    """A password is named as the reason."""
    manifest = f"<manifest:manifest {SPACES}><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"

    with pytest.raises(Unreadable, match=r"is encrypted\. Save a copy"):
        read(package({"META-INF/manifest.xml": manifest, "content.xml": b"\x81\x82"}), ".odt")
