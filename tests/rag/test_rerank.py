"""A reranker decides the order of the first passages, and of no others."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from doubles import HashEmbedder, memory_index
from hypothesis import given
from hypothesis import strategies as st
from stores import SENTENCES

from rag.errors import ConfigError
from rag.search.debias import UNCHANGED
from rag.search.rerank import CrossEncoderReranker, reranked
from rag.search.retrieve import Retriever
from rag.types import Where

TEXTS = {f"{lang}.md": text.strip() for lang, text in SENTENCES.items()}


@dataclass
class Longest:
    """Takes the longer text for the better one; remembers what it was asked."""

    asked: list[tuple[str, list[str]]] = field(default_factory=list)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, list(texts)))
        return [float(len(text)) for text in texts]


@dataclass(frozen=True)
class Given:
    """Gives the scores it was made with."""

    found: list[float]

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return self.found


@given(st.lists(st.integers(-3, 3).map(float), max_size=12))
def test_scores_decide_and_ties_stay(scores: list[float]) -> None:
    """Best first; equals keep the order that they came in; nothing is lost."""
    ranked = [(f"p{place}", 1.0 - place) for place in range(len(scores))]

    found = reranked(Given(scores), "q", ranked, ["text"] * len(scores))

    expected = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    assert list(found) == [(f"p{place}", scores[place]) for place in expected]


@pytest.mark.parametrize("question", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_best_passages_are_put_in_order(question: str, form: str) -> None:
    """Hits carry the reranker's scores and order, in any script, and the legs' ranks as they were."""
    asked = unicodedata.normalize(form, question)  # type: ignore[arg-type]
    index, longest = memory_index(TEXTS), Longest()

    found = Retriever(index, HashEmbedder(), UNCHANGED, reranker=longest).retrieve(asked, 5).hits

    lengths = sorted((len(text) for text in TEXTS.values()), reverse=True)
    assert [hit.score for hit in found] == lengths[:5]
    assert [hit.rank for hit in found] == [1, 2, 3, 4, 5]
    assert all("dense" in hit.ranks for hit in found)
    assert [question for question, _ in longest.asked] == [asked]


@pytest.mark.parametrize(("k", "depth", "read"), [(2, 6, 6), (6, 2, 6), (3, 200, len(TEXTS))])
def test_it_reads_so_many_passages_and_no_more(k: int, depth: int, read: int) -> None:
    """The first `rerank_depth`, or k if that is more: no hit is without a score of the reranker."""
    plain = Retriever(memory_index(TEXTS), HashEmbedder(), UNCHANGED)
    longest = Longest()
    retriever = Retriever(plain.index, plain.embedder, UNCHANGED, reranker=longest, rerank_depth=depth)

    found = retriever.retrieve("3.5 or 24/7?", k).hits

    first = [hit.chunk.text for hit in plain.retrieve("3.5 or 24/7?", read).hits]
    assert [text for _, texts in longest.asked for text in texts] == first
    assert len(found) == k


def test_filters_hold_and_nothing_is_asked_about_nothing() -> None:
    """A reranker sees only what the filter admits; where that is nothing, it is not asked."""
    longest = Longest()
    retriever = Retriever(memory_index(TEXTS), HashEmbedder(), UNCHANGED, reranker=longest)

    assert retriever.retrieve("図書館", 3, Where(docs=("none.md",))).hits == ()
    assert longest.asked == []
    assert [h.chunk.doc_id for h in retriever.retrieve("図書館", 3, Where(docs=("ja.md",))).hits] == ["ja.md"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of one layer with random weights."""
    return cross_encoder(tmp_path_factory.mktemp("cross-encoder"), labels=1)


def cross_encoder(path: Path, labels: int) -> Path:
    torch = pytest.importorskip("torch", reason="the models extra is not installed")
    transformers = pytest.importorskip("transformers", reason="the models extra is not installed")
    torch.manual_seed(1)
    characters = sorted({char for text in TEXTS.values() for char in text.casefold() if not char.isspace()})
    pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *characters,
        *(f"##{char}" for char in characters),
    ]
    (path / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    transformers.BertTokenizerFast(str(path / "vocab.txt"), strip_accents=False).save_pretrained(path)
    config = transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=labels,
        initializer_range=0.5,
    )
    transformers.BertForSequenceClassification(config).save_pretrained(path)
    return path


@pytest.mark.slow
def test_a_cross_encoder_scores_pairs(folder: Path) -> None:
    """Each pair has its own score, whatever it is scored with; another question gives others."""
    reranker = CrossEncoderReranker(str(folder))
    texts = list(TEXTS.values())

    scores = reranker.scores("図書館は？", texts)

    assert scores == pytest.approx([reranker.scores("図書館は？", [text])[0] for text in texts], abs=1e-5)
    assert len(set(scores)) > len(texts) // 2
    assert scores != pytest.approx(reranker.scores("Библиотека?", texts), abs=1e-6)


def test_a_cross_encoder_reranks(folder: Path) -> None:
    """The hits of a retriever with a model come by its scores."""
    reranker = CrossEncoderReranker(str(folder))
    retriever = Retriever(memory_index(TEXTS), HashEmbedder(), UNCHANGED, reranker=reranker)

    found = retriever.retrieve("도서관 c++ 2024", 4).hits

    best = sorted(reranker.scores("도서관 c++ 2024", list(TEXTS.values())), reverse=True)[:4]
    assert [hit.score for hit in found] == pytest.approx(best, abs=1e-5)


@pytest.mark.parametrize("name", ["nowhere", "모델/없음", "org/no such model"])
def test_a_model_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    """The message names the model and says what it must be."""
    pytest.importorskip("sentence_transformers", reason="the models extra is not installed")
    with pytest.raises(ConfigError, match=f"{name}.* cannot be loaded[^$]*folder with a cross-encoder"):
        CrossEncoderReranker(str(tmp_path / name))


def test_a_model_with_several_labels_is_no_reranker(tmp_path: Path) -> None:
    """A classifier has no order to give; its first label would be taken for a score."""
    with pytest.raises(ConfigError, match="is no reranker: BertForSequenceClassification with 3 labels"):
        CrossEncoderReranker(str(cross_encoder(tmp_path, labels=3)))


def test_an_embedder_is_no_reranker(tmp_path: Path) -> None:
    """sentence-transformers would give it a head of random weights, and random scores, without a word."""
    path = cross_encoder(tmp_path, labels=1)
    transformers = pytest.importorskip("transformers", reason="the models extra is not installed")
    transformers.BertModel(transformers.BertConfig.from_pretrained(path)).save_pretrained(path)

    with pytest.raises(ConfigError, match="is no reranker: BertModel"):
        CrossEncoderReranker(str(path))
