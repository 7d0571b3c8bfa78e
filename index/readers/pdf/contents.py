"""Whether a page is blank, or only seems so because what is written on it cannot be decoded.

PDFium shows such a page as an empty one and gives no access to the streams behind it. So
the page is copied into a document of its own, which PDFium writes without encryption and
in one form, and its streams are looked at there.
"""

import base64
import re
import zlib
from collections.abc import Iterator

from rag.index.readers.pdf import engine

__all__ = ["is_undecodable"]

_PAGE = re.compile(rb"/Kids\[ ?(\d+) 0 R")
_CONTENTS = re.compile(rb"/Contents ?(?:(\d+) 0 R|\[([^\]]*)\])")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_LENGTH = re.compile(rb"/Length (\d+)")
_FILTERS = re.compile(rb"/Filter ?(?:/\w+|\[[^\]]*\])")
_NAME = re.compile(rb"/(\w+)")
# Of streams that are not decoded here: a template that draws nothing is shorter.
_SHORT = 40
# Of one stream; what is longer is sound enough.
_MOST_BYTES = 1 << 24


def is_undecodable(document: engine.Pdf, number: int) -> bool:
    """Tell whether page *number*, counted from 0, on which nothing is seen, has contents that are damaged."""
    return any(_is_damaged(head, body) for head, body in _streams(engine.page_alone(document, number)))


def _streams(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield dictionary and body of each stream of the page."""
    page = _PAGE.search(data)
    found = _CONTENTS.search(_object(data, page[1])) if page else None
    if not found:
        return
    named = [found[1]] if found[1] else _REFERENCE.findall(found[2])
    if found[1] and (listed := _object(data, found[1])).startswith(b"["):
        named = _REFERENCE.findall(listed)
    for each in named:
        head, is_stream, rest = _object(data, each).partition(b"stream\r\n")
        length = _LENGTH.search(head)
        if is_stream and length:
            yield head, rest[: int(length[1])]


def _object(data: bytes, name: bytes) -> bytes:
    """Return an object with all that follows it: a stream may hold any bytes, so its length tells its end."""
    start = data.find(b"\n%s 0 obj\r\n" % name)
    return data[start:].partition(b"obj\r\n")[2] if start >= 0 else b""


def _is_damaged(head: bytes, body: bytes) -> bool:
    filters = _FILTERS.search(head)
    for name in _NAME.findall(filters[0])[1:] if filters else ():
        try:
            if name == b"FlateDecode":
                decoder = zlib.decompressobj()
                body = decoder.decompress(body, _MOST_BYTES)
                if not decoder.eof and not decoder.unconsumed_tail:
                    return True
            elif name == b"ASCII85Decode":
                body = base64.a85decode(body.strip().removesuffix(b"~>"))
            else:
                return len(body) > _SHORT
        except (zlib.error, ValueError):
            return True
    return False
