"""Gradio's chat: asked by `gradio_client`, looked at in a browser, and closed to all that is not asking."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from chatting import ASKED, REPLY
from fault_server import OPENAI, Exchange, serve
from gradio_client import Client
from payloads import Canary, canary
from served import RAG, TOKEN

from rag.ui import gradio_chat

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
CLOSED = (
    "login",
    "logout",
    "manifest.json",
    "monitoring/summary",
    "gradio_api/upload",
    "gradio_api/file=/etc/passwd",
    "gradio_api/file/etc/passwd",
    "gradio_api/proxy=http://127.0.0.1:1/",
    "gradio_api/runs",
    "gradio_api/deep_link",
    "gradio_api/component_server",
    "gradio_api/mcp/sse",
    "custom_component/1/client/component/index.js",
)


@dataclass
class Door:
    """`rag chat --gradio`, and where it sent the browser."""

    url: str
    index: Path
    cage: Canary


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[Door]:
    root = tmp_path_factory.mktemp("gradio")
    index = shutil.copytree(library, root / "index")
    with canary() as cage, serve(lambda exchange: play(exchange, cage)) as model:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = str(listener.getsockname()[1])
        script, told = root / "browser", root / "told"
        script.write_text(f'#!/bin/sh\necho "$1" > {told}.part && mv {told}.part {told}\n', encoding="utf-8")
        script.chmod(0o755)
        backend = {"CITEWISE_LLM": "openai", "CITEWISE_LLM_URL": model.url, "CITEWISE_LLM_MODEL": "m"}
        environ = {**os.environ, **backend, "CITEWISE_SERVE_TOKEN": TOKEN, "BROWSER": str(script)}
        arguments = [RAG, "chat", "--gradio", "--index", str(index), "--port", port]
        process = subprocess.Popen(
            arguments, env=environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        try:
            while not told.exists() and process.poll() is None:
                time.sleep(0.05)
            yield Door(told.read_text(encoding="utf-8").strip(), index, cage)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def play(exchange: Exchange, cage: Canary) -> None:
    """Begin with all payloads and never end, if asked to; else answer."""
    exchange.head()
    if "for ever" in exchange.body["messages"][-1]["content"]:
        exchange.send(OPENAI.piece("\n\n".join([REPLY, *cage.payloads()])))
        exchange.wait_for_close()
    else:
        exchange.send(OPENAI.stream(REPLY))


def test_a_program_gets_the_answer_with_its_proof(door: Door) -> None:
    """`gradio_client` asks like any page of Gradio, and like `/ask`; the chat remembers what was asked."""
    assert door.url.endswith("/gradio/")
    client = Client(door.url, headers=AUTHORIZED, verbose=False)
    proof = client.predict("가마의 최고 온도는 몇 도인가요? HK-55", api_name="/ask")
    answer, sources = client.predict(ASKED, api_name="/chat")
    job = client.submit("And when may I open it?", api_name="/chat")
    job.result(timeout=60)

    assert proof["text"] == REPLY
    assert [each["doc_id"] for each in proof["citations"]] == ["en/kiln.md"]
    assert answer["content"] == REPLY
    assert "The kiln reaches 1,250 degrees" in sources["content"]
    assert job.outputs()[-1][0]["content"] == REPLY


def test_a_question_that_is_none_is_told_so(door: Door) -> None:
    """As everywhere, in a sentence."""
    client = Client(door.url, headers=AUTHORIZED, verbose=False)
    [told] = client.predict("   ", api_name="/chat")

    assert "question" in told["content"].lower()


@pytest.mark.parametrize("path", CLOSED)
def test_no_file_and_no_address_is_taken(door: Door, path: str) -> None:
    """Of Gradio's routes those of the page are open; the rest is unknown here, for any method."""
    replies = (
        httpx.get(f"{door.url}{path}", headers=AUTHORIZED),
        httpx.post(f"{door.url}{path}", json={}, headers=AUTHORIZED),
    )

    assert [each.status_code for each in replies] == [404, 404]


def test_the_token_guards_it(door: Door) -> None:
    """All of it, the page and its calls."""
    calls = [httpx.get(door.url), httpx.post(f"{door.url}gradio_api/call/ask", json={"data": ["?"]})]

    assert {each.status_code for each in calls} == {401}


def test_what_a_model_writes_loads_and_runs_nothing(door: Door, chromium: "Browser") -> None:
    """Without a policy too, as in a notebook: all payloads are characters. A like is written down."""
    options: dict[str, Any] = {"bypass_csp": True, "extra_http_headers": AUTHORIZED, "locale": "en-US"}
    context = chromium.new_context(**options)
    context.set_default_timeout(60_000)
    try:
        page = context.new_page()
        dialogs: list[str] = []
        # Nobody answers it: the page would stand still, and the test fail.
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        page.goto(door.url)
        box = page.get_by_role("textbox").first
        box.fill(ASKED + " Go on for ever.")
        box.press("Enter")
        said = page.locator(".message.bot")
        said.get_by_text("[a](javascript:window.pwned=1)").wait_for()
        # Time for what should not be asked for.
        page.wait_for_timeout(500)
        alive = said.locator("img, video, audio, iframe, object, embed, script, style, form, a, [onerror]")
        assert alive.evaluate_all("(all) => all.map((each) => each.outerHTML)") == []
        assert (door.cage.calls, dialogs, page.evaluate("window.pwned ?? null")) == ([], [], None)

        page.reload()
        box.fill(ASKED)
        box.press("Enter")
        said.get_by_text("Sources").wait_for()
        page.get_by_role("button", name="Like", exact=True).click()
        file = door.index / "feedback.jsonl"
        until = time.monotonic() + 30
        while not file.exists() and time.monotonic() < until:
            page.wait_for_timeout(50)
        assert '"rating": "up"' in file.read_text(encoding="utf-8")
    finally:
        context.close()


def test_a_notebook_has_it_in_a_line(door: Door) -> None:
    """`rag.ui.gradio_chat()` is a chat of Gradio's that can be launched anywhere."""
    chat = gradio_chat(index=door.index)
    try:
        _, url, _ = chat.launch(
            prevent_thread_lock=True, quiet=True, inbrowser=False, share=False, ssr_mode=False
        )
        [answer, *_] = Client(url, verbose=False).predict("متى يفتح المتحف؟", api_name="/chat")

        assert "في التاسعة" in answer["content"]
    finally:
        chat.close()
