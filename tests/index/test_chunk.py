"""Passages are whole sentences of one section, and rebuild the document."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from rag.index.chunk import TARGET_TOKENS, chunks, embedded_text
from rag.protocols import Embedder
from rag.text.sentences import sentences
from rag.types import Chunk, Document, Mask

GOLDEN = Path(__file__).parents[1] / "golden" / "chunks"
TEXTS = sorted(path.stem for path in GOLDEN.glob("*.md"))
SCRIPTS = {name.split("-")[0]: (GOLDEN / f"{name}.md").read_text(encoding="utf-8") for name in TEXTS}


def count_tokens(texts: Sequence[str]) -> list[int]:
    """Count two for the frame, one for each wide letter or mark, one for four letters of a word."""
    return [2 + sum(_tokens(word) for word in text.split()) for text in texts]


def _tokens(word: str) -> int:
    return max(1, sum(4 if char >= "\u0900" else 1 for char in word) // 4)


def document(text: str, title: str = "", boilerplate: tuple[Mask, ...] = ()) -> Document:
    return Document("folder/doc.md", title, text, "und", date(2025, 6, 1), "", boilerplate)


def cut(text: str, max_tokens: int = 512, title: str = "") -> list[Chunk]:
    return chunks(document(text, title), count_tokens, max_tokens)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Paragraphs, headings, lists and rows of many scripts, with some spans masked."""
    words = st.sampled_from([word for text in SCRIPTS.values() for word in text.split()])
    odd = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
    line = st.lists(st.one_of(words, words, odd), min_size=1, max_size=25).map(" ".join)
    mark = st.sampled_from(["", "", "", "# ", "## ", "### ", "- ", "| ", "```\n"])
    lines = draw(st.lists(st.tuples(mark, line, st.sampled_from(["\n", "\n\n", " ", "\n \n"])), max_size=20))
    text = "".join("".join(parts) for parts in lines)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    masks = [Mask(start, end, "drawn") for start, end in pairwise(cuts)][::2]
    return document(text, draw(st.one_of(line, odd, st.just(""))), tuple(masks))


@given(documents(), st.sampled_from([128, 160, 512]))
def test_chunks_masks_and_white_space_are_the_document(doc: Document, max_tokens: int) -> None:
    """Nothing is lost, nothing is twice, nothing masked is in a passage, offsets are exact."""
    found = chunks(doc, count_tokens, max_tokens)

    spans = sorted([(c.start, c.end) for c in found] + [(m.start, m.end) for m in doc.boilerplate])
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    rest, cursor = "", 0
    for start, end in spans:
        rest, cursor = rest + doc.text[cursor:start], end
    assert "" == (rest + doc.text[cursor:]).strip()
    assert all(doc.text[c.start : c.end] == c.text == c.text.strip() != "" for c in found)


@given(documents(), st.sampled_from([128, 160, 512]))
def test_what_is_embedded_fits_the_model(doc: Document, max_tokens: int) -> None:
    """Title, heading and text together never take more tokens than are read."""
    found = chunks(doc, count_tokens, max_tokens)

    assert all(n <= max_tokens for n in count_tokens([embedded_text(doc.title, chunk) for chunk in found]))


@given(documents())
def test_chunks_are_in_order_unique_and_repeatable(doc: Document) -> None:
    """Ids tell place, and the same document is always cut in the same places."""
    found = chunks(doc, count_tokens, 512)

    assert [chunk.start for chunk in found] == sorted({chunk.start for chunk in found})
    assert [f"folder/doc.md#{chunk.start}-{chunk.end}" for chunk in found] == [
        chunk.chunk_id for chunk in found
    ]
    assert found == chunks(doc, count_tokens, 512)


@pytest.mark.parametrize("name", TEXTS)
def test_golden(name: str, update_golden: bool) -> None:
    """Texts of each script are cut where they were; `--update-golden` accepts new places."""
    text = (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    blocks = [
        f"=== {size} · {chunk.start}-{chunk.end} · {chunk.heading}\n{chunk.text}\n"
        for size in (96, 512)
        for chunk in cut(text, size)
    ]

    golden = GOLDEN / f"{name}.golden"
    if update_golden:
        golden.write_text("".join(blocks), encoding="utf-8")

    assert golden.read_text(encoding="utf-8") == "".join(blocks)


@pytest.mark.parametrize("lang", sorted(SCRIPTS))
def test_no_passage_begins_inside_a_sentence(lang: str) -> None:
    """Where every sentence fits, each passage begins and ends with one, in any script."""
    text = "\n\n".join([SCRIPTS[lang]] * 10)

    found = cut(text, 160)

    spans = sentences(text)
    assert len(found) > 2
    assert {chunk.start for chunk in found} <= {start for start, _ in spans}
    assert {chunk.end for chunk in found} <= {end for _, end in spans}


def test_passages_are_near_the_intended_size() -> None:
    """Long text gives passages of even length, and no small rest at the end."""
    text = " ".join(f"Sentence number {n} says that the river was high again." for n in range(400))

    sizes = count_tokens([chunk.text for chunk in cut(text)])

    assert all(0.7 * TARGET_TOKENS < size < 1.3 * TARGET_TOKENS for size in sizes)


def test_headings_open_passages_and_follow_them() -> None:
    """A section starts with its heading; its later passages carry the headings above them."""
    body = " ".join(f"The {n}th rule concerns the boats in the inner harbour." for n in range(80))
    found = cut(f"# Harbour\n\n## Boats\n\n{body}\n\n### Fees\n\n{body}")

    assert found[0].text.startswith("# Harbour\n\n## Boats\n\nThe 0th")
    assert ["", "Harbour > Boats"] == [chunk.heading for chunk in found[:2]]
    assert "Harbour > Boats > Fees" == found[-1].heading
    assert ["### Fees"] == [chunk.text[:8] for chunk in found if "###" in chunk.text]


def test_a_heading_in_fenced_code_is_code() -> None:
    """A shell comment does not open a section."""
    body = "The script writes one line for each boat in the harbour register. " * 30

    found = cut(f"# Setup\n\n```\n# not a heading\n```\n\n{body}")

    assert {"", "Setup"} == {chunk.heading for chunk in found}


def test_small_sections_join_and_larger_ones_do_not() -> None:
    """Three words are no passage; a full section is one, however short the next."""
    short = "## Ort\n\nHalle 3.\n\n## Zeit\n\nAb neun.\n\n"
    full = "## Weg\n\n" + "Vom Bahnhof führt ein Weg am Kanal entlang bis zum Tor der Halle. " * 3

    found = cut(short + full + "\n\n" + full)

    assert found[0].text.startswith("## Ort") and "## Zeit" in found[0].text
    assert found[-1].text.startswith("## Weg")


def test_a_table_is_kept_together_when_it_fits() -> None:
    """The pause before a table is worth more than an even length."""
    prose = "The mill sells flour on Saturdays and takes in grain on Mondays. " * 14
    table = "\n".join(f"| Sort {n} | {n} kg | {n}.50 |" for n in range(12))

    found = cut(f"{prose}\n\n{table}\n\n{prose}")

    assert any(table in chunk.text for chunk in found)


def test_an_announcement_stays_with_its_list() -> None:
    """ "As follows:" and the first item are not parted."""
    prose = "The mill sells flour on Saturdays and takes in grain on Mondays. " * 12
    found = cut(
        f"{prose}\nBring the following:\n" + "\n".join(f"- {n} sacks of the best wheat" for n in range(30))
    )

    assert any("Bring the following:\n- 0 sacks" in chunk.text for chunk in found)


@pytest.mark.parametrize(
    "sentence",
    [
        "가나다라마바사, " * 300,
        "単語、" * 400,
        "very long words without any end and " * 200,
        "ก" * 1500,
        "👩🏽‍🏫👨‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿🇰🇷🇯🇵" * 150,
        "क्षि" * 500,
        "e\u0301\u0323" * 600,
    ],
)
def test_a_sentence_over_the_limit_is_cut_between_graphemes(sentence: str) -> None:
    """First at commas, then at spaces, else between characters as readers see them."""
    found = cut(sentence, 128)

    ends = {match.end() for match in regex.finditer(r"\X", sentence)} | {0}
    assert len(found) > 1
    assert all({chunk.start, chunk.end} <= ends for chunk in found)


def test_a_comma_is_preferred_to_a_space() -> None:
    """A clause is closer to a statement than half a clause."""
    found = cut("the wind from the sea, " * 120, 128)

    assert all(chunk.text.endswith(",") for chunk in found)


def test_each_passage_has_its_own_language() -> None:
    """A document in two languages gives passages in two."""
    found = cut(SCRIPTS["ko"] + "\n\n" + SCRIPTS["en"], 128)

    assert {"ko", "en"} == {chunk.lang for chunk in found}


def test_without_evidence_a_passage_has_the_language_of_its_document() -> None:
    """Digits are in no language."""
    doc = Document("t", "t", "12 34 56", "ja", None, "")

    assert ["ja"] == [chunk.lang for chunk in chunks(doc, count_tokens, 128)]


def test_title_and_heading_are_embedded_once_and_bounded() -> None:
    """What the passage already says is not said before it; a long title is cut between graphemes."""
    chunk = Chunk("c", "d", 0, 5, "Boats are blue.", "en", "Harbour > Boats")

    assert "Rules\nHarbour > Boats\nBoats are blue." == embedded_text("Rules", chunk)
    assert "Harbour > Boats\nBoats are blue." == embedded_text("Harbour", chunk)
    assert "Harbour > Boats\nBoats are blue." == embedded_text("Boats are blue.", chunk)
    assert len(embedded_text("👨‍👩‍👧‍👦" * 60, chunk)) < 130


def test_a_limit_without_room_is_refused() -> None:
    """A model that could read only the title is not used as if it read the text."""
    with pytest.raises(ValueError, match="max_tokens=20"):
        cut("Text.", 20, title="A title of several words that takes all the room there is")


def test_empty_and_blank_documents_have_no_passages() -> None:
    """Nothing comes of nothing, nor of a document that is masked from end to end."""
    assert [] == cut("")
    assert [] == cut(" \n\n\t")
    assert [] == chunks(document("Menu", boilerplate=(Mask(0, 4, "menu"),)), count_tokens, 128)


@pytest.mark.parametrize(
    "hostile", ["a", "가", "# \n", "# a\n", "- a\n", "a\n\n", "```\n", "| a |\n", "a. ", "🇰🇷"]
)
def test_no_document_is_too_odd(hostile: str) -> None:
    """60,000 characters of anything fit the limit, in time that grows with them."""
    found = cut(hostile * (60_000 // len(hostile)), 128)

    assert all(n <= 128 for n in count_tokens([embedded_text("", chunk) for chunk in found]))


@pytest.mark.parametrize("lang", sorted(SCRIPTS))
def test_the_bundled_model_reads_every_passage_to_its_end(lang: str, embedder: Embedder) -> None:
    """With the tokens of the real model, in each script, nothing is cut off."""
    doc = document((SCRIPTS[lang] + "\n\n") * 6, title=SCRIPTS[lang][:200])

    found = chunks(doc, embedder.count_tokens, embedder.max_tokens)

    counts = embedder.count_tokens([embedded_text(doc.title, chunk) for chunk in found])
    assert 2 <= len(found)
    assert max(counts) <= embedder.max_tokens
