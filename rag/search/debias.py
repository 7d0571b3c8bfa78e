"""Language-bias removal: make vectors of different languages comparable.

Multilingual embeddings cluster by language, so that a question prefers passages
in its own language over better ones in another. Subtracting the mean vector of
its language from each vector (Libovický, Rosa and Fraser 2020, "centering") takes
that away; weighing down the directions in which translations of one text still
differ (Hatch, Kajarekar and Stolcke 2006, "within-class covariance
normalization") brings them nearer once more. Which language a text has is decided
by `rag.text.languages`; means and weights come from `bench/language_means.py`. What
else was tried, and the figures: docs/decisions/0006-language-bias.md.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Final

import numpy as np

from rag.types import UNDETERMINED, Matrix, Vector

__all__ = ["ESTIMATED", "UNCHANGED", "LanguageMeans", "estimated", "means_for", "shares"]


@dataclass(frozen=True, slots=True)
class LanguageMeans:
    """Mean vectors by language, for questions and for passages; empty changes nothing.

    Attributes:
        name: Changes whenever results would.
        query: BCP 47 primary tag to mean question vector, ``und`` for any other language.
        passage: The same for passages.
        whitening: Applied to what is left, shape ``(dim, dim)``, symmetric; None changes nothing.
    """

    name: str
    query: Mapping[str, Vector]
    passage: Mapping[str, Vector]
    whitening: Matrix | None = None

    def passages(self, vectors: Matrix, langs: Sequence[str]) -> Matrix:
        """Return unit rows without the bias of their languages, shape ``(n, dim)``.

        Args:
            vectors: Unit rows, shape ``(n, dim)``.
            langs: Language of each row.
        """
        return _mapped(vectors, langs, self.passage, self.whitening)

    def question(self, vector: Vector, lang: str) -> Vector:
        """Return the unit vector of a question without the bias of its language."""
        mapped: Vector = self.questions(vector[np.newaxis], [lang])[0]
        return mapped

    def passage_tokens(self, tokens: Matrix, lang: str) -> Matrix:
        """Return the tokens of one passage without the bias of its language, of any length, ``(n, dim)``."""
        if self.whitening is None:
            return tokens
        mean = self.passage.get(lang, self.passage[UNDETERMINED])
        moved: Matrix = np.matmul(tokens - mean, self.whitening, dtype=np.float32)
        return moved

    def questions(self, vectors: Matrix, langs: Sequence[str]) -> Matrix:
        """Return what `passages` does, of questions or their tokens."""
        return _mapped(vectors, langs, self.query, self.whitening)


# Of what the vectors of all languages share, this much stays in them. Taking all of it
# costs a collection in one language .02 MRR, taking none costs search across languages as
# much; on each of thirteen sets 0.3 is at least as good as 0 (decision 0006).
_SHARED_KEPT: Final = 0.3

UNCHANGED: Final = LanguageMeans("unchanged", {}, {})
"""For baselines, and for collections in which no language is known."""

ESTIMATED: Final = "centred on itself"
"""Name of every `estimated`: of one collection there is one."""

# A language counts as if it had this many passages more, which lie at the mean of all:
# in a language of two passages the mean is what they say, not how.
_FEW: Final = 10


def means_for(embedder_fingerprint: str) -> LanguageMeans:
    """Return the shipped means if they are of this embedder's model, else `UNCHANGED`."""
    model, means = _shipped()
    return means if embedder_fingerprint.startswith(model) else UNCHANGED


def estimated(vectors: Matrix, langs: Sequence[str]) -> LanguageMeans:
    """Return the means of a collection itself, for an embedder of which none are shipped.

    Questions are not known beforehand, so those of the passages stand for both sides.

    Args:
        vectors: Unit rows of all passages, shape ``(n, dim)``.
        langs: Language of each row.
    """
    known = sorted({*langs} - {UNDETERMINED})
    if not known:
        return UNCHANGED
    whole = vectors.mean(axis=0, dtype=np.float64)
    tags = np.array(langs)
    groups = [vectors[tags == lang] for lang in known]
    means = [(rows.sum(axis=0, dtype=np.float64) + _FEW * whole) / (len(rows) + _FEW) for rows in groups]
    side = shares(known, np.array(means, np.float32))
    return LanguageMeans(ESTIMATED, side, side)


def _mapped(
    vectors: Matrix, langs: Sequence[str], means: Mapping[str, Vector], whitening: Matrix | None
) -> Matrix:
    if not means or not len(vectors):
        return vectors
    moved = vectors - np.stack([means.get(lang, means[UNDETERMINED]) for lang in langs])
    if whitening is not None:
        # In float64: how float32 sums are rounded depends on how many rows are
        # multiplied at once, and equal passages would not tie.
        moved = (moved.astype(np.float64) @ whitening).astype(np.float32)
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    # A text that says nothing but its language has no direction left; it keeps its own.
    mapped: Matrix = np.where(norms > 1e-6, moved / np.maximum(norms, 1e-6), vectors)
    return mapped


@lru_cache(maxsize=1)
def _shipped() -> tuple[str, LanguageMeans]:
    with as_file(files("rag.search") / "means.npz") as path, np.load(path, allow_pickle=False) as table:
        langs = [str(lang) for lang in table["langs"]]
        query, passage = (shares(langs, table[side].astype(np.float32)) for side in ("query", "passage"))
        whitening = table["whitening"].astype(np.float32)
        model = str(table["model"])
    content = b"".join(each.tobytes() for each in (*query.values(), *passage.values(), whitening))
    digest = hashlib.sha256(repr((model, langs)).encode() + content)
    return model, LanguageMeans(f"whitened {digest.hexdigest()[:16]}", query, passage, whitening)


def shares(langs: Sequence[str], means: Matrix) -> dict[str, Vector]:
    """Return how much of its mean is subtracted for each of *langs*, and for any other (``und``)."""
    shared = means.mean(axis=0)
    kept = np.float32(_SHARED_KEPT) * shared
    return dict(zip([*langs, UNDETERMINED], np.vstack([means, shared]) - kept, strict=True))
