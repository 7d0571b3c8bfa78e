"""Requests byte by byte, as no HTTP client would send them."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """What came back; status 0 when the connection was closed without a word."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def connect(url: str, timeout_s: float = 30) -> socket.socket:
    address = urlsplit(url)
    assert address.hostname
    assert address.port
    return socket.create_connection((address.hostname, address.port), timeout_s)


def send(url: str, data: bytes, timeout_s: float = 30) -> Reply:
    """Send *data* on a connection of its own and return the first response."""
    with connect(url, timeout_s) as connection:
        with suppress(OSError):  # refused before all of it was sent: the reply may still be there
            connection.sendall(data)
        return receive(connection)


def receive(connection: socket.socket) -> Reply:
    """Read one response that is not chunked, or nothing."""
    stream = connection.makefile("rb")
    try:
        line = stream.readline()
        if not line:
            return Reply(0, {}, b"")
        headers = {}
        while (header := stream.readline().strip()) != b"":
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        return Reply(int(line.split()[1]), headers, body)
    except ConnectionError:
        return Reply(0, {}, b"")


def request(
    method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes = b"", *, length: bool = True
) -> bytes:
    """Return the bytes of a request; a Host that is allowed stands first unless one is given."""
    lines = [method.encode() + b" " + target + b" HTTP/1.1"]
    if not any(name.lower() == b"host" for name, _ in headers):
        lines.append(b"Host: localhost")
    lines += [name + b": " + value for name, value in headers]
    if body and length:
        lines.append(b"Content-Length: " + str(len(body)).encode())
    return b"\r\n".join([*lines, b"", body])
