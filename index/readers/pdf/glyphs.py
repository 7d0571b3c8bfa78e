"""The text of a page as runs: stretches of characters that were drawn together, with their places.

PDFium is asked about the first and last character of each word: two of one text object
have all between them in it too. That does not hold for lines with Arabic or Hebrew, whose
characters PDFium puts into another order; they are taken one by one, and `bidi` puts them
in order by their places.
"""

import ctypes
import math
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rag.index.readers.pdf import bulk
from rag.index.readers.pdf.bulk import Corners
from rag.index.readers.pdf.engine import PDFIUM, Box, Matrix, Page
from rag.text.characters import is_unspaced

__all__ = ["Run", "characters", "has_leftward", "is_upright_stack", "runs"]

_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")

# PDFium ends its lines so. A hyphen at the end of one it writes as U+0002, and as U+FFFE in whole texts.
_LINE = re.compile("[^\r\n\x02]+\x02?|\x02")
_WORD = re.compile(r"\S+")
_BOLD = re.compile(r"bold|black|heavy|[-,_]bd\b", re.IGNORECASE)
_BOLD_WEIGHT = 600
_MONO = re.compile(r"courier|mono(?!type)|consol|typewriter|cmtt", re.IGNORECASE)
_FIXED_PITCH = 1
# A space wider than this many times the size of the font parts two columns or cells.
_WIDE_GAP = 1.0
_SEPARATOR = re.compile("[\t\v\f\x1c-\x1f\x85\u2028\u2029]")
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


@dataclass(slots=True)
class _Words:
    """The words of a page by their first and last characters, and the text objects that these are part of.

    `heads` are the numbers of those that begin a run: no other can be joined with the one before.
    """

    firsts: list[int]
    lasts: list[int]
    heads: set[int]
    keys: list[int] = field(default_factory=list)


def runs(page: Page) -> list[Run]:
    """Return the runs of *page* in the order of its content."""
    chars = _SEPARATOR.sub(" ", characters(page.text))
    words = _pieces(page.text, _words(chars))
    styles = _styles(page.text, dict(zip(reversed(words.keys), reversed(words.firsts), strict=True)))
    begins, ends = bulk.boxes(page.text, words.firsts), bulk.boxes(page.text, words.lasts)
    spans = _joined(words, styles, begins, ends)
    firsts = [words.firsts[n] for n, _ in spans]
    origins, unmapped = bulk.origins(page.text, firsts), bulk.unmapped(page.text, firsts)
    found = []
    for (n, m), first, origin, is_unmapped in zip(spans, firsts, origins, unmapped, strict=True):
        text, key = chars[first : words.lasts[m] + 1], words.keys[n]
        made = _run(text.replace("\x02", "-"), begins[n], ends[m], origin, styles[key])
        made.key, made.is_mapped = key, not is_unmapped
        made.spaced = not first or chars[first - 1] == "\x02" or chars[first - 1].isspace()
        found.append(made)
    return found


def _words(chars: str) -> _Words:
    """Find the words; in a line with Arabic or Hebrew each character counts as one."""
    found = _Words([], [], set())
    is_leftward = has_leftward(chars)
    for line in _LINE.finditer(chars):
        start, end = line.span()
        found.heads.add(len(found.firsts))
        if is_leftward and has_leftward(line[0]):
            singles = [i for i in range(start, end) if not chars[i].isspace()]
            found.heads.update(range(len(found.firsts), len(found.firsts) + len(singles)))
            found.firsts += singles
            found.lasts += singles
        else:
            for word in _WORD.finditer(chars, start, end):
                first, after = word.span()
                found.firsts.append(first)
                found.lasts.append(after - 1)
    return found


def _pieces(text: int, words: _Words) -> _Words:
    """Return *words* with their text objects, in several pieces where several objects share a word."""
    keys, last_keys = bulk.owners(text, words.firsts), bulk.owners(text, words.lasts)
    words.keys = keys
    shared = [n for n, (key, last_key) in enumerate(zip(keys, last_keys, strict=True)) if key != last_key]
    if not shared:
        return words
    places = [i for n in shared for i in range(words.firsts[n], words.lasts[n] + 1)]
    owner = dict(zip(places, bulk.owners(text, places), strict=True))
    made = _Words([], [], set())
    divided, after = set(shared), False
    for n, (first, last, key) in enumerate(zip(words.firsts, words.lasts, keys, strict=True)):
        if after or n in words.heads:
            made.heads.add(len(made.firsts))
        after = n in divided
        if after:  # Such as a number with the mark of a note.
            starts = [first, *(i for i in range(first + 1, last + 1) if owner[i] != owner[i - 1])]
            made.heads.update(range(len(made.firsts), len(made.firsts) + len(starts)))
            made.firsts += starts
            made.lasts += [*(i - 1 for i in starts[1:]), last]
            made.keys += [owner[i] for i in starts]
        else:
            made.firsts.append(first)
            made.lasts.append(last)
            made.keys.append(key)
    return made


def _joined(
    words: _Words, styles: Mapping[int, _Style], begins: Sequence[Corners], ends: Sequence[Corners]
) -> list[tuple[int, int]]:
    """Return the first and last word of each run.

    Words of an object are of one run unless the gap between them is wide: TeX sets a
    line of a table as one object.
    """
    starts = []
    before = None
    for n, key in enumerate(words.keys):
        if (
            key != before
            or n in words.heads
            or abs(begins[n][0] - ends[n - 1][2]) >= _WIDE_GAP * styles[key].size
        ):
            starts.append(n)
            before = key
    return [(start, end - 1) for start, end in pairwise([*starts, len(words.keys)])]


def _run(text: str, first: Corners, last: Corners, origin: tuple[float, float], style: _Style) -> Run:
    left, top, right, bottom = first
    if len(text) > 1:
        left, right = min(left, last[0]), max(right, last[2])
        bottom, top = min(bottom, last[3]), max(top, last[1])
    turn = style.turn
    if turn == 0 and len(text) > 1 and _is_vertical(first, last, style.size * (len(text) - 1)):
        turn = 270
    box = (left, bottom, right, top)
    x0, x1, base = _upright(box, origin, turn, style)
    made = Run(text, x0, x1, base, style.size, turn, box=box, font=style.font)
    made.is_bold, made.is_mono = style.is_bold, style.is_mono
    return made


def _styles(text: int, firsts: Mapping[int, int]) -> dict[int, _Style]:
    """Return the style of each text object, given the place of its first character."""
    keys, places = list(firsts), list(firsts.values())
    matrices, sizes = bulk.matrices(text, places), bulk.sizes(text, places)
    fonts = bulk.fonts(bulk.handles(keys))
    known: dict[tuple[object, ...], _Style] = {}
    styles = {}
    for key, matrix, size, font in zip(keys, matrices, sizes, fonts, strict=True):
        mark = (*matrix[:4], size, font)
        if mark not in known:
            known[mark] = _style(matrix, size, font)
        styles[key] = known[mark]
    return styles


def _style(matrix: Matrix, size: float, font: int) -> _Style:
    a, b, c, d = matrix[:4]
    slant = math.atan2(b, a)
    scale = math.hypot(c, d) or math.hypot(a, b)
    return _Style(size * scale, _turn(math.degrees(slant)), slant, *_font(font))


def _font(font: int) -> tuple[int, bool, bool]:
    """Return which font of the document this is, whether it is bold, and whether it is of one width."""
    buffer = ctypes.create_string_buffer(_NAME_BYTES)
    PDFIUM.font_name(font, buffer, _NAME_BYTES)
    name = buffer.value.decode("latin-1")
    is_bold = PDFIUM.font_weight(font) >= _BOLD_WEIGHT or bool(_BOLD.search(name))
    is_mono = bool(PDFIUM.font_flags(font) & _FIXED_PITCH) or bool(_MONO.search(name))
    # A closed font's address may become another's: with the name it is one font of the document.
    return (font or 0) ^ zlib.crc32(buffer.value) << 64, is_bold, is_mono


def has_leftward(text: str) -> bool:
    """Tell whether a character of *text* is written from right to left."""
    return not text.isascii() and _LEFTWARD.search(text) is not None


def characters(text: int) -> str:
    """Return the text of a page, one character for each of PDFium's."""
    count = PDFIUM.count_chars(text)
    buffer = ctypes.create_string_buffer(2 * count + 2)
    written = PDFIUM.text(text, 0, count, buffer) - 1
    chars = buffer.raw[: 2 * max(written, 0)].decode("utf-16-le", "surrogatepass")
    if len(chars) == count:
        return chars.replace("\ufffe", "\x02")
    # It leaves out characters without a Unicode value, and writes those beyond 16 bits as two.
    return "".join(chr(min(code, 0x10FFFF) or 0xFFFD) for code in bulk.codes(text, range(count)))


def _turn(degrees: float) -> int:
    nearest = round(degrees / 90) * 90
    return nearest % 360 if abs(degrees - nearest) < 3 else 1


def _is_vertical(first: Corners, last: Corners, length: float) -> bool:
    aside = abs(first[0] + first[2] - last[0] - last[2]) / 2
    return first[1] - last[1] > 0.6 * length > 2 * aside


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
        for one, other in pairwise(found)
        if len(one.text) == 1 == len(other.text) and is_unspaced(one.text) and one.turn == 0 == other.turn
    ]
    down = sum(
        abs(one.x0 - other.x0) < 0.3 * one.size and 0.7 < (other.base - one.base) / (one.size or 1) < 1.6
        for one, other in pairs
    )
    return len(pairs) >= 4 and down > 0.6 * len(pairs)
