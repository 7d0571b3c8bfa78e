"""Citewise as tools: the SDK's own client over standard input and output of the real command."""

import os
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from chatting import MODEL, Chat
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr
from served import FILES, RAG, TOKEN, listening, service

from rag.protocols import Embedder
from rag.ui.brief import fitted
from rag.ui.mcp import mount
from rag.ui.schemas import encode

Use = Callable[[Client], Awaitable[None]]


def with_client(index: Path, log: Path, use: Use, **environ: str) -> None:
    """Run `rag mcp` and *use* it, within a time."""
    parameters = StdioServerParameters(
        command=RAG,
        args=["mcp", "--index", str(index)],
        env={**os.environ, "CITEWISE_LLM": "extractive", **environ},
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
        assert sorted(tool.name for tool in tools) == ["ask", "get_document", "list_documents", "search"]
        assert all(tool.description for tool in tools)
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)

        answer = await call(client, "ask", question="フェリーは何時に出ますか")
        assert answer["answered"]
        for citation in answer["citations"]:
            span = {"start": citation["start"], "limit": citation["end"] - citation["start"]}
            page = await call(client, "get_document", doc_id=citation["doc_id"], **span)
            assert page["text"] == citation["quote"]

        found = await call(client, "search", question="opening hours", k=3, langs=["ar"])
        assert [hit["chunk"]["doc_id"] for hit in found["hits"]] == ["ar/متحف.txt"]

    with_client(library, tmp_path / "log", use)


def test_documents_are_listed_and_are_resources(library: Path, tmp_path: Path) -> None:
    """By a tool that filters, and as resources whose text is the document's, whatever its name."""

    async def use(client: Client) -> None:
        listed = await call(client, "list_documents")
        assert (listed["total"], len(listed["documents"])) == (len(FILES), len(FILES))
        some = await call(client, "list_documents", folders=["ko"], langs=["ko"])
        assert [each["doc_id"] for each in some["documents"]] == ["ko/도서관.txt"]
        assert (await call(client, "list_documents", since="2020-01-01"))["total"] == 0
        found = {each.name: each.uri for each in (await client.list_resources()).resources}
        assert set(found) == set(FILES)
        for name, uri in found.items():
            [content] = (await client.read_resource(uri)).contents
            assert content.text.split() == FILES[name].split()  # type: ignore[union-attr]

    with_client(library, tmp_path / "log", use)


def test_an_answer_goes_on_with_its_own_history_in_the_language_asked_for(
    library: Path, tmp_path: Path
) -> None:
    """What `history` gives is what the next question takes."""

    async def use(client: Client) -> None:
        first = await call(client, "ask", question="How hot does the kiln get?")
        second = await call(client, "ask", question="And the lid?", history=first["history"], lang="de")
        assert [turn["question"] for turn in second["history"]] == [
            "How hot does the kiln get?",
            "And the lid?",
        ]
        assert second["lang"] == "de"
        assert "en/kiln.md" in {each["doc_id"] for each in second["citations"]}
        assert {"date", "title"} <= set(second["citations"][0])
        assert client.server_info and client.server_info.version == version("citewise")

    with_client(library, tmp_path / "log", use)


@pytest.mark.parametrize("text", ["한국어 문장입니다. ", 'a \x01" ', "😀"])
@pytest.mark.parametrize("at_most", [1000, 8000])
def test_a_result_is_cut_to_what_was_asked_for(text: str, at_most: int) -> None:
    """Passages are shortened first, then lists lose items, a history its oldest; what is lost is told."""
    hits = [{"chunk": {"text": text * 500}, "rank": rank} for rank in range(40)]
    turns = [{"question": str(n), "answer": text * 50} for n in range(20)]
    told = fitted({"text": text * 900, "hits": hits, "history": turns, "generation": 3}, at_most)

    assert len(encode(told)) <= at_most
    assert told["generation"] == 3
    assert told["hits"] == [each for each in told["hits"] if len(each["chunk"]["text"]) <= 281]
    assert told["left_out"].get("hits", 0) + len(told["hits"]) == 40
    assert told["history"] == turns[20 - len(told["history"]) :]


def test_a_result_that_fits_is_whole() -> None:
    """Nothing is said to be left out then."""
    fields = {"text": "a", "hits": [{"chunk": {"text": "b" * 1000}}]}

    assert fitted(fields, 8000) == fields


def test_the_tools_are_served_over_http_too_behind_the_same_token(library: Path, embedder: Embedder) -> None:
    """At /mcp of the service; without its token nobody is let in."""
    served = service(library, embedder, serve_token=SecretStr(TOKEN))
    with listening(served, mounts=[mount]) as url:
        refused = httpx.post(f"{url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"})

        async def session() -> dict[str, Any]:
            authorized = httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
            async with (
                authorized,
                Client(streamable_http_client(f"{url}/mcp", http_client=authorized)) as client,
            ):
                assert len((await client.list_tools()).tools) == 4
                return await call(client, "ask", question="도서관은 몇 시에 닫나요?")

        answer = anyio.run(session)

    assert refused.status_code == 401
    assert "여섯 시" in answer["text"]


def test_what_no_source_supports_is_marked_in_the_text(chat: Chat, tmp_path: Path) -> None:
    """A model that reads the text alone is told, too."""

    async def use(client: Client) -> None:
        answer = await call(client, "ask", question="How hot does the kiln get? Please make something up.")
        assert "It was built by 400 monks in 1312. (⚠ Not verified: " in answer["text"]
        assert [claim["status"] for claim in answer["claims"]] == ["verified", "unverified"]

    backend = {"CITEWISE_LLM": "openai", "CITEWISE_LLM_URL": chat.model.url, "CITEWISE_LLM_MODEL": MODEL}
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
