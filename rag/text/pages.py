"""On which page of a document an offset lies."""

from bisect import bisect_right
from collections.abc import Sequence

from rag.types import Page

__all__ = ["page_at", "pages_between"]

_NONE = Page(0, 0, "")


def page_at(pages: Sequence[Page], offset: int) -> Page:
    """Return the last of *pages*, which are in order, that begins at *offset* or before.

    Number 0 and an empty label where there is none: the format has no pages.
    """
    place = bisect_right(pages, offset, key=lambda page: page.start)
    return pages[place - 1] if place else _NONE


def pages_between(pages: Sequence[Page], start: int, end: int) -> tuple[Page, ...]:
    """Return those of *pages* that hold part of the text from *start* to *end*."""
    first = max(0, bisect_right(pages, start, key=lambda page: page.start) - 1)
    return tuple(page for page in pages[first:] if page.start < end)
