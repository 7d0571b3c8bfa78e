"""Statements that may answer a question: clauses that hold what is asked for, and who they are about.

How near they are to the question is for `rag.answer.relevance`, whether two of them
disagree for `rag.answer.conflicts`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import compress

from rag.answer.asked import Asked, holders, placed, vacant
from rag.answer.restriction import Restriction
from rag.protocols import Index
from rag.text.characters import fold
from rag.text.sentences import sentences
from rag.types import Document, Hit
from rag.values import Value, find_values
from rag.values.agreement import equal
from rag.values.units import COUNTED
from rag.verify.citations import Quote
from rag.verify.names import Name, find_names, mentions, places, same_name, skeleton
from rag.verify.polarity import clauses, denied, negations

__all__ = ["NO", "YES", "Candidate", "candidates", "holds", "share_a_name", "with_names"]

YES, NO = "yes", "no"
# Lines of this length that hold the day of publication date the document.
_IMPRINT = 60
_HEADING = re.compile(r"#|\d{1,2}\.\s\D{1,40}$")
_OFFICE = re.compile(r"[A-Z]{2,4}$")
_OF = re.compile(r"\s(?:of|at|von|der|de|du|de la|del)\s(?:the\s)?(?:[A-Z][\w.&'-]*\s){0,3}")
_NUMBERED = re.compile(r"(?:\b(?:number|no\.|nr\.|nummer|numéro|número|n[º°])|第|제)\s?$", re.IGNORECASE)
# Names of fewer sounds are heard in too many words: Haemir, 해미르.
_HEARD = 3
# From the word for an office to the name of its holder, in characters.
_BESIDE = 40


_WORDS_OF = re.compile(r"[^\W_]{2,}")
# HK-55, R2, 2S
_CODE = re.compile(r"(?<![^\W_])(?:[A-Z]{1,4}-?\d+[A-Z]?|\d+[A-Z])(?![A-Za-z0-9])")
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a document that may answer, with the values that would be the answer.

    Attributes:
        rivals: Values of its other clauses too, which would answer as well.
        names: In the sentence, the one before it and the title; countries apart.
        words: Those around it, among which a name of another statement may be.
        told: The answer quotes it.
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
    names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    told: bool = False


def candidates(question: str, lang: str, hits: Sequence[Hit], index: Index, wanted: Asked) -> list[Candidate]:
    """Return the clauses of *hits* that hold what is asked for, of those that the question names."""
    found: list[Candidate] = []
    restriction = Restriction.of(question, hits)
    for hit in hits:
        document = index.document(hit.chunk.doc_id)
        before = ""
        for start, end in sentences(hit.chunk.text, hit.chunk.lang):
            text = hit.chunk.text[start:end]
            preceding, before = before, text
            if (_HEADING.match(text) and not wanted.role) or not restriction.admits_sentence(hit, start, end):
                continue
            answers = list(_answers(text, hit.chunk.lang, wanted, question))
            if not answers or _is_imprint(text, hit.chunk.lang, document):
                continue
            rivals = tuple(value for _, values, _ in answers for value in values)
            quote = (hit.chunk, start, end)
            found += (
                Candidate(quote, text, clause, document, hit.chunk.lang, values, said, preceding, 0.0, rivals)
                for clause, values, said in answers
            )
    return _on_topic(question, lang, hits, found)


def _is_imprint(text: str, lang: str, document: Document) -> bool:
    """Tell a line that dates the document ("Edition 2, October 2025") from one that answers."""
    day = document.date
    dates = [value.day for value in find_values(text, lang) if value.kind == "date"]
    return (
        day is not None
        and len(text) < _IMPRINT
        and any(y == day.year and m in {None, day.month} and d in {None, day.day} for y, m, d in dates)
    )


def _on_topic(question: str, lang: str, hits: Sequence[Hit], statements: list[Candidate]) -> list[Candidate]:
    """Leave out what speaks of others, if the question names somebody of whom the rest speaks.

    A document in another language may name it anywhere in what was found of it.
    """
    spoken = [
        f"{each.before} {each.text} {each.document.title} {each.quote[0].heading}" for each in statements
    ]
    codes = set(_CODE.findall(question))
    if any(codes.intersection(_CODE.findall(text)) for text in spoken):
        # "Heron 2" is another than the "Heron 2S" that is asked about, in every language.
        kept = [bool(codes.intersection(_CODE.findall(text))) for text in spoken]
        statements = list(compress(statements, kept))
        spoken = list(compress(spoken, kept))
    named = [name.text for name in find_names(question, lang) if name.sure]
    about = [any(mentions(text, name) for name in named) for text in spoken]
    if not any(about):
        return statements
    texts: dict[str, str] = {}
    for hit in hits:
        texts[hit.chunk.doc_id] = f"{texts.get(hit.chunk.doc_id, hit.title)} {hit.chunk.text}"
    elsewhere = {doc_id: any(_may_mention(name, text) for name in named) for doc_id, text in texts.items()}
    return [
        each
        for each, is_about in zip(statements, about, strict=True)
        if is_about or (each.lang != lang and elsewhere[each.document.doc_id])
    ]


def _may_mention(name: str, text: str) -> bool:
    """Tell whether *text* names it, or could in letters that have too few sounds to tell."""
    return len(skeleton(name)) < _HEARD or _HAN.search(text) is not None or mentions(text, name)


def share_a_name(a: Candidate, b: Candidate) -> bool:
    """Tell whether one of two statements names what the other names too."""
    return any(
        same_name(name, word) for one, other in ((a, b), (b, a)) for name in one.names for word in other.words
    )


def with_names(each: Candidate) -> Candidate:
    """Return the statement with the names and words by which others may be compared with it."""
    texts = (each.before, each.text, each.document.title)
    found = (name for text in texts for name in find_names(text, each.lang))
    names = {name.text for name in found if name.sure and len(name.text) > 2 and not places(name.text)}
    words = _WORDS_OF.findall(" ".join([*texts, each.quote[0].heading]))
    return replace(each, names=frozenset(names), words=frozenset(words))


# --- what is said -----------------------------------------------------------------


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
        opening: list[str] = []
        # "Wednesdays and Saturdays" is one answer.
        for clause in [text] if wanted.kinds == {"weekday"} else clauses(text):
            opening.append(clause)
            told = (v for v in find_values(clause, lang) if not denied(clause, v.start, v.end))
            found = (_year(v) if "date" in wanted.kinds else _ordered(v, clause) for v in told)
            values = tuple(v for v in found if _fits(v, wanted, question))
            if values:
                # "Counted by members, it comes third": what has no value opens what has.
                yield " ".join(opening), values, clause[values[0].start : values[-1].end].strip()
                opening = []


def holds(text: str, lang: str, wanted: Asked, question: str) -> bool:
    """Tell whether *text*, of any length, holds a value of the kind that is asked for."""
    found = (_year(value) if "date" in wanted.kinds else value for value in find_values(text, lang))
    return any(_fits(value, wanted, question) for value in found)


def _year(value: Value) -> Value:
    """Return a bare 1952 as a year."""
    is_year = value.kind == "number" and not value.unit and value.number in range(1000, 2200)
    return replace(value, kind="date", day=(int(value.number), None, None)) if is_year else value


def _ordered(value: Value, text: str) -> Value:
    """Return "number twelve" as a rank."""
    is_rank = value.kind == "number" and not value.unit and _NUMBERED.search(text[: value.start])
    return replace(value, kind="ordinal") if is_rank else value


@lru_cache(maxsize=64)
def _given(question: str) -> tuple[Value, ...]:
    """Return the values that the question itself holds, which are no answer."""
    return tuple(find_values(question))


def _fits(value: Value, wanted: Asked, question: str) -> bool:
    if value.kind not in wanted.kinds or any(equal(value, each) for each in _given(question)):
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
        return next((clause.strip(" ,") for clause in clauses(text) if vacant(clause)), text)
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
