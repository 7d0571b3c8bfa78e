"""The service over HTTP: routes and their documentation, nothing else.

What a request may be is for `rag.ui.schemas`, who may send it for `rag.ui.limits`,
how an answer comes about for `rag.ui.serving`. A chat is mounted by whoever calls
`run`; every layer stands around it too.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from rag.errors import RagError
from rag.pages import pages_between
from rag.settings import Settings
from rag.ui import build, openai_api, sign_in
from rag.ui.connection import server
from rag.ui.docs_page import POLICY, docs_page
from rag.ui.events import begun, chunks, first, kept_alive, last, reply, sent, told
from rag.ui.gate import Gate
from rag.ui.limits import UPLOADS, Guard, limits
from rag.ui.logs import set_up
from rag.ui.metrics import CONTENT_TYPE
from rag.ui.observed import Note, Observed, note_of
from rag.ui.schemas import (
    CODES,
    FIELDS,
    AddedReply,
    AnswerReply,
    Ask,
    DocumentReply,
    DocumentsReply,
    Error,
    Feedback,
    HealthReply,
    Listed,
    Problem,
    ReadyReply,
    Search,
    SearchReply,
    encode,
    library,
)
from rag.ui.serving import Options, Service
from rag.ui.uploads import Uploads

__all__ = ["create_app", "run"]

T = TypeVar("T")
_Accept = Annotated[str, Header(include_in_schema=False)]

_JSON = "application/json"
_EVENTS = "text/event-stream"
_DESCRIPTION = (
    "Answers from your documents, with citations that were checked. Offsets are code points of a "
    "document's text. Every error has the form {code, message, request_id}. Fields are only ever added."
)


def _errors(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return how these errors are documented; several may share a status."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status, message = CODES[code]
        text = f"`{code}`: {message}"
        known = found.setdefault(status, {"model": Error, "description": ""})
        known["description"] = f"{known['description']} {text}".strip()
    return found


def _or_events(description: str) -> dict[int | str, dict[str, Any]]:
    event = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}
    return {200: {"content": {_EVENTS: {"schema": event}}, "description": description}}


_ALWAYS = (
    "bad_request",
    "bad_host",
    "unauthorized",
    "bad_origin",
    "timeout",
    "headers_too_large",
    "internal",
)
_READ = (*_ALWAYS, "rate_limited", "busy")
_SEND = (*_READ, "bad_json", "too_large", "unsupported_media_type", "invalid")
_ASK = (*_SEND, "client_gone", "no_index")
_REFUSED = ("exists", "unsupported_file", "bad_name", "unreadable", "no_room", "index_busy")
_FILE = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}


def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


async def _note(request: Request) -> Note:
    return note_of(request.scope)


Served = Annotated[Service, Depends(_service)]
Noted = Annotated[Note, Depends(_note)]
router = APIRouter()
uploading = APIRouter()


@router.post(
    "/ask",
    response_model=AnswerReply,
    responses={
        **_or_events("The answer, or its events."),
        **_errors(*_ASK, "not_found", "backend_failed"),
    },
)
async def ask(body: Ask, request: Request, service: Served, note: Noted, accept: _Accept = "") -> Response:
    """Answer a question from the documents.

    With `stream`, or `Accept: text/event-stream`, the events are `retrieved` (hits, evidence), `token`
    (text as the backend writes it, unchecked), `discarded` (forget the tokens so far), and last either
    `answer` or `error`. Comments keep the connection alive while a backend is silent.
    """
    turns = [each.turn() for each in body.history]
    options = Options(body.k, body.lang, strict=body.strict, backend=body.backend)
    events = service.stream(body.question, turns, body.where.where(), options)
    if body.stream or _EVENTS in accept:
        every_s = service.settings.serve_keep_alive_s
        begins = await _while_connected(request, begun(first(events), every_s))
        blocks = kept_alive(sent(begins, events, service, note), every_s)
        return StreamingResponse(blocks, media_type=_EVENTS)
    answer = await _while_connected(request, last(events))
    return _json(reply(answer, service, note))


@router.post("/search", response_model=SearchReply, responses=_errors(*_ASK))
async def search(body: Search, request: Request, service: Served, note: Noted) -> Response:
    """Return the passages nearest to a question, best first."""
    found = service.search(body.question, body.where.where(), Options(body.k))
    hits, generation = await _while_connected(request, found)
    note.fields["generation"] = generation
    return _json(SearchReply(body.question, hits, generation, note.request_id))


@router.get("/documents", response_model=DocumentsReply, responses=_errors(*_READ, "invalid", "no_index"))
def documents(
    service: Served,
    note: Noted,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """List the documents, in order of id, and sum up the index."""
    with service.generations.hold() as opened:
        found = opened.index.documents()
        page = tuple(
            Listed(each.doc_id, each.title, each.lang, each.date, each.passages, each.author)
            for each in found[offset : offset + limit]
        )
        held = library(opened.index, service.settings.index)
        return _json(DocumentsReply(page, len(found), held, opened.index.generation, note.request_id))


@router.get(
    "/documents/{doc_id:path}",
    response_model=DocumentReply,
    responses=_errors(*_READ, "not_found", "invalid", "no_index"),
)
def document(
    service: Served,
    note: Noted,
    doc_id: Annotated[str, Path(description="As a citation or a passage gives it.")],
    start: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 20_000,
) -> Response:
    """Return the text of a document, from code point `start` on, at most `limit` of them."""
    with service.generations.hold() as opened:
        whole = opened.index.document(doc_id)
        generation = opened.index.generation
    text = whole.text[start : start + limit]
    end = start + len(text)
    masks = tuple(mask for mask in whole.boilerplate if mask.start < end and mask.end > start)
    reply = DocumentReply(
        doc_id=whole.doc_id,
        title=whole.title,
        lang=whole.lang,
        date=whole.date,
        sha256=whole.sha256,
        length=len(whole.text),
        start=start,
        end=end,
        text=text,
        boilerplate=masks,
        author=whole.author,
        pages=pages_between(whole.pages, start, end),
        left_out=whole.left_out,
        generation=generation,
        request_id=note.request_id,
    )
    return _json(reply)


@uploading.post(
    UPLOADS,
    status_code=201,
    response_model=AddedReply,
    responses=_errors(*_READ, "too_large", "unsupported_media_type", "invalid", "client_gone", *_REFUSED),
    openapi_extra={"requestBody": _FILE},
)
async def upload(
    request: Request,
    note: Noted,
    name: Annotated[str, Query(description="Of the file, with a suffix that tells its kind.")],
) -> Response:
    """Add a document: the body is the file itself. It can be asked about within a second of the answer."""
    uploads: Uploads = request.app.state.uploads
    length = int(request.headers.get("content-length", "0"))
    try:
        added = await uploads.add(name, length, request.stream())
    except ClientDisconnect as exc:
        raise Problem("client_gone") from exc
    of = added.document
    told = AddedReply(of.doc_id, of.title, of.lang, of.date, added.doubts, added.generation, note.request_id)
    return Response(encode(told), status_code=201, media_type=_JSON)


@router.post("/feedback", status_code=204, responses=_errors(*_SEND, "not_found", "not_kept"))
def feedback(body: Feedback, service: Served) -> Response:
    """Rate an answer that was given lately."""
    service.feedback.append(body)
    return Response(status_code=204)


@router.get("/v1/models", responses=_errors(*_READ), response_model=dict[str, Any])
async def models() -> Response:
    """List the one model, as OpenAI's API does."""
    return _json(openai_api.models())


@router.post(
    "/v1/chat/completions",
    response_model=dict[str, Any],
    responses={
        **_or_events("The completion, or its chunks."),
        **_errors(*_ASK, "not_found", "backend_failed"),
    },
)
async def chat_completions(
    body: openai_api.ChatRequest, request: Request, service: Served, note: Noted
) -> Response:
    """Answer the last message, as OpenAI's API does; the field `citewise` holds claims and citations."""
    question, history = openai_api.question_of(body)
    work = last(service.stream(question, history))
    if body.stream:
        every_s = service.settings.serve_keep_alive_s
        answer = await _while_connected(request, begun(work, every_s))
        return StreamingResponse(kept_alive(chunks(answer, service, note), every_s), media_type=_EVENTS)
    whole = reply(await _while_connected(request, work), service, note)
    return _json(openai_api.completion(whole, note.request_id))


@router.get("/health", response_model=HealthReply, responses=_errors(*_ALWAYS))
async def health() -> Response:
    """Tell that the process is alive."""
    return _json(HealthReply())


@router.get("/ready", response_model=ReadyReply, responses=_errors(*_ALWAYS, "busy", "no_index"))
def ready(service: Served) -> Response:
    """Tell whether questions can be answered."""
    with service.generations.hold() as opened:
        return _json(ReadyReply("ready", opened.index.generation))


# A plain Response: any other class would be listed with a media type that is not sent.
@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **_errors(*_READ)},
)
def metrics(service: Served) -> Response:
    """Return the figures of this process, for Prometheus."""
    return Response(service.metrics.page(), media_type=CONTENT_TYPE)


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> Response:
    """Describe the routes to a person."""
    return HTMLResponse(docs_page(request.app.openapi()), headers={"Content-Security-Policy": POLICY})


def _json(value: object) -> Response:
    return Response(encode(value), media_type=_JSON)


async def _while_connected(request: Request, work: Awaitable[T]) -> T:
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


async def _on_error(request: Request, exc: Exception) -> Response:
    note = note_of(request.scope)
    match exc:
        case RequestValidationError():
            problem = _invalid(exc)
        case HTTPException(status_code=405):
            problem = Problem("method_not_allowed", headers=exc.headers)
        case HTTPException(status_code=400):
            problem = Problem("bad_json")
        case HTTPException():
            problem = Problem("not_found")
        case _:
            problem = told(exc, note)
    body = problem.body(note.request_id)
    return Response(body, problem.status, headers=problem.headers, media_type=_JSON)


def _invalid(exc: RequestValidationError) -> Problem:
    """Return which fields are wrong and how, in names that are ours: what was sent is not repeated."""
    errors = exc.errors()
    if any(each["type"] == "json_invalid" for each in errors):
        return Problem("bad_json")
    told = dict.fromkeys(f"{_place(each['loc'])}: {each['msg']}" for each in errors)
    return Problem("invalid", "; ".join(list(told)[:3]))


def _place(loc: tuple[int | str, ...]) -> str:
    known = [str(each) for each in loc[1:] if isinstance(each, int) or each in FIELDS]
    return ".".join(known) or "body"


def create_app(service: Service, uploads: Uploads | None = None) -> FastAPI:
    """Return the app over *service*, which must have been started; the app closes it at its end.

    Without *uploads* no route takes files.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(service.close)

    app = FastAPI(
        title="Citewise",
        version=version("citewise"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        # Spans for a collector that the standard OTEL_* variables name; the log is ours.
        telemetry={"auto_configure": True, "logs": False, "metrics": False, "operation_spans": False},
    )
    app.state.service = service
    app.include_router(router)
    if uploads:
        app.state.uploads = uploads
        app.include_router(uploading)
    for kind in (RequestValidationError, HTTPException, Problem, RagError):
        app.add_exception_handler(kind, _on_error)
    allowed = limits(service.settings)
    gate = Gate(allowed.token, allowed.token_expires)
    sign_in.mount(app, gate)
    app.add_middleware(Guard, limits=allowed, gate=gate)
    app.add_middleware(Observed, metrics=service.metrics)
    return app


def run(settings: Settings, *mounts: Callable[[FastAPI, Service], None]) -> None:
    """Serve until the process is told to stop; each of *mounts* adds its pages to the app.

    Raises:
        ConfigError: The service would be open to others without a token.
        RagError: The index cannot be used.
    """
    limits(settings)
    secrets = (settings.llm_key, settings.serve_token)
    set_up(settings.serve_log_level, [each.get_secret_value() for each in secrets if each])
    model = build.embedder(settings)
    service = Service(settings, build.generations(settings, model))
    uploads = Uploads(settings, model) if settings.serve_upload else None
    service.start()
    app = create_app(service, uploads)
    for mount in mounts:
        mount(app, service)
    server(app, settings).run()
