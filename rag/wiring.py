"""The composition root: from `Settings` to the objects that do the work, and nothing else.

Stands above `rag.index` though it lies in `rag`: people who write Python need it as much
as the command line does. Only `rag.library` and the doors in `rag.ui` import it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.answer.compose import Quoting
from rag.assistant import Assistant
from rag.errors import ConfigError
from rag.index import chunk
from rag.index.dense import Transform
from rag.index.embed import open_embedder
from rag.index.engines import View, Writer
from rag.index.engines.connection import Address
from rag.index.engines.milvus import open_milvus
from rag.index.engines.view import open_view
from rag.index.engines.view import published as published_there
from rag.index.reading import Options
from rag.index.snapshot import open_snapshot
from rag.index.snapshot import published as published_here
from rag.index.store import Identity, open_writer
from rag.protocols import LLM, Embedder, Reranker
from rag.read import open_reader
from rag.search.debias import ESTIMATED, UNCHANGED, LanguageMeans, estimated, means_for
from rag.search.remember import RememberingEmbedder
from rag.search.rerank import CrossEncoderReranker
from rag.search.retrieve import Retriever
from rag.settings import Settings

__all__ = [
    "address",
    "assistant",
    "backend",
    "by_row",
    "chosen",
    "embedder",
    "generations",
    "identity",
    "means",
    "open_assistant",
    "open_index",
    "open_retriever",
    "open_stored",
    "published",
    "reranker",
    "retriever",
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
    shipped = means_for(model.fingerprint)
    if shipped is UNCHANGED:
        return Transform(ESTIMATED, lambda vectors, langs: estimated(vectors, langs).passages(vectors, langs))
    return Transform(shipped.name, shipped.passages, by_row=True)


def means(model: Embedder, index: View) -> LanguageMeans:
    """Return what `transform` took from the vectors of *index*; questions need the same."""
    shipped = means_for(model.fingerprint)
    return estimated(*index.vectors()) if shipped is UNCHANGED else shipped


def identity(settings: Settings, model: Embedder) -> Identity:
    """Return what an index must have been built with to be used with *settings*."""
    kept = "+boilerplate" if settings.keep_boilerplate else ""
    return Identity(embedder=model.fingerprint, chunker=chunk.FINGERPRINT + kept, dim=model.dim)


def reading_options(settings: Settings) -> Options:
    """Return what is chosen about reading. Raises `ConfigError` if the file of passwords cannot be read."""
    path = settings.password_file
    if path is None:
        return Options(ocr=settings.ocr)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"The password file {str(path)!r} cannot be read: {exc}.") from exc
    return Options(tuple(line for line in lines if line), settings.ocr)


def address(settings: Settings) -> Address:
    """Return where on a server the index lives. Raises `ConfigError` if no server is named."""
    if not settings.engine_url:
        raise ConfigError(
            "engine = 'milvus' needs an address. Set CITEWISE_ENGINE_URL=http://127.0.0.1:19530"
        )
    token = settings.engine_token.get_secret_value() if settings.engine_token else ""
    return Address(
        settings.engine_url,
        settings.engine_collection,
        token,
        settings.engine_index,
        settings.engine_consistency,
        settings.engine_timeout_s,
    )


def writer(settings: Settings, model: Embedder, *, rebuild: bool = False) -> Writer:
    """Return the one writer of the index. Raises `IndexBusy`, `IndexMismatch`."""
    built, done = identity(settings, model), transform(model)
    if settings.engine == "milvus":
        return open_milvus(address(settings), settings.index, built, by_row(done), rebuild=rebuild)
    return open_writer(settings.index, built, done, rebuild=rebuild)


def by_row(done: Transform) -> Transform:
    """Raise unless a vector is transformed whatever the others are: a server is not sent all anew."""
    if done.name == ESTIMATED:
        raise ConfigError(
            "engine = 'milvus' needs an embedder whose language means come with it, such as 'bundled'; "
            "for others they are estimated from all passages together. Use engine = 'sqlite' with this one."
        )
    return done


def open_index(settings: Settings, model: Embedder) -> View:
    """Open the current generation for searching."""
    built, done = identity(settings, model), transform(model)
    if settings.engine == "milvus":
        return open_view(address(settings), built, by_row(done))
    return open_snapshot(settings.index, built, done)


def open_stored(settings: Settings) -> View:
    """Open the current generation for reading documents; no model is loaded."""
    if settings.engine == "milvus":
        return open_view(address(settings), None, None)
    return open_snapshot(settings.index, None, _UNSEARCHED)


def published(settings: Settings) -> object:
    """Return what stands for the last publication, None while a writer is between two."""
    if settings.engine == "milvus":
        return published_there(address(settings))
    return published_here(settings.index)


def reranker(settings: Settings) -> Reranker | None:
    """Return the reranker in force, if any. Raises `ConfigError` when it cannot be loaded."""
    return CrossEncoderReranker(settings.rerank) if settings.rerank else None


def retriever(settings: Settings, index: View, model: Embedder, judge: Reranker | None) -> Retriever:
    """Return what searches *index*."""
    found = means(model, index)
    return Retriever(index, model, found, settings.collapse, judge, settings.rerank_depth)


@contextmanager
def open_retriever(settings: Settings) -> Iterator[Retriever]:
    """Open the index for searching."""
    model = embedder(settings)
    with open_index(settings, model) as index:
        yield retriever(settings, index, model, reranker(settings))


@contextmanager
def open_assistant(settings: Settings) -> Iterator[Assistant]:
    """Open the index for answering, with the backend that *settings* name."""
    llm = backend(settings)
    with open_retriever(settings) as retriever:
        yield assistant(settings, retriever, llm)


def assistant(settings: Settings, retriever: Retriever, llm: LLM | None, lang: str = "") -> Assistant:
    """Return what answers from *retriever* in the words of *llm*; None quotes the documents."""
    extractive = Quoting()
    stand_ins = (extractive,) if llm else ()
    # The embedder's network, which the question needs first, is built at the same time.
    open_reader().prepare()
    return Assistant(retriever, llm or extractive, settings.k, stand_ins, settings.strict, lang)


def chosen(settings: Settings) -> Settings:
    """Return *settings* with the first model on this machine for `auto`, or `extractive` if there is none.

    A service elsewhere is never taken unasked: passages would leave the machine.
    """
    if settings.llm != "auto":
        return settings
    from rag.llm.found import found

    first = next((each for each in found(os.environ, settings.cache) if each.local), None)
    if first is None:
        return settings.model_copy(update={"llm": "extractive"})
    return settings.model_copy(update={"llm": first.llm, "llm_model": first.model, "llm_url": first.url})


def backend(settings: Settings) -> LLM | None:
    """Return the model that *settings* name, None if `extractive` is to answer alone.

    HTTP and the libraries for it are loaded only here.

    Raises:
        ConfigError: A GGUF file cannot be loaded.
    """
    settings = chosen(settings)
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
            from rag.llm.tokenizer import ServerTokenizer

            wire = Wire(url or OPENAI_URL, key, limits=limits)
            return OpenAI(wire, model, budget, ServerTokenizer(wire, model) if url else None)
        case "anthropic":
            from rag.llm.anthropic import ANTHROPIC_HEADERS, ANTHROPIC_KEY, ANTHROPIC_URL, Anthropic

            wire = Wire(url or ANTHROPIC_URL, key, ANTHROPIC_KEY, ANTHROPIC_HEADERS, limits)
            return Anthropic(wire, model, budget)
        case "ollama":
            from rag.llm.ollama import OLLAMA_URL, Ollama

            return Ollama(Wire(url or OLLAMA_URL, key, limits=limits), model, budget)
        case _:
            from rag.llm.llamacpp import open_llamacpp

            return open_llamacpp(Path(model), budget, limits)


def generations(settings: Settings, model: Embedder) -> Callable[[], tuple[View, Assistant]]:
    """Return what opens the current generation, time and again, with one model and one backend.

    Raises:
        ConfigError: A GGUF file or the reranker cannot be loaded.
    """
    llm = backend(settings)
    judge = reranker(settings)
    remembering = RememberingEmbedder(model)

    def opened() -> tuple[View, Assistant]:
        index = open_index(settings, model)
        return index, assistant(settings, retriever(settings, index, remembering, judge), llm)

    return opened
