"""The routes below ``/v1``, where programs ask as they ask OpenAI's API."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from rag.types import Answer
from rag.ui import openai_api, openai_chat, openai_errors, openai_responses
from rag.ui.events import Named, begun, kept_alive, last, reply, told, written
from rag.ui.http import ASK, EVENTS, READ, Noted, Served, errors, json_reply, or_events, while_connected
from rag.ui.observed import Note
from rag.ui.openai_api import Asked, Said
from rag.ui.serving import Options, Service

__all__ = ["router"]


class Fault(BaseModel):
    """What is wrong; `code` is for programs, `message` for people."""

    message: str
    type: str
    param: str | None
    code: str
    request_id: str


class Failed(BaseModel):
    """Every error of these routes."""

    error: Fault


router: APIRouter = APIRouter()
_ANSWERED = {
    **or_events("The answer, or its events."),
    **errors(*ASK, "not_found", "backend_failed", form=Failed),
}
_LISTED = errors(*READ, "not_found", "invalid", form=Failed)


@router.get("/v1/models", responses=_LISTED, response_model=dict[str, Any])
async def models() -> Response:
    """List the models, as OpenAI's API does: one, and the same with its sources below the text."""
    return json_reply(openai_api.models())


@router.get("/v1/models/{name}", responses=_LISTED, response_model=dict[str, Any])
async def model(name: Annotated[str, Path(max_length=200)]) -> Response:
    """Describe a model, as OpenAI's API does."""
    return json_reply(openai_api.model(name))


@router.post("/v1/chat/completions", response_model=dict[str, Any], responses=_ANSWERED)
async def chat_completions(
    body: openai_chat.ChatRequest, request: Request, service: Served, note: Noted
) -> Response:
    """Answer the last message, as OpenAI's API does; the field `citewise` holds claims and citations."""
    exchange = _Exchange(request, service, note, openai_chat.question_of(body), body.model)
    if not body.stream:
        return json_reply(openai_chat.completion(await exchange.said(), note.request_id))
    form = _Form(
        lambda said: openai_chat.chunks(said, note.request_id, with_usage=body.with_usage),
        lambda fault: ("", {"error": fault}),
        b"data: [DONE]\n\n",
    )
    return await exchange.streamed(form)


@router.post("/v1/responses", response_model=dict[str, Any], responses=_ANSWERED)
async def responses(
    body: openai_responses.ResponsesRequest, request: Request, service: Served, note: Noted
) -> Response:
    """Answer the last message, as OpenAI's Responses API does; nothing is kept."""
    exchange = _Exchange(request, service, note, openai_responses.question_of(body), body.model)
    if not body.stream:
        return json_reply(openai_responses.response(await exchange.said(), note.request_id))
    form = _Form(
        lambda said: openai_responses.events(said, note.request_id),
        lambda fault: ("error", {**fault, "type": "error", "sequence_number": 0}),
    )
    return await exchange.streamed(form)


@dataclass(frozen=True, slots=True)
class _Form:
    """How a stream is written: the answer, an error that comes late, and what stands last."""

    events: Callable[[Said], Iterable[Named]]
    failed: Callable[[dict[str, str | None]], Named]
    end: bytes = b""


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One question and who asks it, by which name of the model."""

    request: Request
    service: Service
    note: Note
    asked: Asked
    model: str

    async def said(self) -> Said:
        """Return the answer."""
        return self._told(await while_connected(self.request, self._answer()))

    async def streamed(self, form: _Form) -> Response:
        """Return the answer as a stream, which is kept alive until there is one."""
        every_s = self.service.settings.serve_keep_alive_s
        answer = await while_connected(self.request, begun(self._answer(), every_s))
        blocks = written(
            answer,
            lambda found: form.events(self._told(found)),
            lambda exc: form.failed(openai_errors.fault(told(exc, self.note), self.note.request_id)),
            form.end,
        )
        return StreamingResponse(kept_alive(blocks, every_s), media_type=EVENTS)

    def _answer(self) -> Coroutine[Any, Any, Answer]:
        options = Options(wishes=self.asked.wishes)
        return last(self.service.stream(self.asked.question, self.asked.history, None, options))

    def _told(self, answer: Answer) -> Said:
        found = reply(answer, self.service, self.note)
        return openai_api.said(found, self.asked, self.model, str(self.request.base_url))
