"""reStructuredText becomes Markdown: headings by the order of their underlines, code in fences.

Roles leave their text, targets and options of directives go; admonitions keep their words.
"""

import re
from collections.abc import Iterator, Sequence

from rag.index.readers import read as read_any
from rag.index.readers.text import decoded
from rag.index.reading import Reading

__all__ = ["read"]

_RULE = re.compile(r"(?!::\s*$)([!-/:-@\[-`{-~])\1+\s*")
_DIRECTIVE = re.compile(r"(\s*)\.\. ([\w:-]+)::[ \t]*(.*)")
_COMMENT = re.compile(r"\.\.(?:\s|$)(?!\s*[\w:-]+::)")
_OPTION = re.compile(r"\s+:[\w-]+:.*")
_CODE = ("code-block", "code", "sourcecode", "parsed-literal", "prompt", "literalinclude", "math")
_SILENT = (
    "toctree",
    "image",
    "contents",
    "include",
    "index",
    "raw",
    "meta",
    "highlight",
    "only",
    "currentmodule",
)
_ROLE = re.compile(r":[\w:+.-]+:`(?:([^`<]*?)\s*<[^`>]*>|~?([^`]*))`")
_LINK = re.compile(r"`([^`<]+?)\s*<[^`>]+>`__?")
_LITERAL = re.compile(r"``([^`]+)``")


def read(data: bytes) -> Reading:
    """Read a document.

    Raises:
        Unreadable: It is too long.
    """
    text, _ = decoded(data)
    return read_any("\n".join(_markdown(text.split("\n"))).encode("utf-8", "replace"), ".md")


def _markdown(lines: Sequence[str]) -> Iterator[str]:
    styles: list[str] = []
    at = 0
    while at < len(lines):
        line, below = lines[at], lines[at + 1] if at + 1 < len(lines) else ""
        over = bool(_RULE.fullmatch(line)) and at + 2 < len(lines) and _RULE.fullmatch(lines[at + 2])
        if over and below.strip():
            yield _heading(below, f"{line[0]}over", styles)
            at += 3
        elif line.strip() and _RULE.fullmatch(below) and not _RULE.fullmatch(line) and _reaches(below, line):
            yield _heading(line, below[0], styles)
            at += 2
        elif directive := _DIRECTIVE.fullmatch(line):
            at, made = _directive(lines, at, directive)
            yield from made
        elif _COMMENT.match(line):
            at = _end(lines, at + 1, 0)
        elif line.rstrip().endswith("::"):
            yield _inline(line.rstrip()[:-1] if line.strip() != "::" else "")
            end = _end(lines, at + 1, len(line) - len(line.lstrip()))
            yield from _fenced(lines[at + 1 : end], "")
            at = end
        else:
            yield _inline(line) if not _RULE.fullmatch(line) else ""
            at += 1


def _reaches(rule: str, line: str) -> bool:
    # Wide letters count twice in some editors, so that a rule may be longer, but hardly shorter.
    return len(rule.rstrip()) >= len(line.rstrip()) * 0.8


def _heading(line: str, style: str, styles: list[str]) -> str:
    if style not in styles:
        styles.append(style)
    return "\n" + "#" * min(styles.index(style) + 1, 6) + " " + _inline(line.strip()) + "\n"


def _directive(lines: Sequence[str], at: int, match: re.Match[str]) -> tuple[int, list[str]]:
    """Return where a directive ends, and what is left of it."""
    indent, name, argument = len(match[1]), match[2].rpartition(":")[2], match[3]
    end = _end(lines, at + 1, indent)
    body = list(lines[at + 1 : end])
    while body and _OPTION.fullmatch(body[0]):
        del body[0]
    if name in _CODE:
        return end, list(_fenced(body, argument))
    if name in _SILENT:
        return end, []
    inner = [line[indent:].removeprefix("   ") for line in body]
    return end, ["", _inline(argument), "", *_markdown(inner), ""]


def _end(lines: Sequence[str], at: int, indent: int) -> int:
    """Return the first line from *at* that is not deeper than *indent*, blank ones passed over."""
    end = at
    for place in range(at, len(lines)):
        line = lines[place]
        if line.strip():
            if len(line) - len(line.lstrip()) <= indent:
                break
            end = place + 1
    return end


def _fenced(lines: Sequence[str], language: str) -> Iterator[str]:
    full = [line for line in lines if line.strip()]
    if full:
        indent = min(len(line) - len(line.lstrip()) for line in full)
        code = "\n".join(line[indent:] for line in lines).strip("\n")
        yield f"\n```{language}\n{code}\n```\n"


def _inline(line: str) -> str:
    line = _ROLE.sub(lambda role: role[1] or role[2] or "", line)
    return _LITERAL.sub(r"`\1`", _LINK.sub(r"\1", line))
