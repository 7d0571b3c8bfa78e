"""The order in which a page is read: segments become blocks, blocks are put in order.

A block is a column of lines, each right below the one before. Blocks are ordered by
Breuel's two rules ("High Performance Document Layout Analysis", 2003): what stands above
and overlaps sideways comes first; of two side by side the left one comes first (in
Arabic and Hebrew the right one), unless something that spans both parts them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rag.index.readers.pdf.lines import Row, Segment
from rag.index.readers.pdf.tables import Table

__all__ = ["Area", "blocks", "ordered"]

# The distance of two lines of a paragraph, in sizes of the font, and how much it may vary.
_LINE = 2.05
_SAME_PITCH = 1.25
# A page with more blocks is a drawing; it is read from top to bottom.
_MOST = 250


Pairs = npt.NDArray[np.bool_]
Places = npt.NDArray[np.float64] | npt.NDArray[np.int64]


@dataclass(slots=True)
class Area:
    """A part of the page that is read before the next: a block of lines, or a table.

    Attributes:
        segments: Of a block, from top to bottom.
        table: What it is instead of a block.
    """

    segments: list[Segment] = field(default_factory=list)
    table: Table | None = None
    x0: float = 0.0
    x1: float = 0.0
    top: float = 0.0
    bottom: float = 0.0

    def add(self, segment: Segment) -> None:
        """Append a line."""
        self.x0 = min(self.x0, segment.x0) if self.segments else segment.x0
        self.x1 = max(self.x1, segment.x1) if self.segments else segment.x1
        self.top = min(self.top, segment.top) if self.segments else segment.top
        self.bottom = max(self.bottom, segment.bottom) if self.segments else segment.bottom
        self.segments.append(segment)


def blocks(rows: Sequence[Row]) -> list[Area]:
    """Join each segment to the block above it, if both have just one another as neighbours."""
    made: list[Area] = []
    open_: list[Area] = []
    for row in rows:
        base = min(segment.base for segment in row)
        open_ = [area for area in open_ if base - area.segments[-1].base <= _LINE * area.segments[-1].size]
        below = [
            [n for n, segment in enumerate(row) if _overlap(area.segments[-1], segment)] for area in open_
        ]
        fresh = []
        grown: set[int] = set()
        for n, segment in enumerate(row):
            above = [k for k, under in enumerate(below) if n in under]
            if len(above) == 1 and len(below[above[0]]) == 1 and _continues(open_[above[0]], segment):
                open_[above[0]].add(segment)
                grown.add(above[0])
            else:
                area = Area()
                area.add(segment)
                fresh.append(area)
        made += fresh
        open_ = [area for k, area in enumerate(open_) if k in grown or not below[k]] + fresh
    return made


def _overlap(one: Segment, other: Segment) -> bool:
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 0.2 * min(one.size, other.size)


def _continues(area: Area, segment: Segment) -> bool:
    """Tell whether *segment* is the next line of *area*: of its size, at its distance."""
    last = area.segments[-1]
    if not 0.87 < segment.size / (last.size or 1) < 1.15 or segment.field or last.field:
        return False
    if last.is_bold != segment.is_bold and len(area.segments) == 1 and last.is_bold:
        return False
    pitch = segment.base - last.base
    if len(area.segments) < 2:
        return pitch <= _LINE * max(segment.size, last.size)
    return pitch <= _SAME_PITCH * (last.base - area.segments[-2].base)


def ordered(areas: Sequence[Area], *, rightward: bool = True) -> list[Area]:
    """Return *areas* in the order of reading; from the right column to the left unless *rightward*."""
    _widen(areas)
    rest = sorted(areas, key=lambda area: (area.top, area.x0 if rightward else -area.x1))
    if not 1 < len(rest) <= _MOST:
        return rest
    before = _precedence(rest, rightward=rightward)
    waiting, left = before.sum(axis=0), np.ones(len(rest), np.bool_)
    done: list[Area] = []
    while left.any():
        # A circle of precedences is cut at its topmost member.
        ready = np.flatnonzero(left & (waiting == 0))
        following = int(ready[0]) if len(ready) else int(left.argmax())
        left[following] = False
        waiting -= before[following]
        done.append(rest[following])
    return done


def _widen(areas: Sequence[Area]) -> None:
    """Let what stands alone at its height, and in no column, span the page: a centred title, say."""
    if len(areas) > _MOST:
        return
    alone = [
        one
        for one in areas
        if not any(
            other is not one
            and (
                min(one.bottom, other.bottom) > max(one.top, other.top)
                or (other.x0 - 2 < one.x0 and one.x1 < other.x1 + 2)
            )
            for other in areas
        )
    ]
    for one in alone:
        one.x0, one.x1 = min(area.x0 for area in areas), max(area.x1 for area in areas)


def _precedence(areas: Sequence[Area], *, rightward: bool) -> Pairs:
    """Tell for each area and each other one whether the first comes before the second."""
    x0, x1, top, bottom = (
        np.array([getattr(a, side) for a in areas]) for side in ("x0", "x1", "top", "bottom")
    )
    overlap = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0) - 1.0 > 0
    earlier = np.triu(np.ones_like(overlap), 1)
    middle = top + bottom
    is_above = np.less.outer(middle, middle) | (np.equal.outer(middle, middle) & earlier)
    is_first = np.less.outer(x0, x0) if rightward else np.greater_equal.outer(x0, x0)
    is_first = np.where(earlier, is_first, ~is_first.T)
    i, j = np.nonzero(earlier & ~overlap)
    parted = np.zeros_like(overlap)
    parted[i, j] = parted[j, i] = _parted(i, j, overlap, top, bottom)
    before: Pairs = np.where(overlap, is_above, is_first & ~parted)
    np.fill_diagonal(before, val=False)
    return before


def _parted(i: Places, j: Places, overlap: Pairs, top: Places, bottom: Places) -> Pairs:
    """Tell for pairs of areas whether one that lies between them, from top to bottom, spans both."""
    is_upper = top[i] < top[j]
    above, below = np.where(is_upper, bottom[i], bottom[j]), np.where(is_upper, top[j], top[i])
    between = (above[:, np.newaxis] <= top + 1) & (bottom <= below[:, np.newaxis] + 1)
    spans = between & overlap[i] & overlap[j]
    number = np.arange(len(top))
    spans &= (number != i[:, np.newaxis]) & (number != j[:, np.newaxis])
    found: Pairs = (above < below) & spans.any(axis=1)
    return found
