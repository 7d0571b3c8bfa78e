"""Tables become lines, one a row, in which every value stands beside its header.

"Gear: 14; Ratio: 3.2" can be quoted alone; "14 | 3.2" says nothing without the line
that it was cut from. Where a table has no header, two cells are "label: value".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

__all__ = ["Cell", "head_rows", "rows"]

_MAX_HEAD_CHARS = 80
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d(?:[년年]|\s?[-–/]\s?\d{2,4})?")
_NUMBER = re.compile(r"[^\w\s]?\s?[-+−(]?\d[\d\s.,:/·'’]*\s?[^\s\d]{0,6}\)?")
_DIGITS = re.compile(r"[\d\s.,'’]+")


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A cell; where it is merged, the same object stands in each place that it covers.

    Attributes:
        text: On one line.
        marked: It looks like a header: its own markup says so, it is bold or shaded.
    """

    text: str
    marked: bool = False


Grid = Sequence[Sequence[Cell]]


def rows(grid: Grid, heads: int | None = None) -> list[str]:
    """Return the rows of a table as lines.

    Args:
        grid: The cells row by row, merged ones repeated.
        heads: How many rows are headers; None to find out.

    Returns:
        "header: value; header: value" for each row. Empty values and rows are left out;
        a cell as wide as the table stands alone. Without headers "label: value" of two
        cells, " | " between more.
    """
    full = [row for row in grid if any(cell.text for cell in row)]
    count = head_rows(full) if heads is None else min(heads, len(full))
    if 0 < count < len(full):
        labels = _labels(full[:count])
        alone = [row for row in full[:count] if _is_alone(row)]
        return [*(row[0].text for row in alone), *(_labelled(row, labels) for row in full[count:])]
    return [_bare(row) for row in full]


def _labels(heads: Grid) -> list[str]:
    """Return the header of each column, those above each other joined by a slash."""
    columns: list[list[Cell]] = [[] for _ in range(max(map(len, heads)))]
    for row in heads:
        if _is_alone(row):
            continue
        for column, cell in zip(columns, row, strict=False):
            if cell.text and cell not in column:
                column.append(cell)
    return [" / ".join(dict.fromkeys(cell.text.rstrip(" :：") for cell in column)) for column in columns]


def _is_alone(row: Sequence[Cell]) -> bool:
    return len(row) > 1 and all(cell is row[0] for cell in row)


def _labelled(row: Sequence[Cell], labels: Sequence[str]) -> str:
    if _is_alone(row):
        return row[0].text
    pieces = []
    for cell in dict.fromkeys(row):
        over = [labels[n] for n, each in enumerate(row) if each is cell and n < len(labels) and labels[n]]
        label = ", ".join(dict.fromkeys(over))
        if cell.text:
            pieces.append(f"{label}: {cell.text}" if label and label != cell.text else cell.text)
    return "; ".join(pieces)


def _bare(row: Sequence[Cell]) -> str:
    cells = [cell for cell in dict.fromkeys(row) if cell.text]
    if len(cells) % 2 == 0 and all(
        label.marked and not value.marked for label, value in zip(cells[::2], cells[1::2], strict=True)
    ):
        return "; ".join(_pair(*pair) for pair in zip(cells[::2], cells[1::2], strict=True))
    if len(cells) == 2:
        return _pair(*cells)
    return " | ".join(cell.text for cell in cells)


def _pair(label: Cell, value: Cell) -> str:
    return f"{label.text.rstrip(' :：')}: {value.text}"


def head_rows(grid: Grid) -> int:
    """Return how many of the first rows are headers: by their marks, else by what they say."""
    if len(grid) < 2:
        return 0
    titles = len(list(takewhile(_is_alone, grid)))
    rest = grid[titles:]
    marked = len(list(takewhile(lambda row: all(cell.marked for cell in row if cell.text), rest)))
    if 0 < marked < len(rest):
        return titles + marked
    if len(rest) < 2 or _is_form(rest):
        return 0
    depth = _depth(rest)
    return titles + depth if depth < len(rest) and _is_head(rest[depth - 1], rest[depth:]) else 0


def _is_form(grid: Grid) -> bool:
    """Tell whether the labels stand at the left: the first cell of each row is marked, the next is not."""
    marks = [[cell.marked for cell in dict.fromkeys(row) if cell.text] for row in grid]
    return all(len(row) > 1 and row[0] and not all(row) for row in marks)


def _depth(grid: Grid) -> int:
    """Return how far down the cells of the first row reach, and what is below one that spans columns."""
    depth = 1
    for above, row in pairwise(grid):
        spans = len(dict.fromkeys(above)) < len(above)
        if not spans and not any(cell in above for cell in row if cell.text):
            break
        depth += 1
        if depth > 3:
            return 1
    return depth


def _is_head(head: Sequence[Cell], body: Grid) -> bool:
    texts = [cell.text for cell in head]
    if len(texts) < 2 or not all(texts[1:]) or len(set(texts)) < len(texts):
        return False
    if any(len(text) > _MAX_HEAD_CHARS or text.endswith((":", "：")) for text in texts):
        return False
    if any(_NUMBER.fullmatch(text) and not _YEAR.fullmatch(text) for text in texts):
        return False
    return len(texts) > 2 or _is_series([row[1].text for row in body if len(row) > 1], texts[1])


def _is_series(values: Sequence[str], head: str) -> bool:
    """Tell whether the second of two columns holds values of one kind, other than its header."""
    shapes = {_DIGITS.sub("0", value) for value in values if value}
    counted = all(re.search(r"\d", value) for value in values if value)
    return len(values) > 1 and len(shapes) == 1 and counted and not _NUMBER.fullmatch(head)
