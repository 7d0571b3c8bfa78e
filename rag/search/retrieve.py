"""From a question to its passages: both legs, the language bias removed, one ranking.

Decides which passages and in which order; whether they answer anything is for
`rag.read.evidence`.
"""

import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from rag.protocols import Embedder, Index, Reranker
from rag.search.debias import LanguageMeans
from rag.search.duplicates import first_of_each
from rag.search.fusion import coverage, fuse, refine
from rag.search.late import max_sims
from rag.search.rerank import reranked
from rag.text.characters import tokens
from rag.text.languages import detect
from rag.types import Hit, Matrix, Where

__all__ = ["DEPTH", "Retrieval", "Retriever"]

# Candidates that each leg hands to the fusion. A hundred find no more and take six
# milliseconds more (docs/retrieval.md).
DEPTH = 60
# By how much more is searched when too few of them differ.
_DEEPER = 4

# How many passages after the nearest are its runners-up, and how near they are at least.
_RUNNERS_UP = 5
_USUAL = 0.33
# The same by tokens: what the twentieth has in seven public collections of 200 to 240 passages.
_USUAL_BY_TOKENS = 0.30


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages of one question, and what `rag.read.evidence` weighs.

    Attributes:
        question: As it was searched for.
        lang: Detected language of the question, ``und`` if unsure.
        hits: Best first, ranks from 1.
        similarity: Inner product of the nearest passage, language bias removed.
        runners_up: Mean inner product of those that follow it, as `_runners_up` says.
        token_lead: By how much the best passage is nearer than the next five by their tokens;
            by their vectors where there are no tokens.
        covered: Largest `rag.search.fusion.coverage` among the hits.
    """

    question: str
    lang: str
    hits: tuple[Hit, ...]
    similarity: float
    runners_up: float
    token_lead: float
    covered: float

    @property
    def own_language(self) -> float:
        """Share of the passages that are in the language of the question."""
        return statistics.fmean(hit.chunk.lang == self.lang for hit in self.hits) if self.hits else 0.0


Ranking = Sequence[tuple[str, float]]
"""Ids with scores, best first."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What both legs returned, and one ranking of it."""

    dense: Ranking
    lexical: Ranking
    covered: Mapping[str, float]
    ranked: Ranking


@dataclass(frozen=True, slots=True)
class Retriever:
    """Find passages in one snapshot of an index.

    Attributes:
        collapse: Leave out passages that nearly repeat a better one.
        reranker: Puts the best passages in order, where one is wanted.
        rerank_depth: How many passages it reads, k at least.
        by_tokens: How many passages are compared token by token; ten more change nothing.
    """

    index: Index
    embedder: Embedder
    means: LanguageMeans
    collapse: bool = False
    reranker: Reranker | None = None
    rerank_depth: int = 20
    by_tokens: int = 20

    def retrieve(self, question: str, k: int, where: Where | None = None) -> Retrieval:
        """Return the best *k* passages for a cleaned *question*.

        Fewer come back only when fewer satisfy *where*, or fewer that differ.
        """
        where = where or Where()
        lang = detect(question)
        words = list(dict.fromkeys(tokens(question)))
        wanted = max(k, self.rerank_depth) if self.reranker else k
        depth = max(wanted, DEPTH)
        # Words are looked up while the model reads: both let go of the interpreter.
        with ThreadPoolExecutor(max_workers=1) as beside:
            lexical = beside.submit(self.index.lexical, words, depth, where)
            vector, question_tokens = self.embedder.read_query(question, lang)
        vector = self.means.question(vector, lang)
        found = self._merged(self.index.dense(vector, depth, where), lexical.result(), words)
        near = self._near(found.ranked, question_tokens)
        best = self._best(_refined(found, near), wanted)
        while len(best) < wanted and len(found.dense) == depth:
            depth *= _DEEPER
            legs = self.index.dense(vector, depth, where), self.index.lexical(words, depth, where)
            found = self._merged(*legs, words)
            near = self._near(found.ranked, question_tokens)
            best = self._best(_refined(found, near), wanted)
        best = self._reranked(question, best)[:k]
        similarities = [score for _, score in found.dense]
        return Retrieval(
            question=question,
            lang=lang,
            hits=self._hits(best, {"dense": found.dense, "lexical": found.lexical}),
            similarity=max(similarities, default=0.0),
            runners_up=_runners_up(similarities, _USUAL),
            token_lead=_lead(sorted(near, reverse=True), _USUAL_BY_TOKENS)
            if near
            else _lead(similarities, _USUAL),
            covered=max((found.covered[chunk_id] for chunk_id, _ in best), default=0.0),
        )

    def _merged(self, dense: Ranking, lexical: Ranking, words: Sequence[str]) -> _Found:
        candidates = list(dict.fromkeys(chunk_id for chunk_id, _ in [*dense, *lexical]))
        covered = self._coverage(words, candidates)
        langs = dict(zip(candidates, self.index.langs(candidates), strict=True))
        return _Found(dense, lexical, covered, fuse(dict(dense), covered, langs))

    def _near(self, ranked: Ranking, question_tokens: Matrix) -> list[float]:
        """Return how near the best passages are by their tokens; nothing where no tokens are known."""
        signs = self.index.signs([name for name, _ in ranked[: self.by_tokens]])
        return max_sims(question_tokens, signs) if len(question_tokens) and any(signs) else []

    def _best(self, ranked: Ranking, k: int) -> Ranking:
        if not self.collapse:
            return ranked[:k]
        texts = (self.index.chunks([chunk_id])[0].text for chunk_id, _ in ranked)
        return [ranked[place] for place in islice(first_of_each(texts), k)]

    def _reranked(self, question: str, best: Ranking) -> Ranking:
        if not self.reranker:
            return best
        chunks = self.index.chunks([chunk_id for chunk_id, _ in best])
        return reranked(self.reranker, question, best, [chunk.text for chunk in chunks])

    def _coverage(self, words: Sequence[str], chunk_ids: Sequence[str]) -> dict[str, float]:
        idf = self.index.idf(words)
        held = self.index.matches(words, chunk_ids)
        return {chunk_id: coverage(idf, matched) for chunk_id, matched in held.items()}

    def _hits(self, ranked: Ranking, legs: Mapping[str, Ranking]) -> tuple[Hit, ...]:
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


def _refined(found: _Found, near: Sequence[float]) -> Ranking:
    return refine(found.ranked, [score for _, score in found.dense], near)


def _lead(scores: Sequence[float], usual: float) -> float:
    return scores[0] - _runners_up(scores, usual) if scores else 0.0


def _runners_up(scores: Sequence[float], usual: float) -> float:
    """Return the mean of the five scores after the first, *usual* at least.

    0.33 is the mean of the hundred nearest over seven public collections of 200 to
    1,200 passages. In an index of three, the next ones are about something else, and
    any passage would seem to stand out.
    """
    following = scores[1 : 1 + _RUNNERS_UP]
    return max(usual, statistics.fmean(following)) if following else usual
