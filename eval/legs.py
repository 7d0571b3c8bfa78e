"""Rankings to compare: the retriever in force, its legs alone, and what other systems do with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rag.errors import EvalDataError
from rag.search.retrieve import Retriever
from rag.text.characters import tokens
from rag.types import Where

__all__ = ["LEGS", "OURS", "Leg", "chosen"]

Leg = Callable[[Retriever, str, int], list[str]]
"""From a retriever, a question and k to chunk ids, best first."""

# Of each leg, what the baselines merge.
_DEPTH = 100
RRF_K = 60
"""Cormack, Clarke and Büttcher (2009)."""


def _ours(retriever: Retriever, question: str, k: int) -> list[str]:
    return [hit.chunk.chunk_id for hit in retriever.retrieve(question, k).hits]


def _fused(retriever: Retriever, question: str, k: int) -> list[str]:
    """Ours without late interaction: what the two legs say."""
    return _ours(replace(retriever, by_tokens=0), question, k)


def _dense(retriever: Retriever, question: str, k: int) -> list[str]:
    return list(_dense_scores(retriever, question, k))


def _lexical(retriever: Retriever, question: str, k: int) -> list[str]:
    return list(_lexical_scores(retriever, question, k))


def _rrf(retriever: Retriever, question: str, k: int) -> list[str]:
    """Reciprocal rank fusion of both legs."""
    fused: dict[str, float] = {}
    for leg in (_dense_scores, _lexical_scores):
        for rank, key in enumerate(leg(retriever, question, _DEPTH), start=1):
            fused[key] = fused.get(key, 0.0) + 1 / (RRF_K + rank)
    return _best(fused, k)


def _fixed(retriever: Retriever, question: str, k: int) -> list[str]:
    """Half and half of both legs' min-max scores, the usual hybrid."""
    fused: dict[str, float] = {}
    for leg in (_dense_scores, _lexical_scores):
        for key, score in _min_max(leg(retriever, question, _DEPTH)).items():
            fused[key] = fused.get(key, 0.0) + 0.5 * score
    return _best(fused, k)


def _dense_scores(retriever: Retriever, question: str, k: int) -> dict[str, float]:
    """Return the nearest passages by plain cosine: the retriever must hold no language means."""
    return dict(retriever.index.dense(retriever.embedder.embed_query(question), k, Where()))


def _lexical_scores(retriever: Retriever, question: str, k: int) -> dict[str, float]:
    return dict(retriever.index.lexical(list(dict.fromkeys(tokens(question))), k, Where()))


def _min_max(scores: Mapping[str, float]) -> dict[str, float]:
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    return {key: (score - low) / ((high - low) or 1.0) for key, score in scores.items()}


def _best(scores: Mapping[str, float], k: int) -> list[str]:
    return sorted(scores, key=lambda key: (-scores[key], key))[:k]


LEGS: Mapping[str, Leg] = {
    "ours": _ours,
    "fused": _fused,
    "dense": _dense,
    "lexical": _lexical,
    "rrf": _rrf,
    "fixed": _fixed,
}


OURS = ("ours", "fused")
"""Legs of the retriever in force; the others know nothing of languages."""


def chosen(names: Sequence[str]) -> list[str]:
    """Return *names*, or all legs when there is none.

    Raises:
        EvalDataError: There is no such leg.
    """
    for name in names:
        if name not in LEGS:
            raise EvalDataError(f"There is no leg {name!r}. There are: {', '.join(LEGS)}.")
    return list(names or LEGS)
