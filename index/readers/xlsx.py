"""A workbook (xlsx) becomes text as it is displayed: dates, shares and sums in their formats.

Values of formulas are those that were saved with it; hidden sheets are left out and
named. The parts are those of ECMA-376, Strict and Transitional.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rag.index.readers.archive import Archive, Part
from rag.index.readers.number_format import BUILT_IN, displayed
from rag.index.readers.rows import Cell
from rag.index.readers.sheets import Sheet, blocks
from rag.index.readers.superscript import lowered, raised
from rag.index.reading import Reading, Unreadable, compose

__all__ = ["read"]

_Element = Any
_T = TypeVar("_T")

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_MAX_ROWS, _MAX_COLUMNS = 1_048_576, 16_384


def read(data: bytes) -> Reading:
    """Read a workbook.

    Raises:
        Unreadable: It is encrypted, damaged, or holds too many cells.
    """
    archive = Archive(data, "xlsx")
    name = archive.part("officeDocument") or "xl/workbook.xml"
    root = archive.xml(name)
    if root is None:
        raise Unreadable("is not an xlsx. Save it as .xlsx")
    book = _Book.of(archive, name, root)
    made = compose(blocks(book.sheets(root)))
    about = archive.about()
    return Reading(
        made.text,
        title=about.get("title", ""),
        lang=about.get("language", ""),
        author=about.get("creator", ""),
        pages=made.pages,
        left_out=tuple(book.left_out),
    )


@dataclass(slots=True)
class _Book:
    """What the sheets of a workbook share: `formats` by cell style, `bold` the styles of headers."""

    archive: Archive
    parts: dict[str, Part]
    strings: list[str]
    formats: list[str]
    bold: list[bool]
    from_1904: bool
    left_out: list[str]
    count: int = 0

    @classmethod
    def of(cls, archive: Archive, name: str, root: _Element) -> "_Book":
        parts = archive.parts(name)
        named = {part.kind: part.name for part in parts.values()}
        strings = (
            [_rich(each) for each in archive.each(named["sharedStrings"], f"{_S}si")]
            if "sharedStrings" in named
            else []
        )
        formats, bold = _styles(archive.xml(named.get("styles", "")))
        properties = root.find(f"{_S}workbookPr")
        from_1904 = properties is not None and properties.get("date1904", "0") in ("1", "true")
        return cls(archive, parts, strings, formats, bold, from_1904, [])

    def sheets(self, root: _Element) -> Iterator[Sheet]:
        for each in root.iter(f"{_S}sheet"):
            name, part = each.get("name", ""), self.parts.get(each.get(_ID, ""))
            if each.get("state", "visible") != "visible":
                self.left_out.append(f"sheet {name!r}: hidden")
                yield Sheet(name)
            elif part is not None and part.kind == "worksheet":
                yield self._sheet(name, part.name)

    def _sheet(self, name: str, part: str) -> Sheet:
        sheet = Sheet(name, count=self.count)
        unknown = 0
        row = -1
        for line in self.archive.each(part, f"{_S}row", f"{_S}mergeCell"):
            if line.tag == f"{_S}mergeCell":
                ends = [_place(end, 0, 0) for end in line.get("ref", "").split(":")]
                sheet.merge(ends[0], ends[-1])
                continue
            row = int(line.get("r", row + 2)) - 1
            column = -1
            for cell in line.iterchildren(f"{_S}c"):
                row, column = _place(cell.get("r", ""), row, column + 1)
                shown = self._shown(cell)
                unknown += shown is None
                if shown and row < _MAX_ROWS and column < _MAX_COLUMNS:
                    sheet.put(row, column, Cell(shown, _at(self.bold, cell.get("s"), otherwise=False)))
        if unknown:
            self.left_out.append(
                f"sheet {name!r}: {unknown:,} formulas without a saved value. Open it and save it"
            )
        sheet.remarks += self._remarks(part)
        self.count = sheet.count
        return sheet

    def _shown(self, cell: _Element) -> str | None:
        """Return what a cell shows, None if that was not saved."""
        kind, value = cell.get("t", "n"), cell.findtext(f"{_S}v")
        if kind == "inlineStr":
            inner = cell.find(f"{_S}is")
            return _rich(inner) if inner is not None else ""
        if not value:
            return None if cell.find(f"{_S}f") is not None else ""
        if kind == "s":
            return self.strings[int(value)]
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind != "n":
            return " ".join(value.split())
        return displayed(
            float(value), _at(self.formats, cell.get("s"), otherwise=""), from_1904=self.from_1904
        )

    def _remarks(self, sheet: str) -> Iterator[str]:
        """Yield the comments of a sheet and the texts of its shapes."""
        for part in self.archive.parts(sheet).values():
            root = self.archive.xml(part.name) if part.kind in ("comments", "drawing") else None
            if root is None:
                continue
            if part.kind == "drawing":
                texts = (
                    " ".join(" ".join(t.text or "" for t in p.iter(f"{_A}t")).split())
                    for p in root.iter(f"{_A}p")
                )
                yield from filter(None, texts)
                continue
            authors = [author.text or "" for author in root.iter(f"{_S}author")]
            for comment in root.iter(f"{_S}comment"):
                author = _at(authors, comment.get("authorId"), otherwise="")
                by = f" by {author}" if author else ""
                text = _rich(comment.find(f"{_S}text")).removeprefix(f"{author}:").strip()
                yield f"Comment{by} on {comment.get('ref', '')}: {text}"


def _place(reference: str, row: int, column: int) -> tuple[int, int]:
    """Return row and column of "B12", from 0; *row* and *column* where it is none."""
    found = _PLACE.fullmatch(reference)
    if not found:
        return row, column
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return int(found[2]) - 1, number - 1


def _at(values: Sequence[_T], place: str | None, *, otherwise: _T) -> _T:
    number = int(place or 0)
    return values[number] if 0 <= number < len(values) else otherwise


def _rich(item: _Element) -> str:
    """Return a string on one line, without the readings of its characters, note marks left out."""
    text = ""
    for child in item:
        if child.tag == f"{_S}t":
            text += child.text or ""
        elif child.tag == f"{_S}r":
            align = child.find(f"{_S}rPr/{_S}vertAlign")
            place = align.get("val", "") if align is not None else ""
            piece = child.findtext(f"{_S}t") or ""
            text += (
                raised(text, piece)
                if place == "superscript"
                else lowered(piece)
                if place == "subscript"
                else piece
            )
    return " ".join(text.split())


def _styles(root: _Element | None) -> tuple[list[str], list[bool]]:
    """Return by cell style the format code, and whether its font is bold."""
    if root is None:
        return [], []
    codes = dict(BUILT_IN)
    for each in root.iter(f"{_S}numFmt"):
        codes[int(each.get("numFmtId", 0))] = each.get("formatCode", "")
    fonts = [_is_bold(font) for font in root.iterfind(f"{_S}fonts/{_S}font")]
    styles = list(root.iterfind(f"{_S}cellXfs/{_S}xf"))
    return (
        [codes.get(int(each.get("numFmtId", 0)), "") for each in styles],
        [_at(fonts, each.get("fontId"), otherwise=False) for each in styles],
    )


def _is_bold(font: _Element) -> bool:
    bold = font.find(f"{_S}b")
    return bold is not None and bold.get("val", "1") not in ("0", "false")
