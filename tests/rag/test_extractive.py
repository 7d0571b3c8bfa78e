"""Without a model the answer is made of sentences of the passages, and of nothing else."""

import re
from dataclasses import replace

import pytest
from doubles import EqualEmbedder, HashEmbedder, hits, memory_index
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.debias import UNCHANGED
from rag.llm.extractive import MAX_SENTENCES, Extractive, _candidates
from rag.prompt import Passages
from rag.text import fold
from rag.types import Turn

TEXTS = {
    "ko.md": "# 도서관\n\n도서관은 오후 여섯 시에 문을 닫는다. 회원은 책을 다섯 권까지 빌릴 수 있다.",
    "faq.md": "When does the pool close?\n\nAt half past nine. Towels are free.",
    "ja.txt": "図書館は午後六時に閉まります。17歳以下は無料です。",
    "ar.txt": "تغلق المكتبة في الساعة السادسة. الدخول مجاني.",
    "th.txt": "ห้องสมุดปิดเวลาหกโมงเย็น",
    "emoji.txt": "👩‍👩‍👧 Family day is on Sunday 🎈. Bring cake.",
}
INDEX = memory_index(TEXTS)
HITS = hits(INDEX)
LLM = Extractive(HashEmbedder(), UNCHANGED)


def reply(question: str, *history: Turn) -> list[str]:
    return "".join(LLM.stream(Passages(question, "und", HITS, history))).splitlines()


@settings(max_examples=60)
@given(st.sampled_from([*TEXTS.values(), "도서관은 몇 시에 닫나요?", "Sunday", "?"]))
def test_every_line_is_a_sentence_of_its_passage(question: str) -> None:
    """Up to three lines, each found word for word in the passage that its marker names."""
    lines = reply(question)

    assert 1 <= len(lines) <= MAX_SENTENCES
    for line in lines:
        match = re.fullmatch(r"(?P<sentence>.+) \[(?P<marker>\d+)\]", line)
        assert match
        assert match["sentence"] in HITS[int(match["marker"]) - 1].chunk.text
        assert not match["sentence"].startswith("#")


def test_a_question_in_the_text_is_not_an_answer_but_leads_to_one() -> None:
    """The reply that follows a matching question is chosen, though it shares no word with it."""
    lines = reply("When does the pool close?")

    assert any(line.startswith("At half past nine.") for line in lines)
    assert not any("When does" in line for line in lines)


def test_a_heading_is_no_answer() -> None:
    """Neither marks of Markdown, nor bold type, nor the words of the title make a line worth quoting."""
    text = "고양이 카페\n\n# 고양이 카페 안내\n\n**고양이 카페**\n\n고양이 카페는 화요일에 쉰다."
    (hit,) = hits(memory_index({"cafe.md": text}))

    titled = (replace(hit, title="고양이 카페"),)
    lines = "".join(LLM.stream(Passages("고양이 카페", "ko", titled))).splitlines()

    assert lines == ["고양이 카페는 화요일에 쉰다. [1]"]


def test_lines_stand_in_reading_order() -> None:
    """Sentences of one document keep the order that they have there, whichever is nearer."""
    text = "회원은 책을 다섯 권까지 빌릴 수 있다. 도서관은 오후 여섯 시에 문을 닫는다."
    only = hits(memory_index({"ko.md": text}))

    for question in ("도서관은 몇 시에 문을 닫나", "회원은 책을 몇 권 빌리나"):
        lines = "".join(LLM.stream(Passages(question, "ko", only))).splitlines()
        places = [text.index(line.removesuffix(" [1]")) for line in lines]

        assert places == sorted(places)


def test_a_follow_up_is_read_with_the_question_before() -> None:
    """'And on what day?' alone finds nothing; after a question about family day it does."""
    lines = reply("And on what day?", Turn("When is family day with cake?", "…"))

    assert any("Sunday" in line for line in lines)


def test_another_language_is_heard_before_a_second_sentence_in_that_of_the_question() -> None:
    """Of sentences that are equally near, one in the language of the question is taken, then the others."""
    texts = {
        "en.md": "Ferries sail daily. Tickets are sold aboard. Bicycles travel free.",
        "ko.md": "배는 날마다 떠난다. 표는 배에서 판다.",
        "ja.md": "船は毎日出ます。自転車は無料です。",
    }
    passages = hits(memory_index(texts))
    llm = Extractive(EqualEmbedder(), UNCHANGED)

    for lang in ("en", "th"):
        lines = "".join(llm.stream(Passages("?", lang, passages))).splitlines()
        quoted = [passages[int(line[-2]) - 1].chunk.lang for line in lines]

        assert quoted == (["en", "ko", "ko"] if lang == "en" else ["en", "en", "en"])


@pytest.mark.parametrize(
    ("question", "lang", "answer"),
    [
        ("배의 이름은 무엇인가요?", "ko", "On Monday “Grey Heron” was launched."),
        ("What is the ferry called?", "en", "渡し船は「あおさぎ」である。"),
        ("船叫什么名字？", "zh", "渡轮定名为“苍鹭”。"),
        ("Wie heißt das Schiff?", "de", "배에는 ‘왜가리호’라고 쓰여 있다."),
        ("Who steers the ferry?", "en", "The ferry is steered by Ilse Varga."),
        ("누가 배를 모나요?", "ko", "The ferry is steered by Ilse Varga."),
        ("Qui conduit le bac ?", "fr", "Le bac est mené par Ilse Varga."),
        ("How many seats does it have?", "en", "좌석은 64개이다."),
        ("座席は何席ありますか", "ja", "It has 64 seats."),
        ("좌석이 얼마나 되나요?", "ko", "It seats 64 people."),
    ],
)
def test_what_is_asked_for_decides_between_sentences_that_are_as_near(
    question: str, lang: str, answer: str
) -> None:
    """What something is called stands in quotation marks, who does it is a name, how many is a number."""
    others = "It crosses the river daily. Bicycles travel free. Tickets are sold aboard. Dogs are welcome."
    passages = hits(memory_index({"ferry.md": others, "z.md": answer}))

    lines = "".join(Extractive(EqualEmbedder(), UNCHANGED).stream(Passages(question, lang, passages)))

    assert answer in lines


def test_the_name_that_is_asked_about_is_no_answer() -> None:
    """Who met Ilse Varga is not told by a sentence that names her alone, in whichever script."""
    told = "Tickets are sold aboard. 일제 바르가는 배를 본다. Oda Lund met her there."
    passages = hits(memory_index({"ferry.md": told}))
    llm = Extractive(EqualEmbedder(), UNCHANGED)

    scores = llm._scores(
        Passages("Who met Ilse Varga?", "en", passages), _candidates(Passages("", "en", passages))
    )

    assert max(scores) == scores[2] > max(scores[:2])


def test_the_same_words_are_quoted_once() -> None:
    """A sentence that stands in three documents takes one of the places, its widths and case aside."""
    texts = {
        "a.txt": "도서관은 월요일에 쉰다. 주차는 무료다.",
        "b.txt": "도서관은 월요일에 쉰다.",
        "c.txt": "ＴＡＮＤＥＭ tours start at six.",
        "d.txt": "Tandem tours start at six.",
    }
    both = hits(memory_index(texts))

    for question in ("도서관은 언제 쉬나", "When do tandem tours start"):
        lines = "".join(LLM.stream(Passages(question, "und", both))).splitlines()
        quoted = [fold(line.rpartition(" [")[0]) for line in lines]

        assert len(quoted) == len(set(quoted))


def test_no_passage_gives_no_line() -> None:
    """Nothing is made up where there is nothing to quote."""
    assert "".join(LLM.stream(Passages("왜?", "ko", ()))) == ""
