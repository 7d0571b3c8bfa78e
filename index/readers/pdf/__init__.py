"""PDF becomes text in the order in which a person reads the page.

A PDF knows glyphs and places, not paragraphs. `engine` and `glyphs` get both from
PDFium, `visible` and `forms` decide what is on the page, `lines`, `order`, `tables` and
`prose` put it together, `furniture` finds headers and footers. What cannot be seen, read
or found on a page is named in `Reading.left_out`.
The creation date is not used: docs/decisions/0003-loading.md says why.
"""

import re

from rag.index.readers.pdf import engine
from rag.index.readers.pdf.document import document_blocks
from rag.index.readers.pdf.page import PageText, page_text
from rag.index.reading import Reading, Unreadable, compose, title_line

__all__ = ["read"]

# Made by programs, not authors.
_NO_TITLE = re.compile(
    r"^(?:microsoft \w+ - |untitled|document\d*$|제목 ?없음|無題|无标题)"
    r"|\.(?:docx?|hwpx?|pptx?|xlsx?|indd|pdf|tex|dvi)$",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(r"^\(?(?:anonymous|unknown|unspecified|user|admin(?:istrator)?)\)?$", re.IGNORECASE)


def read(data: bytes) -> Reading:
    """Read the text of each page.

    Raises:
        Unreadable: It is damaged or encrypted, or holds no text.
    """
    with engine.opened(data) as document:
        pages = [_page(document, number) for number in range(engine.page_count(document))]
        title, lang, author = (engine.metadata(document, key).strip() for key in ("Title", "Lang", "Author"))
    if not any(page.rows for page in pages):
        raise Unreadable("holds no text (scanned?). Run it through text recognition (OCR) first")
    made = compose(document_blocks(pages))
    if _NO_TITLE.search(title) or not title:
        title = title_line(made.text, made.masks)
    author = "" if _NO_AUTHOR.search(author) else author
    left_out = tuple(f"page {n}: {why}" for n, page in enumerate(pages, start=1) for why in page.left_out)
    return Reading(made.text, made.masks, title, lang, author=author, pages=made.pages, left_out=left_out)


def _page(document: engine.Pdf, number: int) -> PageText:
    with engine.page(document, number) as page:
        if page is None:
            return PageText(left_out=["damaged, it cannot be read"])
        made = page_text(page)
    if not made.parts and not made.left_out:
        made.left_out.append("a picture without text" if made.has_picture else "blank")
    return made
