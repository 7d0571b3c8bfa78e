"""Drafts are sound whatever the text and whoever drafts: the fact is there, and the question hides it."""

from itertools import islice

import pytest
from doubles import ScriptedLLM
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import pair
from scripts import SENTENCES

from rag.eval.drafts import drafts, from_model, from_text
from rag.eval.facts import holds
from rag.eval.pairs import Pair
from rag.text.characters import clean_text
from rag.types import Document, Mask

PARAGRAPHS = (
    "The Alder Bridge was built in 1911 and is 84 metres long. It carries a single track.\n\n"
    "솔빛서점은 매주 화요일에 쉬고, 주인은 한서윤 씨이며, 가게는 골목의 끝에 있는 벽돌집 이층에 있다.\n\n"
    "Too short."
)


def document(text: str, doc_id: str = "a.txt", title: str = "Notes") -> Document:
    return Document(doc_id, title, clean_text(text), "und", None, "")


def drafted(text: str, title: str = "Notes") -> list[tuple[str, str]]:
    found = drafts([document(text, title=title)], [], 50, from_text)
    return [(each.question, each.facts[0][0]) for each in found]


@pytest.mark.parametrize(
    ("text", "question", "fact"),
    [
        (
            "The Alder Bridge is a railway bridge, built in 1911.",
            "What is The Alder Bridge?",
            "a railway bridge",
        ),
        ("Das Watt ist ein Lebensraum an der Küste.", "Was ist Das Watt?", "ein Lebensraum an der Küste"),
        (
            "솔빛서점은 헌책을 파는 작은 가게이다.",
            "솔빛서점에 대해 무엇이라고 하나요?",
            "헌책을 파는 작은 가게",
        ),
        ("青葉橋は町でいちばん古い橋です。", "青葉橋とは何ですか？", "町でいちばん古い橋"),
        ("绿茶是一种不发酵的茶。", "绿茶是什么？", "一种不发酵的茶"),
        ("# Fees\n\nAdults: 12 euros", "Fees: Adults?", "12 euros"),
        ("전화: 02-555-0182", "Notes: 전화?", "02-555-0182"),
        ("# Hours\n\nDoors open at 9 a.m. on weekdays, and the café later.", "Notes: Hours?", "9 a.m."),
        ("평일에는 오후 6시에 문을 닫는다.", "평일에는 ___에 문을 닫는다?", "오후 6시"),
        ("ห้องสมุดเปิดเวลา 9:00 น.", "ห้องสมุดเปิดเวลา ___?", "9:00 น."),
    ],
)
def test_what_a_text_sets_apart_is_asked_for(text: str, question: str, fact: str) -> None:
    """Definitions, lines with a key, values below a heading; else a sentence with its value left out."""
    assert (question, fact) in drafted(text)


def test_a_text_of_addresses_and_prose_gives_no_nonsense() -> None:
    """Nothing is set apart in it and no value stands in it: nothing is drafted."""
    assert drafted("Come in. See https://example.org for more. We are glad to help.") == []


def test_masked_text_is_not_asked_about() -> None:
    """A menu or a copyright line holds no facts."""
    text = "Phone: 555 0182"
    masked = Document("a.txt", "Notes", text, "und", None, "", (Mask(0, len(text), "menu"),))

    assert list(drafts([masked], [], 5, from_text)) == []


def test_documents_take_turns_and_known_questions_are_left_out() -> None:
    """A few drafts cover many documents, ids go on, and a second run repeats nothing."""
    rows = ["Adults: 12 euros\n\nGroups: 8 euros\n\nDogs: 2 euros", "학생: 5,000원\n\n어른: 7,000원"]
    documents = [document(text, f"{n}.txt", f"Title {n}") for n, text in enumerate(rows)]

    first = list(drafts(documents, [], 3, from_text))
    second = list(drafts(documents, first, 10, from_text))

    assert [each.docs[0][0] for each in first] == ["0.txt", "1.txt", "0.txt"]
    assert len(second) == 2
    assert len({each.id for each in [*first, *second]}) == 5


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*SENTENCES.values(), *PARAGRAPHS.split("\n\n")]), min_size=1, max_size=6),
    st.sampled_from(["\n", "\n\n", " "]),
)
def test_every_draft_is_sound(sentences: list[str], joint: str) -> None:
    """In any script: a valid pair, its fact in the document, and not in its question."""
    text = document("# 제목 τίτλος\n\n" + joint.join(sentences))

    for each in islice(drafts([text], [], 20, from_text), 20):
        assert Pair.model_validate_json(each.model_dump_json(by_alias=True)) == each
        assert holds(text.text, each.facts[0][0])
        assert not holds(each.question, each.facts[0][0])
        assert fold_spaces(each.draft) in fold_spaces(text.text)


def fold_spaces(text: str) -> str:
    return " ".join(text.split())


def test_a_model_writes_one_question_for_a_paragraph() -> None:
    """Its reply is taken apart, markers and quotation marks are none of it, short paragraphs are skipped."""
    llm = ScriptedLLM(
        ["How long is the Alder Bridge? => “84 metres”. [1]", "솔빛서점은 언제 쉬나요? => 화요일 [1]"]
    )

    found = list(drafts([document(PARAGRAPHS)], [], 5, lambda each: from_model(llm, each)))

    assert [(each.question, each.facts, each.lang) for each in found] == [
        ("How long is the Alder Bridge?", (("84 metres",),), "en"),
        ("솔빛서점은 언제 쉬나요?", (("화요일",),), "ko"),
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "NO_ANSWER",
        "How long is the bridge?",
        "How long is it? => 90 metres",
        "Is it 84 metres long? => 84 metres",
        "How long is it? => ",
        "What is it? => The Alder Bridge was built in 1911 and is 84 metres long. It carries a single track.",
    ],
)
def test_what_a_model_made_up_is_left_out(reply: str) -> None:
    """No fact, one that the document does not state, one that the question gives away, or a whole passage."""
    llm = ScriptedLLM([reply, "NO_ANSWER"])

    assert list(drafts([document(PARAGRAPHS)], [], 5, lambda each: from_model(llm, each))) == []


def test_a_model_is_asked_no_more_than_is_needed() -> None:
    """Two documents and one draft wanted: one question to the model."""
    llm = ScriptedLLM(["How long is the Alder Bridge? => 84 metres"])
    texts = [document(PARAGRAPHS, f"{n}.txt") for n in range(2)]

    assert len(list(islice(drafts(texts, [pair()], 1, lambda each: from_model(llm, each)), 1))) == 1
    assert len(llm.asked) == 1
