"""Which paragraphs search finds near each paragraph: the hard negatives."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from rag.index.embed import BundledEmbedder
from rag.model.weights import read_weights
from rag.search.debias import means_for
from rag.types import Matrix
from train.sources import Sources

__all__ = ["near_paragraphs"]

NEAR = 12
_CHARS = 1200


def near_paragraphs(sources: Sources, cache: Path) -> Mapping[str, Sequence[str]]:
    """Return for each paragraph the ids of the nearest others in its own language, nearest first.

    A question's paragraph stands in for the question: what is near one is near the
    other, and there are four times fewer to embed. Vectors are kept in *cache*.
    """
    keys = sorted(sources.paragraphs)
    vectors = _vectors(sources, keys, cache)
    langs = np.array([sources.paragraphs[key].lang for key in keys])
    found: dict[str, list[str]] = {}
    for lang in sorted(set(langs)):
        rows = np.flatnonzero(langs == lang)
        near = np.argsort(-(vectors[rows] @ vectors[rows].T), axis=1)[:, 1 : NEAR + 1]
        for row, others in zip(rows, near, strict=True):
            found[keys[row]] = [keys[rows[other]] for other in others]
    return found


def _vectors(sources: Sources, keys: Sequence[str], cache: Path) -> Matrix:
    if cache.exists():
        with np.load(cache) as file:
            if file["keys"].tolist() == list(keys):
                kept: Matrix = file["vectors"]
                return kept
    embedder = BundledEmbedder(read_weights())
    vectors = embedder.embed_passages([sources.paragraphs[key].text[:_CHARS] for key in keys])
    means = means_for(embedder.fingerprint)
    vectors = means.passages(vectors, [sources.paragraphs[key].lang for key in keys])
    np.savez(cache, keys=np.array(keys), vectors=vectors)
    return vectors
