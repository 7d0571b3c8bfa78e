"""What of a document is never cut: sentences, rows, code; and how much the text pauses before each."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from rag.index.outline import Heading, Span, fences, grapheme_end
from rag.text.paragraphs import is_list_item, is_table_row
from rag.text.sentences import sentences
from rag.types import Document

__all__ = ["CountTokens", "Measure", "Pause", "Unit", "pieces_of", "units_of"]

CountTokens = Callable[[Sequence[str]], list[int]]

_CLAUSE = re.compile(r"[,;:、，；：،؛·—–]+[\s”’」』）)]*")
_SPACE = re.compile(r"\s+")


class Pause(IntEnum):
    """What stands between two units, from none to the end of a section."""

    INSIDE = 0  # a sentence too long for one passage
    BOUND = 1  # a heading, "as follows:" or what stands above a list or code, and what it announces
    ROW = 2
    SENTENCE = 3
    LINE = 4
    PARAGRAPH = 5
    SECTION = 6


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a piece of one; `pause` is before it."""

    start: int
    end: int
    tokens: int
    pause: Pause


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts the tokens of spans of one document."""

    text: str
    count_tokens: CountTokens
    overhead: int  # of every text, however short

    def tokens(self, spans: Sequence[Span]) -> list[int]:
        """Return how many tokens each of *spans* adds to a text."""
        counts = self.count_tokens([self.text[start:end] for start, end in spans]) if spans else []
        return [max(1, count - self.overhead) for count in counts]


def units_of(
    document: Document, headings: dict[int, Heading], measure: Measure, span: Span, room: int
) -> list[Unit]:
    """Return the units of a *span* without masks; none takes more than *room* tokens."""
    offset = span[0]
    found = [(offset + a, offset + b) for a, b in sentences(document.text[slice(*span)], document.lang)]
    code = fences(document.text, *span)
    spans = list(_with_fences(found, code))
    fenced = {start for start, _ in code}
    made: list[Unit] = []
    for (start, end), tokens in zip(spans, measure.tokens(spans), strict=True):
        before = made[-1] if made else None
        announced = before is not None and _is_announced(document.text, before, (start, end), fenced)
        pause = _pause(document.text, headings, before, (start, end), announced=announced)
        if tokens <= room:
            made.append(Unit(start, end, tokens, pause))
            continue
        for number, (first, last, count) in enumerate(pieces_of(measure, (start, end), room)):
            made.append(Unit(first, last, count, Pause.INSIDE if number else pause))
    return made


def _with_fences(spans: Sequence[Span], code: Sequence[Span]) -> Iterator[Span]:
    """Yield *spans*; the first of each piece of code begins with its fence, the last ends with it."""
    starts, ends = dict[Span, int](), dict[Span, int]()
    for first, last in code:
        starts[spans[bisect_left(spans, (first, first))]] = first
        ends[spans[bisect_left(spans, (last, last)) - 1]] = last
    yield from ((starts.get(span, span[0]), ends.get(span, span[1])) for span in spans)


def _is_announced(text: str, before: Unit, span: Span, fenced: set[int]) -> bool:
    """Tell whether *before* introduces *span*: by a colon, or as the line above a list or code."""
    if "\n" not in text[before.end : span[0]]:
        return False
    if text[before.end - 1] in ":：":
        return True
    if span[0] in fenced:
        return before.start not in fenced
    return is_list_item(text[slice(*span)]) and not _is_row(
        text[text.rfind("\n", 0, before.start) + 1 : before.end]
    )


def _pause(
    text: str, headings: dict[int, Heading], before: Unit | None, span: Span, *, announced: bool
) -> Pause:
    start, end = span
    if before is None or start in headings:
        return Pause.SECTION
    breaks = text.count("\n", before.end, start)
    if before.start in headings or announced:
        return Pause.BOUND
    if breaks == 0:
        return Pause.SENTENCE
    if breaks > 1:
        return Pause.PARAGRAPH
    return Pause.ROW if _is_row(text[before.start : before.end]) and _is_row(text[start:end]) else Pause.LINE


def _is_row(line: str) -> bool:
    return is_table_row(line) or is_list_item(line)


def pieces_of(measure: Measure, span: Span, room: int) -> list[tuple[int, int, int]]:
    """Halve *span* where it pauses, until each piece fits *room*."""
    done: list[tuple[int, int, int]] = []
    todo = [span]
    while todo:
        halves: list[Span] = []
        for (start, end), tokens in zip(todo, measure.tokens(todo), strict=True):
            if tokens <= room or end - start < 2:
                done.append((start, end, tokens))
            else:
                halves.extend(_halves(measure.text, start, end))
        todo = halves
    return sorted(done)


def _halves(text: str, start: int, end: int) -> Iterator[Span]:
    cut = _cut_inside(text, start, end)
    yield start, start + len(text[start:cut].rstrip())
    yield end - len(text[cut:end].lstrip()), end


def _cut_inside(text: str, start: int, end: int) -> int:
    """Return the clause end nearest the middle of a sentence, else a space, else a grapheme."""
    middle, quarter = (start + end) // 2, (end - start) // 4
    for pattern in (_CLAUSE, _SPACE):
        cuts = [match.end() for match in pattern.finditer(text, start + quarter, end - quarter)]
        if cuts:
            return min(cuts, key=lambda cut: abs(cut - middle))
    cut = grapheme_end(text, start, middle)
    return cut if start < cut < end else middle
