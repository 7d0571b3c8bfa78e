"""The outline of a document: its headings, its code, and what text is open to passages at all."""

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from rag.text.paragraphs import code_blocks, is_heading
from rag.types import Document

__all__ = ["Heading", "Span", "cut_short", "fences", "grapheme_end", "heading_paths", "open_spans", "outline"]

Span = tuple[int, int]

_LINE = re.compile(r"[^\n]+")
_GRAPHEME = regex.compile(r"\X")
_LONG_CLUSTER = 64


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the outline; `level` is 1 for the outermost."""

    start: int
    level: int
    text: str


def open_spans(document: Document) -> Iterator[Span]:
    """Yield what the masks of *document* leave, in order."""
    cursor = 0
    for mask in document.boilerplate:
        yield cursor, mask.start
        cursor = mask.end
    yield cursor, len(document.text)


def fences(text: str, first: int, last: int) -> list[Span]:
    """Return the spans of fenced code in ``text[first:last]``, with the fences."""
    return [(first + code.start, first + code.end) for code in code_blocks(text[first:last])]


def outline(document: Document) -> dict[int, Heading]:
    """Return the Markdown headings by where they start; in fenced code there are none."""
    found: dict[int, Heading] = {}
    for first, last in open_spans(document):
        fenced = [offset for start, end in fences(document.text, first, last) for offset in (start, end)]
        for match in _LINE.finditer(document.text, first, last):
            if bisect_right(fenced, match.start()) % 2 == 0 and is_heading(match[0]):
                line = match[0].lstrip()
                start = match.end() - len(line)
                found[start] = Heading(start, len(line) - len(line.lstrip("#")), line.strip("# \t"))
    return found


def heading_paths(headings: dict[int, Heading], starts: Sequence[int], limit: int) -> list[str]:
    """Return the headings above each of *starts* (ascending), outermost first.

    A heading that itself stands at the start is in the passage, not above it.
    """
    outline = iter([*headings.values(), Heading(sys.maxsize, 0, "")])
    heading, above, paths = next(outline), list[Heading](), list[str]()
    for start in starts:
        while heading.start < start:
            above = [*(outer for outer in above if outer.level < heading.level), heading]
            heading = next(outline)
        level = heading.level if heading.start == start else sys.maxsize
        paths.append(_short_path([outer.text for outer in above if outer.level < level], limit))
    return paths


def _short_path(path: list[str], limit: int) -> str:
    """Drop outer headings, then cut the innermost, until the path is short enough."""
    while len(path) > 1 and len(" > ".join(path)) > limit:
        path = path[1:]
    return cut_short(" > ".join(path), limit)


def cut_short(text: str, limit: int) -> str:
    """Return as many whole graphemes of *text* as fit *limit* characters."""
    return text if len(text) <= limit else text[: grapheme_end(text, 0, limit)].rstrip()


def grapheme_end(text: str, start: int, limit: int) -> int:
    """Return the last end of a grapheme cluster in ``text[start:]`` that is not beyond *limit*.

    *start* where the first cluster alone is longer.
    """
    # Not on the whole text: at a flag, \X looks back over all flags before it.
    ends = [start + match.end() for match in _GRAPHEME.finditer(text[start : limit + _LONG_CLUSTER])]
    return max((end for end in ends if end <= limit), default=start)
