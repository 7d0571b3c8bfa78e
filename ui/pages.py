"""The picture of a page of an indexed PDF, and where a quote is on it.

The page is drawn in the sandbox, from the file that was indexed and no other: what
is shown as proof must be what was read.
"""

import hashlib
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from rag.index.engines import View
from rag.index.folder import open_regular
from rag.index.readers import MAX_BYTES
from rag.index.reading import Options, Unreadable
from rag.index.sandbox import Sandbox
from rag.types import Document
from rag.ui.schemas import Problem

__all__ = ["Pages", "Picture"]

# 144 dots an inch: small print is legible, and a page of A4 has two million pixels.
_SCALE = 2.0
_TIMEOUT_S = 10.0
_AT_ONCE = 2
_MAX_QUOTE = 2000


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as PNG; `boxes` are left, top, width and height of the quote, as parts of the page."""

    png: bytes
    boxes: tuple[tuple[float, float, float, float], ...]


class Pages:
    """Draws a few pages at a time."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    def picture(self, index: View, doc_id: str, number: int, start: int, end: int) -> Picture:
        """Return page *number* of a document, with the boxes of its text from *start* to *end*.

        Raises:
            Problem: There is no such page or file, it is another file now, it cannot be drawn, or
                others are being drawn.
            LoadError: There is no such document.
        """
        document = index.document(doc_id)
        if not doc_id.lower().endswith(".pdf"):
            raise Problem("not_found", f"There are no pictures of {doc_id!r}: only pages of PDFs are drawn.")
        if all(page.number != number for page in document.pages):
            raise Problem("not_found", f"There is no text on a page {number} of {doc_id!r}.")
        data = _indexed_bytes(index.source(doc_id), document)
        if not self._free.acquire(blocking=False):
            raise Problem("busy", headers={"Retry-After": "1"})
        try:
            with Sandbox(_TIMEOUT_S, options=self._options) as sandbox:
                quote = document.text[start : min(end, start + _MAX_QUOTE)]
                boxes = sandbox.boxes(data, number, quote) if quote.strip() else []
                return Picture(sandbox.picture(data, number, _SCALE), tuple(boxes))
        except Unreadable as exc:
            raise Problem("unreadable", f"The file {exc}.") from exc
        finally:
            self._free.release()


def _indexed_bytes(path: Path, document: Document) -> bytes:
    """Return the bytes of the file if they are those that were indexed."""
    found = _present(path)
    try:
        if found is None:
            raise FileNotFoundError
        with open_regular(found) as file:
            data = file.read(MAX_BYTES[".pdf"] + 1)
    except OSError as exc:
        raise Problem("not_found", "The file is not there any more. Its text is still in the index.") from exc
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise Problem("changed")
    return data


def _present(path: Path) -> Path | None:
    """Return *path*, whose name is composed, as the disk spells it; None if it is not there."""
    if path.exists() or path == path.parent:
        return path if path.exists() else None
    above = _present(path.parent)
    names = above.iterdir() if above and above.is_dir() else ()
    return next((each for each in names if unicodedata.normalize("NFC", each.name) == path.name), None)
