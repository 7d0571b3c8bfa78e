"""Which lines of a text belong together.

A blank line, a heading, a list item and a table row each end what stood before;
a line break inside hard-wrapped text does not. Code between fences is one
paragraph, and the fences belong to none. What is inside a paragraph is left to
`rag.text.sentences`, what headings mean to the chunker.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

__all__ = [
    "Code",
    "code_blocks",
    "is_ended",
    "is_heading",
    "is_list_item",
    "is_record",
    "is_table_row",
    "paragraphs",
]

Span = tuple[int, int]

_LINE = re.compile(r"[^\n]+")
_ENDED = re.compile(r"""[.!?;:。！？．｡…‥।॥؟۔܀።։။།។][\s"'“”’»」』）)\]]{0,8}$""")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S")
_ITEM = re.compile(
    r"\s*(?:[-*+–—•‣◦▪●○■□◆◇▶▷※★☆✓✔☐☑][ \t]|[・·]|[①-⓿㉠-㉿]|[QA][.:][ \t]|[一二三四五六七八九十]{1,3}、"
    r"|[(（]?(?:\d{1,3}|[ivxIVX]{1,5}|[a-zA-Z가-하])[.)）][ \t]|\d{1,3}[、．])"
)
_ROW = re.compile(r"\s*\||[^|\n]+\|[^|\n]+\||[^\t\n]+\t[^\n]*\S")

# "Gear: 14; Ratio: 3.2", as readers write the rows of tables that have headers.
# A full stop in a header is one of an abbreviation: "Art. no.: 14".
_FIELD = re.compile(r"(?:[^:;.!?\n]|\.(?=:| ?[^\W_])){1,60}: \S")
_FENCE = re.compile(r"^[ \t]{0,3}(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*?)[ \t]*$", re.MULTILINE)
# Longer code is several paragraphs, parted at blank lines.
_LONG_CODE = 1200
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")

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
    """Tell whether *line* has cells: set apart by bars or tabs, or each with its header."""
    return _ROW.match(line) is not None or is_record(line)


def is_record(line: str) -> bool:
    """Tell whether *line* is a row in which values stand beside their headers: "Gear: 14; Ratio: 3.2"."""
    if "; " not in line or "\n" in line:
        return False
    parts = line.split("; ")
    fields = sum(_FIELD.match(part) is not None for part in parts)
    return fields > 1 and fields * 2 > len(parts) and _FIELD.match(line) is not None


@dataclass(frozen=True, slots=True)
class Code:
    """Code between fences: `start` and `end` with them, `first` and `last` without."""

    start: int
    end: int
    first: int
    last: int


def code_blocks(text: str) -> Iterator[Code]:
    """Yield the code between fences, in order.

    A piece of a document may begin inside code: a fence without a language that
    nothing closes ends what began before the piece.
    """
    fences = list(_FENCE.finditer(text))
    opening = None
    for place, fence in enumerate(fences):
        if opening is None:
            after = fences[place + 1] if place + 1 < len(fences) else None
            is_last = not fence["info"] and (after is None or after["info"])
            if place == 0 and is_last and not text[: fence.start()].isspace() and fence.start():
                yield Code(len(text) - len(text.lstrip()), fence.end("mark"), 0, fence.start())
            else:
                opening = fence
        elif fence["mark"].startswith(opening["mark"]) and not fence["info"]:
            first = min(opening.end() + 1, fence.start())
            yield Code(opening.start("mark"), fence.end("mark"), first, fence.start())
            opening = None
    if opening is not None:
        end = len(text.rstrip())
        yield Code(opening.start("mark"), end, min(opening.end() + 1, end), end)


def is_ended(line: str) -> bool:
    """Tell whether *line* ends as a statement does, in any script."""
    return _ENDED.search(line[-12:]) is not None


def paragraphs(text: str) -> Iterator[Span]:
    """Yield the spans of paragraphs, headings, list items, table rows and code, in order.

    Every character that is not white space or of a fence is in exactly one span.
    """
    cursor = 0
    for code in code_blocks(text) if "```" in text or "~~~" in text else ():
        yield from _prose(text, cursor, code.start)
        yield from _code(text, code)
        cursor = code.end
    yield from _prose(text, cursor, len(text))


def _code(text: str, code: Code) -> Iterator[Span]:
    """Yield the code, in parts if it is long; its fences where they hold nothing."""
    if text[code.first : code.last].isspace() or code.first == code.last:
        yield code.start, code.end
        return
    start = code.first
    for blank in _BLANK_LINES.finditer(text, code.first, code.last):
        if code.last - code.first > _LONG_CODE and not text[start : blank.start()].isspace():
            yield start, blank.start()
            start = blank.end()
    if not text[start : code.last].isspace():
        yield start, code.last


def _prose(text: str, start: int, end: int) -> Iterator[Span]:
    block: list[Span] = []
    for match in _LINE.finditer(text, start, end):
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
