"""What opens the index time and again, for a service; all else is `rag.wiring`."""

from collections.abc import Callable

from rag.assistant import Assistant
from rag.index.snapshot import Snapshot
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui.remember import RememberingEmbedder
from rag.wiring import (
    assistant,
    backend,
    chosen,
    embedder,
    means,
    open_assistant,
    open_index,
    open_retriever,
    open_stored,
    reading_options,
    reranker,
    retriever,
    transform,
    writer,
)

__all__ = [
    "backend",
    "chosen",
    "embedder",
    "generations",
    "means",
    "open_assistant",
    "open_index",
    "open_retriever",
    "open_stored",
    "reading_options",
    "reranker",
    "retriever",
    "transform",
    "writer",
]


def generations(settings: Settings, model: Embedder) -> Callable[[], tuple[Snapshot, Assistant]]:
    """Return what opens the current generation, time and again, with one model and one backend.

    Raises:
        ConfigError: A GGUF file or the reranker cannot be loaded.
    """
    llm = backend(settings)
    judge = reranker(settings)
    remembering = RememberingEmbedder(model)

    def opened() -> tuple[Snapshot, Assistant]:
        index = open_index(settings, model)
        searching = retriever(settings, index, remembering, judge)
        return index, assistant(settings, searching, llm)

    return opened
