"""Tables whose lines are drawn: a grid of rules, and the text in its cells."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rag.index.readers.pdf.engine import Box
from rag.index.readers.pdf.lines import Row, Segment
from rag.index.readers.pdf.prose import joined
from rag.index.readers.pdf.tables import Table

__all__ = ["Wall", "grids", "walls"]

# Rules meet, and are one, within so many points.
_NEAR = 3.0
_MOST_CELLS = 20_000
_MOST_RULES = 3_000

Wall = tuple[float, float, float]
"""An upright rule as (x, top, bottom), or a level one as (y, left, right)."""


Rules = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Grid:
    xs: list[float]
    ys: list[float]
    upright: list[Wall]
    level: list[Wall]


def walls(rules: Sequence[Box]) -> list[Wall]:
    """Return the upright ones of *rules*, which are (x0, top, x1, bottom)."""
    return [((x0 + x1) / 2, top, bottom) for x0, top, x1, bottom in rules if x1 - x0 <= _NEAR < bottom - top]


def grids(rules: Sequence[Box], rows: list[Row], shades: Sequence[Box], known: Set[str]) -> list[Table]:
    """Take the segments that stand in tables out of *rows* and return these tables.

    Args:
        rules: As (x0, top, x1, bottom), `y` growing downwards.
        rows: The lines of the page; those in tables are removed.
        shades: Filled areas, by which a header is known.
        known: Words of the document, for hyphens in cells.
    """
    rules = list(dict.fromkeys(rules))  # Cells that adjoin have one rule twice.
    upright = walls(rules)
    level = [((top + bottom) / 2, x0, x1) for x0, top, x1, bottom in rules if bottom - top <= _NEAR < x1 - x0]
    if not upright or len(level) < 2 or len(rules) > _MOST_RULES:
        return []
    found = []
    for grid in _components(upright, level):
        if len(grid.xs) >= 3 and len(grid.ys) >= 3 and len(grid.xs) * len(grid.ys) <= _MOST_CELLS:
            inside = _inside(grid, rows)
            if table := _table(grid, inside, shades, known):
                _take(rows, inside)
                found.append(table)
    return found


def _components(upright: Sequence[Wall], level: Sequence[Wall]) -> Iterator[_Grid]:
    """Group rules that touch."""
    touch = _touching(np.array(upright), np.array(level))
    rest = np.ones(len(upright), np.bool_)
    while rest.any():
        mine = np.zeros(len(upright), np.bool_)
        reached = mine.copy()
        reached[np.flatnonzero(rest)[-1]] = True
        while (reached != mine).any():
            mine = reached
            mine_level = touch[mine].any(axis=0)
            reached = mine | touch[:, mine_level].any(axis=1)
        rest &= ~mine
        if mine_level.any():
            grown = [upright[i] for i in np.flatnonzero(mine).tolist()]
            grown_level = [level[i] for i in np.flatnonzero(mine_level).tolist()]
            xs = [x for x, *_ in grown] + [side for _, *sides in grown_level for side in sides]
            ys = [y for y, *_ in grown_level] + [side for _, *sides in grown for side in sides]
            yield _Grid(_snapped(xs), _snapped(ys), grown, grown_level)


def _touching(upright: Rules, level: Rules) -> npt.NDArray[np.bool_]:
    """Tell for each upright and each level rule whether they meet."""
    x, top, bottom = (upright[:, n, np.newaxis] for n in range(3))
    y, left, right = level.T
    near: npt.NDArray[np.bool_] = (
        (top - _NEAR <= y) & (y <= bottom + _NEAR) & (left - _NEAR <= x) & (x <= right + _NEAR)
    )
    return near


def _snapped(values: Sequence[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _NEAR:
            kept.append(value)
    return kept


def _inside(grid: _Grid, rows: Sequence[Row]) -> list[Segment]:
    left, right, top, bottom = grid.xs[0], grid.xs[-1], grid.ys[0], grid.ys[-1]
    return [
        segment
        for row in rows
        for segment in row
        if left < (segment.x0 + segment.x1) / 2 < right and top < (segment.top + segment.bottom) / 2 < bottom
    ]


def _take(rows: list[Row], taken: Sequence[Segment]) -> None:
    ids = {id(segment) for segment in taken}
    for row in rows:
        row[:] = [segment for segment in row if id(segment) not in ids]
    rows[:] = [row for row in rows if row]


def _table(grid: _Grid, inside: Sequence[Segment], shades: Sequence[Box], known: Set[str]) -> Table | None:
    columns, lines = len(grid.xs) - 1, len(grid.ys) - 1
    owner = _merged(grid)
    held: dict[tuple[int, int], list[Segment]] = {}
    for segment in inside:
        place = _place(grid, segment)
        held.setdefault(owner[place], []).append(segment)
    texts = {place: _cell(segments, known) for place, segments in held.items()}
    cells = [[texts.get(owner[i, j], "") for j in range(columns)] for i in range(lines)]
    kept = [i for i in range(lines) if any(cells[i])]
    used = [j for j in range(columns) if any(row[j] for row in cells)]
    if len(kept) < 2 or len({owner[i, j] for i in kept for j in used if cells[i][j]}) < 3 or len(used) < 2:
        return None
    spans = any(owner[kept[0], j] == owner[kept[0], k] for j, k in pairwise(used))
    headers = _headers(grid, kept, held, owner, shades)
    matrix = [[cells[i][j] for j in used] for i in kept]
    if len(kept) <= 2 and (split := _split(held, owner, kept[-1], used)):
        matrix = [*matrix[:-1], *split]
    edges = tuple(grid.xs[j] for j in used)
    return Table(matrix, grid.xs[0], grid.xs[-1], grid.ys[0], grid.ys[-1], edges, headers, spans)


def _place(grid: _Grid, segment: Segment) -> tuple[int, int]:
    x, y = (segment.x0 + segment.x1) / 2, (segment.top + segment.bottom) / 2
    row = max(i for i, edge in enumerate(grid.ys[:-1]) if edge <= y or i == 0)
    column = max(j for j, edge in enumerate(grid.xs[:-1]) if edge <= x or j == 0)
    return row, column


def _merged(grid: _Grid) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each place the first one of its cell: cells without a rule between them are one."""
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for i, (top, bottom) in enumerate(pairwise(grid.ys)):
        for j, (left, right) in enumerate(pairwise(grid.xs)):
            place = (i, j)
            if j and not _has(grid.upright, left, (top + bottom) / 2):
                place = owner[i, j - 1]
            elif i and not _has(grid.level, top, (left + right) / 2):
                place = owner[i - 1, j]
            owner[i, j] = place
    return owner


def _has(rules: Sequence[Wall], at: float, across: float) -> bool:
    return any(abs(place - at) <= _NEAR and start <= across <= end for place, start, end in rules)


def _cell(segments: Sequence[Segment], known: Set[str]) -> str:
    """Return the text of a cell, its lines joined."""
    lines: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda segment: (segment.base, segment.x0)):
        if lines and segment.base - lines[-1][0].base < 0.4 * segment.size:
            lines[-1].append(segment)
        else:
            lines.append([segment])
    return joined([" ".join(s.text for s in sorted(line, key=lambda s: s.x0)) for line in lines], known)


def _headers(
    grid: _Grid,
    kept: Sequence[int],
    held: dict[tuple[int, int], list[Segment]],
    owner: dict[tuple[int, int], tuple[int, int]],
    shades: Sequence[Box],
) -> int | None:
    """Return how many rows at the top are set apart by bold type or shade; None if that tells nothing."""
    columns = range(len(grid.xs) - 1)
    bold = [
        all(s.is_bold for j in columns for s in held.get(owner[i, j], ()))
        and any(held.get(owner[i, j]) for j in columns)
        for i in kept
    ]
    shaded = [_is_shaded(grid, i, shades) for i in kept]
    for marked in (bold, shaded):
        count = next((n for n, each in enumerate(marked) if not each), len(marked))
        if 0 < count <= 3 and sum(marked) == count < len(marked):
            return count
    return None


def _is_shaded(grid: _Grid, row: int, shades: Sequence[Box]) -> bool:
    """Tell whether filled areas of no more than a row's height lie under all of a row."""
    top, bottom = grid.ys[row], grid.ys[row + 1]
    y = (top + bottom) / 2
    mine = [box for box in shades if box[1] <= y <= box[3] and box[3] - box[1] < 1.3 * (bottom - top) + _NEAR]
    return all(any(box[0] <= (x0 + x1) / 2 <= box[2] for box in mine) for x0, x1 in pairwise(grid.xs))


def _split(
    held: dict[tuple[int, int], list[Segment]],
    owner: dict[tuple[int, int], tuple[int, int]],
    row: int,
    used: Sequence[int],
) -> list[list[str]]:
    """Return the rows of a body without rules between them: lines of all its cells at the same heights."""
    columns = [sorted(held.get(owner[row, j], ()), key=lambda s: s.base) for j in used]
    count = len(columns[0])
    if count < 3 or any(len(column) != count for column in columns):
        return []
    rows = list(zip(*columns, strict=True))
    if any(abs(segment.base - row[0].base) > 0.4 * segment.size for row in rows for segment in row):
        return []
    return [[segment.text for segment in row] for row in rows]
