"""The outermost layer of the service: every request gets an id, headers, a log line and its figures.

Whatever goes wrong below comes out as the one error form. It also stands around
what is mounted, so no page can forget a header.
"""

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opentelemetry import trace
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.ui import openai_errors
from rag.ui.metrics import Metrics
from rag.ui.schemas import Problem

__all__ = ["SECURITY_HEADERS", "Note", "Observed", "note_of"]

_log = logging.getLogger(__name__)

_HIDDEN = "REDACTED"
_PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_DATA = "default-src 'none'; frame-ancestors 'none'"
SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": _DATA,
}
"""On every response; pages of HTML get a policy under which their own scripts run, and nobody else's."""

# Half a year, for the name that was called; other names of its domain are not ours to decide for.
_TLS_FROM_NOW_ON = "max-age=15552000"


@dataclass(slots=True)
class Note:
    """What becomes of one request; routes add what the log line should hold besides."""

    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    route: str = "unmatched"
    status: int = 0
    fields: dict[str, Any] = field(default_factory=dict)


def note_of(scope: Scope) -> Note:
    """Return the note of the request that *scope* belongs to."""
    found = scope["citewise"]
    assert isinstance(found, Note)
    return found


class Observed:
    """Wraps an app; see the module."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and write down what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        note = scope["citewise"] = Note()
        _hide_address(trace.get_current_span(), scope)
        started = time.perf_counter()

        async def observed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                note.status = message["status"]
                _add_headers(MutableHeaders(scope=message), note, is_tls=scope["scheme"] == "https")
            await send(message)

        try:
            await self._app(scope, receive, observed_send)
        except Problem as problem:
            await _refuse(problem, note, scope, observed_send)
        except Exception:
            _log.exception("failed", extra={"fields": {"request_id": note.request_id}})
            await _refuse(Problem("internal"), note, scope, observed_send)
        finally:
            self._write_down(scope, note, time.perf_counter() - started)

    def _write_down(self, scope: Scope, note: Note, seconds: float) -> None:
        route = _route(scope, note)
        self._metrics.requests.labels(route, str(note.status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        fields = {
            "request_id": note.request_id,
            "method": scope["method"] if scope["method"].isalpha() else "",
            "route": route,
            "status": note.status,
            "ms": round(seconds * 1000, 1),
            "client": scope["client"][0] if scope.get("client") else "",
            **note.fields,
        }
        _log.info("request", extra={"fields": fields})


def _hide_address(span: trace.Span, scope: Scope) -> None:
    """Take out of the span what the framework put in; the template of the path follows as `http.route`."""
    if span.is_recording():
        span.set_attribute("url.path", _HIDDEN)
        if scope["query_string"]:
            span.set_attribute("url.query", _HIDDEN)


def _route(scope: Scope, note: Note) -> str:
    """Return the template of the path: paths themselves are endless and may hold names of documents."""
    route = scope.get("route")
    return getattr(route, "path", "") or note.route


def _add_headers(headers: MutableHeaders, note: Note, *, is_tls: bool) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    media = headers.get("content-type", "")
    if media.startswith("text/html") and headers["content-security-policy"] == _DATA:
        headers["content-security-policy"] = _PAGE
    if media.startswith(("application/json", "text/event-stream", "text/html", "text/plain")):
        headers.setdefault("Cache-Control", "no-store")
    if is_tls:
        headers["Strict-Transport-Security"] = _TLS_FROM_NOW_ON
    headers["X-Request-ID"] = note.request_id


async def _refuse(problem: Problem, note: Note, scope: Scope, send: Send) -> None:
    """Send the error, unless an answer has begun: then breaking off is all that can be said."""
    if note.status:
        return
    status, body = openai_errors.reply(problem, note.request_id, scope["path"])
    headers = {"content-type": "application/json", "content-length": str(len(body)), **problem.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
