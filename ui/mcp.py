"""Citewise as tools of another program: the Model Context Protocol over standard streams or HTTP.

The same service as over HTTP answers, so a published index is taken up while it
runs. On standard output nothing but the protocol; the log goes to standard error.
What a tool gives is read by a model whose context it fills, so it is short unless
more is asked for.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from importlib.metadata import version
from typing import Annotated, Any
from urllib.parse import quote, unquote

from pydantic import Field
from starlette.applications import Starlette

from rag import wiring
from rag.answer.sourced import sourced
from rag.assistant import MAX_QUESTION
from rag.errors import ConfigError, RagError
from rag.index.schema import Summary
from rag.settings import Settings
from rag.types import Answer, Where
from rag.ui.brief import fitted
from rag.ui.logs import set_up
from rag.ui.render import as_json, marked_text
from rag.ui.schemas import MAX_K, MAX_TURNS, Exchange, Problem
from rag.ui.serving import Options, Service

try:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.server.transport_security import TransportSecuritySettings
    from mcp_types import Resource, ToolAnnotations
except ImportError as _missing:
    raise ConfigError(
        "`rag mcp` needs the package mcp. Install it with: pip install 'citewise[mcp]'"
    ) from _missing

__all__ = ["mount", "run", "server"]

_MAX_TEXT = 20_000
_PATH = "/mcp"
_SCHEME = "citewise://documents/"
# Documents that are listed as resources; of the others a program learns by `list_documents`.
_LISTED = 200
_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
# Of an answer, what a model has no use for: the passages it was made from, and how long it took.
_OF_NO_USE = ("hits", "timings_ms", "question")

_INSTRUCTIONS = (
    "Answers from a folder of documents, in any language. Each [n] in an answer was checked: its citation "
    "quotes the document at exact offsets. A sentence followed by ⚠ is in no document: do not pass it on as "
    "a fact. `answered: false` means that the documents do not say."
)

Question = Annotated[str, Field(max_length=MAX_QUESTION, description="In any language.")]
K = Annotated[int | None, Field(ge=1, le=MAX_K, description="How many passages are retrieved.")]
Folders = Annotated[list[str] | None, Field(description="Only documents below these folders.")]
Langs = Annotated[list[str] | None, Field(description="Only passages in these languages, BCP 47.")]
Since = Annotated[date | None, Field(description="Only documents published on this day or later.")]
Until = Annotated[date | None, Field(description="Only documents published on this day or earlier.")]
Lang = Annotated[
    str, Field(max_length=35, description="Language of the answer, BCP 47; that of the question if empty.")
]
History = Annotated[
    list[Exchange] | None,
    Field(
        max_length=MAX_TURNS, description="Earlier turns, oldest first, as `history` of an answer gives them."
    ),
]
AtMost = Annotated[
    int,
    Field(ge=1000, le=1_000_000, description="Bytes of the result. `left_out` counts what did not fit."),
]
DocId = Annotated[str, Field(description="As a citation, a passage or the list gives it.")]
BRIEF = 8000
"""Bytes of a result, unless more is asked for."""


class _Tools(MCPServer[None]):
    """The tools, with the documents of the current generation as resources."""

    def __init__(self, service: Service) -> None:
        super().__init__("citewise", instructions=_INSTRUCTIONS, version=version("citewise"))
        self._service = service
        for make in (_ask, _search, _get_document, _list_documents):
            self.tool(annotations=_READS)(make(service))
        self.resource(_SCHEME + "{name}", title="A document", mime_type="text/plain")(_document(service))

    async def list_resources(self) -> list[Resource]:
        """List the first documents."""
        with self._service.generations.hold() as opened:
            found = opened.index.documents()[:_LISTED]
        return [
            Resource(
                uri=_SCHEME + quote(each.doc_id, safe=""),
                name=each.doc_id,
                title=each.title,
                description=", ".join(filter(None, [each.lang, str(each.date or "")])),
                mime_type="text/plain",
            )
            for each in found
        ]


def server(service: Service) -> MCPServer[None]:
    """Return the tools over *service*, which must have been started."""
    return _Tools(service)


def mount(app: Starlette, service: Service) -> None:
    """Add the tools over *service* to *app*, at ``/mcp``; who may call them is decided around it."""
    tools = server(service)
    # Host and Origin are checked for all routes; without sessions any worker may answer.
    guarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    served = tools.streamable_http_app(
        streamable_http_path=_PATH, stateless_http=True, json_response=True, transport_security=guarded
    )
    app.router.routes.extend(served.routes)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: Starlette) -> AsyncIterator[Any]:
        async with inner(running) as state, tools.session_manager.run():
            yield state

    app.router.lifespan_context = lifespan


def _ask(service: Service) -> Any:  # noqa: ANN401 - the protocol reads its signature
    async def ask(
        question: Question,
        history: History = None,
        lang: Lang = "",
        k: K = None,
        folders: Folders = None,
        langs: Langs = None,
        since: Since = None,
        until: Until = None,
        max_bytes: AtMost = BRIEF,
    ) -> dict[str, Any]:
        """Answer a question from the documents, with checked citations."""
        turns = [each.turn() for each in history or ()]
        where = _where(folders, langs, since, until)
        try:
            events = [event async for event in service.stream(question, turns, where, Options(k, lang))]
        except (RagError, Problem) as exc:
            raise _error(exc) from exc
        answer = events[-1]
        assert isinstance(answer, Answer)
        told = {key: value for key, value in _fields(answer).items() if key not in _OF_NO_USE}
        said = [*(_fields(each) for each in turns), {"question": question, "answer": answer.text}]
        result = {
            "text": marked_text(answer),
            **{k: v for k, v in told.items() if k != "text"},
            "history": said,
        }
        return fitted(result, max_bytes)

    return ask


def _search(service: Service) -> Any:  # noqa: ANN401
    async def search(
        question: Question,
        k: K = None,
        folders: Folders = None,
        langs: Langs = None,
        since: Since = None,
        until: Until = None,
        max_bytes: AtMost = BRIEF,
    ) -> dict[str, Any]:
        """Return the passages nearest to a question, best first."""
        try:
            hits, generation = await service.search(
                question, _where(folders, langs, since, until), Options(k)
            )
            with service.generations.hold() as opened:
                told = sourced(hits, opened.index)
        except (RagError, Problem) as exc:
            raise _error(exc) from exc
        return fitted({"hits": as_json(told), "generation": generation}, max_bytes)

    return search


def _get_document(service: Service) -> Any:  # noqa: ANN401
    def get_document(
        doc_id: DocId,
        start: Annotated[int, Field(ge=0, description="First code point.")] = 0,
        limit: Annotated[int, Field(ge=1, le=_MAX_TEXT, description="How many of them.")] = _MAX_TEXT,
        max_bytes: AtMost = BRIEF,
    ) -> dict[str, Any]:
        """Return the text of a document from `start` to `end`; `length` says how much there is."""
        try:
            with service.generations.hold() as opened:
                found = opened.index.document(doc_id)
        except RagError as exc:
            raise _error(exc) from exc
        fields = _fields(found)
        about = {name: fields[name] for name in ("doc_id", "title", "lang", "date", "author", "pages")}
        about["pages"] = [each for each in about["pages"] if start <= each["start"] < start + limit]
        text = found.text[start : start + limit]
        told = fitted({**about, "length": len(found.text), "start": start, "text": text}, max_bytes)
        return {**told, "end": start + len(told["text"])}

    return get_document


def _list_documents(service: Service) -> Any:  # noqa: ANN401
    def list_documents(
        folders: Folders = None,
        langs: Langs = None,
        since: Since = None,
        until: Until = None,
        offset: Annotated[int, Field(ge=0)] = 0,
        limit: Annotated[int, Field(ge=1, le=1000)] = 100,
        max_bytes: AtMost = BRIEF,
    ) -> dict[str, Any]:
        """List the documents in order of id; `total` counts those that satisfy the filter."""
        where = _where(folders, langs, since, until)
        try:
            with service.generations.hold() as opened:
                found = [each for each in opened.index.documents() if _satisfies(each, where)]
                generation = opened.index.generation
        except RagError as exc:
            raise _error(exc) from exc
        page = [
            {key: value for key, value in _fields(each).items() if key != "root"}
            for each in found[offset : offset + limit]
        ]
        return fitted({"documents": page, "total": len(found), "generation": generation}, max_bytes)

    return list_documents


def _document(service: Service) -> Any:  # noqa: ANN401
    def document(name: str) -> str:
        """Return the text of a document."""
        with service.generations.hold() as opened:
            return opened.index.document(unquote(name)).text

    return document


def _where(
    folders: Sequence[str] | None, langs: Sequence[str] | None, since: date | None, until: date | None
) -> Where:
    return Where(folders=tuple(folders or ()), langs=tuple(langs or ()), since=since, until=until)


def _satisfies(document: Summary, where: Where) -> bool:
    """Tell whether *document* may be listed; the language is that of the document, not of a passage."""
    folders = [each.rstrip("/") + "/" for each in where.folders]
    day = document.date
    return (
        (not folders or any(document.doc_id.startswith(each) for each in folders))
        and (not where.langs or document.lang in where.langs)
        and (where.since is None or (day is not None and day >= where.since))
        and (where.until is None or (day is not None and day <= where.until))
    )


def _error(exc: RagError | Problem) -> ToolError:
    return ToolError(exc.message if isinstance(exc, Problem) else str(exc))


def _fields(value: object) -> dict[str, Any]:
    found = as_json(value)
    assert isinstance(found, dict)
    return found


def run(settings: Settings) -> None:
    """Serve until standard input ends. Raises `RagError` when the index cannot be used."""
    settings = wiring.chosen(settings)
    secrets = [settings.llm_key.get_secret_value()] if settings.llm_key else []
    set_up("WARNING", secrets)
    service = Service(settings, wiring.generations(settings, wiring.embedder(settings)))
    service.start()
    try:
        server(service).run("stdio")
    finally:
        service.close()
