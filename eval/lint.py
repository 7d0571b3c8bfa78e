"""What is doubtful about pairs themselves: a gate is worth no more than its questions. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.eval.facts import holds
from rag.eval.pairs import Pair, names
from rag.text.characters import tokens
from rag.types import Document

__all__ = ["Finding", "lint"]

# Jaccard similarity of the questions' tokens. At 0.8 two questions of ten words
# differ in one; "2024년" for "2025년" is a question of its own and stays below.
_NEAR = 0.8
# A language with fewer pairs than this has no mean worth a threshold, and one with
# this many times the pairs of another decides every mean over all.
_FEWEST = 10
_TIMES = 20
# A set below this is still being written, and that it is small and uneven no news.
_SMALL = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Something doubtful.

    Attributes:
        pair_id: Empty if it concerns the whole set.
        is_advice: Good to know, and no reason to stop.
    """

    pair_id: str
    message: str
    is_advice: bool = False


def lint(pairs: Sequence[Pair], documents: Mapping[str, Document]) -> list[Finding]:
    """Return findings in order of pair, those about the whole set last.

    The latter are advice as long as the set is small.
    """
    texts = {name: each.text for each in documents.values() for name in names(each.doc_id)}
    found = [finding for pair in pairs for finding in _of_pair(pair, texts)]
    return [*found, *_near_duplicates(pairs), *_balance(pairs)]


def _of_pair(pair: Pair, texts: Mapping[str, str]) -> Iterator[Finding]:
    expected = [texts[name] for group in pair.docs for name in group]
    for group in pair.facts:
        if not any(holds(text, fact) for text in expected for fact in group):
            elsewhere = any(holds(text, fact) for text in texts.values() for fact in group)
            where = "only in documents that `docs` does not name" if elsewhere else "nowhere in the corpus"
            yield Finding(pair.id, f"fact {' | '.join(group)!r} occurs {where}")
        given = [fact for fact in group if holds(pair.question, fact)]
        if given and pair.type != "conflict":
            yield Finding(pair.id, f"the question gives away the fact {given[0]!r}")
    for forbidden in pair.forbidden:
        if any(holds(forbidden, fact) for group in pair.facts for fact in group):
            yield Finding(pair.id, f"{forbidden!r} is forbidden and a fact at once")
    if pair.type == "follow-up" and not pair.history:
        yield Finding(pair.id, "a follow-up without history")
    if pair.draft:
        yield Finding(pair.id, "a draft: read it, correct it, and remove `draft`", is_advice=True)


def _near_duplicates(pairs: Sequence[Pair]) -> Iterator[Finding]:
    words = [
        (pair, frozenset(tokens(" ".join([*(turn.question for turn in pair.history), pair.question]))))
        for pair in pairs
    ]
    for (first, some), (second, others) in combinations(words, 2):
        union = len(some | others)
        if union and len(some & others) / union >= _NEAR and first.where == second.where:
            yield Finding(second.id, f"asks nearly the same as {first.id}")


def _balance(pairs: Sequence[Pair]) -> Iterator[Finding]:
    for message in _unbalanced(pairs):
        yield Finding("", message, is_advice=len(pairs) < _SMALL)


def _unbalanced(pairs: Sequence[Pair]) -> Iterator[str]:
    langs = Counter(pair.lang for pair in pairs)
    most, highest = langs.most_common(1)[0]
    for lang, count in sorted(langs.items()):
        if count < _FEWEST:
            yield f"{lang} has {count} pairs; below {_FEWEST} a mean says little"
        elif count * _TIMES < highest:
            yield f"{lang} has {count} pairs where {most} has {highest}"
    for lang in sorted(langs):
        answerable = [pair.answerable for pair in pairs if pair.lang == lang]
        if len(answerable) >= _FEWEST and all(answerable):
            yield f"{lang} has no question that has no answer: abstention is not measured in it"
