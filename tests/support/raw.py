"""Requests byte by byte, as no HTTP client would send them."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO
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


def receive(connection: socket.socket, *, head: bool = False) -> Reply:
    """Read one response, or nothing; one to HEAD has no body, and a chunked one is left unread."""
    with connection.makefile("rb") as stream, suppress(ConnectionError):
        status, headers = 100, {}
        while status == 100:
            line = stream.readline()
            if not line:
                break
            status, headers = int(line.split()[1]), _headers(stream)
        else:
            length = 0 if head else int(headers.get("content-length", "0"))
            return Reply(status, headers, stream.read(length))
    return Reply(0, {}, b"")


def _headers(stream: BinaryIO) -> dict[str, str]:
    found = {}
    while (header := stream.readline().strip()) != b"":
        name, _, value = header.decode("latin-1").partition(":")
        found[name.lower()] = value.strip()
    return found


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
