"""A notebook of Jupyter becomes Markdown: its texts, its code in fences, what the code printed."""

import json
from collections.abc import Iterator
from typing import Any

from rag.index.readers import read as read_any
from rag.index.readers.text import decoded
from rag.index.reading import Reading, Unreadable

__all__ = ["read"]

_Cell = dict[str, Any]
# The output of a cell may be a log of megabytes.
_MAX_OUTPUT_CHARS = 4000


def read(data: bytes) -> Reading:
    """Read a notebook.

    Raises:
        Unreadable: It is none.
    """
    try:
        book = json.loads(decoded(data)[0])
        sheets = book.get("worksheets") or [book]
        cells = [cell for sheet in sheets for cell in sheet["cells"]]
    except (ValueError, KeyError, AttributeError, TypeError) as exc:
        raise Unreadable("is not a notebook. Save it in Jupyter again") from exc
    language = str(book.get("metadata", {}).get("kernelspec", {}).get("language", ""))
    text = "\n\n".join(piece for cell in cells for piece in _pieces(cell, language))
    return read_any(text.encode("utf-8", "replace"), ".md")


def _pieces(cell: _Cell, language: str) -> Iterator[str]:
    source = _joined(cell.get("source", cell.get("input", "")))
    if not source.strip():
        return
    if cell.get("cell_type") != "code":
        yield source
        return
    yield _fenced(source, language)
    for output in cell.get("outputs", ()):
        shown = _joined(output.get("text") or output.get("data", {}).get("text/plain") or "")
        if shown.strip():
            yield _fenced(shown[:_MAX_OUTPUT_CHARS], "")


def _joined(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _fenced(code: str, language: str) -> str:
    """Return code in a fence that is longer than any inside it."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{language}\n{code.strip(chr(10))}\n{fence}"
