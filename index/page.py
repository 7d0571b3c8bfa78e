"""A document as the lines of a page: where each stands, and what it was found to be.

What makes a line furniture is for `rag.index.clean` to say; here is what its rules
look at: the text without markup, the prose, the edges.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.text.paragraphs import is_ended
from rag.types import Mask

__all__ = ["Line", "Page", "is_prose", "lines_of", "runs"]

# Furniture that words give away may have a few unknown lines (an address, a slogan)
# between itself and the edge.
_NEAR_EDGE = 6
_PROSE_CHARS = {True: 24, False: 50}  # with wide characters, without
# No rule reads more of a line; patterns stay cheap whatever a file holds.
_LINE_CHARS = 400

_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*\)")
_MARKER = re.compile(r"^[\s>#*+•·‣▶▷■□◆●○|-]+|[\s*|]+$")
_CELLS = re.compile(r"\s*[|\t]\s*")
_WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with letters or digits; `text` has no bullets, bars or link targets."""

    start: int
    end: int
    raw: str
    text: str
    gap: bool  # a blank line stands before it


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a document and what each was found to be."""

    lines: Sequence[Line]
    found: dict[int, str] = field(default_factory=dict)

    def mark(self, first: int, last: int, reason: str) -> None:
        """Give the lines *first* to *last* a reason, unless they have one."""
        for n in range(first, last + 1):
            self.found.setdefault(n, reason)

    def open(self) -> list[int]:
        """Return the lines that may be content."""
        return [n for n in range(len(self.lines)) if n not in self.found]

    def edges(self) -> set[int]:
        """Return the first and the last of them."""
        rest = self.open()
        return {*rest[:_NEAR_EDGE], *rest[-_NEAR_EDGE:]}

    def prose(self) -> range:
        """Return the first line of prose to the last, an empty range at the end if there is none."""
        prose = [n for n in self.open() if is_prose(self.lines[n])]
        return range(prose[0], prose[-1] + 1) if prose else range(len(self.lines), len(self.lines))


def lines_of(text: str, without: Sequence[Mask] = ()) -> list[Line]:
    """Return the lines of *text* that hold a letter or digit and do not begin in *without*."""
    lines: list[Line] = []
    for match in re.finditer(r"[^\n]+", text):
        raw = match[0].strip()
        start = match.start() + match[0].find(raw)
        if not any(map(str.isalnum, raw)) or _is_inside(start, without):
            continue
        between = text[lines[-1].end : start] if lines else ""
        bare = _CELLS.sub("  ", _MARKER.sub("", _LINK.sub(r"\1", raw[:_LINE_CHARS])))
        lines.append(Line(start, start + len(raw), raw, bare, gap=between.count("\n") > 1))
    return lines


def _is_inside(start: int, spans: Sequence[Mask]) -> bool:
    n = bisect_right(spans, start, key=lambda mask: mask.start)
    return n > 0 and start < spans[n - 1].end


def is_prose(line: Line) -> bool:
    """Tell whether *line* ends as a statement does and is longer than a label."""
    least = _PROSE_CHARS[_WIDE.search(line.text) is not None]
    return len(line.raw) >= least and is_ended(line.raw)


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of consecutive *numbers*."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run[0], run[-1]
            run = []
        run.append(number)
    if run:
        yield run[0], run[-1]
