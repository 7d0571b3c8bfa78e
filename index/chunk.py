"""How a document is cut into passages.

A passage is a run of whole sentences of one section, about `TARGET_TOKENS` long,
cut where the text itself pauses most. Passages do not overlap and leave out only
masked spans and white space, so offsets are exact and the document can be rebuilt.
What a sentence is, `rag.sentences` says; what is masked, `rag.index.clean`.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import regex

from rag.languages import detect
from rag.pages import page_at
from rag.paragraphs import is_heading, is_list_item, is_table_row
from rag.sentences import sentences
from rag.types import UNDETERMINED, Chunk, Document

__all__ = ["FINGERPRINT", "TARGET_TOKENS", "chunks", "embedded_text"]

# docs/decisions/0004-cleaning-and-chunking.md has the measurement.
TARGET_TOKENS = 224
# A section below this says too little to be found; it joins the one before it.
_SMALL_TOKENS = 32
# A passage may be so much longer than intended where the text pauses late.
_STRETCH = 1.5
# Title and heading take part in every vector; bounded in characters, so that what is
# embedded follows from the passage alone. A character is seldom more than a token.
_TITLE_CHARS = 80
_HEADING_CHARS = 120
_LEAST_ROOM = 16
_LONG_CLUSTER = 64

FINGERPRINT = (
    f"sentences-1 target={TARGET_TOKENS} small={_SMALL_TOKENS} title={_TITLE_CHARS}+{_HEADING_CHARS}"
)

CountTokens = Callable[[Sequence[str]], list[int]]

_LINE = re.compile(r"[^\n]+")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_CLAUSE = re.compile(r"[,;:、，；：،؛·—–]+[\s”’」』）)]*")
_SPACE = re.compile(r"\s+")
_GRAPHEME = regex.compile(r"\X")


class _Pause(IntEnum):
    """What stands between two units, from none to the end of a section."""

    INSIDE = 0  # a sentence too long for one passage
    BOUND = 1  # a heading or "as follows:" and what it announces
    ROW = 2
    SENTENCE = 3
    LINE = 4
    PARAGRAPH = 5
    SECTION = 6


# What it costs to cut there, in units of "how far from the intended size".
_COST = {
    _Pause.INSIDE: 0.7,
    _Pause.BOUND: 2.0,
    _Pause.ROW: 0.45,
    _Pause.SENTENCE: 0.35,
    _Pause.LINE: 0.2,
    _Pause.PARAGRAPH: 0.0,
    _Pause.SECTION: 0.0,
}


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a piece of one; `pause` is before it."""

    start: int
    end: int
    tokens: int
    pause: _Pause


@dataclass(frozen=True, slots=True)
class _Heading:
    start: int
    level: int
    text: str


Span = tuple[int, int]
Run = Sequence[_Unit]


@dataclass(frozen=True, slots=True)
class _Measure:
    """Counts the tokens of spans of one document."""

    text: str
    count_tokens: CountTokens
    overhead: int  # of every text, however short

    def tokens(self, spans: Sequence[Span]) -> list[int]:
        counts = self.count_tokens([self.text[start:end] for start, end in spans]) if spans else []
        return [max(1, count - self.overhead) for count in counts]


def chunks(document: Document, count_tokens: CountTokens, max_tokens: int) -> list[Chunk]:
    """Cut *document* into passages, leaving out `document.boilerplate`.

    Args:
        document: With the masks of `rag.index.clean` as its boilerplate.
        count_tokens: Of the embedder; called on lists of texts.
        max_tokens: `embedded_text` of no passage takes more by *count_tokens*.

    Returns:
        In order, not overlapping; with the masked spans and white space they are
        the whole document.

    Raises:
        ValueError: *max_tokens* leaves no room beside the title.
    """
    title_tokens, overhead = count_tokens([_short_title(document.title), ""])
    room = max_tokens - max(title_tokens, overhead)
    if room < _LEAST_ROOM:
        raise ValueError(
            f"max_tokens={max_tokens!r} leaves no room for text; use an embedder that reads more."
        )
    measure = _Measure(document.text, count_tokens, overhead)
    headings = _headings(document)
    runs: list[Run] = []
    for span in _open_spans(document):
        for section in _sections(_units(document, headings, measure, span, room), headings):
            runs.extend(_packed(section, min(TARGET_TOKENS, room), room))
    return _fitting(document, headings, measure, runs, max_tokens, min(_HEADING_CHARS, room // 4))


def embedded_text(document_title: str, chunk: Chunk) -> str:
    """Return what is embedded for *chunk*: title, heading and text, nothing said twice."""
    title, heading = _short_title(document_title), chunk.heading
    parts = [part for part in (title, heading) if part and part not in chunk.text[: 2 * _TITLE_CHARS]]
    if heading.startswith(title):
        parts = parts[-1:]
    return "\n".join([*parts, chunk.text])


# --- outline --------------------------------------------------------------------


def _headings(document: Document) -> dict[int, _Heading]:
    """Return the Markdown headings by where they start; in fenced code there are none."""
    found: dict[int, _Heading] = {}
    fenced = False
    for first, last in _open_spans(document):
        for match in _LINE.finditer(document.text, first, last):
            line = match[0].lstrip()
            if _FENCE.match(match[0]):
                fenced = not fenced
            elif not fenced and is_heading(match[0]):
                start = match.end() - len(line)
                found[start] = _Heading(start, len(line) - len(line.lstrip("#")), line.strip("# \t"))
    return found


def _paths(headings: dict[int, _Heading], starts: Sequence[int], limit: int) -> list[str]:
    """Return the headings above each of *starts* (ascending), outermost first.

    A heading that itself stands at the start is in the passage, not above it.
    """
    outline = iter([*headings.values(), _Heading(sys.maxsize, 0, "")])
    heading, above, paths = next(outline), list[_Heading](), list[str]()
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
    return _cut_short(" > ".join(path), limit)


def _short_title(title: str) -> str:
    return _cut_short(" ".join(title.split()), _TITLE_CHARS)


def _cut_short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: _grapheme_end(text, 0, limit)].rstrip()


# --- units ----------------------------------------------------------------------


def _open_spans(document: Document) -> Iterator[Span]:
    cursor = 0
    for mask in document.boilerplate:
        yield cursor, mask.start
        cursor = mask.end
    yield cursor, len(document.text)


def _units(
    document: Document, headings: dict[int, _Heading], measure: _Measure, span: Span, room: int
) -> list[_Unit]:
    offset = span[0]
    spans = [(offset + a, offset + b) for a, b in sentences(document.text[slice(*span)], document.lang)]
    units: list[_Unit] = []
    for (start, end), tokens in zip(spans, measure.tokens(spans), strict=True):
        pause = _pause(document.text, headings, units[-1] if units else None, start, end)
        if tokens <= room:
            units.append(_Unit(start, end, tokens, pause))
            continue
        for number, (first, last, count) in enumerate(_pieces(measure, (start, end), room)):
            units.append(_Unit(first, last, count, _Pause.INSIDE if number else pause))
    return units


def _pause(text: str, headings: dict[int, _Heading], before: _Unit | None, start: int, end: int) -> _Pause:
    if before is None or start in headings:
        return _Pause.SECTION
    breaks = text.count("\n", before.end, start)
    if before.start in headings or (breaks and text[before.end - 1] in ":："):
        return _Pause.BOUND
    if breaks == 0:
        return _Pause.SENTENCE
    if breaks > 1:
        return _Pause.PARAGRAPH
    return (
        _Pause.ROW if _is_row(text[before.start : before.end]) and _is_row(text[start:end]) else _Pause.LINE
    )


def _is_row(line: str) -> bool:
    return is_table_row(line) or is_list_item(line)


def _pieces(measure: _Measure, span: Span, room: int) -> list[tuple[int, int, int]]:
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
    cut = _grapheme_end(text, start, middle)
    return cut if start < cut < end else middle


def _grapheme_end(text: str, start: int, limit: int) -> int:
    """Return the last end of a grapheme cluster in ``text[start:]`` that is not beyond *limit*.

    *start* where the first cluster alone is longer.
    """
    # Not on the whole text: at a flag, \X looks back over all flags before it.
    ends = [start + match.end() for match in _GRAPHEME.finditer(text[start : limit + _LONG_CLUSTER])]
    return max((end for end in ends if end <= limit), default=start)


# --- passages -------------------------------------------------------------------


def _sections(units: Sequence[_Unit], headings: dict[int, _Heading]) -> Iterator[Run]:
    """Yield the units of each section; one too small takes in the next, unless that is above it."""
    run: list[_Unit] = []
    level = tokens = 0
    for unit in units:
        if run and unit.pause is _Pause.SECTION:
            deeper = headings[unit.start].level >= level
            if tokens >= _SMALL_TOKENS or not deeper:
                yield run
                run, tokens = [], 0
        if not run:
            level = headings[unit.start].level if unit.start in headings else 0
        run.append(unit)
        tokens += unit.tokens
    if run:
        yield run


def _packed(section: Run, target: int, room: int) -> Iterator[Run]:
    """Cut *section* into passages of even length, near *target*, where it pauses most."""
    rest = sum(unit.tokens for unit in section)
    first = 0
    while first < len(section):
        intended = rest / max(1, round(rest / target))
        last = _best_cut(section, first, intended, min(room, int(intended * _STRETCH)))
        yield section[first:last]
        rest -= sum(unit.tokens for unit in section[first:last])
        first = last


def _best_cut(section: Run, first: int, intended: float, most: int) -> int:
    """Return where the passage from *first* ends: near *intended*, at a good pause."""
    size, best, best_cost = 0, first + 1, float("inf")
    for last in range(first + 1, len(section) + 1):
        size += section[last - 1].tokens
        if size > most and last > first + 1:
            break
        pause = section[last].pause if last < len(section) else _Pause.SECTION
        cost = abs(size - intended) / intended + _COST[pause]
        if cost <= best_cost:
            best, best_cost = last, cost
    return best


def _fitting(
    document: Document,
    headings: dict[int, _Heading],
    measure: _Measure,
    runs: list[Run],
    max_tokens: int,
    heading_chars: int,
) -> list[Chunk]:
    """Make passages of *runs*, halving those that take too many tokens with title and heading.

    The tokens of a text are not the sum of those of its sentences, so the whole is counted.
    """
    while True:
        paths = _paths(headings, [run[0].start for run in runs], heading_chars)
        made = [_chunk(document, run, path) for run, path in zip(runs, paths, strict=True)]
        counts = measure.count_tokens([embedded_text(document.title, chunk) for chunk in made])
        fits = [
            count <= max_tokens or len(chunk.text) == 1 for count, chunk in zip(counts, made, strict=True)
        ]
        if all(fits):
            return made
        halves = [[run] if fit else _halved(measure, run) for run, fit in zip(runs, fits, strict=True)]
        runs = [run for pair in halves for run in pair]


def _halved(measure: _Measure, run: Run) -> list[Run]:
    tokens = sum(unit.tokens for unit in run)
    if len(run) > 1:
        cut = min(_best_cut(run, 0, tokens / 2, tokens), len(run) - 1)
        return [run[:cut], run[cut:]]
    (unit,) = run
    pieces = _pieces(measure, (unit.start, unit.end), tokens - 1)
    return [[_Unit(start, end, count, _Pause.INSIDE)] for start, end, count in pieces]


def _chunk(document: Document, run: Run, heading: str) -> Chunk:
    start, end = run[0].start, run[-1].end
    text = document.text[start:end]
    lang = detect(text)
    page = page_at(document.pages, start)
    return Chunk(
        chunk_id=f"{document.doc_id}#{start}-{end}",
        doc_id=document.doc_id,
        start=start,
        end=end,
        text=text,
        lang=document.lang if lang == UNDETERMINED else lang,
        heading=heading,
        page=page.number,
        place=page.label,
    )
