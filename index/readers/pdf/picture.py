"""A page of a PDF as a picture, and where the words of a quote are on it."""

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager

from rag.index.readers.pdf import bulk, engine
from rag.index.readers.pdf.engine import Box
from rag.index.readers.pdf.glyphs import characters
from rag.index.readers.pdf.page import page_text
from rag.index.reading import Job, Unreadable

__all__ = ["Rectangle", "boxes", "render"]

Rectangle = tuple[float, float, float, float]
"""Left, top, width and height, as fractions of the page from its upper left corner."""

_WHOLE = Job()
_MAX_SCALE = 8.0
_MAX_PIXELS = 40_000_000
# A quote of a table row has its headers, which stand elsewhere: pieces so long are looked for.
_LEAST_PIECE = 2
_LEAST_LINE = 5
_PIECES = re.compile(r";\s|(?<=[^\s\d]):\s|\n")
# What the reader adds or changes: marks of headings and lists, hyphens at line ends, notes.
_IGNORED = re.compile(r"[\W_]+")


def render(data: bytes, page: int, scale: float, job: Job = _WHOLE) -> bytes:
    """Return a PNG picture of a page.

    Args:
        data: The PDF.
        page: Its number, from 1.
        scale: Pixels for a point (1/72 inch), up to 8.
        job: Passwords.

    Raises:
        Unreadable: There is no such page, or it is damaged, or the picture would have more than 40
            million pixels.
    """
    with engine.opened(data, job.options.passwords) as document, _opened(document, page) as sheet:
        width, height = (max(1, round(side * min(scale, _MAX_SCALE))) for side in engine.page_size(sheet))
        if width * height > _MAX_PIXELS:
            raise Unreadable(
                f"has a page {page} of {width} x {height} pixels at this scale. Ask for a smaller one"
            )
        pixels, stride, height = engine.colour_picture(sheet, min(scale, _MAX_SCALE))
    return _encoded(pixels, width, height, stride)


def boxes(data: bytes, page: int, quote: str, job: Job = _WHOLE) -> list[Rectangle]:
    """Return where the words of *quote* are on a page: a rectangle for each stretch of a line.

    Args:
        data: The PDF.
        page: Its number, from 1.
        quote: As it stands in the text that was read.
        job: Passwords.

    Returns:
        Empty if the words are not on the page, or not as text.

    Raises:
        Unreadable: There is no such page, or it is damaged.
    """
    with engine.opened(data, job.options.passwords) as document, _opened(document, page) as sheet:
        letters, places = _letters(characters(sheet.text))
        quoted = [places[i] for start, end in _spans(letters, quote) for i in range(start, end)]
        found = [(left, bottom, right, top) for left, top, right, bottom in bulk.boxes(sheet.text, quoted)]
        if not found:
            found = list(_by_lines(sheet, _letters(quote)[0]))
        return [engine.shown(sheet, box) for box in _joined(found)]


def _by_lines(sheet: engine.Page, quote: str) -> Iterator[Box]:
    """Yield the boxes of lines that are part of a quote, where the file has them in another order."""
    for part in page_text(sheet).parts:
        for segment in (segment for row in part.rows for segment in row):
            letters = _letters(segment.text)[0]
            start, end = _overlap(letters, quote)
            if end - start >= _LEAST_LINE and segment.runs:
                box = [run.box for run in segment.runs]
                left, right = min(each[0] for each in box), max(each[2] for each in box)
                width = (right - left) / len(letters)
                bottom, top = min(each[1] for each in box), max(each[3] for each in box)
                yield (left + start * width, bottom, left + end * width, top)


def _overlap(line: str, quote: str) -> tuple[int, int]:
    """Return which part of *line* is in *quote*: all of it, its end, or its beginning."""
    if line in quote:
        return 0, len(line)
    for size in range(min(len(line), len(quote)) - 1, _LEAST_LINE - 1, -1):
        if quote.startswith(line[-size:]):
            return len(line) - size, len(line)
        if quote.endswith(line[:size]):
            return 0, size
    return 0, 0


def _opened(document: engine.Pdf, page: int) -> AbstractContextManager[engine.Page]:
    count = engine.page_count(document)
    if not 1 <= page <= count:
        raise Unreadable(f"has no page {page}, but {count}")
    return engine.sound_page(document, page - 1)


def _letters(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of *text*, folded, and where each is in it."""
    letters, places = [], []
    for i, char in enumerate(text):
        for each in _IGNORED.sub("", unicodedata.normalize("NFKC", char).casefold()):
            letters.append(each)
            places.append(i)
    return "".join(letters), places


def _spans(letters: str, quote: str) -> list[tuple[int, int]]:
    """Return where the quote is in *letters*: as a whole, or else its pieces near one another."""
    whole = _letters(quote)[0]
    at = letters.find(whole) if whole else -1
    if at >= 0:
        return [(at, at + len(whole))]
    pieces = [
        piece for piece in (_letters(each)[0] for each in _PIECES.split(quote)) if len(piece) >= _LEAST_PIECE
    ]
    if not pieces:
        return []
    # The rarest piece says which row it is; of the others the nearest place counts.
    rarest = min(pieces, key=lambda piece: (letters.count(piece) or len(letters), -len(piece)))
    anchor = letters.find(rarest)
    if anchor < 0:
        return []
    found = {_nearest(letters, piece, anchor) for piece in pieces}
    return sorted(span for span in found if span)


def _nearest(letters: str, piece: str, anchor: int) -> tuple[int, int] | None:
    before, after = letters.rfind(piece, 0, anchor + len(piece)), letters.find(piece, anchor)
    at = min(
        (place for place in (before, after) if place >= 0), key=lambda place: abs(place - anchor), default=-1
    )
    return (at, at + len(piece)) if at >= 0 else None


def _joined(found: list[Box]) -> list[Box]:
    """Join the boxes of characters that follow one another on a line."""
    joined: list[Box] = []
    for left, bottom, right, top in found:
        if joined:
            x0, y0, x1, y1 = joined[-1]
            height = max(top - bottom, y1 - y0, 1.0)
            if (
                min(top, y1) - max(bottom, y0) > 0.5 * min(top - bottom, y1 - y0)
                and -height < left - x1 < height
            ):
                joined[-1] = (min(x0, left), min(y0, bottom), max(x1, right), max(y1, top))
                continue
        joined.append((left, bottom, right, top))
    return joined


def _encoded(pixels: bytes, width: int, height: int, stride: int) -> bytes:
    """Write pixels of three bytes (red, green, blue) as a PNG file."""
    rows = b"".join(b"\0" + pixels[y * stride : y * stride + 3 * width] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    written = (struct.pack(">I", len(body)) + name + body for name, body in chunks)
    sums = (struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(b"".join, zip(written, sums, strict=True)))
