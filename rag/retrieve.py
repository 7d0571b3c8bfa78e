"""From a question to its passages: both legs, the language bias removed, one ranking.

Decides which passages and in which order; whether they answer anything is for
`rag.evidence`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.debias import LanguageMeans
from rag.fusion import coverage, fuse
from rag.languages import detect
from rag.protocols import Embedder, Index
from rag.text import tokens
from rag.types import Hit, Where

__all__ = ["DEPTH", "Retrieval", "Retriever"]

# Candidates that each leg hands to the fusion. Past the hundredth the dense score
# differs by less than the noise between two phrasings of one question.
DEPTH = 100

# Towards what, and with the weight of how many passages, `Retrieval.usual` is drawn.
_USUAL = 0.33
_FEW = 10


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages of one question, and what `rag.evidence` weighs.

    Attributes:
        lang: Detected language of the question, ``und`` if unsure.
        hits: Best first, ranks from 1.
        similarity: Inner product of the nearest passage, language bias removed.
        usual: Mean inner product of the `DEPTH` nearest passages, as `_usual` says.
        covered: Largest `rag.fusion.coverage` among the hits.
    """

    lang: str
    hits: tuple[Hit, ...]
    similarity: float
    usual: float
    covered: float

    @property
    def is_same_language(self) -> bool:
        """Whether the best passage is in the language of the question."""
        return bool(self.hits) and self.hits[0].chunk.lang == self.lang


@dataclass(frozen=True, slots=True)
class Retriever:
    """Find passages in one snapshot of an index."""

    index: Index
    embedder: Embedder
    means: LanguageMeans

    def retrieve(self, question: str, k: int, where: Where | None = None) -> Retrieval:
        """Return the best *k* passages for a cleaned *question*.

        Fewer come back only when fewer satisfy *where*.
        """
        where = where or Where()
        lang = detect(question)
        vector = self.means.question(self.embedder.embed_query(question), lang)
        words = list(dict.fromkeys(tokens(question)))
        depth = max(k, DEPTH)
        dense = self.index.dense(vector, depth, where)
        lexical = self.index.lexical(words, depth, where)
        candidates = list(dict.fromkeys(chunk_id for chunk_id, _ in dense + lexical))
        covered = self._coverage(words, candidates)
        langs = dict(zip(candidates, self.index.langs(candidates), strict=True))
        ranked = fuse(dict(dense), covered, langs)[:k]
        return Retrieval(
            lang=lang,
            hits=self._hits(ranked, {"dense": dense, "lexical": lexical}),
            similarity=max((score for _, score in dense), default=0.0),
            usual=_usual([score for _, score in dense]),
            covered=max((covered[chunk_id] for chunk_id, _ in ranked), default=0.0),
        )

    def _coverage(self, words: Sequence[str], chunk_ids: Sequence[str]) -> dict[str, float]:
        idf = self.index.idf(words)
        held = self.index.matches(words, chunk_ids)
        return {chunk_id: coverage(idf, matched) for chunk_id, matched in held.items()}

    def _hits(
        self, ranked: Sequence[tuple[str, float]], legs: dict[str, list[tuple[str, float]]]
    ) -> tuple[Hit, ...]:
        places = {
            leg: {chunk_id: place for place, (chunk_id, _) in enumerate(found, start=1)}
            for leg, found in legs.items()
        }
        chunks = self.index.chunks([chunk_id for chunk_id, _ in ranked])
        return tuple(
            Hit(
                chunk=chunk,
                score=score,
                rank=rank,
                ranks={leg: of[chunk.chunk_id] for leg, of in places.items() if chunk.chunk_id in of},
                title=self.index.title(chunk.doc_id),
            )
            for rank, (chunk, (_, score)) in enumerate(zip(chunks, ranked, strict=True), start=1)
        )


def _usual(scores: Sequence[float]) -> float:
    """Return the mean of *scores*, drawn towards 0.33 where they are few.

    0.33 is the mean over seven public collections of 200 to 1,200 passages. In a
    collection of six, the mean of all passages would be far below it, and any
    passage would seem to stand out.
    """
    return (math.fsum(scores) + _FEW * _USUAL) / (len(scores) + _FEW)
