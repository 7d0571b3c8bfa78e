"""A real HTTP server on loopback that breaks in every way that LLM servers do.

A `Script` answers one connection, byte by byte; the server runs the n-th script for
the n-th request, the last one again and again, and counts what came.
"""

import gzip
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from threading import Event, Thread
from typing import Any

from pydantic import SecretStr

from rag.llm.anthropic import ANTHROPIC_HEADERS, ANTHROPIC_KEY, Anthropic
from rag.llm.budget import Budget
from rag.llm.ollama import Ollama
from rag.llm.openai import OpenAI
from rag.llm.wire import Limits, Wire
from rag.protocols import LLM

QUICK = Limits(backoff_s=0.001, total_s=20)

Script = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One request and the connection to answer it on."""

    connection: socket.socket
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def head(self, status: int = 200, **headers: str) -> None:
        """Send status and headers of a reply that ends with the connection."""
        lines = [f"HTTP/1.1 {status} X", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode())

    def wait_for_close(self) -> None:
        """Wait until the client is gone."""
        with suppress(OSError):
            while self.connection.recv(4096):
                pass

    def reset(self) -> None:
        """Break the connection instead of closing it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class FaultServer:
    """What came, and whether the client left."""

    scripts: Sequence[Script]
    url: str = ""
    requests: list[Exchange] = field(default_factory=list)
    left: Event = field(default_factory=Event)

    def answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            exchange = _read_request(connection)
            script = self.scripts[min(len(self.requests), len(self.scripts) - 1)]
            self.requests.append(exchange)
            script(exchange)
            connection.shutdown(socket.SHUT_WR)
            exchange.wait_for_close()
        self.left.set()


@contextmanager
def serve(*scripts: Script) -> Iterator[FaultServer]:
    """Serve *scripts* on a free port of 127.0.0.1."""
    server = FaultServer(scripts)
    threads: list[Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.settimeout(20)
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threads.append(Thread(target=server.answer, args=(connection,), daemon=True))
                    threads[-1].start()

        acceptor = Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for thread in threads:
                thread.join()


def _read_request(connection: socket.socket) -> Exchange:
    received = b""
    while b"\r\n\r\n" not in received:
        # An empty read is a client that left; 0x16 begins a TLS handshake.
        if not (data := connection.recv(65536)) or data[0] == 0x16:
            raise ConnectionError
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        # A client that runs out of time may leave in the middle of its own words.
        if not (data := connection.recv(65536)):
            raise ConnectionError
        body += data
    return Exchange(connection, first.split()[1], headers, json.loads(body or b"{}"))


@dataclass(frozen=True)
class Format:
    """How one wire format writes a reply, streamed or as one JSON body."""

    name: str
    piece: Callable[[str], bytes]
    error: Callable[[Any], bytes]
    stop: Callable[[str], bytes]
    whole: Callable[[str, str], bytes]

    def stream(self, *texts: str, stop: str = "stop") -> bytes:
        return b"".join(map(self.piece, texts)) + self.stop(stop)


def _sse(document: object, event: str = "") -> bytes:
    named = f"event: {event}\n" if event else ""
    return f"{named}data: {json.dumps(document, ensure_ascii=False)}\n\n".encode()


def _line(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def _openai_chunk(text: str | None, stop: str | None = None) -> bytes:
    delta = {} if text is None else {"content": text}
    return _sse({"choices": [{"index": 0, "delta": delta, "finish_reason": stop}]})


def _anthropic_stop(reason: str) -> bytes:
    named = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}[reason]
    delta = {"type": "message_delta", "delta": {"stop_reason": named}}
    return _sse(delta, "message_delta") + _sse({"type": "message_stop"}, "message_stop")


OPENAI = Format(
    "openai",
    piece=_openai_chunk,
    error=lambda error: _sse({"error": error}),
    stop=lambda reason: _openai_chunk(None, reason) + b"data: [DONE]\n\n",
    whole=lambda text, stop: _line({"choices": [{"message": {"content": text}, "finish_reason": stop}]}),
)
ANTHROPIC = Format(
    "anthropic",
    piece=lambda text: _sse(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        "content_block_delta",
    ),
    error=lambda error: _sse({"type": "error", "error": error}, "error"),
    stop=_anthropic_stop,
    whole=lambda text, stop: _line(
        {
            "type": "message",
            "content": [{"type": "text", "text": text}],
            "stop_reason": {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}[stop],
        }
    ),
)
OLLAMA = Format(
    "ollama",
    piece=lambda text: _line({"message": {"role": "assistant", "content": text}, "done": False}),
    error=lambda error: _line({"error": error}),
    stop=lambda reason: _line({"message": {"content": ""}, "done": True, "done_reason": reason}),
    whole=lambda text, stop: _line({"message": {"content": text}, "done": True, "done_reason": stop}),
)
FORMATS = (OPENAI, ANTHROPIC, OLLAMA)


def backend(
    fmt: Format, url: str, *, key: str = "k-1", limits: Limits = QUICK, budget: Budget | None = None
) -> LLM:
    """Return the backend that speaks *fmt*, asking the server at *url*."""
    budget = budget or Budget()
    secret = SecretStr(key)
    match fmt.name:
        case "openai":
            return OpenAI(Wire(url, secret, limits=limits), "m", budget)
        case "anthropic":
            wire = Wire(url, secret, ANTHROPIC_KEY, ANTHROPIC_HEADERS, limits)
            return Anthropic(wire, "m", budget)
        case _:
            return Ollama(Wire(url, secret, limits=limits), "m", budget)


def reply(body: bytes, *, status: int = 200, chunk: int = 0, **headers: str) -> Script:
    """Answer with *body*, in pieces of *chunk* bytes if that is not 0."""

    def script(exchange: Exchange) -> None:
        exchange.head(status, **headers)
        for start in range(0, len(body), chunk or len(body) or 1):
            exchange.send(body[start : start + (chunk or len(body))])

    return script


def chunked(body: bytes, *, finish: bool) -> Script:
    """Answer in a chunked encoding that is cut before its end unless *finish*."""

    def script(exchange: Exchange) -> None:
        exchange.head(Transfer_Encoding="chunked")
        exchange.send(f"{len(body):x}\r\n".encode() + body + b"\r\n" + (b"0\r\n\r\n" if finish else b""))

    return script


def endless(data: bytes, every_s: float = 0.0, first: bytes = b"") -> Script:
    """Send *first*, then *data* again and again until the client is gone."""

    def script(exchange: Exchange) -> None:
        exchange.head()
        exchange.send(first)
        while True:
            exchange.send(data)
            time.sleep(every_s)

    return script


def silent(before: bytes = b"", *, with_head: bool = True) -> Script:
    """Send *before*, then nothing, until the client is gone."""

    def script(exchange: Exchange) -> None:
        if with_head:
            exchange.head()
        exchange.send(before)
        exchange.wait_for_close()

    return script


def slow_head(exchange: Exchange) -> None:
    """Send the headers of a reply that never comes, a byte at a time."""
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Padding: " + b"x" * 100_000:
        exchange.send(bytes([byte]))
        time.sleep(0.02)


def hang_up(exchange: Exchange) -> None:
    """Close without a word."""


def reset(exchange: Exchange) -> None:
    """Break the connection without a word."""
    exchange.reset()
    exchange.connection.close()


@cache
def bomb(size: int) -> bytes:
    """Return *size* zero bytes as gzip, a thousandth of that."""
    return gzip.compress(b"0" * size)
