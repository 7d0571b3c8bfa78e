"""A page's lines become blocks in the order of reading: paragraphs, headings, rows of tables."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from rag.index.readers.pdf.aligned import aligned
from rag.index.readers.pdf.engine import Box
from rag.index.readers.pdf.glyphs import has_leftward
from rag.index.readers.pdf.grids import grids
from rag.index.readers.pdf.lines import Row, Segment
from rag.index.readers.pdf.order import Area, blocks, ordered
from rag.index.readers.pdf.prose import joined, leader, paragraphs
from rag.index.readers.pdf.tables import Table, written
from rag.index.reading import Block

__all__ = ["LARGER", "Part", "Type", "layout", "type_of"]

# A heading is so much larger than the text; sizes within 6 % are one.
LARGER = 1.14
_SAME_SIZE = 1.06
_LEVELS = 3
_HEADING_CHARS = 120
_HEADING_LINES = 3
_BOLD_CHARS = 80
_BOLD_SHARE = 0.25
_SENTENCE_END = re.compile(r"[.!。！．।؟…:;,、，：；]['\"”’»」』）)\]]*$")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(slots=True)
class Part:
    """The lines of a page that run in one direction, and the rules and filled areas among them.

    Boxes are (x0, top, x1, bottom), `y` growing downwards. `turn` is that of the lines.
    """

    rows: list[Row]
    rules: Sequence[Box] = ()
    shades: Sequence[Box] = ()
    turn: int = 0


@dataclass(slots=True)
class Type:
    """The type of a document.

    Attributes:
        body: Size of most of its text, in points.
        larger: Sizes of its headings, the largest first.
        is_typed: Most of it is in type of one width, as from a typewriter.
        has_bold: Bold lines are rare enough to be headings.
        last_table: The table that ended the page before, with its header.
    """

    body: float
    larger: list[float]
    has_bold: bool
    is_typed: bool
    last_table: tuple[Table, list[str]] | None = field(default=None)


def type_of(segments: Iterable[Segment]) -> Type:
    """Return the sizes of type of a document, given all its segments."""
    chars: Counter[float] = Counter()
    bold = typed = 0
    found = list(segments)
    for segment in found:
        chars[round(2 * segment.size) / 2] += len(segment.text)
        bold += len(segment.text) * segment.is_bold
        typed += len(segment.text) * segment.is_mono
    body = max(chars, key=lambda size: (chars[size], -size), default=0.0)
    larger: list[float] = []
    for size in sorted((s.size for s in found if s.size > LARGER * body and _is_title(s.text)), reverse=True):
        if not larger or larger[-1] > _SAME_SIZE * size:
            larger.append(size)
    return Type(body, larger, 0 < bold < _BOLD_SHARE * chars.total(), 2 * typed > chars.total())


def layout(part: Part, kind: Type, known: Set[str], *, is_main: bool = True) -> Iterator[Block]:
    """Yield the blocks of *part* in order.

    Args:
        part: Its rows are used up.
        kind: Of the whole document. Its last table is kept up to date.
        known: The words of the document.
        is_main: Tables may go on from the page before.
    """
    level = [(top + bottom) / 2 for _, top, _, bottom in part.rules if bottom - top <= 3.0]
    tables = [*grids(part.rules, part.rows, part.shades, known), *aligned(part.rows, level, known)]
    texts = [segment.text for row in part.rows for segment in row]
    is_contents = _is_contents(texts)
    leftward = sum(map(has_leftward, texts)) * 2 > len(texts) > 0
    areas = [*blocks(part.rows), *map(_area, tables)]
    order = ordered(areas, rightward=not leftward)
    if is_main:
        _carry_header(order, kind)
    for area in order:
        if area.table:
            lines, header = written(area.table)
            if is_main:
                kind.last_table = (area.table, header) if area is order[-1] else None
            yield from (Block(line, kind="row") for line in lines)
        else:
            yield from _prose(area, kind, known, is_contents=is_contents)
    if is_main and not (order and order[-1].table):
        kind.last_table = None


def _area(table: Table) -> Area:
    return Area(table=table, x0=table.x0, x1=table.x1, top=table.top, bottom=table.bottom)


def _carry_header(order: Sequence[Area], kind: Type) -> None:
    """Give the first table of a page the header of the one that ended the page before."""
    first = order[0].table if order else None
    if first and kind.last_table and first.continues(kind.last_table[0]):
        first.header = kind.last_table[1]


def _is_contents(texts: Sequence[str]) -> bool:
    """Tell a table of contents, whose numbers rise, from a price list."""
    ends = [entry[1] for text in texts if (entry := leader(text))]
    numbers = [int(end) for end in ends if end.isdigit()]
    rising = sum(one <= other for one, other in pairwise(numbers))
    return len(numbers) >= 3 and rising >= 0.9 * (len(numbers) - 1) and len(numbers) >= 0.7 * len(ends)


def _prose(area: Area, kind: Type, known: Set[str], *, is_contents: bool) -> Iterator[Block]:
    for paragraph in paragraphs(area):
        text = joined([segment.text for segment in paragraph], known)
        if entry := leader(text):
            yield Block(f"{entry[0]}: {entry[1]}", "table of contents" if is_contents else "", "row")
            continue
        if paragraph[0].is_mono and not kind.is_typed:
            yield Block(text, kind="code")
            continue
        if paragraph[0].field:
            yield Block(text, kind="row")
        elif level := _level(paragraph, text, kind):
            yield Block(f"{'#' * level} {text}")
        else:
            yield Block(text)


def _level(paragraph: Sequence[Segment], text: str, kind: Type) -> int:
    """Return the level of a heading, 0 for other text."""
    if len(paragraph) > _HEADING_LINES or not _is_title(text):
        return 0
    size = max(segment.size for segment in paragraph)
    if size > LARGER * kind.body:
        larger = [n for n, each in enumerate(kind.larger, start=1) if each <= _SAME_SIZE * size]
        return min(larger[0] if larger else _LEVELS, _LEVELS)
    is_bold = kind.has_bold and len(paragraph) == 1 and paragraph[0].is_bold and len(text) <= _BOLD_CHARS
    return min(len(kind.larger), _LEVELS) + 1 if is_bold else 0


def _is_title(text: str) -> bool:
    return len(text) <= _HEADING_CHARS and bool(_LETTER.search(text)) and not _SENTENCE_END.search(text)
