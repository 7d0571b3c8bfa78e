"""The tokenizer gives the ids that the model was trained on."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts import SENTENCES
from tokenizers import Tokenizer, models, pre_tokenizers

from rag.model.unigram import Unigram
from rag.model.weights import Weights, read_weights
from rag.text.characters import clean_text

WEIGHTS = read_weights()
UNIGRAM = Unigram(WEIGHTS)


def library(weights: Weights) -> Tokenizer:
    """Return the tokenizer of the library that trained models are published with."""
    vocabulary = list(zip(weights.pieces, weights.scores.tolist(), strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=weights.unk, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("\u2581", prepend_scheme="always")]
    )
    return tokenizer


LIBRARY = library(WEIGHTS)


def expected(text: str) -> list[int]:
    normal = unicodedata.normalize("NFC", clean_text(text).translate(WEIGHTS.normalisation))
    return list(LIBRARY.encode(normal, add_special_tokens=False).ids)


@pytest.mark.parametrize("lang", SENTENCES)
def test_ids_are_the_librarys(lang: str) -> None:
    """In every script the segmentation is the one of the `tokenizers` library."""
    assert UNIGRAM.ids(SENTENCES[lang]) == expected(SENTENCES[lang])


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>"), max_size=60))
@settings(max_examples=200)
def test_any_text_has_the_librarys_ids(text: str) -> None:
    """Any code points at all: unknown ones, runs of them, marks without a letter."""
    assert UNIGRAM.ids(clean_text(text)) == expected(text)


@pytest.mark.parametrize("lang", SENTENCES)
def test_composed_and_decomposed_text_are_the_same(lang: str) -> None:
    """A syllable or an accent has the same tokens however it was typed."""
    composed, decomposed = (
        unicodedata.normalize("NFC", SENTENCES[lang]),
        unicodedata.normalize("NFD", SENTENCES[lang]),
    )

    assert UNIGRAM.ids(composed) == UNIGRAM.ids(decomposed)


@pytest.mark.parametrize("control", ["<s>", "</s>", "<pad>", "<unk>", "<mask>"])
def test_text_cannot_write_control_tokens(control: str) -> None:
    """The characters of a control token in a document are characters."""
    control_ids = {WEIGHTS.pieces.index(piece) for piece in ("<s>", "</s>", "<pad>", "<mask>")}

    assert not control_ids & set(UNIGRAM.ids(f"a {control} b {control}"))


def test_neighbouring_unknown_characters_are_one_token() -> None:
    """As in the library: a run outside the vocabulary carries no more than one token."""
    assert UNIGRAM.ids("\U00012000\U00012001\U00012002").count(WEIGHTS.unk) == 1


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000", "\u200b"])
def test_nothing_has_no_tokens(text: str) -> None:
    """White space alone is no word."""
    assert UNIGRAM.ids(text) == []
