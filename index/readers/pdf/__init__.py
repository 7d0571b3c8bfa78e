"""PDF becomes text in the order in which a person reads the page.

A PDF knows glyphs and places, not paragraphs. `engine` and `glyphs` get both from
PDFium, `lines`, `order` and `prose` put them together, `furniture` finds headers and
footers. What cannot be seen, read or found on a page is named in `Reading.left_out`.
The creation date is not used: docs/decisions/0003-loading.md says why.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.index.readers.pdf import engine
from rag.index.readers.pdf.furniture import Line, page_furniture
from rag.index.readers.pdf.glyphs import Run, is_upright_stack, runs
from rag.index.readers.pdf.grids import walls
from rag.index.readers.pdf.layout import Part, Type, layout, type_of
from rag.index.readers.pdf.lines import Row, rows
from rag.index.readers.pdf.prose import words
from rag.index.readers.pdf.shapes import Drawing, drawing, turned
from rag.index.reading import Block, Reading, Unreadable, compose, title_line

__all__ = ["read"]

# Made by programs, not authors.
_NO_TITLE = re.compile(
    r"^(?:microsoft \w+ - |untitled|document\d*$|제목 ?없음|無題|无标题)"
    r"|\.(?:docx?|hwpx?|pptx?|xlsx?|indd|pdf|tex|dvi)$",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"^(?:\(?(?:anonymous|unknown|unspecified)\)?|user|admin(?:istrator)?)$", re.IGNORECASE
)
# Ligatures and radicals that fonts map to: "ﬁ" is fi, and "⼈" is not the character 人.
_PRESENTATION = re.compile("[\ufb00-\ufb06\ufb1d-\ufbb1\ufbd3-\ufdff\ufe70-\ufefc\u2e80-\u2fd5]")


@dataclass(slots=True)
class _Page:
    """One page: its parts by direction, the main one first; `left_out` says what is missing."""

    parts: list[Part]
    left_out: list[str]

    @property
    def rows(self) -> list[Row]:
        return self.parts[0].rows if self.parts else []


def read(data: bytes) -> Reading:
    """Read the text of each page.

    Raises:
        Unreadable: It is damaged or encrypted, or holds no text.
    """
    with engine.opened(data) as document:
        pages = [_page(document, number) for number in range(engine.page_count(document))]
        title, lang, author = (engine.metadata(document, key).strip() for key in ("Title", "Lang", "Author"))
    if not any(page.rows for page in pages):
        raise Unreadable("holds no text (scanned?). Run it through text recognition (OCR) first")
    made = compose(_blocks(pages))
    if _NO_TITLE.search(title) or not title:
        title = title_line(made.text, made.masks)
    left_out = tuple(f"page {n}: {why}" for n, page in enumerate(pages, start=1) for why in page.left_out)
    return Reading(
        made.text,
        made.masks,
        title,
        lang,
        author="" if _NO_AUTHOR.search(author) else author,
        pages=made.pages,
        left_out=left_out,
    )


def _page(document: engine.Pdf, number: int) -> _Page:
    with engine.page(document, number) as page:
        if page is None:
            return _Page([], ["damaged, it cannot be read"])
        found = [_plainly(run) for run in runs(page)]
        drawn = drawing(page)
    if not found:
        return _Page([], ["blank"])
    if is_upright_stack(found):
        found = [_stood(run) for run in found]
    turns: dict[int, list[Run]] = {}
    for run in found:
        turns.setdefault(run.turn, []).append(run)
    made = sorted(turns.items(), key=lambda each: -sum(len(run.text) for run in each[1]))
    return _Page([_part(each, turn, drawn) for turn, each in made], [])


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


def _blocks(pages: Sequence[_Page]) -> Iterator[Block]:
    segments = [segment for page in pages for part in page.parts for row in part.rows for segment in row]
    kind, known = type_of(segments), words(segment.text for segment in segments)
    lines = [[_line(row, kind) for row in page.rows] for page in pages]
    furniture = page_furniture(lines)
    for number, page in enumerate(pages):
        marked = sorted(furniture[number])
        content = [i for i in range(len(page.rows)) if i not in furniture[number]]
        first = content[0] if content else len(page.rows)
        if page.rows and not content:
            page.left_out.append("nothing but header and footer")
        if page.parts:
            page.parts[0].rows = [page.parts[0].rows[i] for i in content]
        on_page = [
            *(Block(lines[number][i].text, "page header") for i in marked if i < first),
            *_body(page.parts, kind, known),
            *(Block(lines[number][i].text, "page footer") for i in marked if i > first),
        ]
        yield from (replace(block, page=number + 1, place=f"p. {number + 1}") for block in on_page)


def _line(row: Row, kind: Type) -> Line:
    text = " ".join(segment.text for segment in row)
    return Line(text, row[0].base, min(segment.size for segment in row) > 1.14 * kind.body)


def _body(parts: Sequence[Part], kind: Type, known: frozenset[str]) -> Iterator[Block]:
    for n, part in enumerate(parts):
        yield from layout(part, kind, known, is_main=n == 0)
