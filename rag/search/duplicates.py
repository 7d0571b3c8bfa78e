"""Passages that say the same twice: a story in two newspapers, a page saved under two names.

Decides which of ranked passages repeat an earlier one; what is ranked, and whether
repeats are left out, is for `rag.search.retrieve`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from rag.text.characters import tokens

__all__ = ["first_of_each", "resemblance", "shingles"]

Shingles = frozenset[tuple[str, ...]]

# Broder, Glassman, Manasse and Zweig (1997) call two documents roughly the same when
# half of their shingles are. Theirs have ten words; passages are shorter than pages.
_WORDS: Final = 4
_SAME: Final = 0.5


def shingles(text: str) -> Shingles:
    """Return all runs of four tokens in *text*, of a shorter text the one run that it is."""
    found = tokens(text)
    return frozenset(tuple(found[start : start + _WORDS]) for start in range(max(1, len(found) - _WORDS + 1)))


def resemblance(one: Shingles, other: Shingles) -> float:
    """Return the share of all shingles that both have (Jaccard), in [0, 1]."""
    return len(one & other) / len(one | other)


def first_of_each(texts: Iterable[str]) -> Iterator[int]:
    """Yield the places of *texts* that do not resemble one whose place was yielded, lazily, from 0."""
    kept: list[Shingles] = []
    for place, text in enumerate(texts):
        found = shingles(text)
        if all(resemblance(found, each) < _SAME for each in kept):
            kept.append(found)
            yield place
