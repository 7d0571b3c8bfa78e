"""A Word document (docx) becomes text, in the shape that `rag.index.readers.html` gives too.

Reads the body as its last author accepted it: insertions count, deletions do not;
headers, footers, comments and footnotes are left out. Styles tell the headings.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from rag.index.reading import Block, Reading, Unreadable, compose

__all__ = ["read"]

# What a docx may unpack to. Real ones stay below 20 times; text of one letter reaches 1,000.
MAX_UNPACKED_BYTES = 200_000_000
MAX_UNPACKED_RATIO = 200
MAX_ENTRIES = 10_000

# python-docx ships no types for what is below its paragraphs.
_Element = Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# Deleted text, text moved away, field codes, and the second copy of a text box.
_UNSEEN = {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}pPr", f"{_W}rPr", _FALLBACK}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(data: bytes) -> Reading:
    """Read a docx.

    Raises:
        Unreadable: It is encrypted, not a docx, or unpacks to too much.
    """
    _check_package(data)
    from docx import Document

    document = Document(BytesIO(data))
    names = {style.style_id: (style.name or "").lower() for style in document.styles}
    blocks = list(_blocks(document.element.body, names))
    made = compose(blocks)
    title = document.core_properties.title.strip() or _first_heading(document.element.body, names)
    return Reading(
        made.text,
        made.masks,
        title,
        document.core_properties.language,
        author=document.core_properties.author,
    )


def _check_package(data: bytes) -> None:
    if data.startswith(_OLE):
        raise Unreadable("is encrypted or an old .doc. Save it as .docx without a password")
    try:
        entries = ZipFile(BytesIO(data)).infolist()
    except BadZipFile as exc:
        raise Unreadable(f"is not a docx, or damaged ({exc}). Open it in Word and save it again") from exc
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise Unreadable(f"is packed from {len(entries):,} parts; up to {MAX_ENTRIES:,} are read")
    if unpacked > min(MAX_UNPACKED_BYTES, max(MAX_UNPACKED_RATIO * len(data), 1_000_000)):
        raise Unreadable(
            f"unpacks from {len(data):,} to {unpacked:,} bytes; up to {MAX_UNPACKED_BYTES:,} and"
            f" {MAX_UNPACKED_RATIO} times its size are read"
        )


def _blocks(body: _Element, names: dict[str, str]) -> Iterator[Block]:
    """Yield the paragraphs outside of tables, and the rows of tables, in reading order."""
    for element in body.iter(f"{_W}p", f"{_W}tr"):
        if next(element.iterancestors(f"{_W}tr", _FALLBACK), None) is not None:
            continue
        if element.tag == f"{_W}tr":
            cells = (_cell(cell) for cell in element.iterchildren(f"{_W}tc", f"{_W}sdt"))
            yield Block(" | ".join(cells), kind="row")
        else:
            yield _paragraph(element, names)


def _cell(cell: _Element) -> str:
    return " ".join(" ".join(_text(paragraph).split()) for paragraph in cell.iter(f"{_W}p")).strip()


def _paragraph(paragraph: _Element, names: dict[str, str]) -> Block:
    text, style = _text(paragraph).strip(), _style(paragraph, names)
    if not text:
        return Block("")
    if level := _level(style):
        return Block("#" * level + " " + " ".join(text.split()))
    if style.startswith("toc "):
        return Block(text, "table of contents", "item")
    if style.startswith("list") or paragraph.find(f"{_W}pPr/{_W}numPr") is not None:
        return Block("- " + text, kind="item")
    return Block(text)


def _style(paragraph: _Element, names: dict[str, str]) -> str:
    """Return the style's name in lower case; Word keeps English ones in every language."""
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return names.get(style.get(f"{_W}val"), "") if style is not None else ""


def _level(style: str) -> int:
    """Return 1 to 6 for a heading, 0 for other styles."""
    name, _, number = style.partition(" ")
    if name == "heading" and number.isdecimal():
        return min(int(number), 6)
    return int(style == "title")


def _text(paragraph: _Element) -> str:
    """Return what the paragraph shows, without the paragraphs of text boxes anchored in it."""
    pieces: list[str] = []
    left = [paragraph]
    while left:
        element = left.pop()
        if element.tag in _UNSEEN or _is_hidden(element):
            continue
        if element.tag == f"{_W}t":
            pieces.append(element.text or "")
        pieces.append(_BREAKS.get(element.tag, ""))
        left.extend(child for child in reversed(element) if child.tag != f"{_W}txbxContent")
    return "".join(pieces)


def _is_hidden(element: _Element) -> bool:
    if element.tag != f"{_W}r":
        return False
    vanish = element.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and vanish.get(f"{_W}val", "1") not in ("0", "false", "off")


def _first_heading(body: _Element, names: dict[str, str]) -> str:
    for paragraph in body.iter(f"{_W}p"):
        if _level(_style(paragraph, names)) and (text := " ".join(_text(paragraph).split())):
            return text
    return ""
