"""The chat: one page at ``/``, and at ``/c/ID`` for one of the chats that are kept.

Decides what is served for it, and under which policy. The scripts (``chat*.js``) ask the
routes of the service, as any other client does, and draw what comes as text.
"""

import hashlib
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from rag.errors import ConfigError, IndexMissing
from rag.index.readers import MAX_BYTES
from rag.settings import Settings
from rag.ui.chat_examples import Example, examples
from rag.ui.schemas import encode
from rag.ui.serving import Service
from rag.ui.strings import LANGUAGES, preferred, strings

__all__ = ["address", "mount", "opener"]

_MEDIA = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No string becomes code or markup, and nothing is asked of another machine."""
_READING = ["GET", "HEAD"]
# Every address is listened at; the browser goes to the one of this machine.
_HERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
_TRIES = 300
_BETWEEN_S = 0.2


def mount(app: Starlette, service: Service) -> None:
    """Add the chat over *service* to *app*."""
    page = files("rag.ui").joinpath("chat.html").read_text(encoding="utf-8")
    page = page.replace("{chats}", service.settings.chat_history)
    assets = {path.name: path.read_bytes() for path in files("rag.ui").iterdir() if _is_asset(path.name)}
    choices = _Choices(service)

    async def asset(request: Request) -> Response:
        return _asset(request, assets)

    pages: dict[str, Callable[..., Any]] = {
        "/": lambda _: _page(page, "./"),
        "/c/{chat}": lambda _: _page(page, "../"),
        "/favicon.ico": asset,
        "/chat/choices": lambda _: _json(choices.current()),
        "/chat/words": _words,
        "/chat/{name}": asset,
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


def opener(url: str) -> Callable[[Starlette, Service], None]:
    """Return what opens *url* in the browser as soon as the service listens."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    place = (parts.hostname, parts.port)

    def wait_and_open() -> None:
        for _ in range(_TRIES):
            with suppress(OSError), socket.create_connection(place, timeout=1):
                webbrowser.open(url)
                return
            time.sleep(_BETWEEN_S)

    return lambda *_: threading.Thread(target=wait_and_open, name="browser", daemon=True).start()


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


def _page(page: str, base: str) -> Response:
    """Return the page, whose addresses are relative to *base*: a proxy may put the service below a path."""
    return HTMLResponse(page.replace("{base}", base), headers={"Content-Security-Policy": _POLICY})


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
