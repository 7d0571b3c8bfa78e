"""Tables without rules: lines whose pieces stand in columns, line for line.

Columns of prose do so too where their lines are level. They are told apart by what
their lines are like: a line of prose is broken because it is full, a cell because it
is complete; and a cell is short, or a figure.
"""

import re
from collections.abc import Sequence, Set
from itertools import pairwise
from statistics import mean, median

from rag.index.readers.pdf.lines import Row, Segment, is_wide
from rag.index.readers.pdf.prose import joined
from rag.index.readers.pdf.tables import Table, is_value

__all__ = ["aligned"]

# In sizes of the font: the distance of two rows, and the white between two columns.
_ROW_GAP = 3.2
_GUTTER = 0.6
_BULLET = re.compile(r"[-–•·▪◦●○■□◆▶*※・]\s?|\(?\d{1,2}[.)]\s")
_WORDY = 2.6

Columns = list[tuple[float, float]]


def aligned(rows: list[Row], level: Sequence[float], known: Set[str]) -> list[Table]:
    """Take tables out of *rows* and return them.

    Args:
        rows: The lines of a page, from top to bottom; those in tables are removed.
        level: Where level rules are drawn: one below the first row marks a header.
        known: Words of the document, for hyphens in cells.
    """
    found = []
    start = 0
    while start < len(rows):
        end, columns = _grown(rows, start)
        part = rows[start:end]
        if len(columns) >= 2 and _is_table(part, columns):
            found.append(_table(part, columns, level, known))
            del rows[start:end]
        else:
            start = max(end if len(columns) >= 2 else start + 1, start + 1)
    return found


def _grown(rows: Sequence[Row], start: int) -> tuple[int, Columns]:
    """Return where the lines end that stand in the same columns as line *start*, and these columns."""
    columns = [(segment.x0, segment.x1) for segment in rows[start]]
    if len(columns) < 2:
        return start + 1, columns
    end, kept = start + 1, columns
    while end < len(rows):
        row, before = rows[end], rows[end - 1]
        joint = _joint(kept, row) if _is_near(before, row) else []
        if not joint or not _fits(rows[start:end], joint):
            break
        if (
            len(row) == 1
            and not _is_continuation(row, before, kept)
            and not _is_section(rows[end : end + 2], joint)
        ):
            break
        end, kept = end + 1, joint
    while end > start + 1 and len(rows[end - 1]) == 1 and rows[end - 1][0].x0 < kept[1][0] - 1:
        end -= 1
    return end, kept


def _is_near(before: Row, row: Row) -> bool:
    return row[0].base - before[0].base <= _ROW_GAP * max(row[0].size, before[0].size)


def _joint(columns: Columns, row: Row) -> Columns:
    """Return *columns* made wide enough for *row*; empty if two of its pieces fall into one."""
    spans = sorted([*columns, *((segment.x0, segment.x1) for segment in row)])
    gap = _GUTTER * row[0].size
    made: Columns = []
    for x0, x1 in spans:
        if made and x0 - made[-1][1] < gap:
            made[-1] = (made[-1][0], max(made[-1][1], x1))
        else:
            made.append((x0, x1))
    return made if _fits([row], made) else []


def _fits(rows: Sequence[Row], columns: Columns) -> bool:
    return all(len({_column(segment, columns) for segment in row}) == len(row) for row in rows)


def _column(segment: Segment, columns: Columns) -> int:
    return max((n for n, (x0, _) in enumerate(columns) if x0 <= segment.x0 + 1), default=0)


def _is_continuation(row: Row, before: Row, columns: Columns) -> bool:
    """Tell whether a line of one piece goes on with a cell of the line above, beside an empty first one."""
    return row[0].base - before[0].base < 1.6 * row[0].size and row[0].x0 > columns[1][0] - 1


def _is_section(rows: Sequence[Row], columns: Columns) -> bool:
    """Tell whether a line names the rows below it: it stands in the first column, and a row follows."""
    if len(rows) < 2 or len(rows[1]) < 2 or not _is_near(*rows) or not _fits(rows[1:], columns):
        return False
    return abs(rows[0][0].x0 - columns[0][0]) < 1 and abs(rows[1][0].x0 - columns[0][0]) < 2 * rows[1][0].size


def _is_table(rows: Sequence[Row], columns: Columns) -> bool:
    every = [segment for row in rows for segment in row]
    cells = [[segment for segment in every if _column(segment, columns) == n] for n in range(len(columns))]
    if any(sum(bool(_BULLET.match(s.text)) for s in column) > 0.5 * len(column) for column in cells[1:]):
        return False
    if len(columns) == 2 and _are_labels(*cells):
        return True
    full_rows = [row for row in rows if len(row) >= max(2, len(columns) - 1)]
    if len(full_rows) < 2 or len(full_rows) < 0.5 * len(rows) or min(map(len, cells)) < 0.4 * len(rows):
        return False
    prose = sum(map(_is_prose, cells))
    values = sum(_share_of_values(column) >= 0.6 for column in cells[1:])
    if len(columns) == 2:
        return prose == 0 and len(rows) >= 3 and values == 1
    is_terse = prose == 0 and len(rows) >= 3 and max(map(_words, cells)) <= _WORDY
    return prose <= 1 and (values > 0 or is_terse)


def _are_labels(first: Sequence[Segment], second: Sequence[Segment]) -> bool:
    """Tell whether the first of two columns names what stands in the second: options, terms, "Name:"."""
    if len(first) < 2 or not second or _is_prose(first):
        return False
    if sum(s.text.endswith((":", "：")) for s in first) > 0.6 * len(first):
        return True
    left, right = min(s.x0 for s in first), max(s.x1 for s in second)
    is_narrow = max(s.x1 for s in first) - left < 0.4 * (right - left)
    return is_narrow and _words(first) < _WORDY and _words(second) > 2 * _words(first)


def _share_of_values(column: Sequence[Segment]) -> float:
    """Return the share of figures; the first cell may be the header."""
    body = column[1:] if len(column) > 2 else column
    return mean(is_value(segment.text) for segment in body)


def _words(column: Sequence[Segment]) -> float:
    """Return the mean number of words in a cell; two characters of Chinese or Japanese count as one."""
    return mean(max(len(s.text.split()), sum(map(is_wide, s.text)) / 2) for s in column)


def _is_prose(column: Sequence[Segment]) -> bool:
    """Tell whether most lines of a column are full: the next word would not have fitted."""
    if len(column) < 3 or _words(column) < _WORDY:
        return False
    width = max(segment.x1 for segment in column) - min(segment.x0 for segment in column)
    full = [
        (one.x1 - one.x0) * (1 + len(other.text.split()[0]) / len(one.text)) > width - 0.5 * one.size
        for one, other in pairwise(column)
    ]
    return mean(full) >= 0.5


def _table(rows: Sequence[Row], columns: Columns, level: Sequence[float], known: Set[str]) -> Table:
    pitch = median(other[0].base - one[0].base for one, other in pairwise(rows))
    lines: list[list[list[str]]] = []
    for n, row in enumerate(rows):
        has_first = any(_column(segment, columns) == 0 for segment in row)
        is_tight = n > 0 and row[0].base - rows[n - 1][0].base <= 1.05 * pitch
        if is_tight and not has_first and len(row) < len(columns):
            target = lines[-1]
        else:
            target = [[] for _ in columns]
            lines.append(target)
        for segment in row:
            target[_column(segment, columns)].append(segment.text)
    cells = [[joined(cell, known) if cell else "" for cell in line] for line in lines]
    edges = tuple(x0 for x0, _ in columns)
    every = [segment for row in rows for segment in row]
    return Table(
        cells,
        min(s.x0 for s in every),
        max(s.x1 for s in every),
        min(s.top for s in every),
        max(s.bottom for s in every),
        edges,
        _headers(rows, level),
    )


def _headers(rows: Sequence[Row], level: Sequence[float]) -> int | None:
    """Return 1 if the first line is set apart by bold type or a rule below it, None if nothing tells."""
    bold = [all(segment.is_bold for segment in row) for row in rows]
    ruled = [any(one[0].base - 1 < y < other[0].top + 2 for y in level) for one, other in pairwise(rows)]
    if (bold[0] and not any(bold[1:])) or (ruled and ruled[0] and not any(ruled[1:])):
        return 1
    return None
