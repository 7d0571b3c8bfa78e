"""Arabic and Hebrew as they are written, from characters as they stand on a page.

The reverse of what the Unicode Bidirectional Algorithm (UAX 9) does for a screen, for the
cases that printed lines have: words from right to left, with numbers and Latin words in
them from left to right, or the other way round.
"""

import unicodedata
from collections.abc import Sequence
from itertools import groupby

__all__ = ["balanced", "is_mark", "logical"]

_PAIRS = ("()", "[]", "{}", "«»", "<>")
# What belongs to a number it stands in: 12:30, 3.5, 1,000, 12/5, -3, 50%.
_IN_NUMBERS = ".,:/-+%٪٫٬$€£₪"
_BESIDE_NUMBERS = "%٪$€£₪"
_STRONG = {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N"}


def logical(visual: Sequence[str]) -> list[int]:
    """Return the places in *visual*, characters from left to right, in the order of reading."""
    kinds = _resolved([_kind(text) for text in visual], visual)
    rightward = kinds.count("R") >= kinds.count("L")
    outer, inner = ("R", "L") if rightward else ("L", "R")
    kinds = [outer if kind == " " else kind for kind in kinds]
    spans = [list(each) for _, each in groupby(range(len(kinds)), lambda i: kinds[i] == inner)]
    order: list[int] = []
    for span in reversed(spans) if rightward else spans:
        order += span if kinds[span[0]] == "L" else span[::-1]
    return order


def _kind(text: str) -> str:
    return _STRONG.get(unicodedata.bidirectional(text[0]), " ")


def _resolved(kinds: list[str], visual: Sequence[str]) -> list[str]:
    """Make numbers L, with the signs inside them; what stands between two of a kind joins them."""
    found = list(kinds)
    for i, text in enumerate(visual):
        beside = [kinds[k] for k in (i - 1, i + 1) if 0 <= k < len(kinds)]
        is_inside = text in _IN_NUMBERS and beside == ["N", "N"]
        if kinds[i] == " " and (is_inside or (text in _BESIDE_NUMBERS and "N" in beside)):
            found[i] = "N"
    last = 0
    for i, kind in enumerate(found):
        if kind == " ":
            continue
        pair = {found[last], kind}
        # Two numbers with a space between them are two numbers, and a sentence goes on to the left.
        if last < i - 1 and (("L" in pair and "R" not in pair) or pair == {"R"}):
            found[last + 1 : i] = ["L" if "L" in pair else "R"] * (i - last - 1)
        last = i
    return ["L" if kind == "N" else kind for kind in found]


def balanced(text: str) -> str:
    """Turn brackets around that stand back to front: some fonts name what is seen, some what is meant."""
    for pair in _PAIRS:
        opening, closing = pair[0], pair[1]
        first = min((place for place in map(text.find, (opening, closing)) if place >= 0), default=-1)
        if first >= 0 and text[first] == closing and opening in text[first:]:
            text = text.translate({ord(opening): closing, ord(closing): opening})
    return text


def is_mark(text: str) -> bool:
    """Tell whether *text* is a vowel sign or other mark, which has no place of its own in a line."""
    return unicodedata.category(text[0]) == "Mn"
