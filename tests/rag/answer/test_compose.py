"""Without a model the answer is made of sentences of the passages, the one that answers first."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from doubles import hits, memory_index
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer.compose import MAX_SENTENCES, Quoting
from rag.answer.excerpt import MAX_ITEMS
from rag.answer.prompt import Passages
from rag.answer.reading import read_hits
from rag.read import open_reader
from rag.text.characters import clean_text
from rag.types import Hit, Reading, Span

TEXTS = {
    "ko.md": "# 도서관\n\n도서관은 오후 여섯 시에 문을 닫는다. 회원은 책을 다섯 권까지 빌릴 수 있다.",
    "faq.md": "When does the pool close?\n\nAt half past nine. Towels are free.",
    "ja.txt": "図書館は午後六時に閉まります。17歳以下は無料です。",
    "ar.txt": "تغلق المكتبة في الساعة السادسة. الدخول مجاني.",
    "th.txt": "ห้องสมุดปิดเวลาหกโมงเย็น",
    "emoji.txt": "👩‍👩‍👧 Family day is on Sunday 🎈. Bring cake.",
}
HITS = hits(memory_index(TEXTS))


def said(text: str, *words: str, answers: float = 3.0) -> Reading:
    """Return a reading that marks *words* of *text*, the first of them most surely."""
    spans = tuple(
        Span(text.index(each), text.index(each) + len(each), 3.0 - place) for place, each in enumerate(words)
    )
    return Reading(spans, answers, answers)


def reply(passages: Sequence[Hit], readings: Sequence[Reading], lang: str = "en") -> list[str]:
    prompt = Passages("?", lang, tuple(passages), readings=tuple(readings))
    return "".join(Quoting().stream(prompt)).splitlines()


def quoted(text: str, *words: str) -> list[str]:
    """Return the lines that are quoted from one passage whose reading marks *words*."""
    passages = hits(memory_index({"a.md": text}))
    return [line.removesuffix(" [1]") for line in reply(passages, [said(passages[0].chunk.text, *words)])]


@settings(max_examples=40)
@given(st.sampled_from([*TEXTS.values(), "도서관은 몇 시에 닫나요?", "Sunday", "?"]))
def test_every_line_is_of_the_passage_that_its_marker_names(question: str) -> None:
    """Each line is found word for word in its passage."""
    question = clean_text(question)
    readings = read_hits(open_reader(), question, HITS)

    for line in reply(HITS, readings, "und"):
        match = re.fullmatch(r"(?P<sentence>.+) \[(?P<marker>\d+)\]", line)
        assert match
        assert match["sentence"] in HITS[int(match["marker"]) - 1].chunk.text


def test_the_sentence_with_the_marked_words_comes_first() -> None:
    """Not the order of the text decides, but what was read."""
    text = "The pool is heated. Towels are free. It closes at nine."

    assert quoted(text, "at nine")[0] == "It closes at nine."


def test_one_sentence_is_enough_where_no_other_answers() -> None:
    """What the reader does not mark, or marks without being sure, is left out."""
    passages = hits(
        memory_index({"a.txt": "It closes at nine. Towels are free.", "b.txt": "Dogs are welcome."})
    )
    sure, unsure = said(passages[0].chunk.text, "at nine"), said(passages[1].chunk.text, "Dogs", answers=-6.0)

    assert reply(passages, [sure, unsure]) == ["It closes at nine. [1]"]


def test_another_document_that_answers_is_quoted_too() -> None:
    """Two sources are two lines, at most three; the same words are quoted once, widths and case aside."""
    texts = [
        "It closes at nine.",
        "Closing time is ten.",
        "IT CLOSES AT NINE.",
        "From eight on it is shut.",
        "At 7.",
    ]
    passages = hits(memory_index({f"{n}.txt": text for n, text in enumerate(texts)}))
    words = ["nine", "ten", "NINE", "eight", "7"]

    lines = reply(passages, [said(hit.chunk.text, word) for hit, word in zip(passages, words, strict=True)])

    assert len(lines) == MAX_SENTENCES
    assert lines[0] == "It closes at nine. [1]"
    assert "IT CLOSES AT NINE. [3]" not in lines


def test_the_same_in_another_language_is_no_second_answer() -> None:
    """Where the best answer is in the language of the question, translations of it are left out."""
    texts = {
        "en.md": "The ferry takes 40 minutes.",
        "ko.md": "배로 40분 걸린다.",
        "ja.md": "船で40分かかります。",
    }
    passages = hits(memory_index(texts))
    readings = [said(hit.chunk.text, "40") for hit in passages]

    assert reply(passages, readings, "ko") == ["배로 40분 걸린다. [2]"]
    assert reply(passages, readings, "en") == ["The ferry takes 40 minutes. [1]"]


@pytest.mark.parametrize(
    ("head", "items"),
    [
        ("Bring these:", ["- a towel", "- a cap", "- a lock"]),
        ("준비물:", ["- 수건", "- 수영모", "- 자물쇠"]),
        ("持ち物：", ["1. タオル", "2. 帽子", "3. 鍵"]),
        ("يُرجى إحضار:", ["- منشفة", "- قبعة", "- قفل"]),
    ],
)
def test_a_list_is_quoted_whole(head: str, items: list[str]) -> None:
    """An announcement brings its items; two items that answer as surely bring the whole list."""
    text = "\n".join([head, *items])
    words = [item.split(maxsplit=1)[1] for item in items]

    assert quoted(text, head.rstrip(":：")) == [head, *items]
    assert quoted(text, words[0], words[2]) == [head, *items]


def test_one_item_that_answers_stands_alone() -> None:
    """A question for one thing does not get the list it stands in."""
    text = "Fees:\n- Adults pay 9 euros\n- Children pay 4 euros\n- Dogs pay nothing"
    (passage,) = hits(memory_index({"a.md": text}))
    start = text.index("4 euros")
    reading = Reading((Span(start, start + 7, 6.0), Span(0, 4, -5.0)), 4.0, 4.0)

    assert reply([passage], [reading]) == ["- Children pay 4 euros [1]"]


@pytest.mark.parametrize(
    "item", ["방 {}", "部屋{}", "ห้อง {}", "غرفة {}", "חדר {}", "कमरा {}", "room {}", "комната {}"]
)
def test_a_long_list_is_cut_and_says_so(item: str) -> None:
    """As many items as are quoted follow an announcement, and below stands how many there are besides."""
    items = [f"- {item.format(n)}" for n in range(MAX_ITEMS + 8)]
    text = "\n".join(["Rooms:", *items])

    assert quoted(text, "Rooms") == ["Rooms:", *items[:MAX_ITEMS], "… (+8)"]
    assert quoted("\n".join(["Rooms:", *items[:MAX_ITEMS]]), "Rooms")[-1] == items[MAX_ITEMS - 1]


def test_questions_of_the_text_are_no_answers() -> None:
    """A question in a list of questions is not what was asked for; what stands below it is."""
    text = "When does the pool close?\n\nAt half past nine."

    assert quoted(text, "pool close", "half past nine") == ["At half past nine."]


def test_without_readings_nothing_is_said() -> None:
    """What was not read cannot be quoted."""
    assert reply(HITS, ()) == []
    assert reply([replace(HITS[0])], [Reading((), -3.0, -3.0)]) == []
