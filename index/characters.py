"""Whether a text reads like a language: the probability of each character after the one before.

The probabilities are those of the vocabulary of the bundled embedder (250,000 pieces of
words in 100 languages, with their frequencies), as pairs of neighbouring characters. A font
that says wrongly which characters its glyphs are gives text whose pairs occur in no
language. `bench/characters.py` makes the table and measures the limits.
"""

import re
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
_LIMITS = {"latin": -5.3, "han": -11.6, "hangul": -10.4}
_LEAST_PAIRS = 40
_UNKNOWN = -17.0
_START = "\u2581"
# By code; what is beyond the table counts as its last, which is none.
_PUNCTUATION = np.zeros(0x2028, np.bool_)
_PUNCTUATION[list(map(ord, ".,;:!?()[]{}\"'«»“”’‘–—-…"))] = True
_DIGIT = re.compile(r"\d")
_SCRIPTS = {
    "latin": ((0x20, 0x250), (0x1E00, 0x1F00), (0x2000, 0x2C00)),
    "han": ((0x3000, 0x3130), (0x3400, 0xA000), (0xF900, 0xFB00), (0xFF00, 0xFF60)),
    "hangul": ((0xAC00, 0xD7B0),),
}
# Controls, private use, and the sign for what could not be read.
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ue000-\uf8ff\ufff0-\ufffd\U000f0000-\U0010ffff]")
_MOST_NO_TEXT = 0.3
# The chance that two letters are of one block of 256: .3 and more in every alphabet.
_LEAST_EVENNESS = 0.15

Codes = npt.NDArray[np.int64]


def is_noise(text: str) -> bool:
    """Tell whether *text* is in wrong characters; text too short to tell is not."""
    letters = "".join(text.split())
    if len(_NO_TEXT.findall(letters)) > _MOST_NO_TEXT * len(letters):
        return True
    if len(letters) <= _LEAST_PAIRS:
        return False
    script = "latin"
    if not letters.isascii():
        codes = _codes(letters)
        script = max(_SCRIPTS, key=lambda name: _share(codes, _SCRIPTS[name]))
        if _share(codes, _SCRIPTS[script]) < 0.5:
            return _is_scattered(codes)
    found = likelihoods(text)
    return len(found) >= _LEAST_PAIRS and float(found.mean()) < _LIMITS[script]


def likelihoods(text: str) -> Vector:
    """Return the natural logarithm of the probability of each letter of *text* after the one before.

    Words with digits are left out: codes are in no vocabulary. Capitals count as small letters.
    """
    words = unicodedata.normalize("NFC", text.lower()).split()
    codes = _codes(" ".join(word for word in words if not _DIGIT.search(word)) + " ")
    is_space = codes == ord(" ")
    at_edge = np.zeros_like(is_space)
    at_edge[1:] |= is_space[:-1]
    at_edge[:-1] |= is_space[1:]
    codes[is_space | (at_edge & _PUNCTUATION[np.minimum(codes, len(_PUNCTUATION) - 1)])] = ord(_START)
    first, second = codes[:-1], codes[1:]
    inside = (second != ord(_START)) & ~_is_rare(first) & ~_is_rare(second)
    return _pairs(first[inside], second[inside])


def _is_rare(codes: Codes) -> npt.NDArray[np.bool_]:
    """Tell letters and marks that the vocabulary hardly has, in languages that it hardly has: Yoruba, Ewe."""
    return ((codes >= 0x180) & (codes < 0x370)) | ((codes >= 0x1E00) & (codes < 0x1F00))


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32).astype(np.int64)


def _share(codes: Codes, ranges: tuple[tuple[int, int], ...]) -> float:
    """Return the share of *codes* that lie in *ranges*."""
    return float(
        sum(np.count_nonzero((codes >= start) & (codes < end)) for start, end in ranges) / len(codes)
    )


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


def _is_scattered(codes: Codes) -> bool:
    """Tell whether letters come from everywhere, as when numbers of glyphs are taken for characters."""
    counts = np.bincount(codes >> 8)
    evenness = float((counts / len(codes)) @ (counts / len(codes)))
    return len(codes) >= 2 * _LEAST_PAIRS and evenness < _LEAST_EVENNESS
