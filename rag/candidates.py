"""Statements that may answer a question: sentences that hold what is asked for, and how near they are.

Whether two of them disagree is for `rag.conflicts`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.asked import Asked, holders, placed, vacant
from rag.cite import Quote
from rag.names import Name, find_names, places, same_name
from rag.polarity import clauses, denied, negations
from rag.protocols import Index
from rag.sentences import sentences
from rag.support import Scorer
from rag.text import fold, tokens
from rag.types import Document, Hit, Matrix
from rag.units import COUNTED
from rag.values import Value, equal, find_values

__all__ = ["NO", "YES", "Candidate", "candidates", "holds", "words_around"]

YES, NO = "yes", "no"
# Set on the first cases of eval/conflicts.jsonl; see docs/decisions/0012.
_RELEVANT = 0.62
_RELEVANT_HOLDER = 0.55
# A question and its answer in two languages are so much further apart.
_ACROSS = 0.28
# Relevance of a statement that repeats all words of the question.
_WORDS = 0.3
# Among the values of one sentence, that of the nearest clause answers.
_CLAUSE = 0.1
# Lines of this length that hold the day of publication date the document.
_IMPRINT = 60
_HEADING = re.compile(r"#|\d{1,2}\.\s\D{1,40}$")
_OFFICE = re.compile(r"[A-Z]{2,4}$")
_OF = re.compile(r"\s(?:of|at|von|der|de|du|de la|del)\s(?:the\s)?(?:[A-Z][\w.&'-]*\s){0,3}")
# From the word for an office to the name of its holder, in characters.
_BESIDE = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a document that may answer, with the values that would be the answer.

    Attributes:
        rivals: Values of its other clauses too, which would answer as well.
    """

    quote: Quote
    text: str
    clause: str
    document: Document
    lang: str
    values: tuple[Value, ...]
    said: str
    before: str
    relevance: float = 0.0
    rivals: tuple[Value, ...] = ()


def candidates(
    question: str, lang: str, hits: Sequence[Hit], index: Index, wanted: Asked, scorer: Scorer
) -> list[Candidate]:
    """Return the statements that may answer, those too far from the question left out."""
    found: list[Candidate] = []
    for hit in hits:
        document = index.document(hit.chunk.doc_id)
        before = ""
        for start, end in sentences(hit.chunk.text, hit.chunk.lang):
            text = hit.chunk.text[start:end]
            preceding, before = before, text
            if _HEADING.match(text) and not wanted.role:
                continue
            if _is_imprint(text, hit.chunk.lang, document):
                continue
            answers = list(_answers(text, hit.chunk.lang, wanted, question))
            rivals = tuple(value for _, values, _ in answers for value in values)
            for clause, values, said in answers:
                quote = (hit.chunk, start, end)
                each = Candidate(quote, text, clause, document, hit.chunk.lang, values, said, preceding)
                found.append(replace(each, rivals=rivals))
    if not found:
        return []
    relevance = _relevance(question, lang, found, wanted, scorer).tolist()
    least = _RELEVANT_HOLDER if wanted.role else _RELEVANT
    scored = (replace(each, relevance=score) for each, score in zip(found, relevance, strict=True))
    return _on_topic(question, lang, [each for each in scored if each.relevance >= least])


def _is_imprint(text: str, lang: str, document: Document) -> bool:
    """Tell a line that dates the document ("Edition 2, October 2025") from one that answers."""
    day = document.date
    dates = [value.day for value in find_values(text, lang) if value.kind == "date"]
    return (
        day is not None
        and len(text) < _IMPRINT
        and any(y == day.year and m in {None, day.month} and d in {None, day.day} for y, m, d in dates)
    )


def _on_topic(question: str, lang: str, statements: list[Candidate]) -> list[Candidate]:
    """Leave out what speaks of others, if the question names somebody of whom the rest speaks."""
    named = [name.text for name in find_names(question, lang) if name.sure]
    about = [
        any(same_name(name, word) for name in named for word in words_around(each)) for each in statements
    ]
    if not any(about):
        return statements
    return [each for each, is_about in zip(statements, about, strict=True) if is_about or each.lang != lang]


def words_around(statement: Candidate) -> list[str]:
    """Return the words of a statement, of the sentence before it, and of its headings."""
    chunk = statement.quote[0]
    return re.findall(
        r"[^\W_]{2,}", f"{statement.before} {statement.text} {statement.document.title} {chunk.heading}"
    )


def _relevance(question: str, lang: str, found: Sequence[Candidate], wanted: Asked, scorer: Scorer) -> Matrix:
    """Return how near each statement is to the question: by meaning, and by words in one language.

    A sentence is read alone, by its clause, and with the sentence before it, of
    which it may be the end ("It has 64 members"). Yes and no are said by clauses.
    """
    langs = [each.lang for each in found]
    views = [[each.clause for each in found]]
    if not wanted.yes_no:
        views += [[each.text for each in found], [f"{each.before} {each.text}" for each in found]]
    vectors = scorer.vectors(
        [question, *(text for view in views for text in view)], [lang, *langs * len(views)]
    )
    near = (vectors[1:] @ vectors[0]).reshape(len(views), -1)
    words = set(tokens(question))
    shares = [
        len(
            words.intersection(tokens(each.clause if wanted.yes_no else f"{each.text} {each.document.title}"))
        )
        / max(len(words), 1)
        if each.lang == lang
        else 0.0
        for each in found
    ]
    across = np.array([each != lang for each in langs])
    relevance: Matrix = (
        near.max(axis=0) + _CLAUSE * near[0] + _WORDS * np.array(shares, np.float32) + _ACROSS * across
    )
    return relevance


def _answers(
    text: str, lang: str, wanted: Asked, question: str
) -> Iterator[tuple[str, tuple[Value, ...], str]]:
    """Yield the clauses of a sentence that hold what is asked for, with the words that say it."""
    if wanted.role:
        if said := _holder(text, lang, wanted.role, question):
            yield text, (), said
    elif wanted.place:
        for name in placed(text):
            if fold(name) not in fold(question):
                yield text, (), name
    elif wanted.yes_no:
        for clause in dict.fromkeys([text, *clauses(text)]):
            yield clause, (), NO if negations(clause) % 2 else YES
    else:
        # "Wednesdays and Saturdays" is one answer.
        for clause in [text] if wanted.kinds == {"weekday"} else clauses(text):
            told = (v for v in find_values(clause, lang) if not denied(clause, v.start, v.end))
            found = (_year(v) if "date" in wanted.kinds else v for v in told)
            values = tuple(v for v in found if _fits(v, wanted, question))
            if values:
                yield clause, values, clause[values[0].start : values[-1].end].strip()


def holds(text: str, lang: str, wanted: Asked, question: str) -> bool:
    """Tell whether *text*, of any length, holds a value of the kind that is asked for."""
    found = (_year(value) if "date" in wanted.kinds else value for value in find_values(text, lang))
    return any(_fits(value, wanted, question) for value in found)


def _year(value: Value) -> Value:
    """Return a bare 1952 as a year."""
    is_year = value.kind == "number" and not value.unit and value.number in range(1000, 2200)
    return replace(value, kind="date", day=(int(value.number), None, None)) if is_year else value


def _fits(value: Value, wanted: Asked, question: str) -> bool:
    if value.kind not in wanted.kinds or any(equal(value, each) for each in find_values(question)):
        return False
    if value.kind == "ordinal" and value.number == 1:
        return False  # "his first visit" ranks nothing
    if value.kind != "number" or not wanted.units or value.unit in wanted.units:
        return True
    # "64 members": what is counted has no unit here.
    return not value.unit and wanted.units <= COUNTED and value.number not in range(1900, 2100)


def _holder(text: str, lang: str, role: str, question: str) -> str:
    """Return the name beside the word for *role*, the clause that says the post is vacant, or nothing."""
    spots = list(holders(text, role))
    if spots and vacant(text):
        return next((clause for clause in clauses(text) if vacant(clause)), text)
    names = [
        name
        for name in find_names(text, lang)
        if name.sure
        and not places(name.text)
        and not _OFFICE.match(name.text)
        and fold(name.text) not in fold(question)
        and not any(name.start < end and start < name.end for start, end in spots)
        # "president of Acme Foods": whose, not who.
        and not any(_OF.fullmatch(text[end : name.start]) for _, end in spots)
    ]
    near = [
        (_gap(name.start, name.end, *spot), name.start < spot[0], spot, name)
        for name in names
        for spot in spots
    ]
    # "Dalby chief executive Ann Lee": the name behind the office, if one stands on either side.
    distance, _, spot, nearest = min(
        near, key=lambda each: each[:2], default=(_BESIDE + 1, False, (0, 0), None)
    )
    if nearest is None or distance > _BESIDE:
        return ""
    start, end = _whole_name(text, nearest, names)
    # 이 대통령: a surname alone says little without the office.
    return text[start:end] if end - start > 1 else text[min(start, spot[0]) : max(end, spot[1])]


def _whole_name(text: str, nearest: Name, names: Sequence[Name]) -> tuple[int, int]:
    """Return the span of *nearest* with the names that stand right beside it: "Kyoung Hoon Kim"."""
    start, end = nearest.start, nearest.end
    for name in names:
        if name.start > end and not text[end : name.start].strip(" -.·"):
            end = name.end
    for name in reversed(names):
        if name.end < start and not text[name.end : start].strip(" -.·"):
            start = name.start
    return start, end


def _gap(start: int, end: int, first: int, last: int) -> int:
    return max(first - end, start - last, 0)
