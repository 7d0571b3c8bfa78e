"""What both formats of the Hangul word processor (hwp 5 and hwpx) share: how paragraphs are numbered.

Outlines, numbered and bulleted paragraphs are counted by level, each level written as
its list says: "^1." is the number of the first level and a stop, "제^1조" a clause.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from rag.index.readers.numerals import numeral
from rag.index.readers.superscript import lowered, raised
from rag.index.reading import Block
from rag.text.paragraphs import is_ended, is_list_item

__all__ = ["FORMATS", "Counter", "Head", "Shape", "marked", "raised_pieces"]

FORMATS = (
    *("decimal", "decimalEnclosedCircle", "upperRoman", "lowerRoman", "upperLetter", "lowerLetter"),
    *("upperLetter", "lowerLetter", "ganada", "ganada", "chosung", "chosung", "koreanCounting"),
    *("japaneseCounting", "japaneseCounting"),
)
"""The formats of numbers in the order of hwp 5; those in circles by the sign in them."""

# A numbered line up to this length that ends no sentence is a heading.
_HEADING_CHARS = 60
_LEVEL = re.compile(r"\^([1-9])")

Kind = Literal["", "outline", "number", "bullet"]


@dataclass(frozen=True, slots=True)
class Head:
    """How one level of a list is written: *text* with ^1 for the number of the first level."""

    text: str
    style: str = "decimal"
    start: int = 1


@dataclass(frozen=True, slots=True)
class Shape:
    """How a paragraph is numbered: by which list, on which level (from 0)."""

    kind: Kind = ""
    list_id: int = 0
    level: int = 0


_OUTLINE = tuple(Head(text, style) for text, style in [
    ("^1.", "decimal"), ("^2.", "ganada"), ("^3)", "decimal"), ("^4)", "ganada"), ("(^5)", "decimal"),
    ("(^6)", "ganada"), ("^7", "decimalEnclosedCircle"),
])  # fmt: skip


@dataclass(slots=True)
class Counter:
    """Counts the paragraphs of a document; ask for each once and in order.

    Attributes:
        lists: The levels of each numbered list.
        outline: The list that the sections count their outline by, 0 for the usual one.
    """

    lists: Mapping[int, tuple[Head, ...]]
    outline: int = 0
    _counts: dict[tuple[str, int], dict[int, int]] = field(default_factory=dict)

    def block(self, text: str, shape: Shape) -> Block:
        """Return a paragraph with its number, as a heading if it is a short one of the outline."""
        text = text.strip()
        if not text or not shape.kind:
            return Block(text)
        if shape.kind == "bullet":
            return Block(f"- {text}", kind="item")
        line = f"{self._label(shape)} {text}".strip()
        if shape.kind == "outline" and len(text) <= _HEADING_CHARS and not is_ended(text):
            return Block("#" * min(shape.level + 1, 6) + " " + " ".join(line.split()))
        return Block(line, kind="item" if is_list_item(line) else "")

    def _label(self, shape: Shape) -> str:
        list_id = self.outline if shape.kind == "outline" else shape.list_id
        heads = self.lists.get(list_id) or _OUTLINE
        if shape.level >= len(heads):
            return ""
        counts = self._counts.setdefault((shape.kind, list_id), {})
        counts[shape.level] = counts.get(shape.level, heads[shape.level].start - 1) + 1
        for deeper in [level for level in counts if level > shape.level]:
            del counts[deeper]

        def written(mark: re.Match[str]) -> str:
            level = int(mark[1]) - 1
            head = heads[min(level, len(heads) - 1)]
            return numeral(counts.get(level, head.start), head.style)

        return _LEVEL.sub(written, heads[shape.level].text).strip()


def marked(blocks: Iterable[Block], first: str) -> Iterator[Block]:
    """Yield *blocks* with *first* before the words of the first that has some."""
    for block in blocks:
        if block.text.strip():
            yield replace(block, text=first + block.text.removeprefix("- "))
            first = ""


def raised_pieces(pieces: Iterable[tuple[str, int]]) -> str:
    """Join pieces of text, each with 1 if it is raised, -1 if it is lowered, else 0."""
    text, joined, level = "", "", 0
    for piece, shift in (*pieces, ("", 2)):
        if shift != level:
            text += raised(text, joined) if level > 0 else lowered(joined) if level < 0 else joined
            joined, level = "", shift
        joined += piece
    return text
