"""Whether a text reads like a language: the probability of each character after the one before.

The probabilities are those of the vocabulary of the bundled embedder (250,000 pieces of
words in 100 languages, with their frequencies), as pairs of neighbouring characters. A font
that says wrongly which characters its glyphs are gives text whose pairs occur in no
language. `bench/characters.py` makes the table and measures the limits.
"""

import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.types import Vector

__all__ = ["SCALE", "TABLE", "is_noise", "likelihoods"]

TABLE = Path(__file__).with_name("characters.npz")
SCALE = 0.1
"""What one step of a stored logarithm is worth."""

# Mean natural logarithms below which a text is noise, between the least of clean text in that script
# and the most of text in wrong characters: docs/decisions/0036-noise.md.
_LIMITS = {"latin": -5.6, "han": -11.6, "hangul": -10.4}
_LEAST_PAIRS = 40
_UNKNOWN = -17.0
_START = "\u2581"
_PUNCTUATION = ".,;:!?()[]{}\"'«»“”’‘–—-…"
# In so many blocks of 256 characters no language is at home.
_MOST_BLOCKS = 12
_LEAST_EVENNESS = 0.12

Codes = npt.NDArray[np.int64]


def is_noise(text: str) -> bool:
    """Tell whether *text* is in wrong characters; text too short to tell is not."""
    chars = "".join(text.split())
    if not chars:
        return False
    if sum(
        unicodedata.category(char) in ("Cc", "Co", "Cn", "Cs") or char == "\ufffd" for char in chars
    ) > 0.3 * len(chars):
        return True
    if _is_scattered(chars):
        return True
    limit = _LIMITS.get(_script(chars))
    found = likelihoods(text)
    return limit is not None and len(found) >= _LEAST_PAIRS and float(found.mean()) < limit


def likelihoods(text: str) -> Vector:
    """Return the natural logarithm of the probability of each letter of *text* after the one before.

    Words with digits are left out: codes are in no vocabulary. Words in capitals count as if they were not.
    """
    words = (word.strip(_PUNCTUATION) for word in unicodedata.normalize("NFC", text).split())
    plain = [word.lower() if word.isupper() else word for word in words if not any(map(str.isdigit, word))]
    codes = np.array([ord(char) for word in plain if word for char in _START + word], np.int64)
    if len(codes) < 2:
        return np.zeros(0, np.float32)
    first, second = codes[:-1], codes[1:]
    inside = second != ord(_START)
    return _pairs(first[inside], second[inside])


def _pairs(first: Codes, second: Codes) -> Vector:
    table = _table()
    keys = first << 21 | second
    at = np.minimum(np.searchsorted(table["pairs"], keys), len(table["pairs"]) - 1)
    known = table["pairs"][at] == keys
    alone = _looked_up(second, "alone", _UNKNOWN) + _looked_up(first, "rest", 0.0)
    return np.where(known, table["after"][at] * np.float32(SCALE), alone).astype(np.float32)


def _looked_up(codes: Codes, name: str, default: float) -> Vector:
    table = _table()
    at = np.minimum(np.searchsorted(table["chars"], codes), len(table["chars"]) - 1)
    return np.where(table["chars"][at] == codes, table[name][at] * np.float32(SCALE), np.float32(default))


@cache
def _table() -> dict[str, npt.NDArray[np.int64]]:
    with np.load(TABLE, allow_pickle=False) as stored:
        return {
            "chars": stored["chars"].astype(np.int64),
            "alone": -stored["alone"].astype(np.int64),
            "rest": -stored["rest"].astype(np.int64),
            "pairs": stored["firsts"].astype(np.int64) << 21 | stored["seconds"].astype(np.int64),
            "after": -stored["after"].astype(np.int64),
        }


def _script(chars: str) -> str:
    """Return the script of most letters of *chars*: latin, han (with kana), hangul, or other."""
    counts = dict.fromkeys(("latin", "han", "hangul", "other"), 0)
    for char in chars:
        counts[_script_of(char)] += 1
    return max(counts, key=counts.__getitem__)


def _script_of(char: str) -> str:
    if char < "\u0250" or "\u1e00" <= char < "\u1f00" or "\u2000" <= char < "\u2c00":
        return "latin"
    if "\u3040" <= char < "\u3130" or "\u3400" <= char < "\ua000" or "\uf900" <= char < "\ufb00":
        return "han"
    return "hangul" if "\uac00" <= char < "\ud7b0" else "other"


def _is_scattered(chars: str) -> bool:
    """Tell whether letters come from everywhere, as when numbers of glyphs are taken for characters.

    Chinese and Japanese are spread by nature, and so is Korean; they are left to the probabilities.
    """
    if len(chars) < 2 * _LEAST_PAIRS or _script(chars) in ("han", "hangul"):
        return False
    blocks: dict[int, int] = {}
    for char in chars:
        blocks[ord(char) >> 8] = blocks.get(ord(char) >> 8, 0) + 1
    evenness = sum(count * count for count in blocks.values()) / len(chars) ** 2
    return len(blocks) > _MOST_BLOCKS and evenness < _LEAST_EVENNESS
