"""PDF becomes text: lines are joined to paragraphs, what recurs on every page is masked.

A PDF knows glyphs and places, not paragraphs; the rules here tell a wrapped line
from a short one by its width, in any script. Pages without text are not recognised
(no OCR). The creation date is not used: docs/decisions/0003-loading.md says why.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from statistics import quantiles
from typing import TYPE_CHECKING

from rag.index.reading import Block, Reading, Unreadable, compose, glue, title_line

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["join_lines", "page_furniture", "read"]

# Made by programs, not authors.
_NO_TITLE = re.compile(
    r"^(?:microsoft \w+ - |untitled|document\d*$|제목 ?없음|無題|无标题)"
    r"|\.(?:docx?|hwpx?|pptx?|xlsx?|indd|pdf|tex|dvi)$",
    re.IGNORECASE,
)
# Ligatures and radicals that fonts map to: "ﬁ" is fi, and "⼈" is not the character 人.
_PRESENTATION = re.compile("[\ufb00-\ufb06\u2e80-\u2fd5]")
# pypdf turns Arabic and Hebrew around but for the full stop, leftmost on the page: it ends the line.
_LEFTMOST_STOP = re.compile(r"^([.,:;!?…،؛؟]+)\s*([\u0590-\u08ff].*)$")
_LISTED = re.compile(r"(?:[-–•·▪◦●○■□◆▶*※]|\(?\d{1,3}[.)]|\(?[a-z][.)]|[①-⑳가-하]\.?)\s")
_SENTENCE_END = re.compile(r"[.!?。！？｡؟۔।…:：]['\"”’»」』）)\]]*$")
_HYPHENS = "-\u2010\u00ad"
# A line that reaches this share of the widest ones was broken because it was full.
_FULL = 0.75
# Lines at the edge of a page among which headers, footers and page numbers are.
_EDGE = 3


def read(data: bytes) -> Reading:
    """Read the text layer.

    Raises:
        Unreadable: It is encrypted, or holds no text.
    """
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        _decrypt(reader)
    pages = [_lines(page.extract_text()) for page in reader.pages]
    if not any(pages):
        raise Unreadable("holds no text (scanned?). Run it through text recognition (OCR) first")
    made = compose(_blocks(pages))
    title = str((reader.metadata and reader.metadata.title) or "").strip()
    declared = reader.root_object.get("/Lang")
    lang = declared if isinstance(declared, str) else ""
    if _NO_TITLE.search(title) or not title:
        title = title_line(made.text, made.masks)
    return Reading(made.text, made.masks, title, lang, pages=made.pages)


def _decrypt(reader: "PdfReader") -> None:
    from pypdf.errors import DependencyError

    try:
        opened = reader.decrypt("")
    except DependencyError as exc:
        raise Unreadable("is encrypted with AES. Save a copy without protection") from exc
    if not opened:
        raise Unreadable("is encrypted. Save a copy without a password")


def _lines(text: str) -> list[str]:
    plain = _PRESENTATION.sub(lambda char: unicodedata.normalize("NFKC", char[0]), text)
    lines = (" ".join(line.split()) for line in plain.splitlines())
    return [_LEFTMOST_STOP.sub(r"\2\1", line) for line in lines if line]


def _blocks(pages: Sequence[Sequence[str]]) -> Iterator[Block]:
    furniture = page_furniture(pages)
    for number, lines in enumerate(pages):
        content = [i for i in range(len(lines)) if i not in furniture[number]]
        first, last = (content[0], content[-1]) if content else (len(lines), len(lines))
        on_page = [
            *(Block(line, "page header") for line in lines[:first]),
            *join_lines(lines[first : last + 1]),
            *(Block(line, "page footer") for line in lines[last + 1 :]),
        ]
        yield from (replace(block, page=number + 1, place=f"p. {number + 1}") for block in on_page)


def page_furniture(pages: Sequence[Sequence[str]]) -> Mapping[int, frozenset[int]]:
    """Return, by page, the lines at its edges that recur on most pages or count them.

    Digits are not compared, so that "Page 1 of 9" and "Page 2 of 9" are one line.
    Lines that differ by page must recur on three pages at least, unless they are
    nothing but a number: two slides may well begin with "Step 1" and "Step 2".
    """
    places: dict[tuple[str, bool], list[tuple[int, int]]] = defaultdict(list)
    for number, lines in enumerate(pages):
        for i, is_top in _edges(lines):
            places[re.sub(r"\d+", "0", lines[i]), is_top].append((number, i))
    found: dict[int, set[int]] = defaultdict(set)
    for (shape, _), where in places.items():
        on = {number for number, _ in where}
        exact = max(Counter(pages[number][i] for number, i in where).values())
        enough = 2 if exact == len(where) or not re.search(r"[^\W\d_]", shape) else 3
        if len(on) >= max(enough, len(pages) * 0.6):
            for number, i in where:
                found[number].add(i)
    return {number: frozenset(found[number]) for number in range(len(pages))}


def _edges(lines: Sequence[str]) -> Iterator[tuple[int, bool]]:
    half = len(lines) // 2
    yield from ((i, True) for i in range(min(_EDGE, half)))
    yield from ((i, False) for i in range(max(len(lines) - _EDGE, half), len(lines)))


def join_lines(lines: Sequence[str]) -> Iterator[Block]:
    """Join the lines of a page to paragraphs.

    A line is continued by the next one if it is about as wide as the page's widest
    lines and the next one does not begin a list item. Other short lines are last
    lines of paragraphs, rows of tables if they follow one another, or headings.
    """
    widths = [_width(line) for line in lines]
    full = _FULL * (quantiles(widths, n=10)[-1] if len(widths) > 1 else 0)
    paragraphs: list[str] = []
    wraps = False
    for line, width in zip(lines, widths, strict=True):
        if wraps and not _LISTED.match(line):
            paragraphs[-1] = _joined(paragraphs[-1], line)
        else:
            paragraphs.append(line)
        wraps = width >= full and not (_SENTENCE_END.search(line) and width < 1.1 * full)
    short = [_width(each) < full and not _SENTENCE_END.search(each) for each in paragraphs]
    for text, is_short, next_is_short in zip(paragraphs, short, [*short[1:], True], strict=True):
        yield Block(text, kind="row" if is_short and next_is_short else "")


def _joined(before: str, after: str) -> str:
    """Join a line to the next one; a hyphen that divided a word goes.

    It stays in a word that has another one, such as "state-of-the-" and "art".
    """
    if before[-1] in _HYPHENS and len(before) > 1 and before[-2].isalpha() and after[0].islower():
        word = before.rsplit(maxsplit=1)[-1][:-1]
        return (before if any(hyphen in word for hyphen in _HYPHENS) else before[:-1]) + after
    return before + glue(before[-1], after[0]) + after


def _width(line: str) -> int:
    """Return the width in half-width cells, as a terminal would show it."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in line)
    return len(line) + wide - sum(unicodedata.combining(char) > 0 for char in line)
