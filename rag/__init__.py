"""Citewise: ask a folder of documents in any language, get answers whose citations were checked.

    from rag import build_index, open_assistant

What is listed in `__all__` is public: it changes with a note in the changelog only.
Everything is loaded at its first use; importing `rag` alone loads and changes nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.errors import RagError
    from rag.library import build_index, open_assistant
    from rag.protocols import LLM, Embedder, Index, Prompt, Reader, Reranker
    from rag.types import Answer, Citation, Claim, Conflict, Hit, Turn, Where

__all__ = [
    "LLM",
    "Answer",
    "Assistant",
    "Citation",
    "Claim",
    "Conflict",
    "Embedder",
    "Hit",
    "Index",
    "Prompt",
    "RagError",
    "Reader",
    "Reranker",
    "Turn",
    "Where",
    "build_index",
    "open_assistant",
]

_HOMES = {
    "rag.assistant": ("Assistant",),
    "rag.errors": ("RagError",),
    "rag.library": ("build_index", "open_assistant"),
    "rag.protocols": ("LLM", "Embedder", "Index", "Prompt", "Reader", "Reranker"),
    "rag.types": ("Answer", "Citation", "Claim", "Conflict", "Hit", "Turn", "Where"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
