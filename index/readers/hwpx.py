"""A document of the Hangul word processor (hwpx, OWPML) becomes text, like one of Word.

Numbers of outlines and lists are counted as the program does; notes stand below their
paragraph, boxes below the one that they hang on, headers and footers once at the end.
The elements are those of KS X 6101.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rag.index.readers.archive import Archive
from rag.index.readers.hangul import Counter, Head, Shape, marked, raised_pieces
from rag.index.readers.rows import Cell, rows
from rag.index.reading import Block, Reading, Unreadable, compose

__all__ = ["read"]

_Element = Any

_STYLES = {
    "DIGIT": "decimal",
    "CIRCLED_DIGIT": "decimalEnclosedCircle",
    "ROMAN_CAPITAL": "upperRoman",
    "ROMAN_SMALL": "lowerRoman",
    "LATIN_CAPITAL": "upperLetter",
    "LATIN_SMALL": "lowerLetter",
    "HANGUL_SYLLABLE": "ganada",
    "HANGUL_JAMO": "chosung",
    "HANGUL_PHONETIC": "koreanCounting",
    "IDEOGRAPH": "japaneseCounting",
}
_KINDS: Mapping[str, Any] = {"OUTLINE": "outline", "NUMBER": "number", "BULLET": "bullet"}
_SIGNS = {"lineBreak": "\n", "tab": "\t", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"}
_BOXES = ("rect", "ellipse", "polygon", "container", "textart", "curve", "arc", "line")
_STACKED = ("mainText", "subText")
_COUNTED = ("PICTURE", "TABLE", "EQUATION")


def read(data: bytes) -> Reading:
    """Read a document.

    Raises:
        Unreadable: It is encrypted or damaged.
    """
    archive = Archive(data, "hwpx")
    manifest = archive.xml("META-INF/manifest.xml")
    if manifest is not None and any(_name(each) == "encryption-data" for each in manifest.iter()):
        raise Unreadable("is encrypted. Save a copy without a password")
    parts = sorted(filter(_is_section, archive.names()), key=lambda name: (len(name), name))
    sections = [root for part in parts if (root := archive.xml(part)) is not None]
    if not sections:
        raise Unreadable("is not an hwpx. Save it as .hwpx")
    document = _Document.of(archive.xml("Contents/header.xml"))
    blocks = [block for section in sections for block in document.blocks(section)]
    made = compose([*blocks, *document.margins({block.text for block in blocks})])
    title, author = _about(archive.xml("Contents/content.hpf"))
    first = next((each.text.lstrip("# ") for each in blocks if each.text.startswith("# ")), "")
    return Reading(made.text, made.masks, title or first, author=author)


def _is_section(name: str) -> bool:
    return name.startswith("Contents/section") and name.endswith(".xml")


def _name(element: _Element) -> str:
    """Return the name of an element; its namespaces carry the year of the program."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _below(element: _Element | None, *names: str) -> Iterator[_Element]:
    yield from (each for each in (element if element is not None else ()) if _name(each) in names)


def _has(element: _Element, name: str) -> bool:
    return next(_below(element, name), None) is not None


def _about(package: _Element | None) -> tuple[str, str]:
    title = author = ""
    for each in package.iter() if package is not None else ():
        text = " ".join((each.text or "").split())
        if _name(each) == "title":
            title = title or text
        elif _name(each) == "meta" and each.get("name") == "creator":
            author = author or text
    return title, author


@dataclass(slots=True)
class _Document:
    """What paragraphs refer to: `shapes` by paragraph property, `shifts` of raised and lowered letters."""

    shapes: Mapping[str, Shape]
    shifts: Mapping[str, int]
    bold: frozenset[str]
    counter: Counter
    notes: dict[str, int] = field(default_factory=dict)
    edges: list[Block] = field(default_factory=list)

    @classmethod
    def of(cls, head: _Element | None) -> "_Document":
        elements = list(head.iter()) if head is not None else []
        letters = [each for each in elements if _name(each) == "charPr"]
        lists = {int(each.get("id", 0)): _heads(each) for each in elements if _name(each) == "numbering"}
        return cls(
            {each.get("id"): _shape(each) for each in elements if _name(each) == "paraPr"},
            {each.get("id"): _shift(each) for each in letters},
            frozenset(each.get("id") for each in letters if _has(each, "bold")),
            Counter(lists),
        )

    def blocks(self, container: _Element) -> Iterator[Block]:
        """Yield the paragraphs of a section, a cell or a box."""
        for element in container:
            name = _name(element)
            if name == "p":
                yield from self._paragraph(element)
            elif name in ("subList", "drawText"):
                yield from self.blocks(element)

    def margins(self, said: set[str]) -> Iterator[Block]:
        """Yield what headers and footers say, each text once; masked if it only counts pages."""
        for block in self.edges:
            if block.text not in said:
                said.add(block.text)
                yield block if not any(map(str.isalpha, block.text)) else replace(block, mask="")

    def _paragraph(self, paragraph: _Element) -> Iterator[Block]:
        for properties in paragraph.iter():
            if (
                _name(properties) == "secPr"
                and (outline := properties.get("outlineShapeIDRef", "")).isdecimal()
            ):
                self.counter.outline = int(outline)
        text, _, hanging = self._text(paragraph)
        shape = self.shapes.get(paragraph.get("paraPrIDRef"), Shape())
        yield self.counter.block(text, shape)
        yield from hanging

    def _text(self, paragraph: _Element) -> tuple[str, bool, list[Block]]:
        """Return what a paragraph says, whether all of it is bold, and what hangs on it."""
        pieces: list[tuple[str, int]] = []
        bold: list[bool] = []
        hanging: list[Block] = []
        for run in _below(paragraph, "run"):
            letters = run.get("charPrIDRef")
            for element in run:
                name = _name(element)
                if name == "t":
                    said = "".join(_letters(element))
                    pieces.append((said, self.shifts.get(letters, 0)))
                    bold += [letters in self.bold] if said.strip() else []
                elif name == "equation":
                    pieces += [(_script(each.text or ""), 0) for each in _below(element, "script")]
                elif name in ("dutmal", "compose"):
                    pieces.append((_stacked(element), 0))
                elif name == "tbl":
                    hanging += self._table(element)
                elif name == "ctrl":
                    pieces += [(number, 0) for number in _numbers(element)]
                    hanging += self._control(element)
                elif name in _BOXES:
                    hanging += self._box(element)
        return raised_pieces(pieces), bool(bold) and all(bold), hanging

    def _box(self, box: _Element) -> Iterator[Block]:
        for child in box:
            if _name(child) in _BOXES:
                yield from self._box(child)
            elif _name(child) in ("drawText", "caption"):
                yield from self.blocks(child)

    def _control(self, control: _Element) -> Iterator[Block]:
        for element in control:
            name = _name(element)
            if name in ("footNote", "endNote"):
                number = self.notes[name] = self.notes.get(name, 0) + 1
                yield from marked(self.blocks(element), f"{number}) ")
            elif name == "hiddenComment":
                yield from marked(self.blocks(element), "Comment: ")
            elif name in ("header", "footer"):
                self.edges += [replace(each, mask=f"page {name}") for each in self.blocks(element)]

    def _table(self, table: _Element) -> Iterator[Block]:
        places: dict[tuple[int, int], Cell] = {}
        hanging: list[Block] = []
        heads = 0
        yield from (block for caption in _below(table, "caption") for block in self.blocks(caption))
        lines = list(_below(table, "tr"))
        if sum(len(list(_below(line, "tc"))) for line in lines) <= len(lines):
            for line in lines:
                for cell in _below(line, "tc"):
                    yield from self.blocks(cell)
            return
        for line in lines:
            cells = list(_below(line, "tc"))
            heads += bool(cells) and all(cell.get("header", "0") in ("1", "true") for cell in cells)
            for cell in cells:
                made, more = self._cell(cell)
                hanging += more
                _cover(places, cell, made)
        yield Block("")
        yield from (Block(line, kind="row") for line in rows(_grid(places), heads or None))
        yield Block("")
        yield from hanging

    def _cell(self, cell: _Element) -> tuple[Cell, list[Block]]:
        words: list[str] = []
        bold: list[bool] = []
        hanging: list[Block] = []
        for inner in _below(cell, "subList"):
            for paragraph in _below(inner, "p"):
                text, is_bold, more = self._text(paragraph)
                shape = self.shapes.get(paragraph.get("paraPrIDRef"), Shape())
                words += self.counter.block(text, shape).text.lstrip("#").split()
                bold += [is_bold] if text.strip() else []
                hanging += more
        return Cell(" ".join(words), bool(bold) and all(bold)), hanging


def _letters(text: _Element) -> Iterator[str]:
    """Yield the pieces of a text; what was deleted in a tracked change is not among them."""
    deleted = False
    yield text.text or ""
    for child in text:
        name = _name(child)
        deleted = name == "deleteBegin" or (deleted and name != "deleteEnd")
        yield _SIGNS.get(name, "")
        yield "" if deleted else child.tail or ""


def _stacked(element: _Element) -> str:
    """Return words with the small ones above them, or letters on top of one another."""
    if letters := element.get("composeText"):
        return str(letters)
    words, above = ("".join(each.text or "" for each in _below(element, name)) for name in _STACKED)
    return f"{words}({above})" if above else words


def _numbers(control: _Element) -> Iterator[str]:
    """Yield the number of a figure, a table or an equation; notes are counted, and pages are not read."""
    for number in _below(control, "autoNum"):
        if number.get("numType") in _COUNTED:
            yield number.get("num", "")


def _script(text: str) -> str:
    return " ".join(text.replace("`", " ").replace("~", " ").split())


def _cover(places: dict[tuple[int, int], Cell], cell: _Element, made: Cell) -> None:
    address, span = next(_below(cell, "cellAddr"), None), next(_below(cell, "cellSpan"), None)
    if address is None:
        return
    row, column = int(address.get("rowAddr", 0)), int(address.get("colAddr", 0))
    wide, high = (int(span.get(name, 1)) if span is not None else 1 for name in ("colSpan", "rowSpan"))
    for down in range(min(high, 1000)):
        for right in range(min(wide, 100)):
            places[row + down, column + right] = made


def _grid(places: Mapping[tuple[int, int], Cell]) -> list[list[Cell]]:
    width = max((column for _, column in places), default=-1) + 1
    blank = Cell("")
    lines = sorted({row for row, _ in places})
    return [[places.get((row, column), blank) for column in range(min(width, 1000))] for row in lines]


def _shape(properties: _Element) -> Shape:
    heading = next((each for each in properties.iter() if _name(each) == "heading"), None)
    if heading is None:
        return Shape()
    kind = _KINDS.get(heading.get("type", ""), "")
    return Shape(kind, int(heading.get("idRef", 0)), int(heading.get("level", 0)))


def _shift(letters: _Element) -> int:
    return _has(letters, "supscript") - _has(letters, "subscript")


def _heads(numbering: _Element) -> tuple[Head, ...]:
    levels = sorted(_below(numbering, "paraHead"), key=lambda each: int(each.get("level", 1)))
    return tuple(
        Head(each.text or "", _STYLES.get(each.get("numFormat", ""), "decimal"), int(each.get("start", 1)))
        for each in levels
    )
