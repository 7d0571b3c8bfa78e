"""AsciiDoc becomes Markdown: headings, listings in fences, rows of tables with their headers."""

import re
from collections.abc import Iterator, Sequence

from rag.index.readers import read as read_any
from rag.index.readers.rows import Cell, rows
from rag.index.readers.text import decoded
from rag.index.reading import Reading

__all__ = ["read"]

_HEADING = re.compile(r"(={1,6})\s+(\S.*?)(?:\s+=+)?\s*")
_LISTING = re.compile(r"(-{4,}|\.{4,}|```+)(\w*)\s*")
_FRAME = re.compile(r"(?:={4,}|\*{4,}|_{4,}|--|\+{4,})\s*")
_ATTRIBUTE = re.compile(
    r":!?[\w-]+!?:.*|\[[^\]]*\]\s*|//(?!/).*|ifdef::.*|ifndef::.*|endif::.*|include::.*|toc::.*"
)
_LINK = re.compile(r"(?:https?://|link:|xref:|mailto:)[^\s\[]+\[([^\]]+)\]|<<[^,>]+,\s*([^>]+)>>")
_ITEM = re.compile(r"([*.]{1,5})\s+(\S.*)")
_BOLD = re.compile(r"(?<![\w*])\*(\S[^*\n]*?)\*(?![\w*])")


def read(data: bytes) -> Reading:
    """Read a document.

    Raises:
        Unreadable: It is too long.
    """
    text, _ = decoded(data)
    return read_any("\n".join(_markdown(text.split("\n"))).encode("utf-8", "replace"), ".md")


def _markdown(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if (fence := _LISTING.fullmatch(line)) or line.strip() == "////":
            end = _closing(lines, at)
            if fence:
                yield "\n```" + fence[2] + "\n" + "\n".join(lines[at + 1 : end]) + "\n```\n"
            at = end + 1
        elif line.startswith("|==="):
            end = _closing(lines, at)
            yield "\n".join(["", *_rows(lines[at + 1 : end], lines[at - 1] if at else ""), ""])
            at = end + 1
        else:
            yield _line(line)
            at += 1


def _closing(lines: Sequence[str], at: int) -> int:
    """Return the line that ends the block begun at *at*; the last one if none does."""
    mark = lines[at].strip().rstrip("abcdefghijklmnopqrstuvwxyz")
    return next((n for n in range(at + 1, len(lines)) if lines[n].strip() == mark), len(lines))


def _line(line: str) -> str:
    if heading := _HEADING.fullmatch(line):
        return f"\n{'#' * len(heading[1])} {_inline(heading[2])}\n"
    if _ATTRIBUTE.fullmatch(line) or _FRAME.fullmatch(line) or line.strip() == "+":
        return ""
    if item := _ITEM.fullmatch(line.strip()):
        return f"{'1.' if item[1][0] == '.' else '-'} {_inline(item[2])}"
    if line.startswith(".") and line[1:2].isalnum():
        return f"\n{_inline(line[1:])}\n"
    return _inline(line)


def _inline(text: str) -> str:
    return _BOLD.sub(r"**\1**", _LINK.sub(lambda link: link[1] or link[2], text))


def _rows(lines: Sequence[str], options: str) -> list[str]:
    """Return the rows of a table: the first line says how many columns there are, if the options do not."""
    first = next((line for line in lines if line.strip()), "")
    stated = re.search(r'cols="?([^"\]]+)', options)
    width = len(stated[1].split(",")) if stated else max(1, len(re.findall(r"(?<!\\)\|", first)))
    joined = "\n".join(lines)
    cells = [
        " ".join(_inline(each).split()) for each in re.split(r"(?:\d*[.+<^>]*[a-z]?)?(?<!\\)\|", joined)[1:]
    ]
    grid = [[Cell(text) for text in cells[n : n + width]] for n in range(0, len(cells), width)]
    above = [n for n, line in enumerate(lines) if line.strip()]
    implied = bool(above) and len(lines) > above[0] + 1 and not lines[above[0] + 1].strip()
    return rows(grid, 1 if "header" in options or implied else None)
