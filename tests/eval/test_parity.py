"""eval/parity.jsonl asks the same in five languages, of documents that say it once."""

from collections import defaultdict
from pathlib import Path

import pytest

from rag.eval.facts import holds
from rag.eval.pairs import Pair, read_pairs
from rag.index.folder import scan
from rag.index.load import load
from rag.text.languages import detect

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "eval" / "corpus"


@pytest.fixture(scope="module")
def documents() -> dict[str, str]:
    return {document.doc_id: document.text for _, document, _ in load(scan(CORPUS).sources) if document}


@pytest.fixture(scope="module")
def questions(documents: dict[str, str]) -> dict[str, list[Pair]]:
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in read_pairs(ROOT / "eval" / "parity.jsonl", documents):
        found[pair.id.rpartition("-")[0]].append(pair)
    return found


def test_each_question_stands_there_in_all_five_languages(questions: dict[str, list[Pair]]) -> None:
    """At least 25 questions, each five times: the same facts, of the same documents."""
    assert len(questions) >= 25
    for pairs in questions.values():
        assert [pair.lang for pair in pairs] == ["ko", "en", "ja", "zh", "de"]
        assert all(pair.id.endswith(f"-{pair.lang}") for pair in pairs)
        assert len({(pair.facts, pair.docs) for pair in pairs}) == 1


def test_each_question_is_in_its_language(questions: dict[str, list[Pair]]) -> None:
    """What is measured is the language, so the question has to be in it."""
    wrong = [pair.id for pairs in questions.values() for pair in pairs if detect(pair.question) != pair.lang]

    assert wrong == []


def test_each_fact_stands_in_its_document(
    questions: dict[str, list[Pair]], documents: dict[str, str]
) -> None:
    """A question that no answer could satisfy would lower all languages alike."""
    for first, *_ in questions.values():
        texts = [documents[doc_id] for doc_id in first.docs[0]]

        assert all(any(holds(text, fact) for text in texts for fact in group) for group in first.facts)
