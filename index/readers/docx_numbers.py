"""The numbers that Word puts before list items and clauses, which are nowhere in the text.

`numbering.xml` says how each level counts and what is written around the number, for
instance "제%1조" or "Clause %1.%2"; the number itself follows from the paragraphs before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rag.index.readers.numerals import numeral

__all__ = ["Numbering"]

_Element = Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{_W}val"
_LEVELS = 9


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list counts: `text` is written with %1 for the number of the first level."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    restart: int | None = None  # the level whose paragraphs begin the count anew; 0 for none
    legal: bool = False


@dataclass(slots=True)
class Numbering:
    """Counts paragraphs as Word does; ask for each paragraph once and in order."""

    _lists: dict[str, tuple[str, dict[int, _Level]]] = field(default_factory=dict)
    _starts: dict[tuple[str, int], int] = field(default_factory=dict)
    _styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: _Element | None) -> "Numbering":
        """Return the lists of a numbering part."""
        made = cls()
        if root is None:
            return made
        abstract = {each.get(f"{_W}abstractNumId"): each for each in root.iterchildren(f"{_W}abstractNum")}
        linked = {
            link.get(_VAL): each
            for each in abstract.values()
            if (link := each.find(f"{_W}styleLink")) is not None
        }
        for num in root.iterchildren(f"{_W}num"):
            made._add(num, abstract, linked)
        return made

    def _add(self, num: _Element, abstract: Mapping[str, _Element], linked: Mapping[str, _Element]) -> None:
        num_id, abstract_id = num.get(f"{_W}numId"), _value(num, "abstractNumId")
        base = abstract.get(abstract_id)
        if base is None:
            return
        base = linked.get(_value(base, "numStyleLink"), base)
        levels = {_int(level.get(f"{_W}ilvl")): level for level in base.iterchildren(f"{_W}lvl")}
        for override in num.iterchildren(f"{_W}lvlOverride"):
            place = _int(override.get(f"{_W}ilvl"))
            if (level := override.find(f"{_W}lvl")) is not None:
                levels[place] = level
            if (start := override.find(f"{_W}startOverride")) is not None:
                self._starts[num_id, place] = _int(start.get(_VAL))
        self._lists[num_id] = abstract_id, {place: _level(level) for place, level in levels.items()}
        for place, level in levels.items():
            if style := _value(level, "pStyle"):
                self._styles.setdefault(style, (num_id, place))

    def of_style(self, style: str) -> tuple[str, int] | None:
        """Return the list and level that count the paragraphs of a style, if any do."""
        return self._styles.get(style)

    def label(self, num_id: str, place: int) -> str | None:
        """Count a paragraph; return its number as written, "" for a bullet, None if it is in no list."""
        abstract_id, levels = self._lists.get(num_id, ("", {}))
        level = levels.get(place)
        if level is None or place >= _LEVELS:
            return None
        counts = self._counts.setdefault(abstract_id, {})
        start = self._starts.pop((num_id, place), None)
        if start is not None:
            counts[place] = start
        else:
            counts[place] = counts[place] + 1 if place in counts else level.start
        for deeper in [each for each in counts if each > place and _restarts(levels.get(each), place)]:
            del counts[deeper]
        return "" if level.style == "bullet" else _written(level, levels, counts)


def _restarts(level: _Level | None, place: int) -> bool:
    restart = level.restart if level else None
    return restart is None or (restart > 0 and place < restart)


def _written(level: _Level, levels: Mapping[int, _Level], counts: Mapping[int, int]) -> str:
    text = level.text
    for place in range(_LEVELS):
        mark = f"%{place + 1}"
        if mark in text:
            each = levels.get(place, level)
            style = "decimal" if level.legal and each.style != "none" else each.style
            text = text.replace(mark, numeral(counts.get(place, each.start), style))
    return text.strip()


def _level(level: _Element) -> _Level:
    restart = _value(level, "lvlRestart")
    return _Level(
        _int(_value(level, "start"), 1),
        _style(level),
        _value(level, "lvlText"),
        _int(restart) if restart else None,
        level.find(f"{_W}isLgl") is not None,
    )


def _style(level: _Element) -> str:
    return _value(level, "numFmt") or next(
        (each.get(_VAL, "") for each in level.iter(f"{_W}numFmt")), "decimal"
    )


def _value(element: _Element, name: str) -> str:
    child = element.find(f"{_W}{name}")
    return child.get(_VAL, "") if child is not None else ""


def _int(text: str | None, otherwise: int = 0) -> int:
    try:
        return int(text or otherwise)
    except ValueError:
        return otherwise
