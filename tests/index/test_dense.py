"""The dense leg says what a full scan says, to the last tie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.dense import DenseIndex, Used
from rag.types import Matrix, Vector

DIM = 16


def rows(n: int, seed: int = 0) -> Matrix:
    found = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def scanned(vectors: Matrix, query: Vector, k: int, used: Used | None = None) -> list[tuple[int, float]]:
    """Return what a full scan finds."""
    scores = [sum(map(float, row.astype(np.float64) * query)) for row in vectors]
    candidates = [row for row in range(len(vectors)) if used is None or used[row]]
    best = sorted(candidates, key=lambda row: (-round(scores[row], 14), row))[:k]
    return [(row, scores[row]) for row in best]


@pytest.mark.parametrize("k", [1, 3, 50, 1000])
@pytest.mark.parametrize("n", [1, 7, 200])
@pytest.mark.parametrize("share", [None, 0.0, 0.1, 1.0])
def test_search_agrees_with_a_full_scan(n: int, k: int, share: float | None) -> None:
    """Rows, scores and order are those of a full scan, over all rows or over some."""
    vectors = rows(n)
    used = None if share is None else np.random.default_rng(1).random(n) < share
    query = rows(1, seed=2)[0]

    found = DenseIndex.build(vectors).search(query, k, used)

    expected = scanned(vectors, query, k, used)
    assert [row for row, _ in expected] == [row for row, _ in found]
    assert pytest.approx([score for _, score in expected], abs=1e-12) == [score for _, score in found]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(1, 70))
def test_equal_passages_come_in_order_of_row(kinds: list[int], k: int) -> None:
    """Copies of one passage tie, wherever they stand, and the cut at k falls between them in order."""
    vectors = rows(4)[kinds]
    query = rows(1, seed=5)[0]

    found = DenseIndex.build(vectors).search(query, k)

    assert [row for row, _ in scanned(vectors, query, k)] == [row for row, _ in found]


def test_the_best_of_many_that_float32_cannot_tell_apart() -> None:
    """Near-copies differ in the last bits; the k best are still those of exact arithmetic."""
    near = rows(1) + np.random.default_rng(6).standard_normal((2000, DIM)).astype(np.float32) * np.float32(
        1e-7
    )
    query = rows(1, seed=7)[0]

    found = DenseIndex.build(near).search(query, 50)

    assert [row for row, _ in scanned(near, query, 50)] == [row for row, _ in found]


def test_an_empty_index_finds_nothing() -> None:
    """faiss answers -1 where there is no row; -1 is never a passage."""
    empty = DenseIndex.build(np.zeros((0, DIM), np.float32))

    assert empty.search(rows(1)[0], 5) == []
    assert DenseIndex.from_bytes(empty.to_bytes()).search(rows(1)[0], 5) == []


def test_bytes_bring_back_the_same_index() -> None:
    """What is read answers exactly as what was written."""
    index = DenseIndex.build(rows(100))

    read = DenseIndex.from_bytes(index.to_bytes())

    assert (len(read), read.dim) == (100, DIM)
    assert read.search(rows(1, seed=3)[0], 10) == index.search(rows(1, seed=3)[0], 10)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_no_vector_is_refused(value: float) -> None:
    """NaN would find nothing, without a word."""
    broken = rows(3)
    broken[1, 2] = value

    with pytest.raises(ValueError, match="NaN or infinity"):
        DenseIndex.build(broken)
    with pytest.raises(ValueError, match="NaN or infinity"):
        DenseIndex.build(rows(3)).search(broken[1], 1)


def test_a_vector_of_another_length_is_refused() -> None:
    """faiss itself would fail without a message."""
    with pytest.raises(ValueError, match=r"shape \(17,\)"):
        DenseIndex.build(rows(3)).search(np.ones(DIM + 1, np.float32), 1)


@pytest.mark.parametrize("share", [None, 0.002, 0.1, 0.9])
def test_a_compressed_index_finds_what_a_full_scan_finds(share: float | None) -> None:
    """Beyond the limit of the exact one: 99 in 100 of the best ten, with scores to half precision."""
    vectors, queries = clustered(20_000, seed=8), clustered(60, seed=9)
    used = None if share is None else np.random.default_rng(10).random(len(vectors)) < share
    exact = DenseIndex.build(vectors, exact_up_to=len(vectors))

    compressed = DenseIndex.build(vectors, exact_up_to=len(vectors) - 1)

    shared = []
    for query in queries:
        expected, found = dict(exact.search(query, 10, used)), dict(compressed.search(query, 10, used))
        assert len(found) == len(expected)
        assert used is None or used[list(found)].all()
        common = expected.keys() & found.keys()
        assert [found[row] for row in common] == pytest.approx([expected[row] for row in common], abs=1e-3)
        shared.append(len(common) / len(expected))
    assert np.mean(shared) >= 0.99
    assert len(compressed.to_bytes()) < 0.7 * len(exact.to_bytes())


def clustered(n: int, seed: int) -> Matrix:
    """Return unit rows around a few centres, which is how passages lie."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(7).standard_normal((40, 96))
    found = centres[chance.integers(0, 40, n)] + 0.8 * chance.standard_normal((n, 96))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("k", [1, 7, 500])
@pytest.mark.parametrize("count", [0, 1, 5, 400])
def test_a_compressed_index_finds_k_while_k_may_be_found(k: int, count: int) -> None:
    """However few passages a filter leaves, they are all found, in the order of a full scan."""
    vectors = clustered(3000, seed=11)
    used = np.zeros(len(vectors), np.bool_)
    used[np.random.default_rng(12).choice(len(vectors), count, replace=False)] = True

    found = DenseIndex.build(vectors, exact_up_to=100).search(vectors[3], k, used)

    rounded = vectors.astype(np.float16).astype(np.float32)
    assert [row for row, _ in scanned(rounded, vectors[3], k, used)] == [row for row, _ in found]


def test_equal_passages_of_a_compressed_index_come_in_order_of_row() -> None:
    """More copies than the candidates: the first of them are found."""
    found = DenseIndex.build(np.repeat(rows(2), 2000, axis=0), exact_up_to=10).search(rows(2)[1], 5)

    assert [row for row, _ in found] == [2000, 2001, 2002, 2003, 2004]


@pytest.mark.parametrize("exact_up_to", [100, 10_000])
def test_rows_in_parts_give_the_index_of_all_rows(exact_up_to: int) -> None:
    """Where they are parted makes no difference; a sample for their mean hardly any."""
    vectors = clustered(5000, seed=14)
    whole, parts = DenseIndex.build(vectors, exact_up_to), np.array_split(vectors, 7)

    parted = DenseIndex.from_parts(parts, len(vectors), vectors, exact_up_to)
    sampled = DenseIndex.from_parts(parts, len(vectors), vectors[::9], exact_up_to)

    assert parted.to_bytes() == whole.to_bytes()
    assert sampled.search(vectors[9], 20) == whole.search(vectors[9], 20)


def test_a_compressed_index_is_a_function_of_its_rows() -> None:
    """Built again it has the same bytes, and read from them it gives the same answers."""
    vectors = clustered(5000, seed=13)
    index = DenseIndex.build(vectors, exact_up_to=100)

    read = DenseIndex.from_bytes(index.to_bytes())

    assert DenseIndex.build(vectors, exact_up_to=100).to_bytes() == index.to_bytes()
    assert (len(read), read.dim) == (5000, 96)
    assert read.search(vectors[9], 20) == index.search(vectors[9], 20)
