"""A document of the Hangul word processor (hwp 5) becomes text, like one of Word.

An hwp is an OLE file whose streams are deflated records: a paragraph, the letters of it,
the controls that hang on it (tables, notes, boxes), each a level below what it belongs
to. The records are those of Hancom's "HWP 5.0 file format", revision 1.3.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from struct import unpack_from
from typing import Any

from rag.index.readers.hangul import FORMATS, Counter, Head, Shape, marked, raised_pieces
from rag.index.readers.rows import Cell, rows
from rag.index.reading import Block, Reading, Unreadable, compose

__all__ = ["read"]

_Ole = Any  # olefile ships no types

MAX_UNPACKED_BYTES = 200_000_000
MAX_LEVEL = 64

_CHAR_SHAPE, _NUMBERING, _PARA_SHAPE = 21, 23, 25
_PARA, _TEXT, _RUNS, _CONTROL, _LIST, _TABLE, _EQUATION = 66, 67, 68, 71, 72, 77, 88
_SUMMARY = "\x05HwpSummaryInformation"
_COMPRESSED, _PASSWORD, _DISTRIBUTED = 1, 2, 4
# Control codes that take one letter; the others take eight.
_SHORT = {0: "", 10: "\n", 13: "", 24: "-", 25: "", 26: "", 27: "", 28: "", 29: "", 30: " ", 31: " "}
_TAB = 9
# Those that a record of their own tells more of, in the order of the records.
_TOLD = frozenset({1, 2, 3, 11, 12, 14, 15, 16, 17, 18, 21, 22, 23})
# Numbers of figures, tables and equations; those of notes and pages are counted or left out.
_COUNTED = (3, 4, 5)
_KINDS: Sequence[Any] = ("", "outline", "number", "bullet")


@dataclass(slots=True)
class _Record:
    tag: int
    data: bytes
    inner: list["_Record"] = field(default_factory=list)


def read(data: bytes) -> Reading:
    """Read a document.

    Raises:
        Unreadable: It has a password, may only be looked at, or is damaged.
    """
    import olefile

    try:
        ole = olefile.OleFileIO(BytesIO(data))
    except (OSError, ValueError) as exc:
        raise Unreadable(f"is not an hwp, or damaged ({exc}). Save it as .hwpx") from exc
    header = _stream(ole, "FileHeader")
    if not header.startswith(b"HWP Document File") or len(header) < 40:
        raise Unreadable("is not an hwp. Save it as .hwpx")
    flags = unpack_from("<I", header, 36)[0]
    if flags & _PASSWORD:
        raise Unreadable("is encrypted. Save a copy without a password")
    if flags & _DISTRIBUTED:
        raise Unreadable(
            "is a document for distribution, which is encrypted. Save it as an ordinary .hwp or .hwpx"
        )
    streams = _Streams(ole, is_packed=bool(flags & _COMPRESSED))
    document = _Document.of(streams.records("DocInfo"))
    sections = sorted(int(name[7:]) for name in _sections(ole))
    blocks = [
        block
        for number in sections
        for block in document.blocks(streams.records(f"BodyText/Section{number}"))
    ]
    made = compose([*blocks, *document.margins({block.text for block in blocks})])
    title, author = _about(ole)
    first = next((each.text.lstrip("# ") for each in blocks if each.text.startswith("# ")), "")
    return Reading(made.text, made.masks, title or first, author=author)


def _sections(ole: _Ole) -> Iterator[str]:
    for path in ole.listdir():
        if len(path) == 2 and path[0] == "BodyText" and path[1][:7] == "Section" and path[1][7:].isdecimal():
            yield path[1]


def _stream(ole: _Ole, name: str) -> bytes:
    return bytes(ole.openstream(name).read()) if ole.exists(name) else b""


def _about(ole: _Ole) -> tuple[str, str]:
    """Return title and author of the summary, which is a property set like those of Word."""
    try:
        found = ole.getproperties(_SUMMARY) if ole.exists(_SUMMARY) else {}
    except Exception:  # olefile raises anything on damaged ones, and the text is worth more
        return "", ""
    title, author = (found.get(number) for number in (2, 4))
    return tuple(each.strip("\0 ") if isinstance(each, str) else "" for each in (title, author))  # type: ignore[return-value]


@dataclass(slots=True)
class _Streams:
    """Unpacks streams, all together within `MAX_UNPACKED_BYTES`."""

    ole: _Ole
    is_packed: bool
    left: int = MAX_UNPACKED_BYTES

    def records(self, name: str) -> list[_Record]:
        """Return the records of a stream, those of a level below others inside them."""
        data = _stream(self.ole, name)
        if self.is_packed and data:
            unpacker = zlib.decompressobj(-15)
            data = unpacker.decompress(data, self.left)
            if unpacker.unconsumed_tail:
                raise Unreadable(f"unpacks to more than {MAX_UNPACKED_BYTES:,} bytes. Split it")
        self.left -= len(data)
        return _tree(_flat(data))


def _flat(data: bytes) -> Iterator[tuple[int, _Record]]:
    place = 0
    while place + 4 <= len(data):
        (head,) = unpack_from("<I", data, place)
        place += 4
        size = head >> 20
        if size == 0xFFF and place + 4 <= len(data):
            (size,) = unpack_from("<I", data, place)
            place += 4
        yield head >> 10 & 0x3FF, _Record(head & 0x3FF, data[place : place + size])
        place += size


def _tree(records: Iterable[tuple[int, _Record]]) -> list[_Record]:
    roots: list[_Record] = []
    above: list[_Record] = []
    for level, record in records:
        if level > MAX_LEVEL:
            raise Unreadable(f"is nested deeper than {MAX_LEVEL} levels. Save it as .hwpx")
        del above[level:]
        (above[-1].inner if above else roots).append(record)
        above.append(record)
    return roots


@dataclass(slots=True)
class _Document:
    """What paragraphs refer to by number: their shapes, and letters that are raised, lowered or bold."""

    shapes: list[Shape]
    shifts: list[int]
    bold: list[bool]
    counter: Counter
    notes: dict[str, int] = field(default_factory=dict)
    edges: list[Block] = field(default_factory=list)

    @classmethod
    def of(cls, records: Iterable[_Record]) -> "_Document":
        every = list(_walk(records))
        letters = [unpack_from("<I", each.data, 46)[0] for each in every if each.tag == _CHAR_SHAPE]
        lists = [_heads(each.data) for each in every if each.tag == _NUMBERING]
        return cls(
            [_shape(each.data) for each in every if each.tag == _PARA_SHAPE],
            [(each >> 15 & 1) - (each >> 16 & 1) for each in letters],
            [bool(each >> 1 & 1) for each in letters],
            Counter(dict(enumerate(lists, start=1))),
        )

    def blocks(self, records: Iterable[_Record]) -> Iterator[Block]:
        """Yield the paragraphs among *records*, each followed by what hangs on it."""
        for record in records:
            if record.tag == _PARA:
                text, _, hanging = self._text(record)
                yield self.counter.block(text, self._shape(record))
                yield from hanging

    def margins(self, said: set[str]) -> Iterator[Block]:
        """Yield what headers and footers say, each text once; masked if it only counts pages."""
        for block in self.edges:
            if block.text not in said:
                said.add(block.text)
                yield block if not any(map(str.isalpha, block.text)) else replace(block, mask="")

    def _shape(self, paragraph: _Record) -> Shape:
        number = unpack_from("<H", paragraph.data, 8)[0]
        return self.shapes[number] if number < len(self.shapes) else Shape()

    def _text(self, paragraph: _Record) -> tuple[str, bool, list[Block]]:
        """Return what a paragraph says, whether all of it is bold, and what hangs on it."""
        letters = next((each.data for each in paragraph.inner if each.tag == _TEXT), b"")
        runs = next((each.data for each in paragraph.inner if each.tag == _RUNS), b"")
        pieces: list[tuple[str, int]] = []
        bold: list[bool] = []
        told = (_told(each) for each in paragraph.inner if each.tag == _CONTROL)
        for piece, number in _pieces(letters, runs, told):
            pieces.append((piece, self.shifts[number] if number < len(self.shifts) else 0))
            bold += [number < len(self.bold) and self.bold[number]] if piece.strip() else []
        hanging = [block for each in paragraph.inner if each.tag == _CONTROL for block in self._control(each)]
        return raised_pieces(pieces).rstrip(), bool(bold) and all(bold), hanging

    def _control(self, control: _Record) -> Iterator[Block]:
        name = control.data[3::-1].decode("latin-1")
        if name == "secd" and len(control.data) >= 20:
            self.counter.outline = unpack_from("<H", control.data, 18)[0]
        elif name == "tbl ":
            yield from self._table(control)
        elif name in ("fn  ", "en  "):
            number = self.notes[name] = self.notes.get(name, 0) + 1
            yield from marked(self.blocks(control.inner), f"{number}) ")
        elif name == "tcmt":
            yield from marked(self.blocks(control.inner), "Comment: ")
        elif name in ("head", "foot"):
            mask = "page header" if name == "head" else "page footer"
            self.edges += [replace(each, mask=mask) for each in self.blocks(control.inner)]
        elif name == "gso ":
            yield from self._box(control)

    def _box(self, record: _Record) -> Iterator[Block]:
        """Yield the paragraphs of a box, those of boxes in a group among them."""
        for inner in record.inner:
            if inner.tag == _PARA:
                yield from self.blocks([inner])
            else:
                yield from self._box(inner)

    def _table(self, control: _Record) -> Iterator[Block]:
        places: dict[tuple[int, int], Cell] = {}
        hanging: list[Block] = []
        start = next((n for n, each in enumerate(control.inner) if each.tag == _TABLE), 0)
        yield from self.blocks(control.inner[:start])  # The caption.
        cells = list(_cells(control.inner[start:]))
        if len({row for (row, _), _, _ in cells}) >= len(cells):
            yield from (block for _, _, inner in cells for block in self.blocks(inner))
            return
        for (row, column), (high, wide), inner in cells:
            cell, more = self._cell(inner)
            hanging += more
            for down in range(min(high, 1000)):
                for right in range(min(wide, 100)):
                    places[row + down, column + right] = cell
        width = max((column for _, column in places), default=-1) + 1
        blank = Cell("")
        lines = sorted({row for row, _ in places})
        grid = [[places.get((row, column), blank) for column in range(min(width, 1000))] for row in lines]
        yield Block("")
        yield from (Block(line, kind="row") for line in rows(grid))
        yield Block("")
        yield from hanging

    def _cell(self, paragraphs: Iterable[_Record]) -> tuple[Cell, list[Block]]:
        words: list[str] = []
        bold: list[bool] = []
        hanging: list[Block] = []
        for paragraph in paragraphs:
            text, is_bold, more = self._text(paragraph)
            words += self.counter.block(text, self._shape(paragraph)).text.lstrip("#").split()
            bold += [is_bold] if text.strip() else []
            hanging += more
        return Cell(" ".join(words), bool(bold) and all(bold)), hanging


def _walk(records: Iterable[_Record]) -> Iterator[_Record]:
    for record in records:
        yield record
        yield from _walk(record.inner)


def _pieces(letters: bytes, runs: bytes, told: Iterator[str]) -> Iterator[tuple[str, int]]:
    """Yield the letters of a paragraph by the number of their shape, and what is *told* for its controls."""
    starts = [unpack_from("<II", runs, n) for n in range(0, len(runs) - 7, 8)]
    codes = memoryview(letters[: len(letters) // 2 * 2]).cast("H") if letters else ()
    current, place, run = list[int](), 0, 0
    while place < len(codes):
        while run + 1 < len(starts) and starts[run + 1][0] <= place:
            if current:
                yield _decoded(current), starts[run][1]
            current, run = [], run + 1
        code = codes[place]
        place += 1 if code >= 32 or code in _SHORT else 8
        if code >= 32:
            current.append(code)
        elif code in _TOLD:
            said = next(told, "")
            current += _codes(" " * (said[:1].isspace() and current[-1:] != [32]) + said.strip())
        else:
            current += map(ord, "\t" if code == _TAB else _SHORT.get(code, ""))
    if current:
        yield _decoded(current), starts[run][1] if starts else 0


def _decoded(codes: Iterable[int]) -> str:
    return b"".join(code.to_bytes(2, "little") for code in codes).decode("utf-16-le", "replace")


def _codes(text: str) -> Sequence[int]:
    return memoryview(text.encode("utf-16-le")).cast("H") if text else ()


def _told(control: _Record) -> str:
    """Return what a control says where it stands; a space before it if it stands apart."""
    name, data = control.data[3::-1], control.data
    if name == b"eqed":
        return "".join(f" {script}" for script in _equations(control))
    if name == b"tdut" and len(data) >= 8:  # Words with small ones above them.
        words, above = _string(data, 4), _string(data, 6 + 2 * unpack_from("<H", data, 4)[0])
        return f"{words}({above})" if above else words
    if name == b"tcps":  # Letters on top of one another.
        return _string(data, 4)
    if name == b"atno" and len(data) >= 10 and data[4] & 15 in _COUNTED:
        return str(unpack_from("<H", data, 8)[0])
    return ""


def _string(data: bytes, place: int) -> str:
    """Return the text of which the number of letters stands before it."""
    size = unpack_from("<H", data, place)[0] if place + 2 <= len(data) else 0
    return data[place + 2 : place + 2 + 2 * size].decode("utf-16-le", "replace")


def _equations(control: _Record) -> Iterator[str]:
    for record in control.inner:
        if record.tag == _EQUATION and len(record.data) >= 6:
            script = _string(record.data, 4)
            yield " ".join(script.replace("`", " ").replace("~", " ").split())


_Place = tuple[int, int]


def _cells(records: Iterable[_Record]) -> Iterator[tuple[_Place, _Place, list[_Record]]]:
    """Yield of each cell its row and column, how many of them it covers, and its paragraphs."""
    cell: tuple[_Place, _Place, list[_Record]] | None = None
    for record in records:
        if record.tag == _LIST and len(record.data) >= 16:
            if cell:
                yield cell
            column, row, wide, high = unpack_from("<HHHH", record.data, 8)
            cell = (row, column), (high, wide), []
        elif record.tag == _PARA and cell:
            cell[2].append(record)
    if cell:
        yield cell


def _shape(data: bytes) -> Shape:
    flags = unpack_from("<I", data, 0)[0]
    number = unpack_from("<H", data, 30)[0] if len(data) >= 32 else 0
    return Shape(_KINDS[flags >> 23 & 3], number, flags >> 25 & 7)


def _heads(data: bytes) -> tuple[Head, ...]:
    """Return the levels of a list; a file that ends early has fewer."""
    heads: list[Head] = []
    place = 0
    while len(heads) < 7 and place + 14 <= len(data):
        flags = unpack_from("<I", data, place)[0]
        size = unpack_from("<H", data, place + 12)[0]
        text = data[place + 14 : place + 14 + 2 * size].decode("utf-16-le", "replace")
        style = flags >> 5 & 15
        heads.append(Head(text, FORMATS[style] if style < len(FORMATS) else "decimal"))
        place += 14 + 2 * size
    starts = [
        unpack_from("<I", data, place + 2 + 4 * n)[0] for n in range(7) if place + 6 + 4 * n <= len(data)
    ]
    return tuple(
        replace(head, start=starts[n] if n < len(starts) and starts[n] < 10_000 else 1)
        for n, head in enumerate(heads)
    )
