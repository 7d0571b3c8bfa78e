"""Anthropic's messages API, and servers that speak it."""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.answer.prompt import Passages, messages
from rag.llm.body import Document
from rag.llm.budget import Budget
from rag.llm.reply import Piece, stop_of, text_of
from rag.llm.wire import Call, Wire
from rag.protocols import Prompt

__all__ = ["ANTHROPIC_HEADERS", "ANTHROPIC_KEY", "ANTHROPIC_URL", "Anthropic"]

ANTHROPIC_URL = "https://api.anthropic.com"
ANTHROPIC_KEY = "x-api-key"
"""The header that the key goes into."""
ANTHROPIC_HEADERS = {"anthropic-version": "2023-06-01"}


@dataclass(frozen=True, slots=True)
class Anthropic:
    """Ask *model* at ``/v1/messages``."""

    wire: Wire
    model: str
    budget: Budget

    @property
    def model_id(self) -> str:
        """Names the backend and model in every answer."""
        return f"anthropic:{self.model}"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Yield the answer. Raises `BackendError` when there is none."""
        return self.wire.stream(self.budget.fit(prompt), self._call)

    def _call(self, prompt: Passages) -> Call:
        system, *turns = messages(prompt)
        body = {
            "model": self.model,
            "max_tokens": self.budget.reply,
            "system": system["content"],
            "messages": turns,
            "stream": True,
        }
        return Call("/v1/messages", body, _read)


def _read(document: Document) -> Piece:
    """Read one event of a stream, or the whole message of a server that does not stream."""
    match document:
        case {"type": "content_block_start", "content_block": {"type": "tool_use"}}:
            return Piece(stop="tool")
        case {"type": "content_block_start", "content_block": {"type": "text", "text": str(text)}}:
            return Piece(text)
        case {"type": "content_block_start"}:
            return Piece(thinking=True)
        case {"type": "content_block_delta", "delta": {"type": "text_delta", "text": str(text)}}:
            return Piece(text)
        case {"type": "content_block_delta", "delta": {"type": "thinking_delta" | "signature_delta"}}:
            return Piece(thinking=True)
        case {"type": "message_delta", "delta": {"stop_reason": reason}}:
            return Piece(stop=stop_of(reason))
        case {"type": "message_stop"}:
            return Piece(stop="end")
        case {"type": "message", "content": content}:
            return Piece(text_of(content), stop=stop_of(document.get("stop_reason")))
    return Piece()
