"""Connections: bounded in number, in time and in the size of their headers; and the server itself.

uvicorn waits for ever for a client that sends one byte a minute, or reads none.
Here a request must arrive, and an answer be taken, within a time.
"""

import asyncio
import sys
from contextlib import suppress
from functools import partial
from typing import Any

import h11
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.settings import Settings
from rag.ui.framing import Framing
from rag.ui.limits import MAX_BODY, MAX_HEADERS, OPEN
from rag.ui.observed import SECURITY_HEADERS, Note
from rag.ui.schemas import Problem
from rag.ui.seats import Seats

__all__ = ["Connection", "server"]

_KEEP_ALIVE_S = 10
_SHUTDOWN_S = 30
# Connections are files; of these many systems allow 1,024 unless asked for more.
_FILES = 4096


class Connection(H11Protocol):
    """One client; cut off when it is slow.

    Attributes:
        receive_s: For the whole of a request, from its first byte or the opening of the connection,
            or for `receive_bytes` of one that is larger.
        send_s: For a client to take what is ready for it.
        late_s: For the request of a client for whom there was no seat.
        at_most: Connections at a time.
    """

    receive_s: float = 20.0
    receive_bytes: int = MAX_BODY
    send_s: float = 30.0
    late_s: float = 2.0
    at_most: int = 1000
    _receiving: asyncio.TimerHandle | None = None
    _received = 0
    _sending: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, seats: Seats, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **named)
        self.conn: Framing = Framing(MAX_HEADERS)
        self._seats = seats
        self._has_seat = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock; without a seat it is a short one, and health is all that can be asked for."""
        super().connection_made(transport)
        self._has_seat = self._seats.take(self._address)
        if not self._has_seat:
            self.app: Any = partial(_late, self.app, self._turn_away)
            self._seats.wait(self._turn_away)
        self._start_receiving()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _turn_away(self) -> None:
        self._stop_receiving()
        if not self.transport.is_closing():
            self._refuse(Problem("busy", "Too many connections.", {"Retry-After": "5"}))

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
        """Stop the clocks and give the seat back."""
        if self._has_seat:
            self._seats.leave(self._address)
        else:
            self._seats.stop_waiting(self._turn_away)
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
        if self._has_seat:
            self._receiving = self.loop.call_later(self.receive_s, self._too_slow)
        else:
            self._receiving = self.loop.call_later(self.late_s, self._turn_away)

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


async def _late(app: ASGIApp, turn_away: Any, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ANN401
    """Serve a client without a seat: health, and then it has to go."""
    if scope["path"] not in OPEN:
        turn_away()
        return

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
        await send(message)

    await app(scope, receive, closing)


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
    _allow_files()
    seats = Seats(connection.at_most, settings.serve_connections, settings.serve_proxy)
    options: dict[str, Any] = {
        "http": partial(connection, seats=seats),
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


def _allow_files() -> None:
    """Let the process hold as many connections as it may have, if the system lets it."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < _FILES:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(_FILES, hard), hard))
