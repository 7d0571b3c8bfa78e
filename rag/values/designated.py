"""What headings name by a word and a number, "Kappa 5", and where a text names it or another of the kind.

The digits of such a name are no number of the text, and a sentence need not repeat what its
document is about. Another number is another thing: "Kappa 6" is not what stands under "Kappa 5".
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rag.values.dates import find_dates

__all__ = ["DESIGNATION", "Designated", "designated"]

# A word and its number: "Kappa 5", "747-8", 갤럭시 S24, ツムギ70, 第3.
DESIGNATION: Final = re.compile(
    r"(?P<word>[A-Za-z\u00c0-\u024f]+|[가-힣]+|[ァ-ヴー]+|[\u4e00-\u9fff]{1,2}|[^\W\d_A-Za-z\u00c0-\u024f가-힣ァ-ヴー\u4e00-\u9fff]+)"
    r"(?P<gap>[\s-]?)(?P<number>\d+(?:[.-]\d+)*[A-Za-z]?)(?![A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Designated:
    """Where a text names what its headings name by a word and a number, and where another of the kind.

    Attributes:
        same: Spans of the names of the headings; their digits are no numbers.
        others: Spans of the same word with another number: "Kappa 6" under "Kappa 5".
    """

    same: tuple[tuple[int, int], ...] = ()
    others: tuple[tuple[int, int], ...] = ()


@lru_cache(maxsize=1024)
def designated(text: str, headings: str) -> Designated:
    """Return what *text* names of what *headings* name by a word and a number."""
    names = [
        (match["word"], match["number"])
        for match in DESIGNATION.finditer(headings)
        if not any(each.month for each in find_dates(match[0]))
    ]
    same: list[tuple[int, int]] = []
    others: list[tuple[int, int]] = []
    for word in {word for word, _ in names}:
        left = r"(?<![A-Za-z0-9])" if word[0].isascii() else ""
        numbers = {number.casefold() for each, number in names if each == word}
        pattern = rf"{left}{re.escape(word)}[\s-]?(\d+(?:[.-]\d+)*[A-Za-z]?)(?![A-Za-z0-9])"
        for match in re.finditer(pattern, text, re.IGNORECASE):
            known = match[1].casefold() in numbers
            (same if known else others).append(match.span())
    return Designated(tuple(same), tuple(others))
