# ruff: noqa: E501 - one row of a table is one line
"""Which clauses may answer a question: those that hold what is asked for, of whom it is asked."""

from dataclasses import dataclass, field

import pytest

from rag.answer.asked import asked
from rag.answer.candidates import Candidate, candidates
from rag.types import Chunk, Document, Hit


@dataclass
class Shelf:
    """Documents by id; the only part of an index that is asked here."""

    documents: dict[str, Document] = field(default_factory=dict)

    def document(self, doc_id: str) -> Document:
        return self.documents[doc_id]


def found(question: str, lang: str, *passages: tuple[str, str, str]) -> list[Candidate]:
    """Return the candidates of *passages*: language, title, text."""
    documents = [
        Document(str(n), title, text, each, None, "") for n, (each, title, text) in enumerate(passages)
    ]
    hits = [
        Hit(
            Chunk(each.doc_id, each.doc_id, 0, len(each.text), each.text, each.lang),
            1.0,
            rank,
            title=each.title,
        )
        for rank, each in enumerate(documents, start=1)
    ]
    shelf = Shelf({each.doc_id: each for each in documents})
    return candidates(question, lang, hits, shelf, asked(question))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lang", "question", "text", "clause"),
    [
        ("en", "Where does Larne rank?", "Counting passengers alone, Larne comes third.", "Counting passengers alone Larne comes third."),
        ("ko", "순위는 몇 위인가요?", "회원만 놓고 보면 4위이다.", "회원만 놓고 보면 4위이다."),
        ("zh", "排名第几？", "仅按会员人数计算，该馆排名第四。", "仅按会员人数计算 该馆排名第四"),
    ],
)  # fmt: skip
def test_a_clause_without_a_value_opens_the_next_that_has_one(
    lang: str, question: str, text: str, clause: str
) -> None:
    """'Counting passengers alone' says of what the rank is."""
    (each,) = found(question, lang, (lang, "Ports", text))

    assert clause.rstrip(".") == each.clause.rstrip(" ,.")


@pytest.mark.parametrize(
    ("lang", "text"),
    [("en", "Worldwide it is number twelve."), ("de", "Weltweit ist es Nummer 12."), ("fr", "C'est le numéro 12 mondial.")],
)  # fmt: skip
def test_number_twelve_is_a_rank(lang: str, text: str) -> None:
    """It answers 'which place', and counts nothing."""
    (each,) = found("몇 번째인가요?", "ko", (lang, "Branches", text))

    assert [("ordinal", 12)] == [(value.kind, value.number) for value in each.values]


def test_who_is_named_must_be_spoken_of_in_any_script() -> None:
    """A café is named by one document; what another says of rents is not its rent."""
    passages = (
        ("ko", "카페 달무리 계약", "카페 달무리의 월세는 185만 원이다."),
        ("ko", "정수기 안내", "대여료는 한 달 2만 7,900원이다."),
        ("en", "Dalmuri lease", "The monthly rent is 1,300 euros."),
    )

    said = [each.said for each in found("What is the monthly rent of Dalmuri?", "en", *passages)]

    assert ["185만 원", "1,300 euros"] == said


@pytest.mark.parametrize(
    ("asked_about", "other"), [("Heron 2S", "Heron 2"), ("HK-55", "HK-56"), ("Moru R2", "Moru")]
)
@pytest.mark.parametrize(
    "question", ["How many days does the battery of the {} last?", "{} 배터리는 며칠 가나요?"]
)
def test_another_model_is_not_what_is_asked_about(asked_about: str, other: str, question: str) -> None:
    """The battery of a Heron 2 says nothing of the Heron 2S, in any language."""
    passages = (
        ("en", f"{other}: quick start", "A full battery lasts 60 days."),
        ("ko", f"{asked_about} 안내", "배터리는 95일 간다."),
        ("de", "Versuch", f"Der Akku des {asked_about} hält 71 Tage."),
    )

    said = [each.said for each in found(question.format(asked_about), "en", *passages)]

    assert ["95일", "71 Tage"] == said


def test_nobody_is_left_out_where_the_name_is_nowhere() -> None:
    """A name that no passage holds tells nothing."""
    passages = (("en", "Leases", "The monthly rent is 1,300 euros."), ("ko", "안내", "월세는 90만 원이다."))

    assert 2 == len(found("What is the monthly rent of Quillon?", "en", *passages))


def test_a_vacant_post_is_told_by_its_clause() -> None:
    """Without the comma that ends it."""
    (each,) = found(
        "지사장은 누구인가요?", "ko", ("ko", "소식", "이름은 정해졌지만, 지사장 자리는 비어 있다.")
    )

    assert "지사장 자리는 비어 있다" in each.said
    assert not each.said.endswith((",", " "))
