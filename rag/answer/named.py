"""Which of several equals a question names: the row of the bell tent, clause 3, the error F-118.

What is read answers *what* is asked ("a price") better than *of which*: the words that only
some of the rows hold tell that.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set

from rag.text.characters import is_unspaced, tokens

__all__ = ["held", "named", "telling"]

# A word that is so much more common in the documents than another of the question says little.
_RARE_SHARE = 0.5
# What joins those that are named already names at least so much.
_ALSO = 0.5
_LEAST_STEM = 4
_SMALL = 3
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_STEM_SHARE = 0.7


def telling(question: str, rarity: Mapping[str, float], text: str) -> frozenset[str]:
    """Return which words of *question* say what it is about: numbers, names, and words that are rare.

    Args:
        rarity: How rare each word is in the documents; one that it lacks counts as rare.
        text: The words that it holds are compared with each other.
    """
    small = (tokens(match[0]) for match in _WORD.finditer(question) if _is_small(match))
    words = frozenset(tokens(question)).difference(*small)
    least = _RARE_SHARE * max((rarity.get(word, 0.0) for word in held(words, text)), default=0.0)
    return frozenset(word for word in words if _DIGIT.search(word) or rarity.get(word, math.inf) >= least)


def _is_small(match: re.Match[str]) -> bool:
    """Tell "in", "les" and "der", which are rare in few documents of their language, from "Elm" and "EU"."""
    word = match[0]
    is_name = word[0].isupper() and match.start() > 0
    return len(word) <= _SMALL and word.isalpha() and not is_name and not is_unspaced(word[0])


def held(words: Set[str], text: str) -> frozenset[str]:
    """Return which of *words* stand in *text*, whatever their endings."""
    found = set(tokens(text))
    return frozenset(word for word in words if word in found or any(_alike(word, each) for each in found))


def named(each_held: Sequence[Set[str]]) -> list[int]:
    """Return which of several equals a question names, none if its words do not tell them apart.

    Args:
        each_held: The words of the question that each of them holds.
    """
    counts = Counter(word for words in each_held for word in words)
    weights = {word: math.log(len(each_held) / count) for word, count in counts.items()}
    chosen: list[int] = []
    said: set[str] = set()
    least = 0.0
    while True:
        gains = [sum(weights[word] for word in words - said) for words in each_held]
        best = max(gains, default=0.0)
        if best <= 0 or best < least:
            return sorted(chosen)
        first = each_held[gains.index(best)]
        chosen += [place for place, words in enumerate(each_held) if words == first]
        said |= first
        least = least or _ALSO * best


def _alike(one: str, other: str) -> bool:
    """Tell whether two words differ in their endings only."""
    if _DIGIT.search(one + other):
        return False
    stem = math.ceil(max(_LEAST_STEM, _STEM_SHARE * max(len(one), len(other))))
    return one[:stem] == other[:stem] and min(len(one), len(other)) >= stem
