"""The shape in which chat programs speak to a model, so that Citewise can be one.

The last message is the question, the exchanges before it are the history. Such a
program cannot take words back, so it is sent the checked answer, never the words
of a backend that may yet be found unsupported; markers stand in the text and the
citations behind them in the field ``citewise``. What no source supports is marked in the text.
"""

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.text import clean_text
from rag.types import Answer, Turn
from rag.ui.render import as_json, marked_text
from rag.ui.schemas import MAX_TURNS, Problem

__all__ = ["MODEL", "ChatRequest", "chunks", "completion", "models", "question_of"]

MODEL = "citewise"
_MAX_MESSAGES = 2 * MAX_TURNS + 10
_Text = Annotated[str, Field(max_length=100_000)]


class _Lenient(BaseModel):
    """Programs send temperatures and tools; what has no meaning here is not an error."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Part(_Lenient):
    """A piece of a message; pictures and sounds are not read."""

    type: Literal["text"]
    text: _Text


class Message(_Lenient):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: _Text | Annotated[tuple[Part, ...], Field(max_length=100)] | None = None

    def text(self) -> str:
        """Return the words of the message, cleaned."""
        pieces = (
            [self.content] if isinstance(self.content, str) else [each.text for each in self.content or ()]
        )
        return clean_text("\n".join(pieces)).strip()


class ChatRequest(_Lenient):
    """A conversation that ends with a question."""

    model: Annotated[str, Field(min_length=1, max_length=200, examples=[MODEL])]
    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=_MAX_MESSAGES)]
    stream: bool | None = False


def question_of(request: ChatRequest) -> tuple[str, tuple[Turn, ...]]:
    """Return the question and the turns before it; what a system message says is not asked about.

    Raises:
        Problem: The model is another one, or no question of a user ends the conversation.
    """
    if request.model != MODEL:
        raise Problem("not_found", f"The one model here is {MODEL!r}.")
    spoken = [each for each in request.messages if each.role in ("user", "assistant") and each.text()]
    if not spoken or spoken[-1].role != "user":
        raise Problem("invalid", "messages: the last one must be a question of the role 'user'.")
    return spoken[-1].text(), tuple(_turns(spoken[:-1]))[-MAX_TURNS:]


def _turns(messages: Sequence[Message]) -> Iterator[Turn]:
    for asked, said in pairwise(messages):
        if (asked.role, said.role) == ("user", "assistant"):
            yield Turn(asked.text(), said.text())


def models() -> dict[str, Any]:
    """Return the list of models."""
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}]}


def completion(answer: Answer, request_id: str) -> dict[str, Any]:
    """Return *answer* as a whole chat completion."""
    message = {"role": "assistant", "content": marked_text(answer)}
    return {
        **_envelope("chat.completion", request_id),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "citewise": _proof(answer),
    }


def chunks(answer: Answer, request_id: str) -> Iterator[dict[str, Any]]:
    """Yield *answer* as the pieces of a streamed chat completion; the last one carries the proof."""
    for delta in ({"role": "assistant", "content": ""}, {"content": marked_text(answer)}):
        yield _chunk(request_id, delta, None)
    yield {**_chunk(request_id, {}, "stop"), "citewise": _proof(answer)}


def _chunk(request_id: str, delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {**_envelope("chat.completion.chunk", request_id), "choices": [choice]}


def _envelope(kind: str, request_id: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{request_id}", "object": kind, "created": int(time.time()), "model": MODEL}


def _proof(answer: Answer) -> Any:  # noqa: ANN401 - it is JSON
    """Return the answer without its passages, which a chat program has no place for."""
    fields = as_json(answer)
    assert isinstance(fields, dict)
    return {key: value for key, value in fields.items() if key not in ("hits", "text")}
