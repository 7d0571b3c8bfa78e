"""Workbooks and tables of values: every value stands beside its header, as it is displayed."""

# ruff: noqa: E501

import datetime
import io
import random

import openpyxl
import pytest
import xlwt
from documents import SAMPLES
from hypothesis import given
from hypothesis import strategies as st
from office import package, relations

from rag.index.readers import read
from rag.index.readers.number_format import BUILT_IN, displayed
from rag.index.readers.rows import Cell, head_rows, rows
from rag.index.readers.sheets import MAX_CELLS, Sheet
from rag.index.reading import Reading, Unreadable
from rag.text.characters import clean_text

Value = str | int | float | bool | datetime.date | None


def saved(book: openpyxl.Workbook) -> Reading:
    out = io.BytesIO()
    book.save(out)
    return read(out.getvalue(), ".xlsx")


def sheet_of(*lines: list[Value], name: str = "자료") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = name
    for line in lines:
        book.active.append(line)
    return book


def body(reading: Reading) -> str:
    return reading.text.partition("\n\n")[2]


# --- xlsx


@pytest.mark.parametrize("lang", SAMPLES)
def test_each_row_says_its_headers(lang: str) -> None:
    """A row can be quoted alone, in any script; the sheet is its heading and its place."""
    text = clean_text(SAMPLES[lang])

    reading = saved(
        sheet_of(["Name", "Text", "Number"], ["one", text, 3], ["two", None, 4], name="Übersicht 표")
    )

    assert reading.text == f"# Übersicht 표\n\nName: one; Text: {text}; Number: 3\nName: two; Number: 4"
    assert [(page.start, page.number, page.label) for page in reading.pages] == [(0, 1, "Übersicht 표")]


def test_values_are_written_as_they_are_displayed() -> None:
    """Days, shares, sums and times carry the format of their cell."""
    book = sheet_of(
        ["Day", "Share", "Sum", "At", "Open"], [datetime.date(2024, 3, 5), 0.355, 1234567, 0.75, True]
    )
    for cell, code in zip(
        book.active[2], ['yyyy"년" m"월" d"일"', "0.0%", '#,##0"원"', "h:mm", "General"], strict=True
    ):
        cell.number_format = code

    assert body(saved(book)) == "Day: 2024년 3월 5일; Share: 35.5%; Sum: 1,234,567원; At: 18:00; Open: TRUE"


def test_tables_of_one_sheet_are_told_apart() -> None:
    """Blank rows and columns part tables; titles and remarks are no rows; a gap in a table keeps its header."""
    book = sheet_of(
        ["2024년 매출"],
        ["(단위: 천원)", None, None, None, "Gear", "Teeth"],
        ["지점", "상반기", "하반기", None, "first", 14],
        ["서울", 310, 340, None, "second", 22],
        [],
        ["부산", 12, 15],
        ["※ 잠정치"],
        [],
        ["담당", "김가람"],
    )

    assert body(saved(book)) == (
        "2024년 매출\n\n(단위: 천원)\n\n지점: 서울; 상반기: 310; 하반기: 340\n\nGear: first; Teeth: 14\nGear: second; Teeth: 22\n\n"
        "지점: 부산; 상반기: 12; 하반기: 15\n\n※ 잠정치\n\n담당: 김가람"
    )


def test_merged_cells_count_in_each_of_their_rows() -> None:
    """A region that is written once and merged down belongs to all its rows."""
    book = sheet_of(["Region", "Half", None], [None, "first", "second"], ["North", 1.5, 2], [None, 3, 4])
    for merged in ("A1:A2", "B1:C1", "A3:A4"):
        book.active.merge_cells(merged)

    assert body(saved(book)) == (
        "Region: North; Half / first: 1.5; Half / second: 2\nRegion: North; Half / first: 3; Half / second: 4"
    )


def test_hidden_sheets_and_formulas_without_values_are_named() -> None:
    """What a reader does not see is left out, with its reason; empty sheets are nothing."""
    book = sheet_of(["Total", "=1+1"], ["Count", 4])
    book.create_sheet("empty")
    book.create_sheet("secret").append(["hidden"])
    book["secret"].sheet_state = "hidden"
    book.create_sheet("last").append(["seen"])

    reading = saved(book)

    assert "hidden" not in reading.text
    assert [page.number for page in reading.pages] == [1, 4]
    assert [each.partition(".")[0] for each in reading.left_out] == [
        "sheet '자료': 1 formulas without a saved value",
        "sheet 'secret': hidden",
    ]


def test_comments_of_cells_are_marked() -> None:
    """A remark on a cell is not its value."""
    book = sheet_of(["Fee", 20])
    book.active["B1"].comment = openpyxl.comments.Comment("Should be 25.", "이서연")

    assert body(saved(book)) == "Fee: 20\n\nComment by 이서연 on B1: Should be 25."


def workbook(sheet: str, strings: str = "", *, strict: bool = False) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ids = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "_rels/.rels": relations({"xl/workbook.xml": "officeDocument"}),
        "xl/_rels/workbook.xml.rels": relations({"sheet1.xml": "worksheet", "strings.xml": "sharedStrings"}),
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{ids}"><sheets><sheet name="S" r:id="r0"/></sheets></workbook>',
        "xl/sheet1.xml": f'<worksheet xmlns="{space}"><sheetData>{sheet}</sheetData></worksheet>',
        "xl/strings.xml": f'<sst xmlns="{space}">{strings}</sst>',
    }
    if strict:
        to = "http://purl.oclc.org/ooxml/"
        parts = {
            name: xml.replace(space, to + "spreadsheetml/main").replace(
                ids, to + "officeDocument/relationships"
            )
            for name, xml in parts.items()
        }
    return package(parts)


@pytest.mark.parametrize("strict", [False, True])
def test_strings_are_shown_without_readings_and_note_marks(*, strict: bool) -> None:
    """The reading above Japanese words is not part of them, nor is the mark of a note part of a number."""
    strings = (
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
        "<si><r><t>8,400</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>3</t></r></si>"
    )
    cells = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'

    assert body(read(workbook(cells, strings, strict=strict), ".xlsx")) == "東京: 8,400"


def test_too_many_cells_are_refused_with_the_remedy() -> None:
    """Ten million cells are a database."""
    chance = random.Random(1)
    lines = ("".join(f"<c><v>{chance.randrange(10**6)}</v></c>" for _ in range(1000)) for _ in range(501))

    with pytest.raises(Unreadable, match=r"more than 500,000 cells. Split it"):
        read(workbook("".join(f"<row>{line}</row>" for line in lines)), ".xlsx")


def test_a_merge_over_a_whole_sheet_costs_nothing() -> None:
    """A merged area counts only where there are cells."""
    sheet = Sheet("S")
    sheet.put(0, 0, Cell("title"))
    sheet.put(2, 1, Cell("end"))

    sheet.merge((0, 0), (1_048_575, 16_383))

    assert (sheet.count, sheet.cells[2][1].text) == (7, "title")
    assert sheet.count < MAX_CELLS


# --- xls


def test_old_workbooks_are_read_like_new_ones() -> None:
    """Formats, merged cells, bold headers and hidden sheets of an xls."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("표")
    bold = xlwt.easyxf("font: bold on")
    for column, head in enumerate(["품목", "할인", "날짜"]):
        sheet.write(0, column, head, bold)
    sheet.write_merge(1, 2, 0, 0, "연필")
    for row in (1, 2):
        sheet.write(row, 1, 0.25 * row, xlwt.easyxf(num_format_str="0%"))
        sheet.write(row, 2, datetime.date(2024, 5, row), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    book.add_sheet("h").visibility = 1
    out = io.BytesIO()
    book.save(out)

    reading = read(out.getvalue(), ".xls")

    assert (
        reading.text
        == "# 표\n\n품목: 연필; 할인: 25%; 날짜: 2024-05-01\n품목: 연필; 할인: 50%; 날짜: 2024-05-02"
    )
    assert reading.left_out == ("sheet 'h': hidden",)


# --- how numbers are displayed


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.355, "0%", "36%"),
        (0.355, "0.0%", "35.5%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (-5, "#,##0;[Red]-#,##0", "-5"),
        (0, '0;-0;"없음"', "없음"),
        (1500000, '#,##0,"천원"', "1,500천원"),
        (1500, "[$₩-412]#,##0", "₩1,500"),
        (-1500, '"$"#,##0', "-$1,500"),
        (7, "000", "007"),
        (1012345678, "000-0000-0000", "010-1234-5678"),
        (0.5, "#.##", ".5"),
        (2.5, "0.0#", "2.5"),
        (12345, "0.00E+00", "1.23E+04"),
        (1.5, "# ?/?", "1.5"),
        (3, "General", "3"),
        (1 / 3, "General", "0.333333333333"),
        (1e21, "General", "1e+21"),
        (1.5e308, "0%", "1.5e+308"),
        (4, "@", "4"),
        (1, '0"개"', "1개"),
        (45356, BUILT_IN[14], "2024-03-05"),
        (45356.75, BUILT_IN[22], "2024-03-05 18:00"),
        (45356, "yyyy.mm.dd(aaa)", "2024.03.05(화)"),
        (45356, 'yyyy"年"m"月"d"日"', "2024年3月5日"),
        (45356, "d mmmm yyyy", "5 March 2024"),
        (45356, "dddd, mmm d", "Tuesday, Mar 5"),
        (0.520833333333333, "h:mm AM/PM", "12:30 PM"),
        (0.520833333333333, "오전/오후 h:mm", "오후 12:30"),
        (1.5, "[h]:mm", "36:00"),
        (0.000347222, "mm:ss", "00:30"),
        (60, "yyyy-mm-dd", "1900-02-28"),
        (-3, "yyyy-mm-dd", "-3"),
    ],
)
def test_numbers_are_displayed_by_their_format(value: float, code: str, shown: str) -> None:
    """The same number is a share, a sum, a day or a telephone number."""
    assert displayed(value, code) == shown


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    """Workbooks that were made on old Macintoshes count from another day."""
    assert displayed(43894, "yyyy-mm-dd", from_1904=True) == "2024-03-05"


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(alphabet='0#?.,%;"ymdhsaAPM/@E+-_*\\[]$ 원General', max_size=20),
)
def test_any_format_gives_a_text(value: float, code: str) -> None:
    """Codes come from files: none may break the reader."""
    assert isinstance(displayed(value, code), str)


# --- csv


@pytest.mark.parametrize("lang", SAMPLES)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(separator: str, lang: str) -> None:
    """Whatever separates the fields, a quoted field may hold it, and line breaks."""
    text = clean_text(SAMPLES[lang])
    data = f'id{separator}text{separator}n\n1{separator}"{text}\n{separator} end"{separator}1.5\n2{separator}x{separator}2.5\n'

    found = read(data.encode(), ".csv").text

    assert (
        found == f"id: 1; text: {' '.join(f'{text} {separator} end'.split())}; n: 1.5\nid: 2; text: x; n: 2.5"
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("name,age\nKim,3\nPark,4\n", ["name: Kim; age: 3", "name: Park; age: 4"]),
        ("1,2,3\n4,5,6\n", ["1 | 2 | 3", "4 | 5 | 6"]),
        ("Kim,Seoul,3\nPark,Seoul,4\n", ["Kim | Seoul | 3", "Park | Seoul | 4"]),
        ("sep=;\na;b\n1,5;2,5\n", ["a: 1,5; b: 2,5"]),
        (
            "2024 report,,\n\nsize,teeth,bore\nsmall,14,8\n",
            ["2024 report", "", "size: small; teeth: 14; bore: 8"],
        ),
        ("only\none\n", ["only", "", "one"]),
        ('a,b\n"open quote,2\n', ["a: open quote,2"]),
    ],
)
def test_the_first_line_is_a_header_if_it_reads_like_one(text: str, lines: list[str]) -> None:
    """Names of columns are words that do not come again; without them the rows stay as they are."""
    assert read(text.encode(), ".csv").text.splitlines() == lines


def test_the_encoding_of_a_table_is_found() -> None:
    """Excel saves in the encoding of the country."""
    text = "이름,부서,비고\n김가람,총무과,도서관은 매주 월요일에 쉽니다\n"

    assert (
        read(text.encode("cp949"), ".csv").text
        == "이름: 김가람; 부서: 총무과; 비고: 도서관은 매주 월요일에 쉽니다"
    )
    assert read(text.encode("utf-16"), ".tsv").text == read(text.encode(), ".csv").text


# --- rows


@given(
    st.lists(
        st.lists(st.sampled_from(["", "a", "b", "12", "2024", "long text: yes"]), min_size=1, max_size=5),
        max_size=8,
    )
)
def test_no_value_of_a_table_is_lost(table: list[list[str]]) -> None:
    """Each row gives a line with all its values; a header is there as often as something stands below it."""
    grid = [[Cell(text) for text in line] for line in table]
    full = [line for line in table if any(line)]
    heads = head_rows([line for line in grid if any(cell.text for cell in line)])

    lines = rows(grid)

    said = "\n".join(lines)
    assert len(lines) <= len(table)
    assert all(text in said for line in full[heads:] for text in line)
    below = [any(len(line) > n and line[n] for line in full[heads:]) for n in range(5)]
    assert all(text in said for line in full[:heads] for text, has in zip(line, below, strict=False) if has)
