"""One reader per kind of file, chosen by its suffix, and the reading of plain text itself.

Formats with a parser of their own are read in `rag.index.sandbox`; this module says
which ones those are.
"""

import re
from collections.abc import Mapping

from rag.index.encoding import decode
from rag.index.reading import MAX_CHARS, Reading, Unreadable, title_line
from rag.text import clean_text
from rag.types import Mask

__all__ = ["MAX_BYTES", "PARSED", "PLAIN", "read"]

PLAIN = frozenset({".txt", ".md", ".markdown"})
"""Suffixes of files that are text already."""

PARSED = frozenset({".html", ".htm", ".xhtml", ".pdf", ".docx"})
"""Suffixes of files that need a parser, and so a child process with limits."""

# Pictures make PDF and office files large; nothing makes text so.
MAX_BYTES: Mapping[str, int] = {
    **dict.fromkeys(PLAIN | PARSED, 50_000_000),
    **dict.fromkeys((".pdf", ".docx"), 200_000_000),
}
"""Largest file that is read, by suffix."""

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z][\w-]*)[ \t]*:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$|^(\S[^\n]*)\n=+[ \t]*$", re.MULTILINE)
_DATE_FIELDS = ("date", "published", "pubdate", "publish_date", "date_published")


def read(data: bytes, suffix: str) -> Reading:
    """Read a file's bytes as *suffix* says, in lower case with its dot.

    Raises:
        Unreadable: The file holds no text, or not in this format.
    """
    if suffix in PLAIN:
        return _plain(data, is_markdown=suffix != ".txt")
    if suffix == ".pdf":
        from rag.index.pdf import read_pdf

        return read_pdf(data)
    if suffix == ".docx":
        from rag.index.word import read_word

        return read_word(data)
    from rag.index.html import read_html

    return read_html(data)


def _plain(data: bytes, *, is_markdown: bool) -> Reading:
    decoded = decode(data)
    text = clean_text(decoded.text)
    if len(text) > MAX_CHARS:
        raise Unreadable(f"holds {len(text):,} characters; up to {MAX_CHARS:,} are read. Split the file")
    if is_markdown:
        return _markdown(text, decoded.doubt)
    return Reading(text, title=title_line(text), doubt=decoded.doubt)


def _markdown(text: str, doubt: str) -> Reading:
    """Read *text* with the fields of its front matter: simple ``key: value`` lines, no YAML."""
    front = _FRONT_MATTER.match(text)
    told = {key.lower(): value.strip("'\"") for key, value in _FIELD.findall(front[1])} if front else {}
    return Reading(
        text,
        (Mask(0, front.end(), "front matter"),) if front else (),
        told.get("title") or _first_heading(text[front.end() if front else 0 :]),
        told.get("lang") or told.get("language") or "",
        next((told[name] for name in _DATE_FIELDS if name in told), ""),
        doubt,
    )


def _first_heading(text: str) -> str:
    # "# comment" in a block of code is no heading.
    heading = _HEADING.search(_FENCED.sub("", text))
    return (heading[1] or heading[2]) if heading else ""
