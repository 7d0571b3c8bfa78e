"""A quote stands at its offsets in the text that is shown, whatever cannot be seen in the file."""

import unicodedata

import pytest
from doubles import HashEmbedder, MemoryIndex
from hypothesis import given
from hypothesis import strategies as st

from rag.index.chunk import chunks
from rag.index.readers import read
from rag.search.debias import UNCHANGED
from rag.types import Document, Hit
from rag.verify.cite import cite
from rag.verify.nearness import VectorScorer

SENTENCES = [
    "은솔 도서관은 월요일에 쉰다.",
    "図書館は毎週休みます。",
    "图书馆星期一闭馆。",
    "ห้องสมุดปิดทุกวันจันทร์",
    "تغلق المكتبة يوم الاثنين.",
    "הספרייה סגורה ביום שני.",
    "पुस्तकालय सोमवार को बंद है।",
    "Η βιβλιοθήκη κλείνει στις έξι.",
    "Библиотека закрыта ❤\ufe0f по средам.",
    "The 葛\U000e0100 bridge is open 👩\u200d🚀.",
]
# Byte order marks, soft hyphens, zero-width spaces, joiners, variation selectors, directions, tags.
UNSEEN = "\ufeff\u00ad\u200b\u200d\u200c\ufe0e\ufe0f\U000e0101\u200f\u202e\u2066\u2069\u061c\U000e0041\u2060"


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
@given(
    st.lists(
        st.tuples(st.sampled_from(SENTENCES), st.lists(st.integers(0, 40), max_size=6)),
        min_size=1,
        max_size=5,
    ),
    st.text(UNSEEN, min_size=1, max_size=3),
    st.sampled_from(["NFC", "NFD"]),
)
def test_what_cannot_be_seen_shifts_no_quote(
    suffix: str, told: list[tuple[str, list[int]]], unseen: str, form: str
) -> None:
    """Characters that cleaning takes out, or leaves, anywhere in a file of any format."""
    lines = []
    for sentence, places in told:
        line = unicodedata.normalize(form, sentence)  # type: ignore[arg-type]
        for place in places:
            line = line[:place] + unseen + line[place:]
        lines.append(f"<p>{line}</p>" if suffix == ".html" else f"{line}\n")
    text = read("\n".join(lines).encode(), suffix).text
    document = Document("a", "a", text, "und", None, "")
    embedder = HashEmbedder(max_tokens=500)
    index = MemoryIndex(
        {
            each.chunk_id: (document, each, embedder.embed_query(each.text))
            for each in chunks(document, len_of, 500)
        }
    )
    hits = [Hit(chunk, 1.0, 1) for _, chunk, _ in index.entries.values()]

    cited = cite("\n".join(sentence for sentence, _ in told), hits, index, VectorScorer(embedder, UNCHANGED))

    assert all(text[each.start : each.end] == each.quote for each in cited.citations)
    assert all(chunk.text == text[chunk.start : chunk.end] for _, chunk, _ in index.entries.values())


def len_of(texts: object) -> list[int]:
    assert isinstance(texts, list)
    return [len(text) // 3 + 2 for text in texts]
