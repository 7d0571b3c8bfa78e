"""From the bytes of a reply to JSON documents, in three framings and within bounds.

Server-sent events, newline-delimited JSON, and the one JSON body of a server that
does not stream though it was asked to. Which one it is shows in the first byte, not
in the Content-Type, which proxies rewrite. What a document means is decided by the
backend that asked for it.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from rag.errors import BackendMalformed

__all__ = ["MAX_BYTES", "Document", "documents", "inflated"]

Document = dict[str, Any]

MAX_BYTES = 2_000_000
"""Of a reply, decoded: over a hundred times the longest answer. 292 kB of gzip can be 300 MB."""

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
_DONE = "[DONE]"


def inflated(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield *chunks* decoded, never more than `MAX_BYTES` in all.

    Args:
        chunks: As they came from the socket.
        encoding: Content-Encoding; we ask for none, and gzip comes all the same.

    Raises:
        BackendMalformed: There is more, the encoding is unknown, or it is broken.
    """
    left = MAX_BYTES
    unzip = _unzipper(encoding)
    for chunk in chunks:
        try:
            # One byte more than allowed tells "too much" from "exactly enough".
            data = unzip.decompress(chunk, left + 1) if unzip else chunk
        except zlib.error as exc:
            raise BackendMalformed(f"The reply says it is {encoding!r} and is not.") from exc
        left -= len(data)
        if left < 0:
            raise BackendMalformed(f"The reply is longer than {MAX_BYTES} bytes; the rest was not read.")
        yield data


def documents(chunks: Iterable[bytes]) -> Iterator[Document]:
    """Yield the JSON objects of a reply as they arrive; ``[DONE]`` is ``{"done": true}``.

    Raises:
        BackendMalformed: Something in it is not JSON, not an object or not UTF-8.
    """
    lines = _lines(chunks)
    first = next((line for line in lines if line.strip()), b"").removeprefix(b"\xef\xbb\xbf")
    if first.lstrip().startswith((b"{", b"[")):
        yield from _json_lines(first, lines)
    elif first.lstrip().startswith(b"<"):
        raise BackendMalformed(
            "The reply is a web page, not JSON. Is the URL that of the API, with its path?"
        )
    else:
        yield from _events(first, lines)


def _unzipper(encoding: str) -> "zlib._Decompress | None":
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "deflate":
            return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        case unknown:
            raise BackendMalformed(f"The reply is encoded as {unknown[:40]!r}, which was not asked for.")


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield lines without their ends: ``\n``, ``\r\n`` or ``\r``.

    Bytes are cut into lines before they are decoded, so a character that is split
    between chunks is whole again; U+2028 is a character, not a line end.
    """
    pending: list[bytes] = []
    for chunk in chunks:
        # A "\r" at the very end may be half of "\r\n": it waits for the next chunk.
        held = pending.pop() if pending and pending[-1].endswith(b"\r") else b""
        first, *rest = _LINE_END.split(held + chunk)
        pending.append(first)
        for line in rest:
            yield b"".join(pending)
            pending = [line]
    if last := b"".join(pending).removesuffix(b"\r"):
        yield last


def _json_lines(first: bytes, lines: Iterable[bytes]) -> Iterator[Document]:
    """Yield a document a line, or the one document that all lines together are."""
    try:
        document = _object(first)
    except BackendMalformed:
        yield _object(b"\n".join([first, *lines]))
        return
    yield document
    for line in lines:
        if line.strip():
            yield _object(line)


def _events(first: bytes, lines: Iterable[bytes]) -> Iterator[Document]:
    """Yield the data of each server-sent event; comments and other fields are passed over.

    An ``event: error`` whose data is no object is one all the same.
    """
    name, data = b"", list[bytes]()
    for line in _with_end(first, lines):
        field, _, value = line.partition(b":")
        match field:
            case b"event":
                name = value.strip()
            case b"data":
                data.append(value.removeprefix(b" "))
            case b"" if not line:
                if data or name == b"error":
                    yield _event(name, b"\n".join(data))
                name, data = b"", []
            case b"" | b"id" | b"retry":
                pass
            case _:
                raise BackendMalformed("The reply is neither JSON nor server-sent events.")


def _with_end(first: bytes, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield all lines, and an empty one after the last: some servers leave it out."""
    yield first
    yield from lines
    yield b""


def _event(name: bytes, data: bytes) -> Document:
    if data.strip() == _DONE.encode():
        return {"done": True}
    try:
        document = _object(data)
    except BackendMalformed:
        if name == b"error":
            return {"error": "unnamed"}
        raise
    return {"error": document, **document} if name == b"error" else document


def _object(data: bytes) -> Document:
    try:
        document = json.loads(data)
    # ValueError covers broken JSON and broken UTF-8; a thousand "[" is a RecursionError.
    except (ValueError, RecursionError) as exc:
        raise BackendMalformed("The reply holds something that is not JSON.") from exc
    if not isinstance(document, dict):
        raise BackendMalformed("The reply holds JSON that is not an object.")
    return document
