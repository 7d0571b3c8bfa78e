"""The composition root: from `Settings` to the objects that do the work, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.assistant import Assistant
from rag.debias import means_for
from rag.index import chunk
from rag.index.dense import Transform
from rag.index.embed import open_embedder
from rag.index.snapshot import Snapshot, open_snapshot
from rag.index.store import Identity, Writer, open_writer
from rag.llm.extractive import Extractive
from rag.protocols import LLM, Embedder
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.ui.remember import RememberingEmbedder

__all__ = [
    "embedder",
    "generations",
    "open_assistant",
    "open_index",
    "open_retriever",
    "open_stored",
    "transform",
    "writer",
]

# For readers that look at documents and never search.
_UNSEARCHED = Transform("unsearched", lambda vectors, _: vectors)


def embedder(settings: Settings) -> Embedder:
    """Return the embedder in force."""
    return open_embedder(settings.embedder)


def transform(model: Embedder) -> Transform:
    """Return what is done to the vectors of *model* before they are searched."""
    means = means_for(model.fingerprint)
    return Transform(means.name, means.passages)


def identity(settings: Settings, model: Embedder) -> Identity:
    """Return what an index must have been built with to be used with *settings*."""
    kept = "+boilerplate" if settings.keep_boilerplate else ""
    return Identity(embedder=model.fingerprint, chunker=chunk.FINGERPRINT + kept, dim=model.dim)


def writer(settings: Settings, model: Embedder, *, rebuild: bool = False) -> Writer:
    """Return the one writer of the index. Raises `IndexBusy`, `IndexMismatch`."""
    return open_writer(settings.index, identity(settings, model), transform(model), rebuild=rebuild)


def open_index(settings: Settings, model: Embedder) -> Snapshot:
    """Open the current generation for searching."""
    return open_snapshot(settings.index, identity(settings, model), transform(model))


def open_stored(settings: Settings) -> Snapshot:
    """Open the current generation for reading documents; no model is loaded."""
    return open_snapshot(settings.index, None, _UNSEARCHED)


@contextmanager
def open_retriever(settings: Settings) -> Iterator[Retriever]:
    """Open the index for searching."""
    model = embedder(settings)
    with open_index(settings, model) as index:
        yield Retriever(index, model, means_for(model.fingerprint))


@contextmanager
def open_assistant(settings: Settings) -> Iterator[Assistant]:
    """Open the index for answering, with the backend that *settings* name."""
    llm = backend(settings)
    with open_retriever(settings) as retriever:
        yield _assistant(settings, retriever, llm)


def _assistant(settings: Settings, retriever: Retriever, llm: LLM | None) -> Assistant:
    extractive = Extractive(retriever.embedder, retriever.means)
    if llm is None:
        return Assistant(retriever, extractive, settings.k)
    return Assistant(retriever, llm, settings.k, stand_ins=(extractive,))


def backend(settings: Settings) -> LLM | None:
    """Return the model that *settings* name, None if `extractive` is to answer alone.

    HTTP and the libraries for it are loaded only here.

    Raises:
        ConfigError: A GGUF file cannot be loaded.
    """
    if settings.llm == "extractive":
        return None
    from rag.llm.budget import Budget
    from rag.llm.wire import Limits, Wire

    budget = Budget(settings.llm_context_tokens, settings.llm_max_tokens, settings.llm_prompt == "chat")
    limits = Limits(
        connect_s=settings.llm_connect_s,
        first_token_s=settings.llm_first_token_s,
        idle_s=settings.llm_idle_s,
        total_s=settings.llm_total_s,
    )
    url, key, model = settings.llm_url, settings.llm_key, settings.llm_model
    match settings.llm:
        case "openai":
            from rag.llm.openai import OPENAI_URL, OpenAI

            return OpenAI(Wire(url or OPENAI_URL, key, limits=limits), model, budget)
        case "anthropic":
            from rag.llm.anthropic import ANTHROPIC_HEADERS, ANTHROPIC_KEY, ANTHROPIC_URL, Anthropic

            wire = Wire(url or ANTHROPIC_URL, key, ANTHROPIC_KEY, ANTHROPIC_HEADERS, limits)
            return Anthropic(wire, model, budget)
        case "ollama":
            from rag.llm.ollama import OLLAMA_URL, Ollama

            return Ollama(Wire(url or OLLAMA_URL, key, limits=limits), model, budget)
        case "llamacpp":
            from rag.llm.llamacpp import open_llamacpp

            return open_llamacpp(Path(model), budget, limits)


def generations(settings: Settings, model: Embedder) -> Callable[[], tuple[Snapshot, Assistant]]:
    """Return what opens the current generation, time and again, with one model and one backend.

    Raises:
        ConfigError: A GGUF file cannot be loaded.
    """
    llm = backend(settings)
    means = means_for(model.fingerprint)
    remembering = RememberingEmbedder(model)

    def opened() -> tuple[Snapshot, Assistant]:
        index = open_index(settings, model)
        return index, _assistant(settings, Retriever(index, remembering, means), llm)

    return opened
