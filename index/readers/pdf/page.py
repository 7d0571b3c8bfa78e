"""One page: what is written on it, as a person sees it, in parts by the direction of the lines."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.index.readers.pdf import engine
from rag.index.readers.pdf.forms import fields, filled
from rag.index.readers.pdf.glyphs import Run, is_upright_stack, runs
from rag.index.readers.pdf.grids import walls
from rag.index.readers.pdf.layout import Part
from rag.index.readers.pdf.lines import Row, rows
from rag.index.readers.pdf.shapes import Drawing, drawing, turned
from rag.index.readers.pdf.visible import hidden

__all__ = ["PageText", "page_text"]

# Ligatures and radicals that fonts map to: "ﬁ" is fi, and "⼈" is not the character 人.
_PRESENTATION = re.compile("[\ufb00-\ufb06\ufb1d-\ufbb1\ufbd3-\ufdff\ufe70-\ufefc\u2e80-\u2fd5]")
_SHOWN_CHARS = 60


@dataclass(slots=True)
class PageText:
    """The text of a page.

    Attributes:
        parts: By direction of the lines, the main one first.
        left_out: What of it was not read, and why.
        has_picture: Pictures cover much of it, so a page without text may be a scan.
    """

    parts: list[Part] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    has_picture: bool = False

    @property
    def rows(self) -> list[Row]:
        """Return the lines of the main direction."""
        return self.parts[0].rows if self.parts else []


def page_text(page: engine.Page) -> PageText:
    """Return what can be seen of the text of *page*."""
    found = [_plainly(run) for run in runs(page)]
    drawn = drawing(page)
    unseen = hidden(page, found, drawn)
    made = PageText(left_out=_named(found, unseen), has_picture=_has_picture(page, drawn))
    found = [run for run in found if id(run) not in unseen]
    if is_upright_stack(found):
        found = [_stood(run) for run in found]
    turns: dict[int, list[Run]] = {}
    for run in found:
        turns.setdefault(run.turn, []).append(run)
    by_length = sorted(turns.items(), key=lambda each: -sum(len(run.text) for run in each[1]))
    made.parts = [_part(each, turn, drawn) for turn, each in by_length]
    if values := fields(page):
        turn = by_length[0][0] if by_length else 0
        main = made.parts[0] if made.parts else Part([])
        main.rows = filled(main.rows, values, turn, walls(main.rules))
        made.parts = [main, *made.parts[1:]]
    return made


def _part(found: Sequence[Run], turn: int, drawn: Drawing) -> Part:
    rules = [turned(box, turn) for box in drawn.rules]
    shades = [turned(shape.box, turn) for shape in drawn.shapes if shape.colour]
    return Part(rows(found, walls(rules)), rules, shades)


def _plainly(run: Run) -> Run:
    return replace(run, text=_plain(run.text)) if _PRESENTATION.search(run.text) else run


def _plain(text: str) -> str:
    return _PRESENTATION.sub(lambda char: unicodedata.normalize("NFKC", char[0]), text)


def _stood(run: Run) -> Run:
    """Turn a character of vertical writing that was drawn by itself."""
    if run.turn:
        return run
    left, bottom, right, top = run.box
    return replace(run, x0=-top, x1=-bottom, base=run.size * 0.3 - (left + right) / 2, turn=270)


def _named(found: Sequence[Run], unseen: dict[int, str]) -> list[str]:
    """Return a line for each reason why text is left out, with the beginning of that text."""
    texts: dict[str, list[str]] = {}
    for run in found:
        if id(run) in unseen:
            texts.setdefault(unseen[id(run)], []).append(run.text)
    return [f"{reason}: {_short(' '.join(pieces))}" for reason, pieces in texts.items()]


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS].rstrip() + "…")


def _has_picture(page: engine.Page, drawn: Drawing) -> bool:
    pictures = [shape.box for shape in drawn.shapes if shape.is_image]
    return sum(map(_area, pictures)) > 0.3 * _area(page.box)


def _area(box: engine.Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
