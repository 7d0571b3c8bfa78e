"""All that a Word document shows is read: notes, headers, boxes, equations, the numbers of clauses."""

# ruff: noqa: E501

import io
from collections.abc import Iterable

import docx
import pytest
from documents import DOCX, SAMPLES, main_part, repacked
from docx.oxml import OxmlElement
from hypothesis import given
from hypothesis import strategies as st
from office import cell, para, table, word_file
from readings import masked

from rag.index.readers import read
from rag.index.readers.numerals import numeral
from rag.index.readers.superscript import lowered, raised
from rag.index.reading import Reading, Unreadable
from rag.text.characters import clean_text


def word(document: "docx.document.Document") -> Reading:
    out = io.BytesIO()
    document.save(out)
    return read(out.getvalue(), ".docx")


def text_of(body: str, **parts: str) -> str:
    return read(word_file(body, strict=False, **parts), ".docx").text


def note(kind: str, number: int, text: str, more: str = "") -> str:
    return f'<w:{kind} w:id="{number}" {more}>{para(text)}</w:{kind}>'


def reference(kind: str, number: int) -> str:
    return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'


# --- the body


def test_word_gives_the_same_shapes_as_html() -> None:
    """Headings, lists and tables of a docx are written as those of a page."""
    document = docx.Document()
    document.core_properties.title = ""
    document.core_properties.author = "김해솔"
    document.add_heading("대여 안내", 0)
    document.add_paragraph("책은 다섯 권.")
    document.add_heading("요금", 2)
    document.add_paragraph("하나", style="List Bullet")
    document.add_paragraph("둘", style="List Number")
    document.add_paragraph("셋", style="List Number")
    made = document.add_table(rows=3, cols=3)
    for each, text in zip(
        cells(made.rows), ["종류", "값", "기한", "책", "0원", "14일", "영화", "500원", "7일"], strict=True
    ):
        each.text = text
    document.add_paragraph("끝.")

    reading = word(document)

    assert reading.text == (
        "# 대여 안내\n\n책은 다섯 권.\n\n## 요금\n\n- 하나\n1. 둘\n2. 셋\n\n"
        "종류: 책; 값: 0원; 기한: 14일\n종류: 영화; 값: 500원; 기한: 7일\n\n끝."
    )
    assert (reading.title, reading.author) == ("대여 안내", "김해솔")


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


def test_rows_that_were_deleted_or_inserted() -> None:
    """A row that the last author deleted is gone, one that was inserted as a block is there."""
    gone = table(["x", "y", "z"]).replace("<w:tr>", "<w:tr><w:trPr><w:del/></w:trPr>")
    body = table(["Item", "Price", "Term"], ["Book", "free", "14 days"]) + f"<w:ins>{para('Added.')}</w:ins>"

    assert text_of(body.replace("</w:tbl>", gone[7:])) == "Item: Book; Price: free; Term: 14 days\n\nAdded."


def test_a_table_of_contents_is_masked() -> None:
    """Its lines repeat the headings and would be found instead of what they point to."""
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("요금 ..... 3", style="toc 1")
    document.add_paragraph("본문입니다.")

    assert masked(word(document)) == [("요금 ..... 3", "table of contents")]


def test_content_controls_and_boxes_are_read_once() -> None:
    """A text box is written twice for old programs; a control wraps its paragraph."""
    box = f"<w:txbxContent>{para('A stall costs 27 crowns.')}{para('Pay at the gate.')}</w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    twice = (
        f"<w:r><mc:AlternateContent {mc}><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    body = f"<w:sdt><w:sdtContent>{para('In a control.')}</w:sdtContent></w:sdt><w:p><w:r><w:t>Market.</w:t></w:r>{twice}</w:p>"

    assert text_of(body) == "In a control.\n\nMarket.\n\nA stall costs 27 crowns.\n\nPay at the gate."


# --- notes, comments, headers


@pytest.mark.parametrize("lang", SAMPLES)
def test_notes_stand_below_their_paragraph(lang: str) -> None:
    """A footnote is found with what it explains, numbered in the order of its marks."""
    text = clean_text(SAMPLES[lang])
    body = (
        f"<w:p><w:r><w:t>8,400</w:t></w:r>{reference('footnote', 7)}<w:r><w:t> bricks.</w:t></w:r></w:p>"
        f"<w:p><w:r><w:t>Fired twice.</w:t></w:r>{reference('footnote', 3)}{reference('endnote', 2)}</w:p>"
    )
    footnotes = (
        note("footnote", 0, "line", 'w:type="separator"')
        + note("footnote", 3, "In May.")
        + note("footnote", 7, text)
    )

    found = text_of(body, footnotes=footnotes, endnotes=note("endnote", 2, "See above."))

    assert found == f"8,400 bricks.\n\n1) {text}\n\nFired twice.\n\n2) In May.\n\n1) See above."


def test_comments_are_marked_as_comments() -> None:
    """What a reviewer remarks is not what the document says."""
    body = f"<w:p><w:r><w:t>The fee is 20 crowns.</w:t></w:r>{reference('comment', 1)}</w:p>"

    found = text_of(body, comments=note("comment", 1, "Should be 25.", 'w:author="이서연"'))

    assert found == "The fee is 20 crowns.\n\nComment by 이서연: Should be 25."


def test_headers_and_footers_stand_once_at_the_end() -> None:
    """Their facts are content; the page number and the title again are not."""
    page = (
        '<w:p><w:r><w:t>Page </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>3</w:t></w:r></w:fldSimple>'
        "<w:r><w:t> of </w:t></w:r>"
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> NUMPAGES </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>9</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    heading = para("Rules of the yard", '<w:outlineLvl w:val="0"/>')

    reading = read(
        word_file(
            heading + para("Bins stand in the court."),
            header1=para("문서번호 라-2045"),
            header2=para("문서번호 라-2045") + para("Rules of the yard"),
            footer1=page + para("Caretaker: extension 6128"),
        ),
        ".docx",
    )

    assert reading.text == (
        "# Rules of the yard\n\nBins stand in the court.\n\n문서번호 라-2045\n\nPage  of\n\nCaretaker: extension 6128"
    )
    assert masked(reading) == [("Page  of", "page footer")]


# --- numbers


def listed(*levels: tuple[str, str], more: str = "") -> str:
    made = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (style, text) in enumerate(levels)
    )
    return f'<w:abstractNum w:abstractNumId="4">{made}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="4"/></w:num>{more}'


def item(text: str, level: int = 0, number: int = 1) -> str:
    return para(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_clauses_carry_the_numbers_that_word_shows() -> None:
    """Levels count within the one above; what stands around the number is written too."""
    numbering = listed(("decimal", "제%1조"), ("ganada", "%2."), ("decimal", "%1.%3)"), ("bullet", "·"))
    body = (
        item("목적")
        + item("정의")
        + item("회원", 1)
        + item("총회", 1)
        + item("일", 2)
        + item("", 2)
        + item("삼", 2)
        + item("점", 3)
        + item("회비")
        + item("월", 1)
        + para("끝.")
    )

    assert text_of(body, numbering=numbering) == (
        "제1조 목적\n\n제2조 정의\n\n가. 회원\n나. 총회\n\n2.1) 일\n\n2.3) 삼\n\n- 점\n\n제3조 회비\n\n가. 월\n\n끝."
    )


def test_a_list_begins_anew_where_word_says_so() -> None:
    """Two lists of one kind share their count, unless one of them overrides its start."""
    more = (
        '<w:num w:numId="2"><w:abstractNumId w:val="4"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="4"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    )
    body = item("a") + item("b", number=2) + item("c", number=3) + item("d", number=3) + item("e", number=0)

    assert (
        text_of(body, numbering=listed(("upperRoman", "%1."), more=more)) == "I. a\nII. b\nI. c\nII. d\n\ne"
    )


def test_headings_are_numbered_through_their_style() -> None:
    """The list may be named by the style, or the style by the list; a style takes from its base."""
    styles = (
        '<w:style w:styleId="A"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="B"><w:name w:val="절"/><w:basedOn w:val="C"/></w:style>'
        '<w:style w:styleId="C"><w:name w:val="heading 2"/><w:basedOn w:val="B"/></w:style>'
    )
    numbering = listed(("decimal", "제%1장"), ("decimal", "%1.%2")).replace(
        '<w:lvl w:ilvl="1">', '<w:lvl w:ilvl="1"><w:pStyle w:val="B"/>'
    )
    body = "".join(
        para(text, f'<w:pStyle w:val="{style}"/>')
        for text, style in [("총칙", "A"), ("목적", "B"), ("벌칙", "A")]
    )

    assert text_of(body, styles=styles, numbering=numbering) == "# 제1장 총칙\n\n## 1.1 목적\n\n# 제2장 벌칙"


@pytest.mark.parametrize(
    ("style", "numbers"),
    [
        ("decimal", "1 2 9 10 21"),
        ("decimalZero", "01 02 09 10 21"),
        ("upperRoman", "I II IX X XXI"),
        ("lowerLetter", "a b i j u"),
        ("ganada", "가 나 자 차 사"),
        ("decimalEnclosedCircle", "① ② ⑨ ⑩ ㉑"),
        ("koreanCounting", "일 이 구 십 이십일"),
        ("koreanLegal", "하나 둘 아홉 열 스물하나"),
        ("japaneseCounting", "一 二 九 十 二十一"),
        ("ideographDigital", "一 二 九 一〇 二一"),
        ("ideographTraditional", "甲 乙 壬 癸 甲"),
        ("hebrew1", "א ב ט י כא"),
        ("thaiNumbers", "๑ ๒ ๙ ๑๐ ๒๑"),
        ("ordinal", "1st 2nd 9th 10th 21st"),
        ("unheard of", "1 2 9 10 21"),
    ],
)
def test_numerals_of_many_scripts(style: str, numbers: str) -> None:
    """Office counts in the letters and figures of the document's language."""
    assert " ".join(numeral(n, style) for n in (1, 2, 9, 10, 21)) == numbers


def test_letters_are_doubled_after_the_last() -> None:
    """Word writes aa after z, not ab after aa."""
    assert [numeral(n, "lowerLetter") for n in (26, 27, 28)] == ["z", "aa", "bb"]


# --- raised signs and equations


@pytest.mark.parametrize(
    ("before", "mark", "shown"),
    [
        ("8,400", "3", "8,400"),
        ("인구는 1,370", "2", "인구는 1,370"),
        ("31", "5", "31"),
        ("members", "2", "members"),
        ("members.", "1,2", "members."),
        ("공급한다", "3)", "공급한다"),
        ("price", "*", "price"),
        ("10", "6", "10⁶"),
        ("3 × 10", "−5", "3 × 10⁻⁵"),
        ("120 m", "2", "120 m²"),
        ("85km", "2", "85km²"),
        ("E = mc", "2", "E = mc²"),
        ("x", "n", "xⁿ"),
        ("Ca", "2+", "Ca²⁺"),
        ("21", "st", "21st"),
        ("1", "er", "1er"),
        ("3", "a", "3a"),
        ("8,400", "a", "8,400"),
        ("Acme", "TM", "AcmeTM"),
        ("", "1", "¹"),
    ],
)
def test_a_raised_sign_is_an_exponent_or_a_note(before: str, mark: str, shown: str) -> None:
    """The mark of a note never becomes a digit of the number before it, and a power stays one."""
    run = "<w:r><w:t>{}</w:t></w:r>".format
    up = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{}</w:t></w:r>'.format

    assert before + raised(before, mark) == shown
    assert text_of(f"<w:p>{run(before)}{up(mark[:1])}{up(mark[1:])}</w:p>") == shown


@given(st.text(), st.text())
def test_raised_and_lowered_take_any_text(before: str, mark: str) -> None:
    """No text is refused, and no digit is lowered into one that it is not."""
    assert isinstance(raised(before, mark), str)
    assert len(lowered(mark)) == len(mark)


def m(name: str, **parts: str) -> str:
    inner = "".join(f"<m:{key}>{value}</m:{key}>" for key, value in parts.items())
    return f"<m:{name}>{inner}</m:{name}>"


def r(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("equation", "line"),
    [
        (r("N=7q+45"), "N=7q+45"),
        (m("f", num=r("a+b"), den=r("2")), "(a+b)/2"),
        (
            r("x=")
            + m(
                "f",
                num=r("−b±") + m("rad", deg="", e=m("sSup", e=r("b"), sup=r("2")) + r("−4ac")),
                den=r("2a"),
            ),
            "x=(−b±√(b²−4ac))/2a",
        ),
        (m("sSub", e=r("v"), sub=r("max")), "v_max"),
        (m("sSubSup", e=r("x"), sub=r("1"), sup=r("n+1")), "x₁ⁿ⁺¹"),
        (m("nary", naryPr='<m:chr m:val="∑"/>', sub=r("i=1"), sup=r("n"), e=r("i")), "∑_(i=1)^n i"),
        (m("d", e=r("x,y")), "(x,y)"),
        (m("d", dPr='<m:begChr m:val="["/><m:endChr m:val="]"/>', e=m("d", e=r("x"))), "[(x)]"),
        (m("func", fName=r("sin"), e=r("θ")), "sin θ"),
        (m("rad", deg=r("3"), e=r("27")), "∛(27)"),
        (m("m", mr=m("e", r=r("1")[5:-6]).replace("m:r", "m:r")), "[1]"),
        (m("limLow", e=r("lim"), lim=r("x→0")), "lim_(x→0)"),
        (m("eqArr", e=r("가격 &amp;= 수량 × 단가")), "가격 = 수량 × 단가"),
    ],
)
def test_equations_are_written_on_a_line(equation: str, line: str) -> None:
    """An equation stands in its paragraph as Word itself takes it from the keyboard."""
    body = f"<w:p><w:r><w:t>So </w:t></w:r><m:oMath>{equation}</m:oMath><w:r><w:t>.</w:t></w:r></w:p>"

    assert text_of(body) == f"So {line}."


# --- tables


SPAN, DOWN = '<w:gridSpan w:val="{}"/>'.format, '<w:vMerge w:val="restart"/>'
MORE = "<w:vMerge/>"


def test_merged_cells_belong_to_all_their_rows_and_columns() -> None:
    """Each row says the value of a cell that reaches down to it, and headers stand above each other."""
    found = text_of(
        table(
            [cell("지점", properties=DOWN), cell("매출", properties=SPAN(2))],
            [cell("", properties=MORE), "상반기", "하반기"],
            [cell("서울", properties=DOWN), "310", "340"],
            [cell("", properties=MORE), "12", "15"],
            [cell("부산", properties=""), cell("휴업", properties=SPAN(2))],
        )
    )

    assert found == (
        "지점: 서울; 매출 / 상반기: 310; 매출 / 하반기: 340\n지점: 서울; 매출 / 상반기: 12; 매출 / 하반기: 15\n"
        "지점: 부산; 매출 / 상반기, 매출 / 하반기: 휴업"
    )


@pytest.mark.parametrize(
    ("made", "lines"),
    [
        (table(["Name", "Grey Wagtail"], ["Length", "11.4 m"], ["Port", "Skelder"]), ["Name: Grey Wagtail", "Length: 11.4 m", "Port: Skelder"]),
        (table(["성명:", "김가람"]), ["성명: 김가람"]),
        (table(["Size", "Teeth"], ["small", "14"], ["large", "22"]), ["Size: small; Teeth: 14", "Size: large; Teeth: 22"]),
        (table(["", "2023", "2024"], ["Rain", "81", "90"]), ["Rain; 2023: 81; 2024: 90"]),
        (table(["a", "1", "2"], ["b", "3", "4"]), ["a | 1 | 2", "b | 3 | 4"]),
        (table(["x", "y", "z"], ["1", "", "3"]), ["x: 1; z: 3"]),
        (table([cell("Winter", properties=SPAN(3))], ["Day", "From", "To"], ["Monday", "9", "17"]), ["Winter", "Day: Monday; From: 9; To: 17"]),
    ],
)  # fmt: skip
def test_rows_say_their_headers(made: str, lines: list[str]) -> None:
    """A table with a header gives "header: value", one with labels at the left "label: value"."""
    assert text_of(made).splitlines() == lines


def test_marks_tell_the_header() -> None:
    """Bold or shaded cells, or a row that repeats on each page, are headers whatever they say."""
    bold = cell("").replace("</w:tc>", para("7", run="<w:b/>") + "</w:tc>")
    shaded = cell("성명", properties='<w:shd w:fill="D9D9D9"/>')
    unit = cell("부서", properties='<w:shd w:fill="D9D9D9"/>')

    assert text_of(table([bold, bold], ["1", "2"])) == "7: 1; 7: 2"
    assert text_of(table([shaded, "김가람", unit, "총무과"])) == "성명: 김가람; 부서: 총무과"


def test_tables_in_cells_follow_their_row() -> None:
    """A nested table has rows of its own; a table of one column is a page layout."""
    inner = table(["Gear", "Teeth", "Bore"], ["first", "14", "8"])
    body = table(["Part", "Use", "Note"], ["Box", cell("see", inner=inner), "new"]) + table(
        [cell("Alone.", inner=inner)]
    )

    assert text_of(body) == (
        "Part: Box; Use: see; Note: new\nGear: first; Teeth: 14; Bore: 8\n\nAlone.\n\nGear: first; Teeth: 14; Bore: 8"
    )


# --- variants and damage


@pytest.mark.parametrize("lang", SAMPLES)
def test_strict_files_are_read_as_others(lang: str) -> None:
    """The Strict variant names the same elements otherwise."""
    body = para(SAMPLES[lang]) + f"<w:p><m:oMath>{r('q=1')}</m:oMath></w:p>"

    strict = read(word_file(body, strict=True, footer1=para("Room 12")), ".docx")

    assert strict == read(word_file(body, footer1=para("Room 12")), ".docx")
    assert strict.text == f"{clean_text(SAMPLES[lang])}\n\nq=1\n\nRoom 12"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 broken", "not a docx"),
        (repacked(DOCX, b"<w:document"), "damaged XML"),
        (repacked(DOCX, main_part(b"").replace(b"w:body", b"w:corpse")), "is not a docx"),
    ],
)
def test_what_is_not_a_docx_says_what_to_do(data: bytes, reason: str) -> None:
    """Old, encrypted and damaged files are told apart from good ones."""
    with pytest.raises(Unreadable, match=reason):
        read(data, ".docx")
