"""A remembered vector is the one that would be computed, whoever asks and whenever."""

import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pytest
from doubles import HashEmbedder
from hypothesis import given
from hypothesis import strategies as st

from rag.search.remember import RememberingEmbedder
from rag.types import Matrix, Vector

TEXTS = (
    "도서관",
    unicodedata.normalize("NFD", "도서관"),
    "図書館",
    "图书馆",
    "ห้องสมุด",
    "مكتبة",
    "ספרייה",
    "पुस्तकालय",
    "Βιβλιοθήκη",
    "библиотека",
    "été",
    "🇰🇷",
    "\ud800",
)


@dataclass(frozen=True)
class Counting:
    """Counts what reaches the model."""

    model: HashEmbedder = field(default_factory=HashEmbedder)
    passages: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    dim: int = 32
    max_tokens: int = 64
    fingerprint: str = "hash-32"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self.model.count_tokens(texts)

    def embed_query(self, text: str) -> Vector:
        self.queries.append(text)
        return -self.model.embed_query(text)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        self.passages.extend(texts)
        return self.model.embed_passages(texts)

    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        return self.embed_passages(texts), self.model.read_passages(texts, langs)[1]

    def read_query(self, text: str, lang: str) -> tuple[Vector, Matrix]:
        return self.embed_query(text), self.model.read_query(text, lang)[1]


@given(st.lists(st.lists(st.sampled_from(TEXTS), max_size=6), max_size=12), st.integers(1, 12))
def test_vectors_are_those_of_the_model(batches: list[list[str]], at_most: int) -> None:
    """In any order, with any memory, repeats included; a question is no passage."""
    model = Counting()
    remembering = RememberingEmbedder(model, at_most)

    for batch in batches:
        rows = remembering.embed_passages(batch)
        assert rows.shape == (len(batch), 32)
        for row, text in zip(rows, batch, strict=True):
            assert np.array_equal(row, model.model.embed_query(text))
            assert np.array_equal(remembering.embed_query(text), -row)


def test_a_text_goes_through_the_model_once() -> None:
    """As long as it is among the last that were used."""
    model = Counting()
    remembering = RememberingEmbedder(model, at_most=4)

    for _ in range(3):
        remembering.embed_passages(["가", "나", "가"])
        remembering.embed_query("가")

    assert (model.passages, model.queries) == (["가", "나"], ["가"])
    remembering.embed_passages(["다", "라", "마"])
    remembering.embed_passages(["나"])
    assert model.passages == ["가", "나", "다", "라", "마", "나"]


@pytest.mark.parametrize("text", TEXTS[:4])
def test_a_question_that_was_searched_for_is_not_embedded_again(text: str) -> None:
    """The answer from the passages compares its sentences with the same vector."""
    model = Counting()
    remembering = RememberingEmbedder(model)

    vector, question_tokens = remembering.read_query(text, "und")

    assert np.array_equal(remembering.embed_query(text), vector)
    assert np.array_equal(question_tokens, model.model.read_query(text, "und")[1])
    assert model.queries == [text]


@pytest.mark.parametrize("at_most", [2, 1000])
def test_threads_share_the_memory(at_most: int) -> None:
    """Many at once, with a memory that is too small for them, get what each asked for."""
    remembering = RememberingEmbedder(Counting(), at_most)
    plain = HashEmbedder()

    def right(number: int) -> bool:
        texts = [f"문장 {number % 7}", f"sentence {number % 5}"]
        return np.array_equal(remembering.embed_passages(texts), plain.embed_passages(texts))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(right, range(400)))
