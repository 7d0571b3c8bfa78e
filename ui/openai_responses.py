"""Responses as OpenAI's newer API writes them: text in, text out, nothing kept."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from rag.ui.openai_api import MODELS, Asked, Lenient, Message, Said, Text, asked, model
from rag.ui.schemas import Problem

__all__ = ["ResponsesRequest", "events", "question_of", "response"]


class Item(Lenient):
    """A message, or something else that earlier replies of other models left, which is passed over."""

    type: Annotated[str, Field(max_length=100)] = "message"
    role: Annotated[str, Field(max_length=100)] = ""
    content: Any = None


_Item = Annotated[Message | Item, Field(union_mode="left_to_right")]


class ResponsesRequest(Lenient):
    """A question, or a conversation that ends with one. Fields that are not listed have no effect."""

    model: Annotated[str, Field(min_length=1, max_length=200, examples=[MODELS[0]])]
    input: Text | Annotated[tuple[_Item, ...], Field(min_length=1)]
    instructions: Text | None = None
    previous_response_id: Annotated[str | None, Field(max_length=200)] = None
    stream: bool | None = False


def question_of(request: ResponsesRequest) -> Asked:
    """Return what is asked. Raises `Problem` if that is nothing, or of another model."""
    model(request.model)
    if request.previous_response_id:
        message = "previous_response_id: no response is kept here. Send the earlier messages in `input`."
        raise Problem("invalid", message, param="previous_response_id")
    given = request.input
    if isinstance(given, str):
        return asked([Message(role="user", content=given)], request.instructions or "")
    return asked([each for each in given if isinstance(each, Message)], request.instructions or "")


def response(told: Said, request_id: str) -> dict[str, Any]:
    """Return *told* as a whole response."""
    return {
        **_envelope(told, request_id),
        "status": "completed",
        "completed_at": int(time.time()),
        "output": [_message(told, request_id)],
        "usage": {
            "input_tokens": told.tokens_in,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": told.tokens_out,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": told.tokens_in + told.tokens_out,
        },
        "citewise": told.proof,
    }


def events(told: Said, request_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield *told* as the events of a streamed response, each with its name."""
    for number, (name, fields) in enumerate(_events(told, request_id)):
        yield name, {"type": name, "sequence_number": number, **fields}


def _events(told: Said, request_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    begun = {**_envelope(told, request_id), "status": "in_progress", "output": [], "usage": None}
    item = _message(told, request_id)
    [part] = item["content"]
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    opened = {**item, "status": "in_progress", "content": []}
    yield "response.output_item.added", {"output_index": 0, "item": opened}
    yield "response.content_part.added", {**place, "part": {**part, "text": "", "annotations": []}}
    yield "response.output_text.delta", {**place, "delta": told.text, "logprobs": []}
    for number, annotation in enumerate(part["annotations"]):
        fields = {**place, "annotation_index": number, "annotation": annotation}
        yield "response.output_text.annotation.added", fields
    yield "response.output_text.done", {**place, "text": told.text, "logprobs": []}
    yield "response.content_part.done", {**place, "part": part}
    yield "response.output_item.done", {"output_index": 0, "item": item}
    yield "response.completed", {"response": response(told, request_id)}


def _message(told: Said, request_id: str) -> dict[str, Any]:
    annotations = [
        {
            "type": "file_citation",
            "file_id": citation.doc_id,
            "filename": citation.title,
            "index": end,
        }
        for citation, _, end in told.spans
    ]
    part = {"type": "output_text", "text": told.text, "annotations": annotations, "logprobs": []}
    return {
        "type": "message",
        "id": f"msg_{request_id}",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }


def _envelope(told: Said, request_id: str) -> dict[str, Any]:
    """Return what every response has; what clients insist on and has no meaning here is null or empty."""
    return {
        "id": f"resp_{request_id}",
        "object": "response",
        "created_at": int(time.time()),
        "model": told.model,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "store": False,
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "truncation": "disabled",
    }
