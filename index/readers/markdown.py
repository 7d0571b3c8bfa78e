"""Markdown becomes the text that a reader of the page sees, in the shape that all readers give.

Headings stay ``#`` lines, items keep their bullet or number, rows of tables become
"header: value; header: value", and code keeps its fences, which `rag.text.paragraphs`
knows. Emphasis, link targets, attribute lists and containers are gone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.index.readers import html
from rag.index.readers.dialects import plain, without_attributes
from rag.index.readers.frontmatter import front_matter
from rag.index.readers.rows import Cell, rows
from rag.index.readers.superscript import lowered, raised
from rag.index.readers.text import decoded
from rag.index.reading import Block, Reading, compose, fenced, title_line

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["read"]

# MyST and R Markdown: ```{note} holds Markdown, ```{code-block} python and ```{r} hold code.
_DIRECTIVE = re.compile(r"\{(?P<name>[\w-]+)\}\s*(?P<title>.*)")
_PROSE = frozenset(
    (
        *(
            "note",
            "tip",
            "hint",
            "important",
            "warning",
            "caution",
            "danger",
            "attention",
            "error",
            "seealso",
        ),
        *("admonition", "dropdown", "card", "tab-item", "tab-set", "grid", "grid-item-card", "topic"),
        *("sidebar", "figure", "epigraph", "margin", "versionadded", "versionchanged", "deprecated"),
    )
)
# 450 kB take a second. Longer files are dumps, and are read as they are rather than not at all.
_LONG = 5_000_000
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]+\]")
# Obsidian and wikis: [[Page|words]], ==marked==.
_WIKI = re.compile(r"!?\[\[(?:[^\]|\n]*\|)?([^\]\n]+)\]\]|==(?=\S)([^=\n]+)(?<=\S)==")
_BREAK = re.compile(r"<(?:br|hr)\b", re.IGNORECASE)
_RAISED = re.compile(r"<(/?)(sup|sub)\b", re.IGNORECASE)


def read(data: bytes) -> Reading:
    """Read Markdown with the fields of its front matter.

    Raises:
        Unreadable: It is too long.
    """
    text, doubt = decoded(data)
    if len(text) > _LONG:
        return Reading(text, title=title_line(text), doubt=doubt)
    front = front_matter(text)
    blocks = list(_blocks(text[front.end :]))
    heading = next((each.text for each in blocks if each.text.startswith("# ")), "")
    made = compose([*front.blocks(titled=bool(heading)), *blocks])
    title = front.title or heading.lstrip("# ")
    return Reading(made.text, made.masks, title, front.lang, front.date, doubt, front.author, made.pages)


def _blocks(text: str) -> Iterator[Block]:
    walk = _Walk(_parser())
    walk.walk(plain(text))
    return iter(walk.blocks)


def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@dataclass
class _Walk:
    """Collects the blocks of a document in reading order.

    Attributes:
        prefix: Bullet or number of the item that has just begun.
        grid: Rows of the table that is being read.
    """

    parser: "MarkdownIt"
    blocks: list[Block] = field(default_factory=list)
    prefix: str = ""
    grid: list[list[Cell]] = field(default_factory=list)

    def walk(self, text: str) -> None:
        """Add the blocks of *text*."""
        tokens = self.parser.parse(text)
        for place, token in enumerate(tokens):
            if token.type == "inline":
                self._inline(tokens[place - 1], _shown(token.children or ()))
            elif token.type == "list_item_open":
                self.prefix = f"{token.info}{token.markup} " if token.info else "- "
            elif token.type in ("fence", "code_block"):
                self._code(token)
            elif token.type == "html_block":
                self.blocks += html.fragment(token.content)
            elif token.type == "tr_open":
                self.grid.append([])
            elif token.type == "table_close":
                self.blocks += (Block(row, kind="row") for row in rows(self.grid, 1))
                self.grid = []

    def _inline(self, opened: "Token", text: str) -> None:
        if opened.type in ("th_open", "td_open"):
            self.grid[-1].append(Cell(" ".join(text.split()), opened.type == "th_open"))
        elif opened.type == "heading_open":
            marks = "#" * int(opened.tag[1]) + " "
            self.blocks.append(Block(marks + " ".join(without_attributes(text).split())))
        elif text.strip():
            self.blocks.append(Block(self.prefix + without_attributes(text), kind="item" * bool(self.prefix)))
            self.prefix = ""

    def _code(self, token: "Token") -> None:
        directive = _DIRECTIVE.match(token.info.strip())
        if directive and directive["name"] in _PROSE:
            self.walk(plain(f"{directive['title']}\n\n{_without_options(token.content)}"))
        elif token.content.strip():
            self.blocks.append(Block(fenced(token.content, token.info)))
            self.prefix = ""


def _without_options(text: str) -> str:
    """Return the body of a directive without the ``:name: value`` lines that it may begin with."""
    return re.sub(r"\A(?::[\w-]+:.*\n)+", "", text)


def _shown(tokens: Sequence["Token"]) -> str:
    """Return what a page shows of the inline *tokens*: no marks, no targets, no tags."""
    pieces: list[str] = []
    script, marked = "", 0
    for token in tokens:
        if token.type in ("text", "code_inline"):
            pieces.append(token.content if token.type == "code_inline" else _text(token.content))
        elif token.type in ("softbreak", "hardbreak") or _BREAK.match(token.content):
            pieces.append("\n")
        elif token.type == "image":
            pieces.append(_shown(token.children or ()))
        elif tag := _RAISED.match(token.content):
            if tag[1]:
                pieces[marked:] = [_scripted("".join(pieces[:marked]), "".join(pieces[marked:]), script)]
            script, marked = ("" if tag[1] else tag[2].lower()), len(pieces)
    return "".join(pieces)


def _scripted(before: str, mark: str, script: str) -> str:
    return raised(before, mark) if script == "sup" else lowered(mark) if script else mark


def _text(text: str) -> str:
    if "[" not in text and "=" not in text:
        return text
    return _WIKI.sub(lambda found: found[1] or found[2], _FOOTNOTE_MARK.sub("", text))
