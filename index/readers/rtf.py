"""Rich Text (rtf) becomes text, in the shape that the reader of Word files gives.

Notes and comments stand below their paragraph, tables give rows with their headers, and
the numbers of lists are those that the file was saved with. Control words are those of
the RTF specification 1.9.1; letters beyond ASCII come by code page of the font, or as
Unicode.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rag.index.readers.rows import Cell, rows
from rag.index.readers.rtf_words import (
    ABOUT,
    CHARSETS,
    CODE_PAGES,
    MARGINS,
    NOTES,
    NOWHERE,
    SIGNS,
    SYMBOLS,
    TOKEN,
)
from rag.index.readers.superscript import lowered, raised
from rag.index.reading import Block, Reading, Unreadable, compose
from rag.text.paragraphs import is_list_item

__all__ = ["read"]

MAX_DEPTH = 500


def read(data: bytes) -> Reading:
    """Read a file.

    Raises:
        Unreadable: It is no RTF, or nested too deep.
    """
    if not data.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("is not an rtf. Save it as .rtf or .docx")
    parser = _Parser()
    parser.parse(data)
    said = {block.text for block in parser.blocks}
    made = compose([*parser.blocks, *parser.margins(said)])
    first = next((each.text.lstrip("# ") for each in parser.blocks if each.text.startswith("# ")), "")
    about = {name: text.strip().rstrip(";") for name, text in parser.about.items()}
    return Reading(made.text, made.masks, about.get("title", "") or first, author=about.get("author", ""))


@dataclass(slots=True)
class _State:
    """What a group inherits: where its text goes, the encoding of its bytes, how it is raised."""

    goes: str = "body"
    encoding: str = ""
    skip: int = 1  # characters that stand for a Unicode one in old programs
    shift: int = 0
    bold: bool = False
    hidden: bool = False


@dataclass(slots=True)
class _Row:
    """A row of a table that is being read; `merges` says of each cell what it goes on with."""

    cells: list[Cell] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)
    pending: str = ""
    heads: bool = False


@dataclass(slots=True)
class _Parser:
    blocks: list[Block] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    _margins: list[tuple[str, str]] = field(default_factory=list)
    _state: _State = field(default_factory=_State)
    _stack: list[_State] = field(default_factory=list)
    _page: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0
    _levels: dict[int, int] = field(default_factory=dict)
    _style: int = 0
    _level: int = 0
    _texts: dict[str, str] = field(default_factory=dict)
    _bold: list[bool] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    _left: int = 0
    _attached: list[Block] = field(default_factory=list)
    _below: list[Block] = field(default_factory=list)
    _notes: int = 0
    _in_table: bool = False
    _row: _Row = field(default_factory=_Row)
    _grid: list[list[Cell]] = field(default_factory=list)
    _heads: int = 0

    def parse(self, data: bytes) -> None:
        """Read all tokens; a file that ends early ends its last paragraph."""
        position = 0
        while (token := TOKEN.match(data, position)) is not None:
            position = token.end()
            word, number, hexed, sign, brace, text = token.groups()
            if hexed:
                self._byte(int(hexed, 16))
                continue
            if text:
                self._raw(text)
                continue
            self._flush()
            if word == b"bin":
                position += max(0, int(number or 0))
            elif word:
                self._word(word.decode(), int(number) if number else None)
            elif sign:
                self._sign(sign.decode("latin-1"))
            elif brace == b"{":
                self._open()
            elif brace == b"}":
                self._close()
        self._flush()
        self._paragraph()
        self._end_table()

    def margins(self, said: set[str]) -> Iterator[Block]:
        """Yield what headers and footers say, each text once; masked if it only counts pages."""
        for kind, text in self._margins:
            if text not in said:
                said.add(text)
                yield Block(text, "" if any(map(str.isalpha, text)) else f"page {kind}")

    # --- groups and text

    def _open(self) -> None:
        if len(self._stack) > MAX_DEPTH:
            raise Unreadable(f"is nested deeper than {MAX_DEPTH} groups. Save it as .docx")
        self._stack.append(self._state)
        self._state = replace(self._state)

    def _close(self) -> None:
        closed = self._state
        if self._stack:
            self._state = self._stack.pop()
        if closed.goes != self._state.goes or closed.goes == "style":
            self._end_group(closed.goes)

    def _end_group(self, goes: str) -> None:
        if goes == "box":
            self._attached += [
                Block(" ".join(line.split())) for line in self._texts.pop(goes, "").splitlines()
            ]
        elif goes in NOTES.values():
            text = " ".join(self._texts.pop(goes, "").split())
            author = self.about.pop("atnauthor", "").strip()
            self._notes += goes == "note"
            by = f" by {author}" if author else ""
            label = f"{self._notes}) " if goes == "note" else f"Comment{by}: "
            self._attached += [Block(label + text)] if text else []
        elif goes in MARGINS.values():
            lines = self._texts.pop(goes, "").splitlines()
            self._margins += [(goes, " ".join(line.split())) for line in lines if line.strip()]
        elif goes == "style":
            name = re.match(r"\s*heading (\d)", self._texts.pop(goes, ""), re.IGNORECASE)
            if name:
                self._levels[self._style] = int(name[1])
            self._style = 0
        elif goes in ABOUT:
            self.about.setdefault(goes, self._texts.pop(goes, ""))

    def _say(self, text: str) -> None:
        state = self._state
        if not text or state.goes == "nowhere" or state.hidden or state.goes == "font":
            return
        before = self._texts.get(state.goes, "")
        if state.shift:
            text = raised(before, text) if state.shift > 0 else lowered(text)
        self._texts[state.goes] = before + text
        if state.goes == "body" and text.strip():
            self._bold.append(state.bold)

    def _byte(self, byte: int) -> None:
        if self._left:
            self._left -= 1
        else:
            self._bytes.append(byte)

    def _raw(self, text: bytes) -> None:
        skipped = min(self._left, len(text))
        self._left -= skipped
        self._bytes += text[skipped:]

    def _flush(self) -> None:
        """Decode the bytes that were collected, by the font they are in."""
        if self._bytes:
            encoding = self._state.encoding or self._page
            self._say(bytes(self._bytes).decode(encoding, "replace"))
            self._bytes.clear()

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._state.goes = "nowhere" if self._state.goes != "font" else "font"
        elif sign in SYMBOLS:
            self._say(SYMBOLS[sign])

    # --- control words

    def _word(self, word: str, number: int | None) -> None:
        if word == "u" and number is not None:
            self._left = self._state.skip
            self._say(chr(number % 0x10000))
        elif word in SIGNS:
            self._say(SIGNS[word])
        elif handler := _WORDS.get(word):
            handler(self, number if number is not None else 1)
        else:
            self._destination(word)

    def _destination(self, word: str) -> None:
        goes = NOTES.get(word) or MARGINS.get(word) or (word if word in ABOUT else "")
        if goes:
            self._state.goes, self._state.shift = goes, 0  # the mark of a note is raised, the note is not
        elif word in ("fonttbl", "stylesheet"):
            self._state.goes = "font" if word == "fonttbl" else "style"
        elif word in NOWHERE:
            self._state.goes = "nowhere"

    def _set_font(self, number: int) -> None:
        self._font = number
        self._state.encoding = self._fonts.get(number, "")

    def _set_charset(self, number: int) -> None:
        if self._state.goes == "font" and number in CHARSETS:
            self._fonts[self._font] = CHARSETS[number]

    def _set_code_page(self, number: int) -> None:
        name = CODE_PAGES.get(number, f"cp{number}")
        try:
            b"".decode(name)
        except LookupError:
            return
        self._page = name

    def _set_style(self, number: int) -> None:
        self._style = number
        if self._state.goes == "body":
            self._level = self._levels.get(number, 0)

    def _plain(self, _: int) -> None:
        state = self._state
        state.shift, state.bold, state.hidden, state.encoding = 0, False, False, ""

    def _pard(self, _: int) -> None:
        if self._state.goes == "body":
            self._in_table, self._level = False, 0

    # --- paragraphs and tables

    def _paragraph(self, _: int = 1) -> None:
        if self._state.goes != "body":
            self._say("\n")
            return
        if self._in_table:
            self._say(" ")
            return
        self._end_table()
        text = self._taken().strip()
        if text and self._level:
            self.blocks.append(Block("#" * min(self._level, 6) + " " + " ".join(text.split())))
        elif text:
            text = re.sub(r"^[•·\uf0b7▪○]\t", "- ", text).replace("\t", " ", int(is_list_item(text)))
            self.blocks.append(Block(text, kind="item" if is_list_item(text) else ""))
        else:
            self.blocks.append(Block(""))
        self.blocks += self._attached
        self._attached = []

    def _taken(self) -> str:
        self._bold = []
        return self._texts.pop("body", "")

    def _cell(self, _: int) -> None:
        marked = bool(self._bold) and all(self._bold)
        self._row.cells.append(Cell(" ".join(self._taken().split()), marked))

    def _end_row(self, _: int) -> None:
        row = self._row
        line: list[Cell] = []
        for place, cell in enumerate(row.cells):
            merge = row.merges[place] if place < len(row.merges) else ""
            above = self._grid[-1] if self._grid else []
            if merge == "left" and line:
                line.append(line[-1])
            else:
                line.append(above[place] if merge == "above" and place < len(above) else cell)
        self._below += self._attached
        self._attached = []
        if line:
            self._heads += row.heads and self._heads == len(self._grid)
            self._grid.append(line)
        row.cells = []

    def _end_table(self) -> None:
        if self._grid:
            self.blocks += [Block(line, kind="row") for line in rows(self._grid, self._heads or None)]
            self.blocks += [*self._below, Block("")]
            self._below, self._grid, self._heads = [], [], 0

    def _define_row(self, _: int) -> None:
        self._row.merges, self._row.pending, self._row.heads = [], "", False

    def _merge(self, how: str) -> None:
        self._row.pending = how

    def _edge(self, _: int) -> None:
        self._row.merges.append(self._row.pending)
        self._row.pending = ""


def _set(name: str, on: object, off: object) -> Callable[[_Parser, int], None]:
    """Return what sets a property of the group: *on*, or *off* where the word ends in 0."""

    def setter(parser: _Parser, number: int) -> None:
        setattr(parser._state, name, on if number else off)

    return setter


def _table(parser: _Parser, _: int) -> None:
    parser._in_table = True


def _heading(parser: _Parser, number: int) -> None:
    if parser._state.goes == "style":
        parser._levels[parser._style] = number + 1
    elif number < 9:
        parser._level = number + 1


def _head(parser: _Parser, _: int) -> None:
    parser._row.heads = True


_WORDS: Mapping[str, Callable[[_Parser, int], None]] = {
    "par": _Parser._paragraph,
    "sect": _Parser._paragraph,
    "page": _Parser._paragraph,
    "cell": _Parser._cell,
    "nestcell": lambda parser, _: parser._say(" "),
    "nestrow": lambda parser, _: parser._say("; "),
    "row": _Parser._end_row,
    "intbl": _table,
    "trowd": _Parser._define_row,
    "trhdr": _head,
    "cellx": _Parser._edge,
    "clvmrg": lambda parser, _: parser._merge("above"),
    "clmrg": lambda parser, _: parser._merge("left"),
    "pard": _Parser._pard,
    "plain": _Parser._plain,
    "s": _Parser._set_style,
    "outlinelevel": _heading,
    "f": _Parser._set_font,
    "fcharset": _Parser._set_charset,
    "ansicpg": _Parser._set_code_page,
    "uc": lambda parser, number: setattr(parser._state, "skip", max(0, min(number, 8))),
    "b": _set("bold", on=True, off=False),
    "v": _set("hidden", on=True, off=False),
    "deleted": _set("hidden", on=True, off=False),
    "super": _set("shift", 1, 0),
    "sub": _set("shift", -1, 0),
    "up": _set("shift", 1, 0),
    "dn": _set("shift", -1, 0),
    "nosupersub": lambda parser, _: setattr(parser._state, "shift", 0),
    "chftn": lambda _parser, _: None,
}
