"""What recurs at the top and bottom of pages: headers, footers and page numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Line", "page_furniture"]

# Lines at the edge of a page among which headers, footers and page numbers are.
_EDGE = 3
# On so many pages, where it stands at the same height on each of them (left and right pages may differ).
_SHARE = 0.3
# Anywhere near the edge it must be on more.
_LOOSE_SHARE = 0.6
_SAME_HEIGHT = 3.0
# An address, or a number that is no version or model: "Tel. 6128", "2.40", not "Manual HK-55".
_FACT = re.compile(r"[@:：]|www\.|\d{3,}|\d[.,]\d")
_NUMBERED = re.compile(r"\d+")
_NUMBER_AT_END = re.compile(r"^\d{1,4}(?!\S)|(?<!\S)\d{1,4}$")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page.

    Attributes:
        y: Where it stands, in points from the top.
        is_large: It is larger than most of the document: a heading.
    """

    text: str
    y: float = 0.0
    is_large: bool = False


def page_furniture(pages: Sequence[Sequence[Line]]) -> Mapping[int, frozenset[int]]:
    """Return, by page, the lines at its edges that recur on other pages or count them.

    Digits are not compared, so that "Page 1 of 9" and "Page 2 of 9" are one line.
    Lines that differ by page must recur on three pages at least, unless they are
    nothing but a number: two slides may well begin with "Step 1" and "Step 2". A line
    that holds a fact, such as a telephone number, stays content where it is first.
    """
    found: dict[int, set[int]] = defaultdict(set)
    for number, i in _counted(pages):
        found[number].add(i)
    for where in _recurring(pages):
        texts = {pages[number][i].text for number, i in where}
        states_fact = (
            len(texts) == 1 and _FACT.search(next(iter(texts))) and _LETTER.search(next(iter(texts)))
        )
        for number, i in where[1:] if states_fact else where:
            found[number].add(i)
    return {number: frozenset(found[number]) for number in range(len(pages))}


def _recurring(pages: Sequence[Sequence[Line]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the places of each line that is on enough pages."""
    places: dict[tuple[str, bool], list[tuple[int, int]]] = defaultdict(list)
    for number, lines in enumerate(pages):
        for i, is_top in _edges(lines):
            if not lines[i].is_large or _is_page_number(lines[i].text):
                places[_NUMBERED.sub("0", lines[i].text), is_top].append((number, i))
    for (shape, _), where in places.items():
        on = len({number for number, _ in where})
        exact = max(Counter(pages[number][i].text for number, i in where).values())
        enough = 2 if exact == len(where) or not _LETTER.search(shape) else 3
        heights = [pages[number][i].y for number, i in where]
        level = on >= 3 and max(heights) - min(heights) <= _SAME_HEIGHT
        if on >= max(enough, len(pages) * (_SHARE if level else _LOOSE_SHARE)):
            yield where


def _counted(pages: Sequence[Sequence[Line]]) -> Iterator[tuple[int, int]]:
    """Yield the outermost lines that count the pages, whatever else they say: "Chapter 2: Growth    17"."""
    places: dict[tuple[bool, int, int], list[tuple[int, int]]] = defaultdict(list)
    for number, lines in enumerate(pages):
        for i, is_top in {(0, True), (len(lines) - 1, False)} if len(lines) > 2 else ():
            is_heading = lines[i].is_large and _LETTER.search(lines[i].text)
            for digits in () if is_heading else set(_NUMBER_AT_END.findall(lines[i].text)):
                places[is_top, int(digits) - number, round(lines[i].y / 4)].append((number, i))
    for where in places.values():
        if len(where) >= max(3, _SHARE * len(pages)):
            yield from where


def _is_page_number(text: str) -> bool:
    return not _LETTER.search(text)


def _edges(lines: Sequence[Line]) -> Iterator[tuple[int, bool]]:
    half = len(lines) // 2
    yield from ((i, True) for i in range(min(_EDGE, half)))
    yield from ((i, False) for i in range(max(len(lines) - _EDGE, half), len(lines)))
