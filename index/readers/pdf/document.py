"""The pages of a document become one text: without headers and footers, with sentences whole."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.index.readers.pdf.furniture import Line, page_furniture
from rag.index.readers.pdf.layout import LARGER, Type, layout, type_of
from rag.index.readers.pdf.lines import Row
from rag.index.readers.pdf.page import PageText
from rag.index.readers.pdf.prose import joined, words
from rag.index.readers.pdf.scan import unread
from rag.index.reading import Block, Reading, Unreadable, compose, title_line

__all__ = ["reading_of"]

# Made by programs, not authors.
_NO_TITLE = re.compile(
    r"^(?:microsoft \w+ - |untitled|document\d*$|제목 ?없음|無題|无标题)"
    r"|\.(?:docx?|hwpx?|pptx?|xlsx?|indd|pdf|tex|dvi)$",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(r"^\(?(?:anonymous|unknown|unspecified|user|admin(?:istrator)?)\)?$", re.IGNORECASE)

_END = re.compile(r"[.!?:;…]['\"”’»)\]]*(?=\s|$)|[。！？｡۔।؟]['\"”’」』）]*")
_PARAGRAPH = ("", "")
_SENTENCE_CHARS = 400
_UNFINISHED_CHARS = 20
_SHOWN_REASONS = 3


def reading_of(pages: Sequence[PageText], title: str = "", lang: str = "", author: str = "") -> Reading:
    """Return *pages* as a reading; *title*, *lang* and *author* are as the file declares them.

    Raises:
        Unreadable: There is no text on them.
    """
    doubt = unread(pages)
    if not any(page.rows for page in pages):
        raise Unreadable(f"holds no text: {doubt or _why_empty(pages)}")
    made = compose(_blocks(pages))
    if _NO_TITLE.search(title) or not title:
        title = title_line(made.text, made.masks)
    return Reading(
        made.text,
        made.masks,
        title,
        lang,
        doubt=f"has {doubt}" if doubt else "",
        author="" if _NO_AUTHOR.search(author) else author,
        pages=made.pages,
        left_out=tuple(f"page {n}: {why}" for n, page in enumerate(pages, start=1) for why in page.left_out),
    )


def _why_empty(pages: Sequence[PageText]) -> str:
    reasons = dict.fromkeys(why for page in pages for why in page.left_out if why != "blank")
    return f"its pages are {' or '.join(list(reasons)[:_SHOWN_REASONS]) or 'blank'}"


def _blocks(pages: Sequence[PageText]) -> Iterator[Block]:
    segments = [segment for page in pages for part in page.parts for row in part.rows for segment in row]
    kind, known = type_of(segments), words(segment.text for segment in segments)
    lines = [[_line(row, kind) for row in page.rows] for page in pages]
    furniture = page_furniture(lines)
    headed = [_page_blocks(page, lines[n], furniture[n], kind, known) for n, page in enumerate(pages)]
    _finish_sentences([body for _, body, _ in headed], known)
    for number, (header, body, footer) in enumerate(headed, start=1):
        for block in (*header, *body, *footer):
            yield replace(block, page=number, place=f"p. {number}")


def _line(row: Row, kind: Type) -> Line:
    text = " ".join(segment.text for segment in row)
    return Line(text, row[0].base, min(segment.size for segment in row) > LARGER * kind.body)


def _page_blocks(
    page: PageText, lines: Sequence[Line], marked: frozenset[int], kind: Type, known: frozenset[str]
) -> tuple[list[Block], list[Block], list[Block]]:
    """Return the header, the content and the footer of a page."""
    content = [i for i in range(len(lines)) if i not in marked]
    first = content[0] if content else len(lines)
    if lines and not content:
        page.left_out.append("nothing but header and footer")
    if page.parts:
        page.parts[0].rows = [page.parts[0].rows[i] for i in content]
    body = [block for n, part in enumerate(page.parts) for block in layout(part, kind, known, is_main=n == 0)]
    header = [Block(lines[i].text, "page header") for i in sorted(marked) if i < first]
    footer = [Block(lines[i].text, "page footer") for i in sorted(marked) if i > first]
    return header, body, footer


def _finish_sentences(bodies: Sequence[list[Block]], known: frozenset[str]) -> None:
    """Move the end of a sentence that a page break divides to where the sentence begins.

    A sentence is found, quoted and checked as a whole; it counts as of the page on which it begins.
    """
    before: list[Block] = []
    for body in bodies:
        if before and body and _is_unfinished(before[-1]) and _kind(body[0]) == _PARAGRAPH:
            end = _END.search(body[0].text)
            if end and end.end() <= _SENTENCE_CHARS and not body[0].text[0].isupper():
                whole = joined([before[-1].text, body[0].text[: end.end()]], known)
                before[-1] = replace(before[-1], text=whole)
                rest = body[0].text[end.end() :].lstrip()
                body[:1] = [replace(body[0], text=rest)] if rest else []
        before = body or before


def _kind(block: Block) -> tuple[str, str]:
    return (block.mask, block.kind or ("#" if block.text.startswith("#") else ""))


def _is_unfinished(block: Block) -> bool:
    if _kind(block) != _PARAGRAPH or len(block.text) < _UNFINISHED_CHARS:
        return False
    ends = list(_END.finditer(block.text))
    return not ends or ends[-1].end() < len(block.text.rstrip())
