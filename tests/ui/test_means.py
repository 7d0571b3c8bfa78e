"""An embedder without shipped means gets those of the collection, consistently through every update."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rag import wiring
from rag.index.schema import Identity
from rag.index.snapshot import Snapshot, open_snapshot
from rag.index.store import Entry, open_writer
from rag.search.debias import ESTIMATED, UNCHANGED
from rag.search.retrieve import Retriever
from rag.text.languages import detect
from rag.types import Chunk, Document, Matrix, Vector

DIM = 64
NUMBERED = {
    "ko": "도서관 안내문 제{}호입니다.",
    "th": "ประกาศห้องสมุดฉบับที่ {}",
    "ru": "Объявление библиотеки номер {}.",
    "el": "Ανακοίνωση της βιβλιοθήκης αριθμός {}.",
}


@dataclass(frozen=True)
class Biased:
    """Gives a text a direction for its number and a stronger one for its language."""

    dim: int = DIM
    max_tokens: int = 64
    fingerprint: str = "biased-64"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [8 for _ in texts]

    def embed_query(self, text: str) -> Vector:
        number = int("".join(char for char in text if char.isdecimal()))
        parts = [
            np.random.default_rng([seed]).standard_normal(DIM)
            for seed in (number, 10**6 + ord(detect(text)[0]))
        ]
        vector = parts[0] + 2 * parts[1]
        return np.asarray(vector / np.linalg.norm(vector), np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self.embed_query(text) for text in texts])

    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        return self.embed_passages(texts), [b""] * len(langs)

    def read_query(self, text: str, lang: str) -> tuple[Vector, Matrix]:
        return self.embed_query(text), np.zeros((0, DIM), np.float32)


MODEL = Biased()
IDENTITY = Identity(MODEL.fingerprint, "whole", DIM)
# Even numbers in two languages, odd ones in the other two: the question is always in a foreign one.
TEXTS = {
    f"{lang}/{number}.txt": text.format(number)
    for place, (lang, text) in enumerate(NUMBERED.items())
    for number in range(100 + place % 2, 160, 2)
}


def entries(names: list[str]) -> list[Entry]:
    found = []
    for name in names:
        text = TEXTS[name]
        chunk = Chunk(f"{name}#0-{len(text)}", name, 0, len(text), text, detect(text))
        document = Document(name, name, text, chunk.lang, None, name)
        found.append(Entry(document, (chunk,), MODEL.embed_passages([text]), (b"",)))
    return found


def opened(path: Path) -> Snapshot:
    return open_snapshot(path, IDENTITY, wiring.transform(MODEL))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with open_writer(tmp_path, IDENTITY, wiring.transform(MODEL)) as writer:
        writer.put(entries(list(TEXTS)))
        writer.publish()
    return tmp_path


def test_a_question_finds_its_passage_in_another_language(path: Path) -> None:
    """Asked in Korean for what stands in Thai, the number decides, not the language."""
    questions = [NUMBERED["ko"].format(number) for number in range(101, 160, 2)]

    with opened(path) as index:
        means = wiring.means(MODEL, index)
        found = [index.dense(means.question(MODEL.embed_query(text), "ko"), 2) for text in questions]

    numbers = [{name.split("/")[1].split(".")[0] for name, _ in hits} for hits in found]
    assert ESTIMATED == means.name
    assert [{str(number)} for number in range(101, 160, 2)] == numbers


def test_updates_leave_what_a_fresh_index_would_hold(
    path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Added in two runs, removed, put back: means and nearest passages are those of one run, to the bit."""
    other, names = tmp_path_factory.mktemp("updated"), list(TEXTS)
    for part in (names[::2], names[1::2]):
        with open_writer(other, IDENTITY, wiring.transform(MODEL)) as writer:
            writer.put(entries(part))
            writer.publish()
    with open_writer(other, IDENTITY, wiring.transform(MODEL)) as writer:
        writer.remove(names[:5])
        writer.put(entries(names[:5]))  # not published: the reader builds its own

    vector = MODEL.embed_query(NUMBERED["ru"].format(120))
    with opened(path) as one, opened(other) as two:
        means = wiring.means(MODEL, one), wiring.means(MODEL, two)
        assert one.dense(vector, 20) == two.dense(vector, 20)

    for lang in (*NUMBERED, "und"):
        np.testing.assert_array_equal(means[0].passage[lang], means[1].passage[lang])


def test_an_empty_index_has_no_means(tmp_path: Path) -> None:
    """Nothing to estimate from changes nothing, and nothing is found."""
    with open_writer(tmp_path, IDENTITY, wiring.transform(MODEL)) as writer:
        writer.publish()

    with opened(tmp_path) as index:
        means = wiring.means(MODEL, index)
        assert UNCHANGED is means
        assert () == Retriever(index, MODEL, means).retrieve("7?", 3).hits
