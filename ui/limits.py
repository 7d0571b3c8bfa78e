"""Who may use the service, and how much of it: an ASGI wall around every route, mounted ones too.

Decides by the raw headers, never by a URL that was put together from them. What a
page of another origin may do is nothing: it is refused before any route runs.
"""

import re
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import ConfigError
from rag.settings import Settings
from rag.ui.gate import Gate
from rag.ui.schemas import Problem
from rag.ui.seats import client_of
from rag.ui.sign_in import SIGN_IN, refused, refused_page

__all__ = [
    "MAX_BODY",
    "MAX_CHAT",
    "MAX_HEADERS",
    "OPEN",
    "UPLOADS",
    "Guard",
    "Limits",
    "RateLimit",
    "is_loopback",
    "limits",
]

MAX_BODY = 256 * 1024
MAX_CHAT = 8 * 1024 * 1024
"""Of what chat programs send: whole conversations, and pictures, which are not read but come all the same."""
MAX_HEADERS = 32 * 1024
UPLOADS = "/uploads"
"""Where files are sent to, if they may be."""

# Where programs and pages send whole conversations.
_CHATS = ("/v1/", "/gradio/", "/chats/")
_MIN_TOKEN = 16
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_REMOTE_RATE = 240
_HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9._-]{1,253}))(?::[0-9]{1,5})?")
OPEN = frozenset({"/health", "/ready"})
"""What whoever runs the process asks for, without the token and however busy it is."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# No form of a foreign page can send it unasked, as it can multipart/form-data.
_FILE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Limits:
    """What `Guard` enforces.

    Attributes:
        hosts: Names by which the service may be called.
        addresses: Any address will do too. A page that rebinds its own name to this
            machine still sends that name, so addresses are never its doing.
        rate: Requests a minute of one client, 0 for any number.
        at_once: Requests at a time of one client, 0 for any number.
        uploads: Whether `UPLOADS` takes files, which are counted where they are written down.
    """

    hosts: frozenset[str]
    addresses: bool = False
    token: SecretStr | None = None
    token_expires: datetime | None = None
    rate: int = 0
    at_once: int = 0
    uploads: bool = False


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach *host*."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def limits(settings: Settings) -> Limits:
    """Return what is allowed where *settings* let the service listen.

    Raises:
        ConfigError: Others could reach it and it has no token, or one that can be guessed.
    """
    local = is_loopback(settings.serve_host)
    token = settings.serve_token
    if not local and not token and not settings.serve_insecure:
        raise ConfigError(
            f"serve_host = {settings.serve_host!r} can be reached from other machines. Set "
            "CITEWISE_SERVE_TOKEN in the environment, or pass --insecure if everyone there may read the "
            "documents."
        )
    if token and len(token.get_secret_value()) < _MIN_TOKEN:
        raise ConfigError(
            f"CITEWISE_SERVE_TOKEN is shorter than {_MIN_TOKEN} characters. "
            'Make one with: python -c "import secrets; print(secrets.token_urlsafe())"'
        )
    if settings.chat_history == "service" and not token:
        raise ConfigError(
            "chat_history = 'service' keeps chats for whoever has the token, and there is none. Set "
            "CITEWISE_SERVE_TOKEN in the environment, or leave the chats to the browsers."
        )
    if (expires := settings.serve_token_expires) and expires <= datetime.now(UTC):
        raise ConfigError(
            f"serve_token_expires = {expires.isoformat()} is past. Set a new CITEWISE_SERVE_TOKEN, too."
        )
    names = {name.casefold() for name in settings.serve_hosts if name}
    rate = settings.serve_rate if settings.serve_rate is not None else (0 if local else _REMOTE_RATE)
    hosts = _LOOPBACK | names | {settings.serve_host.casefold()}
    return Limits(
        hosts=hosts,
        addresses=not local,
        token=token,
        token_expires=settings.serve_token_expires,
        rate=rate,
        at_once=settings.serve_connections,
        uploads=settings.serve_upload,
    )


class RateLimit:
    """A bucket of requests for each client, refilled steadily; a full one holds a minute's worth."""

    _CLIENTS = 10_000

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """Take a request from the bucket of *client*; return 0, or how long until there is one."""
        if not self._per_minute:
            return 0.0
        now = self._now()
        left, then = self._buckets.pop(client, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - then) * self._per_minute / 60)
        allowed = left >= 1
        self._buckets[client] = (left - allowed, now)
        if len(self._buckets) > self._CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) * 60 / self._per_minute


class Guard:
    """Refuses what may not pass; reads bodies whole, within the limit, before a route sees them."""

    def __init__(self, app: ASGIApp, limits: Limits, gate: Gate) -> None:
        self._app = app
        self._limits = limits
        self._gate = gate
        self._rate = RateLimit(limits.rate)
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request that may pass. Raises `Problem` for the others."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        with self._counted(scope):
            await self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        _check_size(scope)
        headers = _Headers(scope["headers"])
        host = self._check_host(headers)
        _check_origin(headers, host)
        if not self._is_let_in(scope, headers, host):
            self._check_rate(scope)
            if not _is_for_a_person(scope, headers):
                raise refused()
            page = refused_page(scope["path"], headers.one(b"accept-language"))
            await page(scope, receive, send)
            return
        if scope["method"] not in _READING:
            self._check_rate(scope)
            if scope["path"] != UPLOADS:
                limit = MAX_CHAT if scope["path"].startswith(_CHATS) else MAX_BODY
                _check_body(headers, limit)
                receive = _replayed(await _body(receive, limit), receive)
            elif self._limits.uploads:
                _check_media(headers, _FILE, f"Send the file itself, as Content-Type: {_FILE}.")
            else:
                raise Problem("not_found")
        await self._app(scope, receive, send)

    @contextmanager
    def _counted(self, scope: Scope) -> Iterator[None]:
        """Refuse a client for whom too much is running: behind a proxy its connections cannot be counted."""
        client = _client(scope)
        if (
            self._limits.at_once
            and self._running[client] >= self._limits.at_once
            and scope["path"] not in OPEN
        ):
            raise Problem("busy", "Too many requests of this client are running.", {"Retry-After": "5"})
        self._running[client] += 1
        try:
            yield
        finally:
            self._running[client] -= 1
            if not self._running[client]:
                del self._running[client]

    def _check_host(self, headers: "_Headers") -> str:
        hosts = headers.all(b"host")
        value = hosts[0].casefold() if len(hosts) == 1 else ""
        match = _HOST.fullmatch(value)
        name = (match["six"] or match["name"]).removesuffix(".") if match else ""
        if name not in self._limits.hosts and not (self._limits.addresses and _is_address(name)):
            raise Problem("bad_host")
        return value

    def _is_let_in(self, scope: Scope, headers: "_Headers", host: str) -> bool:
        if scope["path"] in OPEN or (scope["path"], scope["method"]) == (SIGN_IN, "POST"):
            return True
        return self._gate.admits(headers.one(b"authorization"), headers.all(b"cookie"), host)

    def _check_rate(self, scope: Scope) -> None:
        if wait_s := self._rate.wait_s(_client(scope)):
            raise Problem("rate_limited", headers={"Retry-After": str(int(wait_s) + 1)})


def _client(scope: Scope) -> str:
    return client_of(scope["client"][0]) if scope.get("client") else ""


class _Headers:
    """Header values by lower-case name; those that are no ASCII count as empty."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._raw = list(raw)

    def all(self, name: bytes) -> list[str]:
        return [value.decode("ascii", "ignore").strip() for key, value in self._raw if key == name]

    def one(self, name: bytes) -> str:
        """Return the only value; empty when there is none or more than one."""
        found = self.all(name)
        return found[0] if len(found) == 1 else ""


def _check_size(scope: Scope) -> None:
    """Refuse long headers that came in one piece: the parser counts only what it has to wait for."""
    size = len(scope["raw_path"]) + len(scope["query_string"])
    if size + sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
        raise Problem("headers_too_large")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _check_origin(headers: _Headers, host: str) -> None:
    """Refuse pages of others: an Origin, if there is one, must name the Host that was called.

    ``null`` is what sandboxed frames and local files send. Without an Origin it is
    no browser, or a plain link; browsers tell the two apart by Sec-Fetch-Site.
    """
    origins = headers.all(b"origin")
    try:
        foreign = any(urlsplit(origin).netloc.casefold() != host for origin in origins)
    except ValueError:
        foreign = True
    site = headers.one(b"sec-fetch-site")
    embedded = site in ("cross-site", "same-site") and headers.one(b"sec-fetch-mode") != "navigate"
    if foreign or embedded:
        raise Problem("bad_origin")


def _is_for_a_person(scope: Scope, headers: _Headers) -> bool:
    """Tell whether a browser shows what comes back; a script of a page takes anything."""
    return scope["method"] in ("GET", "HEAD") and "text/html" in headers.one(b"accept")


def _check_body(headers: _Headers, limit: int) -> None:
    """Take JSON only: forms are what a foreign page can send without asking, and files have no place."""
    length = headers.one(b"content-length")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    _check_media(headers, "application/json")


def _check_media(headers: _Headers, wanted: str, remedy: str = "") -> None:
    """Refuse a body that is not *wanted*, or compressed: how large it is should be seen before it is read."""
    has_body = headers.one(b"content-length") not in ("", "0") or headers.all(b"transfer-encoding")
    media = headers.one(b"content-type").partition(";")[0].strip().casefold()
    if has_body and media != wanted:
        raise Problem("unsupported_media_type", remedy)
    if headers.all(b"content-encoding"):
        raise Problem("unsupported_media_type", "Send the body as it is, without Content-Encoding.")


def _too_large(limit: int) -> Problem:
    return Problem("too_large", f"The body is larger than {limit // 1024} KB.")


async def _body(receive: Receive, limit: int) -> Message:
    """Return a whole body as one message, or what came instead of its end.

    Raises:
        Problem: It is too large, which is said as soon as it is.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return {"type": "http.request", "body": bytes(body), "more_body": False}


def _replayed(message: Message, receive: Receive) -> Receive:
    left = [message]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay
