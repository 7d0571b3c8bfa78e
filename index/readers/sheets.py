"""The cells of a workbook become text: a heading for each sheet, a line for each row.

A sheet may hold several tables, titles above them and remarks below; they are told
apart by the blank rows and columns between them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.index.readers.rows import Cell, head_rows, rows
from rag.index.reading import Block, Unreadable

__all__ = ["MAX_CELLS", "Sheet", "blocks"]

MAX_CELLS = 500_000
"""More cells with something in them are a database, and would take minutes to embed."""

Lines = Mapping[int, Mapping[int, Cell]]


@dataclass(slots=True)
class Sheet:
    """A sheet that is being read.

    Attributes:
        cells: By row and column, both from 0; only cells that show something.
        remarks: What stands beside the cells: comments, the texts of shapes.
        count: Cells so far, shared by the sheets of a workbook.
    """

    name: str
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    count: int = 0

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Add a cell.

        Raises:
            Unreadable: There are more than `MAX_CELLS`.
        """
        self.count += 1
        if self.count > MAX_CELLS:
            raise Unreadable(f"holds more than {MAX_CELLS:,} cells. Split it, or save it as a database")
        self.cells.setdefault(row, {})[column] = cell

    def merge(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Let the cell *first* stand in all places down to *last*, within the rows that are there."""
        cell = self.cells.get(first[0], {}).get(first[1])
        if cell is None:
            return
        right = max((column for line in self.cells.values() for column in line), default=0)
        for row in range(first[0], min(last[0], max(self.cells)) + 1):
            for column in range(first[1], min(last[1], right) + 1):
                if (row, column) != first:
                    self.put(row, column, cell)


def blocks(sheets: Iterable[Sheet]) -> Iterator[Block]:
    """Yield the text of *sheets*; empty ones are passed over, but counted."""
    for number, sheet in enumerate(sheets, start=1):
        found = [*_tables(sheet.cells), *(Block(remark) for remark in sheet.remarks)]
        if found:
            yield Block(f"# {sheet.name}", page=number, place=sheet.name)
        yield from (replace(each, page=number, place=sheet.name) for each in found)


def _tables(cells: Lines) -> Iterator[Block]:
    heads: dict[tuple[int, int], Sequence[Sequence[Cell]]] = {}
    for part in _parts(cells):
        left = min(min(line) for line in part.values())
        right = max(max(line) for line in part.values())
        grid = [[line.get(n, _BLANK) for n in range(left, right + 1)] for _, line in sorted(part.items())]
        above, grid, below = _around(grid)
        yield from (Block(line) for line in above)
        count = head_rows(grid)
        known = heads.get((left, right), ()) if not above else ()
        if known and not count:
            # A blank row within a table: its second half has the header of the first.
            grid, count = [*map(list, known), *grid], len(known)
        heads[left, right] = grid[:count]
        yield from (Block(line, kind="row") for line in rows(grid, count))
        yield from (Block(line) for line in below)
        yield Block("")


_BLANK = Cell("")


def _parts(cells: Lines) -> Iterator[Lines]:
    """Yield the tables of a sheet: cut at blank rows, then at blank columns, then at rows again."""
    for band in _bands(cells):
        halves = list(_side_by_side(band))
        if len(halves) == 1:
            yield band
        else:
            for half in halves:
                yield from _parts(half)


def _bands(cells: Lines) -> Iterator[Lines]:
    band: dict[int, Mapping[int, Cell]] = {}
    last = -1
    for row in sorted(cells):
        if band and row > last + 1:
            yield band
            band = {}
        band[row], last = cells[row], row
    if band:
        yield band


def _side_by_side(band: Lines) -> Iterator[Lines]:
    columns = sorted({column for line in band.values() for column in line})
    start = 0
    for n in range(1, len(columns) + 1):
        if n == len(columns) or columns[n] > columns[n - 1] + 1:
            part = range(columns[start], columns[n - 1] + 1)
            lines = {row: {c: cell for c, cell in line.items() if c in part} for row, line in band.items()}
            yield {row: line for row, line in lines.items() if line}
            start = n


def _around(grid: list[list[Cell]]) -> tuple[list[str], list[list[Cell]], list[str]]:
    """Split off the lines of a single cell above a table (titles, units) and below it (remarks)."""
    first, last = 0, len(grid)
    wide = max(map(len, grid)) > 1
    while first < last and (not wide or _is_line(grid[first])):
        first += 1
    while last > first and len(grid[0]) > 2 and _is_line(grid[last - 1]):
        last -= 1
    said = [" ".join(dict.fromkeys(cell.text for cell in row if cell.text)) for row in grid]
    return said[:first], grid[first:last], said[last:]


def _is_line(row: Sequence[Cell]) -> bool:
    return len({id(cell) for cell in row if cell.text}) == 1
