"""PDFs that are hard to read, each made anew and always the same: a name and the bytes."""

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import pikepdf
from reportlab.lib.colors import Color, black, white
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

__all__ = ["CASES", "encrypted", "scanned"]

Draw = Callable[[Canvas], None]
CASES: dict[str, bytes] = {}

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
for name in ("HYSMyeongJo-Medium", "HeiseiMin-W3", "STSong-Light"):
    pdfmetrics.registerFont(UnicodeCIDFont(name))
pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3", isVertical=True))
if DEJAVU.is_file():
    pdfmetrics.registerFont(TTFont("DejaVu", str(DEJAVU)))
KO, JA, ZH, JA_DOWN = "HYSMyeongJo-Medium", "HeiseiMin-W3", "STSong-Light", "HeiseiMin-W3"


def made(*pages: Draw) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for draw in pages:
        canvas.setFont("Helvetica", 11)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def case(name: str) -> Callable[[Draw], Draw]:
    def added(draw: Draw) -> Draw:
        CASES[name] = made(draw)
        return draw

    return added


def visual(line: str) -> str:
    """Return a Hebrew line as it stands from left to right: numbers and Latin words keep their order."""
    mirrored = line[::-1].translate(str.maketrans("()", ")("))
    return re.sub(r"[\dA-Za-z:.,]*[\dA-Za-z]", lambda run: run[0][::-1], mirrored)


def write(canvas: Canvas, lines: Sequence[str], x: float = 60, y: float = 760, step: float = 14) -> None:
    for n, line in enumerate(lines):
        canvas.drawString(x, y - n * step, line)


def columns(
    canvas: Canvas,
    texts: Sequence[Sequence[str]],
    x: float = 60,
    width: float = 170,
    y: float = 740,
    step: float = 14,
) -> None:
    """Draw columns row by row, as some generators do."""
    for n in range(max(map(len, texts))):
        for k, text in enumerate(texts):
            if n < len(text):
                canvas.drawString(x + k * width, y - n * step, text[n])


def grid(
    canvas: Canvas,
    rows: Sequence[Sequence[str]],
    x: float = 60,
    y: float = 700,
    width: float = 110,
    height: float = 20,
    *,
    ruled: bool = True,
) -> None:
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            canvas.drawString(x + c * width + 4, y - r * height - 14, cell)
            if ruled:
                canvas.rect(x + c * width, y - (r + 1) * height, width, height, fill=0)


MILL = [
    "The mill at Arden was built by",
    "the Osterby brothers in 1842. It",
    "has four pairs of stones, and",
    "two of them are still in use on",
    "market days in the summer.",
]
WEIR = [
    "The weir below it holds back",
    "1.2 metres of water. When the",
    "river is high, the gates are",
    "opened by hand, which takes two",
    "people about half an hour.",
]
LOCK = [
    "A lock beside the weir lets the",
    "barges pass. Each is raised by",
    "eleven feet in nine minutes, at",
    "a toll of three crowns paid to",
    "the keeper at the upper gate.",
]


@case("two columns, drawn row by row")
def _(c: Canvas) -> None:
    columns(c, [MILL, WEIR], width=220)


@case("two columns under a heading")
def _(c: Canvas) -> None:
    c.setFont("Helvetica-Bold", 18)
    c.drawString(150, 790, "News of the river Arden")
    c.setFont("Helvetica", 11)
    columns(c, [[*MILL, "", *LOCK], WEIR], width=220)


@case("three columns, drawn row by row")
def _(c: Canvas) -> None:
    c.setFont("Helvetica", 9)
    columns(c, [MILL, WEIR, LOCK], width=160)


@case("a heading across the middle of two columns")
def _(c: Canvas) -> None:
    columns(c, [MILL, WEIR], width=220)
    c.setFont("Helvetica-Bold", 16)
    c.drawString(60, 640, "A second story that spans both of the columns")
    c.setFont("Helvetica", 11)
    columns(c, [LOCK, MILL], width=220, y=610)


@case("a side box")
def _(c: Canvas) -> None:
    write(c, [*MILL, *WEIR], x=60)
    c.rect(330, 690, 190, 80)
    c.setFont("Helvetica", 9)
    write(
        c, ["Opening hours", "Tuesday to Sunday, ten to four.", "Closed in January."], x=340, y=750, step=12
    )


@case("a note below the text")
def _(c: Canvas) -> None:
    write(c, ["The town counted 8,400"], y=760)
    c.setFont("Helvetica", 7)
    c.drawString(60 + pdfmetrics.stringWidth("The town counted 8,400", "Helvetica", 11), 764, "3")
    c.setFont("Helvetica", 11)
    c.drawString(190, 760, "people when the bridge opened.")
    c.setFont("Helvetica", 6)
    c.drawString(60, 103, "3")
    c.setFont("Helvetica", 9)
    c.drawString(64, 100, "Without the barges, which were counted in the next year.")


@case("powers and formulas")
def _(c: Canvas) -> None:
    x = 60.0
    for text, size, rise in (
        ("About 10", 11, 0),
        ("6", 7, 4),
        (" cells cover 12 m", 11, 0),
        ("2", 7, 4),
        (" and give off CO", 11, 0),
        ("2", 7, -2),
        (" and H", 11, 0),
        ("2", 7, -2),
        ("O.", 11, 0),
    ):
        c.setFont("Helvetica", size)
        c.drawString(x, 760 + rise, text)
        x += pdfmetrics.stringWidth(text, "Helvetica", size)


@case("words divided in short lines")
def _(c: Canvas) -> None:
    write(
        c,
        [
            "The Deich-",
            "hauptmann calls the mem-",
            "bers of the well-",
            "known guild. A well-known",
            "guild has Vor-",
            "und Nachteile, and COVID-",
            "19 closed it.",
        ],
    )


@case("a word that the document writes with a hyphen")
def _(c: Canvas) -> None:
    write(
        c,
        [
            "We re-use the timber of the old barn",
            "wherever we can, for it is dry and sound, and re-",
            "use costs less than buying any new timber at all.",
        ],
    )


@case("ligatures")
def _(c: Canvas) -> None:
    c.setFont("DejaVu", 11)
    write(c, ["The ﬁrst oﬃce of the ﬂeet is on the second ﬂoor."])


@case("a ruled table")
def _(c: Canvas) -> None:
    c.drawString(60, 720, "Boats for hire")
    grid(
        c,
        [
            ("Boat", "Seats", "Hour", "Day"),
            ("Skiff", "3", "8.00", "30.00"),
            ("Punt", "5", "9.50", "36.00"),
            ("Raft", "8", "12.00", "44.00"),
        ],
    )


@case("a ruled table with merged cells and two header rows")
def _(c: Canvas) -> None:
    x, y, w, h = 60, 700, 100, 20
    for (r, k, rows, cols), text in {
        (0, 0, 2, 1): "Pier",
        (0, 1, 1, 2): "2024",
        (0, 3, 1, 2): "2025",
        (1, 1, 1, 1): "Spring",
        (1, 2, 1, 1): "Autumn",
        (1, 3, 1, 1): "Spring",
        (1, 4, 1, 1): "Autumn",
        (2, 0, 1, 1): "North",
        (2, 1, 1, 1): "112",
        (2, 2, 1, 1): "96",
        (2, 3, 1, 1): "130",
        (2, 4, 1, 1): "101",
        (3, 0, 1, 1): "South",
        (3, 1, 1, 1): "87",
        (3, 2, 1, 1): "64",
        (3, 3, 1, 1): "91",
        (3, 4, 1, 1): "70",
    }.items():
        c.rect(x + k * w, y - (r + rows) * h, cols * w, rows * h)
        c.drawString(x + k * w + 4, y - r * h - 14, text)


@case("a ruled table with lines in its cells")
def _(c: Canvas) -> None:
    c.rect(60, 680, 100, 20)
    c.rect(160, 680, 260, 20)
    write(c, ["Lamp"], x=64, y=686)
    write(c, ["What it means"], x=164, y=686)
    for n, (lamp, text) in enumerate(
        [
            ("Red", ["The tank is empty. Fill it and press the", "button twice."]),
            ("Green", ["Ready. Nothing has to be done until the", "light goes out."]),
        ]
    ):
        top = 680 - 40 * n
        c.rect(60, top - 40, 100, 40)
        c.rect(160, top - 40, 260, 40)
        write(c, [lamp], x=64, y=top - 15)
        write(c, text, x=164, y=top - 15)


@case("a table without rules")
def _(c: Canvas) -> None:
    c.drawString(60, 730, "Fees of the boat house")
    grid(
        c,
        [
            ("Article", "Number", "Deposit", "Fee"),
            ("Oar", "A-7", "5.00", "1.20"),
            ("Life vest", "B-2", "12.00", "0.80"),
            ("Tarpaulin", "C-9", "20.00", "2.40"),
        ],
        ruled=False,
    )


@case("a table without rules in Korean")
def _(c: Canvas) -> None:
    c.setFont(KO, 11)
    c.drawString(60, 730, "나루터 배삯")
    grid(
        c,
        [
            ("배", "자리", "한 시간", "하루"),
            ("나룻배", "4명", "8,000원", "30,000원"),
            ("거룻배", "9명", "12,000원", "44,000원"),
            ("돛단배", "6명", "15,000원", "52,000원"),
        ],
        ruled=False,
    )


@case("labels and their texts")
def _(c: Canvas) -> None:
    for n, (label, texts) in enumerate(
        [
            ("Place:", ["The old mill at Arden, by the weir"]),
            ("Hours:", ["Daily from ten to four, but not on Mondays"]),
            ("Keeper:", ["Ines Osterby, who lives in the lock house"]),
        ]
    ):
        c.drawString(60, 740 - 20 * n, label)
        write(c, texts, x=140, y=740 - 20 * n)


@case("a price list with leading dots")
def _(c: Canvas) -> None:
    write(
        c,
        [
            "Coffee . . . . . . . . . . . . 3.20",
            "Tea . . . . . . . . . . . . . . 2.80",
            "Cake . . . . . . . . . . . . . 4.10",
        ],
    )


@case("text boxes turned on the page")
def _(c: Canvas) -> None:
    write(c, MILL)
    c.saveState()
    c.translate(560, 400)
    c.rotate(90)
    c.drawString(0, 0, "Photograph: Arden archive, 1911")
    c.restoreState()


@case("a page turned on its side")
def _(c: Canvas) -> None:
    c.setPageRotation(90)
    c.translate(560, 60)
    c.rotate(90)
    write(c, [*MILL, "", *WEIR], x=0, y=480)


@case("white on white")
def _(c: Canvas) -> None:
    write(c, ["The pool opens at seven."])
    c.setFillColor(white)
    c.drawString(60, 700, "The pool opens at four.")


@case("white on a dark field can be seen")
def _(c: Canvas) -> None:
    c.setFillColor(Color(0.1, 0.2, 0.5))
    c.rect(50, 740, 300, 40, fill=1, stroke=0)
    c.setFillColor(white)
    c.drawString(60, 755, "The pool opens at seven.")


@case("tiny letters")
def _(c: Canvas) -> None:
    write(c, ["The pool opens at seven."])
    c.setFont("Helvetica", 1)
    c.drawString(60, 700, "The pool opens at four.")


@case("outside of the page")
def _(c: Canvas) -> None:
    write(c, ["The pool opens at seven."])
    c.drawString(-400, 700, "The pool opens at four.")
    c.drawString(60, 900, "The pool opens at five.")


@case("drawn invisibly")
def _(c: Canvas) -> None:
    write(c, ["The pool opens at seven."])
    text = c.beginText(60, 700)
    text.setTextRenderMode(3)
    text.textLine("The pool opens at four.")
    c.drawText(text)


@case("covered by a field")
def _(c: Canvas) -> None:
    write(c, ["The pool opens at seven.", "The pool opens at four."])
    c.setFillColor(Color(0.9, 0.9, 0.6))
    c.rect(55, 738, 300, 20, fill=1, stroke=0)


@case("transparent letters")
def _(c: Canvas) -> None:
    write(c, ["The pool opens at seven."])
    c.setFillColor(Color(0, 0, 0, alpha=0))
    c.drawString(60, 700, "The pool opens at four.")


@case("black on black")
def _(c: Canvas) -> None:
    write(c, ["The pool opens at seven."])
    c.setFillColor(black)
    c.rect(50, 690, 300, 30, fill=1)
    c.drawString(60, 700, "The pool opens at four.")


@case("headings by size")
def _(c: Canvas) -> None:
    c.setFont("Helvetica-Bold", 22)
    c.drawString(60, 780, "The lock at Arden")
    c.setFont("Helvetica-Bold", 15)
    c.drawString(60, 745, "Tolls")
    c.setFont("Helvetica", 11)
    write(
        c,
        [
            "A barge pays three crowns, and a boat pays one. The keeper",
            "gives a receipt for both, which is good until the evening.",
        ],
        y=720,
    )
    c.setFont("Helvetica-Bold", 15)
    c.drawString(60, 670, "Hours")
    c.setFont("Helvetica", 11)
    write(
        c,
        [
            "The lock is worked from six in the morning until nine at",
            "night, and not at all when the river is above the mark.",
        ],
        y=645,
    )


@case("a list")
def _(c: Canvas) -> None:
    write(
        c,
        [
            "Bring with you:",
            "• a coat, for it is cold in the cellar of the mill even in the",
            "  middle of the summer",
            "• shoes with good soles",
            "1. Knock at the green door.",
            "2. Wait for the keeper.",
        ],
    )


@case("justified lines with wide spaces")
def _(c: Canvas) -> None:
    text = c.beginText(60, 760)
    text.textLine("The keeper of the lock keeps a book of every barge that he has")
    text.setWordSpace(9)
    text.textLine("let through, and every year")
    text.setWordSpace(0)
    text.textLine("he sends it to the office of the river, where nobody reads it now.")
    c.drawText(text)


@case("Korean in two columns")
def _(c: Canvas) -> None:
    c.setFont(KO, 11)
    columns(
        c,
        [
            [
                "나루터는 해마다 삼월에 열고",
                "십일월에 닫는다. 배는 아침",
                "여섯 시부터 저녁 아홉 시까지",
                "다닌다.",
            ],
            [
                "뱃사공은 모두 일곱 사람이며",
                "우두머리는 한설아이다. 짐은",
                "한 사람에 20킬로그램까지",
                "실을 수 있다.",
            ],
        ],
        width=220,
    )


@case("Japanese")
def _(c: Canvas) -> None:
    c.setFont(JA, 11)
    write(
        c,
        [
            "渡し舟は毎朝六時から夜九時まで動きます。一人の荷物は二十キロまで",
            "です。川の水が目印より高い日は休みます。",
        ],
    )


@case("Japanese, vertical")
def _(c: Canvas) -> None:
    for n, line in enumerate(["渡し舟は毎朝六時から", "夜九時まで動きます。", "荷物は二十キロまで。"]):
        for k, char in enumerate(line):
            c.setFont(JA, 12)
            c.drawString(500 - 20 * n, 760 - 13 * k, char)


@case("Chinese")
def _(c: Canvas) -> None:
    c.setFont(ZH, 11)
    write(c, ["渡船每天早上六点到晚上九点开行，每人可以携带二十公斤行李。河水高", "过标记的日子停航。"])


@case("Hebrew")
def _(c: Canvas) -> None:
    c.setFont("DejaVu", 11)
    for n, line in enumerate(["המעבורת פועלת מ-6:00 עד 21:00 (לא בשבת).", "כל נוסע רשאי לקחת 20 קילו."]):
        c.drawRightString(500, 760 - 16 * n, visual(line))


@case("Cyrillic and Greek")
def _(c: Canvas) -> None:
    c.setFont("DejaVu", 11)
    write(
        c, ["Паром ходит с шести утра до девяти вечера.", "", "Το πορθμείο λειτουργεί από τις έξι το πρωί."]
    )


@case("letters of the first Unicode form, decomposed")
def _(c: Canvas) -> None:
    c.setFont("DejaVu", 11)
    write(c, ["Das Fährhaus öffnet um zehn Uhr früh."])


@case("a form")
def _(c: Canvas) -> None:
    write(c, ["Application for a berth"], y=780)
    for n, (label, value) in enumerate([("Name of boat:", "Grey Heron"), ("Length:", "9.8 m")]):
        c.drawString(60, 740 - 30 * n, label)
        c.acroForm.textfield(name=f"f{n}", value=value, x=180, y=734 - 30 * n, width=200, height=20)
    c.drawString(60, 680, "Season")
    c.acroForm.choice(
        name="season", value="Winter", options=["Summer", "Winter"], x=60, y=655, width=120, height=20
    )
    c.acroForm.checkbox(name="power", checked=True, x=60, y=620, size=14)
    c.drawString(80, 623, "Shore power")
    c.acroForm.checkbox(name="crane", checked=False, x=60, y=596, size=14)
    c.drawString(80, 599, "Crane")


def _pages() -> None:
    def text(lines: Sequence[str], number: int) -> Draw:
        def draw(c: Canvas) -> None:
            c.drawString(60, 810, "Arden river board")
            write(c, lines, y=760)
            c.drawString(290, 30, f"Page {number} of 3")

        return draw

    first = [
        "The lock was built in 1842 by the Osterby brothers, who had",
        "built the mill before it. Every barge that passes pays a toll of",
    ]
    second = ["three crowns to the keeper. Boats pay one.", "The lock is closed in January."]
    CASES["headers, a blank page, and a sentence over a page break"] = made(
        text(first, 1), text([], 2), text(second, 3)
    )
    CASES["a table that goes on"] = made(
        lambda c: grid(c, [("Boat", "Seats", "Fee"), ("Skiff", "3", "8.00"), ("Punt", "5", "9.50")], y=120),
        lambda c: grid(c, [("Raft", "8", "12.00"), ("Canoe", "2", "6.00")], y=780),
    )
    CASES["a blank page between two"] = made(
        lambda c: write(c, ["One is here."]), lambda c: None, lambda c: write(c, ["Three is here."])
    )


_pages()


def encrypted(user: str, revision: Literal[3, 4, 6], *, aes: bool) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made(lambda c: write(c, ["The lock is closed."])))) as document:
        document.save(
            out, encryption=pikepdf.Encryption(owner="owner", user=user, R=revision, aes=aes, metadata=aes)
        )
    return out.getvalue()


def _changed(change: Callable[[pikepdf.Pdf], None], data: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        change(document)
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _without_maps(document: pikepdf.Pdf) -> None:
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and "/ToUnicode" in each:
            del each["/ToUnicode"]


def _with_damaged_page(document: pikepdf.Pdf) -> None:
    document.Root.Pages.Kids[1] = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font))


def _in_two_fonts(c: Canvas) -> None:
    c.setFont("DejaVu", 11)
    write(c, ["Паром ходит с шести утра до девяти вечера, а зимой он стоит."])
    c.setFont("Helvetica", 11)
    write(c, ["The ferry runs from six."], y=700)


CASES["a font that does not say its characters"] = _changed(_without_maps, made(_in_two_fonts))
CASES["a damaged page between two"] = _changed(_with_damaged_page, CASES["a blank page between two"])
CASES["cropped"] = _changed(
    lambda document: document.pages[0].obj.__setitem__("/CropBox", pikepdf.Array([0, 700, 595, 842])),
    made(lambda c: write(c, ["The pool opens at seven.", *[""] * 8, "The pool opens at four."])),
)


def scanned(lines: Sequence[str]) -> bytes:
    """Return a PDF that is a picture of text."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (1654, 1200), 255)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(DEJAVU), 40)
    for n, line in enumerate(lines):
        pen.text((120, 120 + 52 * n), line, fill=0, font=font)
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=200)
    return out.getvalue()
