"""What all routes share: whom they ask, how they answer, which errors they document."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Request
from fastapi.responses import Response

from rag.ui.observed import Note, note_of
from rag.ui.schemas import CODES, Error, Problem, encode
from rag.ui.serving import Service

__all__ = [
    "ALWAYS",
    "ASK",
    "EVENTS",
    "INDEX",
    "JSON",
    "READ",
    "SEND",
    "HealthReply",
    "Noted",
    "Served",
    "errors",
    "json_reply",
    "or_events",
    "while_connected",
]

T = TypeVar("T")

JSON = "application/json"
EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class HealthReply:
    """The process is alive."""

    status: Literal["ok"] = "ok"


ALWAYS = (
    "bad_request",
    "bad_host",
    "unauthorized",
    "bad_origin",
    "timeout",
    "headers_too_large",
    "internal",
)
READ = (*ALWAYS, "rate_limited", "busy")
SEND = (*READ, "bad_json", "too_large", "unsupported_media_type", "invalid")
INDEX = ("engine_away", "no_index")
ASK = (*SEND, "client_gone", *INDEX)


def errors(*codes: str, form: type = Error) -> dict[int | str, dict[str, Any]]:
    """Return how these errors, of *form*, are documented; several may share a status."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status, message = CODES[code]
        text = f"`{code}`: {message}"
        known = found.setdefault(status, {"model": form, "description": ""})
        known["description"] = f"{known['description']} {text}".strip()
    return found


def or_events(description: str) -> dict[int | str, dict[str, Any]]:
    """Return how a 200 is documented that may be a stream of events."""
    event = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}
    return {200: {"content": {EVENTS: {"schema": event}}, "description": description}}


def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


async def _note(request: Request) -> Note:
    return note_of(request.scope)


Served = Annotated[Service, Depends(_service)]
Noted = Annotated[Note, Depends(_note)]


def json_reply(value: object) -> Response:
    """Return *value* as it is sent."""
    return Response(encode(value), media_type=JSON)


async def while_connected(request: Request, work: Awaitable[T]) -> T:
    """Return what *work* gives; give it up when the client leaves."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Problem("client_gone")
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
