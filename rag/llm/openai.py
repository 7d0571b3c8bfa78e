"""Any server that speaks OpenAI's protocol: OpenAI, vLLM, llama.cpp, LM Studio, Ollama, OpenRouter."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag.answer.prompt import FEW_SHOT_STOPS, Passages, few_shot, messages
from rag.llm.body import Document
from rag.llm.budget import Budget
from rag.llm.reply import Piece, stop_of, text_of
from rag.llm.tokenizer import ServerTokenizer
from rag.llm.wire import Call, Wire
from rag.protocols import Prompt

__all__ = ["OPENAI_URL", "OpenAI", "read_completion"]

OPENAI_URL = "https://api.openai.com/v1"
# Beside the text; servers have not agreed on a name.
_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details", "thinking_blocks")


@dataclass(frozen=True, slots=True)
class OpenAI:
    """Ask *model* at ``/chat/completions``, or at ``/completions`` if the budget is not for chat.

    Attributes:
        tokenizer: Asked only when the prompt seems too long without it.
    """

    wire: Wire
    model: str
    budget: Budget
    tokenizer: ServerTokenizer | None = None

    @property
    def model_id(self) -> str:
        """Names the backend and model in every answer."""
        return f"openai:{self.model}"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Yield the answer. Raises `BackendError` when there is none."""
        fitted = self.budget.fit(prompt)
        if self.tokenizer and (fitted.hits, fitted.history) != (prompt.hits, prompt.history):
            # What seemed too much may fit: a model's own tokens for Korean are fewer.
            fitted = self.budget.fit(prompt, self.tokenizer.count)
        return self.wire.stream(fitted, self._call)

    def _call(self, prompt: Passages) -> Call:
        # OpenAI's newer models refuse `max_tokens` and any temperature; most other
        # servers know nothing else, and greedy words stay nearest to the passages.
        limits: dict[str, Any] = (
            {"max_completion_tokens": self.budget.reply}
            if self.wire.url == OPENAI_URL
            else {"max_tokens": self.budget.reply, "temperature": 0}
        )
        body = {"model": self.model, "stream": True, **limits}
        if self.budget.chat:
            return Call("/chat/completions", {**body, "messages": messages(prompt)}, read_completion)
        text = {"prompt": few_shot(prompt), "stop": list(FEW_SHOT_STOPS)}
        return Call("/completions", {**body, **text}, read_completion)


def read_completion(document: Document) -> Piece:
    """Read a chunk of a stream, or the whole completion of a server that does not stream."""
    if document.get("done") is True:
        return Piece(stop="end")
    choices = document.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    if not isinstance(choice, dict):
        return Piece()
    said = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
    if not isinstance(said, dict):
        return Piece()
    if said.get("refusal"):
        return Piece(stop="declined")
    if said.get("tool_calls") or said.get("function_call"):
        return Piece(stop="tool")
    thought = any(said.get(name) for name in _THOUGHTS) or _has_thought(said.get("content"))
    return Piece(text_of(said.get("content")), thought, stop_of(choice.get("finish_reason")))


def _has_thought(content: object) -> bool:
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, dict) and part.get("type") in ("thinking", "reasoning") for part in parts)
