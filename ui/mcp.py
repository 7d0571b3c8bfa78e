"""Citewise as tools of another program, over the Model Context Protocol on standard input and output.

The same service as over HTTP answers, so a published index is taken up while it
runs. Standard output belongs to the protocol; the log goes to standard error.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from pydantic import Field

from rag.assistant import MAX_QUESTION
from rag.errors import ConfigError, LoadError, RagError
from rag.settings import Settings
from rag.types import Answer, Where
from rag.ui import build
from rag.ui.logs import set_up
from rag.ui.render import as_json, marked_text
from rag.ui.schemas import MAX_K
from rag.ui.serving import Options, Service

try:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
except ImportError as exc:
    raise ConfigError(
        "`rag mcp` needs the package mcp. Install it with: pip install 'citewise[mcp]'"
    ) from exc

__all__ = ["run", "server"]

_MAX_TEXT = 20_000

_INSTRUCTIONS = (
    "Answers from a folder of documents, in any language. Each [n] in an answer was checked: its citation "
    "quotes the document at exact offsets. A sentence followed by ⚠ is in no document: do not pass it on as "
    "a fact. `answered: false` means that the documents do not say."
)

Question = Annotated[str, Field(max_length=MAX_QUESTION, description="In any language.")]
K = Annotated[int | None, Field(ge=1, le=MAX_K, description="How many passages are retrieved.")]
Folders = Annotated[list[str] | None, Field(description="Only documents below these folders.")]
Langs = Annotated[list[str] | None, Field(description="Only passages in these languages, BCP 47.")]


def server(service: Service) -> MCPServer[None]:
    """Return the tools over *service*, which must have been started; it is closed when they are."""

    @asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(service.close)

    tools: MCPServer[None] = MCPServer(
        "citewise",
        instructions=_INSTRUCTIONS,
        lifespan=lifespan,
    )
    tools.tool()(_ask(service))
    tools.tool()(_search(service))
    tools.tool()(_get_document(service))
    return tools


def _ask(service: Service) -> Any:  # noqa: ANN401 - the protocol reads its signature
    async def ask(
        question: Question, k: K = None, folders: Folders = None, langs: Langs = None
    ) -> dict[str, Any]:
        """Answer a question from the documents, with checked citations."""
        where = Where(folders=tuple(folders or ()), langs=tuple(langs or ()))
        try:
            events = [event async for event in service.stream(question, (), where, Options(k))]
        except RagError as exc:
            raise ToolError(str(exc)) from exc
        answer = events[-1]
        assert isinstance(answer, Answer)
        return {**_fields(answer), "text": marked_text(answer)}

    return ask


def _search(service: Service) -> Any:  # noqa: ANN401
    async def search(
        question: Question, k: K = None, folders: Folders = None, langs: Langs = None
    ) -> dict[str, Any]:
        """Return the passages nearest to a question, best first."""
        where = Where(folders=tuple(folders or ()), langs=tuple(langs or ()))
        try:
            hits, generation = await service.search(question, where, Options(k))
        except RagError as exc:
            raise ToolError(str(exc)) from exc
        return {"hits": as_json(hits), "generation": generation}

    return search


def _get_document(service: Service) -> Any:  # noqa: ANN401
    def get_document(
        doc_id: Annotated[str, Field(description="As a citation or a passage gives it.")],
        start: Annotated[int, Field(ge=0, description="First code point.")] = 0,
        limit: Annotated[int, Field(ge=1, le=_MAX_TEXT, description="How many of them.")] = _MAX_TEXT,
    ) -> dict[str, Any]:
        """Return the text of a document; `length` says how much there is."""
        try:
            with service.generations.hold() as opened:
                found = opened.index.document(doc_id)
        except LoadError as exc:
            raise ToolError(str(exc)) from exc
        fields = _fields(found)
        return {
            **{name: fields[name] for name in ("doc_id", "title", "author", "lang", "date", "pages")},
            "length": len(found.text),
            "start": start,
            "text": found.text[start : start + limit],
        }

    return get_document


def _fields(value: object) -> dict[str, Any]:
    found = as_json(value)
    assert isinstance(found, dict)
    return found


def run(settings: Settings) -> None:
    """Serve until standard input ends. Raises `RagError` when the index cannot be used."""
    secrets = [settings.llm_key.get_secret_value()] if settings.llm_key else []
    set_up("WARNING", secrets)
    service = Service(settings, build.generations(settings, build.embedder(settings)))
    service.start()
    server(service).run("stdio")
