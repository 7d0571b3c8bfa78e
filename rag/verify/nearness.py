"""How near two statements are in meaning, whatever their languages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from rag.protocols import Embedder
from rag.search.debias import LanguageMeans
from rag.types import Matrix, Vector

__all__ = ["RememberingScorer", "Scorer", "Statement", "VectorScorer"]


class Scorer(Protocol):
    """Tells how near statements are in meaning, whatever their languages."""

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        """Return unit rows whose inner products are comparable across languages."""
        ...


@dataclass(frozen=True, slots=True)
class VectorScorer:
    """By the embedder, without the bias of the languages (see `rag.search.debias`)."""

    embedder: Embedder
    means: LanguageMeans

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        """Return unit rows, float32, shape ``(len(texts), dim)``."""
        if not texts:
            return np.empty((0, self.embedder.dim), np.float32)
        return self.means.passages(self.embedder.embed_passages(texts), langs)


@dataclass(frozen=True, slots=True)
class RememberingScorer:
    """Asks *scorer* once for each text: clauses, sentences and pairs of them come again and again."""

    scorer: Scorer
    _known: dict[tuple[str, str], Vector] = field(default_factory=dict)

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        """Return unit rows, as *scorer* does."""
        if not texts:
            return self.scorer.vectors(texts, langs)
        pairs = list(zip(texts, langs, strict=True))
        fresh = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        if fresh:
            rows = self.scorer.vectors([text for text, _ in fresh], [lang for _, lang in fresh])
            self._known.update(zip(fresh, rows, strict=True))
        return np.stack([self._known[pair] for pair in pairs])


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence and its language."""

    text: str
    lang: str
