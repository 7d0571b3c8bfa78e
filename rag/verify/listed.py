"""Whether a sentence sums up a list: each thing that it enumerates is an item of the list."""

import re
from collections.abc import Sequence
from typing import Final

from rag.text.characters import fold

__all__ = ["enumerated", "is_rest", "rest", "sums_up"]

# What stands between the parts of an enumeration: commas, and the word for "and".
_BETWEEN: Final = re.compile(
    r"\s*[,;、，；،]\s*(?:(?:and|or|und|oder|y|o|e|et|ou|en|i|a|och|og|и|или|і|و|ו)\s)?"
    r"|\s(?:and|or|und|oder|y|et|ou|e|en|och|og|oraz|i|и|или|і|та|και|ve|và|dan|और|及び|および)\s"
    r"|\s(?:및|그리고|또는|혹은)\s|(?<=[가-힣])[와과]\s|(?<=[^\W\d_])と(?=[^\W\d_])|[和与與及](?=[^\W\d_])|\sو(?=\w)"
)
_BULLET: Final = re.compile(r"^\s*(?:[-*•·‣]|\d{1,3}[.)])\s+")
_UNSPACED: Final = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_WORD: Final = re.compile(r"[^\W_]+")
_REST: Final = re.compile(r"… \(\+\d+\)")


def rest(count: int) -> str:
    """Return the line below a list that is quoted in part: *count* of its items are left out."""
    return f"… (+{count})"


def is_rest(line: str) -> bool:
    """Tell whether *line* is one that `rest` makes."""
    return bool(_REST.fullmatch(line.strip()))


def enumerated(claim: str) -> list[str]:
    """Return the parts of the enumeration in *claim*, the first and the last with what else it says."""
    return [part for part in _BETWEEN.split(claim) if part and _WORD.search(part)]


def sums_up(parts: Sequence[str], items: Sequence[str]) -> bool:
    """Tell whether each of *parts* names an item of its own: "tea from the keeper" names "- tea"."""
    left = [_BULLET.sub("", item) for item in items]
    for part in parts:
        held = [item for item in left if _names(part, item)]
        if not held:
            return False
        left.remove(max(held, key=len))
    return len(parts) > 1


def _names(part: str, item: str) -> bool:
    """Tell whether *part* has all words of *item*, with whatever endings: 여벌 양말입니다, einem Aufsatz."""
    if _UNSPACED.search(item):
        return fold(item).rstrip(" .。") in fold(part)
    words = _WORD.findall(fold(part))
    return all(any(word.startswith(_stem(each)) for word in words) for each in _WORD.findall(fold(item)))


def _stem(word: str) -> str:
    return word if len(word) < 5 or "가" <= word[0] <= "힣" else word[: max(4, len(word) - 2)]
