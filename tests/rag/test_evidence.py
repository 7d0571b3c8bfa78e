"""The evidence is one probability that means the same in every collection and language."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from doubles import HashEmbedder, memory_index
from hypothesis import given
from hypothesis import strategies as st

from rag.eval import beir
from rag.read.evidence import probability
from rag.search.debias import UNCHANGED
from rag.search.retrieve import Retrieval, Retriever
from rag.text.characters import clean_text
from rag.types import Chunk, Hit, Reading, Span

BENCH = Path(__file__).resolve().parents[2] / "bench" / "evidence.py"


def retrieval(question: str, *texts: str, lang: str = "en", covered: float = 0.5) -> Retrieval:
    """Return *texts* as what was found for *question*, all in one language."""
    hits = tuple(
        Hit(Chunk(f"{place}#0-{len(text)}", str(place), 0, len(text), text, lang), 1.0, place)
        for place, text in enumerate(map(clean_text, texts), start=1)
    )
    return Retrieval(clean_text(question), lang, hits, 0.6, 0.4, 0.1, covered)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_evidence", BENCH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def read(answers: float) -> Reading:
    """Return a reading with these log odds, of the passage and of its words."""
    return Reading((Span(0, 1, answers),), answers, answers)


FAIR = [read(0.5)]


def test_nothing_found_is_no_evidence() -> None:
    """An empty index, or a filter that nothing satisfies, cannot answer."""
    assert 0.0 == probability(retrieval("When does the library close?"), FAIR)


@given(st.floats(-1, 1), st.floats(0.33, 1), st.floats(0, 1), st.booleans())
def test_it_is_a_probability(similarity: float, runners_up: float, covered: float, same: bool) -> None:
    """Whatever was found, the score is a number from 0 to 1."""
    found = replace(
        retrieval("Where is it?", "There.", lang="en" if same else "fr"),
        lang="en",
        similarity=similarity,
        runners_up=runners_up,
        covered=covered,
    )

    assert 0.0 <= probability(found, FAIR) <= 1.0


@given(st.floats(0.1, 0.8), st.floats(0.01, 0.2))
def test_nearer_is_better(similarity: float, more: float) -> None:
    """A nearer passage raises the evidence, nearer runners-up lower it."""
    found = replace(retrieval("Where is it?", "There."), similarity=similarity)

    assert probability(replace(found, similarity=similarity + more), FAIR) > probability(found, FAIR)
    assert probability(replace(found, runners_up=found.runners_up + more), FAIR) < probability(found, FAIR)
    assert probability(replace(found, token_lead=found.token_lead + more), FAIR) > probability(found, FAIR)


@pytest.mark.parametrize("lang", ["ko", "ja", "zh", "th", "ar", "he", "hi", "el", "ru", "fr"])
def test_words_that_are_missed_count_in_one_language_only(lang: str) -> None:
    """A passage in another language shares no words with the question, and need not."""
    found = replace(retrieval("Where is it?", "…", lang=lang), covered=0.0)

    own, foreign = replace(found, lang=lang), replace(found, lang="en")

    assert probability(own, FAIR) < probability(foreign, FAIR)
    assert probability(replace(foreign, covered=0.9), FAIR) == probability(foreign, FAIR)


def test_what_is_covered_well_enough_is_not_covered_better() -> None:
    """Near misses repeat the words of the question as often as answers do."""
    found = retrieval("Where is it?", "There.")

    assert probability(replace(found, covered=0.4), FAIR) == probability(replace(found, covered=1.0), FAIR)


def test_what_the_reader_finds_decides() -> None:
    """Of the same passages, those that the reader is surer of are better evidence; the surest counts."""
    found = retrieval("How much is a ticket?", "A ticket is 7 euros.", "Tickets are sold at the gate.")
    readings = [read(-3.0), read(0.0), read(3.0)]

    odds = [probability(found, [read(-5.0), each]) for each in readings]

    assert odds == sorted(odds) and odds[0] < odds[-1]
    assert probability(found, [read(3.0), read(-9.0)]) == probability(found, [read(-9.0), read(3.0)])


def test_passages_that_are_far_change_nothing() -> None:
    """The score of a folder of nine does not change when it grows by what is about something else."""
    near = {f"{n}.txt": f"The library opens on day {n} of the week." for n in range(9)}
    far = {f"far{n}.txt": "감자를 삶는다" for n in range(200)}
    embedder = HashEmbedder(dim=256)

    found = [
        Retriever(memory_index(texts, embedder), embedder, UNCHANGED).retrieve(
            "Why does the library open?", 8
        )
        for texts in (near, near | far)
    ]

    assert found[0].similarity == found[1].similarity
    assert found[0].runners_up == pytest.approx(found[1].runners_up)


def test_a_lone_passage_does_not_stand_out() -> None:
    """In an index of one passage nothing follows; it is compared with what is usual elsewhere."""
    index = memory_index({"a.txt": "The library closes at six."})

    found = Retriever(index, HashEmbedder(), UNCHANGED).retrieve("When does the library close?", 8)

    assert 0.33 == found.runners_up


def test_the_fit_finds_the_constants_that_made_the_data(script: ModuleType) -> None:
    """Answers drawn from a known logistic function give it back."""
    random = np.random.default_rng(7)
    truth = np.array([0.0, 2.0, -3.0])
    rows = random.normal(size=(20_000, 2))
    answerable = random.random(20_000) < script.expected(truth, rows)

    beta = script.fit([script.Table("one", rows, answerable, ~answerable)])

    # The weights of one set are those of 100 questions, on which the decay still tells a little.
    assert beta == pytest.approx(truth, abs=0.15)


def test_each_set_counts_alike_and_half_of_it_answerable(script: ModuleType) -> None:
    """Neither a large set nor one with few unanswerable questions outweighs another."""
    for answerable in (np.array([True, False]), np.arange(320) < 300):
        weights = script.Table("one", np.zeros((len(answerable), 1)), answerable, ~answerable).weights

        assert weights.sum() == pytest.approx(100)
        assert weights[answerable].sum() == pytest.approx(50)


def test_a_set_without_unanswerable_questions_is_asked_twice(script: ModuleType) -> None:
    """The second time without the passages that answer, and with all the others."""
    passages = tuple(beir.Passage(name, "", name) for name in ("a", "b", "c"))
    queries = (beir.Query("1", "빵?", "ko", True), beir.Query("2", "Bread?", "en", True))
    test_set = beir.TestSet("x-y", passages, queries, {"1": {"a": 1, "b": 0}, "2": {"b": 2, "c": 1}})

    found = list(script.asked(test_set, 150))

    assert [("빵?", (), True), ("빵?", ("b", "c"), False)] == [(q, w.docs, a) for q, w, a in found[:2]]
    assert ("Bread?", ("a",), False) == (found[3][0], found[3][1].docs, found[3][2])


def test_strangers_were_asked_of_other_articles(script: ModuleType) -> None:
    """Not of a set of the same family, nor of another that was made of SQuAD or after its manner."""
    sets = {
        name: beir.TestSet(name, (), (beir.Query("1", f"{name}?", "en", True),), {})
        for name in ("zh-cmrc", "zh-rgb", "fr-piaf", "ko-korquad", "xquad-mixed")
    }

    assert {"fr-piaf?", "ko-korquad?", "xquad-mixed?"} == set(script.strangers("zh-cmrc", sets, 150))
    assert {"zh-cmrc?", "zh-rgb?", "fr-piaf?"} == set(script.strangers("ko-korquad", sets, 150))
