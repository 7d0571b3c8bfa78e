"""The text of one paragraph of OpenDocument, and what its styles say about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.index.readers.numerals import numeral
from rag.index.readers.superscript import lowered, raised

__all__ = ["OFFICE", "TEXT", "Inline", "Numbers", "Styles", "name_of"]

_Element = Any

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
_BREAKS = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
_UNSEEN = frozenset(
    (
        *(f"{TEXT}{name}" for name in ("ruby-text", "page-number", "page-count", "hidden-text")),
        f"{OFFICE}event-listeners",
    )
)
# Number formats of OpenDocument are their own first numeral.
_NUMERALS = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "가": "ganada",
    "一": "japaneseCounting",
    "①": "decimalEnclosedCircle",
    "ア": "aiueoFullWidth",
    "イ": "irohaFullWidth",
    "甲": "ideographTraditional",
}


def name_of(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


@dataclass(slots=True)
class Styles:
    """The styles of a document, by name: what each is based on, and what it says itself."""

    parents: dict[str, str] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    shifts: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    lists: dict[str, dict[int, _Element]] = field(default_factory=dict)
    outline: dict[int, _Element] = field(default_factory=dict)

    def add(self, root: _Element) -> None:
        """Add the styles of a part."""
        for style in root.iter(f"{_STYLE}style"):
            self._add(style.get(f"{_STYLE}name", ""), style)
        for each in root.iter(f"{TEXT}list-style", f"{TEXT}outline-style"):
            levels = {int(level.get(f"{TEXT}level", 1)) - 1: level for level in each}
            if each.tag == f"{TEXT}outline-style":
                self.outline = levels
            else:
                self.lists[each.get(f"{_STYLE}name", "")] = levels

    def _add(self, name: str, style: _Element) -> None:
        self.parents[name] = style.get(f"{_STYLE}parent-style-name", "")
        if level := style.get(f"{_STYLE}default-outline-level", ""):
            self.levels[name] = int(level)
        if name == "Title" or style.get(f"{_STYLE}display-name") == "Title":
            self.levels[name] = 1
        for properties in style:
            if shift := properties.get(f"{_STYLE}text-position", ""):
                self.shifts[name] = shift.split()[0]
            display = properties.get(f"{_TABLE}display") or properties.get(f"{TEXT}display") or ""
            if display in ("false", "none") or properties.get(f"{_PRESENTATION}visibility") == "hidden":
                self.hidden.add(name)

    def level(self, paragraph: _Element) -> int:
        """Return the outline level of a paragraph, 0 if it is no heading."""
        if paragraph.tag == f"{TEXT}h":
            return int(paragraph.get(f"{TEXT}outline-level", 1))
        for name in self._line(paragraph.get(f"{TEXT}style-name", "")):
            if name in self.levels or name == "Title":
                return self.levels.get(name, 1)
        return 0

    def shift(self, name: str) -> int:
        """Return 1 for a style that raises text, -1 for one that lowers it, 0 for others."""
        for each in self._line(name):
            if found := self.shifts.get(each):
                value = found.rstrip("%")
                return {"super": 1, "sub": -1}.get(found) or (
                    -1 if value.startswith("-") else int(value not in ("0", ""))
                )
        return 0

    def is_hidden(self, name: str) -> bool:
        """Tell whether a style hides what it is used on."""
        return any(each in self.hidden for each in self._line(name))

    def _line(self, name: str) -> Iterator[str]:
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            yield name
            name = self.parents.get(name, "")


@dataclass(slots=True)
class Inline:
    """What a paragraph says, and what hangs on it."""

    text: str = ""
    notes: list[_Element] = field(default_factory=list)
    comments: list[_Element] = field(default_factory=list)
    boxes: list[_Element] = field(default_factory=list)

    @classmethod
    def of(cls, paragraph: _Element, styles: Styles) -> "Inline":
        """Return what *paragraph* says."""
        made = cls(paragraph.text or "")
        for child in paragraph:
            made._add(child, styles, 0)
            made.text += child.tail or ""
        return made

    def _add(self, element: _Element, styles: Styles, shift: int) -> None:
        tag = element.tag
        if tag == f"{TEXT}s":
            self.text += " " * min(int(element.get(f"{TEXT}c", 1)), 100)
        elif tag in _BREAKS:
            self.text += _BREAKS[tag]
        elif tag == f"{TEXT}note":
            self.notes.append(element)
        elif tag == f"{OFFICE}annotation":
            self.comments.append(element)
        elif tag == f"{_DRAW}text-box":
            self.boxes.append(element)
        elif tag not in _UNSEEN and isinstance(tag, str):
            name = element.get(f"{TEXT}style-name", "")
            if not (name and styles.is_hidden(name)):
                self._go_in(element, styles, styles.shift(name) or shift)

    def _go_in(self, element: _Element, styles: Styles, shift: int) -> None:
        self._say(element.text, shift)
        for child in element:
            self._add(child, styles, shift)
            self._say(child.tail, shift)

    def _say(self, text: str | None, shift: int) -> None:
        if text:
            self.text += raised(self.text, text) if shift > 0 else lowered(text) if shift < 0 else text


@dataclass(slots=True)
class Numbers:
    """Counts list items and headings as a word processor does; ask for each once and in order."""

    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def begin(self, style: str, depth: int, *, go_on: bool) -> None:
        """Begin a list, or go on with the last one of its style."""
        counts = self._counts.setdefault(style, {})
        for deeper in [each for each in counts if each > depth or (each == depth and not go_on)]:
            del counts[deeper]

    def item(self, style: str, depth: int, styles: Styles, item: _Element) -> str:
        """Return the number of a list item as written, empty for a bullet."""
        levels = styles.lists.get(style, {})
        start = item.get(f"{TEXT}start-value", "")
        return self._next(style, depth, levels, int(start) if start.isdecimal() else None)

    def heading(self, heading: _Element, level: int, styles: Styles) -> str:
        """Return the number of a heading, empty without one."""
        restart = heading.get(f"{TEXT}start-value", "")
        return self._next("", level - 1, styles.outline, int(restart) if restart.isdecimal() else None)

    def _next(self, style: str, depth: int, levels: dict[int, _Element], start: int | None) -> str:
        counts = self._counts.setdefault(style, {})
        level = levels.get(depth)
        first = int(level.get(f"{TEXT}start-value", 1)) if level is not None else 1
        counts[depth] = start if start is not None else counts.get(depth, first - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        return _written(levels, counts, depth)


def _written(levels: dict[int, _Element], counts: dict[int, int], depth: int) -> str:
    level = levels.get(depth)
    if level is None or name_of(level.tag) not in ("list-level-style-number", "outline-level-style"):
        return ""
    shown = int(level.get(f"{TEXT}display-levels", 1))
    pieces = []
    for place in range(max(0, depth - shown + 1), depth + 1):
        style = levels[place].get(f"{_STYLE}num-format", "") if place in levels else "1"
        if style:
            pieces.append(numeral(counts.get(place, 1), _NUMERALS.get(style[0], "decimal")))
    if not pieces:
        return ""
    return level.get(f"{_STYLE}num-prefix", "") + ".".join(pieces) + level.get(f"{_STYLE}num-suffix", "")
