"""Pages that are pictures: their words are recognised and laid out like those of any page."""

import subprocess
from collections.abc import Sequence

import numpy as np

from rag.index.readers import ocr
from rag.index.readers.pdf.engine import Page, gray_picture
from rag.index.readers.pdf.glyphs import Run
from rag.index.readers.pdf.page import PageText, parts_of
from rag.index.readers.pdf.shapes import Drawing
from rag.text.characters import is_unspaced

__all__ = ["is_wanted", "recognised", "recognised_page", "unread"]

_DPI = 300
_POINT = 72
_MOST_PIXELS = 20_000_000
# A line of print is about so much higher than the size of its font, from descender to ascender.
_HEIGHT = 0.95
_DESCENDER = 0.2


def is_wanted(made: PageText, mode: str) -> bool:
    """Tell whether the words of a page are to be recognised; *mode* is "auto", "off" or "force"."""
    if mode == "off" or not ocr.is_installed():
        return False
    written = sum(len(segment.text) for row in made.rows for segment in row)
    return mode == "force" or made.is_scan or made.unreadable > written


def recognised_page(page: Page, made: PageText) -> PageText:
    """Return *made* with the text that is recognised in a picture of *page*, if there is any."""
    left, bottom, right, top = page.box
    area = max(1.0, (right - left) * (top - bottom))
    scale = min(_DPI / _POINT, (_MOST_PIXELS / area) ** 0.5)
    pixels, stride, height = gray_picture(page, scale)
    width = min(stride, max(1, round((right - left) * scale)))
    picture = np.frombuffer(pixels, np.uint8).reshape(height, stride)[:, :width] if stride >= width else None
    if picture is None:
        return made
    seen = recognised(picture, scale)
    seen.left_out += made.left_out
    return seen if seen.parts else made


def recognised(picture: ocr.Picture, scale: float = _DPI / _POINT) -> PageText:
    """Return the words of *picture*, of which *scale* pixels are a point."""
    try:
        found, _ = ocr.words(picture)
    except subprocess.TimeoutExpired:
        return PageText(left_out=[f"a picture, whose text took more than {ocr.TIMEOUT_S:g} s to recognise"])
    except OSError as exc:
        return PageText(left_out=[f"a picture, whose text was not recognised ({exc})"])
    return PageText(parts_of([_run(word, scale) for word in found], Drawing()))


def _run(word: ocr.Word, scale: float) -> Run:
    size = _HEIGHT * word.height / scale
    base = word.base / scale - _DESCENDER * size
    # Tesseract cuts Korean into syllables: what is a space there, the gap tells.
    spaced = not is_unspaced(word.text[0])
    return Run(word.text, word.left / scale, word.right / scale, base, size, spaced=spaced)


def unread(pages: Sequence[PageText]) -> str:
    """Return a sentence about the pages that were not read, and how they can be; empty if there are none."""
    scans = [n for n, page in enumerate(pages, start=1) if page.is_scan]
    wrong = [n for n, page in enumerate(pages, start=1) if page.unreadable]
    told = []
    if scans:
        told.append(f"scanned pages without text ({len(scans)}: {_ranges(scans)})")
    if wrong:
        told.append(f"unreadable text on {'page' if len(wrong) == 1 else 'pages'} {_ranges(wrong)}")
    remedy = "Text recognition is off or found nothing" if ocr.is_installed() else ocr.INSTALL
    return f"{' and '.join(told)}. {remedy}" if told else ""


def _ranges(numbers: Sequence[int]) -> str:
    """Write page numbers shortly: "2, 5-7"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)
