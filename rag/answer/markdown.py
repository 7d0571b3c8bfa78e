"""The Markdown that models write, as blocks and runs of text: drawn as such, it can be nothing else.

A small part of it has a form (paragraphs, headings, lists, tables, code, bold, italics). HTML is text,
a picture is its description, a link its words and its host. Every claim keeps its number and
its markers wherever it stands: in an item of a list, in a cell, in code.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from rag.types import Claim

__all__ = ["Block", "Kind", "Run", "blocks"]

Kind = Literal[
    "paragraph", "heading", "quote", "list", "ordered", "item", "table", "row", "head", "cell", "code"
]

# Stand around claims and markers while the text is parsed. Rare punctuation, so that bold
# begins and ends beside them as it would beside a full stop; taken out of the text before.
_OPEN, _CLOSE, _MARK, _END = "⸵", "⸹", "⹂", "⹌"
_MARKER = re.compile(r"\s*\[(\d{1,4})\]")
_SPLIT = re.compile(rf"({_OPEN}|{_CLOSE}|{_MARK}\d+{_END})")
# What opens a block stays in front of the claim that a line begins with.
_PREFIX = re.compile(r"^(?:\s*(?:[-*+•]\s+|\d{1,2}[.)]\s+|#{1,6}\s+|>\s*|\|\s*))+", re.MULTILINE)
# "2024. 3. 1" is a date, and "•" is a bullet though Markdown knows it not.
_LONG_NUMBER = re.compile(r"^(\s*\d{3,9})([.)]\s)", re.MULTILINE)
_BULLET = re.compile(r"^(\s*)[•‣▪]\s+", re.MULTILINE)
_ROW = re.compile(r"^\s*\|.*$")
_DELIMITER = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_BEHIND = re.compile(rf"\|((?:\s*{_CLOSE}?\s*{_MARK}\d+{_END})*\s*{_CLOSE}?(?:{_MARK}\d+{_END})*)\s*$")


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in one form.

    Attributes:
        claim: Place of the claim that they belong to, -1 for none.
        marker: Of the citation that stands here instead of words, 0 for none.
    """

    text: str
    claim: int = -1
    marker: int = 0
    bold: bool = False
    italic: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text: its words, or the blocks in it (items of a list, rows of a table, cells of a row).

    `level` is that of a heading in a document, 1 the outermost; a "head" is a cell that names others.
    """

    kind: Kind
    runs: tuple[Run, ...] = ()
    blocks: tuple["Block", ...] = ()
    level: int = 0


_PARSER = (
    MarkdownIt("commonmark", {"html": False})
    .enable("table")
    .disable(["code", "lheading", "reference", "html_block", "html_inline", "hr"])
)


def blocks(text: str, claims: Sequence[Claim]) -> tuple[Block, ...]:
    """Return *text*, an answer with its markers, as blocks; *claims* in the order in which it holds them."""
    tree = SyntaxTreeNode(_PARSER.parse(_with_tables(_with_signs(text, claims))))
    return tuple(_Walker().blocks(tree.children))


def _with_signs(text: str, claims: Sequence[Claim]) -> str:
    """Put signs around the claims and markers of *text*."""
    text = re.sub(f"[{_OPEN}{_CLOSE}{_MARK}{_END}]", "", text)
    text = _BULLET.sub(r"\1- ", _LONG_NUMBER.sub(r"\1\\\2", text))
    done, cursor = "", 0
    for claim in claims:
        words = _BULLET.sub(r"\1- ", _LONG_NUMBER.sub(r"\1\\\2", claim.text))
        at = text.find(words, cursor)
        if at < 0:
            done += _OPEN + _CLOSE
            continue
        opening = _PREFIX.match(words) if at == 0 or text[at - 1] == "\n" else None
        inside = words[opening.end() if opening else 0 :].rstrip()
        bar = "|" if inside.endswith("|") else ""
        before = _MARKER.sub(rf" {_MARK}\1{_END}", text[cursor:at])
        done += before + (opening[0] if opening else "") + _OPEN + inside.removesuffix("|") + _CLOSE + bar
        cursor = at + len(words)
    return done + _MARKER.sub(rf" {_MARK}\1{_END}", text[cursor:])


def _with_tables(text: str) -> str:
    """Give rows the line below their head that makes them a table, and take markers into the last cell."""
    lines: list[str] = []
    rows = 0
    for line in text.split("\n"):
        is_row = _ROW.match(line) is not None
        if is_row and not _DELIMITER.match(line):
            found = _BEHIND.search(line)
            line = line[: found.start()] + found[1] if found else line  # noqa: PLW2901
        if rows == 1 and is_row and not _DELIMITER.match(line):
            lines.append("|" + "---|" * (lines[-1].count("|") - lines[-1].rstrip().endswith("|")))
        if is_row and not rows and lines and lines[-1]:
            lines.append("")
        if rows and not is_row:
            lines.append("")
        rows = rows + 1 if is_row else 0
        lines.append(line)
    return "\n".join(lines)


class _Walker:
    """Turns the parsed tree into blocks; counts the claims that have begun."""

    def __init__(self) -> None:
        self._begun = -1
        self._claim = -1

    def blocks(self, nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
        for node in nodes:
            match node.type:
                case "paragraph" | "heading":
                    for runs in self._lines(node):
                        yield Block("paragraph" if node.type == "paragraph" else "heading", runs)
                case "fence":
                    yield Block("code", tuple(self._pieces(node.content.rstrip("\n"), Run("", code=True))))
                case "bullet_list" | "ordered_list":
                    kind: Kind = "list" if node.type == "bullet_list" else "ordered"
                    items = (
                        Block("item", blocks=tuple(self.blocks(each.children))) for each in node.children
                    )
                    yield Block(kind, blocks=tuple(items))
                case "table":
                    yield Block("table", blocks=tuple(self._rows(node)))
                case "blockquote":
                    yield Block("quote", blocks=tuple(self.blocks(node.children)))

    def _rows(self, table: SyntaxTreeNode) -> Iterator[Block]:
        for row in (row for part in table.children for row in part.children):
            cells = [tuple(run for line in self._lines(cell) for run in line) for cell in row.children]
            yield Block("row", blocks=tuple(Block("cell", runs) for runs in cells))

    def _lines(self, node: SyntaxTreeNode) -> list[tuple[Run, ...]]:
        """Return the runs of each line: models set the next thing they say on the next line."""
        lines: list[list[Run]] = [[]]
        for run in (run for child in node.children for run in self._inline(child.children, Run(""))):
            if run.text == "\n" and not run.marker:
                lines.append([])
            else:
                lines[-1].append(run)
        return [tuple(line) for line in lines if line]

    def _inline(self, nodes: Sequence[SyntaxTreeNode], form: Run) -> Iterator[Run]:
        for node in nodes:
            match node.type:
                case "strong":
                    yield from self._inline(node.children, replace(form, bold=True))
                case "em":
                    yield from self._inline(node.children, replace(form, italic=True))
                case "code_inline":
                    yield from self._pieces(node.content, replace(form, code=True))
                case "softbreak" | "hardbreak":
                    yield Run("\n")
                case "link":
                    yield from self._inline(node.children, form)
                    yield from self._pieces(_host(str(node.attrs.get("href", ""))), form)
                case _:
                    # A picture has its description for content.
                    yield from self._pieces(node.content, form)

    def _pieces(self, text: str, form: Run) -> Iterator[Run]:
        for piece in filter(None, _SPLIT.split(text)):
            if piece == _OPEN:
                self._begun += 1
                self._claim = self._begun
            elif piece == _CLOSE:
                self._claim = -1
            elif piece.startswith(_MARK):
                yield Run("", marker=int(piece[1:-1]))
            else:
                yield replace(form, text=piece, claim=self._claim)


def _host(address: str) -> str:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    return f" ({host})" if host else ""
