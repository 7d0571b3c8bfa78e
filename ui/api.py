"""The service over HTTP: routes and their documentation, nothing else.

What a request may be is for `rag.ui.schemas`, who may send it for `rag.ui.limits`,
how an answer comes about for `rag.ui.serving`. A chat is mounted by whoever calls
`run`; every layer stands around it too.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from rag import wiring
from rag.errors import RagError
from rag.settings import Settings
from rag.ui import document_routes, kept_routes, openai_errors, openai_routes, sign_in, upload_routes
from rag.ui.connection import server
from rag.ui.docs_page import POLICY, docs_page
from rag.ui.events import begun, first, kept_alive, last, reply, sent, told
from rag.ui.gate import Gate
from rag.ui.http import (
    ALWAYS,
    ASK,
    EVENTS,
    INDEX,
    JSON,
    READ,
    SEND,
    HealthReply,
    Noted,
    Served,
    errors,
    json_reply,
    or_events,
    while_connected,
)
from rag.ui.kept_chats import KeptChats
from rag.ui.limits import Guard, limits
from rag.ui.logs import set_up
from rag.ui.metrics import CONTENT_TYPE
from rag.ui.observed import Observed, note_of
from rag.ui.pages import Pages
from rag.ui.schemas import (
    FIELDS,
    AnswerReply,
    Ask,
    Feedback,
    Problem,
    ReadyReply,
    Search,
    SearchReply,
)
from rag.ui.serving import Options, Service
from rag.ui.uploads import Uploads

__all__ = ["create_app", "run"]

_Accept = Annotated[str, Header(include_in_schema=False)]

_DESCRIPTION = (
    "Answers from your documents, with citations that were checked. Offsets are code points of a "
    "document's text. Every error has the form {code, message, request_id}, below /v1 that of OpenAI's API. "
    "Fields are only ever added."
)


_CHATS = "chats.sqlite"
_PARAMETER = re.compile(r"\{(\w+)\}")

router: APIRouter = APIRouter()


@router.post(
    "/ask",
    response_model=AnswerReply,
    responses={
        **or_events("The answer, or its events."),
        **errors(*ASK, "not_found", "backend_failed"),
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
    if body.stream or EVENTS in accept:
        every_s = service.settings.serve_keep_alive_s
        begins = await while_connected(request, begun(first(events), every_s))
        blocks = kept_alive(sent(begins, events, service, note), every_s)
        return StreamingResponse(blocks, media_type=EVENTS)
    answer = await while_connected(request, last(events))
    return json_reply(reply(answer, service, note))


@router.post("/search", response_model=SearchReply, responses=errors(*ASK))
async def search(body: Search, request: Request, service: Served, note: Noted) -> Response:
    """Return the passages nearest to a question, best first."""
    found = service.search(body.question, body.where.where(), Options(body.k))
    hits, generation = await while_connected(request, found)
    note.fields["generation"] = generation
    return json_reply(SearchReply(body.question, hits, generation, note.request_id))


@router.post("/feedback", status_code=204, responses=errors(*SEND, "not_found", "not_kept"))
def feedback(body: Feedback, service: Served) -> Response:
    """Rate an answer that was given lately."""
    service.feedback.append(body)
    return Response(status_code=204)


@router.get("/health", response_model=HealthReply, responses=errors(*ALWAYS))
async def health() -> Response:
    """Tell that the process is alive."""
    return json_reply(HealthReply())


@router.get("/ready", response_model=ReadyReply, responses=errors(*ALWAYS, "busy", *INDEX))
def ready(service: Served) -> Response:
    """Tell whether questions can be answered."""
    with service.generations.hold() as opened:
        return json_reply(ReadyReply("ready", opened.index.generation))


# A plain Response: any other class would be listed with a media type that is not sent.
@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **errors(*READ)},
)
def metrics(service: Served) -> Response:
    """Return the figures of this process, for Prometheus."""
    return Response(service.metrics.page(), media_type=CONTENT_TYPE)


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> Response:
    """Describe the routes to a person."""
    return HTMLResponse(docs_page(request.app.openapi()), headers={"Content-Security-Policy": POLICY})


async def _on_error(request: Request, exc: Exception) -> Response:
    note = note_of(request.scope)
    match exc:
        case RequestValidationError():
            problem = _invalid(exc)
        case HTTPException(status_code=405):
            named = (exc.headers or {}).get("Allow", "")
            problem = Problem("method_not_allowed", headers={"Allow": _allowed(request, named)})
        case HTTPException(status_code=400):
            problem = Problem("bad_json")
        case HTTPException():
            problem = Problem("not_found")
        case _:
            problem = told(exc, note)
    status, body = openai_errors.reply(problem, note.request_id, request.scope["path"])
    return Response(body, status, headers=problem.headers, media_type=JSON)


def _allowed(request: Request, named: str) -> str:
    """Return the methods of an address: several routes may share it, and the framework names those of one."""
    templates: dict[str, dict[str, object]] = request.app.openapi()["paths"]
    fitting = [each for each in templates if re.fullmatch(_PARAMETER.sub(_any, each), request.scope["path"])]
    return ", ".join(sorted(map(str.upper, templates[max(fitting, key=len)]))) if fitting else named


def _any(parameter: re.Match[str]) -> str:
    return ".+" if parameter[1] == "doc_id" else "[^/]+"


def _invalid(exc: RequestValidationError) -> Problem:
    """Return which fields are wrong and how, in names that are ours: what was sent is not repeated."""
    wrong = exc.errors()
    if any(each["type"] == "json_invalid" for each in wrong):
        return Problem("bad_json")
    told = dict.fromkeys(f"{_place(each['loc'])}: {each['msg']}" for each in wrong)
    return Problem("invalid", "; ".join(list(told)[:3]), param=_place(wrong[0]["loc"]))


def _place(loc: tuple[int | str, ...]) -> str:
    known = [str(each) for each in loc[1:] if isinstance(each, int) or each in FIELDS]
    return ".".join(known) or "body"


def create_app(service: Service, uploads: Uploads | None = None) -> FastAPI:
    """Return the app over *service*, which must have been started; the app closes it at its end.

    Without *uploads* no route takes files. Both are closed at its end.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if uploads:
            uploads.start()
        yield
        if uploads:
            await asyncio.to_thread(uploads.close)
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
    app.state.pages = Pages(wiring.reading_options(service.settings))
    app.include_router(router)
    # Before the route that removes a document, whose id may look like that of a page.
    app.include_router(document_routes.router)
    if uploads:
        app.state.uploads = uploads
        app.include_router(upload_routes.router)
    app.include_router(openai_routes.router)
    allowed = limits(service.settings)
    if service.settings.chat_history == "service" and allowed.token:
        app.state.kept_chats = KeptChats(service.settings.index / _CHATS, allowed.token)
        app.include_router(kept_routes.router)
    for kind in (RequestValidationError, HTTPException, Problem, RagError):
        app.add_exception_handler(kind, _on_error)
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
    settings = wiring.chosen(settings)
    secrets = (settings.llm_key, settings.serve_token)
    set_up(settings.serve_log_level, [each.get_secret_value() for each in secrets if each])
    model = wiring.embedder(settings)
    service = Service(settings, wiring.generations(settings, model))
    uploads = Uploads(settings, model, service.generations) if settings.serve_upload else None
    service.start()
    app = create_app(service, uploads)
    for mount in mounts:
        mount(app, service)
    server(app, settings).run()
