"""A Word document (docx) becomes text, in the shape that `rag.index.readers.html` gives too.

Reads it as its last author accepted it: insertions count, deletions do not. Notes and
comments stand below the paragraph that refers to them, text boxes below the one that
they hang on, headers and footers once at the end. Styles tell the headings. The parts
are those of ECMA-376 (Office Open XML), Strict and Transitional.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rag.index.readers.archive import Archive
from rag.index.readers.docx_numbers import Numbering
from rag.index.readers.docx_text import Run, W, drawn_boxes, runs, written
from rag.index.readers.rows import Cell, rows
from rag.index.reading import Block, Reading, Unreadable, compose
from rag.text.paragraphs import is_list_item

__all__ = ["read"]

_Element = Any

_VAL = f"{W}val"
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
# What is left of a header when its page number is taken out of it.
_COUNTING = re.compile(
    r"(?:page|seite|página|pagina|of|von|de|sur|di|쪽|페이지|第|页|頁|共|ページ|p\.|[\W_])*", re.I
)
_CONTAINERS = frozenset(
    f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
)


def read(data: bytes) -> Reading:
    """Read a docx.

    Raises:
        Unreadable: It is encrypted, not a docx, or unpacks to too much.
    """
    archive = Archive(data, "docx")
    name = archive.part("officeDocument") or "word/document.xml"
    root = archive.xml(name)
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise Unreadable("is not a docx. Save it as .docx in Word")
    document = _Document.of(archive, name)
    blocks = list(document.blocks(body))
    title = next((each.text.lstrip("# ") for each in blocks if each.text.startswith("#")), "")
    about = archive.about()
    title = about.get("title", "") or title
    made = compose([*blocks, *document.margins(title, blocks)])
    return Reading(
        made.text,
        made.masks,
        title,
        about.get("language", ""),
        author=about.get("creator", ""),
    )


@dataclass(slots=True)
class _Document:
    """The parts of a document beside its body.

    Attributes:
        notes: The paragraphs of footnotes, endnotes and comments, by kind and id.
        shown: Notes that were referred to so far; each gets its number in that order.
        edges: The headers and footers.
    """

    styles: Mapping[str, "_Style"]
    numbering: Numbering
    notes: Mapping[tuple[str, str], _Element]
    edges: Mapping[str, list[_Element]]
    shown: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, archive: Archive, name: str) -> "_Document":
        parts = archive.parts(name).values()
        by_kind: dict[str, list[_Element]] = {}
        for part in parts:
            if part.kind in _READ_PARTS and (root := archive.xml(part.name)) is not None:
                by_kind.setdefault(part.kind, []).append(root)
        notes = {
            (note.tag.removeprefix(W), note.get(f"{W}id", "")): note
            for kind in ("footnotes", "endnotes", "comments")
            for root in by_kind.get(kind, ())
            for note in root
            if isinstance(note.tag, str) and note.get(f"{W}type", "normal") == "normal"
        }
        styles = _styles(next(iter(by_kind.get("styles", ())), None))
        numbering = Numbering.of(next(iter(by_kind.get("numbering", ())), None))
        return cls(styles, numbering, notes, {kind: by_kind.get(kind, []) for kind in ("header", "footer")})

    def blocks(self, container: _Element) -> Iterator[Block]:
        """Yield paragraphs and the rows of tables in reading order."""
        for element in container:
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield from self._table(element)
            elif element.tag in _CONTAINERS:
                yield from self.blocks(element)
            elif element.tag == _ALTERNATE and (choice := element.find(_CHOICE)) is not None:
                yield from self.blocks(choice)

    def margins(self, title: str, body: Iterable[Block]) -> Iterator[Block]:
        """Yield what headers and footers say, each text once; masked if it is no news."""
        said = {" ".join(block.text.lstrip("#- ").split()) for block in body} | {title}
        for kind, parts in self.edges.items():
            for root in parts:
                for block in self.blocks(root):
                    text = " ".join(block.text.split())
                    plain = text.lstrip("#- ")
                    if text and text not in said:
                        idle = _COUNTING.fullmatch(plain) is not None or plain in said
                        yield replace(block, mask=f"page {kind}" if idle else "")
                        said |= {text, plain}

    def _paragraph(self, paragraph: _Element) -> Iterator[Block]:
        pieces = list(runs(paragraph))
        block = self._shaped(paragraph, written(pieces).strip())
        yield block
        yield from self._attached(paragraph, pieces)

    def _shaped(self, paragraph: _Element, text: str) -> Block:
        style = self.styles.get(_style_id(paragraph), _Style())
        label = self._label(paragraph, style)  # an empty paragraph of a list is counted too
        if not text:
            return Block("")
        if level := _level(paragraph, style):
            return Block("#" * level + " " + " ".join(f"{label or ''} {text}".split()))
        if style.name.startswith(("toc ", "table of figures")):
            return Block(text, "table of contents", "item")
        if label is None:
            return Block("- " + text, kind="item") if style.name.startswith("list") else Block(text)
        line = f"{label} {text}" if label else f"- {text}"
        return Block(line, kind="item" if is_list_item(line) else "")

    def _label(self, paragraph: _Element, style: "_Style") -> str | None:
        """Return the number of the paragraph, "" for a bullet, None without either."""
        own = paragraph.find(f"{W}pPr/{W}numPr")
        num_id, place = style.numbered or self.numbering.of_style(_style_id(paragraph)) or ("", 0)
        if own is not None:
            num_id = _value(own, "numId") or num_id
            place = int(_value(own, "ilvl") or place)
        return self.numbering.label(num_id, place) if num_id else None

    def _attached(self, paragraph: _Element, pieces: Iterable[Run]) -> Iterator[Block]:
        """Yield the text boxes that hang on a paragraph, and the notes that it refers to."""
        for box in drawn_boxes(paragraph):
            yield from self.blocks(box)
        for piece in pieces:
            note = self.notes.get(piece.note)
            if note is None or piece.note in self.shown:
                continue
            self.shown[piece.note] = 1 + sum(kind == piece.note[0] for kind, _ in self.shown)
            yield from self._note(piece.note, note)

    def _note(self, key: tuple[str, str], note: _Element) -> Iterator[Block]:
        if key[0] == "comment":
            first = f"Comment by {note.get(f'{W}author')}: " if note.get(f"{W}author") else "Comment: "
        else:
            first = f"{self.shown[key]}) "
        for block in self.blocks(note):
            if block.text:
                yield replace(block, text=first + block.text.removeprefix("- "), kind=block.kind and "item")
                first = ""

    def _table(self, table: _Element) -> Iterator[Block]:
        """Yield the rows of a table, those of tables in its cells after the row that they are in.

        A table of one column, or one cell, lays out a page: it is read like one.
        """
        lines = [row for row in _table_rows(table) if row.find(f"{W}trPr/{W}del") is None]
        cells = [list(_cells(row)) for row in lines]
        if max(map(len, cells), default=0) <= 1:
            for row in cells:
                for cell in row:
                    yield from self.blocks(cell)
            return
        grid, extra = self._grid(lines, cells)
        heads = sum(row.find(f"{W}trPr/{W}tblHeader") is not None for row in lines) or None
        for line in rows(grid, heads):
            yield Block(line, kind="row")
        yield from extra

    def _grid(
        self, lines: list[_Element], cells: list[list[_Element]]
    ) -> tuple[list[list[Cell]], list[Block]]:
        """Return the cells with merged ones repeated, and what stands in them besides their text."""
        grid: list[list[Cell]] = []
        extra: list[Block] = []
        for line, row in zip(lines, cells, strict=True):
            places: list[Cell] = [Cell("")] * _before(line)
            for cell in row:
                width = min(int(_value(cell.find(f"{W}tcPr"), "gridSpan") or 1), 1000)
                above = grid[-1][len(places)] if grid and len(places) < len(grid[-1]) else None
                if _is_continued(cell) and above is not None:
                    places += [above] * width
                    continue
                made, more = self._cell(cell)
                places += [made] * width
                extra += more
            grid.append(places)
        return grid, extra

    def _cell(self, cell: _Element) -> tuple[Cell, list[Block]]:
        pieces: list[str] = []
        extra: list[Block] = []
        bold = []
        for paragraph in _cell_paragraphs(cell):
            found = list(runs(paragraph))
            text = self._shaped(paragraph, written(found).strip()).text.lstrip("#").removeprefix("- ")
            pieces += text.split()
            extra += self._attached(paragraph, found)
            bold += [run.bold for run in found if run.text.strip()]
        for table in _inner_tables(cell):
            extra += self._table(table)
        marked = (bool(bold) and all(bold)) or _is_shaded(cell)
        return Cell(" ".join(pieces), marked), extra


_READ_PARTS = ("styles", "numbering", "footnotes", "endnotes", "comments", "header", "footer")


@dataclass(frozen=True, slots=True)
class _Style:
    """A paragraph style: its English name in lower case, its outline level (1 to 9, 0 without), its list."""

    name: str = ""
    outline: int = 0
    numbered: tuple[str, int] | None = None


def _styles(root: _Element | None) -> dict[str, _Style]:
    """Return the styles by id; a style takes from the one that it is based on what it does not say."""
    found = {
        each.get(f"{W}styleId", ""): each for each in (root.iter(f"{W}style") if root is not None else ())
    }
    return {style_id: _style(style_id, found) for style_id in found}


def _style(style_id: str, found: Mapping[str, _Element]) -> _Style:
    name, outline, num_id, place = "", 0, "", ""
    seen: set[str] = set()
    while (style := found.get(style_id)) is not None and style_id not in seen:
        seen.add(style_id)
        own, properties = _value(style, "name").lower(), style.find(f"{W}pPr")
        name = name or own
        if not name.startswith(("heading", "title", "list", "toc")) and own.startswith("heading"):
            name = own
        if properties is not None:
            outline = outline or int(_value(properties, "outlineLvl") or 8) % 9 + 1
            outline = 0 if outline == 9 else outline
            if (numbered := properties.find(f"{W}numPr")) is not None:
                num_id = num_id or _value(numbered, "numId")
                place = place or _value(numbered, "ilvl")
        style_id = _value(style, "basedOn")
    return _Style(name, outline, (num_id, int(place or 0)) if num_id else None)


def _level(paragraph: _Element, style: _Style) -> int:
    """Return 1 to 6 for a heading, 0 for other paragraphs."""
    name, _, number = style.name.partition(" ")
    if name == "heading" and number.isdecimal():
        return min(int(number), 6)
    if style.name == "title":
        return 1
    own = _value(paragraph.find(f"{W}pPr"), "outlineLvl")
    level = int(own) + 1 if own.isdecimal() else style.outline
    return min(level, 6) if 0 < level < 9 else 0


def _style_id(paragraph: _Element) -> str:
    return _value(paragraph.find(f"{W}pPr"), "pStyle")


def _value(element: _Element | None, name: str) -> str:
    child = element.find(f"{W}{name}") if element is not None else None
    return child.get(_VAL, "") if child is not None else ""


def _table_rows(table: _Element) -> Iterator[_Element]:
    return _below(table, f"{W}tr")


def _cells(row: _Element) -> Iterator[_Element]:
    return _below(row, f"{W}tc")


def _cell_paragraphs(cell: _Element) -> Iterator[_Element]:
    return _below(cell, f"{W}p")


def _inner_tables(cell: _Element) -> Iterator[_Element]:
    return _below(cell, f"{W}tbl")


def _below(element: _Element, tag: str) -> Iterator[_Element]:
    """Yield the children of that tag, through the wrappers of content controls and changes."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _below(child, tag)


def _before(row: _Element) -> int:
    """Return how many columns a row leaves out at its start."""
    return min(int(_value(row.find(f"{W}trPr"), "gridBefore") or 0), 1000)


def _is_continued(cell: _Element) -> bool:
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(_VAL, "continue") == "continue"


def _is_shaded(cell: _Element) -> bool:
    shade = cell.find(f"{W}tcPr/{W}shd")
    return shade is not None and shade.get(f"{W}fill", "auto").lower() not in ("auto", "ffffff", "")
