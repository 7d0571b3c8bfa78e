"""PDF becomes text in the order in which a person reads the page.

A PDF knows glyphs and places, not paragraphs. `engine` and `glyphs` get both from
PDFium, `visible` and `forms` decide what is on the page, `lines`, `order`, `tables` and
`prose` put it together, `furniture` finds headers and footers, `scan` reads pages that are
pictures. What cannot be seen, read or found on a page is named in `Reading.left_out`.
The creation date is not used: docs/decisions/0003-loading.md says why.
"""

from collections import Counter
from dataclasses import replace

from rag.index.readers.pdf import engine
from rag.index.readers.pdf.contents import is_undecodable
from rag.index.readers.pdf.document import reading_of
from rag.index.readers.pdf.page import PageText, page_text
from rag.index.readers.pdf.scan import is_wanted, recognised_page
from rag.index.reading import Job, Reading, Unreadable

__all__ = ["read"]

_WHOLE = Job()
_REPAIRED = "is damaged, perhaps cut short; what could be found of it was read"


def read(data: bytes, job: Job = _WHOLE) -> Reading:
    """Read the text of each page.

    Args:
        data: The file.
        job: Passwords to try, whether pictures are read, and pages to leave out.

    Raises:
        Unreadable: It is damaged or encrypted, or holds no text.
    """
    with engine.opened(data, job.options.passwords) as document:
        trusted = Counter[int]()
        pages = [_page(document, number, job, trusted) for number in range(engine.page_count(document))]
        title, lang, author = (engine.metadata(document, key).strip() for key in ("Title", "Lang", "Author"))
        is_repaired = document.is_repaired
    job.begin(0)
    if is_repaired and not any(page.rows for page in pages):
        raise Unreadable(engine.DAMAGED)
    reading = reading_of(pages, title, lang, author)
    return replace(reading, doubt=_REPAIRED) if is_repaired else reading


def _page(document: engine.Pdf, number: int, job: Job, trusted: Counter[int]) -> PageText:
    if number + 1 in job.skipped:
        return PageText(left_out=[job.skipped[number + 1]])
    job.begin(number + 1)
    with engine.page(document, number) as page:
        if page is None:
            return PageText(left_out=["damaged, it cannot be read"])
        made = page_text(page, trusted)
        if is_wanted(made, job.options.ocr):
            job.begin(number + 1, is_slow=True)
            made = recognised_page(page, made)
    if not made.parts and not made.left_out:
        made.left_out.append(_why_empty(document, number, made))
    if made.unreadable:
        made.left_out.append(
            f"{made.unreadable} unreadable characters, whose font does not say which they are"
        )
    return made


def _why_empty(document: engine.Pdf, number: int, made: PageText) -> str:
    if made.is_scan:
        return "scanned, without text"
    if made.is_drawn:
        return "drawn, without text (--ocr force looks for some)"
    return "damaged, its content cannot be decoded" if is_undecodable(document, number) else "blank"
