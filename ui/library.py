"""What is indexed, as people look through it: searched, sorted, a page at a time; and one document, drawn.

Decides what a document is found by (title, path and author, in whatever normal form
and case), and where a stretch of one may end when it is drawn.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

from rag.answer.drawn import drawn
from rag.answer.markdown import Block
from rag.index import folder
from rag.index.activity import Activity, read_activity
from rag.index.engines import View
from rag.index.reading import content
from rag.index.schema import Summary
from rag.text.pages import pages_between
from rag.types import Mask, Page
from rag.ui.uploads import FOLDER

__all__ = ["DocumentReply", "DocumentsReply", "Order", "Sort", "State", "Wanted", "document", "documents"]

MAX_PROBLEMS = 100

Sort = Literal["id", "title", "date", "pages", "state"]
Order = Literal["asc", "desc"]
State = Literal["indexed", "doubtful"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents, in which order; `q` are words that title, path or author hold, `state` "" is any."""

    q: str = ""
    sort: Sort = "id"
    order: Order = "asc"
    state: State | Literal[""] = ""
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A document without its text; `passages` counts them. Where it lies on the disk is nobody's business.

    `pages` is 0 for formats without pages. A document is `doubtful` if its reading left something
    unsure, which `doubts` say as sentences follow a name. `uploaded` ones can be removed where
    uploads are allowed.
    """

    doc_id: str
    title: str
    lang: str
    date: date | None
    passages: int
    author: str
    pages: int
    state: State
    doubts: tuple[str, ...]
    uploaded: bool


@dataclass(frozen=True, slots=True)
class Library:
    """What is indexed, of all documents; fields as in ``rag status``.

    `problems` are files that were left out (`fatal`) or read with a doubt, a hundred at
    most; `problems_total` counts them all. `updated` is ISO 8601. `activity` is what
    `rag index` is doing just now, null if it does not run.
    """

    passages: int
    languages: Mapping[str, int]
    updated: str
    problems: tuple[folder.Problem, ...]
    problems_total: int
    activity: Activity | None


@dataclass(frozen=True, slots=True)
class DocumentsReply:
    """A page of the list of documents; `total` counts all that were wanted."""

    documents: tuple[Listed, ...]
    total: int
    library: Library
    generation: int
    request_id: str


@dataclass(frozen=True, slots=True)
class DocumentReply:
    """A page of a document: ``text`` is what stands from `start` to `end`, `length` is the whole's.

    Offsets are code points of the whole text; `boilerplate` are the spans that are never searched,
    `pages` those that the text touches, with where they begin. `blocks`, if they were asked for, are
    the text without the boilerplate as headings, paragraphs, lists, tables and code. `pages_total`
    and `uploaded` are those of the whole, as in the list.
    """

    doc_id: str
    title: str
    lang: str
    date: date | None
    sha256: str
    length: int
    start: int
    end: int
    text: str
    boilerplate: tuple[Mask, ...]
    author: str
    pages: tuple[Page, ...]
    left_out: tuple[str, ...]
    blocks: tuple[Block, ...]
    pages_total: int
    uploaded: bool
    generation: int
    request_id: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A document with what it is found by and sorted by."""

    listed: Listed
    place: str
    title: str


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """All documents of a generation in order of id, and what is known of them together."""

    entries: tuple[_Entry, ...]
    languages: Mapping[str, int]
    problems: tuple[folder.Problem, ...]


# Folding every title takes longer than all the rest of a search: it is done once for what never changes.
_CATALOGUES: WeakKeyDictionary[View, _Catalogue] = WeakKeyDictionary()


def documents(index: View, path: Path, wanted: Wanted, request_id: str) -> DocumentsReply:
    """List documents of *index*, which lies in *path*, and sum it up."""
    catalogue = _CATALOGUES.get(index) or _CATALOGUES.setdefault(index, _catalogue(index, path))
    words = _folded(wanted.q).split()
    found = [each for each in catalogue.entries if _is_wanted(each, words, wanted.state)]
    if wanted.sort != "id" or wanted.order == "desc":
        found.sort(key=_KEYS[wanted.sort], reverse=wanted.order == "desc")
        # What has no date or no pages is last in either order.
        found.sort(key=_EMPTY.get(wanted.sort, lambda _: False))
    page = tuple(each.listed for each in found[wanted.offset : wanted.offset + wanted.limit])
    library = Library(
        passages=len(index),
        languages=catalogue.languages,
        updated=index.updated,
        problems=catalogue.problems[:MAX_PROBLEMS],
        problems_total=len(catalogue.problems),
        activity=read_activity(path),
    )
    return DocumentsReply(page, len(found), library, index.generation, request_id)


def _catalogue(index: View, path: Path) -> _Catalogue:
    problems = [problem for root in index.roots for problem in root.problems]
    doubts: dict[str, tuple[str, ...]] = {}
    for problem in (each for each in problems if not each.fatal):
        doubts[problem.doc_id] = (*doubts.get(problem.doc_id, ()), problem.reason)
    uploads = str(_uploads(path))
    listed = [_listed(each, doubts.get(each.doc_id, ()), uploads) for each in index.documents()]
    return _Catalogue(
        tuple(map(_entry, listed)),
        dict(Counter(each.lang for each in listed).most_common()),
        tuple(sorted(problems, key=lambda each: not each.fatal)),
    )


def _entry(listed: Listed) -> _Entry:
    place = _folded(f"{listed.title}\n{listed.doc_id}\n{listed.author}")
    return _Entry(listed, place, _folded(listed.title))


def _uploads(path: Path) -> Path:
    return path.resolve() / FOLDER


def _listed(each: Summary, doubts: tuple[str, ...], uploads: str) -> Listed:
    return Listed(
        each.doc_id,
        each.title,
        each.lang,
        each.date,
        each.passages,
        each.author,
        each.pages,
        "doubtful" if doubts else "indexed",
        doubts,
        each.root == uploads,
    )


def _is_wanted(each: _Entry, words: list[str], state: str) -> bool:
    return state in ("", each.listed.state) and all(word in each.place for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


_KEYS: Mapping[str, Callable[[_Entry], Any]] = {
    "id": lambda each: each.listed.doc_id,
    "title": lambda each: (each.title, each.listed.doc_id),
    "date": lambda each: (each.listed.date or date.min, each.listed.doc_id),
    "pages": lambda each: (each.listed.pages, each.listed.doc_id),
    "state": lambda each: (each.listed.state, each.listed.doc_id),
}
_EMPTY: Mapping[str, Callable[[_Entry], bool]] = {
    "date": lambda each: each.listed.date is None,
    "pages": lambda each: not each.listed.pages,
}


def document(
    index: View, path: Path, doc_id: str, stretch: tuple[int, int], request_id: str, *, in_blocks: bool
) -> DocumentReply:
    """Return a document of *index*, which lies in *path*.

    Args:
        stretch: Where its text begins, and how many code points it has at most.
        in_blocks: With blocks it ends where a paragraph does, or at least a line.

    Raises:
        LoadError: There is no such document.
    """
    whole = index.document(doc_id)
    start, limit = stretch
    text = whole.text[start : start + limit]
    if in_blocks and start + len(text) < len(whole.text):
        cut = max(text.rfind("\n\n", limit // 2), 0) or text.rfind("\n")
        text = text[: cut + 1] or text
    end = start + len(text)
    masks = tuple(mask for mask in whole.boilerplate if mask.start < end and mask.end > start)
    inside = [Mask(max(each.start - start, 0), min(each.end, end) - start, each.reason) for each in masks]
    return DocumentReply(
        doc_id=whole.doc_id,
        title=whole.title,
        lang=whole.lang,
        date=whole.date,
        sha256=whole.sha256,
        length=len(whole.text),
        start=start,
        end=end,
        text=text,
        boilerplate=masks,
        author=whole.author,
        pages=pages_between(whole.pages, start, end),
        left_out=whole.left_out,
        blocks=drawn(content(text, inside)) if in_blocks else (),
        pages_total=len(whole.pages),
        uploaded=index.source(doc_id).is_relative_to(_uploads(path)),
        generation=index.generation,
        request_id=request_id,
    )
