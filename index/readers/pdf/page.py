"""One page: what is written on it, as a person sees it, in parts by the direction of the lines."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.index.characters import is_noise
from rag.index.readers.pdf import engine
from rag.index.readers.pdf.forms import fields, filled
from rag.index.readers.pdf.glyphs import Run, is_upright_stack, runs
from rag.index.readers.pdf.grids import walls
from rag.index.readers.pdf.layout import Part
from rag.index.readers.pdf.lines import Row, rows
from rag.index.readers.pdf.shapes import Drawing, drawing, turned
from rag.index.readers.pdf.visible import hidden

__all__ = ["PageText", "page_text", "parts_of"]

# Ligatures and radicals that fonts map to: "ﬁ" is fi, and "⼈" is not the character 人.
_PRESENTATION = re.compile("[\ufb00-\ufb06\ufb1d-\ufbb1\ufbd3-\ufdff\ufe70-\ufefc\u2e80-\u2fd5\uf000-\uf0ff]")
# Symbol fonts have their characters in places of their own; these are bullets.
_BULLETS = str.maketrans(dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf076\uf0d8\uf0fc\uf06e\uf06c\uf071", "•"))
_SHOWN_CHARS = 60
# Of the page; smaller pictures are decoration.
_PICTURE_SHARE = 0.3
_UNMAPPED_SHARE = 0.3
# Of a font's text on a page; more would not tell more.
_JUDGED_CHARS = 600
# So many characters, in stretches of so many at least, show that a font says rightly which they are.
_TRUSTED_CHARS = 300
_TOLD_CHARS = 100
_NEVER = -1_000_000_000


@dataclass(slots=True)
class PageText:
    """The text of a page.

    Attributes:
        parts: By direction of the lines, the main one first.
        left_out: What of it was not read, and why.
        is_scan: It has a picture and no text of its own.
        is_drawn: It has lines or areas, which may be letters in outline, and no text.
        unreadable: How many characters are in fonts that do not say which they are.
    """

    parts: list[Part] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    is_scan: bool = False
    is_drawn: bool = False
    unreadable: int = 0

    @property
    def rows(self) -> list[Row]:
        """Return the lines of the main direction."""
        return self.parts[0].rows if self.parts else []


def page_text(page: engine.Page, trusted: Counter[int] | None = None) -> PageText:
    """Return what can be seen of the text of *page*.

    Args:
        page: An open page.
        trusted: How many characters of each font were found to be text; this page's are added.
    """
    found = runs(page)
    if _PRESENTATION.search("".join(run.text for run in found)):
        found = list(map(_plainly, found))
    drawn = drawing(page)
    unseen = hidden(page, found, drawn)
    seen = [run for run in found if id(run) not in unseen]
    read, unreadable = _readable(seen, Counter() if trusted is None else trusted)
    made = PageText(parts_of(read, drawn), _named(found, unseen), unreadable=unreadable)
    if values := fields(page):
        main = made.parts[0] if made.parts else Part([])
        main.rows = filled(main.rows, values, main.turn, walls(main.rules))
        made.parts = [main, *made.parts[1:]]
    made.is_scan = not made.parts and _has_picture(page, drawn)
    made.is_drawn = not made.parts and bool(drawn.shapes or drawn.rules)
    return made


def parts_of(found: list[Run], drawn: Drawing) -> list[Part]:
    """Return the lines of *found*, by their direction, the longest part first."""
    if is_upright_stack(found):
        found = [_stood(run) for run in found]
    turns: dict[int, list[Run]] = {}
    for run in found:
        turns.setdefault(run.turn, []).append(run)
    by_length = sorted(turns.items(), key=lambda each: -sum(len(run.text) for run in each[1]))
    return [_part(each, turn, drawn) for turn, each in by_length]


def _part(found: Sequence[Run], turn: int, drawn: Drawing) -> Part:
    rules = [turned(box, turn) for box in drawn.rules]
    shades = [turned(shape.box, turn) for shape in drawn.shapes if shape.colour]
    return Part(rows(found, walls(rules)), rules, shades, turn)


def _readable(found: list[Run], trusted: Counter[int]) -> tuple[list[Run], int]:
    """Return the runs in fonts that say which characters they show, and how many characters are not."""
    fonts: dict[int, list[Run]] = {}
    for run in found:
        fonts.setdefault(run.font, []).append(run)
    wrong = {font for font, each in fonts.items() if trusted[font] < _TRUSTED_CHARS and _is_unreadable(each)}
    for font, each in fonts.items():
        count = sum(len(run.text) for run in each)
        if font in wrong:
            trusted[font] = _NEVER
        elif count >= _TOLD_CHARS:
            trusted[font] += count
    if not wrong:
        return found, 0
    lost = sum(len(run.text) for run in found if run.font in wrong)
    return [run for run in found if run.font not in wrong], lost


def _is_unreadable(found: Sequence[Run]) -> bool:
    """Tell whether most of a font's text has no characters, or such as no language puts together."""
    unmapped = sum(len(run.text) for run in found if not run.is_mapped)
    total = sum(len(run.text) for run in found)
    return unmapped > _UNMAPPED_SHARE * total or is_noise(" ".join(run.text for run in found)[:_JUDGED_CHARS])


def _plainly(run: Run) -> Run:
    if not _PRESENTATION.search(run.text):
        return run
    text = run.text.translate(_BULLETS)
    plain = _PRESENTATION.sub(lambda char: unicodedata.normalize("NFKC", char[0]), text)
    return replace(run, text=plain, is_mapped=run.is_mapped or plain == "•")


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
    return sum(map(_area, pictures)) > _PICTURE_SHARE * _area(page.box)


def _area(box: engine.Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
