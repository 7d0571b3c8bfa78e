"""A quote is on the page on which it begins, whatever page its passage began on."""

from doubles import HashEmbedder, MemoryIndex
from hypothesis import given
from hypothesis import strategies as st

from rag.index.chunk import chunks
from rag.search.debias import UNCHANGED
from rag.text.pages import page_at, pages_between
from rag.types import Document, Hit, Page
from rag.verify.cite import cite
from rag.verify.nearness import VectorScorer

TEXT = "은솔 도서관은 월요일에 쉰다.\n\nฟรีสำหรับเด็ก 🎈 ทุกวัน\n\nתיקון הגג. The roof costs 9,000 euros."
STARTS = [0, TEXT.index("ฟรี"), TEXT.index("תיקון")]
PAGES = tuple(Page(start, number, f"p. {number}") for number, start in enumerate(STARTS, start=1))


@given(st.lists(st.integers(0, 50), unique=True).map(sorted), st.integers(0, 60), st.integers(0, 20))
def test_pages_are_found_as_by_looking_at_each(starts: list[int], start: int, length: int) -> None:
    """The last page that begins no later; and of a stretch, each page that holds a character of it."""
    pages = [Page(begin, number, f"p. {number}") for number, begin in enumerate(starts, start=1)]

    before = [page for page in pages if page.start <= start]
    held = {page_at(pages, offset) for offset in range(start, start + length)} - {Page(0, 0, "")}

    assert page_at(pages, start) == (before[-1] if before else Page(0, 0, ""))
    if length:
        assert set(pages_between(pages, start, start + length)) == held


def test_a_quote_has_the_page_on_which_it_begins() -> None:
    """One passage over three pages in four scripts: each quote names its own."""
    document = Document("보고서.pdf", "보고서", TEXT, "ko", None, "", pages=PAGES)
    embedder = HashEmbedder(max_tokens=500)
    (passage,) = chunks(document, embedder.count_tokens, embedder.max_tokens)
    index = MemoryIndex({passage.chunk_id: (document, passage, embedder.embed_query(TEXT))})
    reply = "은솔 도서관은 월요일에 쉰다.\nฟรีสำหรับเด็ก 🎈 ทุกวัน\nThe roof costs 9,000 euros."

    cited = cite(reply, [Hit(passage, 1.0, 1)], index, VectorScorer(embedder, UNCHANGED))

    assert (passage.page, passage.place) == (1, "p. 1")
    assert [(each.page, each.place) for each in cited.citations] == [(1, "p. 1"), (2, "p. 2"), (3, "p. 3")]


def test_a_text_without_pages_has_no_place() -> None:
    """Plain text has offsets and nothing else."""
    document = Document("a.txt", "a", "The roof costs 9,000 euros.", "en", None, "")
    (passage,) = chunks(document, HashEmbedder().count_tokens, 64)

    assert (passage.page, passage.place) == (0, "")
