"""Reranking: a cross-encoder reads question and passage together and puts the first ones in order.

Off by default: it takes seconds on a CPU, and many models are worse than no reranking
(docs/decisions/0020-rerank.md). Decides how such a model is asked; which passages
it is given is for `rag.search.retrieve`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import ConfigError
from rag.model.hub import opened
from rag.protocols import Reranker

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

__all__ = ["CrossEncoderReranker", "reranked"]

Ranking = Sequence[tuple[str, float]]


def reranked(reranker: Reranker, question: str, ranked: Ranking, texts: Sequence[str]) -> Ranking:
    """Return the ids of *ranked* with the scores of *reranker*, best first, ties as they stood.

    Args:
        ranked: Ids with scores, best first.
        texts: The passage of each.
    """
    scores = reranker.scores(question, texts) if texts else []
    scored = [(key, score) for (key, _), score in zip(ranked, scores, strict=True)]
    return sorted(scored, key=lambda pair: -pair[1])


class CrossEncoderReranker:
    """Any reranker that sentence-transformers can load.

    Args:
        name: A folder, or a model name on the Hugging Face hub, which is downloaded
            unless it has been before.

    Raises:
        ConfigError: The model cannot be found or scores no pairs, or what runs it is not installed.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._model: CrossEncoder = opened("CrossEncoder", "Reranker", name, "a folder with a cross-encoder")
        made_for = getattr(self._model.config, "architectures", None) or []
        if self._model.num_labels != 1 or all(kind.endswith("Model") for kind in made_for):
            raise ConfigError(
                f"{name!r} is no reranker: {', '.join(made_for)} with {self._model.num_labels} labels gives "
                f"no score. Set rerank to a cross-encoder, or to nothing."
            )

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers *question*, higher is better, any range.

        Raises:
            ConfigError: The model gives no finite number.
        """
        pairs = [(question, text) for text in texts]
        found = np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float64).reshape(-1)
        if not np.isfinite(found).all():
            raise ConfigError(f"Reranker {self._name!r} scores with NaN or infinity. Set rerank to another.")
        return [float(score) for score in found]
