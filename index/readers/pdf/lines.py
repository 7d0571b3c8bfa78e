"""Runs become segments: pieces of a line without a wide gap, with their text in reading order.

What stands on one line of a page may belong to two columns or to cells of a table, so
a line is cut at its wide gaps, and put together again where the lines beside it show
that the gap is only a space between words that was stretched.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rag.index.readers.pdf import bidi
from rag.index.readers.pdf.glyphs import Run, has_leftward
from rag.index.readers.pdf.marks import attached, written

__all__ = ["Segment", "is_wide", "rows"]

# In sizes of the font. A gap of a word is a quarter to a third; narrower ones are kerning.
_SPACE = 0.18
_COLUMN_GAP = 1.0
_STRETCHED = 2.2
_SAME_BASE = 0.28
_NUMBER = re.compile(
    r"[-–•·▪◦●○■□◆▶*※・‣①-⑳]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|[A-Z]?\.?\d{1,3}(?:\.\d{1,3})+\.?"
)

_LEADER = re.compile(r"(?:[.·…] ?){5}")


@dataclass(slots=True)
class Segment:
    """Text on one line without a wide gap.

    Attributes:
        x0, x1: Where it begins and ends.
        base: The line it stands on; `y` grows downwards.
        size: Of most of its characters.
        runs: What it was made of, in order of their places.
        field: It is the label of a form field, with its value.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    is_bold: bool = False
    is_mono: bool = False
    runs: Sequence[Run] = field(default=(), repr=False)
    field: bool = False

    @property
    def top(self) -> float:
        """Return where its capitals begin."""
        return self.base - 0.8 * self.size

    @property
    def bottom(self) -> float:
        """Return where its descenders end."""
        return self.base + 0.2 * self.size


Row = list[Segment]
"""The segments of one line of the page, from left to right."""


def rows(found: Sequence[Run], walls: Sequence[tuple[float, float, float]] = ()) -> list[Row]:
    """Return the lines of a page, from top to bottom.

    Args:
        found: The runs of one direction.
        walls: Vertical rules as (x, top, bottom): no segment reaches across one.
    """
    lines = [sorted(line, key=lambda run: run.x0) for line in _lines(found)]
    shifts = attached(found)
    marks = frozenset(_note_marks(lines, shifts))
    cut = [list(_cut(line, walls)) for line in _with_marks(lines, shifts)]
    is_typed = sum(run.is_mono for run in found) > 0.9 * len(found)
    whole = [line if is_typed else _as_code(line) for line in cut if line]
    healed = _healed([[_extent(piece) for piece in line] for line in whole], walls)
    for line in healed:
        for piece in line:
            _write(piece, shifts, marks)
    return healed


def _lines(found: Sequence[Run]) -> list[list[Run]]:
    """Group runs that stand on one line."""
    lines: list[list[Run]] = []
    for run in sorted(found, key=lambda run: run.base):
        if lines and run.base - lines[-1][0].base <= _SAME_BASE * min(run.size, lines[-1][0].size):
            lines[-1].append(run)
        else:
            lines.append([run])
    return lines


def _with_marks(lines: list[list[Run]], shifts: dict[int, tuple[Run, int]]) -> Iterator[list[Run]]:
    """Move raised and lowered runs to the line of what they are attached to."""
    if not shifts:
        yield from lines
        return
    moved: dict[int, list[Run]] = {}
    for line in lines:
        for run in line:
            if id(run) in shifts:
                moved.setdefault(id(shifts[id(run)][0]), []).append(run)
    for line in lines:
        kept = [run for run in line if id(run) not in shifts]
        if kept:
            guests = [mark for run in kept for mark in moved.get(id(run), ())]
            yield sorted([*kept, *guests], key=lambda run: run.x0)


def _note_marks(lines: list[list[Run]], shifts: dict[int, tuple[Run, int]]) -> Iterator[str]:
    """Yield the marks that stand raised before the text of a note."""
    for line in lines if shifts else ():
        for run in line:
            host, shift = shifts.get(id(run), (None, 0))
            if host and shift > 0 and host.x0 >= run.x1 - 0.3 * run.size:
                yield run.text


def _cut(line: Sequence[Run], walls: Sequence[tuple[float, float, float]]) -> Iterator[list[Run]]:
    piece: list[Run] = []
    right = 0.0
    for run in line:
        if piece and (
            run.x0 - right > _COLUMN_GAP * max(run.size, piece[-1].size) or _walled(right, run, walls)
        ):
            yield piece
            piece = []
        right = max(right, run.x1) if piece else run.x1
        piece.append(run)
    if piece:
        yield piece


def _walled(right: float, run: Run, walls: Sequence[tuple[float, float, float]]) -> bool:
    if run.x0 - right < 0.1 * run.size:
        return False
    middle = run.base - 0.3 * run.size
    return any(right - 1 <= x <= run.x0 + 1 and top <= middle <= bottom for x, top, bottom in walls)


def _extent(piece: Sequence[Run]) -> Segment:
    main = piece[0] if len(piece) == 1 else max(piece, key=lambda run: (run.size, len(run.text)))
    return Segment("", piece[0].x0, max(run.x1 for run in piece), main.base, main.size, runs=piece)


def _healed(lines: list[Row], walls: Sequence[tuple[float, float, float]]) -> list[Row]:
    """Join neighbours whose gap no line above or below has too: the space of a justified line."""
    for n, line in enumerate(lines):
        if len(line) < 2:
            continue
        near = [*_near(lines, n, -1), *_near(lines, n, 1)]
        joined = [line[0]]
        for piece in line[1:]:
            before = joined[-1]
            is_one = _is_numbered(line) or _is_stretched(before, piece, near)
            if is_one and not _walled(before.x1, piece.runs[0], walls):
                joined[-1] = _extent([*before.runs, *piece.runs])
            else:
                joined.append(piece)
        lines[n] = joined
    return lines


def _is_numbered(line: Row) -> bool:
    """Tell whether a line is an item and its number or bullet, set apart from it."""
    gap = line[1].x0 - line[0].x1
    number = _plain(line[0].runs)
    is_entry = number.isdigit() and _LEADER.search(_plain(line[1].runs))
    return len(line) == 2 and gap < 4 * line[0].size and bool(is_entry or _NUMBER.fullmatch(number))


def _plain(piece: Iterable[Run]) -> str:
    return "".join(run.text for run in piece)


def _as_code(line: list[list[Run]]) -> list[list[Run]]:
    """Keep a line of code whole: its gaps are tabs. Where all of a page is typed, they may be columns."""
    if len(line) > 1 and all(run.is_mono for piece in line for run in piece):
        return [[run for piece in line for run in piece]]
    return line


def _near(lines: Sequence[Row], n: int, step: int) -> list[Row]:
    k = n + step
    if not 0 <= k < len(lines):
        return []
    apart = abs(lines[k][0].base - lines[n][0].base)
    return [lines[k]] if apart < 1.9 * max(lines[n][0].size, lines[k][0].size) else []


def _is_stretched(before: Segment, after: Segment, near: Sequence[Row]) -> bool:
    if after.x0 - before.x1 > _STRETCHED * before.size:
        return False
    has_gap = any(
        one.x1 < after.x0 and other.x0 > before.x1 and other.x0 - one.x1 > 0.6 * before.size
        for row in near
        for one, other in pairwise(row)
    )
    covers = any(
        piece.x0 < before.x1 - before.size and piece.x1 > after.x0 + before.size
        for row in near
        for piece in row
    )
    return covers and not has_gap


def _write(made: Segment, shifts: dict[int, tuple[Run, int]], marks: frozenset[str]) -> None:
    """Set the text of a segment from its runs, and its type."""
    piece = made.runs
    is_leftward = any(has_leftward(run.text) for run in piece)
    made.text = _rtl_text(piece) if is_leftward else _text(piece, shifts, marks)
    made.is_bold = all(run.is_bold for run in piece)
    made.is_mono = all(run.is_mono for run in piece)


def _text(piece: Sequence[Run], shifts: dict[int, tuple[Run, int]], marks: frozenset[str]) -> str:
    text = ""
    before: Run | None = None
    for run in piece:
        shift = shifts[id(run)][1] if id(run) in shifts else 0
        gap = " " if before and _is_spaced(before, run) else ""
        text += written(text, gap, run.text, shift, marks) if shift else gap + run.text
        before = run
    return text


def _is_spaced(before: Run, run: Run) -> bool:
    gap = run.x0 - before.x1
    size = max(before.size, run.size)
    # Chinese and Japanese have no spaces; what looks like one is justification.
    if is_wide(before.text[-1]) and is_wide(run.text[0]):
        return gap > 0.5 * size
    return gap > _SPACE * size or (run.spaced and gap > 0.08 * size)


def is_wide(char: str) -> bool:
    """Tell whether *char* is Chinese or Japanese, or punctuation of these."""
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uff60"


def _rtl_text(piece: Iterable[Run]) -> str:
    """Return the text of a line that has Arabic or Hebrew in it.

    Its runs are single characters. A mark stands over its letter, so it is put after it.
    """
    visual: list[str] = []
    bases: list[Run] = []
    for run in sorted(piece, key=lambda run: run.x0 + run.x1):
        if bases and bidi.is_mark(run.text) and run.x0 < bases[-1].x1:
            visual[-1] += run.text
            continue
        if bases and run.x0 - bases[-1].x1 > _SPACE * run.size:
            visual.append(" ")
        visual.append(run.text)
        bases.append(run)
    pieces = [visual[i] for i in bidi.logical(visual)]
    return bidi.balanced("".join(pieces))
