"""The chat over HTTP: what is served for its page, and to whom."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from chatting import FILES, REPLY, Chat
from served import RAG, SETTINGS, TOKEN, command

from rag.errors import ConfigError
from rag.settings import Settings
from rag.ui import chat as page
from rag.ui.strings import LANGUAGES, strings

ASSETS = sorted(
    path.name
    for path in files("rag.ui").iterdir()
    if path.name.startswith("chat") and path.name.endswith((".js", ".css", ".svg"))
)
SCRIPTS = sorted(path.name for path in files("rag.ui").iterdir() if path.name.endswith(".js"))


def get(chat: Chat, path: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(f"{chat.url}/{path}", headers=named, timeout=60)


@pytest.mark.parametrize("path", ["", "c/4f1x"])
def test_nothing_becomes_code_or_markup(chat: Chat, path: str) -> None:
    """The page has no inline script or style, none would be let in, and no text can be parsed as either."""
    reply = get(chat, path)
    rules = dict(rule.strip().split(" ", 1) for rule in reply.headers["content-security-policy"].split(";"))

    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", reply.text) == []
    assert {rules[name] for name in ("script-src", "style-src", "connect-src", "img-src", "base-uri")} == {
        "'self'"
    }
    assert {rules[name] for name in ("default-src", "frame-ancestors", "form-action", "trusted-types")} == {
        "'none'"
    }
    assert rules["require-trusted-types-for"] == "'script'"


def test_the_page_depends_on_nothing_that_is_sent(chat: Chat) -> None:
    """What a link or a header says cannot reach the page; wherever it stands, its base is the same."""
    script = "</script><script>alert(1)</script>"
    by_link = get(chat, f"?q={quote(script)}")
    by_header = get(chat, "", X_Forwarded_Host="evil.example", X_Forwarded_Proto=script, Referer=script)
    of_a_chat = get(chat, f"c/{quote(script, safe='')}")

    assert by_link.content == by_header.content == get(chat, "").content
    assert of_a_chat.status_code == 404 or of_a_chat.content == get(chat, "c/4f1x").content
    for path in ("", "c/4f1x"):
        base = re.search('base href="(.*?)"', get(chat, path).text)
        assert base
        assert httpx.URL(f"{chat.url}/{path}").join(base[1]) == f"{chat.url}/"


@pytest.mark.parametrize(
    "name", ["chat.py", "api.py", "strings.json", "..%2Fchat.js", "%2e%2e/cli.py", "chat.js%00", ""]
)
def test_no_other_file_is_served(chat: Chat, name: str) -> None:
    """The folder of the scripts holds code too."""
    assert get(chat, f"chat/{name}").status_code == 404


@pytest.mark.parametrize("name", ASSETS)
def test_files_are_checked_for_news_not_sent_again(chat: Chat, name: str) -> None:
    """A browser that has the current file is told so."""
    first = get(chat, f"chat/{name}")
    again = get(chat, f"chat/{name}", If_None_Match=first.headers["etag"])

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_make_elements_not_markup(name: str) -> None:
    """Nothing parses HTML or code, and no address of another machine stands there."""
    text = files("rag.ui").joinpath(name).read_text(encoding="utf-8")
    parsers = r"(inner|outer)HTML|HTML\(|document\.write|DOMParser|srcdoc|\beval\(|Function\(|Fragment\("

    assert re.findall(parsers, text) == []
    assert set(re.findall(r"https?://[^\s\"'`]+", text)) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_text_of_the_interface_exists(name: str) -> None:
    """A key that no language has would be shown as it is."""
    text = files("rag.ui").joinpath(name).read_text(encoding="utf-8")

    assert set(re.findall(r"\bt\(\s*\"(\w+)\"", text)) <= set(strings("en"))


def test_words_come_in_the_language_of_the_browser(chat: Chat) -> None:
    """Unless one is asked for by name; a name that is none of ours asks for nothing."""
    told = {
        "": get(chat, "chat/words", Accept_Language="de-AT,de;q=0.9,en;q=0.5").json(),
        "ja": get(chat, "chat/words?lang=ja", Accept_Language="de").json(),
        "xx": get(chat, "chat/words?lang=../../xx", Accept_Language="fr").json(),
    }

    assert [each["lang"] for each in told.values()] == ["de", "ja", "fr"]
    assert told["ja"]["texts"] == strings("ja")
    assert list(told[""]["languages"]) == list(LANGUAGES)


def test_examples_are_in_the_documents_and_of_several_languages(chat: Chat) -> None:
    """They are offered with the backends that can be chosen, the usual one first."""
    choices = get(chat, "chat/choices").json()

    assert choices["backends"][1:] == ["extractive"]
    assert {"question": "How do I clean the kiln?", "lang": "en"} in choices["examples"]


def test_a_backend_can_be_chosen_among_those_configured(chat: Chat) -> None:
    """The chosen one begins; those before it are not asked; an unknown one is refused by a name of ours."""
    question = {"question": "How hot does the kiln get?"}
    usual, quoting = get(chat, "chat/choices").json()["backends"]
    replies = [
        httpx.post(f"{chat.url}/ask", json={**question, "backend": each}, timeout=60)
        for each in ("", usual, quoting, "<b>nobody</b>")
    ]

    assert [each.json().get("text") for each in replies[:2]] == [REPLY, REPLY]
    assert replies[2].json()["model"] == "extractive"
    assert not replies[2].json()["degraded"]
    assert replies[3].status_code == 404
    assert "nobody" not in replies[3].text


def test_the_token_guards_the_page_too(tmp_path: Path) -> None:
    """Before a browser is signed in it sees nothing of the chat."""
    with command(tmp_path / "none", tmp_path / "log", CITEWISE_SERVE_TOKEN=TOKEN) as served:
        guarded = ("", "chat/chat.js", "c/4f1x", "chat/words", "library", "library/library.js")
        without = [httpx.get(f"{served.url}/{path}") for path in guarded]
        allowed = [
            httpx.get(f"{served.url}/{path}", auth=("any", TOKEN), timeout=60)
            for path in ("", "chat/chat.js")
        ]
        choices = httpx.get(f"{served.url}/chat/choices", auth=("any", TOKEN))

    assert {each.status_code for each in without} == {401}
    assert all(each.headers["www-authenticate"] == 'Bearer realm="citewise"' for each in without)
    assert {each.status_code for each in allowed} == {200}
    assert choices.json() == {
        "generation": 0,
        "backends": [],
        "examples": [],
        "uploads": {},
        "sign_out": True,
    }


def test_other_methods_are_refused_as_everywhere(chat: Chat) -> None:
    """The chat changes nothing of the service's own answers."""
    assert httpx.post(f"{chat.url}/", json={}).status_code == 405
    assert httpx.post(f"{chat.url}/health", json={}).status_code == 405
    assert "/chat/words" not in json.dumps(get(chat, "openapi.json").json()["paths"])


def test_documents_tell_what_the_chat_filters_by(chat: Chat) -> None:
    """Each document once, with its language."""
    listed = get(chat, "documents").json()["documents"]

    assert {each["doc_id"] for each in listed} == set(FILES)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123/"),
        ("0.0.0.0", "http://127.0.0.1:8123/"),
        ("::", "http://[::1]:8123/"),
        ("::1", "http://[::1]:8123/"),
        ("docs.example", "http://docs.example:8123/"),
    ],
)
def test_the_browser_is_sent_to_this_machine(host: str, url: str) -> None:
    """An address that stands for all of them is none that a browser could open."""
    assert page.address(Settings(serve_host=host, serve_port=8123)) == url


def test_the_browser_needs_a_port_to_go_to() -> None:
    """A free port is known only when the service listens."""
    with pytest.raises(ConfigError, match="serve_port = 0"):
        page.address(SETTINGS)


def test_rag_chat_opens_the_browser_when_it_listens(tmp_path: Path) -> None:
    """Not before: the person would meet an error page."""
    script, told = tmp_path / "browser", tmp_path / "told"
    script.write_text(f'#!/bin/sh\necho "$1" > {told}.part && mv {told}.part {told}\n', encoding="utf-8")
    script.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    arguments = [RAG, "chat", "--index", str(tmp_path / "none"), "--port", port]
    process = subprocess.Popen(
        arguments, env={**os.environ, "BROWSER": str(script)}, stderr=subprocess.DEVNULL
    )
    try:
        while not told.exists() and process.poll() is None:
            time.sleep(0.05)
        address = told.read_text(encoding="utf-8").strip()

        assert address == f"http://127.0.0.1:{port}/"
        assert httpx.get(f"{address}health").status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
