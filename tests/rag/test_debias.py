"""Centring takes the language out of a vector and leaves the meaning."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search.debias import ESTIMATED, UNCHANGED, LanguageMeans, estimated, means_for
from rag.text.languages import detect
from rag.types import UNDETERMINED, Matrix, Vector

BUNDLED = "intfloat/multilingual-e5-small@1571fc9827503943;mean;'query: ';'passage: ';512;int8"
LANGS = ["ko", "en", "ja", "zh", "th", "ar", "he", "hi", "el", "ru", "fr"]
# The same three things said in four scripts.
SAID = {
    "en": [
        "The library opens at nine in the morning.",
        "He broke his leg while skiing.",
        "Bread is made of flour.",
    ],
    "ko": [
        "도서관은 아침 아홉 시에 문을 연다.",
        "그는 스키를 타다가 다리가 부러졌다.",
        "빵은 밀가루로 만든다.",
    ],
    "ja": ["図書館は朝九時に開く。", "彼はスキーで足を折った。", "パンは小麦粉から作られる。"],
    "ru": [
        "Библиотека открывается в девять утра.",
        "Он сломал ногу, катаясь на лыжах.",
        "Хлеб делают из муки.",
    ],
}


def units(rng: np.random.Generator, n: int, dim: int = 16) -> Matrix:
    rows: Matrix = rng.standard_normal((n, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def toy(rng: np.random.Generator) -> LanguageMeans:
    side = dict(zip([*LANGS, UNDETERMINED], 0.5 * units(rng, len(LANGS) + 1), strict=True))
    return LanguageMeans("toy", side, side)


@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from([*LANGS, "und", "tlh"]), max_size=8))
def test_rows_are_centred_one_by_one(seed: int, langs: list[str]) -> None:
    """Every row is (v - mean of its language) at unit length; languages without a mean get that of und."""
    rng = np.random.default_rng(seed)
    means, vectors = toy(rng), units(rng, len(langs))

    centred = means.passages(vectors, langs)

    assert (len(langs), 16) == centred.shape
    for row, vector, lang in zip(centred, vectors, langs, strict=True):
        shifted = vector - means.passage.get(lang, means.passage["und"])
        np.testing.assert_allclose(row, shifted / np.linalg.norm(shifted), atol=1e-5)
        np.testing.assert_allclose(row, means.question(vector, lang), atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from([*LANGS, "und"]), min_size=1, max_size=8))
def test_what_is_left_is_whitened(seed: int, langs: list[str]) -> None:
    """Every row is (v - mean) W at unit length, for questions and passages, alone and among others."""
    rng = np.random.default_rng(seed)
    plain, vectors = toy(rng), units(rng, len(langs))
    root = rng.standard_normal((16, 16)).astype(np.float32)
    whitening: Matrix = root @ root.T + np.eye(16, dtype=np.float32)
    means = replace(plain, whitening=whitening)

    rows = means.passages(vectors, langs)

    assert np.float32 == rows.dtype
    for row, vector, lang in zip(rows, vectors, langs, strict=True):
        moved = (vector - plain.passage[lang]) @ whitening
        np.testing.assert_allclose(row, moved / np.linalg.norm(moved), atol=1e-4)
        np.testing.assert_array_equal(row, means.passages(vector[np.newaxis], [lang])[0])
        np.testing.assert_allclose(row, means.question(vector, lang), atol=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_a_shift_of_a_language_is_undone(seed: int) -> None:
    """When languages differ by a shift only, the same meanings meet again."""
    rng = np.random.default_rng(seed)
    meanings = units(rng, 6)
    meanings -= meanings.mean(axis=0)
    shifts = {lang: units(rng, 1)[0] for lang in ("ko", "th", UNDETERMINED)}
    means = LanguageMeans("toy", shifts, shifts)

    korean, thai = (means.passages(meanings + shifts[lang], [lang] * 6) for lang in ("ko", "th"))

    np.testing.assert_allclose(korean, thai, atol=1e-4)


@given(st.integers(0, 2**32 - 1), st.integers(20, 60))
def test_few_passages_in_a_language_move_little(seed: int, korean: int) -> None:
    """One Thai passage among Korean ones is moved almost as they are; thirty have a mean of their own."""
    rng = np.random.default_rng(seed)
    offset = 3 * units(rng, 2)

    def apart(thai: int) -> float:
        rows = np.concatenate([units(rng, korean) + offset[0], units(rng, thai) + offset[1]])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        means = estimated(rows.astype(np.float32), ["ko"] * korean + ["th"] * thai)
        assert ESTIMATED == means.name
        return float(np.linalg.norm(means.passage["ko"] - means.passage["th"]))

    assert 4 * apart(1) < apart(30)


def test_nothing_is_estimated_without_languages() -> None:
    """A collection of code and numbers, or of nothing, is left as it is."""
    rows = units(np.random.default_rng(5), 4)

    assert UNCHANGED is estimated(rows, ["und"] * 4)
    assert UNCHANGED is estimated(rows[:0], [])


def test_a_vector_that_is_its_mean_stays_as_it_is() -> None:
    """Nothing is divided by zero: such a text keeps its direction."""
    vector: Vector = units(np.random.default_rng(7), 1)[0]
    means = LanguageMeans("toy", {"und": vector}, {"und": vector})

    np.testing.assert_array_equal(vector, means.question(vector, "ko"))


@pytest.mark.parametrize(
    "fingerprint", ["hash-16", "some/model@1571fc9827503943 mean", "intfloat/multilingual-e5-small", ""]
)
def test_means_of_one_model_are_not_used_for_another(fingerprint: str) -> None:
    """Any other model, and other weights of the same, are left as they are."""
    vectors = units(np.random.default_rng(3), 2)

    means = means_for(fingerprint)

    assert UNCHANGED is means
    np.testing.assert_array_equal(vectors, means.passages(vectors, ["ko", "en"]))
    np.testing.assert_array_equal(vectors[0], means.question(vectors[0], "ko"))


def test_shipped_means_do_not_depend_on_precision_or_limits() -> None:
    """The table is of a model and its weights, whatever follows in the fingerprint."""
    means = means_for(BUNDLED)

    assert UNCHANGED is not means
    assert means is means_for(BUNDLED.replace("int8", "fp32").replace("512", "256"))
    assert means.name != UNCHANGED.name


def test_shipped_means_cover_the_languages_that_are_detected() -> None:
    """Both sides have the same languages, und among them, each a finite vector of the model's length."""
    means = means_for(BUNDLED)

    assert means.query.keys() == means.passage.keys()
    assert {*LANGS, "de", "es", "pt", "vi", "tr", "id", "fa", "uk", UNDETERMINED} <= means.query.keys()
    for side in (means.query, means.passage):
        assert {(384,)} == {mean.shape for mean in side.values()}
        assert all(np.isfinite(mean).all() and 0.4 < np.linalg.norm(mean) < 1 for mean in side.values())


def test_centring_brings_translations_together() -> None:
    """With the bundled model, a translation is nearer, relative to other sentences, than without."""
    embed = pytest.importorskip("rag.index.embed").open_embedder("bundled").embed_passages
    texts = [text for said in SAID.values() for text in said]
    langs = [detect(text) for text in texts]
    assert [lang for lang in SAID for _ in range(3)] == langs
    raw = embed(texts)

    shipped = means_for(BUNDLED)
    centred = replace(shipped, whitening=None).passages(raw, langs)

    assert margin(centred) > margin(raw) + 0.2
    assert margin(shipped.passages(raw, langs)) > margin(centred)


def margin(vectors: Matrix) -> float:
    """Return how much nearer translations are than other sentences of the same language."""
    cosines = vectors @ vectors.T
    meaning, lang = np.arange(len(vectors)) % 3, np.arange(len(vectors)) // 3
    same_meaning = (meaning[:, None] == meaning) & (lang[:, None] != lang)
    same_language = (meaning[:, None] != meaning) & (lang[:, None] == lang)
    return float(cosines[same_meaning].mean() - cosines[same_language].mean())
