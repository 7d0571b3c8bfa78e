"""Lines become paragraphs: where one ends is seen from where it broke; divided words are put together.

A line was broken because it was full if the first word of the next one would not have
fitted on it. Whether a hyphen at the end of a line belongs to the word, the other words
of the document tell.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import pairwise

from rag.index.readers.pdf.lines import Segment, is_wide
from rag.index.readers.pdf.order import Area
from rag.index.reading import glue

__all__ = ["joined", "leader", "paragraphs", "words"]

_LISTED = re.compile(
    r"(?:[-–•·▪◦●○■□◆▶*※‣⁃]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|[가-하][.)]|\[\d{1,3}\])\s|[①-⑳・•●○■□◆▶※]"
)
# Dots that lead to a page number or a price.
_LEADER = re.compile(r"[.·…‥](?:(?:\s?[.·…‥]){3,}|(?<=…)…+)\s*\S{1,12}$")
_SENTENCE_END = re.compile(r"[.!?。！？｡؟۔।…:：]['\"”’»」』）)\]]*$")
_HYPHENS = "-\u2010\u00ad"
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
# "Vor- und Nachteile", "two- or three-fold": the hyphen stands for a word that comes later.
_SUSPENDED = frozenset(
    ("und", "oder", "bzw", "sowie", "bis", "and", "or", "to", "nor", "y", "o", "e", "et", "ou", "en", "of")
)


def words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of *texts* in lower case, without those that end or begin a line at a hyphen."""
    found: set[str] = set()
    for text in texts:
        tokens = _WORD.findall(text.rstrip(_HYPHENS).lower())
        found.update(tokens[:-1] if text[-1:] in tuple(_HYPHENS) else tokens)
    return frozenset(found)


def paragraphs(area: Area) -> Iterator[list[Segment]]:
    """Yield the lines of each paragraph of a block."""
    lines = area.segments
    paragraph = [lines[0]] if lines else []
    for line, following in pairwise(lines):
        if _breaks(line, following, area, is_prose=len(paragraph) > 1):
            yield paragraph
            paragraph = []
        paragraph.append(following)
    if paragraph:
        yield paragraph


def _breaks(line: Segment, following: Segment, area: Area, *, is_prose: bool) -> bool:
    if (
        line.field
        or following.field
        or line.is_mono
        or _LEADER.search(line.text)
        or _LISTED.match(following.text)
    ):
        return True
    is_ended = _SENTENCE_END.search(line.text)
    if following.text[:1].islower() and not is_ended:
        return False
    room = max(area.x1 - line.x1, line.x0 - area.x0 if _is_rtl(line) else 0.0)
    indent = following.x0 - line.x0
    if 0.8 * line.size < indent < 5 * line.size and is_ended and not _LISTED.match(line.text):
        return True
    if is_prose and not is_ended:  # Some authors break lines early; few leave half of one empty.
        return room > 0.45 * (area.x1 - area.x0)
    return room > _first_word(following) + 0.6 * line.size


def leader(text: str) -> tuple[str, str] | None:
    """Return what stands before and after leading dots: an entry of contents or prices."""
    match = _LEADER.search(text)
    if not match or not text[: match.start()].strip():
        return None
    return text[: match.start()].strip(" .·…"), match[0].strip(" .·…‥")


def _is_rtl(line: Segment) -> bool:
    return bool(re.match(r"\W*[\u0590-\u08ff]", line.text))


def _first_word(line: Segment) -> float:
    """Return about how wide the first word is, with the space before it."""
    text = line.text
    size = 2 if is_wide(text[0]) else len(text.split(maxsplit=1)[0])
    return (line.x1 - line.x0) * min(size + 1, len(text)) / len(text)


def joined(texts: Sequence[str], known: Set[str]) -> str:
    """Join lines to one; a hyphen that divided a word goes."""
    text = texts[0]
    for following in texts[1:]:
        text = _two(text, following, known)
    return text


def _two(before: str, after: str, known: Set[str]) -> str:
    if before[-1] in _HYPHENS and len(before) > 1 and before[-2].isalpha():
        return _at_hyphen(before, after, known)
    return before + glue(before[-1], after[0]) + after


def _at_hyphen(before: str, after: str, known: Set[str]) -> str:
    """Join at a hyphen: the word is divided, or has a hyphen, or the hyphen stands for a later word."""
    head = before.rsplit(maxsplit=1)[-1][:-1]
    match = _WORD.match(after)
    tail = match[0] if match else ""
    whole, divided = (_tail(head) + tail).lower(), f"{_tail(head)}-{tail}".lower()
    if before[-1] == "\u00ad" or (tail and whole in known and divided not in known):
        return before[:-1] + after
    if tail.lower() in _SUSPENDED and tail.islower():
        return f"{before} {after}"
    if not after[0].islower() or divided in known or any(hyphen in head for hyphen in _HYPHENS):
        return before + after
    return before[:-1] + after


def _tail(head: str) -> str:
    found = _WORD.findall(head)
    return found[-1] if found else head
