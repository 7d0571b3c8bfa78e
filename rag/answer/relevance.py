"""How near statements are to a question, and which clause of a sentence answers it.

Embedding is what costs: few statements are read at all, fewer again in their
context. Which statements there are is for `rag.answer.candidates`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.answer.asked import Asked
from rag.answer.candidates import Candidate, with_names
from rag.text.characters import tokens
from rag.types import Matrix
from rag.verify.names import find_names, places
from rag.verify.nearness import Scorer

__all__ = ["nearest", "that_is_asked"]

# Set on the first cases of eval/conflicts.jsonl and on eval/pairs; see docs/decisions/0012.
_RELEVANT = 0.62
_RELEVANT_HOLDER = 0.55
# No word of the question tells whether a statement in another language is about the same.
_RELEVANT_ACROSS = 0.76
# What the answer quotes was found to answer, by more than its nearness; .05 to .2 tell the same.
_TOLD = 0.1
# A question and its answer in two languages are so much further apart.
_ACROSS = 0.28
# Statements that are embedded at all, and sentences that are read again in their context.
_MOST = 12
_MOST_OF_ONE = 6
_AGAIN = 6
_AGAIN_OF_ONE = 2
# More than this the context adds to hardly any.
_MORE = 0.2
# Relevance of a statement that repeats all words of the question.
_WORDS = 0.3
# Among the values of one sentence, that of the nearest clause answers.
_CLAUSE = 0.1
# A clause is near to its own sentence by being long; so much of that is no merit.
_OWN_SENTENCE = 0.7
# "The third branch" answers how many branches there are, though it is worded otherwise.
_COUNTS_IT = 0.15
# What a bare number counts nobody knows.
_BARE = 0.1
# From so many units on, any thing will do as what is counted.
_ANY_UNIT = 8


def nearest(
    question: str, lang: str, statements: Sequence[Candidate], wanted: Asked, scorer: Scorer
) -> list[Candidate]:
    """Return the statements with their relevance, those too far from the question left out."""
    foremost = _foremost(question, lang, statements)
    if not foremost:
        return []
    relevance = _relevance(question, lang, foremost, wanted, scorer).tolist()
    found = [
        with_names(replace(each, relevance=score))
        for each, score in zip(foremost, relevance, strict=True)
        if score >= _least(each, lang, wanted)
    ]
    return [each for each in found if not (wanted.role and _is_cut_short(each, found))]


def _least(each: Candidate, lang: str, wanted: Asked) -> float:
    least = _RELEVANT if each.lang == lang else _RELEVANT_ACROSS
    return (_RELEVANT_HOLDER if wanted.role else least) - _TOLD * each.told


def _is_cut_short(each: Candidate, others: Sequence[Candidate]) -> bool:
    """Tell 이 대통령 where the same document says 이재명, too."""
    first, *rest = each.said.split()
    return (
        len(first) == 1
        and bool(rest)
        and any(
            other.document.doc_id == each.document.doc_id
            and other.said[:1] == first
            and other.said[1:2].strip()
            for other in others
        )
    )


def _foremost(question: str, lang: str, statements: Sequence[Candidate]) -> list[Candidate]:
    """Return those that are worth embedding: by words in common, then by the rank of their passage.

    Of each document only some, so that a long list leaves room for the others.
    """
    words = set(tokens(question))
    shared = [
        len(words.intersection(tokens(f"{each.before} {each.text}"))) if each.lang == lang else 0
        for each in statements
    ]
    # A stable sort: passages come best first.
    order = sorted(range(len(statements)), key=lambda place: -shared[place])
    return [statements[place] for place in _some_of_each(order, statements, _MOST_OF_ONE, _MOST)]


def _some_of_each(order: Sequence[int], statements: Sequence[Candidate], of_one: int, most: int) -> list[int]:
    """Return the first places of *order*, no more than *of_one* sentences of a document in a row."""
    seen: dict[str, dict[tuple[str, int], None]] = {}
    early: list[int] = []
    late: list[int] = []
    for place in order:
        each = statements[place]
        sentence = (each.quote[0].chunk_id, each.quote[1])
        of_it = seen.setdefault(each.document.doc_id, {})
        of_it[sentence] = None
        (early if list(of_it).index(sentence) < of_one else late).append(place)
    return [*early, *late][:most]


def _relevance(question: str, lang: str, found: Sequence[Candidate], wanted: Asked, scorer: Scorer) -> Matrix:
    """Return how near each statement is to the question: by meaning, and by words in one language.

    A clause is read alone; the best sentences also under the title of their document,
    and after the sentence before it, of which they may be the end ("It has 64
    members"). Yes and no are said by clauses.
    """
    langs = [each.lang for each in found]
    vectors = scorer.vectors([question, *(each.clause for each in found)], [lang, *langs])
    near = vectors[1:] @ vectors[0]
    apart = (
        _CLAUSE * near
        + _WORDS * _shares(question, lang, found, wanted)
        + _ACROSS * np.array([each != lang for each in langs])
        + _COUNTS_IT * np.array([_counts_it(each, wanted) for each in found])
        - _BARE * np.array([_is_bare(each, wanted) for each in found])
    )
    relevance: Matrix = near + apart
    if not wanted.yes_no:
        least = np.array([_least(each, lang, wanted) for each in found])
        order = [
            place for place in np.argsort(-relevance).tolist() if relevance[place] >= (least - _MORE)[place]
        ]
        again = _some_of_each(order, found, _AGAIN_OF_ONE, _AGAIN)
        views = [f"{found[place].document.title}\n{found[place].text}" for place in again]
        views += [f"{found[place].before} {found[place].text}" for place in again]
        read = scorer.vectors(views, [langs[place] for place in again] * 2) @ vectors[0]
        relevance[again] = np.maximum(near[again], read.reshape(2, -1).max(axis=0)) + apart[again]
    return relevance


def _shares(question: str, lang: str, found: Sequence[Candidate], wanted: Asked) -> Matrix:
    """Return the share of the words of the question that each statement in its language repeats."""
    words = set(tokens(question))
    read = [each.clause if wanted.yes_no else f"{each.text} {each.document.title}" for each in found]
    shares = [
        len(words.intersection(tokens(text))) / max(len(words), 1) if each.lang == lang else 0.0
        for each, text in zip(found, read, strict=True)
    ]
    return np.array(shares, np.float32)


def _counts_it(each: Candidate, wanted: Asked) -> bool:
    """Tell a rank in a sentence that counts what is asked for: "two branches before this, the third"."""
    return (
        len(wanted.units) <= _ANY_UNIT
        and any(value.kind == "ordinal" for value in each.values)
        and any(value.unit and value.unit in wanted.units for value in each.rivals)
    )


def _is_bare(each: Candidate, wanted: Asked) -> bool:
    """Tell numbers of nobody knows what, where one of something is asked for."""
    return 0 < len(wanted.units) <= _ANY_UNIT and all(
        value.kind == "number" and not value.unit for value in each.values
    )


def that_is_asked(question: str, lang: str, siblings: Sequence[Candidate], scorer: Scorer) -> Candidate:
    """Return the clause of one sentence whose value answers, if several have one.

    Names are said once for all of them, in the first: they are left out of the
    question. What makes a clause near to its whole sentence is no merit either.
    """
    named = [name.text for name in find_names(question, lang) if name.sure]
    rest = re.sub("|".join(map(re.escape, named)) or r"(?!)", " ", question)
    rest = " ".join(word for word in rest.split() if not places(word))
    texts = [rest, siblings[0].text, *(each.clause for each in siblings)]
    vectors = scorer.vectors(texts, [lang, *[siblings[0].lang] * (len(siblings) + 1)])
    near = vectors[2:] @ (vectors[0] - _OWN_SENTENCE * vectors[1])
    return siblings[int(near.argmax())]
