"""Org files become Markdown: headings, code in fences, rows of tables with their headers."""

import re
from collections.abc import Iterator, Sequence

from rag.index.readers import read as read_any
from rag.index.readers.rows import Cell, rows
from rag.index.readers.text import decoded
from rag.index.reading import Reading

__all__ = ["read"]

_HEADING = re.compile(r"(\*+)\s+(?:(?:TODO|DONE|NEXT|WAITING)\s+)?(?:\[#\w\]\s+)?(.*?)(?:\s+:[\w@:]+:)?\s*")
_KEYWORD = re.compile(r"#\+(\w+):?\s*(.*)", re.IGNORECASE)
_DRAWER = re.compile(r"\s*:(?:PROPERTIES|LOGBOOK):\s*", re.IGNORECASE)
_LINK = re.compile(r"\[\[[^\]]+\]\[([^\]]+)\]\]|\[\[([^\]]+)\]\]")
_MARKUP = re.compile(r"(?<![\w*/=~])([*/=~])(?=\S)([^\n]+?)(?<=\S)\1(?![\w*/=~])")
_SIGNS = {"*": "**", "/": "*", "=": "`", "~": "`"}


def read(data: bytes) -> Reading:
    """Read a document.

    Raises:
        Unreadable: It is too long.
    """
    text, _ = decoded(data)
    lines = text.split("\n")
    told = dict(
        reversed([(found[1].lower(), found[2].strip()) for line in lines if (found := _KEYWORD.match(line))])
    )
    front = [f'{key}: "{told[key]}"' for key in ("title", "author", "date") if told.get(key)]
    head = ["---", *front, "---", ""] if front else []
    return read_any("\n".join([*head, *_markdown(lines)]).encode("utf-8", "replace"), ".md")


def _markdown(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        keyword = _KEYWORD.match(line.strip())
        if keyword and keyword[1].lower().startswith("begin_"):
            end = _until(lines, at, rf"\s*#\+end_{re.escape(keyword[1][6:])}")
            yield from _block(keyword, lines[at + 1 : end])
            at = end + 1
        elif _DRAWER.fullmatch(line):
            at = _until(lines, at, r"\s*:END:\s*") + 1
        elif line.lstrip().startswith("|"):
            end = next(
                (n for n in range(at, len(lines)) if not lines[n].lstrip().startswith("|")), len(lines)
            )
            yield "\n".join(["", *_rows(lines[at:end]), ""])
            at = end
        else:
            yield _line(line) if not keyword and not line.startswith("# ") else ""
            at += 1


def _until(lines: Sequence[str], at: int, pattern: str) -> int:
    end = re.compile(pattern, re.IGNORECASE)
    return next((n for n in range(at + 1, len(lines)) if end.match(lines[n])), len(lines))


def _block(keyword: re.Match[str], body: Sequence[str]) -> Iterator[str]:
    name = keyword[1][6:].lower()
    if name in ("src", "example"):
        language = keyword[2].split(" ")[0] if name == "src" else ""
        yield "\n".join(["", f"```{language}", *body, "```", ""])
    elif name != "comment":
        yield from ("", *_markdown(body), "")


def _line(line: str) -> str:
    if heading := _HEADING.fullmatch(line):
        return f"\n{'#' * min(len(heading[1]), 6)} {_inline(heading[2])}\n"
    return _inline(line)


def _inline(text: str) -> str:
    text = _LINK.sub(lambda link: link[1] or link[2], text)
    return _MARKUP.sub(lambda found: f"{_SIGNS[found[1]]}{found[2]}{_SIGNS[found[1]]}", text)


def _rows(lines: Sequence[str]) -> list[str]:
    """Return the rows of a table; what stands above its first rule is the header."""
    rule = next((n for n, line in enumerate(lines) if line.lstrip().startswith("|-")), 0)
    full = [line.strip().strip("|") for line in lines if not line.lstrip().startswith("|-")]
    grid = [[Cell(_inline(each.strip())) for each in line.split("|")] for line in full]
    return rows(grid, rule or None)
