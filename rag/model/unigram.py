"""Text into the token ids of the bundled model: a SentencePiece unigram tokenizer.

Written out here because the library that does it spends 0.8 s on building its
trie at every start, where a dictionary takes 0.1 s. A word's best segmentation
is found with Viterbi's algorithm and remembered, so a word that comes again
costs one look-up.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from rag.model.weights import Weights

__all__ = ["Unigram"]

_SPACE = "\u2581"
# Kudo's tokenizers rate a character outside the vocabulary ten below the rarest piece.
_UNKNOWN_PENALTY = 10.0


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
        self._word_ids = lru_cache(maxsize=1 << 15)(self._segmented)

    def ids(self, text: str) -> list[int]:
        """Return the token ids of *text*, without begin and end marks.

        NFC comes first because the map knows single code points only: without
        it a Korean syllable in NFD would be read as three letters.
        """
        normal = unicodedata.normalize("NFC", text).translate(self._normalisation)
        return [id_ for word in unicodedata.normalize("NFC", normal).split() for id_ in self._word_ids(word)]

    def _segmented(self, word: str) -> tuple[int, ...]:
        path = list(self._best_path(_SPACE + word))[::-1]
        # Neighbouring unknown characters are one unknown token.
        return tuple(id_ for id_, run in groupby(path) for id_ in ([id_] if id_ == self._unk else run))

    def _best_path(self, word: str) -> Iterator[int]:
        """Yield the ids of the best segmentation, last piece first."""
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
            size, id_ = came[size]
            yield id_
