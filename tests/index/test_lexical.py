"""The lexical leg finds exactly the passages that hold a token, in any script, and ranks them by BM25."""

import math
import sqlite3
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import SENTENCES

from rag.index import lexical
from rag.index.lexical import Rows
from rag.text.characters import clean_text, tokens

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)


def lexicon(passages: Mapping[int, Sequence[str]]) -> Rows:
    """Return an index of tokens by passage number, in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in lexical.SCHEMA:
        connection.execute(statement)

    def rows(sql: str, parameters: Sequence[object]) -> list[tuple[object, ...]]:
        return connection.execute(sql, parameters).fetchall()

    for number, found in passages.items():
        lexical.add(rows, number, lexical.pack(found))
    return rows


def bm25(passages: Mapping[int, Sequence[str]], wanted: Sequence[str]) -> dict[int, float]:
    """Return the scores by the formula, k1 = 1.2 and b = 0.75."""
    mean = sum(map(len, passages.values())) / len(passages)
    scores: dict[int, float] = {}
    for token in wanted:
        df = sum(token in found for found in passages.values())
        idf = math.log((len(passages) - df + 0.5) / (df + 0.5))
        for number, found in passages.items():
            if tf := list(found).count(token):
                norm = tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * len(found) / mean))
                scores[number] = scores.get(number, 0.0) + max(idf, 1e-6) * norm
    return scores


def ranked(rows: Rows, wanted: Sequence[str]) -> dict[int, float]:
    numbers, scores = lexical.search(rows, wanted)
    return dict(zip(numbers.tolist(), scores.tolist(), strict=True))


PASSAGES = {
    number: tokens(text * (number % 3 + 1)) for number, text in enumerate(SENTENCES.values(), start=1)
}


@pytest.mark.parametrize("question", [*SENTENCES.values(), "기준금리 差旅 ปิด c++ gpt-4o 3.5"])
def test_scores_are_bm25(question: str) -> None:
    """Every score is that of the formula, over tokens of every script."""
    wanted = list(dict.fromkeys(tokens(question)))

    assert ranked(lexicon(PASSAGES), wanted) == pytest.approx(bm25(PASSAGES, wanted))


@given(st.lists(st.lists(WORDS, max_size=6), min_size=1, max_size=6), WORDS)
@settings(max_examples=150, deadline=None)
def test_a_token_is_found_where_it_is_and_nowhere_else(passages: list[list[str]], other: str) -> None:
    """No token is cut, joined or lost inside FTS5: quotes, signs, joiners and vowel marks included."""
    # FTS5's tokenizer folds ASCII capitals; `rag.text.characters.tokens` never gives any.
    passages = [[word.lower() for word in found] for found in passages]
    rows = lexicon(dict(enumerate(passages, start=1)))

    for token in {word for found in passages for word in found} | {other.lower()}:
        holding = {number for number, found in enumerate(passages, start=1) if token in found}
        assert ranked(rows, [token]).keys() == holding
        assert lexical.frequencies(rows, [token]) == {token: len(holding)}


@pytest.mark.parametrize("text", SENTENCES.values(), ids=SENTENCES)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_question_is_found_in_every_normal_form(text: str, form: str) -> None:
    """한국 typed on a Mac is 한국."""
    asked = tokens(clean_text(unicodedata.normalize(form, text)))  # type: ignore[arg-type]

    best = max(ranked(lexicon(PASSAGES), asked).items(), key=lambda pair: pair[1])[0]

    held = [number for number, found in PASSAGES.items() if set(tokens(text)) <= set(found)]
    assert best in held


SYNTAX = [
    '"',
    "*",
    "^",
    "NEAR(",
    "a AND",
    "OR",
    "NOT",
    "tokens:",
    "{tokens} :",
    "-",
    "'",
    "--",
    "\\",
    "%",
    "it's",
    "+",
]


def test_no_question_is_a_syntax_error() -> None:
    """10,000 questions, many of them made of FTS5's own syntax, raise nothing."""
    rows = lexicon(PASSAGES)
    chance = np.random.default_rng(3)
    parts = [*SYNTAX, *SENTENCES.values(), *map(chr, range(0x20)), "\ud800", "\U0010ffff"]
    for _ in range(10_000):
        question = "".join(parts[i] for i in chance.integers(0, len(parts), chance.integers(0, 6)))
        lexical.search(rows, lexical.worthwhile(lexical.frequencies(rows, tokens(clean_text(question)))))
    for raw in parts:
        lexical.search(rows, lexical.worthwhile(lexical.frequencies(rows, raw.split())))


@given(st.dictionaries(WORDS, st.integers(0, 200_000), max_size=100))
def test_the_rarest_tokens_are_searched_for(counts: dict[str, int]) -> None:
    """Long questions lose their commonest tokens first, and never all that are in the index."""
    chosen = lexical.worthwhile(counts)

    held = [token for token, count in counts.items() if count]
    dropped = set(held) - set(chosen)
    assert bool(chosen) == bool(held)
    assert len(chosen) <= 64
    assert len(chosen) == 1 or sum(counts[token] for token in chosen) <= 16_000
    assert all(counts[token] >= counts[kept] for token in dropped for kept in chosen)


def test_a_removed_passage_leaves_no_trace() -> None:
    """Adding and removing leaves frequencies and scores as if it had never been there."""
    rows = lexicon(PASSAGES)
    extra = lexical.pack(tokens("".join(SENTENCES.values())))
    lexical.add(rows, 99, extra)
    lexical.remove(rows, 99, extra)

    for text in SENTENCES.values():
        assert ranked(rows, tokens(text)) == ranked(lexicon(PASSAGES), tokens(text))
        assert lexical.frequencies(rows, tokens(text)) == lexical.frequencies(lexicon(PASSAGES), tokens(text))


def test_the_digest_sees_every_change() -> None:
    """Another passage, or another token, is another digest; the same passages are the same."""
    one = lexical.digest(lexicon(PASSAGES))

    assert one == lexical.digest(lexicon(PASSAGES))
    assert one != lexical.digest(lexicon(PASSAGES | {50: ["기준"]}))
    assert one != lexical.digest(lexicon(PASSAGES | {1: ["기준"]}))


def test_the_digest_of_a_circle_ends() -> None:
    """A flipped page number can make SQLite return the same rows for ever."""
    assert lexical.digest(lambda sql, parameters: [(5, b"block")] if "lexicon_data" in sql else [])


@pytest.mark.parametrize("frequency", [0, 1, 10])
def test_idf_is_never_negative(frequency: int) -> None:
    """A token of every passage still weighs more than nothing."""
    assert lexical.idf(frequency, 10) == pytest.approx(math.log(11 / (frequency + 0.5)))
    assert lexical.idf(frequency, 10) > 0
