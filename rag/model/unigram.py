"""Text into the token ids of the bundled model: a SentencePiece unigram tokenizer.

Written out here because the library that does it spends 0.8 s on building its
trie at every start, where a dictionary takes 0.1 s. A word's best segmentation
is found with Viterbi's algorithm and remembered, so a word that comes again
costs one look-up.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from rag.model.weights import Weights

__all__ = ["Piece", "Unigram", "tokenizer"]

_SPACE = "\u2581"
# Kudo's tokenizers rate a character outside the vocabulary ten below the rarest piece.
_UNKNOWN_PENALTY = 10.0
_WORD = re.compile(r"\S+")


class Piece(NamedTuple):
    """A token and the code points of the text that it stands for."""

    id: int
    start: int
    end: int


@cache
def tokenizer(weights: Weights) -> "Unigram":
    """Return the tokenizer of *weights*, one for the process: embedder and reader share it."""
    return Unigram(weights)


class Unigram:
    """Cuts text into the most probable sequence of vocabulary pieces."""

    def __init__(self, weights: Weights) -> None:
        # Control pieces are never found in text: "<s>" in a document is three characters.
        self._ids = {
            piece: id_
            for id_, piece in enumerate(weights.pieces)
            if not (piece.startswith("<") and piece.endswith(">") and weights.scores[id_] == 0)
        }
        self._scores: list[float] = weights.scores.tolist()
        self._unk = weights.unk
        self._unk_score = min(self._scores) - _UNKNOWN_PENALTY
        self._longest = max(map(len, self._ids))
        self._normalisation = weights.normalisation
        self._word_pieces = lru_cache(maxsize=1 << 15)(self._segmented)

    def ids(self, text: str) -> list[int]:
        """Return the token ids of *text*, without begin and end marks.

        NFC comes first because the map knows single code points only: without
        it a Korean syllable in NFD would be read as three letters.
        """
        normal = unicodedata.normalize("NFC", text).translate(self._normalisation)
        words = unicodedata.normalize("NFC", normal).split()
        return [id_ for word in words for id_, _ in self._word_pieces(word)]

    def pieces(self, text: str) -> list[Piece]:
        """Return the tokens of *text* with the code points they stand for, ``text[start:end]``.

        The ids are those of `ids`. Where normalisation changes the length of a word ("㎞"),
        each of its tokens stands for the whole word.
        """
        found: list[Piece] = []
        for match in _WORD.finditer(text):
            normal = unicodedata.normalize("NFC", match[0]).translate(self._normalisation)
            words = unicodedata.normalize("NFC", normal).split()
            is_exact = len(words) == 1 and len(words[0]) == len(match[0])
            at = match.start()
            for id_, length in (piece for word in words for piece in self._word_pieces(word)):
                end = at + length
                found.append(Piece(id_, at, end) if is_exact else Piece(id_, *match.span()))
                at = end
        return found

    def _segmented(self, word: str) -> tuple[tuple[int, int], ...]:
        """Return the pieces of a word, each as its id and how many characters it takes."""
        path = list(self._best_path(_SPACE + word))[::-1]
        # Neighbouring unknown characters are one unknown token.
        merged: list[tuple[int, int]] = []
        for id_, length in path:
            if merged and id_ == merged[-1][0] == self._unk:
                merged[-1] = (id_, merged[-1][1] + length)
            else:
                merged.append((id_, length))
        first, length = merged[0]
        return ((first, length - len(_SPACE)), *merged[1:])

    def _best_path(self, word: str) -> Iterator[tuple[int, int]]:
        """Yield id and length of the pieces of the best segmentation, last piece first."""
        size = len(word)
        best = [0.0] + [float("-inf")] * size
        came: list[tuple[int, int]] = [(0, self._unk)] * (size + 1)
        for start in range(size):
            for end in range(start + 1, min(start + self._longest, size) + 1):
                id_ = self._ids.get(word[start:end])
                if id_ is None and end > start + 1:
                    continue
                score = best[start] + (self._unk_score if id_ is None else self._scores[id_])
                if score > best[end]:
                    best[end] = score
                    came[end] = (start, self._unk if id_ is None else id_)
        while size:
            start, id_ = came[size]
            yield id_, size - start
            size = start
