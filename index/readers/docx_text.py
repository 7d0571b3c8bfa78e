"""The text of one paragraph of Word: what its runs show, its equations, the notes it refers to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rag.index.readers.omml import MATH, linear
from rag.index.readers.superscript import lowered, raised

__all__ = ["Run", "W", "drawn_boxes", "runs", "written"]

_Element = Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
# Deleted text, text moved away, the second copy of a text box, and the readings above words.
_UNSEEN = frozenset(
    {*(f"{W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "rt", "txbxContent")), _FALLBACK}
)
_NOTES = {
    f"{W}footnoteReference": "footnote",
    f"{W}endnoteReference": "endnote",
    f"{W}commentReference": "comment",
}
# Fields that count pages: what they showed when the file was saved is true of one page at most.
_PAGE_FIELDS = ("PAGE", "NUMPAGES", "SECTIONPAGES")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph.

    Attributes:
        place: "superscript", "subscript" or empty.
        note: The kind and id of the note that it refers to; empty without one.
    """

    text: str = ""
    place: str = ""
    bold: bool = False
    note: tuple[str, str] = ("", "")


def written(pieces: Iterable[Run]) -> str:
    """Return what *pieces* say one after the other, note marks left out."""
    text = ""
    for piece in _joined(pieces):
        if piece.place == "superscript":
            text += raised(text, piece.text)
        else:
            text += lowered(piece.text) if piece.place == "subscript" else piece.text
    return text


def _joined(pieces: Iterable[Run]) -> Iterator[Run]:
    """Join neighbours that stand on one level: Word cuts "10" into two runs as it pleases."""
    text, place = list[str](), ""
    for piece in pieces:
        if piece.place != place and text:
            yield Run("".join(text), place)
            text = []
        text, place = [*text, piece.text] if len(text) < 64 else ["".join(text), piece.text], piece.place
    yield Run("".join(text), place)


def runs(paragraph: _Element) -> Iterator[Run]:
    """Yield the pieces of a paragraph, without those of text boxes that hang on it."""
    left = [paragraph]
    field: list[
        str
    ] = []  # what encloses the current run: "code" or "result" of a field, "page" of a page number
    while left:
        element = left.pop()
        if element.tag in _UNSEEN or not isinstance(element.tag, str) or _is_page_field(element):
            continue
        if element.tag == f"{W}r":
            yield from _run(element, field)
            left.extend(child for child in reversed(element) if len(child))
        elif element.tag in (f"{MATH}oMath", f"{MATH}oMathPara"):
            yield Run(linear(element))
        else:
            left.extend(reversed(element))


def _run(run: _Element, field: list[str]) -> Iterator[Run]:
    properties = run.find(f"{W}rPr")
    place = _on(properties, "vertAlign")
    place = place if place in ("superscript", "subscript") else ""
    bold = _is_on(properties, "b")
    hidden = _is_on(properties, "vanish")
    for child in run:
        if child.tag == f"{W}fldChar":
            _turn(field, child.get(f"{W}fldCharType", ""))
        elif child.tag == f"{W}instrText" and field and field[-1] == "code":
            field[-1] = "page" if (child.text or "").strip().split(" ")[0] in _PAGE_FIELDS else "code"
        elif hidden or "code" in field or "page" in field or "result page" in field:
            continue
        elif child.tag == f"{W}t":
            yield Run(child.text or "", place, bold)
        elif child.tag in _BREAKS:
            yield Run(_BREAKS[child.tag], "", bold)
        elif child.tag == f"{W}sym":
            yield Run(_symbol(child), place, bold)
        elif child.tag in _NOTES:
            yield Run(note=(_NOTES[child.tag], child.get(f"{W}id", "")))


def _turn(field: list[str], kind: str) -> None:
    """Follow a field through its begin, the end of its code, and its end."""
    if kind == "begin":
        field.append("code")
    elif kind == "separate" and field:
        field[-1] = "result page" if field[-1] == "page" else "result"
    elif kind == "end" and field:
        field.pop()


def _is_page_field(element: _Element) -> bool:
    code: str = element.get(f"{W}instr", "") if element.tag == f"{W}fldSimple" else ""
    return code.strip().split(" ")[0] in _PAGE_FIELDS


def _symbol(element: _Element) -> str:
    """Return a symbol of a named font; those of the private use area mean something there alone."""
    try:
        code = int(element.get(f"{W}char", ""), 16)
    except ValueError:
        return ""
    return chr(code) if 0x20 <= code < 0xD800 or 0xF900 <= code <= 0xFFFD else ""


def _on(properties: _Element | None, name: str) -> str:
    found = properties.find(f"{W}{name}") if properties is not None else None
    return found.get(f"{W}val", "1") if found is not None else ""


def _is_on(properties: _Element | None, name: str) -> bool:
    return _on(properties, name) not in ("", "0", "false", "off")


def drawn_boxes(paragraph: _Element) -> Iterator[_Element]:
    """Yield the contents of the text boxes that hang on a paragraph, outermost ones only."""
    left = [paragraph]
    while left:
        element = left.pop()
        if element.tag in (_FALLBACK, f"{W}del", f"{W}moveFrom"):
            continue
        if element.tag == f"{W}txbxContent":
            yield element
        else:
            left.extend(reversed(element))
