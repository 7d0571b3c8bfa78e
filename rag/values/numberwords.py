"""Number words of languages that write spaces between words: their look-up.

The words are data: `numbers.tsv` is spelt out by the rules of CLDR, in every case and
gender (``train/tables.py``), `spoken.tsv` holds what those leave out: abbreviations,
forms of speech. How a run of such words adds up is for `rag.values.numerals`.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["Words", "spells", "words_of"]

_HERE: Final = Path(__file__).parent
# Read by their characters; what they hold of words in spaced scripts is mostly English.
_UNSPACED: Final = frozenset({"ko", "ja", "zh", "th"})
# Read where the language is not known; the rest would make numbers of too many words.
_COMMON: Final = ("hi", "he", "ar", "ru", "it", "pt", "es", "fr", "nl", "de", "en")
# Words of one language that mean something else in another; left out where the language is unknown.
_AMBIGUOUS: Final = frozenset(
    {"due", "sei", "once", "elf", "sept", "cent", "neuf", "mil", "prima", "second", "sette", "tre", "six"}
    | {"sesta", "cents", "million"}
)


@dataclass(frozen=True, slots=True)
class Words:
    """The number words of one language, in small letters.

    Attributes:
        cardinals: Also of several words: "on iki".
        ordinal_stems: Beginnings of ordinals that take endings, the longest first.
    """

    cardinals: Mapping[str, float]
    ordinals: Mapping[str, float]
    ordinal_stems: tuple[tuple[str, float], ...]

    def ordinal(self, word: str) -> float | None:
        """Return the rank that *word* says, if it says one."""
        if word in self.ordinals:
            return self.ordinals[word]
        return next((number for stem, number in self.ordinal_stems if word.startswith(stem)), None)


@lru_cache(maxsize=1)
def _rows() -> Mapping[str, tuple[tuple[str, float, tuple[str, ...]], ...]]:
    """Return (kind, number, forms) of each language."""
    found: dict[str, list[tuple[str, float, tuple[str, ...]]]] = defaultdict(list)
    for name in ("numbers.tsv", "spoken.tsv"):
        for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
            lang, kind, number, *forms = line.split("\t")
            found[lang].append((kind, float(number), tuple(forms)))
    return {lang: tuple(rows) for lang, rows in found.items()}


def spells(lang: str) -> bool:
    """Tell whether the number words of *lang* can be read."""
    return lang in _UNSPACED or lang in _rows()


@lru_cache(maxsize=64)
def words_of(lang: str) -> Words:
    """Return the number words of *lang*, of common languages together where it is not known."""
    langs = (lang,) if lang in _rows() else (("en",) if lang in _UNSPACED else _COMMON)
    cardinals: dict[str, float] = {}
    ordinals: dict[str, float] = {}
    for each in langs:
        for kind, number, forms in _rows()[each]:
            (cardinals if kind == "cardinal" else ordinals).update(dict.fromkeys(forms, number))
    if len(langs) > 1:
        english = words_of("en").cardinals
        cardinals = {word: n for word, n in cardinals.items() if word not in _AMBIGUOUS or word in english}
        ordinals = {word: n for word, n in ordinals.items() if word not in _AMBIGUOUS - {"second"}}
    stems = [(form[:-1], number) for form, number in ordinals.items() if form.endswith("*")]
    return Words(cardinals, ordinals, tuple(sorted(stems, key=lambda each: -len(each[0]))))
