"""Tables of pages as grids: cells that span rows or columns stand in each place that they cover."""

from collections.abc import Callable, Iterator
from typing import Any

from rag.index.readers.rows import Cell

__all__ = ["grid", "is_data"]

_Element = Any

# A table that holds these lays out a page, unless its own cells say that they are headers.
_LAYOUT = "boolean(.//h1|.//h2|.//h3|.//article|.//form|.//main|.//nav|.//header)"
# A cell longer than this with paragraphs of its own is a column of a page.
_COLUMN_CHARS = 600
# What a page may claim: HTML allows 1,000 columns and 65,534 rows a cell.
_MOST_COLUMNS, _MOST_CELLS = 1000, 200_000


def is_data(table: _Element) -> bool:
    """Tell whether the cells of *table* belong together by row, rather than divide the page."""
    if table.get("role", "").lower() in ("presentation", "none"):
        return False
    own = list(_rows(table))
    if max((len(row) for row in own), default=0) < 2 or table.xpath(_LAYOUT):
        return False
    headed = any(cell.tag == "th" for row in own for cell in row)
    if not headed and next(table.iterdescendants("table"), None) is not None:
        return False
    return not any(_is_column(cell) for row in own for cell in row)


def _is_column(cell: _Element) -> bool:
    blocks = len(cell.findall(".//p")) + len(cell.findall(".//br"))
    return blocks > 1 and sum(map(len, cell.itertext())) > _COLUMN_CHARS


def _rows(table: _Element) -> Iterator[list[_Element]]:
    """Yield the cells of each row of *table* itself, not of tables inside it."""
    for child in table:
        if child.tag == "tr":
            yield child.xpath("td|th")
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row.xpath("td|th") for row in child.iterchildren("tr"))


def grid(table: _Element, text_of: Callable[[_Element], str]) -> list[list[Cell]]:
    """Return the cells of *table* row by row, each in every place that it covers.

    Args:
        text_of: Returns what a cell shows.
    """
    own = list(_rows(table))
    filled: list[dict[int, Cell]] = [{} for _ in own]
    for place, row in enumerate(own):
        column = 0
        for cell in row:
            while column in filled[place]:
                column += 1
            made = Cell(text_of(cell), cell.tag == "th" or _is_bold(cell))
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            for below in filled[place : place + height]:
                below.update((each, made) for each in range(column, column + width) if each not in below)
            column += width
            if sum(map(len, filled)) > _MOST_CELLS:
                return [list(each.values()) for each in filled]
    return [[row.get(column, Cell("")) for column in range(max(row, default=-1) + 1)] for row in filled]


def _span(cell: _Element, name: str) -> int:
    told = cell.get(name, "1").strip()
    if not (told.isascii() and told.isdecimal() and len(told) < 6):
        return 1
    # rowspan="0" reaches to the end of the table.
    return min(int(told), _MOST_COLUMNS) if int(told) else _MOST_COLUMNS if name == "rowspan" else 1


def _is_bold(cell: _Element) -> bool:
    """Tell whether all that a cell shows is in bold type."""
    children = list(cell)
    only = len(children) == 1 and children[0].tag in ("b", "strong")
    return only and not (cell.text or "").strip() and not (children[0].tail or "").strip()
