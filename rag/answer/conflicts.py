"""Disagreement of sources: different values for what was asked, side by side.

From each document the statement that answers best is taken; two of them disagree
if their values are of the kind that was asked for and cannot be one. The same
value in other units, in round figures, of another year or of another subject is
no conflict. What is asked for is read by `rag.answer.asked`; nothing is averaged, and
nobody is told which side is right.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from rag.answer.asked import Asked, asked, holders, vacant
from rag.answer.candidates import NO, YES, Candidate, candidates, share_a_name
from rag.answer.phrases import newer_and_older, sources_disagree, yes_and_no
from rag.answer.relevance import nearest, that_is_asked
from rag.answer.topics import lacking, topics
from rag.protocols import Index
from rag.text.characters import fold, tokens
from rag.types import Citation, Conflict, Hit, Matrix, Side
from rag.values import Value, find_values
from rag.values.agreement import comparable, equal, rounded_equal, says
from rag.verify.citations import Citations, Cited
from rag.verify.names import find_names, is_unheard, same_name
from rag.verify.nearness import RememberingScorer, Scorer

__all__ = ["describe", "find_conflicts", "is_same_document", "with_conflicts"]

# Set on the first cases of eval/conflicts.jsonl and on eval/pairs; see docs/decisions/0012.
_ALIKE = 0.55
_ALIKE_NAMED = 0.50
_ALIKE_ACROSS_LEAST = 0.54
# Two statements in one language that is not the reader's: no word of the question is in them.
_ALIKE_FOREIGN = 0.80
_ALIKE_FOREIGN_NAMED = 0.65
# One that answers far worse than the other answers something else.
_APART = 0.30
# What neither side tells in the reader's language must answer well.
_RELEVANT_FOREIGN = 0.84
_ALIKE_YES_NO = 0.62
_ALIKE_ON_TOPIC = 0.45
_SAME_WORDING = 0.62
_SAME_WORDING_ACROSS = 0.88
_SAME_TITLE = 0.34
# What two statements that name the same have before two that do not.
_NAMED = 0.2
# Two statements in two languages are so much further apart.
_ALIKE_ACROSS = 0.12
# One side stands in the first two passages, or answers as surely as those; who holds an
# office is told in passing, further down.
_DEPTH = 8
_LEADING = 2
_SURE = 0.95


def find_conflicts(
    question: str, lang: str, hits: Sequence[Hit], citations: Citations, scorer: Scorer
) -> tuple[Conflict, ...]:
    """Return where the passages disagree on what *question* asks for.

    Args:
        lang: Language of the question.
        citations: Those of the answer; the sides that are not cited yet are added.
    """
    wanted = asked(question)
    inquiry = _Inquiry.of(question, lang, wanted)
    if not (wanted.kinds or wanted.role or wanted.yes_no or wanted.place):
        return ()
    read = hits if wanted.role else hits[:_DEPTH]
    leading = {hit.chunk.chunk_id for hit in (hits if wanted.role else hits[:_LEADING])}
    found = [
        replace(each, told=citations.quotes(each.quote))
        for each in _contested(candidates(question, lang, read, citations.index, wanted), wanted)
    ]
    # Nothing is embedded where nothing can disagree.
    if not found:
        return ()
    scorer = RememberingScorer(scorer)
    statements = nearest(question, lang, found, wanted, scorer)
    groups = _groups(_one_of_each(statements, wanted, scorer), inquiry, scorer)
    if len(groups) < 2 or not any(
        each.quote[0].chunk_id in leading or each.relevance >= _SURE for group in groups for each in group
    ):
        return ()
    shown = [max(group, key=_dated) for group in groups]
    siblings = [_siblings(each, statements, shown, wanted) for each in shown]
    told = [that_is_asked(question, lang, each, scorer) if len(each) > 1 else each[0] for each in siblings]
    words = dict(zip((YES, NO), yes_and_no(lang), strict=True)) if wanted.yes_no else {}
    sides = (
        Side(
            words.get(each.said, each.said), each.text, citations.cite(each.quote).marker, each.document.date
        )
        for each in sorted(told, key=_dated, reverse=True)
    )
    return (Conflict(tuple(sides)),)


def _contested(statements: Sequence[Candidate], wanted: Asked) -> list[Candidate]:
    """Leave out what says nothing of the kind that another document says; nothing stays if all agree."""
    pairs = [
        (a, b)
        for a in statements
        for b in statements
        if a.document.doc_id != b.document.doc_id and (wanted.role or _answer_alike(a, b, wanted))
    ]
    if all(_same(a, b, wanted) for a, b in pairs):
        return []
    compared = {id(a) for a, _ in pairs}
    return [each for each in statements if id(each) in compared]


def _siblings(
    shown: Candidate, statements: Sequence[Candidate], sides: Sequence[Candidate], wanted: Asked
) -> list[Candidate]:
    """Return the clauses of a sentence whose values all disagree with another side, itself among them."""
    others = [each for each in sides if each.quote != shown.quote]
    return (
        [
            each
            for each in statements
            if each.quote == shown.quote and any(_answer_alike(each, other, wanted) for other in others)
        ]
        if wanted.kinds
        else [shown]
    )


def with_conflicts(
    cited: Cited, question: str, lang: str, hits: Sequence[Hit], index: Index, scorer: Scorer
) -> tuple[Cited, tuple[Conflict, ...]]:
    """Return the answer with its conflicts told below it and cited; unchanged where there are none."""
    if not cited.citations:
        return cited, ()
    citations = Citations.after(cited.citations, index)
    conflicts = find_conflicts(question, lang, hits, citations, scorer)
    told = [describe(each, citations.all(), lang) for each in conflicts]
    text = "\n\n".join([cited.text, *told])
    return replace(cited, text=text, citations=citations.all()), conflicts


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


def _dated(statement: Candidate) -> date:
    return statement.document.date or date.min


@dataclass(frozen=True, slots=True)
class _Inquiry:
    """What is asked, in which language, and the words that say of what."""

    wanted: Asked
    lang: str
    topic: frozenset[str]
    named: bool

    @classmethod
    def of(cls, question: str, lang: str, wanted: Asked) -> "_Inquiry":
        """Read *question*; the word for an office may change between two documents, and is no topic."""
        rest = question
        for start, end in reversed(list(holders(question, wanted.role)) if wanted.role else []):
            rest = f"{rest[:start]} {rest[end:]}"
        return cls(wanted, lang, topics(rest, lang), any(name.sure for name in find_names(question, lang)))

    def missed(self, statement: Candidate) -> frozenset[str] | None:
        """Return the words of the topic that a statement leaves out; None in another language."""
        if statement.lang != self.lang:
            return None
        heading = f"{statement.document.title} {statement.quote[0].heading}"
        return lacking(self.topic, f"{heading} {statement.before} {statement.text}")

    def is_one_question(self, a: Candidate, b: Candidate) -> bool:
        """Tell whether two statements answer about the same: what one leaves out, so does the other."""
        ours, theirs = self.missed(a), self.missed(b)
        if any(len(each) * 3 > len(self.topic) * 2 for each in (ours, theirs) if each):
            return False
        if ours is None or theirs is None:
            return True
        return len(ours ^ theirs) <= len(self.topic) // (2 if self.wanted.role else 5)


# --- what disagrees ---------------------------------------------------------------


def _one_of_each(statements: Sequence[Candidate], wanted: Asked, scorer: Scorer) -> list[Candidate]:
    """Return one statement of each document: those of the two that answer best and are most alike first.

    A document that says how many work in the company and another that says how
    many work in one office do not disagree; a third may speak of the same office.
    """
    near = _alike(statements, scorer)
    pairs = [
        (a.relevance + b.relevance + float(near[i, j]) + _NAMED * share_a_name(a, b), i, j)
        for i, a in enumerate(statements)
        for j, b in enumerate(statements)
        if i < j and a.document.doc_id != b.document.doc_id and (wanted.role or _answer_alike(a, b, wanted))
    ]
    if not pairs:
        return []
    _, first, second = max(pairs)
    chosen = {statements[place].document.doc_id: place for place in (first, second)}
    order = sorted(
        range(len(statements)),
        key=lambda place: -statements[place].relevance - near[place, [first, second]].max(),
    )
    chosen_pair = [statements[first], statements[second]]
    for place in order:
        joins = near[place, [first, second]].max() >= _ALIKE and (
            not share_a_name(*chosen_pair)
            or any(share_a_name(statements[place], each) for each in chosen_pair)
        )
        if wanted.role or joins:
            chosen.setdefault(statements[place].document.doc_id, place)
    return [statements[place] for place in chosen.values()]


def _alike(statements: Sequence[Candidate], scorer: Scorer) -> Matrix:
    """Return how near the statements are to one another, the distance of two languages made up for."""
    vectors = scorer.vectors([each.text for each in statements], [each.lang for each in statements])
    langs = np.array([each.lang for each in statements])
    near: Matrix = vectors @ vectors.T + _ALIKE_ACROSS * (langs[:, None] != langs[None, :])
    return near


def _answer_alike(a: Candidate, b: Candidate, wanted: Asked) -> bool:
    return wanted.yes_no or wanted.place or any(comparable(v, w) for v in a.values for w in b.values)


def _groups(statements: Sequence[Candidate], inquiry: "_Inquiry", scorer: Scorer) -> list[list[Candidate]]:
    """Return the statements by what they say, those with nobody to disagree with left out."""
    if len(statements) < 2:
        return []
    near = _alike(statements, scorer)
    against = [
        each
        for i, each in enumerate(statements)
        if any(
            i != j and _disagree(each, other, float(near[i, j]), inquiry)
            for j, other in enumerate(statements)
        )
    ]
    groups: list[list[Candidate]] = []
    for each in against:
        group = next((group for group in groups if _same(group[0], each, inquiry.wanted)), None)
        if group is None:
            groups.append([each])
        else:
            group.append(each)
    return groups


def _disagree(a: Candidate, b: Candidate, near: float, inquiry: "_Inquiry") -> bool:
    wanted = inquiry.wanted
    if _same(a, b, wanted) or not inquiry.is_one_question(a, b):
        return False
    if wanted.role:
        return True
    if _periods_differ(a, b, wanted) or not _answer_alike(a, b, wanted):
        return False
    if not wanted.yes_no and abs(a.relevance - b.relevance) > _APART:
        return False
    if inquiry.lang not in {a.lang, b.lang} and min(a.relevance, b.relevance) < _RELEVANT_FOREIGN:
        return False
    on_topic = inquiry.topic and inquiry.missed(a) == inquiry.missed(b) == frozenset()
    if on_topic and (inquiry.named or _same_subject(a, b)):
        return near >= _ALIKE_ON_TOPIC
    if not _same_subject(a, b) or not _linked(a, b, near):
        return False
    return near >= _least_alike(a, b, inquiry)


def _least_alike(a: Candidate, b: Candidate, inquiry: "_Inquiry") -> float:
    """Return how near to each other two statements must be to be about one thing."""
    named = share_a_name(a, b)
    if a.lang == b.lang != inquiry.lang:
        return _ALIKE_FOREIGN_NAMED if named else _ALIKE_FOREIGN
    if inquiry.wanted.yes_no:
        return _ALIKE_YES_NO
    return max(_ALIKE_NAMED if named else _ALIKE, _ALIKE_ACROSS_LEAST if a.lang != b.lang else 0)


def _same(a: Candidate, b: Candidate, wanted: Asked) -> bool:
    if wanted.yes_no:
        return a.said == b.said
    if wanted.role:
        return _same_holder(a.said, b.said)
    if wanted.place:
        # A city and its quarter are one place, and so are two spellings of it.
        return any(fold(x.said) in fold(y.text) or _same_holder(x.said, y.said) for x, y in ((a, b), (b, a)))
    if wanted.kinds == {"weekday"}:
        return {v.number for v in a.values} == {w.number for w in b.values}
    if {_is_row(a), _is_row(b)} == {True, False}:
        # A table with one column as promised and one as measured does not agree with the promise.
        row, other = (a, b) if _is_row(a) else (b, a)
        return all(any(_agree(v, w) for w in other.rivals) for v in row.rivals)
    return any(_agree(v, w) for v in a.rivals for w in b.rivals)


def _is_row(statement: Candidate) -> bool:
    """Tell whether what is said are cells of a table."""
    return "|" in statement.said


def _same_holder(a: str, b: str) -> bool:
    if vacant(a) or vacant(b):
        return bool(vacant(a) and vacant(b))
    if any(same_name(x, y) for x in a.split() for y in b.split()) or same_name(a, b):
        return True
    # 강민석 and "Kang Min-seok" are one; of a name in Han nobody can tell.
    scripts = {bool(re.search("[A-Za-z]", each)) for each in (a, b)}
    return len(scripts) > 1 and not (is_unheard(a, fold(b)) or is_unheard(b, fold(a)))


def _agree(a: Value, b: Value) -> bool:
    return equal(a, b) or says(a, b) or says(b, a) or rounded_equal(a, b)


def _periods_differ(a: Candidate, b: Candidate, wanted: Asked) -> bool:
    """Tell whether two statements are about different years: a series, no conflict."""
    if "date" in wanted.kinds:
        return False
    years = [
        {v.day[0] for v in find_values(each.text, each.lang) if v.kind == "date" and v.day[0]}
        for each in (a, b)
    ]
    return bool(years[0] and years[1] and not years[0] & years[1])


def _same_subject(a: Candidate, b: Candidate) -> bool:
    """Tell two hotels apart: by names and words that only one of them shares with its title."""
    if a.lang != b.lang:
        return True
    ours, theirs = _subject(a), _subject(b)
    if ours - theirs and theirs - ours:
        return False
    return not (_words_of(a) and _words_of(b) and not _words_of(a) & _words_of(b))


def _linked(a: Candidate, b: Candidate, near: float) -> bool:
    """Tell whether two statements have a name in common, or words enough in one language.

    Two museums are open on different days; only what speaks of one thing can disagree.
    """
    if near >= (_SAME_WORDING if a.lang == b.lang else _SAME_WORDING_ACROSS):
        return True
    if a.lang == b.lang and _title_share(a, b) >= _SAME_TITLE:
        return True
    return share_a_name(a, b)


def _title_share(a: Candidate, b: Candidate) -> float:
    ours, theirs = set(tokens(a.document.title)), set(tokens(b.document.title))
    return len(ours & theirs) / max(min(len(ours), len(theirs)), 1)


def _subject(statement: Candidate) -> set[str]:
    """Return the names that a statement shares with the title of its document."""
    title = fold(statement.document.title)
    names = (fold(name.text) for name in find_names(statement.text, statement.lang) if name.sure)
    return {name for name in names if name in title}


def _words_of(statement: Candidate) -> set[str]:
    """Return the words that a statement shares with the title of its document."""
    return set(tokens(statement.text)) & set(tokens(statement.document.title))
