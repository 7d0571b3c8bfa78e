"""How near statements are to a question, at how little cost, and which clause answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from doubles import HashEmbedder

from rag.answer.asked import Asked
from rag.answer.candidates import Candidate
from rag.answer.conflicts import find_conflicts
from rag.answer.relevance import nearest, that_is_asked
from rag.search.debias import UNCHANGED
from rag.types import Chunk, Document, Hit, Matrix
from rag.verify.citations import Citations
from rag.verify.nearness import VectorScorer


@dataclass
class Counting:
    """A scorer that keeps what it was asked."""

    scorer: VectorScorer = field(default_factory=lambda: VectorScorer(HashEmbedder(dim=128), UNCHANGED))
    texts: list[str] = field(default_factory=list)

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        self.texts += texts
        return self.scorer.vectors(texts, langs)


def statement(text: str, doc_id: str = "a", said: str = "", lang: str = "en", clause: str = "") -> Candidate:
    document = Document(doc_id, "Rules", text, lang, None, "")
    chunk = Chunk(f"{doc_id}-{text}", doc_id, 0, len(text), text, lang)
    return Candidate((chunk, 0, len(text)), text, clause or text, document, lang, (), said, "")


@pytest.mark.parametrize("count", [1, 20, 400])
def test_few_statements_are_embedded_however_many_there_are(count: int) -> None:
    """A dozen, and the best of them again in their context; a long list leaves room for other documents."""
    scorer = Counting()
    many = [statement(f"The garden limit number {n} is {n} people.", "a") for n in range(count)]
    other = statement("The garden limit is 40 people.", "b")

    near = nearest("What is the garden limit?", "en", [*many, other], Asked(), scorer)

    assert len(scorer.texts) <= 1 + 12 + 2 * 6
    assert "b" in {each.document.doc_id for each in near}


def test_nothing_is_embedded_where_nothing_can_disagree() -> None:
    """One value in all documents is no conflict, whatever is near to what."""
    documents = [Document(n, "Rules", "The limit is 40 people a day.", "en", None, "") for n in "ab"]
    hits = [
        Hit(Chunk(each.doc_id, each.doc_id, 0, len(each.text), each.text, "en"), 1.0, rank)
        for rank, each in enumerate(documents, start=1)
    ]
    shelf = type("Shelf", (), {"document": lambda _, doc_id: documents["ab".index(doc_id)]})()
    scorer = Counting()

    assert () == find_conflicts("How many people a day is the limit?", "en", hits, Citations(shelf), scorer)
    assert [] == scorer.texts


@pytest.mark.parametrize(
    ("first", "kept"),
    [
        ("이 대통령", ["이재명"]),
        ("김 대통령", ["김 대통령", "이재명"]),
        ("Lee president", ["Lee president", "이재명"]),
    ],
)
def test_a_surname_alone_gives_way_to_the_whole_name(first: str, kept: list[str]) -> None:
    """이 대통령 is the 이재명 of the same document; 김 대통령 is somebody else."""
    question = "한국 대통령은 누구인가요?"
    texts = [
        statement(question, said=first, lang="ko"),
        statement(f"{question} 그", said="이재명", lang="ko"),
    ]

    near = nearest(question, "ko", texts, Asked(role="president"), Counting())

    assert kept == [each.said for each in near]


def test_what_the_answer_quotes_needs_less() -> None:
    """It was found to answer by more than its nearness; what is about something else still goes."""
    weak, foreign = statement("40 in the garden."), statement("Boats leave at one.")
    both = [each for one in (weak, foreign) for each in (one, replace(one, told=True))]

    near = nearest("What is the garden limit?", "en", both, Asked(), Counting())

    assert [(weak.text, True)] == [(each.text, each.told) for each in near]


FIXED = {"members": (1.0, 0.1, 0.0), "visitors": (0.9, 0.0, 0.5), "rank": (0.8, 0.5, 0.0)}


class Fixed:
    """Vectors by the first word of a text."""

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        rows = np.array([FIXED[text.split()[0]] for text in texts], np.float32)
        unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def test_of_two_clauses_the_one_about_what_is_asked_answers() -> None:
    """What a clause shares with its sentence is no merit: the longer one is always nearer to it."""
    text = "visitors make it tenth, members make it fourth"
    clauses = [statement(text, clause=each) for each in ("visitors make it tenth", "members make it fourth")]

    assert clauses[1] is that_is_asked("rank by members?", "en", clauses, Fixed())
