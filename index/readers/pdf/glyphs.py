"""The text of a page as runs: stretches of characters that were drawn together, with their places.

A call of PDFium for each character would take longer than all the rest, so a run is
found by halving: two characters of one text object have all between them in it too.
That does not hold for lines with Arabic or Hebrew, whose characters PDFium puts into
another order; they are taken one by one, and `bidi` puts them in order by their places.
"""

import ctypes
import itertools
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from rag.index.readers.pdf.engine import PDFIUM, Box, Page, char_boxes
from rag.text import is_unspaced

__all__ = ["RTL", "Run", "characters", "is_upright_stack", "runs"]

RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""A character that is written from right to left."""

# PDFium ends its lines so. A hyphen at the end of one it writes as U+0002, and as U+FFFE in whole texts.
_LINE = re.compile("[^\r\n\x02]+\x02?|\x02")
_WORD = re.compile(r"\S+")
_BOLD = re.compile(r"bold|black|heavy|[-,_]bd\b", re.IGNORECASE)
_BOLD_WEIGHT = 600
_MONO = re.compile(r"courier|mono(?!type)|consol|typewriter|cmtt", re.IGNORECASE)
_FIXED_PITCH = 1
# A space wider than this many times the size of the font parts two columns or cells.
_WIDE_GAP = 1.0
_NAME_BYTES = 128


# Not frozen: there are hundreds on a page, and setting the fields of a frozen one takes four times as long.
@dataclass(slots=True, eq=False)
class Run:
    """Characters of one text object, on one line. It is never changed.

    Places are those of a reader who holds the page so that the text is upright: `x`
    grows in reading direction, `y` downwards, in points.

    Attributes:
        x0, x1: Where it begins and ends.
        base: The `y` of the line it stands on.
        size: Of the font, in points.
        turn: How the text is turned on the page, in degrees: 0, 90, 180, 270, or 1 for
            anything between. Vertical writing counts as 270.
        spaced: PDFium saw white space before it.
        is_mono: All characters of the font are of one width: code, or a typewriter.
        key: Which text object it is part of.
        font: Which font of the document it is in.
        is_mapped: The font says which characters its glyphs are.
        box: On the page.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    turn: int = 0
    spaced: bool = False
    is_bold: bool = False
    is_mono: bool = False
    key: int = 0
    font: int = 0
    is_mapped: bool = True
    box: Box = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Style:
    """What the characters of a text object have in common; `slant` is their direction in radians."""

    size: float
    turn: int
    slant: float
    font: int
    is_bold: bool
    is_mono: bool


def runs(page: Page) -> list[Run]:
    """Return the runs of *page* in the order of its content."""
    return list(_Reader(page.text).runs())


class _Reader:
    def __init__(self, text: int) -> None:
        self._text = text
        self._chars = characters(text)
        self._styles: dict[int, _Style] = {}
        self._fonts: dict[int, tuple[int, bool, bool]] = {}

    def runs(self) -> Iterator[Run]:
        for line in _LINE.finditer(self._chars):
            if RTL.search(line[0]):
                yield from self._single(*line.span())
            else:
                yield from self._halved(*line.span())

    def _single(self, start: int, end: int) -> Iterator[Run]:
        spaced = True
        for i in range(start, end):
            key = PDFIUM.char_object(self._text, i)
            if key and not self._chars[i].isspace():
                yield self._run(i, i, key, spaced=spaced)
            spaced = self._chars[i].isspace()

    def _halved(self, start: int, end: int) -> Iterator[Run]:
        words = [word.span() for word in _WORD.finditer(self._chars, start, end)]
        spans = [(0, len(words) - 1)] if words else []
        while spans:
            first, last = spans.pop()
            i, j = words[first][0], words[last][1] - 1
            key = PDFIUM.char_object(self._text, i)
            if key == (key if i == j else PDFIUM.char_object(self._text, j)):
                yield from self._parted(words[first : last + 1], key)
            elif first == last:
                yield from self._within(i, j)
            else:
                middle = (first + last) // 2
                spans += [(middle + 1, last), (first, middle)]

    def _within(self, i: int, j: int) -> Iterator[Run]:
        """Yield the runs of a word that several objects share, such as a number with its note mark."""
        start = i
        keys = [PDFIUM.char_object(self._text, k) for k in range(i, j + 1)]
        for k in range(i + 1, j + 2):
            if k > j or keys[k - i] != keys[start - i]:
                yield self._run(start, k - 1, keys[start - i], spaced=start == i)
                start = k

    def _parted(self, words: list[tuple[int, int]], key: int) -> Iterator[Run]:
        """Yield the run of *words*, in several where a gap between two is wide.

        TeX sets a line of a table as one object.
        """
        limit = _WIDE_GAP * self._style(words[0][0], key).size
        start = 0
        for n in range(1, len(words)):
            left, right = char_boxes(self._text, words[n - 1][1] - 1, words[n][0])
            if not -limit < right[0] - left[2] < limit:
                yield self._run(words[start][0], words[n - 1][1] - 1, key, spaced=True)
                start = n
        yield self._run(words[start][0], words[-1][1] - 1, key, spaced=True)

    def _run(self, i: int, j: int, key: int, *, spaced: bool) -> Run:
        style = self._style(i, key)
        first, last = char_boxes(self._text, i, j)
        box = (min(first[0], last[0]), min(first[1], last[1]), max(first[2], last[2]), max(first[3], last[3]))
        text = self._chars[i : j + 1].replace("\x02", "-")
        turn = style.turn
        if turn == 0 and len(text) > 1 and _is_vertical(first, last, style.size * (len(text) - 1)):
            turn = 270
        x0, x1, base = _upright(box, self._origin(i), turn, style)
        is_mapped = not PDFIUM.char_unmapped(self._text, i)
        marks = (turn, spaced, style.is_bold, style.is_mono, key, style.font, is_mapped)
        return Run(text, x0, x1, base, style.size, *marks, box)

    def _origin(self, i: int) -> tuple[float, float]:
        point = (ctypes.c_double * 2)()
        start = ctypes.addressof(point)
        PDFIUM.char_origin(self._text, i, start, start + 8)
        return point[0], point[1]

    def _style(self, i: int, key: int) -> _Style:
        found = self._styles.get(key)
        if found is None:
            matrix = (ctypes.c_float * 6)()
            PDFIUM.char_matrix(self._text, i, ctypes.addressof(matrix))
            a, b, c, d = matrix[:4]
            size = PDFIUM.font_size(self._text, i) * (math.hypot(c, d) or math.hypot(a, b))
            slant = math.atan2(b, a)
            found = _Style(size, _turn(math.degrees(slant)), slant, *self._font(key))
            self._styles[key] = found
        return found

    def _font(self, key: int) -> tuple[int, bool, bool]:
        """Return the font of an object, whether it is bold, and whether it is of one width."""
        font = PDFIUM.text_font(key)
        if font not in self._fonts:
            buffer = ctypes.create_string_buffer(_NAME_BYTES)
            PDFIUM.font_name(font, buffer, _NAME_BYTES)
            name = buffer.value.decode("latin-1")
            is_bold = PDFIUM.font_weight(font) >= _BOLD_WEIGHT or bool(_BOLD.search(name))
            is_mono = bool(PDFIUM.font_flags(font) & _FIXED_PITCH) or bool(_MONO.search(name))
            # A closed font's address may become another's: with the name it is one font of the document.
            self._fonts[font] = font ^ zlib.crc32(buffer.value) << 64, is_bold, is_mono
        return self._fonts[font]


def characters(text: int) -> str:
    """Return the text of a page, one character for each of PDFium's."""
    count = PDFIUM.count_chars(text)
    buffer = ctypes.create_string_buffer(2 * count + 2)
    written = PDFIUM.text(text, 0, count, buffer) - 1
    chars = buffer.raw[: 2 * max(written, 0)].decode("utf-16-le", "surrogatepass")
    if len(chars) == count:
        return chars.replace("\ufffe", "\x02")
    # It leaves out characters without a Unicode value, and writes those beyond 16 bits as two.
    return "".join(map(chr, (min(PDFIUM.unicode(text, i), 0x10FFFF) or 0xFFFD for i in range(count))))


def _turn(degrees: float) -> int:
    nearest = round(degrees / 90) * 90
    return nearest % 360 if abs(degrees - nearest) < 3 else 1


def _is_vertical(first: Box, last: Box, length: float) -> bool:
    aside = abs(first[0] + first[2] - last[0] - last[2]) / 2
    return first[3] - last[3] > 0.6 * length > 2 * aside


def _upright(box: Box, origin: tuple[float, float], turn: int, style: _Style) -> tuple[float, float, float]:
    """Return where a run begins, ends and stands when the page is held so that it is upright."""
    left, bottom, right, top = box
    x, y = origin
    if turn == 0:
        return left, right, -y
    if turn == 90:
        return bottom, top, x
    if turn == 180:
        return -right, -left, y
    if turn == 270 and style.turn == 0:  # Vertical writing: its characters hang below one another.
        return -top, -bottom, style.size * 0.3 - (left + right) / 2
    if turn == 270:
        return -top, -bottom, -x
    along = x * math.cos(style.slant) + y * math.sin(style.slant)
    length = math.hypot(right - left, top - bottom) - style.size
    return along, along + max(length, style.size), x * math.sin(style.slant) - y * math.cos(style.slant)


def is_upright_stack(found: list[Run]) -> bool:
    """Tell whether single characters of Chinese or Japanese, drawn one by one, run down the page."""
    pairs = [
        (one, other)
        for one, other in itertools.pairwise(found)
        if len(one.text) == 1 == len(other.text) and is_unspaced(one.text) and one.turn == 0 == other.turn
    ]
    down = sum(
        abs(one.x0 - other.x0) < 0.3 * one.size and 0.7 < (other.base - one.base) / (one.size or 1) < 1.6
        for one, other in pairs
    )
    return len(pairs) >= 4 and down > 0.6 * len(pairs)
