"""OpenDocument files (odt, ods, odp) become text, each in the shape of its Office sibling.

Texts: headings, lists with their numbers, tables, notes, comments, boxes; deleted text
is left out. Workbooks: cells as they are displayed. Presentations: slide by slide, with
notes. The elements are those of OASIS OpenDocument 1.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from rag.index.readers.archive import Archive, dublin_core
from rag.index.readers.odf_text import OFFICE, TEXT, Inline, Numbers, Styles, name_of
from rag.index.readers.rows import Cell, rows
from rag.index.readers.sheets import Sheet
from rag.index.readers.sheets import blocks as sheet_blocks
from rag.index.reading import Block, Reading, Unreadable, compose

__all__ = ["read"]

_Element = Any

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
# A cell or row that says it is repeated up to the end of the sheet is filling, if it is empty.
_MAX_REPEATED = 10_000
_INDEXES = ("table-of-content", "alphabetical-index", "illustration-index", "table-index", "object-index")


def read(data: bytes) -> Reading:
    """Read an OpenDocument text, workbook or presentation.

    Raises:
        Unreadable: It is encrypted or damaged.
    """
    archive = Archive(data, "OpenDocument file")
    manifest = archive.xml("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter(f"{_MANIFEST}encryption-data"), None) is not None:
        raise Unreadable("is encrypted. Save a copy without a password")
    root = archive.xml("content.xml")
    body = root.find(f"{OFFICE}body") if root is not None else None
    if root is None or body is None or not len(body):
        raise Unreadable("is not an OpenDocument file. Open it and save it again")
    document = _Document(Styles(), Numbers())
    styles = archive.xml("styles.xml")
    for part in filter(lambda each: each is not None, (styles, root)):
        document.styles.add(part)
    blocks = list(document.body(body[0], styles))
    made = compose(blocks)
    meta = archive.xml("meta.xml")
    about = dublin_core(meta) if meta is not None else {}
    author = meta.findtext(f".//{_META}initial-creator") if meta is not None else ""
    first = next((each.text.lstrip("# ") for each in blocks if each.text.startswith("# ")), "")
    return Reading(
        made.text,
        made.masks,
        about.get("title", "") or ("" if body[0].tag == f"{OFFICE}spreadsheet" else first),
        about.get("language", ""),
        author=author or about.get("creator", ""),
        pages=made.pages,
        left_out=tuple(document.left_out),
    )


@dataclass(slots=True)
class _Document:
    styles: Styles
    numbers: Numbers
    left_out: list[str] = field(default_factory=list)

    def body(self, body: _Element, styles: _Element | None) -> Iterator[Block]:
        if body.tag == f"{OFFICE}spreadsheet":
            yield from sheet_blocks(self._sheets(body))
        elif body.tag == f"{OFFICE}presentation":
            for number, slide in enumerate(body.iterchildren(f"{_DRAW}page"), start=1):
                yield from self._slide(number, slide)
        else:
            found = list(self.blocks(body))
            yield from found
            yield from self._margins(styles, {block.text.lstrip("# ") for block in found})

    def blocks(self, container: _Element) -> Iterator[Block]:
        """Yield the paragraphs and rows of a text in reading order."""
        for element in container:
            tag = element.tag
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(element)
            elif tag == f"{TEXT}list":
                yield from self._list(element, (), 0)
            elif tag == f"{_TABLE}table":
                yield from self._table(element)
            elif name_of(tag) in _INDEXES:
                yield from (replace(each, mask="table of contents") for each in self.blocks(element))
            elif tag not in (f"{TEXT}tracked-changes", f"{TEXT}index-title-template", f"{OFFICE}forms"):
                yield from self.blocks(element)

    def _paragraph(self, element: _Element, prefix: str = "") -> Iterator[Block]:
        inline = Inline.of(element, self.styles)
        text = inline.text.strip()
        level = self.styles.level(element)
        if level and text:
            number = self.numbers.heading(element, level, self.styles)
            yield Block("#" * min(level, 6) + " " + " ".join(f"{number} {text}".split()))
        elif text:
            yield Block(f"{prefix}{text}", kind="item" if prefix else "")
        yield from self._attached(inline)

    def _attached(self, inline: Inline) -> Iterator[Block]:
        for note in inline.notes:
            mark = " ".join("".join(note.itertext(f"{TEXT}note-citation")).split())
            body = note.find(f"{TEXT}note-body")
            yield from _marked(self.blocks(body) if body is not None else (), f"{mark}) " if mark else "")
        for comment in inline.comments:
            author = dublin_core(comment).get("creator", "")
            paragraphs = (Block(Inline.of(each, self.styles).text) for each in comment.iter(f"{TEXT}p"))
            yield from _marked(paragraphs, f"Comment by {author}: " if author else "Comment: ")
        for box in inline.boxes:
            yield from self.blocks(box)

    def _list(self, element: _Element, style: tuple[str, ...], depth: int) -> Iterator[Block]:
        style = (*style, element.get(f"{TEXT}style-name", ""))
        name = next((each for each in reversed(style) if each), "")
        self.numbers.begin(name, depth, go_on=element.get(f"{TEXT}continue-numbering") == "true")
        for item in element.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
            first = item.tag == f"{TEXT}list-item"
            for child in item:
                if child.tag == f"{TEXT}list":
                    yield from self._list(child, style, depth + 1)
                elif child.tag in (f"{TEXT}p", f"{TEXT}h"):
                    label = self.numbers.item(name, depth, self.styles, item) if first else None
                    yield from self._paragraph(child, f"{label or '-'} " if label is not None else "")
                    first = False
                else:
                    yield from self.blocks([child])

    def _table(self, table: _Element) -> Iterator[Block]:
        grid, heads, extra = self._grid(table)
        if max(map(len, grid), default=0) <= 1:
            for cell in table.iter(f"{_TABLE}table-cell"):
                yield from self.blocks(cell)
            return
        yield Block("")
        yield from (Block(line, kind="row") for line in rows(grid, heads or None))
        yield from extra

    def _grid(self, table: _Element) -> tuple[list[list[Cell]], int, list[Block]]:
        """Return the cells, how many rows are marked as header, and what else stands in the cells."""
        grid: dict[int, dict[int, Cell]] = {}
        heads, extra = 0, list[Block]()
        for row, line in enumerate(_lines(table)):
            heads += line.getparent().tag == f"{_TABLE}table-header-rows"
            column = 0
            for cell in line.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                repeated = min(_count(cell, "number-columns-repeated"), 100)
                if cell.tag == f"{_TABLE}table-cell":
                    made, more = self._cell(cell)
                    extra += more
                    _cover(grid, row, column, cell, made, repeated)
                column += repeated
        width = max((max(line) for line in grid.values()), default=-1) + 1
        blank = Cell("")
        return [[line.get(n, blank) for n in range(width)] for _, line in sorted(grid.items())], heads, extra

    def _cell(self, cell: _Element) -> tuple[Cell, list[Block]]:
        pieces: list[str] = []
        extra: list[Block] = []
        for paragraph in _cell_paragraphs(cell):
            inline = Inline.of(paragraph, self.styles)
            pieces += inline.text.split()
            extra += self._attached(inline)
        for inner in cell.iterchildren(f"{_TABLE}table"):
            extra += self._table(inner)
        return Cell(" ".join(pieces)), extra

    def _sheets(self, body: _Element) -> Iterator[Sheet]:
        count = 0
        for table in body.iterchildren(f"{_TABLE}table"):
            sheet = Sheet(table.get(f"{_TABLE}name", ""), count=count)
            if self.styles.is_hidden(table.get(f"{_TABLE}style-name", "")):
                self.left_out.append(f"sheet {sheet.name!r}: hidden")
            else:
                self._fill(sheet, table)
            count = sheet.count
            yield sheet

    def _fill(self, sheet: Sheet, table: _Element) -> None:
        row = 0
        merged = []
        for line in _lines(table):
            again, column = _count(line, "number-rows-repeated"), 0
            for cell in line.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                repeated = _count(cell, "number-columns-repeated")
                made, extra = self._cell(cell)
                sheet.remarks += [block.text for block in extra]
                for place in range(min(repeated, _MAX_REPEATED) if made.text else 0):
                    for down in range(min(again, _MAX_REPEATED)):
                        sheet.put(row + down, column + place, replace(made))
                wide, high = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
                if made.text and wide * high > 1:
                    merged.append(((row, column), (row + high - 1, column + wide - 1)))
                column += repeated
            row += again
        for first, last in merged:
            sheet.merge(first, last)

    def _slide(self, number: int, slide: _Element) -> Iterator[Block]:
        place = f"slide {number}"
        if self.styles.is_hidden(slide.get(f"{_DRAW}style-name", "")):
            self.left_out.append(f"{place}: hidden")
            return
        for shape in slide:
            if shape.get(f"{_PRESENTATION}class") in ("page-number", "date-time", "footer", "header"):
                continue
            found = list(self.blocks([shape]))
            if shape.get(f"{_PRESENTATION}class") == "title":
                found = [Block("# " + " ".join(" ".join(block.text for block in found).split()))]
            yield from (replace(block, page=number, place=place) for block in found)
            yield Block("")

    def _margins(self, styles: _Element | None, said: set[str]) -> Iterator[Block]:
        """Yield what headers and footers say, each text once."""
        for name in ("header", "header-left", "header-first", "footer", "footer-left", "footer-first"):
            for part in styles.iter(f"{_STYLE}{name}") if styles is not None else ():
                for block in self.blocks(part):
                    idle = not any(map(str.isalpha, block.text))
                    if block.text not in said:
                        yield replace(block, mask=f"page {name.partition('-')[0]}" if idle else "")
                    said.add(block.text)


def _marked(blocks: Iterator[Block] | tuple[Block, ...], first: str) -> Iterator[Block]:
    for block in blocks:
        if block.text.strip():
            yield replace(block, text=first + block.text)
            first = ""


def _lines(table: _Element) -> Iterator[_Element]:
    """Yield the rows of a table, not those of tables in its cells."""
    for child in table:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif child.tag in (f"{_TABLE}table-header-rows", f"{_TABLE}table-rows", f"{_TABLE}table-row-group"):
            yield from _lines(child)


def _cell_paragraphs(cell: _Element) -> Iterator[_Element]:
    """Yield the paragraphs of a cell, those of its lists among them, not those of its tables and comments."""
    for child in cell:
        if child.tag in (f"{TEXT}p", f"{TEXT}h"):
            yield child
        elif child.tag in (f"{TEXT}list", f"{TEXT}list-item", f"{TEXT}section"):
            yield from _cell_paragraphs(child)
        elif child.tag == f"{OFFICE}annotation":
            yield _anchor(child)


def _anchor(comment: _Element) -> _Element:
    """Return a paragraph that holds nothing but *comment*, which stands in its cell directly."""
    from lxml import etree

    paragraph = etree.Element(f"{TEXT}p")
    paragraph.append(comment)
    return paragraph


def _count(element: _Element, name: str) -> int:
    return max(1, int(element.get(f"{_TABLE}{name}", 1)))


def _cover(
    grid: dict[int, dict[int, Cell]], row: int, column: int, cell: _Element, made: Cell, repeated: int
) -> None:
    """Put a cell into each place that it covers."""
    wide = min(max(_count(cell, "number-columns-spanned"), repeated), 100)
    for down in range(min(_count(cell, "number-rows-spanned"), 1000)):
        for right in range(wide):
            grid.setdefault(row + down, {})[column + right] = made
