"""Hard PDFs, each with the text that a person reads on it, in `golden/pdf.json`."""

import io
import json
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal

import hardpdf
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from rag.index.readers import ocr, read
from rag.index.readers.pdf.picture import boxes, render
from rag.index.reading import Job, Options, Reading, Unreadable
from rag.index.sandbox import Sandbox

GOLDEN = json.loads((Path(__file__).parent / "golden" / "pdf.json").read_text(encoding="utf-8"))
NO_OCR = Job(Options(ocr="off"))
needs_ocr = pytest.mark.skipif(not ocr.is_installed(), reason="needs Tesseract")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(options=Options(ocr="off")) as shared:
        yield shared


def test_every_case_has_its_golden_text() -> None:
    """A case without one would pass unread."""
    assert GOLDEN.keys() == hardpdf.CASES.keys()
    assert len(GOLDEN) >= 40


@pytest.mark.parametrize("name", hardpdf.CASES)
def test_a_hard_pdf_is_read_as_a_person_reads_it(name: str) -> None:
    """Text, its order, and what is left out are those of the page."""
    reading = read(hardpdf.CASES[name], ".pdf", NO_OCR)

    assert {"text": reading.text, "left_out": list(reading.left_out)} == GOLDEN[name]


@pytest.mark.parametrize("name", hardpdf.CASES)
def test_offsets_of_pages_and_masks_are_exact(name: str, sandbox: Sandbox) -> None:
    """They lie in the text and in order, also after the way through the sandbox."""
    reading = sandbox.read(hardpdf.CASES[name], ".pdf")

    check_offsets(reading)
    assert reading == read(hardpdf.CASES[name], ".pdf", NO_OCR)


def check_offsets(reading: Reading) -> None:
    text = reading.text
    assert all(0 <= mask.start < mask.end <= len(text) for mask in reading.masks)
    assert all(one.end <= other.start for one, other in pairwise(reading.masks))
    assert [page.start for page in reading.pages] == sorted({page.start for page in reading.pages})
    assert all(page.start == 0 or text[page.start - 1] == "\n" for page in reading.pages)
    assert all(not text[page.start].isspace() for page in reading.pages)


# --- passwords


@pytest.mark.parametrize(
    ("revision", "aes"), [(3, False), (4, True), (6, True)], ids=["RC4", "AES-128", "AES-256"]
)
def test_an_owner_password_does_not_matter(revision: Literal[3, 4, 6], aes: bool) -> None:
    """It forbids changes, not reading."""
    assert read(hardpdf.encrypted("", revision, aes=aes), ".pdf").text == "The lock is closed."


@pytest.mark.parametrize(
    ("revision", "aes"), [(3, False), (4, True), (6, True)], ids=["RC4", "AES-128", "AES-256"]
)
def test_a_password_opens_its_file(revision: Literal[3, 4, 6], aes: bool) -> None:
    """One of those given is enough; without it the error says how to give it."""
    data = hardpdf.encrypted("geheim", revision, aes=aes)

    assert read(data, ".pdf", Job(Options(("wrong", "geheim")))).text == "The lock is closed."
    with pytest.raises(Unreadable, match="--password-file"):
        read(data, ".pdf")
    with pytest.raises(Unreadable, match="no password given opens it"):
        read(data, ".pdf", Job(Options(("wrong",))))


# --- pages that end the parser, and damage


def test_a_page_that_ends_the_parser_costs_only_itself() -> None:
    """It is named, and the pages before and after it are read."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(hardpdf.CASES["a blank page between two"])) as document:
        bomb = zlib.compress(b"BT /F1 9 Tf " + b"(aaaaaaaaaaaaaaaaaaaa) Tj 0 1 Td " * 3_000_000 + b"ET", 9)
        stream = pikepdf.Stream(document, bomb)
        stream.Filter = pikepdf.Name.FlateDecode
        document.pages[1].obj["/Contents"] = document.make_indirect(stream)
        document.save(out, compress_streams=False)

    with Sandbox(timeout_s=10, options=Options(ocr="off")) as sandbox:
        reading = sandbox.read(out.getvalue(), ".pdf")

    assert reading.text == "One is here.\n\nThree is here."
    assert len(reading.left_out) == 1
    assert reading.left_out[0].startswith("page 2: cannot be read: it ")


_GOOD = zlib.compress(b"BT /F1 12 Tf 60 700 Td (Two is here.) Tj ET\n" * 9)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("/FlateDecode", bytes(byte ^ 0x5A for byte in _GOOD)),
        ("/FlateDecode", _GOOD[:20] + b"\xff" * 20 + _GOOD[40:]),
        ("/FlateDecode", _GOOD[: len(_GOOD) // 2]),
        ("/FlateDecode", _GOOD[:3]),
        ("/LZWDecode", b"\xff\x00 no codes" * 9),
        ("/ASCII85Decode", b"~~~ no digits"),
    ],
    ids=["no Flate", "spoilt", "half", "header only", "no LZW", "no ASCII85"],
)
@pytest.mark.parametrize("key", ["", "kept"])
def test_a_page_that_cannot_be_decoded_is_not_called_blank(name: str, body: bytes, key: str) -> None:
    """It is named as damaged, in an encrypted file too; a page on which nothing is written stays blank."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(hardpdf.CASES["a blank page between two"])) as document:
        document.pages[1].obj["/Contents"] = document.make_stream(b"")
        document.pages[1].obj["/Contents"].write(body, filter=pikepdf.Name(name))
        document.save(out, encryption=pikepdf.Encryption(owner=key) if key else False)
        alone = _without_pages(document, 0, 2)

    reading = read(out.getvalue(), ".pdf", NO_OCR)

    assert reading.text == "One is here.\n\nThree is here."
    assert reading.left_out == ("page 2: damaged, its content cannot be decoded",)
    with pytest.raises(Unreadable, match="its pages are damaged"):
        read(alone, ".pdf", NO_OCR)


def test_a_page_of_drawings_is_not_called_blank() -> None:
    """Letters in outline are drawings to a parser: the page is named, with what may help."""

    def draw(canvas: Canvas) -> None:
        canvas.rect(100, 100, 200, 50, fill=1)

    def say(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "One is here.")

    assert read(hardpdf.made(say, draw), ".pdf", NO_OCR).left_out == (
        "page 2: drawn, without text (--ocr force looks for some)",
    )


def _without_pages(document: pikepdf.Pdf, *numbers: int) -> bytes:
    out = io.BytesIO()
    for number in sorted(numbers, reverse=True):
        del document.pages[number]
    document.save(out)
    return out.getvalue()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_named(data: st.DataObject, sandbox: Sandbox) -> None:
    """Nothing but `Unreadable` is raised, and offsets are exact whatever is in the file."""
    original = hardpdf.CASES[data.draw(st.sampled_from(sorted(hardpdf.CASES)))]
    mutated = bytearray(original)
    for place in data.draw(st.lists(st.integers(0, len(original) - 1), min_size=1, max_size=30)):
        mutated[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(original) // 2, len(original)))

    try:
        check_offsets(sandbox.read(bytes(mutated[:cut]), ".pdf"))
    except Unreadable as exc:
        assert str(exc)


def test_a_file_that_was_cut_short_is_read_as_far_as_it_goes() -> None:
    """What is left of it is read, and the report says that it is damaged."""
    data = hardpdf.CASES["a blank page between two"]

    reading = read(data[: data.rfind(b"xref") - 20], ".pdf", NO_OCR)

    assert reading.text == "One is here.\n\nThree is here."
    assert reading.doubt.startswith("is damaged")
    with pytest.raises(Unreadable, match="damaged"):
        read(data[:200], ".pdf", NO_OCR)


# --- scans


def test_a_scan_without_recognition_names_its_pages() -> None:
    """The error counts them, and says what to install unless it is there."""
    with pytest.raises(Unreadable, match=r"scanned pages without text \(1: 1\)"):
        read(hardpdf.scanned(["The lock is closed."]), ".pdf", NO_OCR)


@needs_ocr
def test_a_scan_is_recognised_in_the_sandbox() -> None:
    """Its lines are those of the picture, and the page is told while it is read."""
    told: list[int] = []

    with Sandbox() as sandbox:
        reading = sandbox.read(
            hardpdf.scanned(["The lock at Arden is closed", "in January and February."]), ".pdf", told.append
        )

    assert reading.text == "The lock at Arden is closed in January and February."
    assert told == [1]


@needs_ocr
def test_a_picture_is_read_like_a_scan() -> None:
    """A png of a page gives its text; without recognition it says what it is."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (1400, 400), "white")
    font = ImageFont.truetype(str(hardpdf.DEJAVU), 44)
    ImageDraw.Draw(picture).text((80, 150), "The keeper of the lock is Ines.", fill="black", font=font)
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(200, 200))

    assert read(out.getvalue(), ".png").text == "The keeper of the lock is Ines."
    with pytest.raises(Unreadable, match="is a picture"):
        read(out.getvalue(), ".png", NO_OCR)


# --- pictures of pages


def test_a_page_is_drawn_as_a_png(sandbox: Sandbox) -> None:
    """Its size is that of the page times the scale."""
    from PIL import Image

    picture = Image.open(io.BytesIO(sandbox.picture(hardpdf.CASES["a form"], 1, 1.5)))

    assert picture.format == "PNG"
    assert picture.size == (893, 1263)
    with pytest.raises(Unreadable, match="has no page 2"):
        sandbox.picture(hardpdf.CASES["a form"], 2, 1.0)


@pytest.mark.parametrize(
    ("name", "quote"),
    [
        ("two columns, drawn row by row", "The weir below it holds back 1.2 metres of water."),
        ("a ruled table", "Boat: Punt; Seats: 5; Hour: 9.50; Day: 36.00"),
        ("a page turned on its side", "It has four pairs of stones, and two of them are still in use"),
        ("Korean in two columns", "뱃사공은 모두 일곱 사람이며 우두머리는 한설아이다."),
        ("Hebrew", "כל נוסע רשאי לקחת 20 קילו."),
    ],
)
def test_the_boxes_of_a_quote_hold_its_ink_and_no_other(name: str, quote: str, sandbox: Sandbox) -> None:
    """There is ink in each box, and together they are no more than some lines of the page."""
    from PIL import Image

    data = hardpdf.CASES[name]
    found = sandbox.boxes(data, 1, quote)
    picture = Image.open(io.BytesIO(render(data, 1, 2.0))).convert("L")
    width, height = picture.size

    assert found == boxes(data, 1, quote) != []
    for left, top, across, down in found:
        part = picture.crop(
            (
                int(left * width),
                int(top * height),
                int((left + across) * width) + 1,
                int((top + down) * height) + 1,
            )
        )
        assert min(part.tobytes()) < 128
    assert sum(across * down for _, _, across, down in found) < 0.1


def test_a_quote_that_is_not_on_the_page_has_no_boxes(sandbox: Sandbox) -> None:
    """Nothing is marked rather than something else."""
    assert sandbox.boxes(hardpdf.CASES["a form"], 1, "Bicycles are not let.") == []
