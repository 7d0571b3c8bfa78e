"""Chat completions as OpenAI's API writes them."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from rag.ui.openai_api import MODELS, Asked, Lenient, Message, Said, asked, model
from rag.ui.schemas import Problem

__all__ = ["ChatRequest", "chunks", "completion", "question_of"]


class StreamOptions(Lenient):
    """What a stream should hold besides the text."""

    include_usage: bool | None = False


class ChatRequest(Lenient):
    """A conversation that ends with a question. Fields that are not listed have no effect."""

    model: Annotated[str, Field(min_length=1, max_length=200, examples=[MODELS[0]])]
    messages: Annotated[tuple[Message, ...], Field(min_length=1)]
    n: Annotated[int | None, Field(description="One answer is given; more are refused.")] = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None

    @property
    def with_usage(self) -> bool:
        """Whether a stream ends with the usage."""
        return bool(self.stream_options and self.stream_options.include_usage)


def question_of(request: ChatRequest) -> Asked:
    """Return what is asked. Raises `Problem` if that is nothing, of another model, or for several answers."""
    model(request.model)
    if request.n not in (None, 1):
        raise Problem("invalid", "n: one answer is given to a question. Leave it out.", param="n")
    return asked(request.messages)


def completion(told: Said, request_id: str) -> dict[str, Any]:
    """Return *told* as a whole chat completion."""
    message = {"role": "assistant", "content": told.text, "refusal": None, "annotations": _annotations(told)}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {
        **_envelope("chat.completion", told, request_id),
        "choices": [choice],
        "usage": _usage(told),
        "citewise": told.proof,
    }


def chunks(told: Said, request_id: str, *, with_usage: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield *told* as the pieces of a streamed chat completion; the last with a choice carries the proof."""
    envelope = _envelope("chat.completion.chunk", told, request_id)
    usage = {"usage": None} if with_usage else {}
    deltas: tuple[dict[str, Any], ...] = (
        {"role": "assistant", "content": ""},
        {"content": told.text, "annotations": _annotations(told)},
    )
    for delta in deltas:
        yield "", {**envelope, "choices": [_choice(delta, None)], **usage}
    yield "", {**envelope, "choices": [_choice({}, "stop")], **usage, "citewise": told.proof}
    if with_usage:
        yield "", {**envelope, "choices": [], "usage": _usage(told)}


def _choice(delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _annotations(told: Said) -> list[dict[str, Any]]:
    """Return the citations as this API knows them: it has addresses only, and clients refuse other types."""
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": start,
                "end_index": end,
                "url": told.address(citation),
                "title": citation.title,
            },
        }
        for citation, start, end in told.spans
    ]


def _usage(told: Said) -> dict[str, int]:
    return {
        "prompt_tokens": told.tokens_in,
        "completion_tokens": told.tokens_out,
        "total_tokens": told.tokens_in + told.tokens_out,
    }


def _envelope(kind: str, told: Said, request_id: str) -> dict[str, Any]:
    created = int(time.time())
    return {"id": f"chatcmpl-{request_id}", "object": kind, "created": created, "model": told.model}
