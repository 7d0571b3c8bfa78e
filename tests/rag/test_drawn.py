"""The lines of readers become what they were: headings, lists, tables, code; nothing is lost on the way."""

import json

import pytest
from documents import SAMPLES
from hypothesis import given
from hypothesis import strategies as st
from payloads import PAYLOADS

from rag.answer.drawn import drawn
from rag.answer.markdown import Block


def shape(blocks: tuple[Block, ...]) -> list[object]:
    """Return blocks as nested lists of kinds and words."""
    return [
        [b.kind, *shape(b.blocks)] if b.blocks else [b.kind, "".join(r.text for r in b.runs)] for b in blocks
    ]


def words(blocks: tuple[Block, ...]) -> str:
    return "".join("".join(run.text for run in block.runs) + words(block.blocks) for block in blocks)


def test_headings_have_their_level_and_no_signs() -> None:
    """In every script; what stands in code is no heading."""
    text = "# 가마 안내\n\n### 焼成 ##\n\nنص\n\n```python\n# a comment\n```\n\n#hashtag"
    found = drawn(text)

    assert [(block.kind, block.level) for block in found] == [
        ("heading", 1), ("heading", 3), ("paragraph", 0), ("code", 0), ("paragraph", 0)
    ]  # fmt: skip
    assert shape(found)[:2] == [["heading", "가마 안내"], ["heading", "焼成"]]
    assert shape(found)[3] == ["code", "# a comment"]


def test_rows_with_headers_are_a_table() -> None:
    """Each value below its header, gaps included; another table begins where no header is shared."""
    text = "Glaze: Celadon; Hours: 11\nGlaze: 시노; Note: first; then wait; Hours: 14\nPlatz: 3; Ort: Köln"
    first, second = drawn(text)

    assert shape((first,)) == [
        [
            "table",
            ["row", ["head", "Glaze"], ["head", "Hours"], ["head", "Note"]],
            ["row", ["cell", "Celadon"], ["cell", "11"], ["cell", ""]],
            ["row", ["cell", "시노"], ["cell", "14"], ["cell", "first; then wait"]],
        ]
    ]
    assert shape((second,))[0][1] == ["row", ["head", "Platz"], ["head", "Ort"]]  # type: ignore[index]


@pytest.mark.parametrize("line", ["a: 1; k{}: 2", "a: 1; b: 2; k{}: 3", "k{}: 1; a: 2; c{}: 3"])
def test_a_table_is_no_larger_than_its_text(line: str) -> None:
    """Lines that share one header, each with another besides, make no square of empty cells."""
    text = "\n".join(line.replace("{}", str(n)) for n in range(400))

    assert len(json.dumps(shape(drawn(text)))) < 40 * len(text)


def test_labels_with_values_and_bars_are_tables_too() -> None:
    """Fields of a form or of front matter name their row; one alone may be prose and stays so."""
    assert shape(drawn("author: Mina Park\n\nversion: 4")) == [
        [
            "table",
            ["row", ["head", "author"], ["cell", "Mina Park"]],
            ["row", ["head", "version"], ["cell", "4"]],
        ]
    ]
    assert shape(drawn("Note: the kiln is hot.")) == [["paragraph", "Note: the kiln is hot."]]
    assert shape(drawn("a | b | c")) == [["table", ["row", ["cell", "a"], ["cell", "b"], ["cell", "c"]]]]


def test_items_are_lists_and_keep_their_numbers() -> None:
    """A bullet is drawn by the page; "2." and "나." may be referred to, so they stay."""
    assert shape(drawn("- 장갑\n• ถุงมือ")) == [
        ["list", ["item", ["paragraph", "장갑"]], ["item", ["paragraph", "ถุงมือ"]]]
    ]
    assert shape(drawn("2. דלת\n나. 문")) == [
        ["ordered", ["item", ["paragraph", "2. דלת"]], ["item", ["paragraph", "나. 문"]]]
    ]


def test_what_plain_text_calls_bold_is_bold() -> None:
    """Two stars around words, and no others."""
    [block] = drawn("**Never** open it: 2 ** 3 ** 4")

    assert [(run.text, run.bold) for run in block.runs] == [("Never", True), (" open it: 2 ** 3 ** 4", False)]


@pytest.mark.parametrize("text", [*SAMPLES.values(), *PAYLOADS], ids=str)
def test_no_letter_is_lost(text: str) -> None:
    """Whatever a text holds, its letters and digits are drawn, as text."""
    kept = [char for char in text if char.isalnum()]
    found = [char for char in words(drawn(text)) if char.isalnum()]

    assert sorted(found) == sorted(kept) or "```" in text


@given(st.text(alphabet="#-*|:; \n\t`~ab1.가أ", max_size=80))
def test_any_text_is_drawn(text: str) -> None:
    """No text breaks it."""
    assert isinstance(drawn(text), tuple)
