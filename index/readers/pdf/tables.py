"""A table as rows that can be read one by one: "Room: Hall; Fee: 40 EUR".

`grids` finds tables whose lines are drawn, `aligned` those that only stand in columns.
Here it is decided what the header is, and each row is written with it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

__all__ = ["Table", "is_value", "written"]

_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SAME_EDGE = 6.0
_MOST_HEADER_ROWS = 3


@dataclass(slots=True)
class Table:
    """Cells of text with a place on the page.

    Attributes:
        cells: By row; all rows are of one length. A merged cell stands in all its places.
        x0, x1, top, bottom: Where it lies.
        edges: Where its columns begin.
        headers: How many rows are the header, as far as drawing and type tell; None if they do not.
        spans: Some header cell reaches over several columns.
        header: The header of the same table on the page before, if it goes on here.
    """

    cells: list[list[str]]
    x0: float
    x1: float
    top: float
    bottom: float
    edges: tuple[float, ...]
    headers: int | None = None
    spans: bool = False
    header: list[str] | None = None

    def continues(self, other: "Table") -> bool:
        """Tell whether this may be *other* going on at the top of the next page."""
        return len(self.edges) == len(other.edges) and all(
            abs(one - another) <= _SAME_EDGE for one, another in zip(self.edges, other.edges, strict=True)
        )


def written(table: Table) -> tuple[list[str], list[str]]:
    """Return a line of text for each row, and the header that they were written with."""
    count, header = _header(table)
    lines = [_line(row, header) for row in table.cells[count:]]
    return [line for line in lines if line], header


def _header(table: Table) -> tuple[int, list[str]]:
    """Return the number of header rows and the name of each column."""
    if table.header and not table.headers:
        is_repeated = _joined(table.cells[:1]) == table.header
        return int(is_repeated), table.header
    count = table.headers
    if count is None:
        count = int(len(table.cells) > 1 and _looks_like_header(table.cells))
        if count and table.spans and len(table.cells) > 2 and not any(map(_DIGIT.search, table.cells[1])):
            count = 2
    count = min(count, _MOST_HEADER_ROWS, len(table.cells) - 1)
    return count, _joined(table.cells[:count])


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """Join the header's rows by column: "2024 / North"."""
    return [
        " / ".join(dict.fromkeys(cell.rstrip(":： ") for cell in column if cell))
        for column in zip(*rows, strict=True)
    ]


def _looks_like_header(cells: Sequence[Sequence[str]]) -> bool:
    """Tell from the words alone: a header has no figures above figures, and names what is below it."""
    first, rest = cells[0], cells[1:]
    if len(first) > 2 and sum(map(bool, first)) < len(first) - 1:
        return False
    kinds = list(zip(first, zip(*rest, strict=True), strict=True))
    if any(map(_YEAR.fullmatch, first)) and any(map(_DIGIT.search, cells[-1])):
        return True
    above_figures = [
        not _DIGIT.search(name) and _share(column) >= 0.5 for name, column in kinds if name and any(column)
    ]
    if any(above_figures):
        return not any(
            _DIGIT.search(name) and is_value(name) and _share(column) < 0.5 for name, column in kinds
        )
    if any(map(_DIGIT.search, first)):
        return False
    if len(first) > 2:
        return True
    return len(first[1]) * 2 < mean(len(row[1]) for row in rest) and not first[0].endswith((":", "："))


def _share(column: Sequence[str]) -> float:
    """Return the share of cells with a figure, of those that are filled."""
    filled = [cell for cell in column if cell]
    return sum(map(bool, map(_DIGIT.search, filled))) / len(filled) if filled else 0.0


def is_value(text: str) -> bool:
    """Tell whether *text* is a figure with at most a unit, not a sentence that holds one."""
    return bool(_DIGIT.search(text)) and len(text.split()) <= 3 and len(text) <= 24


def _line(row: Sequence[str], header: Sequence[str]) -> str:
    """Write a row; a cell that reaches over columns of one name is written once."""
    if not header:
        return _pair(row)
    filled = [(name, cell) for name, cell in zip(header, row, strict=False) if cell]
    if len({cell for _, cell in filled}) == 1 and len(filled) == len(header) > 1:
        return filled[0][1]
    parts = dict.fromkeys(f"{name}: {cell}" if name else cell for name, cell in filled)
    return "; ".join(parts)


def _pair(row: Sequence[str]) -> str:
    """Write a row of a table without a header: what stands first names the others."""
    filled = list(dict.fromkeys(cell for cell in row if cell))
    if len(filled) < 2:
        return "".join(filled)
    return f"{filled[0].rstrip(':： ')}: {'; '.join(filled[1:])}"
