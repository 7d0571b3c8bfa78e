"""Disagreement of sources: different values for what was asked, side by side.

From each document the words are taken that the reader is surest of. Two documents
disagree if both answer, and their words hold values of one kind that cannot be the
same, or names that cannot. The same value in other units, in round figures or of
another year is no conflict; nothing is averaged, and nobody is told which side is right.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.cite import Citations, Cited
from rag.names import find_names, same_name, script
from rag.phrases import newer_and_older, sources_disagree
from rag.prompt import Passages
from rag.protocols import Index
from rag.sentences import sentences
from rag.text import fold
from rag.types import Citation, Conflict, Document, Hit, Reading, Side, Span
from rag.values import Value, find_values
from rag.values.agreement import comparable, equal, rounded_equal, says

__all__ = ["describe", "find_conflicts", "is_same_document", "with_conflicts"]

# Both sides must be read as answers, in log odds: of the passage, and of the words.
_ANSWERS = 1.0
_WORDS = 0.0
# One that is so much less sure than the surest answers something else.
_APART = 5.0
# A side is a value or a name, not a clause.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class _Side:
    """What one document answers: the words, the sentence they stand in, and their values."""

    hit: Hit
    document: Document
    span: Span
    start: int
    end: int
    values: tuple[Value, ...]
    sure: float

    @property
    def said(self) -> str:
        return self.hit.chunk.text[self.span.start : self.span.end]

    @property
    def sentence(self) -> str:
        return self.hit.chunk.text[self.start : self.end]


def with_conflicts(cited: Cited, prompt: Passages, index: Index) -> tuple[Cited, tuple[Conflict, ...]]:
    """Return the answer with its conflicts told below it and cited; unchanged where there are none."""
    if not cited.citations:
        return cited, ()
    citations = Citations.after(cited.citations, index)
    conflicts = find_conflicts(prompt, citations)
    told = [describe(each, citations.all(), prompt.lang) for each in conflicts]
    return replace(cited, text="\n\n".join([cited.text, *told]), citations=citations.all()), conflicts


def find_conflicts(prompt: Passages, citations: Citations) -> tuple[Conflict, ...]:
    """Return where the passages disagree on what was asked.

    Args:
        prompt: With passages and what was read in them.
        citations: Those of the answer; the sides that are not cited yet are added.
    """
    sides = list(_sides(prompt, citations.index))
    groups: list[list[_Side]] = []
    for side in sides:
        group = next((group for group in groups if any(_same(side, each) for each in group)), None)
        if group is None:
            groups.append([side])
        else:
            group.append(side)
    shown = [max(group, key=_published) for group in groups]
    against = [side for side in shown if any(_disagree(side, other) for other in shown if other is not side)]
    if len(against) < 2:
        return ()
    return (
        Conflict(tuple(_told(side, citations) for side in sorted(against, key=_published, reverse=True))),
    )


def _sides(prompt: Passages, index: Index) -> Iterator[_Side]:
    """Yield what each document answers, from the passage of it that answers most surely."""
    best: dict[str, tuple[Hit, Reading]] = {}
    for hit, reading in zip(prompt.hits, prompt.readings, strict=False):
        known = best.get(hit.chunk.doc_id)
        if reading.spans and (known is None or reading.answers > known[1].answers):
            best[hit.chunk.doc_id] = (hit, reading)
    surest = max((reading.answers for _, reading in best.values()), default=0.0)
    for hit, reading in best.values():
        span = reading.spans[0]
        is_sure = reading.answers >= max(_ANSWERS, surest - _APART) and span.score >= _WORDS
        if is_sure and span.end - span.start <= _LONGEST:
            yield _side(hit, span, reading.answers, index)


def _side(hit: Hit, span: Span, sure: float, index: Index) -> _Side:
    text, lang = hit.chunk.text, hit.chunk.lang
    cut = next(((a, b) for a, b in sentences(text, lang) if a <= span.start < b), (span.start, span.end))
    # Values are found in the whole sentence: "9" alone has lost its unit.
    values = tuple(
        value
        for value in find_values(text[slice(*cut)], lang)
        if cut[0] + value.start < span.end and span.start < cut[0] + value.end
    )
    return _Side(hit, index.document(hit.chunk.doc_id), span, *cut, values, sure)


def _same(a: _Side, b: _Side) -> bool:
    """Tell whether two documents say the same."""
    said, other = fold(a.said), fold(b.said)
    if said in other or other in said:
        return True
    if a.values and b.values:
        return any(_agree(v, w) for v in a.values for w in b.values)
    return _share_a_name(a, b)


def _disagree(a: _Side, b: _Side) -> bool:
    if _periods_differ(a, b):
        return False
    if a.values and b.values:
        return any(comparable(v, w) for v in a.values for w in b.values)
    return not a.values and not b.values and _are_names(a, b)


def _agree(a: Value, b: Value) -> bool:
    return equal(a, b) or says(a, b) or says(b, a) or rounded_equal(a, b)


def _are_names(a: _Side, b: _Side) -> bool:
    """Tell whether both sides are names in one script; of two scripts nobody can tell."""
    names = [
        [name.text for name in find_names(side.said, side.hit.chunk.lang) if name.sure] for side in (a, b)
    ]
    return all(names) and script(names[0][0]) == script(names[1][0])


def _share_a_name(a: _Side, b: _Side) -> bool:
    names = [[name.text for name in find_names(side.said, side.hit.chunk.lang)] for side in (a, b)]
    return any(same_name(x, y) for x in names[0] for y in names[1])


def _periods_differ(a: _Side, b: _Side) -> bool:
    """Tell whether two sentences are about different years: a series, no conflict."""
    ours, theirs = (
        _years(find_values(side.sentence, side.hit.chunk.lang)) - _years(side.values) for side in (a, b)
    )
    return bool(ours and theirs and not ours & theirs)


def _years(values: Sequence[Value]) -> set[float]:
    """Return the years that are named: in a date, or as a bare number from 1900 to 2100."""
    in_dates = {float(value.day[0]) for value in values if value.kind == "date" and value.day[0]}
    bare = {value.number for value in values if value.kind == "number" and not value.unit}
    return in_dates | {number for number in bare if number.is_integer() and 1900 <= number <= 2100}


def _published(side: _Side) -> date:
    return side.document.date or date.min


def _told(side: _Side, citations: Citations) -> Side:
    citation = citations.cite((side.hit.chunk, side.start, side.end))
    return Side(side.said, side.sentence, citation.marker, side.document.date)


def describe(conflict: Conflict, citations: Sequence[Citation], lang: str) -> str:
    """Return the sides as text in the language of the question, newest first, each with its marker."""
    by_marker = {each.marker: each for each in citations}
    titles = [by_marker[side.marker].title for side in conflict.sides]
    newer, older = newer_and_older(lang)
    lines = [sources_disagree(lang)]
    for place, (side, title) in enumerate(zip(conflict.sides, titles, strict=True)):
        notes = [title, str(side.date or "")]
        if any(is_same_document(title, other) for other in titles[:place]):
            notes.append(older)
        elif any(is_same_document(title, other) for other in titles[place + 1 :]):
            notes.append(newer)
        lines.append(f"- {side.value} ({', '.join(filter(None, notes))}) [{side.marker}]")
    return "\n".join(lines)


def is_same_document(title: str, other: str) -> bool:
    """Tell whether two titles are of one document in two versions: alike but for numbers."""
    plain, same = (_EDITION.sub("", fold(each)) for each in (title, other))
    return plain == same


_EDITION = re.compile(r"제\s?\d+\s?판|第\s?\d+\s?版|개정판?|改訂版?|修订版?|version|edition|\bv\d|[\W\d_]+")
