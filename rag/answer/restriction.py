"""A code, a model or a year that the question names restricts which passages may answer it.

What stands under "Kappa 6" says nothing of the Kappa 5, the row of E-218 nothing of E-217, and
the report of 2023 nothing of 2022, however alike the words are. A passage that names none of
the kind may be about any of them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.text.characters import fold
from rag.types import Hit
from rag.values.designated import DESIGNATION

__all__ = ["Restriction"]

_YEAR = re.compile(r"(?<![\d.,/-])(?:19|20)\d\d(?![\d.,]\d|\d)")
# Letters and digits in one word, or with a hyphen: a code wherever it stands.
_CODE = re.compile(r"[A-Za-z]+-?\d")
_JOINTS = re.compile(r"[\s-]")


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a question restricts.

    Attributes:
        numbers: By word, the numbers that the question names: ``{"kappa": {"5"}}``.
        years: Those in the question.
    """

    numbers: Mapping[str, frozenset[str]]
    years: frozenset[str]

    @classmethod
    def of(cls, question: str, hits: Sequence[Hit]) -> "Restriction":
        """Return what *question* restricts; "Kappa 5" does if a title or heading numbers the same word."""
        numbered = {word for hit in hits for word, _ in _named(_above(hit))}
        found: dict[str, set[str]] = defaultdict(set)
        for match in DESIGNATION.finditer(question):
            word, number = _normal(match)
            if not _YEAR.fullmatch(match["number"]) and (_CODE.match(match[0]) or word in numbered):
                found[word].add(number)
        years = frozenset(_YEAR.findall(question))
        return cls({word: frozenset(numbers) for word, numbers in found.items()}, years)

    def admits(self, hit: Hit) -> bool:
        """Tell whether the passage may be about what the question names."""
        above, text = _above(hit), hit.chunk.text
        if not self._years_fit(_YEAR.findall(above), [*_YEAR.findall(above), *_YEAR.findall(text)]):
            return False
        return self.is_met([hit])

    def admits_sentence(self, hit: Hit, start: int, end: int) -> bool:
        """Tell whether a sentence of it may, by its own words, else by the last that was named before it."""
        above, before, text = _above(hit), hit.chunk.text[:start], hit.chunk.text[start:end]
        years = [*_YEAR.findall(above), *_YEAR.findall(text)]
        if not self._years_fit(_YEAR.findall(above) or _YEAR.findall(text), years):
            return False
        last = {word: {number} for word, number in self._kin(f"{above}\n{before}")}
        return self._numbers_fit({**last, **self._numbers_in(text)})

    def is_met(self, hits: Sequence[Hit]) -> bool:
        """Tell whether each word of the question is found with its number, if it is found with any."""
        return self._numbers_fit(
            self._numbers_in("\n".join(f"{_above(hit)}\n{hit.chunk.text}" for hit in hits))
        )

    def _kin(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield in order what *text* names by a word that the question numbers, too."""
        return (each for each in _named(text) if each[0] in self.numbers)

    def _numbers_in(self, text: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for word, number in self._kin(text):
            found[word].add(number)
        return found

    def _numbers_fit(self, said: Mapping[str, set[str]]) -> bool:
        return all(numbers & self.numbers[word] for word, numbers in said.items())

    def _years_fit(self, said: Sequence[str], anywhere: Sequence[str]) -> bool:
        return not self.years or not said or not self.years.isdisjoint(anywhere)


def _above(hit: Hit) -> str:
    return f"{hit.title}\n{hit.chunk.heading}"


def _named(text: str) -> Iterator[tuple[str, str]]:
    """Yield each word that has a number, with it, in order."""
    return map(_normal, DESIGNATION.finditer(text))


def _normal(match: re.Match[str]) -> tuple[str, str]:
    return fold(match["word"]), _JOINTS.sub("", match["number"]).casefold()
