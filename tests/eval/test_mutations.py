"""The proof that the gate sees: each fault alone, put into the real assistant, makes it fail and say why."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from judged import quiet, remembering

from rag.answer.phrases import not_in_documents
from rag.assistant import Assistant
from rag.eval.baseline import compare, read_baseline
from rag.eval.changes import subject_of
from rag.eval.gate import check_thresholds, propose, read_thresholds
from rag.eval.pairs import Pair, names, read_pairs, usable_pairs
from rag.eval.report import Report, as_json
from rag.eval.run import Run, run
from rag.search.retrieve import Retrieval, Retriever
from rag.settings import Settings
from rag.types import Answer, Document, Hit, Turn, Where
from rag.ui.judge import open_subject

EVAL = Path(__file__).resolve().parents[2] / "eval"
# Every sixth pair: all languages and types, in seconds.
STEP = 6

Key = tuple[str, tuple[Turn, ...]]


@dataclass(frozen=True)
class Replay:
    """What the real assistant answered, each answer changed by one fault."""

    answers: Mapping[Key, Answer]
    fault: Callable[[Answer], Answer] = lambda answer: answer

    def ask(self, question: str, history: Sequence[Turn] = (), where: Where | None = None) -> Answer:
        return self.fault(self.answers[question, tuple(history)])


@dataclass(frozen=True)
class Sample:
    """A run of the real assistant over the sample corpus, and the gate made from it."""

    assistant: Assistant
    pairs: list[Pair]
    documents: dict[str, Document]
    answers: dict[Key, Answer]
    folder: Path

    def run(self, fault: Callable[[Answer], Answer]) -> Run:
        return run(Replay(self.answers, fault), self.pairs, self.documents, quiet)

    def failures(self, result: Run) -> tuple[str, ...]:
        """Apply thresholds and baseline as `rag eval` does."""
        thresholds = read_thresholds(self.folder / "thresholds.toml")
        subject = subject_of(self.documents.values(), self.pairs, {})
        baseline = read_baseline(self.folder / "baseline.json")
        compared = compare(result.scored, subject, baseline, thresholds)
        return Report(subject, result, tuple(check_thresholds(result.means, thresholds)), compared).failures


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    folder = tmp_path_factory.mktemp("gate")
    with open_subject(Settings(), EVAL / "corpus", quiet) as subject:
        pairs = read_pairs(EVAL / "pairs", subject.documents)[::STEP]
        assistant = remembering(subject.assistant, Settings().cache)
        result = run(assistant, pairs, subject.documents, quiet)
        answers = {
            (each.pair.question, each.pair.turns): each.answer for each in result.scored if each.answer
        }
        assert len(answers) == len(pairs), [each.error for each in result.scored if each.error]
        judged = Report(subject_of(subject.documents.values(), pairs, {}), result, ())
        (folder / "baseline.json").write_text(as_json(judged), encoding="utf-8")
        (folder / "thresholds.toml").write_text(propose(result.means), encoding="utf-8")
        yield Sample(assistant, pairs, subject.documents, answers, folder)


def emptied(answer: Answer) -> Answer:
    return replace(answer, text="")


def shifted(answer: Answer) -> Answer:
    moved = tuple(replace(each, start=each.start + 1, end=each.end + 1) for each in answer.citations)
    return replace(answer, citations=moved)


def swapped(answer: Answer) -> Answer:
    """Korean for English and the reverse, in all that the assistant says in its own words."""
    other = "en" if answer.lang == "ko" else "ko"
    return replace(answer, text=f"{not_in_documents(other)} {not_in_documents(other)}")


def never_abstaining(answer: Answer) -> Answer:
    if answer.answered or not answer.hits:
        return answer
    return replace(answer, answered=True, reason="", text=answer.hits[0].chunk.text)


def always_abstaining(answer: Answer) -> Answer:
    return replace(
        answer, answered=False, text=not_in_documents(answer.lang), claims=(), citations=(), conflicts=()
    )


def altered(answer: Answer) -> Answer:
    def digits(text: str) -> str:
        return "".join(
            str((unicodedata.decimal(char) + 1) % 10) if char.isdecimal() else char for char in text
        )

    sides = tuple(
        replace(
            each,
            sides=tuple(replace(s, value=digits(s.value), statement=digits(s.statement)) for s in each.sides),
        )
        for each in answer.conflicts
    )
    return replace(answer, text=digits(answer.text), conflicts=sides)


@pytest.mark.parametrize(
    ("fault", "measure"),
    [
        (emptied, "facts"),
        (shifted, "quotes_exact"),
        (swapped, "language"),
        (never_abstaining, "abstention_"),
        (always_abstaining, "answered"),
        (altered, "facts"),
    ],
)
def test_each_fault_alone_fails_the_gate(
    sample: Sample, fault: Callable[[Answer], Answer], measure: str
) -> None:
    """And the message names the measure that the fault harms."""
    failures = sample.failures(sample.run(fault))

    assert any(failure.startswith(f"[all] {measure}") for failure in failures), failures


def test_without_a_fault_the_gate_passes(sample: Sample) -> None:
    """Else the failures above would prove nothing."""
    assert sample.failures(sample.run(lambda answer: answer)) == ()


def test_numbers_altered_lose_pairs_that_the_baseline_had(sample: Sample) -> None:
    """The comparison names the pairs that flipped, and they are about numbers and dates."""
    failures = sample.failures(sample.run(altered))

    assert any("correct fell from" in failure and "-number-" in failure for failure in failures)


def test_a_document_that_is_gone_is_named(sample: Sample) -> None:
    """Its pairs could only fail: each is named, the others are judged, and what is gone is told."""
    gone = sample.pairs[0].docs[0][0]
    left = {key: each for key, each in sample.documents.items() if gone not in names(key)}

    pairs, unusable = usable_pairs(EVAL / "pairs", left)
    now = subject_of(left.values(), pairs, {})
    result = run(Replay(sample.answers), [each for each in sample.pairs if each in pairs], left, quiet)
    compared = compare(result.scored, now, read_baseline(sample.folder / "baseline.json"), {})

    assert all(re.search(r"jsonl:\d+: field 'docs': there is no document", each) for each in unusable)
    assert sample.pairs[0] not in pairs
    assert 0 < len(unusable) < len(sample.pairs) < len(pairs)
    assert compared.documents.removed == tuple(sorted(sample.documents.keys() - left.keys()))
    assert sample.pairs[0].id in compared.pairs.removed
    assert [check.failure for check in compared.checks] == [""]


@dataclass(frozen=True, slots=True)
class RandomRetriever(Retriever):
    """Finds passages without looking at the question's words or vectors."""

    def retrieve(self, question: str, k: int, where: Where | None = None) -> Retrieval:
        honest = Retriever.retrieve(self, question, 100, where)
        drawn = random.Random(question).sample(honest.hits, min(k, len(honest.hits)))
        hits = tuple(Hit(each.chunk, each.score, rank) for rank, each in enumerate(drawn, start=1))
        return replace(honest, hits=hits)


def test_a_random_retriever_fails_the_gate(sample: Sample) -> None:
    """Even drawn from the hundred best passages, and with the evidence of the honest search."""
    honest = sample.assistant.retriever
    blind = replace(sample.assistant, retriever=RandomRetriever(honest.index, honest.embedder, honest.means))

    failures = sample.failures(run(blind, sample.pairs[::3], sample.documents, quiet))

    assert any(failure.startswith("[all] retrieval_recall") for failure in failures), failures
