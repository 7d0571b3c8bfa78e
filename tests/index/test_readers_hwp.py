"""Documents of the Hangul word processor, in both of its formats: the same words give the same text."""

# ruff: noqa: E501

import struct
from collections.abc import Sequence

import pytest
from documents import SAMPLES
from office import package
from ole import control, hwp, paragraph, record
from readings import masked

from rag.index.readers import kind_of, read
from rag.index.reading import Reading, Unreadable
from rag.text.characters import clean_text

# --- hwp 5


def letter_shape(flags: int) -> bytes:
    return record(21, 0, bytes(46) + struct.pack("<I", flags) + bytes(16))


def para_shape(kind: int = 0, level: int = 0, number: int = 0) -> bytes:
    return record(
        25, 0, struct.pack("<I", kind << 23 | level << 25) + bytes(26) + struct.pack("<HHH", number, 0, 0)
    )


def numbering(*levels: tuple[int, str], starts: Sequence[int] = (1,) * 7) -> bytes:
    data = b""
    for style, text in (*levels, *[(0, "")] * (7 - len(levels))):
        encoded = text.encode("utf-16-le")
        data += struct.pack("<IHHIH", style << 5, 0, 0, 0, len(text)) + encoded
    return record(23, 0, data + struct.pack("<H7I", 0, *starts))


LETTERS = letter_shape(0) + letter_shape(1 << 15) + letter_shape(1 << 1)


def listed(level: int, *paragraphs: bytes, cell: tuple[int, int, int, int] | None = None) -> bytes:
    place = struct.pack("<4H", *cell) if cell else b""
    return record(72, level, struct.pack("<HHI", len(paragraphs), 0, 0) + place) + b"".join(paragraphs)


def table(rows: Sequence[Sequence[str | tuple[str, int, int]]], level: int = 1) -> bytes:
    """Return the records of a table; a cell is a text, or a text with the rows and columns it covers."""
    made = control("tbl ", level) + record(77, level + 1, bytes(20))
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(rows):
        column = 0
        for each in line:
            text, high, wide = each if isinstance(each, tuple) else (each, 1, 1)
            while (row, column) in taken:
                column += 1
            taken |= {(row + down, column + right) for down in range(high) for right in range(wide)}
            made += listed(level + 1, paragraph(text, level + 1), cell=(column, row, wide, high))
    return made


def hwp_of(*parts: bytes, info: bytes = LETTERS + para_shape()) -> Reading:
    return read(hwp(b"".join(parts), info=info), ".hwp")


@pytest.mark.parametrize("flags", [0, 1])
@pytest.mark.parametrize("lang", SAMPLES)
def test_hwp_holds_every_script(lang: str, flags: int) -> None:
    """Letters are UTF-16, packed or not; the kind is known by the bytes."""
    data = hwp(paragraph(SAMPLES[lang]), info=LETTERS + para_shape(), flags=flags)

    assert kind_of(data, ".doc") == ".hwp"
    assert read(data, ".hwp").text == clean_text(SAMPLES[lang])


def test_controls_of_hwp_are_no_letters() -> None:
    """Controls take eight letters, tabs among them; line breaks and fixed spaces take one."""
    assert hwp_of(paragraph("가\x0b나\t다\n라\x1e마\x15")).text == "가나\t다\n라 마"


def test_notes_boxes_and_margins_of_hwp() -> None:
    """What hangs on a paragraph stands below it, headers and footers once at the end; raised marks are notes."""
    note = control("fn  ", 1) + listed(2, paragraph("\x12 5월에 세었다.", 2))
    box = control("gso ", 1) + record(76, 2) + listed(3, paragraph("글상자 안.", 3))
    comment = control("tcmt", 1) + listed(2, paragraph("확인할 것.", 2))
    head = control("head", 1) + listed(2, paragraph("문서번호 라-2045", 2))
    foot = control("foot", 1) + listed(2, paragraph("- 3 -", 2))
    equation = control("eqed", 1) + record(
        88, 2, struct.pack("<IH", 0, 7) + "a over b"[:7].encode("utf-16-le")
    )

    reading = hwp_of(
        paragraph("벽돌은 8,4003장이다.\x11", runs=[(0, 0), (9, 1), (10, 0)]),
        *(note, box, comment, head, foot, paragraph("식은\x0b"), equation, head),
    )

    assert reading.text == (
        "벽돌은 8,400장이다.\n\n1) 5월에 세었다.\n\n글상자 안.\n\nComment: 확인할 것.\n\n식은 a over\n\n문서번호 라-2045\n\n- 3 -"
    )
    assert masked(reading) == [("- 3 -", "page footer")]


def test_tables_of_hwp_are_rows_with_headers() -> None:
    """Merged cells count in all their rows; a table of one column is a layout."""
    made = table(
        [
            *[("지점", ("매출", 1, 2)), ("", "상반기", "하반기")][:1],
            [("서울", 2, 1), "310", "340"],
            ["12", "15"],
        ]
    )
    wide = table([["품목", "단가", "수량"], [("연필", 2, 1), "300원", "12"], ["250원", "40"]])
    layout = table([["안내문"]])

    assert hwp_of(paragraph("표\x0b"), wide, paragraph("끝\x0b"), layout).text == (
        "표\n\n품목: 연필; 단가: 300원; 수량: 12\n품목: 연필; 단가: 250원; 수량: 40\n\n끝\n\n안내문"
    )
    assert "서울" in hwp_of(paragraph("\x0b"), made).text


def test_numbers_of_hwp_are_counted() -> None:
    """Clauses, outlines and bullets are numbered by level, in the letters of their list."""
    info = LETTERS + b"".join(
        [
            numbering((0, "제^1조"), (8, "^2."), starts=(3, 1, 1, 1, 1, 1, 1)),
            *(
                para_shape(),
                para_shape(2, 0, 1),
                para_shape(2, 1, 1),
                para_shape(3),
                para_shape(1, 0),
                para_shape(1, 1),
            ),
        ]
    )
    lines = [
        ("총칙", 4),
        ("목적", 5),
        ("회원은 마을 사람이다.", 1),
        ("갑", 2),
        ("을", 2),
        ("총회를 연다.", 1),
        ("병", 2),
        ("점", 3),
        ("벌칙", 4),
    ]

    assert hwp_of(*(paragraph(text, shape=shape) for text, shape in lines), info=info).text == (
        "# 1. 총칙\n\n## 가. 목적\n\n제3조 회원은 마을 사람이다.\n\n가. 갑\n나. 을\n\n제4조 총회를 연다.\n\n가. 병\n- 점\n\n# 2. 벌칙"
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (hwp(b"", flags=3), "is encrypted"),
        (hwp(b"", flags=5), "for distribution"),
        (hwp(paragraph("x"), info=LETTERS)[:700], "hwp"),
        (hwp(record(66, 65)), "cannot be parsed|nested deeper"),
        (b"HWP", "not an hwp"),
    ],
)
def test_hwp_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    """Passwords, distribution copies and damage are told apart."""
    with pytest.raises(Unreadable, match=reason):
        read(data, ".hwp")


def test_an_hwp_that_unpacks_to_too_much_is_refused() -> None:
    """Deflate makes a thousand from one."""
    with pytest.raises(Unreadable, match="unpacks to more than 200,000,000 bytes"):
        read(hwp(bytes(200_000_001)), ".hwp")


# --- hwpx

SPACES = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph" xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section" xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head" xmlns:opf="http://www.idpf.org/2007/opf/"'
HEAD = (
    '<hh:charPr id="0"/><hh:charPr id="1"><hh:supscript/></hh:charPr><hh:charPr id="2"><hh:bold/></hh:charPr>'
    '<hh:numbering id="1"><hh:paraHead level="1" start="3" numFormat="DIGIT">제^1조</hh:paraHead>'
    '<hh:paraHead level="2" start="1" numFormat="HANGUL_SYLLABLE">^2.</hh:paraHead></hh:numbering>'
    '<hh:paraPr id="0"><hh:heading type="NONE" idRef="0" level="0"/></hh:paraPr>'
    '<hh:paraPr id="1"><hh:heading type="NUMBER" idRef="1" level="0"/></hh:paraPr>'
    '<hh:paraPr id="2"><hh:heading type="NUMBER" idRef="1" level="1"/></hh:paraPr>'
    '<hh:paraPr id="3"><hh:heading type="BULLET" idRef="1" level="0"/></hh:paraPr>'
    '<hh:paraPr id="4"><hh:heading type="OUTLINE" idRef="0" level="0"/></hh:paraPr>'
)


def hwpx(*sections: str, about: str = "") -> Reading:
    parts = {
        "mimetype": "application/hwp+zip",
        "Contents/header.xml": f"<hh:head {SPACES}>{HEAD}</hh:head>",
        "Contents/content.hpf": f"<opf:package {SPACES}>{about}</opf:package>",
        **{
            f"Contents/section{n}.xml": f"<hs:sec {SPACES}>{body}</hs:sec>" for n, body in enumerate(sections)
        },
    }
    data = package(parts)
    assert kind_of(data, ".zip") == ".hwpx"
    return read(data, ".hwpx")


def hp(*runs: str, shape: int = 0) -> str:
    made = "".join(
        run
        if run.startswith("<hp:run")
        else f'<hp:run charPrIDRef="0">{run if run.startswith("<") else f"<hp:t>{run}</hp:t>"}</hp:run>'
        for run in runs
    )
    return f'<hp:p paraPrIDRef="{shape}">{made}</hp:p>'


def td(text: str, row: int, column: int, high: int = 1, wide: int = 1, head: int = 0) -> str:
    return (
        f'<hp:tc header="{head}"><hp:subList>{hp(text)}</hp:subList><hp:cellAddr colAddr="{column}" rowAddr="{row}"/>'
        f'<hp:cellSpan colSpan="{wide}" rowSpan="{high}"/></hp:tc>'
    )


_CAPTION = "표 4 지점\n\n품목: 연필; 단가: 300원; 수량: 12"
_STACKED = "도서관(圖書館)은 N=7q 이다 ㉠㉡."


def test_what_stands_in_the_middle_of_a_line_of_hwp_stays_there() -> None:
    """Words with others above them, letters on top of one another, equations, numbers of tables; captions."""

    def string(text: str) -> bytes:
        return struct.pack("<H", len(text)) + text.encode("utf-16-le")

    above = record(71, 1, b"tdut"[::-1] + string("도서관") + string("圖書館") + bytes(12))
    equation = control("eqed", 1) + record(88, 2, struct.pack("<I", 0) + string("N=7q"))
    stacked = record(71, 1, b"tcps"[::-1] + string("㉠㉡") + bytes(8))
    number = record(71, 3, b"atno"[::-1] + struct.pack("<IH", 4, 4) + bytes(6))
    rows = table([["품목", "단가", "수량"], ["연필", "300원", "12"]])
    head = control("tbl ", 1)
    caption = head + listed(2, paragraph("표 \x12 지점", 2), number) + rows.removeprefix(head)

    assert hwp_of(paragraph("\x17은\x0b 이다 \x17."), above, equation, stacked).text == _STACKED
    assert hwp_of(paragraph("\x0b"), caption).text == _CAPTION


@pytest.mark.parametrize("lang", SAMPLES)
def test_hwpx_holds_every_script(lang: str) -> None:
    """Sections come in the order of their numbers, not of their names."""
    found = hwpx(*[hp(str(n)) for n in range(10)], hp(SAMPLES[lang])).text

    assert found == "\n\n".join([*map(str, range(10)), clean_text(SAMPLES[lang])])


def test_hwpx_is_read_with_all_that_hangs_on_it() -> None:
    """Notes, comments, boxes, equations and margins; raised marks and deleted words are left out."""
    raised = '<hp:run charPrIDRef="1"><hp:t>3</hp:t></hp:run>'
    note = f"<hp:ctrl><hp:footNote><hp:subList>{hp('5월에 세었다.')}</hp:subList></hp:footNote></hp:ctrl>"
    comment = (
        f"<hp:ctrl><hp:hiddenComment><hp:subList>{hp('확인할 것.')}</hp:subList></hp:hiddenComment></hp:ctrl>"
    )
    box = f"<hp:rect><hp:drawText><hp:subList>{hp('글상자 안.')}</hp:subList></hp:drawText></hp:rect>"
    margin = f"<hp:ctrl><hp:header><hp:subList>{hp('문서번호 17')}</hp:subList></hp:header><hp:footer><hp:subList>{hp('- 3 -')}</hp:subList></hp:footer></hp:ctrl>"
    words = "<hp:t>첫 줄<hp:lineBreak/>둘째<hp:tab/>끝<hp:deleteBegin/>지움<hp:deleteEnd/>.</hp:t>"
    about = (
        '<opf:metadata><opf:title>보고</opf:title><opf:meta name="creator">김해솔</opf:meta></opf:metadata>'
    )

    reading = hwpx(
        hp("벽돌은 8,400", raised, "장이다.", note, comment, box, margin)
        + hp(words)
        + hp("<hp:equation><hp:script>N=7q`+`45</hp:script></hp:equation>"),
        hp(margin, "또."),
        about=about,
    )

    assert reading.text == (
        "벽돌은 8,400장이다.\n\n1) 5월에 세었다.\n\nComment: 확인할 것.\n\n글상자 안.\n\n첫 줄\n둘째\t끝.\n\nN=7q + 45\n\n또.\n\n문서번호 17\n\n- 3 -"
    )
    assert (reading.title, reading.author, masked(reading)) == ("보고", "김해솔", [("- 3 -", "page footer")])


def test_what_stands_in_the_middle_of_a_line_of_hwpx_stays_there() -> None:
    """As in the older format."""
    above = "<hp:dutmal><hp:mainText>도서관</hp:mainText><hp:subText>圖書館</hp:subText></hp:dutmal>"
    equation = "<hp:equation><hp:script>N=7q</hp:script></hp:equation>"
    number = '<hp:ctrl><hp:autoNum num="4" numType="TABLE"/></hp:ctrl>'
    caption = f"<hp:caption><hp:subList>{hp('표 ', number, ' 지점')}</hp:subList></hp:caption>"
    cells = [["품목", "단가", "수량"], ["연필", "300원", "12"]]
    lines = "".join(
        f"<hp:tr>{''.join(td(text, row, column) for column, text in enumerate(line))}</hp:tr>"
        for row, line in enumerate(cells)
    )

    found = hwpx(hp(above, "은 ", equation, " 이다 ", '<hp:compose composeText="㉠㉡"/>', "."))

    assert found.text == _STACKED
    assert hwpx(hp(f"<hp:tbl>{caption}{lines}</hp:tbl>")).text == _CAPTION


def test_numbers_and_tables_of_hwpx() -> None:
    """Clauses are counted, cells belong to all the rows that they cover, marked headers are headers."""
    rows = (
        f"<hp:tr>{td('2023', 0, 0, head=1)}{td('2024', 0, 1, head=1)}{td('2025', 0, 2, head=1)}</hp:tr>"
        f"<hp:tr>{td('7', 1, 0, high=2)}{td('8', 1, 1, wide=2)}</hp:tr><hp:tr>{td('9', 2, 1)}{td('10', 2, 2)}</hp:tr>"
    )
    body = (
        hp("총칙", shape=4)
        + hp("회원이다.", shape=1)
        + hp("갑", shape=2)
        + hp("회비이다.", shape=1)
        + hp("점", shape=3)
    )

    assert hwpx(body + hp(f"<hp:tbl>{rows}</hp:tbl>") + hp("끝.")).text == (
        "# 1. 총칙\n\n제3조 회원이다.\n\n가. 갑\n\n제4조 회비이다.\n\n- 점\n\n"
        "2023: 7; 2024, 2025: 8\n2023: 7; 2024: 9; 2025: 10\n\n끝."
    )
