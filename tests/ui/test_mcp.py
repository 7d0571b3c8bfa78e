"""Citewise as tools: the SDK's own client over standard input and output of the real command."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
from chatting import MODEL, Chat
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from served import RAG

Use = Callable[[Client], Awaitable[None]]


def with_client(index: Path, log: Path, use: Use, **environ: str) -> None:
    """Run `rag mcp` and *use* it, within a time."""
    parameters = StdioServerParameters(
        command=RAG,
        args=["mcp", "--index", str(index)],
        env={**os.environ, "RAG_LLM": "extractive", **environ},
    )

    async def session() -> None:
        with anyio.fail_after(120), log.open("w", encoding="utf-8") as errors:
            async with Client(stdio_client(parameters, errlog=errors)) as client:
                await use(client)

    anyio.run(session)


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def test_the_tools_answer_search_and_read(library: Path, tmp_path: Path) -> None:
    """A citation of `ask` is what `get_document` gives at its offsets; nothing else is on standard output."""

    async def use(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert sorted(tool.name for tool in tools) == ["ask", "get_document", "search"]
        assert all(tool.description for tool in tools)

        answer = await call(client, "ask", question="フェリーは何時に出ますか")
        assert answer["answered"]
        for citation in answer["citations"]:
            span = {"start": citation["start"], "limit": citation["end"] - citation["start"]}
            page = await call(client, "get_document", doc_id=citation["doc_id"], **span)
            assert page["text"] == citation["quote"]

        found = await call(client, "search", question="opening hours", k=3, langs=["ar"])
        assert [hit["chunk"]["doc_id"] for hit in found["hits"]] == ["ar/متحف.txt"]

    with_client(library, tmp_path / "log", use)


def test_what_no_source_supports_is_marked_in_the_text(chat: Chat, tmp_path: Path) -> None:
    """A model that reads the text alone is told, too."""

    async def use(client: Client) -> None:
        answer = await call(client, "ask", question="How hot does the kiln get? Please make something up.")
        assert "It was built by 400 monks in 1312. (⚠ Not verified: " in answer["text"]
        assert [claim["status"] for claim in answer["claims"]] == ["verified", "unverified"]

    backend = {"RAG_LLM": "openai", "RAG_LLM_URL": chat.model.url, "RAG_LLM_MODEL": MODEL}
    with_client(chat.index, tmp_path / "log", use, **backend)


def test_a_wrong_call_is_an_error_of_the_tool(library: Path, tmp_path: Path) -> None:
    """The model that called is told, and the server goes on."""
    wrong: list[tuple[str, dict[str, object]]] = [
        ("get_document", {"doc_id": "../../etc/passwd"}),
        ("get_document", {"doc_id": "en/kiln.md", "limit": 10**9}),
        ("ask", {"question": " "}),
        ("ask", {"question": "왜?", "k": 0}),
        ("ask", {}),
        ("search", {"question": "x" * 4001}),
    ]

    async def use(client: Client) -> None:
        for tool, arguments in wrong:
            assert (await client.call_tool(tool, arguments)).is_error, tool
        assert (await call(client, "search", question="도서관"))["hits"]

    with_client(library, tmp_path / "log", use)
