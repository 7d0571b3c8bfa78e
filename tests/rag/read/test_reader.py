"""The reader marks words of the passage, tells what answers, and runs as it was trained."""

import math
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import WeightsError
from rag.model.weights import expand, read_weights
from rag.read import BundledReader, open_reader
from rag.read.network import FILE, Trained, read_trained
from rag.text.characters import clean_text
from rag.types import Passage

# A question, a passage, and the words that answer; made for this test.
ANSWERED = {
    "en": (
        "When does the harbour office open?",
        "The harbour office opens at 6:40. It is closed on Sundays.",
        "6:40",
    ),
    "ko": (
        "등대의 높이는 얼마인가요?",
        "솔섬 등대는 1931년에 세워졌다. 높이는 27미터이고 계단은 118개이다.",
        "27미터",
    ),
    "ja": (
        "館長は誰ですか。",
        "みなと資料館は二階建てです。館長は小野寺ひかりです。",
        "小野寺ひかり",
    ),
    "zh": (
        "缆车单程票多少钱？",
        "缆车每天八点开始运行。单程票三十五元，往返票六十元。",
        "三十五元",
    ),
    "de": (
        "Wer leitet die Werkstatt?",
        "Die Werkstatt liegt im Hof. Geleitet wird sie von Jorunn Abel.",
        "Jorunn Abel",
    ),
    "fr": (
        "Combien coûte l'entrée ?",
        "Le musée ferme à dix-huit heures. L'entrée coûte neuf euros.",
        "neuf euros",
    ),
    "es": (
        "¿Quién fundó la escuela?",
        "La escuela fue fundada por Inés Robledo en 1904.",
        "Inés Robledo",
    ),
    "ru": (
        "Когда построили мост?",
        "Мост построили в 1887 году. Его длина 210 метров.",
        "1887",
    ),
    "ar": (
        "متى يفتح المتحف؟",
        "يفتح المتحف أبوابه الساعة التاسعة صباحا. الدخول مجاني يوم الجمعة.",
        "التاسعة",
    ),
    "hi": (
        "पुल कब बना था?",
        "यह पुल 1962 में बना था। इसकी लंबाई 340 मीटर है।",
        "1962",
    ),
    "el": (
        "Πότε χτίστηκε ο φάρος;",
        "Ο φάρος χτίστηκε το 1884. Το ύψος του είναι 19 μέτρα.",
        "1884",
    ),
    "th": (
        "สะพานสร้างเมื่อปีใด",
        "สะพานนี้สร้างในปี 2509 และยาว 340 เมตร",
        "2509",
    ),
}


@pytest.fixture(scope="module")
def reader() -> BundledReader:
    return open_reader()


def marks(reader: BundledReader, question: str, text: str, answer: str) -> bool:
    """Tell whether the best words that are marked in *text* overlap *answer*."""
    start = text.index(answer)
    (reading,) = reader.read(question, [Passage("", text)])
    return reading.spans[0].start < start + len(answer) and start < reading.spans[0].end


def test_the_words_that_answer_are_marked(reader: BundledReader) -> None:
    """In twelve languages and nine scripts; a small model may miss two of them."""
    right = [marks(reader, *map(clean_text, each)) for each in ANSWERED.values()]

    assert sum(right) >= len(ANSWERED) - 2


def test_a_question_is_read_alike_however_it_is_composed(reader: BundledReader) -> None:
    """Korean in NFD gives the same result as in NFC."""
    question, text, _ = ANSWERED["ko"]
    passage = [Passage("", clean_text(text))]

    assert reader.read(unicodedata.normalize("NFD", question), passage) == reader.read(question, passage)


def test_what_answers_is_told_from_what_is_about_something_else(reader: BundledReader) -> None:
    """A passage that answers has higher log odds than the passages of the other languages."""
    passages = [Passage("", text) for _, text, _ in ANSWERED.values()]
    right = 0
    for place, (question, _, _) in enumerate(ANSWERED.values()):
        odds = [reading.answers for reading in reader.read(question, passages)]
        right += max(range(len(odds)), key=odds.__getitem__) == place

    assert right >= len(ANSWERED) - 2


def test_a_result_does_not_depend_on_what_is_read_beside_it(reader: BundledReader) -> None:
    """Passages go through the network one by one, so the same one gives the same bytes."""
    question = ANSWERED["en"][0]
    passages = [Passage("", text) for _, text, _ in ANSWERED.values()]

    together = reader.read(question, passages)

    assert together == [reading for each in passages for reading in reader.read(question, [each])]
    assert reader.read(question, []) == []


@settings(max_examples=30)
@given(st.text(max_size=200), st.text(min_size=1, max_size=40), st.text(max_size=30))
def test_spans_are_words_of_the_passage(text: str, question: str, title: str) -> None:
    """Spans lie inside the text, do not overlap, and come best first; an empty text has none."""
    (reading,) = open_reader().read(question, [Passage(title, text)])

    for span in reading.spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip()
    scores = [span.score for span in reading.spans]
    assert scores == sorted(scores, reverse=True)
    ordered = sorted(reading.spans, key=lambda span: span.start)
    assert all(a.end <= b.start for a, b in pairwise(ordered))
    assert math.isfinite(reading.answers) and math.isfinite(reading.relevance)


def test_an_answer_deep_in_a_long_passage_is_found(reader: BundledReader) -> None:
    """What is longer than a window is read in several that overlap."""
    filler = "The quay was repaired in spring and painted again in autumn. " * 40
    text = f"{filler}The harbour office opens at 6:40. {filler}"

    (reading,) = reader.read("When does the harbour office open?", [Passage("", text)])

    assert "6:40" in text[reading.spans[0].start - 20 : reading.spans[0].end + 5]


def test_judgements_are_probabilities(reader: BundledReader) -> None:
    """Supported, contradicted and neither share the whole probability."""
    passages = [Passage("", text) for _, text, _ in ANSWERED.values()]

    for judgement in reader.check("The harbour office opens at 6:40.", passages):
        each = (judgement.supported, judgement.contradicted, judgement.neither)
        assert min(each) >= 0 and sum(each) == pytest.approx(1)


@pytest.mark.parametrize("change", ["missing", "cut", "flipped"])
def test_damaged_weights_are_refused(tmp_path: Path, change: str) -> None:
    """A file that is not the one that ships is named, with what to do."""
    data = bytearray(FILE.read_bytes())
    path = tmp_path / "reader.npz"
    if change == "cut":
        del data[-100:]
    data[len(data) // 2] ^= 1
    if change != "missing":
        path.write_bytes(data)

    with pytest.raises(WeightsError, match=r"reader\.npz.*Reinstall"):
        read_trained(path)


# --- against a plain computation of the same network

Array = npt.NDArray[np.float32]


def test_the_graph_computes_what_was_trained() -> None:
    """int8 in ONNX Runtime stays near the same weights multiplied in float32 by NumPy."""
    weights = read_trained()
    question, text, _ = ANSWERED["en"]
    found = BundledReader(weights)._run(
        BundledReader(weights)._tokenizer.ids(question), "", BundledReader(weights)._tokenizer.ids(text)
    )

    spans, verdict, claim = in_numpy(weights, question, text)

    assert np.abs(np.vstack([found.none, found.spans]) - spans).mean() < 0.35
    assert np.abs(found.verdict - verdict).max() < 0.5
    assert np.abs(found.claim - claim).max() < 0.5


def in_numpy(weights: Trained, question: str, text: str) -> tuple[Array, Array, Array]:
    """Return the logits of ``<s> question </s></s> text </s>``: BERT as Devlin et al. 2019 describe it."""
    tokenizer = BundledReader(weights)._tokenizer
    asked, read = tokenizer.ids(question), tokenizer.ids(text)
    ids = [weights.bos, *asked, weights.eos, weights.eos, *read, weights.eos]
    places = weights.vector("emb.pos").reshape(-1, weights.hidden)[: len(ids)]
    types = weights.vector("emb.type")[: weights.hidden]
    state = expand(weights.rows("emb.word", weights.hidden)[ids]) + places + types
    state = normalised(weights, "emb.ln", state)
    for layer in range(weights.layers):
        state = one_layer(weights, f"l{layer}", state)
    heads: Mapping[str, Array] = weights.arrays
    spans = state @ heads["span.w"].T + heads["span.b"]
    front = len(asked) + 3
    return (
        np.vstack([spans[:1], spans[front : front + len(read)]]),
        state[0] @ heads["verdict.w"].T + heads["verdict.b"],
        state[0] @ heads["claim.w"].T + heads["claim.b"],
    )


def one_layer(weights: Trained, layer: str, state: Array) -> Array:
    query, key, value = (linear(weights, f"{layer}.{part}", state) for part in "qkv")
    size = weights.hidden // weights.heads
    mixed = np.empty_like(state)
    for head in range(weights.heads):
        part = slice(head * size, (head + 1) * size)
        odds = query[:, part] @ key[:, part].T / math.sqrt(size)
        powers = np.exp(odds - odds.max(axis=1, keepdims=True))
        mixed[:, part] = powers / powers.sum(axis=1, keepdims=True) @ value[:, part]
    state = normalised(weights, f"{layer}.aln", state + linear(weights, f"{layer}.ao", mixed))
    wide = linear(weights, f"{layer}.fi", state)
    wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2))).astype(np.float32)
    return normalised(weights, f"{layer}.oln", state + linear(weights, f"{layer}.fo", wide))


def linear(weights: Trained, name: str, state: Array) -> Array:
    if f"{name}.s" in weights.arrays:
        matrix = weights.arrays[f"{name}.w"] * weights.arrays[f"{name}.s"][:, np.newaxis]
    else:
        matrix = expand(weights.rows(f"{name}.w", state.shape[1]))
    result: Array = state @ matrix.T + weights.vector(f"{name}.b")
    return result


def normalised(weights: Trained, name: str, state: Array) -> Array:
    mean, spread = state.mean(axis=1, keepdims=True), state.var(axis=1, keepdims=True)
    result: Array = (state - mean) / np.sqrt(spread + weights.epsilon)
    return result * weights.vector(f"{name}.w") + weights.vector(f"{name}.b")


def test_lower_layers_are_those_of_the_bundled_model() -> None:
    """Only the upper layers were trained: the file holds no vocabulary and no lower layer."""
    weights, base = read_trained(), read_weights()

    assert not any(name.startswith("emb") for name in weights.arrays)
    assert {name.split(".")[0] for name in weights.arrays if name[0] == "l"} == {
        f"l{n}" for n in range(4, 12)
    }
    assert np.array_equal(weights.vector("l0.q.b"), base.vector("l0.q.b"))
    assert FILE.stat().st_size <= 24_000_000
