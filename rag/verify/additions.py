"""Whether a claim says more than its quote: words that are neither held nor reworded there."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from rag.text.characters import fold
from rag.verify.nearness import Scorer, Statement

__all__ = ["adds"]

# Words of the claim that the quote lacks must be this near to words that only the quote has.
# Set on the first passages of eval/claims.jsonl; see docs/decisions/0011.
_REWORDED = 0.60
# A claim that has so many of its words from the quote, in order, is a copy.
_COPIED = 0.7


def adds(claim: Statement, quote: Statement, surroundings: str, scorer: Scorer) -> bool:
    """Tell whether the claim says something that the quote does not, in the same language.

    A run of words that the quote lacks must reword something that only the quote
    has: "will go up" and "rises", but not "and the seed bank" and "from Tomasz Lis".
    In a copy one word may not be exchanged at all: "blue" is as near to "red" as
    "acquired" to "bought".
    """
    ours, theirs = _words(claim.text, claim.lang), _words(quote.text, quote.lang)
    if _exchanges_one(ours, theirs, claim.lang):
        return True
    around = [*theirs, *_words(surroundings, quote.lang)]
    added = [run for run in _runs(ours, around) if _weight(run, claim.lang) >= 2]
    if not added:
        return False
    joint = "" if claim.lang in _UNSPACED else " "
    left = _runs(theirs, ours)
    if not left:
        return True
    texts = [joint.join(run) for run in [*added, *left]]
    vectors = scorer.vectors(texts, [claim.lang] * len(texts))
    near = vectors[: len(added)] @ vectors[len(added) :].T
    return bool((near.max(axis=1) < _REWORDED).any())


def _exchanges_one(ours: Sequence[str], theirs: Sequence[str], lang: str) -> bool:
    """Tell whether the words of a claim are those of the quote, in order, but for one run of content."""
    claimed, quoted = (
        [*words] if lang in _UNSPACED else [_stem(word) for word in words] for words in (ours, theirs)
    )
    matcher = SequenceMatcher(None, claimed, quoted, autojunk=False)
    if sum(match.size for match in matcher.get_matching_blocks()) < _COPIED * len(ours):
        return False
    exchanged = [
        (start, end)
        for what, start, end, first, last in matcher.get_opcodes()
        if what == "replace" and min(_weight(ours[start:end], lang), _weight(theirs[first:last], lang)) >= 1
    ]
    return len(exchanged) == 1


_UNSPACED = frozenset({"ja", "zh"})


def _words(text: str, lang: str) -> list[str]:
    plain = fold(text)
    return list(re.sub(r"[\W_]", "", plain)) if lang in _UNSPACED else re.findall(r"\w+", plain)


def _runs(words: Sequence[str], others: Sequence[str]) -> list[list[str]]:
    """Return the runs of *words* whose beginnings none of *others* has."""
    known = {_stem(word) for word in others}
    runs: list[list[str]] = [[]]
    for word in words:
        if _stem(word) in known:
            runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _stem(word: str) -> str:
    """Return what stays of a word through its endings, roughly."""
    if "가" <= word[0] <= "힣":
        # 바뀌고 and 바뀝니다 differ in the final of the second syllable only.
        return word[:1] + unicodedata.normalize("NFD", word[1:2])[:2]
    return word[: max(3, len(word) - 2)]


def _weight(run: Sequence[str], lang: str) -> float:
    """Return how many words of content a run holds; two characters make one in Chinese and Japanese."""
    if lang in _UNSPACED:
        return sum("\u4e00" <= char <= "\u9fff" or "ァ" <= char <= "ヴ" for char in run) / 2
    return sum(len(word) > 3 or "가" <= word[0] <= "힣" for word in run if word not in "이그저")
