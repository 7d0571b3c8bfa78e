"""Ollama's own API, whose replies are JSON lines; its OpenAI-compatible one hides the context size."""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.answer.prompt import FEW_SHOT_STOPS, Passages, few_shot, messages
from rag.llm.body import Document
from rag.llm.budget import Budget
from rag.llm.reply import Piece, stop_of
from rag.llm.wire import Call, Wire
from rag.protocols import Prompt

__all__ = ["OLLAMA_URL", "Ollama"]

OLLAMA_URL = "http://127.0.0.1:11434"


@dataclass(frozen=True, slots=True)
class Ollama:
    """Ask *model* at ``/api/chat``, or at ``/api/generate`` if the budget is not for chat."""

    wire: Wire
    model: str
    budget: Budget

    @property
    def model_id(self) -> str:
        """Names the backend and model in every answer."""
        return f"ollama:{self.model}"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Yield the answer. Raises `BackendError` when there is none."""
        return self.wire.stream(self.budget.fit(prompt), self._call)

    def _call(self, prompt: Passages) -> Call:
        # Without num_ctx Ollama cuts the prompt at 4096 tokens and says nothing.
        options = {"num_ctx": self.budget.context, "num_predict": self.budget.reply, "temperature": 0}
        body = {"model": self.model, "stream": True}
        if self.budget.chat:
            return Call("/api/chat", {**body, "options": options, "messages": messages(prompt)}, _read)
        text = {"prompt": few_shot(prompt), "raw": True, "options": {**options, "stop": list(FEW_SHOT_STOPS)}}
        return Call("/api/generate", {**body, **text}, _read)


def _read(document: Document) -> Piece:
    """Read one line of a stream, or the one line of a server that does not stream."""
    said = document.get("message")
    if not isinstance(said, dict):
        said = {"content": document.get("response"), "thinking": document.get("thinking")}
    if said.get("tool_calls"):
        return Piece(stop="tool")
    text = said.get("content")
    stop = stop_of(document.get("done_reason") or "stop") if document.get("done") is True else None
    return Piece(text if isinstance(text, str) else "", bool(said.get("thinking")), stop)
