"""How the dense and the lexical leg become one ranking. Pure functions over scores.

The lexical leg counts by how much of the question it can see: in a passage of
another script it covers nothing, and the dense order stands; when it covers the
rare words of the question, it decides. Fixed weights, which min-max *both* legs,
turn the noise of a blind lexical leg into a full vote (docs/decisions/0008).
"""

import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from typing import Final

__all__ = ["coverage", "fuse", "refine"]

# At 1 a French set falls .022 behind fixed weights, at 2 an English one .020 behind dense
# search alone (docs/decisions/0008).
_WEIGHT: Final = 1.5
# From 2 to 4 no mean over 24 sets differs by .001 (docs/decisions/0022).
_TOKENS: Final = 2.0
# Coverage that one candidate in ten reaches is taken to be chance. Five empty ones are
# added, so that of a language with one candidate not everything is.
_EMPTY: Final = (0.0,) * 5


def coverage(idf: Mapping[str, float], matched: Collection[str]) -> float:
    """Return the share of the question's idf mass that *matched* holds, in [0, 1].

    Tokens that no passage holds count fully in the whole, so that a question
    whose words are foreign to the collection is never called covered.
    """
    total = math.fsum(idf.values())
    return math.fsum(idf[token] for token in matched) / total if total > 0 else 0.0


def fuse(
    dense: Mapping[str, float], covered: Mapping[str, float], langs: Mapping[str, str]
) -> list[tuple[str, float]]:
    """Return ids by min-max dense score plus coverage beyond chance, best first, ties by id.

    Coverage has a language bias of its own: every passage in the language of the
    question shares its function words. So what the candidates of each language
    cover by chance is subtracted, as `rag.search.debias` does for vectors; within one
    language that changes no order.

    Args:
        dense: Inner product of each passage that the dense leg returned. One
            that it did not return is taken to be as near as its last.
        covered: `coverage` of each candidate; its keys are the candidates.
        langs: Language of each candidate.

    Returns:
        ``(id, score)`` with scores in [-1.5, 2.5], comparable within one question.
    """
    low, high = min(dense.values(), default=0.0), max(dense.values(), default=0.0)
    spread = (high - low) or 1.0
    chance = _chance_by_language(covered, langs)
    scores = {
        key: (dense.get(key, low) - low) / spread + _WEIGHT * (share - chance[langs[key]])
        for key, share in covered.items()
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def refine(
    ranked: Sequence[tuple[str, float]], dense: Collection[float], near: Sequence[float]
) -> list[tuple[str, float]]:
    """Return *ranked* with its first passages in the order that their tokens give besides.

    Args:
        ranked: From `fuse`.
        dense: The inner products that went into it.
        near: `rag.search.late.max_sims` of the first passages. No score falls: none falls behind the others.
    """
    spread = (max(dense, default=0.0) - min(dense, default=0.0)) or 1.0
    least = min(near, default=0.0)
    first = [
        (key, score + _TOKENS * (each - least) / spread)
        for (key, score), each in zip(ranked, near, strict=False)
    ]
    return sorted(first, key=lambda item: (-item[1], item[0])) + list(ranked[len(first) :])


def _chance_by_language(covered: Mapping[str, float], langs: Mapping[str, str]) -> dict[str, float]:
    shares: dict[str, list[float]] = {}
    for key, share in covered.items():
        shares.setdefault(langs[key], []).append(share)
    return {lang: _ninth_decile([*each, *_EMPTY]) for lang, each in shares.items()}


def _ninth_decile(values: Collection[float]) -> float:
    return statistics.quantiles(values, n=10, method="inclusive")[-1]
