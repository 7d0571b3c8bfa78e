"""Markdown with components (mdx) becomes Markdown: imports, exports and tags go, what they enclose stays."""

import re

from rag.index.readers import read as read_any
from rag.index.readers.text import decoded
from rag.index.reading import Reading

__all__ = ["read"]

_FENCED = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)
# One statement, up to the blank line that MDX asks for behind it.
_MODULE = re.compile(r"^(?:import|export)\s[^\n]*(?:\n[^\n]+)*", re.MULTILINE)
_COMMENT = re.compile(r"\{/\*.*?\*/\}", re.DOTALL)
_TAG = re.compile(r"</?(?:[A-Z][\w.]*|)(?:\s[^<>]*)?/?>")


def read(data: bytes) -> Reading:
    """Read a page.

    Raises:
        Unreadable: It is too long.
    """
    text, _ = decoded(data)
    pieces, start = [], 0
    for fenced in _FENCED.finditer(text):
        pieces += [_plain(text[start : fenced.start()]), fenced[0]]
        start = fenced.end()
    return read_any("".join([*pieces, _plain(text[start:])]).encode("utf-8", "replace"), ".md")


def _plain(text: str) -> str:
    return _TAG.sub("", _COMMENT.sub("", _MODULE.sub("", text)))
