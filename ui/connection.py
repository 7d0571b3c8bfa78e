"""Connections: bounded in number, in time and in the size of their headers; and the server itself.

uvicorn waits for ever for a client that sends one byte a minute, or reads none.
Here a request must arrive, and an answer be taken, within a time.
"""

import asyncio
import sys
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.settings import Settings
from rag.ui.limits import MAX_BODY, MAX_HEADERS
from rag.ui.observed import SECURITY_HEADERS, Note
from rag.ui.schemas import Problem

__all__ = ["Connection", "server"]

_KEEP_ALIVE_S = 10
_SHUTDOWN_S = 30


class Connection(H11Protocol):
    """One client; cut off when it is slow.

    Attributes:
        receive_s: For the whole of a request, from its first byte or the opening of the connection,
            or for `receive_bytes` of one that is larger.
        send_s: For a client to take what is ready for it.
        at_most: Connections at a time.
    """

    receive_s = 20.0
    receive_bytes = MAX_BODY
    send_s = 30.0
    at_most = 1000
    _receiving: asyncio.TimerHandle | None = None
    _received = 0
    _sending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock, or turn the client away when there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.at_most:
            self._refuse(Problem("busy", headers={"Retry-After": "5"}))
        else:
            self._start_receiving()

    def data_received(self, data: bytes) -> None:
        """Stop the clock when a request is whole, start it with the next one."""
        self._received += len(data)
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            if self._receiving is None:
                self._start_receiving()
        else:
            self._stop_receiving()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._stop_receiving()
        self._stop_sending()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start the clock: the client does not take what is ready."""
        super().pause_writing()
        self._sending = self.loop.call_later(self.send_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the clock."""
        self._stop_sending()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are not ours
        """Answer what is no HTTP, in the form of all errors."""
        error = sys.exception()
        large = isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431
        self._refuse(Problem("headers_too_large" if large else "bad_request"))

    def _start_receiving(self) -> None:
        self._received = 0
        self._receiving = self.loop.call_later(self.receive_s, self._too_slow)

    def _stop_receiving(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

    def _stop_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _too_slow(self) -> None:
        self._receiving = None
        if self._received >= self.receive_bytes:
            self._start_receiving()
        elif not self.transport.is_closing():
            self._refuse(Problem("timeout"))

    def _refuse(self, problem: Problem) -> None:
        """Send *problem* if no answer has begun, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_response(problem))
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def _response(problem: Problem) -> bytes:
    """Return a whole response, for a client with whom h11 may have broken off already."""
    note = Note()
    body = problem.body(note.request_id)
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        "cache-control": "no-store",
        "x-request-id": note.request_id,
        **problem.headers,
        **SECURITY_HEADERS,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {problem.status} {problem.code}\r\n{lines}\r\n".encode("ascii") + body


def server(app: ASGIApp, settings: Settings, connection: type[Connection] = Connection) -> uvicorn.Server:
    """Return a server for *app* that listens when it is run and finishes what runs when it is stopped."""
    options: dict[str, Any] = {
        "http": connection,
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "h11_max_incomplete_event_size": MAX_HEADERS,
        "timeout_keep_alive": _KEEP_ALIVE_S,
        "timeout_graceful_shutdown": _SHUTDOWN_S,
        "proxy_headers": bool(settings.serve_proxy),
        "forwarded_allow_ips": settings.serve_proxy or None,
    }
    return uvicorn.Server(uvicorn.Config(app, host=settings.serve_host, port=settings.serve_port, **options))
