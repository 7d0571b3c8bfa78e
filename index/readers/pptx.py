"""A presentation (pptx) becomes text: a slide after the other, each with its notes.

A slide is read from the top, its title first; tables give rows with their headers,
charts and diagrams the words in them. Hidden slides are left out and named. What a
layout puts on every slide is not repeated.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from rag.index.readers.archive import Archive, Part
from rag.index.readers.omml import MATH, linear
from rag.index.readers.rows import Cell, rows
from rag.index.readers.superscript import lowered, raised
from rag.index.reading import Block, Reading, Unreadable, compose

__all__ = ["read"]

_Element = Any

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_TITLES = ("title", "ctrTitle")
# Placeholders that say the same on each slide, or count them.
_REPEATED = ("dt", "ftr", "sldNum", "hdr", "sldImg")


def read(data: bytes) -> Reading:
    """Read a presentation.

    Raises:
        Unreadable: It is encrypted or damaged.
    """
    archive = Archive(data, "pptx")
    name = archive.part("officeDocument") or "ppt/presentation.xml"
    root = archive.xml(name)
    if root is None:
        raise Unreadable("is not a pptx. Save it as .pptx")
    show = _Show(archive)
    parts = archive.parts(name)
    slides = [parts[each.get(f"{_R}id")] for each in root.iter(f"{_P}sldId") if each.get(f"{_R}id") in parts]
    blocks = [
        block for number, slide in enumerate(slides, start=1) for block in show.slide(number, slide.name)
    ]
    made = compose(blocks)
    about = archive.about()
    first = next((each.text.lstrip("# ") for each in blocks if each.text.startswith("#")), "")
    return Reading(
        made.text,
        made.masks,
        about.get("title", "") if about.get("title", "") not in _NO_TITLES else first,
        about.get("language", ""),
        author=about.get("creator", ""),
        pages=made.pages,
        left_out=tuple(show.left_out),
    )


_NO_TITLES = (
    "",
    "PowerPoint Presentation",
    "PowerPoint 프레젠테이션",
    "PowerPoint プレゼンテーション",
    "PowerPoint 演示文稿",
)


@dataclass(slots=True)
class _Show:
    archive: Archive
    left_out: list[str] = field(default_factory=list)

    def slide(self, number: int, name: str) -> Iterator[Block]:
        """Yield the blocks of a slide, its notes and its comments."""
        root = self.archive.xml(name)
        if root is None:
            return
        place = f"slide {number}"
        if root.get("show", "1") in ("0", "false"):
            self.left_out.append(f"{place}: hidden")
            return
        parts = self.archive.parts(name)
        for block in (*self._shapes(root, parts), *self._notes(parts), *self._comments(parts)):
            yield replace(block, page=number, place=place)
        yield Block("")

    def _shapes(self, root: _Element, parts: dict[str, Part]) -> Iterator[Block]:
        tree = root.find(f"{_P}cSld/{_P}spTree")
        shapes = list(_flat(tree)) if tree is not None else []
        shapes.sort(key=lambda shape: (_holder(shape) not in _TITLES, *_corner(shape)))
        for shape in shapes:
            if _holder(shape) not in _REPEATED and not _is_hidden(shape):
                yield from self._shape(shape, parts)

    def _shape(self, shape: _Element, parts: dict[str, Part]) -> Iterator[Block]:
        if shape.tag == f"{_P}graphicFrame":
            for table in shape.iter(f"{_A}tbl"):
                yield from (Block(line, kind="row") for line in _table(table))
                yield Block("")
            for element in shape.iter(f"{_C}chart", f"{_DGM}relIds"):
                part = parts.get(element.get(f"{_R}id") or element.get(f"{_R}dm") or "")
                yield from self._drawn(part)
            return
        body = shape.find(f"{_P}txBody")
        title = _holder(shape) in _TITLES
        texts = [
            (each, _paragraph(each)) for each in (body.iterchildren(f"{_A}p") if body is not None else ())
        ]
        if title:
            yield Block(_heading(" ".join(" ".join(text for _, text in texts).split())))
            return
        listed = len(texts) > 1
        for element, text in texts:
            if text:
                yield (
                    Block(f"- {text}", kind="item")
                    if listed and _is_bulleted(element, shape)
                    else Block(text)
                )
        yield Block("")

    def _drawn(self, part: Part | None) -> Iterator[Block]:
        """Yield the title and the values of a chart, or the words of a diagram."""
        root = self.archive.xml(part.name) if part else None
        if root is None:
            return
        if part and part.kind == "chart":
            title = root.find(f"{_C}chart/{_C}title")
            yield Block(" ".join(_paragraph(p) for p in title.iter(f"{_A}p")) if title is not None else "")
            yield from (Block(line, kind="row") for line in _series(root))
        else:
            yield from (Block(_paragraph(each)) for each in root.iter(f"{_A}p"))
        yield Block("")

    def _notes(self, parts: dict[str, Part]) -> Iterator[Block]:
        for part in parts.values():
            root = self.archive.xml(part.name) if part.kind == "notesSlide" else None
            for shape in root.iter(f"{_P}sp") if root is not None else ():
                if _holder(shape) not in _REPEATED:
                    yield from (Block(_paragraph(each)) for each in shape.iter(f"{_A}p"))

    def _comments(self, parts: dict[str, Part]) -> Iterator[Block]:
        for part in parts.values():
            root = self.archive.xml(part.name) if part.kind == "comments" else None
            for comment in root.iter(f"{_P}cm") if root is not None else ():
                text = " ".join("".join(each.itertext()) for each in comment.iter(f"{_P}text", f"{_A}t"))
                yield Block(f"Comment: {text}" if text.strip() else "")


def _heading(text: str) -> str:
    return f"# {text}" if text else ""


def _flat(tree: _Element) -> Iterator[_Element]:
    """Yield the shapes of a slide, those of groups among them."""
    for child in tree:
        if child.tag == f"{_P}grpSp":
            yield from _flat(child)
        elif child.tag == _ALTERNATE and len(child):
            yield from _flat(child[0])
        elif child.tag in (f"{_P}sp", f"{_P}graphicFrame"):
            yield child


def _holder(shape: _Element) -> str | None:
    """Return the type of the placeholder that a shape is, None if it is none."""
    holder = next(shape.iter(f"{_P}ph"), None)
    return holder.get("type", "") if holder is not None else None


def _is_hidden(shape: _Element) -> bool:
    properties = next(shape.iter(f"{_P}cNvPr"), None)
    return properties is not None and properties.get("hidden", "0") in ("1", "true")


def _corner(shape: _Element) -> tuple[int, int]:
    """Return top and left of a shape; one that stands where its layout says comes first."""
    offset = next(shape.iter(f"{_A}off"), None)
    if offset is None:
        offset = shape.find(f"{_P}xfrm/{_A}off")
    # Shapes side by side are seldom level to the millimetre (36,000 units).
    return (int(offset.get("y", 0)) // 180_000, int(offset.get("x", 0))) if offset is not None else (-1, -1)


def _is_bulleted(paragraph: _Element, shape: _Element) -> bool:
    properties = paragraph.find(f"{_A}pPr")
    if properties is not None:
        if properties.find(f"{_A}buNone") is not None:
            return False
        if any(properties.find(f"{_A}{name}") is not None for name in ("buChar", "buAutoNum", "buBlip")):
            return True
    return _holder(shape) in ("body", "obj", "")


def _paragraph(paragraph: _Element) -> str:
    text = ""
    for child in paragraph.iter(f"{_A}t", f"{_A}br", f"{MATH}oMath"):
        if child.tag == f"{_A}t":
            properties = child.getparent().find(f"{_A}rPr")
            shift = int(properties.get("baseline", 0)) if properties is not None else 0
            piece = child.text or ""
            text += raised(text, piece) if shift > 0 else lowered(piece) if shift < 0 else piece
        else:
            text += "\n" if child.tag == f"{_A}br" else linear(child)
    return text.strip()


def _table(table: _Element) -> list[str]:
    """Return the rows of a table; a merged cell says that it goes on with the one above or before it."""
    properties = table.find(f"{_A}tblPr")
    first = properties is not None and properties.get("firstRow", "0") in ("1", "true")
    grid: list[list[Cell]] = []
    for row in table.iterchildren(f"{_A}tr"):
        line: list[Cell] = []
        for cell in row.iterchildren(f"{_A}tc"):
            if cell.get("hMerge", "0") in ("1", "true") and line:
                line.append(line[-1])
            elif cell.get("vMerge", "0") in ("1", "true") and grid and len(line) < len(grid[-1]):
                line.append(grid[-1][len(line)])
            else:
                line.append(Cell(" ".join(" ".join(_paragraph(p) for p in cell.iter(f"{_A}p")).split())))
        grid.append(line)
    return rows(grid, 1 if first and len(grid) > 1 and not _is_spanned(grid[0]) else None)


def _is_spanned(row: list[Cell]) -> bool:
    return len(set(row)) < len(row)


def _series(root: _Element) -> list[str]:
    """Return the values of a chart as a table: a row a category, a column a series."""
    series = list(root.iter(f"{_C}ser"))
    names = [_cached(each.find(f"{_C}tx")) for each in series]
    if not series:
        return []
    labels = _cached(series[0].find(f"{_C}cat"))
    values = [_cached(each.find(f"{_C}val")) for each in series]
    head = [Cell(""), *(Cell(next(iter(name.values()), "")) for name in names)]
    places = sorted({place for each in (labels, *values) for place in each})
    body = [[Cell(labels.get(n, "")), *(Cell(each.get(n, "")) for each in values)] for n in places]
    return rows([head, *body], 1)


def _cached(element: _Element | None) -> dict[int, str]:
    """Return the points that a chart was saved with, by their place."""
    if element is None:
        return {}
    return {int(point.get("idx", 0)): point.findtext(f"{_C}v") or "" for point in element.iter(f"{_C}pt")}
