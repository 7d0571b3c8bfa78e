"""What opens the index time and again, for a service; all else is `rag.wiring`."""

from collections.abc import Callable

from rag.assistant import Assistant
from rag.index.engines import View
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui.remember import RememberingEmbedder
from rag.wiring import (
    address,
    assistant,
    backend,
    by_row,
    chosen,
    embedder,
    identity,
    means,
    open_assistant,
    open_index,
    open_retriever,
    open_stored,
    published,
    reading_options,
    reranker,
    retriever,
    transform,
    writer,
)

__all__ = [
    "address",
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
    "reading_options",
    "reranker",
    "retriever",
    "transform",
    "writer",
]


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
        searching = retriever(settings, index, remembering, judge)
        return index, assistant(settings, searching, llm)

    return opened
