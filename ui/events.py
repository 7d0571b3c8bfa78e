"""Answers on their way out: noted in the log, kept for feedback, sent whole or as server-sent events."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import fields
from typing import Any, TypeVar

from rag.assistant import Discarded, Event, Retrieved, Token
from rag.types import Answer
from rag.ui.observed import Note
from rag.ui.printed import drawn
from rag.ui.render import as_json
from rag.ui.schemas import AnswerReply, Problem, encode, problem_of
from rag.ui.serving import Service

__all__ = ["Named", "begun", "first", "kept_alive", "last", "reply", "sent", "told", "written"]

T = TypeVar("T")
Named = tuple[str, Mapping[str, Any]]
"""A server-sent event: its name, empty for none, and its data."""

_log = logging.getLogger(__name__)

# A comment, which every reader of server-sent events passes over.
_KEEP_ALIVE = b": keep-alive\n\n"


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
    return AnswerReply(**values, request_id=note.request_id, blocks=drawn(answer)[0])


async def first(events: AsyncGenerator[Event, None]) -> Event:
    """Return the first of *events*."""
    return await anext(events)


async def last(events: AsyncGenerator[Event, None]) -> Answer:
    """Return the answer, which comes last."""
    async with aclosing(events):
        async for event in events:
            found = event
    assert isinstance(found, Answer)
    return found


async def begun(work: Coroutine[Any, Any, T], within_s: float) -> asyncio.Task[T]:
    """Return *work* as a task, done or not: what is to be sent first is waited for so long and no longer.

    An error that comes in time is raised, and can still be told by the status.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait((task,), timeout=within_s)
        if task.done():
            task.result()
    except BaseException:
        task.cancel()
        raise
    return task


async def kept_alive(blocks: AsyncGenerator[bytes, None], every_s: float) -> AsyncIterator[bytes]:
    """Yield *blocks*, and a comment whenever none comes in time: proxies cut off what is silent."""
    async with aclosing(blocks):
        pending = asyncio.ensure_future(anext(blocks, b""))
        try:
            while True:
                if not (await asyncio.wait((pending,), timeout=every_s))[0]:
                    yield _KEEP_ALIVE
                elif block := pending.result():
                    yield block
                    pending = asyncio.ensure_future(anext(blocks, b""))
                else:
                    return
        finally:
            pending.cancel()
            with suppress(asyncio.CancelledError):
                await pending


async def sent(
    begins: Awaitable[Event], events: AsyncGenerator[Event, None], service: Service, note: Note
) -> AsyncGenerator[bytes, None]:
    """Yield the events as they are sent; the last one is the answer or an error."""
    async with aclosing(events):
        try:
            yield _event(await begins, service, note)
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
            name, value = "discarded", {"reason": event.reason, **_fields(event)}
        case Answer():
            name, value = "answer", _fields(reply(event, service, note))
    return _block(encode(value), name)


def _fields(value: object) -> dict[str, Any]:
    found = as_json(value)
    assert isinstance(found, dict)
    return found


async def written(
    answer: Awaitable[Answer],
    told: Callable[[Answer], Iterable[Named]],
    failed: Callable[[Exception], Named],
    end: bytes,
) -> AsyncGenerator[bytes, None]:
    """Yield *answer* as the events that *told* makes of it, or the one that *failed* makes of its error."""
    try:
        for name, fields in told(await answer):
            yield _block(encode(fields), name)
    except Exception as exc:
        name, fields = failed(exc)
        yield _block(encode(fields), name)
    if end:
        yield end


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
