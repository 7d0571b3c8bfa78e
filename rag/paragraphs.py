"""Which lines of a text belong together.

A blank line, a heading, a list item and a table row each end what stood before;
a line break inside hard-wrapped text does not. What is inside a paragraph is left
to `rag.sentences`, what headings mean to the chunker.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

__all__ = ["is_ended", "is_heading", "is_list_item", "is_table_row", "paragraphs"]

Span = tuple[int, int]

_LINE = re.compile(r"[^\n]+")
_ENDED = re.compile(r"""[.!?;:。！？．｡…‥।॥؟۔܀።։။།។][\s"'“”’»」』）)\]]{0,8}$""")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S")
_ITEM = re.compile(
    r"\s*(?:[-*+–—•‣◦▪●○■□◆◇▶▷※★☆✓✔☐☑][ \t]|[・·]|[①-⓿㉠-㉿]|[QA][.:][ \t]|[一二三四五六七八九十]{1,3}、"
    r"|[(（]?(?:\d{1,3}|[ivxIVX]{1,5}|[a-zA-Z가-하])[.)）][ \t]|\d{1,3}[、．])"
)
_ROW = re.compile(r"\s*\||[^|\n]+\|[^|\n]+\||[^\t\n]+\t[^\n]*\S")

# Text is wrapped at 72 to 100 columns, seldom wider. Lines below 40 columns are
# names, verses or addresses, which end where they end.
_NARROW, _WIDE = 40, 120
# Where words are not spaced a line may end a little early, since full-width
# punctuation must not begin the next one.
_KINSOKU_COLUMNS = 4


def is_heading(line: str) -> bool:
    """Tell whether *line* is a heading of Markdown (``# Title``)."""
    return _HEADING.match(line) is not None


def is_list_item(line: str) -> bool:
    """Tell whether *line* begins with a bullet or an enumerator."""
    return _ITEM.match(line) is not None


def is_table_row(line: str) -> bool:
    """Tell whether *line* has cells, set apart by bars or tabs."""
    return _ROW.match(line) is not None


def is_ended(line: str) -> bool:
    """Tell whether *line* ends as a statement does, in any script."""
    return _ENDED.search(line[-12:]) is not None


def paragraphs(text: str) -> Iterator[Span]:
    """Yield the spans of paragraphs, headings, list items and table rows, in order.

    Every character that is not white space is in exactly one span.
    """
    block: list[Span] = []
    for match in _LINE.finditer(text):
        if match[0].isspace():
            continue
        if block and _parted(text, block[-1], match.span()):
            yield from _flowing(text, block)
            block = []
        block.append(match.span())
    yield from _flowing(text, block)


def _parted(text: str, before: Span, line: Span) -> bool:
    if text.count("\n", before[1], line[0]) > 1:
        return True
    first, second = text[slice(*before)], text[slice(*line)]
    alone = is_heading(first) or is_table_row(first) or is_heading(second) or is_table_row(second)
    return alone or is_list_item(second)


def _flowing(text: str, block: list[Span]) -> Iterator[Span]:
    """Join the lines of *block* where they were broken only for their width."""
    lines = [text[start:end] for start, end in block]
    wrapped = _is_wrapped(lines)
    start = 0
    for n in range(1, len(lines) + 1):
        if n == len(lines) or not (wrapped or _runs_on(lines[n - 1], lines[n])):
            yield block[start][0], block[n - 1][1]
            start = n


def _is_wrapped(lines: list[str]) -> bool:
    """Tell wrapped text from a list of lines: each line is as full as it could be.

    A line that ends a sentence may be short. One break is no evidence: a long
    headline above a short by-line looks just the same.
    """
    width = max(map(_columns, lines), default=0)
    breaks = [pair for pair in pairwise(lines) if not is_ended(pair[0].rstrip())]
    return _NARROW <= width <= _WIDE and len(lines) > 2 and all(_is_full(*pair, width) for pair in breaks)


def _is_full(line: str, after: str, width: int) -> bool:
    word = after.split(maxsplit=1)[0]
    needed = _KINSOKU_COLUMNS if _is_unspaced(word) else _columns(word)
    return _columns(line.rstrip()) + 1 + needed > width


def _runs_on(line: str, after: str) -> bool:
    """Tell whether *after* goes on with a small letter; text taken from PDF is ragged."""
    return _columns(line) >= _NARROW and after.lstrip()[0].islower() and not is_ended(line.rstrip())


def _columns(line: str) -> int:
    if line.isascii():
        return len(line)
    # Nothing above the limit needs to be counted to the end.
    return sum(_char_columns(char) for char in line[: _WIDE + 1])


@lru_cache(maxsize=8192)
def _char_columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _is_unspaced(word: str) -> bool:
    return any("\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" for char in word)
