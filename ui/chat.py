"""The chat: one page at ``/``, made by Gradio and filled in by our own script.

Decides what of Gradio is served: its page and the files of it, and none of its
routes that take calls, uploads or paths. The script (``chat*.js``) asks the routes
of the service, as any other client does, and draws what comes as text.
"""

import asyncio
import base64
import hashlib
import re
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import ConfigError, IndexMissing
from rag.index.readers import MAX_BYTES
from rag.settings import Settings
from rag.ui.chat_examples import Example, examples
from rag.ui.schemas import encode
from rag.ui.serving import Service
from rag.ui.strings import LANGUAGES, preferred, strings

__all__ = ["address", "mount", "open_browser"]

_MEDIA = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_HEAD = '<link rel="stylesheet" href="chat/chat.css"><script type="module" src="chat/chat.js"></script>'
# Files of Gradio's page.
_GRADIO_PATHS = ("/theme.css", "/assets/{path:path}", "/static/{path:path}")
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.+?)</script>", re.DOTALL)
_READING = ["GET", "HEAD"]
# Every address is listened at; the browser goes to the one of this machine.
_HERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
_TRIES = 300
_BETWEEN_S = 0.2


def mount(app: Starlette, service: Service) -> None:
    """Add the chat over *service* to *app*."""
    shell = _Shell()
    assets = {path.name: path.read_bytes() for path in files("rag.ui").iterdir() if _is_asset(path.name)}
    choices = _Choices(service)

    async def asset(request: Request) -> Response:
        return _asset(request, assets)

    pages: dict[str, Callable[..., Any]] = {
        "/": shell.page,
        "/favicon.ico": asset,
        "/chat/choices": lambda _: _json(choices.current()),
        "/chat/words": _words,
        "/chat/{name}": asset,
        **dict.fromkeys(_GRADIO_PATHS, shell),
    }
    for path, endpoint in pages.items():
        app.router.routes.append(Route(path, endpoint, methods=_READING, include_in_schema=False))


def address(settings: Settings) -> str:
    """Return where a browser on this machine finds the chat. Raises `ConfigError` when no port is named."""
    if not settings.serve_port:
        raise ConfigError("serve_port = 0 leaves open where the chat will be. Name a port, or use: rag serve")
    host = settings.serve_host
    name = f"[{host}]" if ":" in host else host
    return f"http://{_HERE.get(host, name)}:{settings.serve_port}/"


def open_browser(_: Starlette, service: Service) -> None:
    """Open the chat over *service* in the browser as soon as it listens."""
    url = address(service.settings)
    parts = urlsplit(url)
    assert parts.hostname
    place = (parts.hostname, service.settings.serve_port)

    def wait_and_open() -> None:
        for _ in range(_TRIES):
            with suppress(OSError), socket.create_connection(place, timeout=1):
                webbrowser.open(url)
                return
            time.sleep(_BETWEEN_S)

    threading.Thread(target=wait_and_open, name="browser", daemon=True).start()


class _Shell:
    """Gradio's page and its files.

    Loaded in the background: it takes seconds, which no client of the API should wait.
    """

    def __init__(self) -> None:
        self._app: Future[ASGIApp] = Future()
        threading.Thread(target=self._load, name="chat", daemon=True).start()

    def _load(self) -> None:
        try:
            self._app.set_result(_gradio())
        except BaseException as exc:
            self._app.set_exception(exc)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file of the page."""
        app = await asyncio.shield(asyncio.wrap_future(self._app))
        await app(scope, receive, send)

    async def page(self, request: Request) -> Response:
        """Return the page, with a policy under which its own scripts run and no other inline one.

        Gradio writes parts of a request into the scripts; it is shown the Host only, which was checked.
        """
        headers = [each for each in request.scope["headers"] if each[0] == b"host"]
        scope = {**request.scope, "headers": headers, "query_string": b""}
        body = bytearray()

        async def collect(message: Message) -> None:
            body.extend(message.get("body", b""))

        await self(scope, request.receive, collect)
        policy = _policy(bytes(body))
        return Response(bytes(body), media_type="text/html", headers={"Content-Security-Policy": policy})


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person may choose from.

    Attributes:
        backends: Who writes answers, the usual one first.
        examples: Questions to begin with.
        uploads: Bytes that a file which is added may have, by suffix; empty if none may be added.
        sign_out: Whether there is something to sign out of.
    """

    generation: int
    backends: tuple[str, ...]
    examples: tuple[Example, ...]
    uploads: Mapping[str, int]
    sign_out: bool


class _Choices:
    """The choices of the generation in service, sought once; few before there is one."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._uploads = MAX_BYTES if service.settings.serve_upload else {}
        self._sign_out = service.settings.serve_token is not None
        self._found: Choices | None = None

    def current(self) -> Choices:
        """Return them."""
        with self._lock, suppress(IndexMissing), self._service.generations.hold() as opened:
            generation = opened.index.generation
            if self._found is None or self._found.generation != generation:
                chain = (opened.assistant.llm, *opened.assistant.stand_ins)
                backends = tuple(each.model_id for each in chain)
                self._found = Choices(generation, backends, examples(opened), self._uploads, self._sign_out)
            return self._found
        return Choices(0, (), (), self._uploads, self._sign_out)


def _gradio() -> ASGIApp:
    """Return the app that serves Gradio's page; no font, script or figure of it leaves the machine."""
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
    with gr.Blocks(title="Citewise", analytics_enabled=False) as blocks:
        gr.Column(elem_id="citewise")
    shell: Any = Starlette()
    gr.mount_gradio_app(
        shell,
        blocks,
        path="/",
        theme=theme,
        head=_HEAD,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )
    app: ASGIApp = shell
    return app


def _policy(page: bytes) -> str:
    hashes = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
    )


def _is_asset(name: str) -> bool:
    return name.startswith("chat") and name.endswith(tuple(_MEDIA))


def _asset(request: Request, assets: dict[str, bytes]) -> Response:
    name = request.path_params.get("name", "chat.svg")
    if name not in assets:
        raise HTTPException(404)
    tag = f'"{hashlib.sha256(assets[name]).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    media = next(media for suffix, media in _MEDIA.items() if name.endswith(suffix))
    return Response(assets[name], media_type=media, headers=headers)


async def _words(request: Request) -> Response:
    lang = request.query_params.get("lang", "")
    if lang not in LANGUAGES:
        lang = preferred(request.headers.get("accept-language", ""))
    names = {each: strings(each)["own_name"] for each in LANGUAGES}
    return _json({"lang": lang, "languages": names, "texts": dict(strings(lang))})


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")
