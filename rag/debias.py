"""Language-bias removal: make vectors of different languages comparable.

Multilingual embeddings cluster by language, so that a question prefers passages
in its own language over better ones in another. Subtracting the mean vector of
its language from each vector and normalising again (Libovický, Rosa and Fraser
2020, "centering") takes that away. Which language a text has is decided by
`rag.languages`; the means come from `bench/language_means.py`. What else was
tried, and the figures: docs/decisions/0006-language-bias.md.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Final

import numpy as np

from rag.types import UNDETERMINED, Matrix, Vector

__all__ = ["UNCHANGED", "LanguageMeans", "means_for"]


@dataclass(frozen=True, slots=True)
class LanguageMeans:
    """Mean vectors by language, for questions and for passages; empty changes nothing.

    Attributes:
        name: Changes whenever results would.
        query: BCP 47 primary tag to mean question vector, ``und`` for any other language.
        passage: The same for passages.
    """

    name: str
    query: Mapping[str, Vector]
    passage: Mapping[str, Vector]

    def passages(self, vectors: Matrix, langs: Sequence[str]) -> Matrix:
        """Return unit rows without the bias of their languages, shape ``(n, dim)``.

        Args:
            vectors: Unit rows, shape ``(n, dim)``.
            langs: Language of each row.
        """
        return _centred(vectors, langs, self.passage)

    def question(self, vector: Vector, lang: str) -> Vector:
        """Return the unit vector of a question without the bias of its language."""
        centred: Vector = _centred(vector[np.newaxis], [lang], self.query)[0]
        return centred


# Of what the vectors of all languages share, this much stays in them. Taking all of it
# costs a collection in one language .02 MRR, taking none costs search across languages as
# much; on each of thirteen sets 0.3 is at least as good as 0 (decision 0006).
_SHARED_KEPT: Final = 0.3

UNCHANGED: Final = LanguageMeans("unchanged", {}, {})
"""For embedders whose means are not known."""


def means_for(embedder_fingerprint: str) -> LanguageMeans:
    """Return the shipped means if they are of this embedder's model, else `UNCHANGED`."""
    model, means = _shipped()
    return means if embedder_fingerprint.startswith(model) else UNCHANGED


def _centred(vectors: Matrix, langs: Sequence[str], means: Mapping[str, Vector]) -> Matrix:
    if not means or not len(vectors):
        return vectors
    shifted = vectors - np.stack([means.get(lang, means[UNDETERMINED]) for lang in langs])
    norms = np.linalg.norm(shifted, axis=1, keepdims=True)
    # A text that says nothing but its language has no direction left; it keeps its own.
    centred: Matrix = np.where(norms > 1e-6, shifted / np.maximum(norms, 1e-6), vectors)
    return centred


@lru_cache(maxsize=1)
def _shipped() -> tuple[str, LanguageMeans]:
    with as_file(files("rag") / "means.npz") as path, np.load(path, allow_pickle=False) as table:
        langs = [str(lang) for lang in table["langs"]]
        sides = [_partial(table[side].astype(np.float32)) for side in ("query", "passage")]
        model = str(table["model"])
    digest = hashlib.sha256(repr((model, langs)).encode() + b"".join(side.tobytes() for side in sides))
    query, passage = (dict(zip([*langs, UNDETERMINED], side, strict=True)) for side in sides)
    return model, LanguageMeans(f"centred {digest.hexdigest()[:16]}", query, passage)


def _partial(means: Matrix) -> Matrix:
    """Return what is to be subtracted for each language, and last for any other."""
    shared = means.mean(axis=0)
    partial: Matrix = np.vstack([means, shared]) - np.float32(_SHARED_KEPT) * shared
    return partial
