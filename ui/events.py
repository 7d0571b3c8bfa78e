"""Answers on their way out: noted in the log, kept for feedback, sent whole or as server-sent events."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import fields
from typing import Any

from rag.assistant import Discarded, Event, Retrieved, Token
from rag.types import Answer
from rag.ui import openai_api
from rag.ui.observed import Note
from rag.ui.render import as_json
from rag.ui.schemas import AnswerReply, Problem, encode, problem_of
from rag.ui.serving import Service

__all__ = ["chunks", "reply", "sent", "told"]

_log = logging.getLogger(__name__)


def reply(answer: Answer, service: Service, note: Note) -> AnswerReply:
    """Return *answer* as it is sent, noted in the log and for feedback."""
    note.fields |= {
        "generation": answer.generation,
        "lang": answer.lang,
        "answered": answer.answered,
        "degraded": answer.degraded,
        "model": answer.model,
        "timings_ms": dict(answer.timings_ms),
    }
    if service.settings.serve_log_questions:
        note.fields["question"] = answer.question
    service.feedback.remember(note.request_id, answer)
    values = {each.name: getattr(answer, each.name) for each in fields(answer)}
    return AnswerReply(**values, request_id=note.request_id)


async def sent(
    first: Event, events: AsyncGenerator[Event, None], service: Service, note: Note
) -> AsyncIterator[bytes]:
    """Yield the events as they are sent; the last one is the answer or an error."""
    async with aclosing(events):
        try:
            yield _event(first, service, note)
            async for event in events:
                yield _event(event, service, note)
        except Exception as exc:
            problem = told(exc, note)
            yield _block(problem.body(note.request_id), "error")


def _event(event: Event, service: Service, note: Note) -> bytes:
    match event:
        case Retrieved():
            name, value = "retrieved", {**_fields(event), "request_id": note.request_id}
        case Token():
            name, value = "token", _fields(event)
        case Discarded():
            name, value = "discarded", _fields(event)
        case Answer():
            name, value = "answer", _fields(reply(event, service, note))
    return _block(encode(value), name)


def _fields(value: object) -> dict[str, Any]:
    found = as_json(value)
    assert isinstance(found, dict)
    return found


async def chunks(answer: Answer, request_id: str) -> AsyncIterator[bytes]:
    """Yield *answer* as OpenAI's API streams it."""
    for chunk in openai_api.chunks(answer, request_id):
        yield _block(encode(chunk))
    yield _block(b"[DONE]")


def _block(data: bytes, name: str = "") -> bytes:
    """Return a server-sent event; *data* is one line, as JSON always is."""
    return (f"event: {name}\n".encode() if name else b"") + b"data: " + data + b"\n\n"


def told(exc: Exception, note: Note) -> Problem:
    """Return what the client is told of *exc*; what it is not told goes into the log."""
    problem = problem_of(exc)
    if problem.code in ("internal", "backend_failed"):
        extra = {"fields": {"request_id": note.request_id}}
        _log.error("%s: %s", type(exc).__name__, exc, exc_info=problem.code == "internal", extra=extra)
    return problem
